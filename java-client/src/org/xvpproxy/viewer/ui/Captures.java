package org.xvpproxy.viewer.ui;

import java.awt.image.BufferedImage;
import java.io.BufferedOutputStream;
import java.io.File;
import java.io.FileOutputStream;
import java.io.IOException;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

import javax.imageio.ImageIO;
import javax.swing.JFileChooser;
import javax.swing.SwingUtilities;
import javax.swing.filechooser.FileNameExtensionFilter;

import org.xvpproxy.viewer.ui.dialogs.Question;
import org.xvpproxy.viewer.ui.look.FirstFocus;
import org.xvpproxy.viewer.ui.look.Symbol;

/** Saves what is shown: one picture, or a recording. */
final class Captures {
    private final ViewerWindow window;
    private final Console console;
    private File folder;
    private String recordingTo = "";

    Captures(ViewerWindow window, Console console) {
        this.window = window;
        this.console = console;
    }

    /** Saves the picture as it is now; the user may take long to choose a file. */
    void screenshot() {
        BufferedImage picture = window.screen().copy();
        File file = picture == null ? null : choose("Save screenshot", "png", "PNG picture");
        if (file == null) {
            return;
        }
        new Thread(() -> {
            try {
                if (!ImageIO.write(picture, "png", file)) {
                    throw new IOException("this Java cannot write PNG");
                }
                report("Saved " + file.getName());
            } catch (IOException e) {
                SwingUtilities.invokeLater(() -> failed("The picture was not saved", file, e));
            }
        }, "screenshot").start();
    }

    /** Starts or ends a recording. */
    void toggleRecording() {
        if (console.isRecording()) {
            stop();
            return;
        }
        File file = console.isConnected() ? choose("Record session", "fbs", "FBS recording") : null;
        if (file != null && console.isConnected()) {
            try {
                console.record(new BufferedOutputStream(new FileOutputStream(file)));
                recordingTo = file.getName();
                window.say("Recording to " + recordingTo);
            } catch (IOException e) {
                failed("The recording did not start", file, e);
            }
        }
        window.updateActions();
    }

    private void stop() {
        try {
            console.stopRecording();
            window.say("Recorded to " + recordingTo + ". Play it with --replay.");
        } catch (IOException e) {
            failed("The recording is incomplete", new File(recordingTo), e);
        }
        window.updateActions();
    }

    private void report(String text) {
        SwingUtilities.invokeLater(() -> window.say(text));
    }

    private void failed(String headline, File file, IOException e) {
        Question.tell(window.frame(), "File", headline, "Writing " + file + " failed: " + e.getMessage()
                + ". Choose another place and try again.");
    }

    private File choose(String title, String ending, String kind) {
        JFileChooser chooser = new JFileChooser(folder);
        chooser.setDialogTitle(title);
        chooser.setFileFilter(new FileNameExtensionFilter(kind, ending));
        chooser.setSelectedFile(new File(chooser.getCurrentDirectory(), proposal() + "." + ending));
        FirstFocus.onTextField(chooser);
        if (chooser.showSaveDialog(window.frame()) != JFileChooser.APPROVE_OPTION) {
            return null;
        }
        folder = chooser.getCurrentDirectory();
        File file = chooser.getSelectedFile();
        if (!file.getName().toLowerCase(Locale.ROOT).endsWith("." + ending)) {
            file = new File(file.getPath() + "." + ending);
        }
        boolean free = !file.exists() || Question.confirm(window.frame(), title, Symbol.WARNING,
                "Replace " + file.getName() + "?", "There is a file of this name already.", "Replace", false);
        return free ? file : null;
    }

    private String proposal() {
        String name = window.machineName().replaceAll("[^\\p{L}\\p{N}._-]+", "-").replaceAll("^[-.]+|[-.]+$", "");
        String time = LocalDateTime.now().format(DateTimeFormatter.ofPattern("yyyy-MM-dd-HHmmss"));
        return (name.isEmpty() ? "console" : name) + "-" + time;
    }
}
