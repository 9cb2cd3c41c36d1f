package org.xvpproxy.viewer.ui.dialogs;

import java.awt.Window;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

import javax.swing.JButton;

import org.xvpproxy.viewer.rfb.ServerFeatures;
import org.xvpproxy.viewer.rfb.Stats;
import org.xvpproxy.viewer.ui.look.FactTable;
import org.xvpproxy.viewer.ui.look.FlatButtonUI;
import org.xvpproxy.viewer.ui.look.Look;
import org.xvpproxy.viewer.ui.look.Sheet;
import org.xvpproxy.viewer.ui.look.Symbol;

/** Everything the viewer knows about the connection. */
public final class InfoDialog {

    private InfoDialog() {
    }

    /**
     * Shows it.
     *
     * @param name the desktop's
     * @param where "host:port"
     * @param size "width x height"
     */
    public static void show(Window owner, String name, String where, String size, ServerFeatures features, Stats stats) {
        Sheet sheet = new Sheet(owner, "Connection", Symbol.CONNECT, Look.ACCENT, name.isEmpty() ? where : name);
        FactTable facts = new FactTable();
        facts.fact("Connected to", where);
        facts.fact("Protocol", "RFB " + features.protocolVersion());
        facts.fact("Security", features.security());
        facts.fact("Screen", size);
        facts.fact("Last encoding", stats.lastEncoding().isEmpty() ? "none yet" : stats.lastEncoding());
        facts.fact("Received", String.format(Locale.ROOT, "%,d kB in %,d updates", stats.bytesIn() / 1000, stats.updates()));
        facts.fact("Now", String.format(Locale.ROOT, "%,.0f kB/s, %.1f updates/s", stats.kilobytesPerSecond(),
                stats.updatesPerSecond()));
        double millis = stats.roundTripMillis();
        facts.fact("Round trip", Double.isNaN(millis) ? "not measured: the console has no fences"
                : String.format(Locale.ROOT, "%.1f ms", millis));
        facts.fact("The console offers", offers(features));
        sheet.card().with(facts);
        JButton close = sheet.button("Close", FlatButtonUI.Style.PRIMARY, () -> { });
        sheet.open(close, close);
    }

    private static String offers(ServerFeatures features) {
        List<String> offers = new ArrayList<>();
        add(offers, features.xvpVersion() > 0, "power control");
        add(offers, features.extendedKeys(), "scan codes");
        add(offers, features.leds(), "lock lights");
        add(offers, features.unicodeClipboard(), "Unicode clipboard");
        add(offers, features.extendedMouseButtons(), "back and forward buttons");
        add(offers, features.desktopSize(), "size requests");
        add(offers, features.continuousUpdates(), "continuous updates");
        add(offers, features.fences(), "fences");
        return offers.isEmpty() ? "nothing beyond the standard" : String.join(", ", offers);
    }

    private static void add(List<String> offers, boolean there, String what) {
        if (there) {
            offers.add(what);
        }
    }
}
