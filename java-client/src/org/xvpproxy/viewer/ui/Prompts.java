package org.xvpproxy.viewer.ui;

import java.awt.Window;
import java.lang.reflect.InvocationTargetException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

import javax.swing.SwingUtilities;

import org.xvpproxy.viewer.net.CertificateQuestion;
import org.xvpproxy.viewer.net.UntrustedCertificate;
import org.xvpproxy.viewer.rfb.Credentials;
import org.xvpproxy.viewer.rfb.UserPassword;
import org.xvpproxy.viewer.ui.dialogs.CertificateDialog;
import org.xvpproxy.viewer.ui.dialogs.PasswordDialog;

/** Asks the user what the connecting thread needs to know. */
final class Prompts implements Credentials, CertificateQuestion {
    private final Window owner;
    private final Supplier<String> where;
    private final String user;
    private char[] given;

    /**
     * @param given the password from the command line, a file or the environment, tried once before asking; or null
     * @param user the name to propose, or null
     */
    Prompts(Window owner, Supplier<String> where, char[] given, String user) {
        this.owner = owner;
        this.where = where;
        this.given = given == null ? null : given.clone();
        this.user = user == null ? "" : user;
    }

    @Override
    public char[] password(String what) {
        char[] known = takeGiven();
        if (known != null) {
            return known;
        }
        UserPassword answer = ask(() -> PasswordDialog.ask(owner, where.get(), what, null));
        return answer == null ? null : answer.password();
    }

    @Override
    public UserPassword userAndPassword(String what) {
        char[] known = user.isEmpty() ? null : takeGiven();
        return known != null ? new UserPassword(user, known)
                : ask(() -> PasswordDialog.ask(owner, where.get(), what, user));
    }

    @Override
    public boolean trust(UntrustedCertificate certificate) {
        return Boolean.TRUE.equals(ask(() -> CertificateDialog.ask(owner, certificate)));
    }

    private synchronized char[] takeGiven() {
        char[] known = given;
        given = null;
        return known;
    }

    private static <T> T ask(Supplier<T> dialog) {
        AtomicReference<T> answer = new AtomicReference<>();
        try {
            SwingUtilities.invokeAndWait(() -> answer.set(dialog.get()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (InvocationTargetException e) {
            throw new IllegalStateException(e.getCause());
        }
        return answer.get();
    }
}
