package org.xvpproxy.viewer.ui.screen;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;

import org.junit.jupiter.api.Test;

class ScalerTest {

    private static int[] scale(int[] source, int w, int h, int toW, int toH) {
        int[] target = new int[toW * toH];
        new Scaler(w, h, toW, toH).scale(source, 0, 0, toW, toH, target);
        return target;
    }

    @Test
    void oneColourStaysThatColourAtAnySize() {
        int[] source = new int[31 * 17];
        for (int colour : new int[] {0, 0xffffff, 0x7f7f7f, 0xff0000, 0x0000ff, 0x123456}) {
            Arrays.fill(source, colour);
            for (int[] size : new int[][] {{31, 17}, {7, 3}, {1, 1}, {40, 40}, {62, 34}, {30, 16}, {300, 5}}) {
                for (int pixel : scale(source, 31, 17, size[0], size[1])) {
                    assertEquals(Integer.toHexString(colour), Integer.toHexString(pixel), Arrays.toString(size));
                }
            }
        }
    }

    @Test
    void wholeMultiplesRepeatPixels() {
        assertArrayEquals(new int[] {1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4}, scale(new int[] {1, 2, 3, 4}, 2, 2, 4, 4));
    }

    @Test
    void halfTheSizeIsTheMeanOfFour() {
        int[] source = {0x000000, 0xffffff, 0xffffff, 0x000000};
        int[] result = scale(source, 2, 2, 1, 1);
        assertEquals(0x80, result[0] & 0xff, 1);
        assertEquals(0x80, result[0] >> 16, 1);
    }

    @Test
    void averagesAllPixelsWhenMuchSmaller() {
        int[] source = new int[100];
        for (int i = 0; i < 100; i++) {
            source[i] = i % 2 == 0 ? 0xffffff : 0;
        }
        for (int pixel : scale(source, 100, 1, 7, 1)) {
            assertTrue(Math.abs((pixel & 255) - 128) < 12, Integer.toHexString(pixel));
        }
    }

    @Test
    void aPartLooksLikeThatPartOfTheWhole() {
        int[] source = new Random(7).ints(40L * 30, 0, 1 << 24).toArray();
        for (int[] size : new int[][] {{25, 21}, {57, 43}, {80, 60}, {40, 30}, {13, 90}}) {
            int[] whole = scale(source, 40, 30, size[0], size[1]);
            Scaler scaler = new Scaler(40, 30, size[0], size[1]);
            int[] part = new int[5 * 8];
            scaler.scale(source, 6, 11, 5, 8, part);
            for (int y = 0; y < 8; y++) {
                for (int x = 0; x < 5; x++) {
                    assertEquals(whole[(11 + y) * size[0] + 6 + x], part[y * 5 + x]);
                }
            }
        }
    }

    @Test
    void weightsAlwaysAddUp() {
        for (int from = 1; from < 60; from++) {
            for (int to = 1; to < 60; to++) {
                Axis axis = new Axis(from, to);
                for (int i = 0; i < to; i++) {
                    int sum = 0;
                    for (int tap = 0; tap < axis.taps; tap++) {
                        sum += axis.weights[i * axis.taps + tap];
                    }
                    assertEquals(Axis.ONE, sum, from + " to " + to);
                    assertTrue(axis.first[i] >= 0 && axis.first[i] + axis.taps <= from, from + " to " + to);
                }
            }
        }
    }
}
