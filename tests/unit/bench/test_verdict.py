"""What a soak is held to: flat memory and descriptors, everything given back, no wrong byte."""

from dataclasses import replace

from twisted.trial.unittest import SynchronousTestCase

from bench.soak.verdict import Sample, growth, judge, window

BEFORE = Sample(seconds=0.0, own_kib=45_000, descriptors=12, threads=5, processes=1, inside=0)
FULL = Sample(seconds=0.0, own_kib=50_000, descriptors=2012, threads=9, processes=1, inside=1000)
#: Descriptors and KiB that swing up and down from second to second, as on a gateway that is well.
SWING = (0, 4, -3, 2, -4, 1)


class GrowthTest(SynchronousTestCase):
    def test_is_that_of_the_line_through_the_points(self):
        began, risen = growth([(10.0, 100.0), (20.0, 110.0), (30.0, 120.0)])
        self.assertAlmostEqual(began, 100.0)
        self.assertAlmostEqual(risen, 20.0)

    def test_one_point_far_out_moves_it_little(self):
        _, risen = growth([(float(at), 1000.0 if at == 50 else 0.0) for at in range(101)])
        self.assertAlmostEqual(risen, 0.0)


class WindowTest(SynchronousTestCase):
    def test_begins_after_the_crowd_has_gathered_and_a_quarter_of_the_rest(self):
        samples = [replace(FULL, seconds=float(at)) for at in range(111)]
        self.assertEqual(window(samples, 10.0)[0].seconds, 35.0)
        self.assertEqual(window(samples, 10.0)[-1].seconds, 110.0)


class JudgeTest(SynchronousTestCase):
    def found(self, *, kib_a_second=0.0, descriptors_a_second=0.0, after=BEFORE, tracebacks=0, seconds=45, **counts):
        """What is not as it must be, in words."""
        counted = [
            replace(
                FULL,
                seconds=float(at),
                own_kib=round(FULL.own_kib + 50 * SWING[at % 6] + kib_a_second * at),
                descriptors=round(FULL.descriptors + 2 * SWING[at % 6] + descriptors_a_second * at),
            )
            for at in range(seconds)
        ]
        inside = counts.pop("inside", 1000)
        checks = judge(
            before=BEFORE,
            counted=[replace(each, inside=inside) for each in counted],
            after=after,
            sessions=1000,
            counts=counts,
            tracebacks=tracebacks,
        )
        return [check.text.partition(":")[0] for check in checks if not check.good]

    def test_a_gateway_that_is_well_passes(self):
        self.assertEqual(self.found(sessions=1500, end_leave=400), [])

    def test_memory_that_grows_is_found_in_a_minute_and_in_an_hour(self):
        self.assertEqual(self.found(kib_a_second=60.0), ["memory"])
        self.assertEqual(self.found(kib_a_second=1.0, seconds=2700), ["memory"])

    def test_memory_that_shrinks_is_well(self):
        self.assertEqual(self.found(kib_a_second=-60.0), [])

    def test_descriptors_that_grow_are_found(self):
        self.assertEqual(self.found(descriptors_a_second=1.0), ["descriptors"])

    def test_descriptors_and_threads_that_stay_are_found(self):
        left = replace(BEFORE, descriptors=60, threads=30)
        self.assertEqual(self.found(after=left), ["descriptors, once all have left", "threads, once all have left"])

    def test_every_fault_is_found(self):
        for word in ("wrong_bytes", "wrong_status", "broken", "stuck"):
            self.assertEqual(self.found(**{word: 1}), [word.replace("_", " ")])

    def test_a_traceback_in_the_log_is_found(self):
        self.assertEqual(self.found(tracebacks=1), ["tracebacks in the log"])

    def test_a_load_that_was_not_there_proves_nothing(self):
        self.assertEqual(self.found(inside=500), ["sessions inside, median"])

    def test_a_run_that_is_too_short_proves_nothing(self):
        self.assertEqual(self.found(seconds=1), ["too short"])
