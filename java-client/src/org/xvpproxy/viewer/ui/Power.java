package org.xvpproxy.viewer.ui;

import org.xvpproxy.viewer.rfb.MessageWriter;
import org.xvpproxy.viewer.ui.look.Symbol;

/** The operations of the xvp extension. */
enum Power {
    SHUTDOWN("Shutdown", MessageWriter.XVP_SHUTDOWN, Symbol.SHUTDOWN, "Shut down",
            "The operating system is asked to shut down cleanly."),
    REBOOT("Reboot", MessageWriter.XVP_REBOOT, Symbol.REBOOT, "Reboot",
            "The operating system is asked to restart cleanly."),
    RESET("Reset", MessageWriter.XVP_RESET, Symbol.RESET, "Reset",
            "This is the reset button: the machine restarts at once, without shutting down. Unsaved data is lost and disks may"
                    + " be left damaged. Use Reboot as long as the machine still answers.");

    private final String label;
    private final int code;
    private final Symbol symbol;
    private final String verb;
    private final String consequence;

    Power(String label, int code, Symbol symbol, String verb, String consequence) {
        this.label = label;
        this.code = code;
        this.symbol = symbol;
        this.verb = verb;
        this.consequence = consequence;
    }

    /** The button's text. */
    String label() {
        return label;
    }

    /** As in the xvp message. */
    int code() {
        return code;
    }

    Symbol symbol() {
        return symbol;
    }

    /** For questions: "Shut down" a machine. */
    String verb() {
        return verb;
    }

    /** One or more sentences about what it does. */
    String consequence() {
        return consequence;
    }

    /** The name under which the command line hides it. */
    String parameter() {
        return label.toLowerCase(java.util.Locale.ROOT);
    }
}
