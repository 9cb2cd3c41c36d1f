package org.xvpproxy.viewer.encodings;

import java.awt.image.BufferedImage;
import java.awt.image.DataBufferByte;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

import org.xvpproxy.viewer.rfb.Framebuffer;
import org.xvpproxy.viewer.rfb.RfbException;

/** JPEG and PNG files into the framebuffer, and out of it; the only door to the JDK's image code below the window. */
public final class PictureCodec {

    private static final PixelReader BGR = WireFormat.packedBgr();

    private final FutureTask<ImageReader> jpegs = new FutureTask<>(() -> reader("jpeg"));
    private final FutureTask<ImageReader> pngs = new FutureTask<>(() -> reader("png"));

    /** @throws RfbException if it is no such picture or not exactly {@code w * h} */
    void decode(boolean jpeg, byte[] file, int length, Framebuffer fb, int x, int y, int w, int h)
            throws RfbException {
        ImageReader reader = get(jpeg ? jpegs : pngs);
        try (ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(file, 0, length))) {
            reader.setInput(in, true, true);
            // Before decoding: the file's own size decides what is allocated.
            if (reader.getWidth(0) != w || reader.getHeight(0) != h) {
                throw new RfbException("The console sent a picture of " + reader.getWidth(0) + "x"
                        + reader.getHeight(0) + " for a rectangle of " + w + "x" + h + ".");
            }
            copy(reader.read(0), fb, x, y, w, h);
        } catch (RfbException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            // The JDK's readers answer damaged files with all kinds of unchecked exceptions.
            throw new RfbException("The console sent a damaged " + (jpeg ? "JPEG" : "PNG") + " picture.", e);
        }
    }

    private static void copy(BufferedImage image, Framebuffer fb, int x, int y, int w, int h) {
        boolean plain = image.getType() == BufferedImage.TYPE_3BYTE_BGR
                && image.getRaster().getDataBuffer().getSize() == w * h * 3;
        if (plain) {
            byte[] bgr = ((DataBufferByte) image.getRaster().getDataBuffer()).getData();
            int from = 0;
            for (int row = y; row < y + h; row++, from += 3 * w) {
                BGR.row(bgr, from, fb.pixels(), row * fb.width() + x, w);
            }
            return;
        }
        // Grey, paletted and transparent pictures are rare enough to leave to the JDK.
        image.getRGB(0, 0, w, h, fb.pixels(), y * fb.width() + x, fb.width());
        for (int row = y; row < y + h; row++) {
            int start = row * fb.width() + x;
            for (int i = start; i < start + w; i++) {
                fb.pixels()[i] &= 0xffffff;
            }
        }
    }

    /** Looks the JPEG reader up on another thread: the JDK takes a tenth of a second for the first one. */
    void prepareJpeg() {
        Thread thread = new Thread(jpegs, "jpeg-reader");
        thread.setDaemon(true);
        thread.start();
    }

    private static ImageReader get(FutureTask<ImageReader> lookup) throws RfbException {
        lookup.run();
        try {
            return lookup.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RfbException("Decoding a picture was interrupted.", e);
        } catch (ExecutionException e) {
            throw new RfbException("This Java runtime cannot decode the console's pictures.", e);
        }
    }

    private static ImageReader reader(String format) {
        return ImageIO.getImageReadersByFormatName(format).next();
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
        dispose(jpegs);
        dispose(pngs);
    }

    private static void dispose(FutureTask<ImageReader> lookup) {
        if (!lookup.cancel(false)) {
            try {
                lookup.get().dispose();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (ExecutionException e) {
                System.getLogger(PictureCodec.class.getName()).log(System.Logger.Level.DEBUG, "no reader", e);
            }
        }
    }
}
