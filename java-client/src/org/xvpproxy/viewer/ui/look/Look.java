package org.xvpproxy.viewer.ui.look;

import java.awt.Color;
import java.awt.Font;

import javax.swing.UIManager;
import javax.swing.UnsupportedLookAndFeelException;
import javax.swing.plaf.ColorUIResource;
import javax.swing.plaf.nimbus.NimbusLookAndFeel;

/** The system's look where there is one; colours and fonts that all windows of the viewer share. */
public final class Look {
    public static final Color ACCENT = new Color(0x2a6cb3);
    public static final Color DANGER = new Color(0xb3261e);
    public static final Color WARNING = new Color(0xa15c00);
    public static final Color TEXT = new Color(0x1f2328);
    public static final Color QUIET_TEXT = new Color(0x5d6670);
    public static final Color CHROME = new Color(0xf3f4f6);
    public static final Color LINE = new Color(0xd3d7dc);
    public static final Color PAPER = Color.WHITE;
    /** Around the picture: dark, so that the eye stays on it. */
    public static final Color BACKDROP = new Color(0x2b2e33);

    private static final int TEXT_POINTS = 13;

    private Look() {
    }

    /** Must run before AWT starts: without a desktop's own settings, X11 would get text with jagged edges. */
    public static void smoothText() {
        if (System.getProperty("awt.useSystemAAFontSettings") == null && System.getenv("XDG_CURRENT_DESKTOP") == null) {
            System.setProperty("awt.useSystemAAFontSettings", "on");
        }
    }

    /** Installs the system's look; where Swing has none of its own for the system, Nimbus in quiet colours. */
    public static void install() {
        try {
            String system = UIManager.getSystemLookAndFeelClassName();
            if (!system.equals(UIManager.getCrossPlatformLookAndFeelClassName())) {
                UIManager.setLookAndFeel(system);
                return;
            }
            quietNimbus();
        } catch (ReflectiveOperationException | UnsupportedLookAndFeelException e) {
            throw new IllegalStateException("the JDK's own look and feel is missing", e);
        }
    }

    private static void quietNimbus() throws UnsupportedLookAndFeelException {
        UIManager.put("control", new ColorUIResource(CHROME));
        UIManager.put("nimbusBase", new ColorUIResource(0x3a6ea5));
        UIManager.put("nimbusBlueGrey", new ColorUIResource(0xb4bbc4));
        UIManager.put("nimbusSelectionBackground", new ColorUIResource(ACCENT));
        UIManager.put("nimbusFocus", new ColorUIResource(0x7fb0e3));
        UIManager.put("text", new ColorUIResource(TEXT));
        UIManager.put("info", new ColorUIResource(0xfffbe6));
        UIManager.put("defaultFont", text());
        UIManager.setLookAndFeel(new NimbusLookAndFeel());
    }

    /** Ordinary text. */
    public static Font text() {
        return new Font(Font.SANS_SERIF, Font.PLAIN, TEXT_POINTS);
    }

    /** The one line that matters. */
    public static Font headline() {
        return new Font(Font.SANS_SERIF, Font.BOLD, TEXT_POINTS + 5);
    }

    /** Ordinary text, bold. */
    public static Font strong() {
        return new Font(Font.SANS_SERIF, Font.BOLD, TEXT_POINTS);
    }

    /** Text of secondary interest. */
    public static Font small() {
        return new Font(Font.SANS_SERIF, Font.PLAIN, TEXT_POINTS - 1);
    }

    /** Fingerprints and addresses. */
    public static Font fixedWidth() {
        return new Font(Font.MONOSPACED, Font.PLAIN, TEXT_POINTS);
    }
}
