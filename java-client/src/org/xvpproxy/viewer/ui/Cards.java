package org.xvpproxy.viewer.ui;

import java.awt.Dimension;
import java.util.function.Consumer;

import javax.swing.JButton;
import javax.swing.JProgressBar;
import javax.swing.JTextField;

import org.xvpproxy.viewer.net.Target;
import org.xvpproxy.viewer.ui.look.Card;
import org.xvpproxy.viewer.ui.look.FirstFocus;
import org.xvpproxy.viewer.ui.look.FlatBarUI;
import org.xvpproxy.viewer.ui.look.FlatButtonUI;
import org.xvpproxy.viewer.ui.look.Look;
import org.xvpproxy.viewer.ui.look.Paragraph;
import org.xvpproxy.viewer.ui.look.Symbol;

/** What lies over the screen while there is no session. */
final class Cards {

    private Cards() {
    }

    /** Under way, with a bar that moves and a way to give up. */
    static Card connecting(String step, Runnable cancel) {
        Card card = new Card(Symbol.CONNECT, Look.ACCENT, step);
        JProgressBar bar = FlatBarUI.on(new JProgressBar(), Card.TEXT_WIDTH);
        bar.setIndeterminate(true);
        card.with(bar);
        FirstFocus.on(card.button("Cancel", FlatButtonUI.Style.PLAIN, event -> cancel.run()));
        return card;
    }

    /** Why there is no console, with a way to try again; {@code retry} is null where that is not offered. */
    static Card failure(Failure failure, Runnable retry, Runnable quit) {
        Card card = explain(failure);
        card.note(failure.details());
        if (retry != null) {
            FirstFocus.on(card.button(failure.endedWell() ? "Reconnect" : "Try again", FlatButtonUI.Style.PRIMARY,
                    event -> retry.run()));
        }
        card.button("Close", FlatButtonUI.Style.PLAIN, event -> quit.run());
        return card;
    }

    /** The same, with the seconds until it is tried again without being asked. */
    static Card waiting(Failure failure, int seconds, String attempt, Runnable now, Runnable stop) {
        Card card = explain(failure);
        card.note("Trying again in " + seconds + (seconds == 1 ? " second" : " seconds") + " (" + attempt + ").");
        JButton again = card.button("Try now", FlatButtonUI.Style.PRIMARY, event -> now.run());
        card.button("Stop trying", FlatButtonUI.Style.PLAIN, event -> stop.run());
        FirstFocus.on(again);
        return card;
    }

    private static Card explain(Failure failure) {
        Symbol symbol = failure.endedWell() ? Symbol.DISCONNECT : Symbol.WARNING;
        Card card = new Card(symbol, failure.endedWell() ? Look.QUIET_TEXT : Look.DANGER, failure.headline());
        return card.say(failure.sentence()).say(failure.advice());
    }

    /** Asks where to go. */
    static Card address(Consumer<Target> connect) {
        Card card = new Card(Symbol.CONNECT, Look.ACCENT, "Which console?");
        card.say("Paste the access URL you were given, or the address of a VNC server (host:display or host::port).");
        JTextField field = new JTextField();
        field.setFont(Look.text());
        field.setMaximumSize(new Dimension(Card.TEXT_WIDTH, field.getPreferredSize().height + 6));
        field.setPreferredSize(field.getMaximumSize());
        Paragraph complaint = new Paragraph(" ", Look.small(), Look.DANGER, Card.TEXT_WIDTH);
        complaint.setRows(2);
        card.with(field).with(complaint);
        JButton go = card.button("Connect", FlatButtonUI.Style.PRIMARY, event -> {
            try {
                connect.accept(Target.parse(field.getText().strip()));
            } catch (IllegalArgumentException e) {
                complaint.setText(e.getMessage());
            }
        });
        field.addActionListener(event -> go.doClick());
        FirstFocus.on(field);
        return card;
    }
}
