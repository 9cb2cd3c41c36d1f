package org.xvpproxy.viewer.ui.look;

import java.awt.BasicStroke;
import java.awt.Graphics2D;
import java.awt.geom.Arc2D;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Line2D;
import java.awt.geom.Path2D;
import java.awt.geom.RoundRectangle2D;

/** The pictures on buttons, drawn with lines on a grid of 20 by 20 in the current colour. */
public enum Symbol {
    CTRL_ALT_DEL {
        @Override
        void draw(Graphics2D g) {
            keycap(g, 1.5, 3, 7.5);
            keycap(g, 11, 3, 7.5);
            keycap(g, 6.2, 11, 7.5);
        }
    },
    KEYS {
        @Override
        void draw(Graphics2D g) {
            g.draw(new RoundRectangle2D.Double(1.5, 4.5, 17, 11, 3, 3));
            for (int i = 0; i < 5; i++) {
                dot(g, 4.2 + i * 2.9, 7.8);
                if (i < 4) {
                    dot(g, 5.6 + i * 2.9, 10.2);
                }
            }
            line(g, 6.5, 12.9, 13.5, 12.9);
        }
    },
    TYPE_CLIPBOARD {
        @Override
        void draw(Graphics2D g) {
            path(g, 7, 4, 4, 4, 4, 17.5, 16, 17.5, 16, 4, 13, 4);
            g.draw(new RoundRectangle2D.Double(7, 2.3, 6, 3.4, 1.5, 1.5));
            path(g, 7.2, 9.6, 12.8, 9.6);
            path(g, 10, 9.6, 10, 14.6);
        }
    },
    FIT {
        @Override
        void draw(Graphics2D g) {
            g.draw(new RoundRectangle2D.Double(2, 3.5, 16, 13, 2, 2));
            path(g, 5, 10, 15, 10);
            path(g, 7, 8, 5, 10, 7, 12);
            path(g, 13, 8, 15, 10, 13, 12);
        }
    },
    FULL_SCREEN {
        @Override
        void draw(Graphics2D g) {
            path(g, 3, 7.5, 3, 3, 7.5, 3);
            path(g, 12.5, 3, 17, 3, 17, 7.5);
            path(g, 17, 12.5, 17, 17, 12.5, 17);
            path(g, 7.5, 17, 3, 17, 3, 12.5);
        }
    },
    LEAVE_FULL_SCREEN {
        @Override
        void draw(Graphics2D g) {
            path(g, 3, 7.5, 7.5, 7.5, 7.5, 3);
            path(g, 12.5, 3, 12.5, 7.5, 17, 7.5);
            path(g, 17, 12.5, 12.5, 12.5, 12.5, 17);
            path(g, 7.5, 17, 7.5, 12.5, 3, 12.5);
        }
    },
    SCREENSHOT {
        @Override
        void draw(Graphics2D g) {
            path(g, 2, 6, 6, 6, 7.5, 3.5, 12.5, 3.5, 14, 6, 18, 6, 18, 16, 2, 16, 2, 6);
            g.draw(new Ellipse2D.Double(6.8, 7.4, 6.4, 6.4));
        }
    },
    RECORD {
        @Override
        void draw(Graphics2D g) {
            g.draw(new Ellipse2D.Double(2.5, 2.5, 15, 15));
            g.fill(new Ellipse2D.Double(6.5, 6.5, 7, 7));
        }
    },
    EYE {
        @Override
        void draw(Graphics2D g) {
            Path2D p = new Path2D.Double();
            p.moveTo(1.5, 10);
            p.curveTo(5, 4, 15, 4, 18.5, 10);
            p.curveTo(15, 16, 5, 16, 1.5, 10);
            g.draw(p);
            g.draw(new Ellipse2D.Double(7.3, 7.3, 5.4, 5.4));
        }
    },
    SHUTDOWN {
        @Override
        void draw(Graphics2D g) {
            g.draw(new Arc2D.Double(3.5, 4, 13, 13, 120, 300, Arc2D.OPEN));
            line(g, 10, 2, 10, 9);
        }
    },
    REBOOT {
        @Override
        void draw(Graphics2D g) {
            g.draw(new Arc2D.Double(3.5, 3.5, 13, 13, 60, 290, Arc2D.OPEN));
            path(g, 13.6, 0.9, 13.3, 4.5, 9.9, 4.6);
        }
    },
    RESET {
        @Override
        void draw(Graphics2D g) {
            path(g, 11.5, 1.8, 4.5, 11.2, 9.4, 11.2, 8.2, 18.2, 15.5, 8.4, 10.4, 8.4, 11.5, 1.8);
        }
    },
    DISCONNECT {
        @Override
        void draw(Graphics2D g) {
            plug(g);
            line(g, 3, 3, 17, 17);
        }
    },
    CONNECT {
        @Override
        void draw(Graphics2D g) {
            plug(g);
        }
    },
    LOCK {
        @Override
        void draw(Graphics2D g) {
            g.draw(new RoundRectangle2D.Double(4, 9, 12, 8.5, 2, 2));
            g.draw(new Arc2D.Double(6.2, 2.5, 7.6, 9, 0, 180, Arc2D.OPEN));
            path(g, 6.2, 7, 6.2, 9);
            path(g, 13.8, 7, 13.8, 9);
            line(g, 10, 12, 10, 14.5);
        }
    },
    WARNING {
        @Override
        void draw(Graphics2D g) {
            path(g, 10, 2.2, 18.6, 17, 1.4, 17, 10, 2.2);
            line(g, 10, 7.5, 10, 12);
            dot(g, 10, 14.5);
        }
    },
    DOWN {
        @Override
        void draw(Graphics2D g) {
            path(g, 6, 8, 10, 12, 14, 8);
        }
    };

    private static final float LINE_WIDTH = 1.5f;

    /** Draws on the grid; the caller has set colour, scale and antialiasing. */
    abstract void draw(Graphics2D g);

    static BasicStroke stroke() {
        return new BasicStroke(LINE_WIDTH, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND);
    }

    private static void line(Graphics2D g, double x1, double y1, double x2, double y2) {
        g.draw(new Line2D.Double(x1, y1, x2, y2));
    }

    private static void dot(Graphics2D g, double x, double y) {
        g.fill(new Ellipse2D.Double(x - 0.9, y - 0.9, 1.8, 1.8));
    }

    private static void keycap(Graphics2D g, double x, double y, double size) {
        g.draw(new RoundRectangle2D.Double(x, y, size, size - 1, 2, 2));
    }

    private static void path(Graphics2D g, double... points) {
        Path2D p = new Path2D.Double();
        p.moveTo(points[0], points[1]);
        for (int i = 2; i < points.length; i += 2) {
            p.lineTo(points[i], points[i + 1]);
        }
        g.draw(p);
    }

    private static void plug(Graphics2D g) {
        path(g, 7.5, 2.5, 7.5, 6.5);
        path(g, 12.5, 2.5, 12.5, 6.5);
        path(g, 5, 6.5, 15, 6.5, 15, 9.5, 12.5, 12.5, 7.5, 12.5, 5, 9.5, 5, 6.5);
        line(g, 10, 12.5, 10, 17.5);
    }
}
