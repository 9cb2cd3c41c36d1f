"""The registry and its limits."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from xvpproxy.errors import TooManyRequests
from xvpproxy.ledger import open_ledgers
from xvpproxy.model import Outcome, Token
from xvpproxy.sessions import Limits, Sessions, sessions_within


class Connection:
    def stop(self, outcome: Outcome) -> None:
        raise NotImplementedError


def some(**limits: int) -> Limits:
    return Limits(**{"sessions": 3, "per_token": 2, "pending_per_address": 2, "descriptors": 100, **limits})


def registry(**limits: int) -> Sessions:
    return Sessions(some(**limits))


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

    def test_who_holds_one_is_told_by_the_tokens_hash(self) -> None:
        sessions = registry()
        first, second = Connection(), Connection()
        sessions.admit(second, "192.0.2.1")
        sessions.take(first, Token("a"))
        self.assertEqual(sessions.holding, {first: hash(Token("a"))})

    def test_whoever_is_forgotten_holds_none(self) -> None:
        sessions = registry(sessions=1)
        session = Connection()
        sessions.take(session, Token("a"))
        sessions.forget(session)
        sessions.take(Connection(), Token("a"))
        self.assertNotIn(session, sessions.connections)

    def test_stops_where_descriptors_for_those_who_only_ask_begin(self) -> None:
        self.assertEqual([sessions_within(count) for count in (4, 34, 36, 100)], [1, 1, 2, 34])
        sessions = registry(descriptors=36)
        for secret in "ab":
            sessions.take(Connection(), Token(secret))
        error = self.assertRaises(TooManyRequests, sessions.take, Connection(), Token("c"))
        self.assertIn("file descriptors", error.detail)


class Workers(SynchronousTestCase):
    def setUp(self) -> None:
        self.ledgers = open_ledgers(2, 10)
        self.workers = [Sessions(some(sessions=3), ledger) for ledger in self.ledgers]

    def fill(self) -> list[Connection]:
        taken = []
        for place, secret in ((0, "a"), (1, "b"), (1, "c")):
            taken.append(Connection())
            self.workers[place].take(taken[-1], Token(secret))
        return taken

    def test_share_one_limit(self) -> None:
        self.fill()
        for sessions in self.workers:
            error = self.assertRaises(TooManyRequests, sessions.take, Connection(), Token("d"))
            self.assertEqual(error.cause, "max_sessions")
            self.assertEqual(self.ledgers[0].total(), 3)

    def test_share_the_limit_of_a_token(self) -> None:
        for sessions in self.workers:
            sessions.take(Connection(), Token("a"))
        for sessions in self.workers:
            error = self.assertRaises(TooManyRequests, sessions.take, Connection(), Token("a"))
            self.assertEqual(error.cause, "max_sessions_per_token")
        self.assertEqual(self.ledgers[0].total(), 2)
        self.workers[0].give_back(next(iter(self.workers[0].holding)))
        self.workers[1].take(Connection(), Token("a"))

    def test_what_one_gives_back_another_may_take(self) -> None:
        first, *_ = self.fill()
        self.workers[0].give_back(first)
        self.workers[1].take(Connection(), Token("d"))
        self.assertRaises(TooManyRequests, self.workers[0].take, Connection(), Token("e"))

    def test_what_a_dead_one_had_is_free(self) -> None:
        self.fill()
        self.ledgers[1].clear()
        for secret in "bc":
            self.workers[0].take(Connection(), Token(secret))
        self.assertRaises(TooManyRequests, self.workers[0].take, Connection(), Token("f"))

    def test_of_two_at_once_for_the_last_slot_never_both_get_it(self) -> None:
        """Each counts itself in before it looks at the others."""
        self.fill()
        self.workers[0].give_back(next(iter(self.workers[0].holding)))
        ledger, other = self.ledgers
        total = ledger.total
        self.patch(ledger, "total", lambda: other.add(9) or total())  # the other one counts itself in just now
        self.assertRaises(TooManyRequests, self.workers[0].take, Connection(), Token("d"))
        self.assertEqual(total(), 3)

    def test_no_more_than_there_is_room_for(self) -> None:
        [ledger, _] = open_ledgers(2, 1)
        sessions = Sessions(some(), ledger)
        sessions.take(Connection(), Token("a"))
        self.assertRaises(TooManyRequests, sessions.take, Connection(), Token("b"))


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
