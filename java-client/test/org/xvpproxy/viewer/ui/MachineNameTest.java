package org.xvpproxy.viewer.ui;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class MachineNameTest {

    @Test
    void theHypervisorsPrefixIsCutOff() {
        assertEquals("web-01", MachineName.of("XenServer Console - web-01"));
        assertEquals("web-01", MachineName.of("VM Console - web-01"));
        assertEquals("QEMU (db)", MachineName.of("QEMU (db)"));
    }

    @Test
    void whatCannotBeShownIsLeftOut() {
        assertEquals("ab", MachineName.of(" a\u0000\u202e\nb "));
        assertEquals("", MachineName.of("\u0007"));
        assertEquals(80, MachineName.of("x".repeat(5000)).length());
    }
}
