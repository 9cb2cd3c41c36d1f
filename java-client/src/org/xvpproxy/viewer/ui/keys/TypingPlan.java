package org.xvpproxy.viewer.ui.keys;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A text as keys to press: all of it, or the list of characters that no key makes.
 *
 * @param strokes one for each character to type
 * @param refused code points without a key; when there are any, nothing should be typed
 */
public record TypingPlan(List<Stroke> strokes, Set<Integer> refused) {

    /** The keyboard the console is taken to have. */
    public enum Keyboard {
        /** A US keyboard: virtual machines. */
        US("US keyboard (virtual machines)"),
        /** Keys appear as needed: X servers. */
        ANY("Any character (X desktops)");

        private final String label;

        Keyboard(String label) {
            this.label = label;
        }

        @Override
        public String toString() {
            return label;
        }
    }

    /** One key to press and release, with Shift around it or not. */
    public record Stroke(int keysym, int xtCode, boolean shift) {

        /** Sends the whole stroke. */
        public void sendTo(KeySink sink) {
            if (shift) {
                sink.key(Keysym.SHIFT_L, XtCodes.SHIFT_L, true);
            }
            sink.key(keysym, xtCode, true);
            sink.key(keysym, xtCode, false);
            if (shift) {
                sink.key(Keysym.SHIFT_L, XtCodes.SHIFT_L, false);
            }
        }
    }

    /** Finds the key for each character of a text; CR LF and CR are one Return like LF. */
    public static TypingPlan of(String text, Keyboard keyboard) {
        List<Stroke> strokes = new ArrayList<>();
        Set<Integer> refused = new LinkedHashSet<>();
        text.replace("\r\n", "\n").replace('\r', '\n').codePoints().forEach(c -> {
            Stroke stroke = stroke(c, keyboard);
            if (stroke == null) {
                refused.add(c);
            } else {
                strokes.add(stroke);
            }
        });
        return new TypingPlan(strokes, refused);
    }

    private static Stroke stroke(int c, Keyboard keyboard) {
        int special = c == '\n' ? Keysym.RETURN : c == '\t' ? Keysym.TAB : 0;
        if (special != 0) {
            return new Stroke(special, XtCodes.ofKeysym(special), false);
        }
        int code = UsKeyboard.code(c);
        if (code != 0) {
            return new Stroke(c, code, UsKeyboard.shifted(c));
        }
        int keysym = keyboard == Keyboard.ANY ? CharacterKeysyms.of(c) : 0;
        return keysym == 0 ? null : new Stroke(keysym, 0, false);
    }

    /** The refused characters for people: {@code "ä" (U+00E4), U+0007}. At most ten are named. */
    public String refusedNames() {
        String names = refused.stream().limit(10).map(TypingPlan::name).collect(Collectors.joining(", "));
        return refused.size() > 10 ? names + " and " + (refused.size() - 10) + " more" : names;
    }

    private static String name(int c) {
        String number = String.format(Locale.ROOT, "U+%04X", c);
        boolean visible = Character.isDefined(c) && !Character.isISOControl(c) && !Character.isWhitespace(c)
                && Character.getType(c) != Character.FORMAT && Character.getType(c) != Character.SURROGATE;
        return visible ? "\u201c" + Character.toString(c) + "\u201d (" + number + ")" : number;
    }
}
