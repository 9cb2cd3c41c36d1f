package org.xvpproxy.viewer.encodings;

import java.io.IOException;

import org.xvpproxy.viewer.rfb.Framebuffer;
import org.xvpproxy.viewer.rfb.RfbInput;

/** Moves what is already on the screen. */
public final class CopyRectDecoder implements Decoder {

    @Override
    public void decode(RfbInput in, WireFormat format, Framebuffer fb, int x, int y, int w, int h)
            throws IOException {
        int fromX = in.readU16();
        int fromY = in.readU16();
        fb.check(fromX, fromY, w, h);
        fb.copy(fromX, fromY, x, y, w, h);
    }
}
