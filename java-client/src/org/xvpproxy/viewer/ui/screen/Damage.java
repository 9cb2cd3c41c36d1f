package org.xvpproxy.viewer.ui.screen;

import java.awt.Rectangle;
import java.util.ArrayList;
import java.util.List;

/** Collects changed rectangles until somebody paints them; neighbours are merged, so the list stays short. Thread-safe. */
public final class Damage {
    private static final int MOST = 16;

    private final List<Rectangle> rectangles = new ArrayList<>();

    /** Adds a rectangle. */
    public synchronized void add(int x, int y, int width, int height) {
        if (width <= 0 || height <= 0) {
            return;
        }
        Rectangle added = new Rectangle(x, y, width, height);
        for (int i = 0; i < rectangles.size(); i++) {
            Rectangle other = rectangles.get(i);
            Rectangle both = other.union(added);
            if (area(both) * 3 <= (area(other) + area(added)) * 4) {
                rectangles.set(i, both);
                return;
            }
        }
        rectangles.add(added);
        if (rectangles.size() > MOST) {
            Rectangle all = rectangles.stream().reduce(added, Rectangle::union);
            rectangles.clear();
            rectangles.add(all);
        }
    }

    /** Returns what was collected and starts anew. */
    public synchronized List<Rectangle> take() {
        List<Rectangle> taken = List.copyOf(rectangles);
        rectangles.clear();
        return taken;
    }

    private static long area(Rectangle r) {
        return (long) r.width * r.height;
    }
}
