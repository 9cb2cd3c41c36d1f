package org.xvpproxy.viewer.ui.screen;

/**
 * How one direction of a picture is scaled: each new pixel is a weighted sum of {@code taps} old ones from
 * {@code first[i]} on; its weights add up to 256.
 */
final class Axis {
    static final int ONE = 256;

    final int from;
    final int to;
    final int taps;
    final int[] first;
    final int[] weights;

    /** Pixels are averaged when there are fewer new ones, blended when more, and repeated at whole multiples. */
    Axis(int from, int to) {
        this.from = from;
        this.to = to;
        boolean repeated = to % from == 0;
        this.taps = Math.min(from, repeated ? 1 : to > from ? 2 : (from + to - 1) / to + 1);
        this.first = new int[to];
        this.weights = new int[to * taps];
        for (int i = 0; i < to; i++) {
            if (repeated) {
                first[i] = i / (to / from);
                weights[i] = ONE;
            } else if (to > from) {
                blend(i);
            } else {
                average(i);
            }
        }
    }

    private void blend(int i) {
        double centre = (i + 0.5) * from / to - 0.5;
        int left = Math.max(0, Math.min(from - taps, (int) Math.floor(centre)));
        first[i] = left;
        if (taps == 1) {
            weights[i] = ONE;
            return;
        }
        int right = (int) Math.round(ONE * Math.max(0, Math.min(1, centre - left)));
        weights[2 * i] = ONE - right;
        weights[2 * i + 1] = right;
    }

    private void average(int i) {
        double start = (double) i * from / to;
        double end = (double) (i + 1) * from / to;
        int left = Math.min(from - taps, (int) Math.floor(start));
        first[i] = left;
        int used = 0;
        double covered = 0;
        for (int tap = 0; tap < taps; tap++) {
            covered += Math.max(0, Math.min(end, left + tap + 1) - Math.max(start, left + tap));
            // Rounding the running sum, not each weight, lets them always add up to ONE.
            int upTo = (int) Math.round(ONE * Math.min(1, covered / (end - start)));
            weights[i * taps + tap] = upTo - used;
            used = upTo;
        }
    }
}
