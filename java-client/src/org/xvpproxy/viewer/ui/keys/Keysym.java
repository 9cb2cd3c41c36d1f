package org.xvpproxy.viewer.ui.keys;

/** X11 keysyms of the keys that make no character. */
public final class Keysym {
    public static final int BACKSPACE = 0xff08;
    public static final int TAB = 0xff09;
    public static final int RETURN = 0xff0d;
    public static final int PAUSE = 0xff13;
    public static final int SCROLL_LOCK = 0xff14;
    public static final int SYS_REQ = 0xff15;
    public static final int ESCAPE = 0xff1b;
    public static final int PRINT = 0xff61;
    public static final int INSERT = 0xff63;
    public static final int MENU = 0xff67;
    public static final int BREAK = 0xff6b;
    public static final int NUM_LOCK = 0xff7f;
    public static final int F1 = 0xffbe;
    public static final int SHIFT_L = 0xffe1;
    public static final int SHIFT_R = 0xffe2;
    public static final int CONTROL_L = 0xffe3;
    public static final int CONTROL_R = 0xffe4;
    public static final int CAPS_LOCK = 0xffe5;
    public static final int META_L = 0xffe7;
    public static final int META_R = 0xffe8;
    public static final int ALT_L = 0xffe9;
    public static final int ALT_R = 0xffea;
    public static final int SUPER_L = 0xffeb;
    public static final int SUPER_R = 0xffec;
    public static final int DELETE = 0xffff;
    public static final int ISO_LEVEL3_SHIFT = 0xfe03;

    private Keysym() {
    }

    /**
     * Returns the keysym of a function key.
     *
     * @param number 1 to 24
     */
    public static int function(int number) {
        if (number < 1 || number > 24) {
            throw new IllegalArgumentException("there is no function key F" + number);
        }
        return F1 + number - 1;
    }
}
