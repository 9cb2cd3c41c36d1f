package org.xvpproxy.viewer.ui.keys;

import static java.awt.event.KeyEvent.CHAR_UNDEFINED;
import static java.awt.event.KeyEvent.KEY_LOCATION_LEFT;
import static java.awt.event.KeyEvent.KEY_LOCATION_NUMPAD;
import static java.awt.event.KeyEvent.KEY_LOCATION_RIGHT;
import static java.awt.event.KeyEvent.KEY_LOCATION_STANDARD;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.Component;
import java.awt.Container;
import java.awt.event.InputEvent;
import java.awt.event.KeyEvent;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KeyMapperTest {
    private static final Component SOURCE = new Container();

    private final RecordedKeys keys = new RecordedKeys();
    private final KeyMapper mapper = new KeyMapper(Platform.X11, ScanCodes.US, keys);

    private static KeyEvent event(int id, int vk, int c, int location, int modifiers, long when) {
        return new KeyEvent(SOURCE, id, when, modifiers, vk, (char) c, location);
    }

    private static KeyEvent down(int vk, int c) {
        return event(KeyEvent.KEY_PRESSED, vk, c, KEY_LOCATION_STANDARD, 0, 1);
    }

    private static KeyEvent up(int vk, int c) {
        return event(KeyEvent.KEY_RELEASED, vk, c, KEY_LOCATION_STANDARD, 0, 2);
    }

    private static KeyEvent typed(int c) {
        return event(KeyEvent.KEY_TYPED, KeyEvent.VK_UNDEFINED, c, KeyEvent.KEY_LOCATION_UNKNOWN, 0, 1);
    }

    private static KeyEvent modifier(int id, int vk, int location) {
        return event(id, vk, CHAR_UNDEFINED, location, 0, 1);
    }

    @Test
    void aLetterIsPressedAndReleasedOnce() {
        mapper.pressed(down(KeyEvent.VK_A, 'a'));
        mapper.typed(typed('a'));
        mapper.released(up(KeyEvent.VK_A, 'a'));
        assertEquals("+61/1e -61/1e", keys.take());
    }

    @Test
    void theReleaseSaysWhatThePressSaid() {
        mapper.pressed(modifier(KeyEvent.KEY_PRESSED, KeyEvent.VK_SHIFT, KEY_LOCATION_LEFT));
        mapper.pressed(down(KeyEvent.VK_1, '!'));
        mapper.released(modifier(KeyEvent.KEY_RELEASED, KeyEvent.VK_SHIFT, KEY_LOCATION_LEFT));
        mapper.released(up(KeyEvent.VK_1, '1'));
        assertEquals("+ffe1 +21 -ffe1 -21", keys.keysyms());
    }

    @Test
    void aKeyAwtHasNoNameForIsReleasedThoughItsCharacterChanged() {
        KeyEvent press = down(KeyEvent.VK_UNDEFINED, 'Ж');
        mapper.pressed(press);
        mapper.released(up(KeyEvent.VK_UNDEFINED, 'Ж'));
        assertEquals("+6f6 -6f6", keys.take());
    }

    @Test
    void aReleaseThatCannotBeToldReleasesTheKeysAwtHasNoNameFor() {
        mapper.pressed(down(KeyEvent.VK_A, 'a'));
        mapper.pressed(down(KeyEvent.VK_UNDEFINED, '²'));
        mapper.released(up(KeyEvent.VK_UNDEFINED, CHAR_UNDEFINED));
        assertEquals("+61 +b2 -b2", keys.keysyms());
    }

    @Test
    void aHeldKeyRepeatsWithoutReleases() {
        mapper.pressed(down(KeyEvent.VK_X, 'x'));
        mapper.typed(typed('x'));
        mapper.pressed(down(KeyEvent.VK_X, 'x'));
        mapper.typed(typed('x'));
        mapper.released(up(KeyEvent.VK_X, 'x'));
        assertEquals("+78 +78 -78", keys.keysyms());
    }

    @Test
    void withCtrlThePlainLetterIsSent() {
        mapper.pressed(modifier(KeyEvent.KEY_PRESSED, KeyEvent.VK_CONTROL, KEY_LOCATION_LEFT));
        mapper.pressed(event(KeyEvent.KEY_PRESSED, KeyEvent.VK_C, 3, KEY_LOCATION_STANDARD, InputEvent.CTRL_DOWN_MASK, 1));
        mapper.typed(typed(3));
        mapper.released(event(KeyEvent.KEY_RELEASED, KeyEvent.VK_C, 3, KEY_LOCATION_STANDARD, InputEvent.CTRL_DOWN_MASK, 1));
        assertEquals("+ffe3 +63 -63", keys.keysyms());
        int both = InputEvent.CTRL_DOWN_MASK | InputEvent.SHIFT_DOWN_MASK;
        mapper.pressed(event(KeyEvent.KEY_PRESSED, KeyEvent.VK_C, 3, KEY_LOCATION_STANDARD, both, 1));
        assertEquals("+43", keys.keysyms());
    }

    @ParameterizedTest
    @CsvSource({"2, 0, 32", "OPEN_BRACKET, 27, 5b", "BACK_SLASH, 28, 5c", "MINUS, 31, 2d", "SPACE, 0, 20", "BACK_QUOTE, 0, 60"})
    void withCtrlSignsAreSentAsWell(String name, int control, String hex) throws ReflectiveOperationException {
        int vk = KeyEvent.class.getField("VK_" + name).getInt(null);
        mapper.pressed(event(KeyEvent.KEY_PRESSED, vk, control, KEY_LOCATION_STANDARD, InputEvent.CTRL_DOWN_MASK, 1));
        assertEquals("+" + hex, keys.keysyms());
    }

    @Test
    void aDeadKeyWaitsForWhatItMakes() {
        mapper.pressed(down(KeyEvent.VK_DEAD_ACUTE, CHAR_UNDEFINED));
        mapper.released(up(KeyEvent.VK_DEAD_ACUTE, CHAR_UNDEFINED));
        mapper.pressed(down(KeyEvent.VK_E, 'e'));
        mapper.typed(typed('é'));
        mapper.released(up(KeyEvent.VK_E, 'e'));
        assertEquals("+e9 -e9", keys.take());
        mapper.pressed(down(KeyEvent.VK_E, 'e'));
        assertEquals("+65/12", keys.take());
    }

    @Test
    void anInputMethodMayKeepThePressesToItself() {
        mapper.pressed(down(KeyEvent.VK_A, 'a'));
        mapper.typed(typed('a'));
        mapper.released(up(KeyEvent.VK_A, 'a'));
        mapper.pressed(down(KeyEvent.VK_F1, CHAR_UNDEFINED));
        mapper.released(up(KeyEvent.VK_F1, CHAR_UNDEFINED));
        keys.take();
        mapper.released(up(KeyEvent.VK_DEAD_ACUTE, 0x2ca));
        mapper.typed(typed('é'));
        mapper.released(up(KeyEvent.VK_E, 'e'));
        assertEquals("+e9 -e9", keys.take());
    }

    @Test
    void digitsOfTheNumberPadAreNotTypedTwice() {
        mapper.pressed(down(KeyEvent.VK_NUMPAD7, '7'));
        mapper.typed(typed('7'));
        assertEquals("+ffb7", keys.keysyms());
    }

    @Test
    void shiftDoesNotEndADeadKeyButReturnDoes() {
        mapper.pressed(down(KeyEvent.VK_DEAD_DIAERESIS, CHAR_UNDEFINED));
        mapper.pressed(modifier(KeyEvent.KEY_PRESSED, KeyEvent.VK_SHIFT, KEY_LOCATION_LEFT));
        mapper.pressed(down(KeyEvent.VK_U, 'U'));
        mapper.typed(typed('Ü'));
        assertEquals("+ffe1 +dc -dc", keys.keysyms());
        mapper.pressed(down(KeyEvent.VK_DEAD_DIAERESIS, CHAR_UNDEFINED));
        mapper.pressed(down(KeyEvent.VK_ENTER, '\n'));
        mapper.pressed(down(KeyEvent.VK_U, 'u'));
        assertEquals("+ff0d +75", keys.keysyms());
    }

    @Test
    void textOfAnInputMethodIsTypedCharacterByCharacter() {
        mapper.composed("日😀\n");
        assertEquals("+10065e5 -10065e5 +101f600 -101f600 +ff0d -ff0d", keys.take());
    }

    @Test
    void twoHalvesOfOneCharacterAreJoined() {
        mapper.typed(typed("😀".charAt(0)));
        mapper.typed(typed("😀".charAt(1)));
        assertEquals("+101f600 -101f600", keys.take());
    }

    @Test
    void altGrIsLevelThreeShift() {
        mapper.pressed(modifier(KeyEvent.KEY_PRESSED, KeyEvent.VK_ALT_GRAPH, KEY_LOCATION_RIGHT));
        mapper.pressed(down(KeyEvent.VK_Q, '@'));
        mapper.released(up(KeyEvent.VK_Q, '@'));
        mapper.released(modifier(KeyEvent.KEY_RELEASED, KeyEvent.VK_ALT_GRAPH, KEY_LOCATION_RIGHT));
        assertEquals("+fe03/b8 +40/10 -40/10 -fe03/b8", keys.take());
    }

    @Test
    void theControlThatWindowsAddsToAltGrIsTakenBack() {
        KeyMapper windows = new KeyMapper(Platform.WINDOWS, ScanCodes.US, keys);
        windows.pressed(event(KeyEvent.KEY_PRESSED, KeyEvent.VK_CONTROL, CHAR_UNDEFINED, KEY_LOCATION_LEFT, 0, 100));
        windows.pressed(event(KeyEvent.KEY_PRESSED, KeyEvent.VK_ALT, CHAR_UNDEFINED, KEY_LOCATION_RIGHT, 0, 101));
        windows.pressed(event(KeyEvent.KEY_PRESSED, KeyEvent.VK_Q, '@', KEY_LOCATION_STANDARD, 0, 150));
        windows.released(event(KeyEvent.KEY_RELEASED, KeyEvent.VK_CONTROL, CHAR_UNDEFINED, KEY_LOCATION_LEFT, 0, 200));
        windows.released(event(KeyEvent.KEY_RELEASED, KeyEvent.VK_ALT, CHAR_UNDEFINED, KEY_LOCATION_RIGHT, 0, 200));
        assertEquals("+ffe3 -ffe3 +fe03 +40 -fe03", keys.keysyms());
    }

    @Test
    void onMacTheLeftOptionKeyIsAltAndTheRightOneMakesCharacters() {
        KeyMapper mac = new KeyMapper(Platform.MAC, ScanCodes.US, keys);
        mac.pressed(modifier(KeyEvent.KEY_PRESSED, KeyEvent.VK_ALT, KEY_LOCATION_LEFT));
        mac.pressed(down(KeyEvent.VK_A, 'å'));
        mac.releaseAll();
        assertEquals("+ffe9 +61 -61 -ffe9", keys.keysyms());
        mac.pressed(modifier(KeyEvent.KEY_PRESSED, KeyEvent.VK_ALT, KEY_LOCATION_RIGHT));
        mac.pressed(down(KeyEvent.VK_A, 'å'));
        assertEquals("+fe03 +e5", keys.keysyms());
    }

    @ParameterizedTest
    @CsvSource({"F1, ffbe/3b", "F12, ffc9/58", "F24, ffd5", "ENTER, ff0d/1c", "TAB, ff09/f", "ESCAPE, ff1b/1",
        "BACK_SPACE, ff08/e", "DELETE, ffff/d3", "INSERT, ff63/d2", "HOME, ff50/c7", "PAGE_DOWN, ff56/d1", "UP, ff52/c8",
        "PRINTSCREEN, ff61/54", "PAUSE, ff13/c6", "CAPS_LOCK, ffe5/3a", "NUM_LOCK, ff7f/45", "WINDOWS, ffeb/db",
        "CONTEXT_MENU, ff67/dd", "NUMPAD7, ffb7/47", "DIVIDE, ffaf/b5", "KP_UP, ff97/48"})
    void keysWithoutCharacters(String name, String expected) throws ReflectiveOperationException {
        int vk = KeyEvent.class.getField("VK_" + name).getInt(null);
        mapper.pressed(down(vk, CHAR_UNDEFINED));
        assertEquals("+" + expected, keys.take());
    }

    @Test
    void leftAndRightAndTheNumberPadAreToldApart() {
        mapper.pressed(modifier(KeyEvent.KEY_PRESSED, KeyEvent.VK_SHIFT, KEY_LOCATION_RIGHT));
        mapper.pressed(modifier(KeyEvent.KEY_PRESSED, KeyEvent.VK_CONTROL, KEY_LOCATION_RIGHT));
        mapper.pressed(modifier(KeyEvent.KEY_PRESSED, KeyEvent.VK_ENTER, KEY_LOCATION_NUMPAD));
        mapper.pressed(modifier(KeyEvent.KEY_PRESSED, KeyEvent.VK_HOME, KEY_LOCATION_NUMPAD));
        assertEquals("+ffe2/36 +ffe4/9d +ff8d/9c +ff95/47", keys.take());
    }

    @Test
    void whenTheFocusGoesEverythingIsReleasedLastFirst() {
        mapper.pressed(modifier(KeyEvent.KEY_PRESSED, KeyEvent.VK_CONTROL, KEY_LOCATION_LEFT));
        mapper.pressed(modifier(KeyEvent.KEY_PRESSED, KeyEvent.VK_ALT, KEY_LOCATION_LEFT));
        assertTrue(mapper.isHeld(Keysym.ALT_L));
        keys.take();
        mapper.releaseAll();
        assertEquals("-ffe9 -ffe3", keys.keysyms());
        assertFalse(mapper.isHeld(Keysym.ALT_L));
        mapper.released(modifier(KeyEvent.KEY_RELEASED, KeyEvent.VK_CONTROL, KEY_LOCATION_LEFT));
        assertEquals("", keys.take());
    }

    @Test
    void printThatOnlyComesUpIsSentWhole() {
        mapper.released(up(KeyEvent.VK_PRINTSCREEN, CHAR_UNDEFINED));
        assertEquals("+ff61/54 -ff61/54", keys.take());
    }

    @Test
    void falseReleasesOfAutoRepeatAreTakenOut() {
        RepeatFilter filter = new RepeatFilter(mapper);
        filter.pressed(event(KeyEvent.KEY_PRESSED, KeyEvent.VK_A, 'a', KEY_LOCATION_STANDARD, 0, 10));
        filter.released(event(KeyEvent.KEY_RELEASED, KeyEvent.VK_A, 'a', KEY_LOCATION_STANDARD, 0, 40));
        filter.pressed(event(KeyEvent.KEY_PRESSED, KeyEvent.VK_A, 'a', KEY_LOCATION_STANDARD, 0, 40));
        filter.released(event(KeyEvent.KEY_RELEASED, KeyEvent.VK_A, 'a', KEY_LOCATION_STANDARD, 0, 70));
        assertEquals("+61 +61", keys.keysyms());
        filter.flush();
        assertEquals("-61", keys.keysyms());
    }

    @Test
    void realReleasesAreNotLostWhenAnotherKeyFollows() {
        RepeatFilter filter = new RepeatFilter(mapper);
        filter.pressed(event(KeyEvent.KEY_PRESSED, KeyEvent.VK_A, 'a', KEY_LOCATION_STANDARD, 0, 10));
        filter.released(event(KeyEvent.KEY_RELEASED, KeyEvent.VK_A, 'a', KEY_LOCATION_STANDARD, 0, 40));
        filter.pressed(event(KeyEvent.KEY_PRESSED, KeyEvent.VK_A, 'a', KEY_LOCATION_STANDARD, 0, 41));
        filter.released(event(KeyEvent.KEY_RELEASED, KeyEvent.VK_A, 'a', KEY_LOCATION_STANDARD, 0, 50));
        filter.pressed(event(KeyEvent.KEY_PRESSED, KeyEvent.VK_B, 'b', KEY_LOCATION_STANDARD, 0, 50));
        assertEquals("+61 -61 +61 -61 +62", keys.keysyms());
    }
}
