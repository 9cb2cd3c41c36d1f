package org.xvpproxy.viewer.rfb;

/**
 * Where secrets for the console come from: the user, a file, the environment. Called on the connecting thread;
 * the arrays given are wiped after use.
 */
public interface Credentials {

    /**
     * The password, or null if the user gave up.
     *
     * @param what who wants it, fit for a prompt ("VNC authentication")
     */
    char[] password(String what);

    /** User name and password, or null if the user gave up. */
    UserPassword userAndPassword(String what);
}
