"""The registry and its limits."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from xvpproxy.errors import TooManyRequests
from xvpproxy.model import Outcome, Token
from xvpproxy.sessions import Limits, Sessions


class Connection:
    def stop(self, outcome: Outcome) -> None:
        raise NotImplementedError


def registry(**limits: int) -> Sessions:
    return Sessions(Limits(**{"sessions": 3, "per_token": 2, "pending_per_address": 2, "descriptors": 100, **limits}))


class Slots(SynchronousTestCase):
    def test_admits_as_many_sessions_as_the_limit(self) -> None:
        sessions = registry()
        for secret in "abc":
            sessions.take(Connection(), Token(secret))
        error = self.assertRaises(TooManyRequests, sessions.take, Connection(), Token("d"))
        self.assertEqual((error.status, error.cause), (429, "max_sessions"))

    def test_admits_as_many_sessions_of_a_token_as_its_limit(self) -> None:
        sessions = registry()
        for _ in range(2):
            sessions.take(Connection(), Token("a"))
        error = self.assertRaises(TooManyRequests, sessions.take, Connection(), Token("a"))
        self.assertEqual(error.cause, "max_sessions_per_token")
        sessions.take(Connection(), Token("b"))

    def test_a_slot_given_back_is_free_once(self) -> None:
        sessions = registry(sessions=1)
        first = Connection()
        sessions.take(first, Token("a"))
        for _ in range(2):
            sessions.give_back(first)
        sessions.take(Connection(), Token("a"))
        self.assertRaises(TooManyRequests, sessions.take, Connection(), Token("a"))

    def test_tells_when_the_last_session_has_ended(self) -> None:
        sessions = registry()
        both = [Connection(), Connection()]
        for each in both:
            sessions.take(each, Token("a"))
        waiting = sessions.when_empty()
        sessions.give_back(both[0])
        self.assertNoResult(waiting)
        sessions.give_back(both[1])
        self.successResultOf(waiting)
        self.successResultOf(sessions.when_empty())

    def test_whoever_waits_for_the_last_session_may_give_up(self) -> None:
        sessions = registry()
        session = Connection()
        sessions.take(session, Token("a"))
        waiting = sessions.when_empty()
        waiting.cancel()
        sessions.give_back(session)
        self.failureResultOf(waiting)


class Pending(SynchronousTestCase):
    def test_counts_each_address_for_itself(self) -> None:
        sessions = registry()
        self.assertEqual([sessions.admit(Connection(), "192.0.2.1") for _ in range(3)], [True, True, False])
        self.assertTrue(sessions.admit(Connection(), "192.0.2.2"))

    def test_a_connection_that_showed_its_token_counts_no_more(self) -> None:
        sessions = registry()
        for _ in range(2):
            sessions.admit(Connection(), "192.0.2.1")
        sessions.known("192.0.2.1")
        self.assertTrue(sessions.admit(Connection(), "192.0.2.1"))

    def test_is_crowded_at_twice_the_limit(self) -> None:
        sessions = registry()
        for expected in (False, False, False, False, True):
            self.assertEqual(sessions.crowded("192.0.2.1"), expected)
            sessions.admit(Connection(), "192.0.2.1")

    def test_counts_descriptors_of_both_legs(self) -> None:
        sessions = registry()
        connection = Connection()
        sessions.admit(connection, "192.0.2.1")
        self.assertEqual(sessions.descriptors, 1)
        sessions.take(connection, Token("a"))
        self.assertEqual(sessions.descriptors, 2)
        sessions.give_back(connection)
        sessions.forget(connection)
        self.assertEqual(sessions.descriptors, 0)
