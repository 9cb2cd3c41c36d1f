package org.xvpproxy.viewer.encodings;

import java.io.IOException;

import org.xvpproxy.viewer.rfb.Framebuffer;
import org.xvpproxy.viewer.rfb.RfbInput;

/** Tiles of 64x64 through one zlib stream per connection. */
public final class ZrleDecoder implements Decoder {

    private final ZlibStream zlib = new ZlibStream();
    private final TileReader tiles = new TileReader(64, false);

    @Override
    public void decode(RfbInput in, WireFormat format, Framebuffer fb, int x, int y, int w, int h)
            throws IOException {
        RfbInput data = zlib.open(in, in.readU32());
        tiles.read(data, format.compact(), fb, x, y, w, h);
        zlib.finish();
    }

    @Override
    public void close() {
        zlib.close();
    }
}
