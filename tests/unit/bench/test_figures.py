"""Ratios are taken within rounds, and latencies are compared above direct."""

from twisted.trial.unittest import SynchronousTestCase

from bench.figures import summarise, table


class SummariseTest(SynchronousTestCase):
    def test_a_ratio_is_the_median_of_the_rounds_not_of_the_figures(self):
        """The machine was three times slower in the last round, for both."""
        rounds = [
            {"haproxy": {"cpu": 10.0}, "ours": {"cpu": 5.0}},
            {"haproxy": {"cpu": 10.0}, "ours": {"cpu": 20.0}},
            {"haproxy": {"cpu": 30.0}, "ours": {"cpu": 30.0}},
        ]
        ours = summarise(rounds, "haproxy")["ours"]["cpu"]
        self.assertEqual((ours.ratio, ours.median, ours.least, ours.most, ours.rounds), (1.0, 20.0, 5.0, 30.0, 3))

    def test_a_latency_counts_above_direct(self):
        rounds = [{"direct": {"p50_us": 20.0}, "haproxy": {"p50_us": 50.0}, "ours": {"p50_us": 65.0}}]
        ours = summarise(rounds, "haproxy")["ours"]["p50_us"]
        self.assertEqual((ours.above_direct, ours.ratio), (45.0, 1.5))

    def test_a_latency_has_no_ratio_without_direct(self):
        rounds = [{"haproxy": {"p50_us": 50.0}, "ours": {"p50_us": 65.0}}]
        self.assertIsNone(summarise(rounds, "haproxy")["ours"]["p50_us"].ratio)

    def test_there_is_no_ratio_to_a_peer_that_was_not_there_or_took_nothing(self):
        for baseline in ({}, {"haproxy": {"cpu": 0.0}}):
            ours = summarise([{**baseline, "ours": {"cpu": 5.0}}], "haproxy")["ours"]["cpu"]
            self.assertEqual((ours.ratio, ours.median), (None, 5.0))

    def test_a_round_that_a_peer_missed_is_left_out(self):
        rounds = [{"haproxy": {"cpu": 10.0}}, {"haproxy": {"cpu": 10.0}, "ours": {"cpu": 20.0}}]
        ours = summarise(rounds, "haproxy")["ours"]["cpu"]
        self.assertEqual((ours.ratio, ours.rounds), (2.0, 1))


class TableTest(SynchronousTestCase):
    def test_has_a_line_for_each_peer(self):
        rounds = [{"haproxy": {"cpu": 10.0, "p50_us": 30.0}, "ours": {"cpu": 5.0, "p50_us": 30.0}}]
        lines = table(summarise(rounds, "haproxy"), "haproxy").splitlines()
        self.assertEqual([line.split()[0] for line in lines[:3]], ["peer", "haproxy", "ours"])
        self.assertEqual(lines[2].split(), ["ours", "5.00", "0.50", "30.0", "-", "-", "5.00..5.00"])
