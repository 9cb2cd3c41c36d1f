package org.xvpproxy.viewer.ui.dialogs;

import java.awt.Dimension;
import java.awt.FlowLayout;
import java.awt.Window;

import javax.swing.JButton;
import javax.swing.JComboBox;
import javax.swing.JLabel;
import javax.swing.JPanel;
import javax.swing.JProgressBar;
import javax.swing.JScrollPane;
import javax.swing.JTextArea;
import javax.swing.Timer;
import javax.swing.event.DocumentEvent;
import javax.swing.event.DocumentListener;

import org.xvpproxy.viewer.ui.keys.KeySink;
import org.xvpproxy.viewer.ui.keys.Typist;
import org.xvpproxy.viewer.ui.keys.TypingPlan;
import org.xvpproxy.viewer.ui.keys.TypingPlan.Keyboard;
import org.xvpproxy.viewer.ui.look.Card;
import org.xvpproxy.viewer.ui.look.FlatBarUI;
import org.xvpproxy.viewer.ui.look.FlatButtonUI;
import org.xvpproxy.viewer.ui.look.Look;
import org.xvpproxy.viewer.ui.look.Paragraph;
import org.xvpproxy.viewer.ui.look.Sheet;
import org.xvpproxy.viewer.ui.look.Symbol;

/** Types a text at the console key by key: the way in for passwords and commands where there is no clipboard. */
public final class TypeTextDialog {
    private final Sheet sheet;
    private final KeySink sink;
    private final JTextArea text;
    private final JComboBox<Keyboard> keyboard = new JComboBox<>(Keyboard.values());
    private final JComboBox<Speed> speed = new JComboBox<>(Speed.values());
    private final Paragraph verdict = new Paragraph(" ", Look.small(), Look.QUIET_TEXT, Card.TEXT_WIDTH);
    private final JProgressBar progress = FlatBarUI.on(new JProgressBar(), Card.TEXT_WIDTH);
    private final JButton type;
    private Typist typist;
    private Timer pace;

    private enum Speed {
        SLOW("8 keys a second", 125), NORMAL("30 keys a second", 33), FAST("100 keys a second", 10);

        private final String label;
        private final int millis;

        Speed(String label, int millis) {
            this.label = label;
            this.millis = millis;
        }

        @Override
        public String toString() {
            return label;
        }
    }

    /** Prepares the dialog with a text to start from. */
    public TypeTextDialog(Window owner, String proposal, Keyboard proposedKeyboard, KeySink sink) {
        this.sink = sink;
        sheet = new Sheet(owner, "Type text", Symbol.TYPE_CLIPBOARD, Look.ACCENT, "Type this at the console");
        text = new JTextArea(proposal, 6, 30);
        text.setFont(Look.fixedWidth());
        text.setLineWrap(true);
        keyboard.setSelectedItem(proposedKeyboard);
        speed.setSelectedItem(Speed.NORMAL);
        JScrollPane scroll = new JScrollPane(text);
        scroll.setPreferredSize(new Dimension(Card.TEXT_WIDTH, 130));
        sheet.card().with(scroll);
        JPanel choices = new JPanel(new FlowLayout(FlowLayout.LEFT, 0, 0));
        choices.setOpaque(false);
        choices.add(keyboard);
        choices.add(new JLabel("   "));
        choices.add(speed);
        sheet.card().with(choices);
        verdict.setRows(2);
        sheet.card().with(verdict);
        sheet.card().with(progress);
        type = sheet.card().button("Type", FlatButtonUI.Style.PRIMARY, event -> begin());
        sheet.button("Cancel", FlatButtonUI.Style.PLAIN, this::stop);
        sheet.onClose(this::stop);
        listen();
    }

    private void listen() {
        text.getDocument().addDocumentListener(new DocumentListener() {
            @Override
            public void insertUpdate(DocumentEvent event) {
                judge();
            }

            @Override
            public void removeUpdate(DocumentEvent event) {
                judge();
            }

            @Override
            public void changedUpdate(DocumentEvent event) {
                judge();
            }
        });
        keyboard.addActionListener(event -> judge());
        speed.addActionListener(event -> judge());
        judge();
    }

    /** Opens the dialog; returns when the text is typed or the user gave up. */
    public void open() {
        sheet.open(type, type.isEnabled() ? type : text);
    }

    private TypingPlan plan() {
        return TypingPlan.of(text.getText(), (Keyboard) keyboard.getSelectedItem());
    }

    private void judge() {
        TypingPlan plan = plan();
        boolean possible = plan.refused().isEmpty();
        if (!possible) {
            verdict.setText("No key makes " + plan.refusedNames() + ". Change the text"
                    + (keyboard.getSelectedItem() == Keyboard.US ? ", or choose the other keyboard." : "."));
        } else {
            int count = plan.strokes().size();
            double seconds = count * ((Speed) speed.getSelectedItem()).millis / 1000.0;
            verdict.setText(count == 0 ? "There is no text in the clipboard; write some here."
                    : count + (count == 1 ? " key, " : " keys, ") + (seconds < 1 ? "less than a second"
                    : "about " + Math.round(seconds) + " s") + ". Put the console's cursor where the text belongs first.");
        }
        verdict.setForeground(possible ? Look.QUIET_TEXT : Look.DANGER);
        type.setEnabled(possible && !plan.strokes().isEmpty() && typist == null);
    }

    private void begin() {
        typist = new Typist(plan(), sink);
        progress.setMaximum(typist.total());
        text.setEnabled(false);
        keyboard.setEnabled(false);
        speed.setEnabled(false);
        type.setEnabled(false);
        type.setText("Typing ...");
        pace = new Timer(((Speed) speed.getSelectedItem()).millis, event -> step());
        pace.setInitialDelay(0);
        pace.start();
    }

    private void step() {
        boolean more = typist.step();
        progress.setValue(typist.done());
        verdict.setText(typist.done() + " of " + typist.total() + " keys typed");
        if (!more) {
            stop();
            sheet.close();
        }
    }

    private void stop() {
        if (pace != null) {
            pace.stop();
        }
    }
}
