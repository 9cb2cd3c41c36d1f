package org.xvpproxy.viewer.ui.keys;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Remembers key events as "+keysym" and "-keysym" in hex, with "/code" behind it where a scan code was given. */
final class RecordedKeys implements KeySink {
    private final List<String> events = new ArrayList<>();

    @Override
    public void key(int keysym, int xtCode, boolean down) {
        String code = xtCode == 0 ? "" : "/" + Integer.toHexString(xtCode);
        events.add((down ? "+" : "-") + Integer.toHexString(keysym).toLowerCase(Locale.ROOT) + code);
    }

    /** All since the last call. */
    String take() {
        String all = String.join(" ", events);
        events.clear();
        return all;
    }

    /** The same without scan codes. */
    String keysyms() {
        return take().replaceAll("/[0-9a-f]+", "");
    }
}
