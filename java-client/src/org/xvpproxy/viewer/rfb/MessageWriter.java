package org.xvpproxy.viewer.rfb;

/** Sends client messages; any thread may call, none waits for the network. */
public final class MessageWriter {

    public static final int XVP_SHUTDOWN = 2;
    public static final int XVP_REBOOT = 3;
    public static final int XVP_RESET = 4;

    /** @param xtCode set-1 scan code as QEMU wants it (e0 xx as 0x80|xx), 0 if unknown */
    public void key(int keysym, int xtCode, boolean down) {
    }

    /** @param mask bits 0-2 buttons, 3-6 wheel up, down, left, right, 7 back, 8 forward */
    public void pointer(int mask, int x, int y) {
    }

    /** Offers text to the console's clipboard; lines separated by LF. */
    public void clipboard(String text) {
    }

    /** @param code XVP_SHUTDOWN, XVP_REBOOT or XVP_RESET */
    public void xvp(int code) {
    }

    public void desktopSize(int width, int height) {
    }

    /** Asks for the whole screen again. */
    public void refresh() {
    }

    /** While on, keys, pointer, clipboard and size requests are dropped. */
    public void viewOnly(boolean on) {
    }
}
