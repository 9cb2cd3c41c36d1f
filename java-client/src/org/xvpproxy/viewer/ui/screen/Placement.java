package org.xvpproxy.viewer.ui.screen;

import java.awt.Dimension;
import java.awt.Point;
import java.awt.Rectangle;

/**
 * Where the remote picture lies in its component. The picture's place and size are in monitor pixels; component
 * coordinates are AWT's user space, {@code deviceScale} monitor pixels each.
 */
public record Placement(int remoteWidth, int remoteHeight, int x, int y, int width, int height, double deviceScale) {

    /** Centres the picture in a component of the given user-space size; fitting keeps the aspect ratio. */
    public static Placement of(Zoom zoom, int remoteWidth, int remoteHeight, Dimension component, double deviceScale) {
        int availableWidth = (int) Math.round(component.width * deviceScale);
        int availableHeight = (int) Math.round(component.height * deviceScale);
        double factor = zoom.factor(deviceScale);
        if (zoom.mode() == Zoom.Mode.FIT && remoteWidth > 0 && remoteHeight > 0) {
            factor = Math.min((double) availableWidth / remoteWidth, (double) availableHeight / remoteHeight);
        }
        int width = remoteWidth == 0 ? 0 : Math.max(1, (int) Math.round(remoteWidth * factor));
        int height = remoteHeight == 0 ? 0 : Math.max(1, (int) Math.round(remoteHeight * factor));
        return new Placement(remoteWidth, remoteHeight, Math.max(0, (availableWidth - width) / 2),
                Math.max(0, (availableHeight - height) / 2), width, height, deviceScale);
    }

    /** The user-space size a component needs to show the picture at a fixed zoom. */
    public static Dimension preferredSize(Zoom zoom, int remoteWidth, int remoteHeight, double deviceScale) {
        double factor = zoom.factor(deviceScale) / deviceScale;
        return new Dimension((int) Math.ceil(remoteWidth * factor), (int) Math.ceil(remoteHeight * factor));
    }

    /** The remote pixel under a component position; positions beside the picture count as its nearest pixel. */
    public Point toRemote(int componentX, int componentY) {
        return new Point(along((componentX + 0.5) * deviceScale - x, remoteWidth, width),
                along((componentY + 0.5) * deviceScale - y, remoteHeight, height));
    }

    private static int along(double position, int remote, int shown) {
        if (shown == 0) {
            return 0;
        }
        int pixel = (int) Math.floor(position * remote / shown);
        return Math.max(0, Math.min(remote - 1, pixel));
    }

    /** The component position, in user space, in the middle of a remote pixel. */
    public Point toComponent(int remoteX, int remoteY) {
        double deviceX = x + (remoteX + 0.5) * width / Math.max(1, remoteWidth);
        double deviceY = y + (remoteY + 0.5) * height / Math.max(1, remoteHeight);
        return new Point((int) Math.floor(deviceX / deviceScale), (int) Math.floor(deviceY / deviceScale));
    }

    /** The part of the component, in user space, that changes when a remote rectangle does. */
    public Rectangle toComponent(Rectangle remote) {
        // Smooth scaling mixes in one neighbour on each side.
        int margin = isUnscaled() ? 0 : 1;
        double factorX = (double) width / Math.max(1, remoteWidth);
        double factorY = (double) height / Math.max(1, remoteHeight);
        double left = x + (remote.x - margin) * factorX;
        double top = y + (remote.y - margin) * factorY;
        double right = x + (remote.x + remote.width + margin) * factorX;
        double bottom = y + (remote.y + remote.height + margin) * factorY;
        int userX = (int) Math.floor(left / deviceScale);
        int userY = (int) Math.floor(top / deviceScale);
        return new Rectangle(userX, userY, (int) Math.ceil(right / deviceScale) - userX,
                (int) Math.ceil(bottom / deviceScale) - userY);
    }

    /** Whether one remote pixel is exactly one pixel of the monitor. */
    public boolean isUnscaled() {
        return width == remoteWidth && height == remoteHeight;
    }

    /** The zoom in force, in percent of the desktop's own size in user space. */
    public int percent() {
        return remoteWidth == 0 ? 100 : (int) Math.round(100.0 * width / remoteWidth / deviceScale);
    }
}
