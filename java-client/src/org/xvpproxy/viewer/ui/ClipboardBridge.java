package org.xvpproxy.viewer.ui;

import java.awt.Toolkit;
import java.awt.datatransfer.Clipboard;
import java.awt.datatransfer.DataFlavor;
import java.awt.datatransfer.StringSelection;
import java.awt.datatransfer.UnsupportedFlavorException;
import java.io.IOException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;

import javax.swing.SwingUtilities;

/**
 * Joins the system's clipboard and the console's. Asking the system may take seconds when another program is slow to
 * answer, so that happens on a thread of its own.
 */
final class ClipboardBridge {
    private static final int LONGEST = 8 << 20;

    private final Clipboard system = Toolkit.getDefaultToolkit().getSystemClipboard();
    private final Consumer<String> console;
    private final ExecutorService worker = Executors.newSingleThreadExecutor(work -> {
        Thread thread = new Thread(work, "clipboard");
        thread.setDaemon(true);
        return thread;
    });
    private boolean outward = true;
    private boolean inward = true;
    private String last = "";

    /** Offers local text to {@code console}. */
    ClipboardBridge(Consumer<String> console) {
        this.console = console;
        system.addFlavorListener(event -> offer());
    }

    /** Switches the directions: local text to the console, the console's text to here. */
    void allow(boolean toConsole, boolean fromConsole) {
        outward = toConsole;
        inward = fromConsole;
    }

    /** Offers the local text if it is not what the console knows already. */
    void offer() {
        if (outward) {
            read(text -> {
                if (!text.isEmpty() && !text.equals(last)) {
                    last = text;
                    console.accept(text);
                }
            });
        }
    }

    /** A new session knows nothing yet. */
    void forget() {
        last = "";
    }

    /** The console's clipboard has this text now. */
    void received(String text) {
        if (inward && !text.equals(last)) {
            last = text;
            worker.execute(() -> write(text));
        }
    }

    /** Reads the local text and hands it over on the event thread; empty if there is none. */
    void read(Consumer<String> reader) {
        worker.execute(() -> {
            String text = current();
            SwingUtilities.invokeLater(() -> reader.accept(text));
        });
    }

    private String current() {
        try {
            if (!system.isDataFlavorAvailable(DataFlavor.stringFlavor)) {
                return "";
            }
            String text = (String) system.getData(DataFlavor.stringFlavor);
            return text == null || text.length() > LONGEST ? "" : text.replace("\r\n", "\n");
        } catch (UnsupportedFlavorException | IOException | IllegalStateException e) {
            // Its owner just changed or does not answer: there will be another event.
            return "";
        }
    }

    private void write(String text) {
        try {
            system.setContents(new StringSelection(text), null);
        } catch (IllegalStateException e) {
            // Another program holds it at this moment; the next copy will come through.
            return;
        }
    }
}
