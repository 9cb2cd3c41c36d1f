"""The words of scenarios, and who takes part in them."""

from twisted.trial.unittest import SynchronousTestCase

from bench.catalogue import PEERS
from bench.scenarios import Scenario, UnknownScenario


class ReadTest(SynchronousTestCase):
    def test_reads_its_numbers(self):
        scenario = Scenario.read("tls-frames:8x20x512")
        self.assertEqual((scenario.kind, scenario.numbers, scenario.tls), ("frames", (8, 20, 512), True))

    def test_refuses_what_is_none_and_names_the_others(self):
        for word in (
            "",
            "bulk",
            "bulk:",
            "bulk:0",
            "bulk:x",
            "frames:8x20",
            "ping:-1",
            "swim:1",
            "resume:50",
            "idle-after:5",
        ):
            error = self.assertRaises(UnknownScenario, Scenario.read, word)
            self.assertIn("frames:NxRxK", str(error))


class SettingsTest(SynchronousTestCase):
    def test_say_what_the_load_generator_does(self):
        for word, settings in (
            ("bulk:4", {"test": "bulk", "sessions": 4, "chunk_kib": 4096}),
            ("rate:200x20", {"test": "paced", "sessions": 200, "rate": 20}),
            ("tls-frames:8x20x512", {"test": "paced", "sessions": 8, "rate": 20, "frame_kib": 512}),
            ("tls-resume:50", {"test": "setup", "at_once": 50, "resume": 1}),
            ("idle:2000", {"test": "idle", "sessions": 2000, "touch": 1, "frame_kib": 0}),
            ("tls-idle-after:1000x512", {"test": "idle", "sessions": 1000, "touch": 1, "frame_kib": 512}),
        ):
            self.assertEqual(Scenario.read(word).settings(), settings, word)


class FitsTest(SynchronousTestCase):
    def fitting(self, word):
        return {name for name, peer in PEERS.items() if Scenario.read(word).fits(peer)}

    def test_peers_in_the_clear_and_in_tls_do_not_mix(self):
        self.assertEqual({peer.tls for name, peer in PEERS.items() if name != "direct"}, {True, False})
        for word, product, other in (
            ("bulk:1", "xvpproxy", "xvpproxy-tls"),
            ("tls-bulk:1", "xvpproxy-tls", "xvpproxy"),
        ):
            fitting = self.fitting(word)
            self.assertLess({"direct", product}, fitting)
            self.assertNotIn(other, fitting)

    def test_idle_leaves_out_direct_and_those_with_a_process_a_session(self):
        self.assertTrue(self.fitting("idle:2000").isdisjoint({"direct", "websockify"}))
        self.assertIn("websockify", self.fitting("idle:100"))

    def test_two_workers_take_part_where_there_are_sessions_to_share(self):
        self.assertIn("xvpproxy-2", self.fitting("bulk:32"))
        for word in ("bulk:4", "ping:1", "idle:2000"):
            self.assertNotIn("xvpproxy-2", self.fitting(word))
