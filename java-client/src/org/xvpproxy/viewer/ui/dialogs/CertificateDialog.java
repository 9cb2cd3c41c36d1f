package org.xvpproxy.viewer.ui.dialogs;

import java.awt.Color;
import java.awt.Window;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.format.FormatStyle;
import java.util.concurrent.atomic.AtomicBoolean;

import javax.swing.JButton;

import org.xvpproxy.viewer.net.UntrustedCertificate;
import org.xvpproxy.viewer.ui.look.FactTable;
import org.xvpproxy.viewer.ui.look.FlatButtonUI;
import org.xvpproxy.viewer.ui.look.Look;
import org.xvpproxy.viewer.ui.look.Sheet;
import org.xvpproxy.viewer.ui.look.Symbol;

/** Asks whether a certificate is to be trusted. Everything but the one button means no. */
public final class CertificateDialog {
    private static final int PAIRS_IN_LINE = 16;
    private static final int PAIR = 3;

    private CertificateDialog() {
    }

    /** Asks on the event thread; returns whether the user trusts the certificate from now on. */
    public static boolean ask(Window owner, UntrustedCertificate certificate) {
        boolean changed = certificate.changedFrom() != null;
        String place = certificate.host() + ":" + certificate.port();
        Sheet sheet = changed
                ? new Sheet(owner, "The certificate has changed", Symbol.WARNING, Look.DANGER,
                        "The certificate of " + place + " has changed")
                : new Sheet(owner, "Unknown certificate", Symbol.LOCK, Look.WARNING, "Is this really " + place + "?");
        if (changed) {
            sheet.card().warn("It is not the one you trusted before. Either the gateway got a new certificate, or somebody"
                    + " is listening in. Do not go on unless its operator confirms the new fingerprint.");
        }
        sheet.card().say(certificate.reason());
        sheet.card().with(facts(certificate));
        if (!changed) {
            sheet.card().note("Compare the fingerprint with what the gateway's operator tells you. Your answer is remembered"
                    + " for this host and port.");
        }
        return open(sheet, changed);
    }

    private static boolean open(Sheet sheet, boolean changed) {
        AtomicBoolean trusted = new AtomicBoolean();
        JButton no = sheet.button(changed ? "Do not connect" : "Cancel", FlatButtonUI.Style.PRIMARY, () -> { });
        sheet.button(changed ? "Trust the new one" : "Trust and remember",
                changed ? FlatButtonUI.Style.DANGER : FlatButtonUI.Style.PLAIN, () -> trusted.set(true));
        sheet.open(no, no);
        return trusted.get();
    }

    private static FactTable facts(UntrustedCertificate certificate) {
        FactTable facts = new FactTable();
        if (certificate.changedFrom() != null) {
            facts.fixed("SHA-256 before", lines(certificate.changedFrom()), Look.QUIET_TEXT);
        }
        Color loud = certificate.changedFrom() != null ? Look.DANGER : Look.TEXT;
        facts.fixed(certificate.changedFrom() != null ? "SHA-256 now" : "SHA-256", lines(certificate.sha256()), loud);
        facts.fact("Issued to", certificate.subject());
        facts.fact("Issued by", certificate.issuer());
        DateTimeFormatter day = DateTimeFormatter.ofLocalizedDate(FormatStyle.MEDIUM).withZone(ZoneId.systemDefault());
        facts.fact("Valid", day.format(certificate.notBefore()) + " to " + day.format(certificate.notAfter()));
        return facts;
    }

    /** Breaks a fingerprint of 32 pairs into two lines that can be read aloud. */
    static String lines(String fingerprint) {
        int half = PAIRS_IN_LINE * PAIR;
        return fingerprint.length() <= half ? fingerprint
                : fingerprint.substring(0, half - 1) + "\n" + fingerprint.substring(half);
    }
}
