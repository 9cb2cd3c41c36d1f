package org.xvpproxy.viewer.encodings;

import java.io.IOException;

import org.xvpproxy.viewer.rfb.Framebuffer;
import org.xvpproxy.viewer.rfb.RfbInput;

/** Tiles of 16x16, not compressed further. */
public final class TrleDecoder implements Decoder {

    private final TileReader tiles = new TileReader(16, true);

    @Override
    public void decode(RfbInput in, WireFormat format, Framebuffer fb, int x, int y, int w, int h)
            throws IOException {
        tiles.read(in, format.compact(), fb, x, y, w, h);
    }
}
