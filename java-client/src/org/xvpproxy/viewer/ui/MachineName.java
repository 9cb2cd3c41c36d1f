package org.xvpproxy.viewer.ui;

import java.util.List;

/** The desktop name as people want to see it: without the hypervisor's prefix, printable and short. */
final class MachineName {
    private static final int LONGEST = 80;
    private static final List<String> PREFIXES = List.of("VM Console - ", "XenServer Console - ");

    private MachineName() {
    }

    /** Cleans up what a server says its desktop is called; empty if nothing is left. */
    static String of(String desktopName) {
        StringBuilder clean = new StringBuilder();
        desktopName.codePoints().filter(MachineName::isPrintable).limit(LONGEST).forEach(clean::appendCodePoint);
        String name = clean.toString().strip();
        for (String prefix : PREFIXES) {
            if (name.startsWith(prefix)) {
                return name.substring(prefix.length());
            }
        }
        return name;
    }

    // Control and direction characters could make a title say something else than it does.
    private static boolean isPrintable(int c) {
        int type = Character.getType(c);
        return type != Character.CONTROL && type != Character.FORMAT && type != Character.SURROGATE
                && type != Character.UNASSIGNED && type != Character.LINE_SEPARATOR && type != Character.PARAGRAPH_SEPARATOR;
    }
}
