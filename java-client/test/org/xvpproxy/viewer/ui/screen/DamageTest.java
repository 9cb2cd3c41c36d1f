package org.xvpproxy.viewer.ui.screen;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.Rectangle;
import java.util.List;
import java.util.Random;

import org.junit.jupiter.api.Test;

class DamageTest {
    private final Damage damage = new Damage();

    @Test
    void neighboursAreMergedAndDistantOnesAreNot() {
        damage.add(0, 0, 16, 16);
        damage.add(16, 0, 16, 16);
        damage.add(500, 500, 10, 10);
        assertEquals(List.of(new Rectangle(0, 0, 32, 16), new Rectangle(500, 500, 10, 10)), damage.take());
        assertEquals(List.of(), damage.take());
    }

    @Test
    void emptyOnesCountForNothing() {
        damage.add(3, 3, 0, 9);
        assertEquals(List.of(), damage.take());
    }

    @Test
    void nothingIsLostAndTheListStaysShort() {
        Random random = new Random(1);
        for (int round = 0; round < 200; round++) {
            int x = random.nextInt(1000);
            int y = random.nextInt(1000);
            damage.add(x, y, 5, 5);
            List<Rectangle> all = damage.take();
            assertTrue(all.stream().anyMatch(r -> r.contains(x, y, 5, 5)));
            all.forEach(r -> damage.add(r.x, r.y, r.width, r.height));
            assertTrue(all.size() <= 16, "" + all.size());
        }
    }
}
