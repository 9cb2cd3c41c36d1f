package org.xvpproxy.viewer.encodings;

/** Two colours at one bit a pixel, first pixel in the highest bit: the bulk of any text screen. */
final class MonoRow {

    private MonoRow() {
    }

    static void expand(byte[] from, int at, int[] to, int start, int count, int zero, int one) {
        int difference = zero ^ one;
        int whole = start + (count & ~7);
        while (start < whole) {
            int bits = from[at++];
            // Shifting the bit into the sign and back spreads it: no branch on noisy data.
            to[start] = zero ^ (bits << 24 >> 31 & difference);
            to[start + 1] = zero ^ (bits << 25 >> 31 & difference);
            to[start + 2] = zero ^ (bits << 26 >> 31 & difference);
            to[start + 3] = zero ^ (bits << 27 >> 31 & difference);
            to[start + 4] = zero ^ (bits << 28 >> 31 & difference);
            to[start + 5] = zero ^ (bits << 29 >> 31 & difference);
            to[start + 6] = zero ^ (bits << 30 >> 31 & difference);
            to[start + 7] = zero ^ (bits << 31 >> 31 & difference);
            start += 8;
        }
        int left = count & 7;
        if (left > 0) {
            int bits = from[at] << 24;
            for (int end = start + left; start < end; start++, bits <<= 1) {
                to[start] = zero ^ (bits >> 31 & difference);
            }
        }
    }
}
