package org.xvpproxy.viewer.rfb;

/** A user name with its password; prints neither. */
public record UserPassword(String user, char[] password) {

    @Override
    public String toString() {
        return "UserPassword[...]";
    }
}
