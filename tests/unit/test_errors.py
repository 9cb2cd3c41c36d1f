"""The tree of errors: each class can face a stranger, and tells the log more."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from xvpproxy import errors
from xvpproxy.model import Outcome


def tree(root: type[errors.XvpError]) -> list[type[errors.XvpError]]:
    """The public classes: a module may have one of its own that never leaves it."""
    children = [child for child in root.__subclasses__() if not child.__name__.startswith("_")]
    return [root, *(below for child in children for below in tree(child))]


class Tree(SynchronousTestCase):
    def test_every_error_has_a_phrase_that_fits_a_status_line(self) -> None:
        for error in tree(errors.XvpError):
            self.assertRegex(error.reason, r"\A[A-Z][A-Za-z ]+\Z")
            self.assertRegex(error.public, r"\A[A-Z].*\.\Z")
            self.assertNotIn("\n", error.public)

    def test_the_module_lists_every_class_with_its_status(self) -> None:
        for error in tree(errors.XvpError):
            self.assertRegex(errors.__doc__ or "", rf"(?m)^ +{error.__name__} +{error.status}")

    def test_what_can_be_tried_again_says_when(self) -> None:
        for error in (errors.TooManyRequests, errors.StoreUnavailable, errors.ShuttingDown):
            self.assertGreater(error.retry_after or 0, 0)

    def test_an_outage_never_looks_like_a_bad_token(self) -> None:
        self.assertFalse(issubclass(errors.StoreUnavailable, errors.NotAuthorized))
        self.assertEqual(errors.StoreUnavailable.status, 503)

    def test_a_detail_is_kept_apart_from_the_public_sentence(self) -> None:
        error = errors.UpstreamUnreachable("no route to host", cause="upstream_unreachable")
        self.assertEqual((error.detail, error.cause), ("no route to host", "upstream_unreachable"))
        self.assertNotIn("route", error.public)
        self.assertEqual(error.outcome, Outcome.UNREACHABLE)

    def test_a_configuration_error_keeps_all_its_problems(self) -> None:
        error = errors.ConfigurationError("first", "second")
        self.assertEqual((error.problems, str(error)), (("first", "second"), "first\nsecond"))
