package org.xvpproxy.viewer.rfb;

/** What the server has shown to support so far; written by the reader thread, read by anyone. */
public final class ServerFeatures {

    volatile String protocolVersion = "";
    volatile String security = "";
    volatile String name = "";
    volatile PixelFormat format = PixelFormat.RGB888;
    volatile int xvpVersion;
    volatile boolean fences;
    volatile boolean continuousUpdates;
    volatile boolean extendedKeys;
    volatile boolean extendedMouseButtons;
    volatile boolean desktopSize;
    volatile boolean unicodeClipboard;
    volatile boolean leds;
    volatile boolean relativePointer;

    /** "3.8" or the like, as in use. */
    public String protocolVersion() {
        return protocolVersion;
    }

    /** Name of the security type in use, with its sub-type. */
    public String security() {
        return security;
    }

    public String name() {
        return name;
    }

    /** The pixel format the server proposed. */
    public PixelFormat format() {
        return format;
    }

    /** 0 until the server offers power control. */
    public int xvpVersion() {
        return xvpVersion;
    }

    public boolean fences() {
        return fences;
    }

    public boolean continuousUpdates() {
        return continuousUpdates;
    }

    /** Whether scan codes are understood beside keysyms. */
    public boolean extendedKeys() {
        return extendedKeys;
    }

    /** Whether back and forward buttons are understood. */
    public boolean extendedMouseButtons() {
        return extendedMouseButtons;
    }

    /** Whether the size may be asked to change. */
    public boolean desktopSize() {
        return desktopSize;
    }

    /** Without it the clipboard carries Latin-1 only. */
    public boolean unicodeClipboard() {
        return unicodeClipboard;
    }

    public boolean leds() {
        return leds;
    }

    /** Whether the console takes pointer movements instead of positions at the moment. */
    public boolean relativePointer() {
        return relativePointer;
    }
}
