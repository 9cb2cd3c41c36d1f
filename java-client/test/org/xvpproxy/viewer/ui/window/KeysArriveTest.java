package org.xvpproxy.viewer.ui.window;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xvpproxy.viewer.ui.keys.CharacterKeysyms;

/** Keys typed into the real window arrive at a real server. */
class KeysArriveTest {
    private static final String SLOW = "90";
    private static final int PART = 12;

    @TempDir
    static Path folder;
    private static Desk desk;
    private static RemoteDesktop remote;
    private static String window;
    private int before;

    @BeforeAll
    static void open() throws IOException, InterruptedException {
        Programs.require(Desk.NEEDS);
        Programs.require(RemoteDesktop.NEEDS);
        desk = new Desk(folder);
        remote = new RemoteDesktop(folder, "keys", "800x600");
        desk.viewer(remote.address());
        window = desk.window("^keys$");
        desk.goTo(window);
    }

    @AfterAll
    static void close() {
        if (remote != null) {
            remote.close();
        }
        if (desk != null) {
            desk.close();
        }
    }

    @BeforeEach
    void mark() throws InterruptedException {
        Programs.await("nothing stays down", () -> remote.down().isEmpty());
        before = remote.pressed().size();
    }

    private static boolean isModifier(int keysym) {
        return keysym >= 0xffe1 && keysym <= 0xffee || keysym == 0xfe03;
    }

    /** Presses since the test began, without modifiers, once there are so many. */
    private List<Integer> arrived(int count) throws InterruptedException {
        Programs.await(count + " keys arrive, so far " + plain(), () -> plain().size() >= count);
        return plain();
    }

    private List<Integer> plain() {
        List<Integer> all = remote.pressed();
        return since(all, before).stream().filter(keysym -> !isModifier(keysym)).toList();
    }

    private static List<Integer> keysyms(String text) {
        return text.codePoints().map(CharacterKeysyms::of).boxed().toList();
    }

    private void typeAndCompareInParts(String text) throws IOException, InterruptedException {
        for (int at = 0; at < text.length(); at += PART) {
            remote.freshKeyboard();
            mark();
            typeAndCompare(text.substring(at, Math.min(text.length(), at + PART)), SLOW);
        }
    }

    private void typeAndCompare(String text, String delay) throws InterruptedException {
        desk.hands("type", "--delay", delay, text);
        assertEquals(keysyms(text), arrived(text.length()));
        Programs.await("nothing stays down", () -> remote.down().isEmpty());
    }

    private static List<Integer> since(List<Integer> all, int mark) {
        return all.subList(mark, all.size());
    }

    private static String range(int from, int to) {
        StringBuilder text = new StringBuilder();
        for (int c = from; c <= to; c++) {
            text.appendCodePoint(c);
        }
        return text.toString();
    }

    @Test
    void printableAscii() throws InterruptedException {
        typeAndCompare(range(0x20, 0x7e), "12");
    }

    @Test
    void signsAndSmallLettersOfLatin1() throws IOException, InterruptedException {
        typeAndCompareInParts(range(0xa0, 0xbf) + "\u00d7" + range(0xdf, 0xff));
    }

    @Test
    void capitalLettersOfLatin1() throws IOException, InterruptedException {
        String capitals = range(0xc0, 0xd6) + range(0xd8, 0xde);
        try {
            for (int at = 0; at < capitals.length(); at += PART) {
                String part = capitals.substring(at, Math.min(capitals.length(), at + PART));
                desk.teachCapitals(part);
                typeAndCompareInParts(part);
            }
        } finally {
            desk.runHere("setxkbmap", "-layout", "us");
            Thread.sleep(500);
        }
    }

    @Test
    void greekCyrillicEuroAndMore() throws IOException, InterruptedException {
        typeAndCompareInParts("αβγΩжщЯЁ€łŞœ漢");
    }

    @Test
    void functionAndEditingKeys() throws InterruptedException {
        List<String> names = new ArrayList<>(List.of("F1", "F2", "F3", "F4", "F5", "F6", "F7", "F8", "F9", "F10", "F12", "Home",
                "End", "Prior", "Next", "Insert", "Delete", "BackSpace", "Tab", "Return", "Escape", "Left", "Up", "Right", "Down",
                "Pause", "Print", "Menu"));
        List<Integer> expected = new ArrayList<>();
        for (int n = 1; n <= 12; n++) {
            if (n != 11) {
                expected.add(0xffbe + n - 1);
            }
        }
        expected.addAll(List.of(0xff50, 0xff57, 0xff55, 0xff56, 0xff63, 0xffff, 0xff08, 0xff09, 0xff0d, 0xff1b, 0xff51, 0xff52,
                0xff53, 0xff54, 0xff13, 0xff61, 0xff67));
        for (String name : names) {
            desk.hands("key", name);
        }
        assertEquals(expected, arrived(names.size()));
    }

    @Test
    void modifiersGoAlong() throws InterruptedException {
        desk.hands("key", "ctrl+c", "alt+f", "shift+Tab", "ctrl+shift+t");
        Programs.await("the last one", () -> plain().size() == 4);
        List<Integer> all = remote.pressed();
        assertEquals(List.of(0xffe3, 0x63, 0xffe9, 0x66, 0xffe1, 0xff09, 0xffe3, 0xffe1, 0x54), normal(since(all, before)));
        Programs.await("nothing stays down", () -> remote.down().isEmpty());
    }

    /** The server names Tab and Alt with Shift by their shifted keysyms. */
    private static List<Integer> normal(List<Integer> keysyms) {
        return keysyms.stream().map(k -> k == 0xfe20 ? 0xff09 : k == 0xffe7 ? 0xffe9 : k).toList();
    }

    @Test
    void altGrAndDeadKeysOfAGermanKeyboard() throws InterruptedException {
        desk.runHere("setxkbmap", "-layout", "de");
        try {
            Thread.sleep(500);
            desk.hands("key", "--delay", SLOW, "at", "EuroSign", "bracketleft", "adiaeresis", "ssharp", "Z", "dead_acute", "e");
            assertEquals(keysyms("@€[äßZé"), arrived(7));
        } finally {
            desk.runHere("setxkbmap", "-layout", "us");
            Thread.sleep(500);
        }
    }

    @Test
    void aHeldKeyRepeatsAndIsReleasedOnce() throws InterruptedException {
        desk.hands("keydown", "x");
        Programs.await("it repeats", () -> plain().size() >= 4);
        desk.hands("keyup", "x");
        Programs.await("it is released", () -> remote.down().isEmpty());
        assertTrue(plain().stream().allMatch(keysym -> keysym == 'x'));
    }

    @Test
    void losingTheFocusReleasesWhatIsDown() throws InterruptedException {
        desk.hands("keydown", "ctrl");
        Programs.await("Ctrl is down", () -> remote.pressed().size() > before);
        desk.hands("key", "shift+alt+m");
        Programs.await("Ctrl is released", () -> remote.down().isEmpty());
        desk.hands("keyup", "ctrl");
        desk.hands("key", "Escape", "Escape", "Escape");
        desk.goTo(window);
        typeAndCompareAfterFocus();
    }

    private void typeAndCompareAfterFocus() throws InterruptedException {
        mark();
        typeAndCompare("back", "20");
    }
}
