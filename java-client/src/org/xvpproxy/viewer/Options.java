package org.xvpproxy.viewer;

import java.nio.file.Path;
import java.util.Set;

import org.xvpproxy.viewer.net.ProxyChoice;
import org.xvpproxy.viewer.net.Target;
import org.xvpproxy.viewer.rfb.Settings;

/**
 * The command line, understood.
 *
 * @param target null if none was given (the window asks) or a recording is played
 * @param password from the command line, a file or the environment; null = ask
 * @param recording the file to play instead of connecting, or null
 * @param snapshot the file a snapshot is written to, or null
 * @param reconnect how often to try again after the console went, 0 = ask
 * @param logLevel off, error, warning, info or debug
 */
public record Options(Mode mode, Target target, Settings settings, Trusting trusting, ProxyChoice proxy,
        char[] password, Path recording, Path snapshot, Waiting waiting, int reconnect, String logLevel,
        Window window) {

    /** What to do. */
    public enum Mode { WINDOW, SNAPSHOT, BENCH, INFO, HELP, VERSION }

    /** @param fingerprint SHA-256, or null */
    public record Trusting(Path caFile, String fingerprint) {
    }

    /** When a snapshot is taken: as soon as the frame is complete, some seconds later, or once nothing moves. */
    public record Waiting(double afterSeconds, boolean settle) {
    }

    /**
     * What only the window cares for.
     *
     * @param scalePercent 1-1000, 0 = fit the window
     * @param cursorScalePercent size of the remote pointer
     * @param drawCursor whether the remote pointer's shape is shown
     * @param hidden xvp operations without a button: "shutdown", "reboot", "reset"
     */
    public record Window(int scalePercent, int cursorScalePercent, boolean showControls, boolean offerRelogin,
            boolean keepPicture, boolean swapButtons, boolean drawCursor, Set<String> hidden) {

        public static final Window DEFAULT = new Window(100, 100, true, true, true, false, true, Set.of());
    }

    /** Says nothing about target, password or token. */
    @Override
    public String toString() {
        return "Options[" + mode + "]";
    }
}
