package org.xvpproxy.viewer;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

import org.xvpproxy.viewer.net.ProxyChoice;
import org.xvpproxy.viewer.net.Target;
import org.xvpproxy.viewer.rfb.Settings;

/** Options while the command line is being read. */
final class Draft {

    Options.Mode mode = Options.Mode.WINDOW;
    String address;
    String host;
    int port = 5900;
    String proxyHost;
    int proxyPort = 8080;

    boolean shared = true;
    String encoding;
    int compression = -1;
    Integer quality;
    boolean copyRect = true;
    boolean localCursor = true;
    boolean restrictedColours;
    boolean viewOnly;
    boolean anonymousTls;
    String user;
    String vm;

    Path caFile;
    String fingerprint;
    ProxyChoice proxy;
    char[] password;
    boolean passwordEncoded;
    Path passwordFile;
    Path recording;
    Path snapshot;
    double afterSeconds;
    boolean settle;
    int reconnect;
    String logLevel = "warning";

    int scalePercent = 100;
    int cursorScalePercent = 100;
    boolean showControls = true;
    boolean offerRelogin = true;
    boolean keepPicture = true;
    boolean swapButtons;
    boolean drawCursor = true;
    final Set<String> hidden = new HashSet<>();

    /** What there is to warn about, for stderr. */
    String warning;

    Options finish() throws Misuse {
        check();
        try {
            return new Options(mode, target(), settings(), new Options.Trusting(caFile, fingerprint), proxyChoice(),
                    password, recording, snapshot, new Options.Waiting(afterSeconds, settle), reconnect, logLevel,
                    new Options.Window(scalePercent, cursorScalePercent, showControls, offerRelogin, keepPicture,
                            swapButtons, drawCursor, Set.copyOf(hidden)));
        } catch (IllegalArgumentException e) {
            throw new Misuse(e.getMessage());
        }
    }

    private void check() throws Misuse {
        boolean connects = address != null || host != null;
        if (address != null && host != null) {
            throw new Misuse("Give either an access URL or HOST and PORT, not both.");
        }
        if (recording != null && connects) {
            throw new Misuse("A recording is played instead of connecting: leave out the address.");
        }
        if (snapshot == null && (afterSeconds > 0 || settle)) {
            throw new Misuse("--after and --settle go with --snapshot.");
        }
        if (afterSeconds > 0 && settle) {
            throw new Misuse("Give either --after or --settle.");
        }
        if (snapshot != null && mode != Options.Mode.WINDOW) {
            throw new Misuse("--snapshot does not go with --info or --bench.");
        }
        if (snapshot != null) {
            mode = Options.Mode.SNAPSHOT;
        }
        boolean headless = mode == Options.Mode.SNAPSHOT || mode == Options.Mode.INFO;
        if (headless && recording == null && !connects) {
            throw new Misuse("An access URL or a HOST is missing.");
        }
        if (mode == Options.Mode.INFO && recording != null) {
            throw new Misuse("--info asks a server; it does not go with --replay.");
        }
    }

    private Target target() {
        if (address != null) {
            return Target.parse(address);
        }
        return host == null ? null : Target.plain(host, port);
    }

    private ProxyChoice proxyChoice() {
        if (proxy != null) {
            return proxy;
        }
        return proxyHost == null ? ProxyChoice.system() : ProxyChoice.parse("http://" + proxyHost + ":" + proxyPort);
    }

    private Settings settings() {
        // A picture for comparing or keeping is exact unless somebody asked for JPEG.
        int standard = mode == Options.Mode.WINDOW ? Settings.DEFAULT.quality() : -1;
        Settings.Colours colours = recording != null ? Settings.Colours.SERVER
                : restrictedColours ? Settings.Colours.RESTRICTED : Settings.Colours.FULL;
        return new Settings(shared, encoding, compression, quality == null ? standard : quality, copyRect,
                localCursor, colours, viewOnly, anonymousTls, true, user, vm, Settings.DEFAULT.handshakeSeconds());
    }
}
