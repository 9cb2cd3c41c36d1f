"""The pictures show the figures, and cut no bar that matters."""

import json
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from bench.plot import main


class PlotTest(SynchronousTestCase):
    def setUp(self):
        self.into = Path(self.mktemp())
        self.into.mkdir()
        self.json, self.soak = self.into / "bench.json", self.into / "soak.json"

    def draw(self):
        return main(["--json", str(self.json), "--soak", str(self.soak), "--into", str(self.into)])

    def measured(self, **seconds):
        """A run of bulk:1 with so many CPU seconds a GiB by peer."""
        figures = {peer.replace("_", "-"): {"cpu_s_per_gib": each} for peer, each in seconds.items()}
        self.json.write_text(json.dumps({"scenarios": {"bulk:1": {"rounds": [figures]}}}))
        self.assertEqual(self.draw(), 0)
        return (self.into / "performance.svg").read_text()

    def test_shows_the_figure_of_each_peer(self):
        drawn = self.measured(haproxy_splice=0.25, nginx=0.875, xvpproxy=0.3125)
        for what in ("bulk:1: CPU s/GiB", "haproxy-splice", "nginx", "xvpproxy", "0.25", "0.88", "0.31"):
            self.assertIn(f">{what}</text>", drawn)

    def test_cuts_a_bar_that_dwarfs_all_others_and_says_so(self):
        self.assertIn(">9.00 (cut)<", self.measured(haproxy_splice=0.25, websockify=9.0, xvpproxy=0.3))

    def test_never_cuts_our_own(self):
        self.assertIn(">9.00<", self.measured(haproxy_splice=0.25, websockify=0.3, xvpproxy=9.0))

    def test_the_same_figures_give_the_same_picture(self):
        self.assertEqual(self.measured(xvpproxy=1.0), self.measured(xvpproxy=1.0))

    def test_shows_a_soak(self):
        samples = [{"seconds": float(at), "own_kib": 40_000, "descriptors": 12} for at in range(10)]
        self.soak.write_text(json.dumps({"about": {"sessions": 1000}, "samples": samples, "window_seconds": 3.0}))
        self.assertEqual(self.draw(), 0)
        drawn = (self.into / "performance-soak.svg").read_text()
        self.assertIn("with 1,000 sessions of a mixed load", drawn)
        self.assertIn("warm-up", drawn)

    def test_says_what_to_do_when_nothing_was_measured(self):
        self.assertEqual(self.draw(), 2)
