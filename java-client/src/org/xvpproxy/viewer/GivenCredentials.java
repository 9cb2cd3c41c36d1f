package org.xvpproxy.viewer;

import org.xvpproxy.viewer.rfb.Credentials;
import org.xvpproxy.viewer.rfb.UserPassword;

/** Answers from the command line, a file or the environment; nobody is asked. */
final class GivenCredentials implements Credentials {

    private final char[] password;
    private final String user;

    GivenCredentials(Options options) {
        this.password = options.password();
        this.user = options.settings().user();
    }

    @Override
    public char[] password(String what) {
        return password == null ? null : password.clone();
    }

    @Override
    public UserPassword userAndPassword(String what) {
        return password == null || user == null ? null : new UserPassword(user, password.clone());
    }
}
