package org.xvpproxy.viewer.encodings;

import java.io.IOException;

import org.xvpproxy.viewer.rfb.Framebuffer;
import org.xvpproxy.viewer.rfb.RfbInput;

/** Reads one rectangle of an encoding into the framebuffer; keeps what the encoding carries from one to the next. */
public interface Decoder {

    /**
     * @param x left edge; the rectangle was checked against the framebuffer and may be empty
     * @throws org.xvpproxy.viewer.rfb.RfbException if the data makes no sense
     */
    void decode(RfbInput in, WireFormat format, Framebuffer fb, int x, int y, int w, int h) throws IOException;

    /** Frees native memory. */
    default void close() {
    }
}
