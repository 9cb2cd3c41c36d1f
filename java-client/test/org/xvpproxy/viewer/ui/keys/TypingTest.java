package org.xvpproxy.viewer.ui.keys;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.xvpproxy.viewer.ui.keys.TypingPlan.Keyboard;

class TypingTest {
    private final RecordedKeys keys = new RecordedKeys();

    private String typedOnUs(String text) {
        Typist typist = new Typist(TypingPlan.of(text, Keyboard.US), keys);
        while (typist.step()) {
            continue;
        }
        return keys.take();
    }

    @Test
    void pressesShiftWhereAUsKeyboardNeedsIt() {
        assertEquals("+61/1e -61/1e", typedOnUs("a"));
        assertEquals("+ffe1/2a +41/1e -41/1e -ffe1/2a", typedOnUs("A"));
        assertEquals("+ffe1/2a +7e/29 -7e/29 -ffe1/2a", typedOnUs("~"));
        assertEquals("+5c/2b -5c/2b", typedOnUs("\\"));
    }

    @Test
    void everyLineEndIsOneReturn() {
        assertEquals("+ff0d/1c -ff0d/1c +ff0d/1c -ff0d/1c +ff0d/1c -ff0d/1c", typedOnUs("\r\n\n\r"));
        assertEquals("+ff09/f -ff09/f", typedOnUs("\t"));
    }

    @Test
    void aUsKeyboardHasAKeyForAllOfAscii() {
        for (char c = ' '; c < 0x7f; c++) {
            TypingPlan plan = TypingPlan.of(String.valueOf(c), Keyboard.US);
            assertEquals(1, plan.strokes().size(), "character " + c);
            assertEquals(c, plan.strokes().get(0).keysym());
            assertTrue(plan.strokes().get(0).xtCode() > 0);
        }
    }

    @Test
    void namesEachCharacterWithoutAKeyOnce() {
        TypingPlan plan = TypingPlan.of("Pä€ä\u0007", Keyboard.US);
        assertEquals("“ä” (U+00E4), “€” (U+20AC), U+0007", plan.refusedNames());
        assertThrows(IllegalArgumentException.class, () -> new Typist(plan, keys));
        assertEquals("", keys.take());
    }

    @Test
    void namesTenAndCountsTheRest() {
        String names = TypingPlan.of("абвгдежзиклм", Keyboard.US).refusedNames();
        assertTrue(names.endsWith("“к” (U+043A) and 2 more"), names);
    }

    @Test
    void anXServerMakesAKeyForEveryCharacter() {
        TypingPlan plan = TypingPlan.of("ä€😀", Keyboard.ANY);
        assertTrue(plan.refused().isEmpty());
        Typist typist = new Typist(plan, keys);
        assertTrue(typist.step());
        assertEquals(1, typist.done());
        assertEquals(3, typist.total());
        assertTrue(typist.step());
        assertFalse(typist.step());
        assertEquals("+e4 -e4 +20ac -20ac +101f600 -101f600", keys.take());
        assertFalse(TypingPlan.of("\u001b", Keyboard.ANY).refused().isEmpty());
    }

    @Test
    void combinationsGoDownInOrderAndUpInReverse() {
        KeyCombo.CTRL_ALT_DEL.sendTo(keys);
        assertEquals("+ffe3/1d +ffe9/38 +ffff/d3 -ffff/d3 -ffe9/38 -ffe3/1d", keys.take());
        KeyCombo.sysRq('b', "reboot").sendTo(keys);
        assertEquals("+ffe9/38 +ff15/54 +62/30 -62/30 -ff15/54 -ffe9/38", keys.take());
        KeyCombo.ctrlAltFunction(12).sendTo(keys);
        assertEquals("+ffe3 +ffe9 +ffc9 -ffc9 -ffe9 -ffe3", keys.keysyms());
    }

    @Test
    void combinationsCanBeNamed() {
        assertEquals(KeyCombo.CTRL_ALT_DEL.keysyms(), KeyCombo.parse("ctrl+Alt-DEL").keysyms());
        assertEquals(java.util.List.of(0xffeb, (int) 'r'), KeyCombo.parse("Super-R").keysyms());
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> KeyCombo.parse("Ctrl-Foo"));
        assertEquals("There is no key called “Foo”.", e.getMessage());
        assertThrows(IllegalArgumentException.class, () -> KeyCombo.parse(""));
    }

    @Test
    void stickyModifiersStayDownUntilReleased() {
        StickyModifiers sticky = new StickyModifiers(keys);
        sticky.hold(Keysym.CONTROL_L, true);
        sticky.hold(Keysym.CONTROL_L, true);
        sticky.hold(Keysym.ALT_L, true);
        assertTrue(sticky.holds(Keysym.CONTROL_L));
        sticky.hold(Keysym.CONTROL_L, false);
        sticky.releaseAll();
        sticky.releaseAll();
        assertEquals("+ffe3 +ffe9 -ffe3 -ffe9", keys.keysyms());
    }

    @Test
    void lockKeysAreTappedOnlyWhereTheyDiffer() {
        LockKeys locks = new LockKeys(keys);
        locks.matchTo(LockKeys.CAPS, 7);
        assertEquals("", keys.take(), "nothing is known about the console yet");
        locks.remoteLeds(LockKeys.NUM);
        locks.matchTo(LockKeys.CAPS | LockKeys.NUM, 7);
        assertEquals("+ffe5/3a -ffe5/3a", keys.take());
        locks.matchTo(LockKeys.CAPS | LockKeys.NUM, 7);
        assertEquals("", keys.take(), "one tap is enough");
        locks.matchTo(0, LockKeys.NUM);
        assertEquals("+ff7f/45 -ff7f/45", keys.take(), "only what this system knows about counts");
    }
}
