package org.xvpproxy.viewer.ui.keys;

import java.awt.event.KeyEvent;

/**
 * Takes the false releases out of X11 auto-repeat: a held key arrives there as release and press with one and the same
 * time stamp. Each release is held back until the next event of any kind, or until {@link #flush} a moment later.
 */
public final class RepeatFilter {
    private final KeyMapper mapper;
    private KeyEvent release;

    /** Passes events on to {@code mapper}. */
    public RepeatFilter(KeyMapper mapper) {
        this.mapper = mapper;
    }

    /** Handles KEY_PRESSED. */
    public void pressed(KeyEvent event) {
        if (release != null && isRepeat(event)) {
            release = null;
        }
        flush();
        mapper.pressed(event);
    }

    private boolean isRepeat(KeyEvent press) {
        // Programs that type use one key for one character after the other, within a millisecond at times.
        return release.getWhen() == press.getWhen() && release.getKeyChar() == press.getKeyChar()
                && mapper.isSameKey(release, press);
    }

    /** Handles KEY_RELEASED; the caller calls {@link #flush} a few milliseconds later. */
    public void released(KeyEvent event) {
        flush();
        release = event;
    }

    /** Lets a release that was held back go. */
    public void flush() {
        if (release != null) {
            KeyEvent event = release;
            release = null;
            mapper.released(event);
        }
    }
}
