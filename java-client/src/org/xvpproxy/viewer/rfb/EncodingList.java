package org.xvpproxy.viewer.rfb;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

import org.xvpproxy.viewer.encodings.Encodings;

/** What SetEncodings says for given settings: the preferred encoding first, then the others, then the extensions. */
final class EncodingList {

    private EncodingList() {
    }

    static List<Integer> of(Settings settings) {
        Set<Integer> list = new LinkedHashSet<>();
        if (settings.copyRect()) {
            list.add(Encodings.COPY_RECT);
        }
        if (settings.encoding() != null) {
            list.add(Encodings.number(settings.encoding()));
        }
        if (settings.compression() == 0) {
            list.add(Encodings.TIGHT_NO_ZLIB);
        }
        for (String name : Encodings.all()) {
            if (settings.copyRect() || Encodings.number(name) != Encodings.COPY_RECT) {
                list.add(Encodings.number(name));
            }
        }
        list.addAll(List.of(Encodings.LAST_RECT, Encodings.DESKTOP_SIZE, Encodings.EXTENDED_DESKTOP_SIZE,
                Encodings.DESKTOP_NAME, Encodings.LED_STATE, Encodings.POINTER_MOTION, Encodings.XVP,
                Encodings.FENCE, Encodings.CONTINUOUS_UPDATES, Encodings.EXTENDED_MOUSE_BUTTONS,
                Encodings.EXTENDED_CLIPBOARD));
        if (settings.extendedKeys()) {
            list.add(Encodings.EXTENDED_KEY);
        }
        if (settings.localCursor()) {
            list.addAll(List.of(Encodings.ALPHA_CURSOR, Encodings.CURSOR, Encodings.X_CURSOR, Encodings.POINTER_POS));
        }
        if (settings.compression() >= 0) {
            list.add(Encodings.COMPRESSION_0 + settings.compression());
        }
        if (settings.quality() >= 0) {
            list.add(Encodings.QUALITY_0 + settings.quality());
        }
        return new ArrayList<>(list);
    }
}
