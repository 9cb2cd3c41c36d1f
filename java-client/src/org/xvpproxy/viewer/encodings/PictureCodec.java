package org.xvpproxy.viewer.encodings;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;

import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

import org.xvpproxy.viewer.rfb.Framebuffer;
import org.xvpproxy.viewer.rfb.RfbException;

/** JPEG and PNG files into the framebuffer, and out of it; the only door to the JDK's image code below the window. */
public final class PictureCodec {

    private ImageReader jpegs;
    private ImageReader pngs;

    /** @throws RfbException if it is no such picture or not exactly {@code w * h} */
    void decode(boolean jpeg, byte[] file, int length, Framebuffer fb, int x, int y, int w, int h)
            throws RfbException {
        ImageReader reader = jpeg ? jpegs() : pngs();
        try (ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(file, 0, length))) {
            reader.setInput(in, true, true);
            // Before decoding: the file's own size decides what is allocated.
            if (reader.getWidth(0) != w || reader.getHeight(0) != h) {
                throw new RfbException("The console sent a picture of " + reader.getWidth(0) + "x"
                        + reader.getHeight(0) + " for a rectangle of " + w + "x" + h + ".");
            }
            BufferedImage image = reader.read(0);
            image.getRGB(0, 0, w, h, fb.pixels(), y * fb.width() + x, fb.width());
        } catch (RfbException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            // The JDK's readers answer damaged files with all kinds of unchecked exceptions.
            throw new RfbException("The console sent a damaged " + (jpeg ? "JPEG" : "PNG") + " picture.", e);
        }
        opaque(fb, x, y, w, h);
    }

    private static void opaque(Framebuffer fb, int x, int y, int w, int h) {
        int[] pixels = fb.pixels();
        for (int row = y; row < y + h; row++) {
            int start = row * fb.width() + x;
            for (int i = start; i < start + w; i++) {
                pixels[i] &= 0xffffff;
            }
        }
    }

    private ImageReader jpegs() {
        if (jpegs == null) {
            jpegs = reader("jpeg");
        }
        return jpegs;
    }

    private ImageReader pngs() {
        if (pngs == null) {
            pngs = reader("png");
        }
        return pngs;
    }

    private static ImageReader reader(String format) {
        Iterator<ImageReader> readers = ImageIO.getImageReadersByFormatName(format);
        return readers.next();
    }

    /**
     * Writes a picture file.
     *
     * @param rgb width times height pixels 0x00RRGGBB, row by row
     * @throws IOException naming the file if it cannot be written
     */
    public static void writePng(int[] rgb, int width, int height, Path file) throws IOException {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        image.setRGB(0, 0, width, height, rgb, 0, width);
        ByteArrayOutputStream png = new ByteArrayOutputStream();
        ImageIO.setUseCache(false);
        ImageIO.write(image, "png", png);
        try {
            Files.write(file, png.toByteArray());
        } catch (IOException e) {
            throw new IOException("The picture " + file + " cannot be written: " + e.getMessage() + ".", e);
        }
    }

    void close() {
        if (jpegs != null) {
            jpegs.dispose();
        }
        if (pngs != null) {
            pngs.dispose();
        }
    }
}
