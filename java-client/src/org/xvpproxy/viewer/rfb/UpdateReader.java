package org.xvpproxy.viewer.rfb;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

import org.xvpproxy.viewer.encodings.CursorDecoder;
import org.xvpproxy.viewer.encodings.Decoder;
import org.xvpproxy.viewer.encodings.Encodings;
import org.xvpproxy.viewer.encodings.WireFormat;

/** Reads one FramebufferUpdate after the other into the framebuffer and tells the screen. */
final class UpdateReader {

    private static final int MANY = 65535;
    private static final int MOST_NAME_BYTES = 1 << 16;

    private final RfbInput in;
    private final Encodings encodings;
    private final MessageWriter writer;
    private final ServerFeatures features;
    private final Screen screen;
    private final int[] colourMap = new int[1 << 16];
    private Framebuffer fb;
    private WireFormat format;
    private boolean resized;
    private long pixels;
    private int busiest;
    private long busiestPixels;

    UpdateReader(RfbInput in, PixelFormat format, Framebuffer fb, Encodings encodings, MessageWriter writer,
            ServerFeatures features, Screen screen) throws RfbException {
        this.in = in;
        this.encodings = encodings;
        this.format = WireFormat.of(format, colourMap);
        this.fb = fb;
        this.writer = writer;
        this.features = features;
        this.screen = screen;
    }

    Framebuffer framebuffer() {
        return fb;
    }

    /** Pixels the last update decoded or copied. */
    long pixels() {
        return pixels;
    }

    /** Name of the encoding that brought most pixels of the last update; empty if none did. */
    String encoding() {
        return busiestPixels == 0 ? "" : Encodings.name(busiest);
    }

    void close() {
        encodings.close();
    }

    /** Reads an update whose type byte is taken; returns whether the screen has another size now. */
    boolean read() throws IOException {
        in.skip(1);
        int count = in.readU16();
        boolean untilMark = count == MANY;
        pixels = 0;
        busiestPixels = 0;
        resized = false;
        while (count > 0 && rectangle()) {
            if (!untilMark) {
                count--;
            }
        }
        return resized;
    }

    /** One rectangle; false if it was the mark that ends the update. */
    private boolean rectangle() throws IOException {
        in.ensure(12);
        int x = in.readU16();
        int y = in.readU16();
        int w = in.readU16();
        int h = in.readU16();
        int encoding = in.readS32();
        Decoder decoder = encodings.decoder(encoding);
        if (decoder != null) {
            fb.check(x, y, w, h);
            decoder.decode(in, format, fb, x, y, w, h);
            screen.damaged(x, y, w, h);
            long area = (long) w * h;
            pixels += area;
            if (area > busiestPixels) {
                busiestPixels = area;
                busiest = encoding;
            }
            return true;
        }
        if (encoding == Encodings.LAST_RECT) {
            return false;
        }
        pseudo(encoding, x, y, w, h);
        return true;
    }

    private void pseudo(int encoding, int x, int y, int w, int h) throws IOException {
        switch (encoding) {
            case Encodings.CURSOR -> screen.cursor(CursorDecoder.rich(in, format, x, y, w, h));
            case Encodings.X_CURSOR -> screen.cursor(CursorDecoder.twoColour(in, x, y, w, h));
            case Encodings.ALPHA_CURSOR -> alphaCursor(x, y, w, h);
            case Encodings.POINTER_POS, Encodings.POINTER_POS_REGISTERED -> screen.pointerMoved(x, y);
            case Encodings.DESKTOP_SIZE -> resize(w, h, List.of());
            case Encodings.EXTENDED_DESKTOP_SIZE -> extendedSize(x, y, w, h);
            case Encodings.DESKTOP_NAME -> {
                features.name = in.readText(MOST_NAME_BYTES, "a name");
                screen.named(features.name);
            }
            case Encodings.LED_STATE -> {
                features.leds = true;
                screen.leds(in.readU8() & 7);
            }
            case Encodings.POINTER_MOTION -> {
                features.relativePointer = x == 0;
                screen.pointerMode(x != 0);
            }
            case Encodings.EXTENDED_KEY -> features.extendedKeys = true;
            case Encodings.EXTENDED_MOUSE_BUTTONS -> features.extendedMouseButtons = true;
            default -> throw new RfbException("The console sent a rectangle in the unknown encoding "
                    + encoding + ".");
        }
    }

    private void alphaCursor(int x, int y, int w, int h) throws IOException {
        int number = in.readS32();
        Decoder decoder = encodings.decoder(number);
        if (decoder == null || number == Encodings.COPY_RECT) {
            throw new RfbException("The console sent a pointer in the unknown encoding " + number + ".");
        }
        screen.cursor(CursorDecoder.alpha(in, decoder, x, y, w, h));
    }

    private void extendedSize(int reason, int status, int w, int h) throws IOException {
        int count = in.readU8();
        in.skip(3);
        List<MessageWriter.ScreenLayout> screens = new ArrayList<>();
        for (; count > 0; count--) {
            screens.add(new MessageWriter.ScreenLayout(in.readS32(), in.readU16(), in.readU16(), in.readU16(),
                    in.readU16(), in.readS32()));
        }
        features.desktopSize = true;
        if (reason == 1 && status != 0) {
            screen.resizeRefused(status);
        } else {
            resize(w, h, screens);
        }
    }

    private void resize(int w, int h, List<MessageWriter.ScreenLayout> screens) throws RfbException {
        writer.desktop(w, h, screens);
        // Servers confirm an unchanged size again and again; asking for the screen each time would never end.
        if (w != fb.width() || h != fb.height()) {
            fb = fb.resized(w, h);
            resized = true;
            screen.resized(fb);
        }
    }

    /** SetColourMapEntries, its type byte taken. */
    void colourMapEntries() throws IOException {
        in.skip(1);
        int first = in.readU16();
        int count = in.readU16();
        if (first + count > colourMap.length) {
            throw new RfbException("The console sent colour map entries past 65535.");
        }
        for (int i = first; i < first + count; i++) {
            colourMap[i] = in.readU16() >> 8 << 16 | in.readU16() >> 8 << 8 | in.readU16() >> 8;
        }
    }
}
