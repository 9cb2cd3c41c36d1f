"""The tables of docs/performance.md, and what they say of the targets."""

from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from bench.report import BEGIN, END, against, compared, growing, lines, paired, place
from bench.targets import findings


def cpu(**seconds):
    """A round in which each peer took so many CPU seconds a GiB."""
    return {name.replace("_", "-"): {"cpu_s_per_gib": each} for name, each in seconds.items()}


BULK = [
    cpu(haproxy_splice=0.2, xvpproxy=0.2),
    cpu(haproxy_splice=0.1, xvpproxy=0.13),
    cpu(haproxy_splice=1, xvpproxy=1),
]


class FindingsTest(SynchronousTestCase):
    def finding(self, word, rounds):
        (found,) = (each for each in findings({word: rounds}) if each.rounds)
        return found

    def test_a_target_is_reached_by_the_median_of_the_rounds(self):
        found = self.finding("bulk:1", BULK)
        self.assertEqual((found.value, found.least, found.most, found.rounds), (1.0, 1.0, 1.3, 3))
        self.assertEqual(found.verdict, "reached, beyond; rounds on both sides")

    def test_a_target_is_missed_or_reached(self):
        for ours, verdict in ((0.9, "reached, beyond"), (1.1, "reached"), (1.2, "missed")):
            found = self.finding("bulk:1", [cpu(haproxy_splice=1.0, xvpproxy=ours)])
            self.assertEqual(found.verdict, verdict, ours)

    def test_an_absolute_target_needs_no_other_peer(self):
        found = self.finding("idle:9500", [{"xvpproxy": {"pss_kib_per_session": 0.6}}])
        self.assertEqual((found.value, found.verdict), (0.6, "reached"))

    def test_two_workers_are_compared_with_one(self):
        rounds = [cpu(haproxy_splice=0.1, xvpproxy=1.0) | {"xvpproxy-2": {"cpu_s_per_gib": 1.1}}]
        two = [each for each in findings({"bulk:32": rounds}) if each.target.ours == "xvpproxy-2" and each.rounds]
        self.assertEqual([each.value for each in two], [1.1])

    def test_a_peer_that_was_not_there_is_no_finding(self):
        found = findings({"bulk:1": [cpu(xvpproxy=1.0)]})
        self.assertEqual({each.verdict for each in found}, {"not measured"})


class TablesTest(SynchronousTestCase):
    def test_compares_peers_with_the_gateway_last_and_pairs_apart(self):
        rounds = {"bulk:1": [cpu(xvpproxy=0.3, direct=0.0, haproxy_splice=0.2, nginx=0.4) | {"xvpproxy-2": {}}]}
        self.assertEqual(
            compared(rounds, "haproxy-splice", tls=False),
            [
                ["scenario", "figure", "haproxy-splice", "nginx", "xvpproxy"],
                ["bulk:1", "CPU s/GiB", "0.20 (1.00)", "0.40 (2.00)", "0.30 (1.50)"],
            ],
        )

    def test_shows_a_latency_above_direct(self):
        rounds = {
            "ping:1": [{"direct": {"p50_us": 20.0}, "haproxy-splice": {"p50_us": 50.0}, "xvpproxy": {"p50_us": 65.0}}]
        }
        self.assertEqual(compared(rounds, "haproxy-splice", tls=False)[-1][-1], "45.0 (1.50)")

    def test_puts_two_workers_beside_one(self):
        rounds = {"bulk:32": [{"xvpproxy": {"cpu_s_per_gib": 0.2}, "xvpproxy-2": {"cpu_s_per_gib": 0.3}}]}
        self.assertEqual(paired(rounds)[1:], [["bulk:32", "xvpproxy", "CPU s/GiB", "0.20", "0.30 (1.50)"]])

    def test_shows_how_cost_grows(self):
        rounds = {f"bulk:{count}": [cpu(xvpproxy=count / 10)] for count in (1, 4, 32)}
        self.assertEqual(growing(rounds)[1:], [["bulk, CPU s/GiB", "xvpproxy", "1: 0.10, 4: 0.40, 32: 3.20"]])

    def test_says_what_was_not_measured(self):
        rows = against(findings({}))
        self.assertEqual({row[-1] for row in rows[1:]}, {"not measured"})


class LinesTest(SynchronousTestCase):
    def test_leaves_out_what_is_empty(self):
        report = {
            "about": {"at": "2026-01-02T00:00:00+00:00", "cpus": 2, "cpu": "X", "kernel": "6.1-y", "secs": 0.5},
            "scenarios": {"bulk:1": {"rounds": BULK, "load_average": [1.0, 2.0]}},
        }
        told = list(lines(report))
        self.assertIn("2026-01-02", told[0])
        headings = [line for line in told if line.startswith("###")]
        self.assertEqual(
            headings, ["### Ratios to haproxy-splice", "### How cost grows with sessions", "### Against the targets"]
        )


class PlaceTest(SynchronousTestCase):
    def test_replaces_what_stands_between_the_marks(self):
        path = Path(self.mktemp())
        path.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")
        self.assertTrue(place(path, "new"))
        self.assertEqual(path.read_text(), f"before\n{BEGIN}\n\nnew\n{END}\nafter\n")

    def test_leaves_a_file_without_marks_alone(self):
        path = Path(self.mktemp())
        path.write_text("before\n")
        self.assertFalse(place(path, "new"))
        self.assertEqual(path.read_text(), "before\n")
