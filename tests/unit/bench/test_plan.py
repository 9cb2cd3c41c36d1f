"""What a run measures, and whom."""

from twisted.trial.unittest import SynchronousTestCase

from bench.plan import COMPARED, GROWING, steps
from bench.report import SHOWN
from bench.scenarios import UnknownScenario
from bench.targets import TARGETS


class StepsTest(SynchronousTestCase):
    def test_everything_is_measured_unless_something_is_asked_for(self):
        self.assertEqual([step.scenario.word for step in steps("", "")], [*COMPARED, *GROWING])
        self.assertEqual([step.scenario.word for step in steps("ping:2,tls-bulk:3", "")], ["ping:2", "tls-bulk:3"])

    def test_growth_is_measured_with_a_few_peers_and_with_all_if_asked_for(self):
        def peers(words):
            return {step.scenario.word: [peer.name for peer in step.peers] for step in steps(words, "")}["idle:9500"]

        self.assertEqual(peers(""), ["haproxy-splice", "xvpproxy"])
        self.assertIn("nginx", peers("idle:9500"))

    def test_those_in_tls_are_compared_with_one_in_tls(self):
        baselines = {step.scenario.word: step.baseline for step in steps("ping:1,tls-ping:1", "")}
        self.assertEqual(baselines, {"ping:1": "haproxy-splice", "tls-ping:1": "haproxy-tls"})

    def test_refuses_a_peer_that_is_none_and_names_the_others(self):
        error = self.assertRaises(UnknownScenario, steps, "ping:1", "squid")
        self.assertIn("'squid' is no peer; there are direct, haproxy", str(error))


class TargetsTest(SynchronousTestCase):
    def test_a_whole_run_measures_both_sides_of_each(self):
        taking_part = {step.scenario.word: {peer.name for peer in step.peers} for step in steps("", "")}
        for target in TARGETS:
            self.assertLessEqual({target.ours, target.other} - {""}, taking_part.get(target.word, set()), target)

    def test_the_report_shows_each_kind_of_scenario(self):
        self.assertEqual({step.scenario.kind for step in steps("", "")} - set(SHOWN), set())
