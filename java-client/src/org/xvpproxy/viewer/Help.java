package org.xvpproxy.viewer;

/** What --help and --version print. */
final class Help {

    static final String TEXT = """
            Shows the console of a virtual machine.

              java -jar VncViewer.jar 'https://gateway.example.org/console?token=...'
              java -jar VncViewer.jar --snapshot screen.png 'http://...'
              java -jar VncViewer.jar - < file-with-the-access-URL

            usage: java -jar VncViewer.jar [OPTIONS] ACCESS_URL
                   java -jar VncViewer.jar [OPTIONS] URL ACCESS_URL [NAME VALUE]...
                   java -jar VncViewer.jar [OPTIONS] HOST[:DISPLAY|::PORT]

            Connecting
              -                      read the access URL from standard input
              --password-file FILE   first line, or a file made by vncpasswd; also: VNC_PASSWORD
              --user NAME            for servers that want a user name
              --cacert FILE          trust these certificates in place of the system's
              --fingerprint SHA256   trust exactly this certificate
              --anonymous-tls        accept VNC servers' TLS without certificates
              --proxy URL            http://HOST:PORT or socks://HOST:PORT
              --reconnect N          try again up to N times, with growing pauses
              --exclusive            disconnect other viewers
            Picture
              --view-only            send no keys, pointer or clipboard
              --scale PERCENT|fit    size of the picture in the window
              --encoding NAME        Auto, Tight, ZRLE, TRLE, Zlib, Hextile, CoRRE, RRE, Raw, TightPNG
              --quality 0-9|off      JPEG (default: 6 in a window, off without)
              --compression 0-9
            Without a window
              --snapshot FILE.png    write the picture once it is complete; or
                --after SECONDS      that much later
                --settle             when nothing moves any more
              --info                 print what the server offers
              --replay FILE.fbs      play a recording instead of connecting (also in a window)
              --bench FILE.fbs       decode a recording and print figures as JSON

              --log LEVEL            off, error, warning (default), info, debug
              --help, --version

            NAME VALUE are the TightVNC and XVP viewers' parameters: HOST, PORT, PASSWORD, ENCPASSWORD,
            Encoding, "View only", "Scaling factor", ...
            Exit status: 0 ended normally, 1 refused or failed, 2 misuse.
            """;

    private Help() {
    }

    static String version() {
        String version = Help.class.getPackage().getImplementationVersion();
        return "xvpproxy VncViewer " + (version == null ? "(not from a jar)" : version) + ", Java "
                + System.getProperty("java.version");
    }
}
