package org.xvpproxy.viewer.ui.screen;

import java.awt.image.BufferedImage;
import java.awt.image.DataBufferInt;
import java.awt.image.DirectColorModel;
import java.awt.image.Raster;

import org.xvpproxy.viewer.rfb.Framebuffer;

/** Pixels as AWT wants them, shared with the framebuffer and never copied. */
record Picture(int width, int height, int[] pixels, BufferedImage image) {
    private static final DirectColorModel RGB = new DirectColorModel(24, 0xff0000, 0xff00, 0xff);

    static Picture of(Framebuffer framebuffer) {
        return of(framebuffer.pixels(), framebuffer.width(), framebuffer.height());
    }

    /** Wraps the first {@code width * height} ints 0x00RRGGBB; both at least 1. */
    static Picture of(int[] pixels, int width, int height) {
        var raster = Raster.createPackedRaster(new DataBufferInt(pixels, width * height), width, height, width,
                RGB.getMasks(), null);
        return new Picture(width, height, pixels, new BufferedImage(RGB, raster, false, null));
    }

    /** A pale grey copy: what a console that is gone last looked like. */
    Picture greyed() {
        int[] grey = new int[width * height];
        for (int i = 0; i < grey.length; i++) {
            int p = pixels[i];
            int light = ((p >> 16 & 255) * 77 + (p >> 8 & 255) * 151 + (p & 255) * 28) >> 8;
            int pale = 50 + light * 110 / 255;
            grey[i] = pale << 16 | pale << 8 | pale;
        }
        return of(grey, width, height);
    }
}
