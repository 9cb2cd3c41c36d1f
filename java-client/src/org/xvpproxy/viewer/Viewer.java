package org.xvpproxy.viewer;

/** The program: arguments in, exit status out. */
public final class Viewer {

    private Viewer() {
    }

    public static void main(String[] arguments) {
        System.exit(2);
    }
}
