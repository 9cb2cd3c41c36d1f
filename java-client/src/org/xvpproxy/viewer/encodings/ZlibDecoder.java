package org.xvpproxy.viewer.encodings;

import java.io.IOException;

import org.xvpproxy.viewer.rfb.Framebuffer;
import org.xvpproxy.viewer.rfb.RfbInput;

/** Raw pixels through one zlib stream per connection. */
public final class ZlibDecoder implements Decoder {

    private final ZlibStream zlib = new ZlibStream();

    @Override
    public void decode(RfbInput in, WireFormat format, Framebuffer fb, int x, int y, int w, int h)
            throws IOException {
        RfbInput data = zlib.open(in, in.readU32());
        RawDecoder.copy(data, format.pixel(), fb, x, y, w, h);
        zlib.finish();
    }

    @Override
    public void close() {
        zlib.close();
    }
}
