package org.xvpproxy.viewer.rfb;

import java.io.IOException;

/** The server's first description of its screen. */
record ServerInit(int width, int height, PixelFormat format, String name) {

    private static final int MOST_NAME_BYTES = 1 << 16;

    static ServerInit read(RfbInput in) throws IOException {
        return new ServerInit(in.readU16(), in.readU16(), PixelFormat.read(in),
                in.readText(MOST_NAME_BYTES, "a name"));
    }
}
