package org.xvpproxy.viewer.ui;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class ReconnectPlanTest {

    @Test
    void pausesGrowAndEnd() {
        ReconnectPlan plan = new ReconnectPlan(3);
        assertEquals(1, plan.nextPauseSeconds());
        assertEquals(2, plan.nextPauseSeconds());
        assertEquals(4, plan.nextPauseSeconds());
        assertEquals("attempt 3 of 3", plan.describe());
        assertEquals(-1, plan.nextPauseSeconds());
        plan.succeeded();
        assertEquals(1, plan.nextPauseSeconds());
    }

    @Test
    void withoutAttemptsTheUserDecides() {
        assertEquals(-1, new ReconnectPlan(0).nextPauseSeconds());
    }
}
