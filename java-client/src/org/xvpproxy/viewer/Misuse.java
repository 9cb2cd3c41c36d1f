package org.xvpproxy.viewer;

import java.util.Collection;
import java.util.Locale;

/** The command line makes no sense; the message says what and, where it can, what was meant. */
final class Misuse extends Exception {

    private static final long serialVersionUID = 1L;

    Misuse(String sentence) {
        super(sentence);
    }

    /** An unknown name, with the known one that looks most like it. */
    static Misuse unknown(String what, String name, Collection<String> known) {
        String nearest = null;
        int least = Math.max(2, name.length() / 2);
        for (String candidate : known) {
            int distance = distance(name.toLowerCase(Locale.ROOT), candidate.toLowerCase(Locale.ROOT));
            if (distance <= least) {
                least = distance - 1;
                nearest = candidate;
            }
        }
        // Whatever stands in a name's place may be an access URL or a password: do not repeat it.
        boolean printable = name.matches("[-A-Za-z0-9 ]{1,40}");
        return new Misuse("There is no " + what + (printable ? " \"" + name + "\"" : " like that")
                + (nearest == null ? "." : "; did you mean \"" + nearest + "\"?"));
    }

    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int change = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(change, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }
}
