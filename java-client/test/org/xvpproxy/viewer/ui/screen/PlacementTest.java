package org.xvpproxy.viewer.ui.screen;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.Dimension;
import java.awt.Point;
import java.awt.Rectangle;

import org.junit.jupiter.api.Test;

class PlacementTest {

    private static Placement place(Zoom zoom, int w, int h, int areaW, int areaH, double scale) {
        return Placement.of(zoom, w, h, new Dimension(areaW, areaH), scale);
    }

    @Test
    void fittingKeepsTheRatioAndCentres() {
        Placement wide = place(Zoom.FIT, 800, 600, 1000, 600, 1);
        assertEquals(new Placement(800, 600, 100, 0, 800, 600, 1), wide);
        Placement tall = place(Zoom.FIT, 1600, 1200, 800, 1000, 1);
        assertEquals(new Placement(1600, 1200, 0, 200, 800, 600, 1), tall);
        assertEquals(50, tall.percent());
    }

    @Test
    void aHundredPercentOnAFineMonitorDoublesThePixels() {
        Placement doubled = place(Zoom.FULL, 800, 600, 800, 600, 2);
        assertEquals(1600, doubled.width());
        assertFalse(doubled.isUnscaled());
        Placement exact = place(Zoom.DEVICE, 800, 600, 800, 600, 2);
        assertTrue(exact.isUnscaled());
        assertEquals(50, exact.percent());
        assertEquals(new Dimension(400, 300), Placement.preferredSize(Zoom.DEVICE, 800, 600, 2));
        assertEquals(new Dimension(1200, 900), Placement.preferredSize(Zoom.percent(150), 800, 600, 2));
    }

    @Test
    void everyRemotePixelIsFoundAgainUnderThePointer() {
        for (double scale : new double[] {1, 1.25, 1.5, 2}) {
            for (Zoom zoom : new Zoom[] {Zoom.FIT, Zoom.FULL, Zoom.percent(130), Zoom.percent(300)}) {
                Placement placement = place(zoom, 320, 200, 1000, 700, scale);
                if (placement.width() < 320 * scale) {
                    continue;
                }
                for (int x = 0; x < 320; x += 7) {
                    Point at = placement.toComponent(x, 100);
                    assertEquals(new Point(x, 100), placement.toRemote(at.x, at.y), zoom + " at " + scale);
                }
            }
        }
    }

    @Test
    void positionsBesideThePictureCountAsItsEdge() {
        Placement placement = place(Zoom.FULL, 100, 100, 300, 300, 1);
        assertEquals(new Point(0, 99), placement.toRemote(3, 299));
        assertEquals(new Point(0, 0), place(Zoom.FIT, 0, 0, 10, 10, 1).toRemote(5, 5));
    }

    @Test
    void damageCoversAllThatSmoothScalingTouches() {
        assertEquals(new Rectangle(110, 120, 5, 5),
                place(Zoom.FULL, 100, 100, 300, 300, 1).toComponent(new Rectangle(10, 20, 5, 5)));
        Rectangle half = place(Zoom.percent(50), 100, 100, 50, 50, 1).toComponent(new Rectangle(11, 11, 1, 1));
        assertTrue(half.contains(new Rectangle(5, 5, 2, 2)), half.toString());
    }

    @Test
    void zoomStaysWithinReason() {
        assertEquals(10, Zoom.percent(1).percent());
        assertEquals(1000, Zoom.percent(5000).percent());
        assertEquals(Zoom.FIT, Zoom.ofParameter(0));
    }
}
