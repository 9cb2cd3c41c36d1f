package org.xvpproxy.viewer.encodings;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** Numbers and names of encodings and pseudo-encodings, and the decoders of one connection. */
public final class Encodings {

    public static final int RAW = 0;
    public static final int COPY_RECT = 1;
    public static final int RRE = 2;
    public static final int CORRE = 4;
    public static final int HEXTILE = 5;
    public static final int ZLIB = 6;
    public static final int TIGHT = 7;
    public static final int TRLE = 15;
    public static final int ZRLE = 16;
    public static final int TIGHT_PNG = -260;

    public static final int QUALITY_0 = -32;
    public static final int DESKTOP_SIZE = -223;
    public static final int LAST_RECT = -224;
    public static final int POINTER_POS_REGISTERED = -225;
    public static final int POINTER_POS = -232;
    public static final int CURSOR = -239;
    public static final int X_CURSOR = -240;
    public static final int COMPRESSION_0 = -256;
    public static final int POINTER_MOTION = -257;
    public static final int EXTENDED_KEY = -258;
    public static final int LED_STATE = -261;
    public static final int DESKTOP_NAME = -307;
    public static final int EXTENDED_DESKTOP_SIZE = -308;
    public static final int XVP = -309;
    public static final int FENCE = -312;
    public static final int CONTINUOUS_UPDATES = -313;
    public static final int ALPHA_CURSOR = -314;
    public static final int EXTENDED_MOUSE_BUTTONS = -316;
    public static final int TIGHT_NO_ZLIB = -317;
    public static final int EXTENDED_CLIPBOARD = 0xc0a1e5ce;

    private static final Map<String, Integer> NAMES = names();

    private final Map<Integer, Decoder> decoders = new LinkedHashMap<>();

    /** @param jpeg whether JPEG rectangles are to be expected */
    public Encodings(boolean jpeg) {
        TightDecoder tight = new TightDecoder();
        if (jpeg) {
            tight.prepareJpeg();
        }
        decoders.put(RAW, new RawDecoder());
        decoders.put(COPY_RECT, new CopyRectDecoder());
        decoders.put(RRE, new RreDecoder(false));
        decoders.put(CORRE, new RreDecoder(true));
        decoders.put(HEXTILE, new HextileDecoder());
        decoders.put(ZLIB, new ZlibDecoder());
        decoders.put(TIGHT, tight);
        decoders.put(TIGHT_PNG, tight.png());
        decoders.put(ZRLE, new ZrleDecoder());
        decoders.put(TRLE, new TrleDecoder());
    }

    /** The decoder of a real encoding, or null. */
    public Decoder decoder(int number) {
        return decoders.get(number);
    }

    public void close() {
        decoders.values().forEach(Decoder::close);
    }

    /** The real encodings' names, the generally best first. */
    public static Set<String> all() {
        return NAMES.keySet();
    }

    /** @return null if there is no such encoding; case does not matter */
    public static Integer number(String name) {
        for (Map.Entry<String, Integer> entry : NAMES.entrySet()) {
            if (entry.getKey().equalsIgnoreCase(name)) {
                return entry.getValue();
            }
        }
        return null;
    }

    public static String name(int number) {
        for (Map.Entry<String, Integer> entry : NAMES.entrySet()) {
            if (entry.getValue() == number) {
                return entry.getKey();
            }
        }
        return Integer.toString(number);
    }

    private static Map<String, Integer> names() {
        Map<String, Integer> names = new LinkedHashMap<>();
        names.put("CopyRect", COPY_RECT);
        names.put("Tight", TIGHT);
        names.put("ZRLE", ZRLE);
        names.put("TightPNG", TIGHT_PNG);
        names.put("TRLE", TRLE);
        names.put("Zlib", ZLIB);
        names.put("Hextile", HEXTILE);
        names.put("CoRRE", CORRE);
        names.put("RRE", RRE);
        names.put("Raw", RAW);
        return names;
    }
}
