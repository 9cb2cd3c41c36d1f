"""Look-ups that go together, with servers that the test answers for and a clock that it moves."""

import gc
import weakref

from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.task import Clock
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase

from tests.fakes_stores import connect_info
from xvpproxy.consoleauth.batches import GATHER_SECONDS, MAX_TOKENS, Batches
from xvpproxy.consoleauth.contract import Absent
from xvpproxy.errors import StoreUnavailable
from xvpproxy.model import Token

TIMEOUT = 4.0
CORRUPT = Failure(StoreUnavailable("unreadable", cause="store_corrupt"))


class BatchesCase(SynchronousTestCase):
    names = "ab"

    def setUp(self) -> None:
        self.clock = Clock()
        self.suspects: set[str] = set()
        #: Every exchange: the server, the tokens, and what it will answer.
        self.asked: list[tuple[str, list[str], Deferred]] = []
        self.cancelled: list[str] = []
        self.batches = Batches(
            self.names,
            ask=self.ask,
            is_suspect=self.suspects.__contains__,
            clock=self.clock,
            timeout=TIMEOUT,
            name="memcached",
        )

    async def ask(self, server: str, tokens: list[Token]) -> dict:
        answer = Deferred(lambda _: self.cancelled.append(server))
        self.asked.append((server, [token.reveal() for token in tokens], answer))
        answers = await answer
        return {token: answers.get(token.reveal(), Absent.UNKNOWN) for token in tokens}

    def look_up(self, *texts: str, usual: str = "a") -> list[Deferred]:
        waiting = [self.batches.look_up(Token(text), usual) for text in texts]
        for each in waiting:
            self.addCleanup(lambda each=each: each.addErrback(lambda _: None).cancel())
        return waiting

    def turn(self) -> None:
        self.clock.advance(0)

    def exchanges(self) -> list[tuple[str, list[str]]]:
        return [(server, tokens) for server, tokens, _ in self.asked]

    def answer(self, place: int, **found: object) -> None:
        self.asked[place][2].callback(found)

    def found(self, text: str):
        return connect_info(Token(text))

    def check_ended(self) -> None:
        self.assertEqual(self.clock.getDelayedCalls(), [])


class Gathering(BatchesCase):
    def test_one_turn_is_one_exchange(self) -> None:
        waiting = self.look_up("x", "y", "x")
        self.assertEqual(self.asked, [])
        self.turn()
        self.assertEqual(self.exchanges(), [("a", ["x", "y"])])
        self.answer(0, x=self.found("x"), y=self.found("y"))
        answers = [self.successResultOf(each).token.reveal() for each in waiting]
        self.assertEqual(answers, ["x", "y", "x"])
        self.check_ended()

    def test_each_usual_server_has_a_batch_of_its_own(self) -> None:
        self.look_up("x", usual="a")
        self.look_up("y", usual="b")
        self.turn()
        self.assertEqual(self.exchanges(), [("a", ["x"]), ("b", ["y"])])

    def test_while_one_is_under_way_the_next_gathers(self) -> None:
        self.look_up("x")
        self.turn()
        self.look_up("y")
        self.turn()
        self.look_up("z")
        self.turn()
        self.assertEqual(self.exchanges(), [("a", ["x"])])
        self.answer(0, x=self.found("x"))
        self.turn()
        self.assertEqual(self.exchanges()[1:], [("a", ["y", "z"])])

    def test_but_not_for_long(self) -> None:
        """A server that hangs holds up nobody who comes later."""
        self.look_up("x")
        self.turn()
        self.look_up("y")
        self.clock.advance(GATHER_SECONDS)
        self.assertEqual(self.exchanges(), [("a", ["x"]), ("a", ["y"])])

    def test_a_batch_has_a_largest_size(self) -> None:
        self.look_up(*(f"{number}" for number in range(MAX_TOKENS + 1)))
        self.assertEqual([len(tokens) for _, tokens in self.exchanges()], [MAX_TOKENS])
        self.clock.advance(GATHER_SECONDS)
        self.assertEqual([len(tokens) for _, tokens in self.exchanges()], [MAX_TOKENS, 1])

    def test_whoever_is_answered_may_ask_again_at_once(self) -> None:
        (first,) = self.look_up("x")
        self.turn()
        again = first.addCallback(lambda _: self.batches.look_up(Token("x"), "a"))
        self.answer(0, x=self.found("x"))
        self.turn()
        self.answer(1, x=self.found("x"))
        self.assertTrue(self.successResultOf(again))
        self.check_ended()


class SeveralServers(BatchesCase):
    names = "abc"

    def test_what_one_server_misses_the_others_are_asked_for_together(self) -> None:
        x, y, z = self.look_up("x", "y", "z")
        self.turn()
        self.answer(0, y=self.found("y"))
        self.assertTrue(self.successResultOf(y))
        self.assertEqual(self.exchanges()[1:], [("b", ["x", "z"]), ("c", ["x", "z"])])
        self.answer(2, x=self.found("x"))
        self.assertTrue(self.successResultOf(x))
        self.assertNoResult(z)
        self.answer(1)
        self.assertIs(self.successResultOf(z), Absent.UNKNOWN)
        self.check_ended()

    def test_after_a_quarter_of_the_timeout_all_are_asked(self) -> None:
        (x,) = self.look_up("x", usual="b")
        self.turn()
        self.clock.advance(TIMEOUT / 4 - 0.1)
        self.assertEqual(self.exchanges(), [("b", ["x"])])
        self.clock.advance(0.2)
        self.assertEqual(self.exchanges()[1:], [("a", ["x"]), ("c", ["x"])])
        self.answer(0, x=self.found("x"))
        self.assertTrue(self.successResultOf(x))
        self.assertEqual(self.cancelled, ["a", "c"])
        self.check_ended()

    def test_a_miss_leaves_the_others_the_whole_timeout(self) -> None:
        (x,) = self.look_up("x")
        self.turn()
        self.answer(0)
        self.clock.pump([TIMEOUT / 4, TIMEOUT / 2])
        self.assertNoResult(x)
        self.answer(1, x=self.found("x"))
        self.assertTrue(self.successResultOf(x))

    def test_a_suspect_is_not_waited_for(self) -> None:
        self.suspects.add("a")
        self.look_up("x")
        self.turn()
        self.assertEqual([server for server, _ in self.exchanges()], ["a", "b", "c"])

    def test_a_server_that_fails_has_the_others_asked_and_is_an_outage_without_a_find(self) -> None:
        x, y = self.look_up("x", "y")
        self.turn()
        self.asked[0][2].errback(StoreUnavailable("down"))
        self.answer(1, x=self.found("x"))
        self.answer(2)
        self.assertTrue(self.successResultOf(x))
        self.failureResultOf(y, StoreUnavailable)

    def test_a_value_that_cannot_be_read_fails_its_own_token_only(self) -> None:
        x, y, z = self.look_up("x", "y", "z")
        self.turn()
        self.answer(0, x=CORRUPT, y=CORRUPT)
        self.answer(1, y=self.found("y"))
        self.answer(2)
        self.assertEqual(self.failureResultOf(x, StoreUnavailable).value.cause, "store_corrupt")
        self.assertTrue(self.successResultOf(y))
        self.assertIs(self.successResultOf(z), Absent.UNKNOWN)

    def test_the_most_telling_absence_is_given(self) -> None:
        (x,) = self.look_up("x")
        self.turn()
        self.answer(0)
        self.answer(1, x=Absent.EXPIRED)
        self.answer(2)
        self.assertIs(self.successResultOf(x), Absent.EXPIRED)


class Ends(BatchesCase):
    def test_nobody_waits_longer_than_the_timeout(self) -> None:
        waiting = self.look_up("x", "y", "x")
        self.turn()
        self.clock.pump([TIMEOUT / 4, TIMEOUT * 3 / 4])
        errors = [self.failureResultOf(each, StoreUnavailable).value for each in waiting]
        self.assertEqual(str(errors[0]), "memcached did not answer within 4 s")
        self.assertEqual(len({id(error) for error in errors}), 3, "they would gather each other's frames")
        self.assertEqual(self.cancelled, ["a", "b"])
        self.check_ended()

    def test_our_own_mistakes_are_not_hidden(self) -> None:
        (x,) = self.look_up("x")
        self.turn()
        self.asked[0][2].errback(ZeroDivisionError())
        self.answer(1)
        self.failureResultOf(x, ZeroDivisionError)

    def test_cancelling_one_leaves_the_others_alone(self) -> None:
        x, same, y = self.look_up("x", "x", "y")
        x.cancel()
        self.failureResultOf(x, CancelledError)
        self.turn()
        y.cancel()
        self.failureResultOf(y, CancelledError)
        self.answer(0, x=self.found("x"), y=self.found("y"))
        self.assertTrue(self.successResultOf(same))
        self.check_ended()

    def test_an_answer_may_make_somebody_cancel_another(self) -> None:
        x, y = self.look_up("x", "y")
        x.addCallback(lambda _: y.cancel())
        self.turn()
        self.answer(0, x=self.found("x"), y=self.found("y"))
        self.failureResultOf(y, CancelledError)
        self.check_ended()

    def test_when_the_last_one_leaves_nobody_is_asked(self) -> None:
        for each in self.look_up("x", "y"):
            each.cancel()
            self.failureResultOf(each, CancelledError)
        self.check_ended()
        self.turn()
        self.assertEqual(self.asked, [])

    def test_when_the_last_one_leaves_the_exchange_is_abandoned(self) -> None:
        (x,) = self.look_up("x")
        self.turn()
        x.cancel()
        self.failureResultOf(x, CancelledError)
        self.assertEqual(self.cancelled, ["a"])
        self.check_ended()
        self.look_up("y")
        self.turn()
        self.assertEqual(self.exchanges()[-1], ("a", ["y"]))

    def under_way(self) -> tuple[Deferred, weakref.ref]:
        """A batch that has nobody but the garbage collector to fear, since that is off."""
        waiting = self.batches.look_up(Token("x"), "a").addErrback(lambda _: None)
        batch = weakref.ref(self.batches._gathering["a"])
        gc.disable()
        self.addCleanup(gc.enable)
        self.turn()
        return waiting, batch

    def test_a_batch_leaves_nothing_for_the_garbage_collector(self) -> None:
        _, batch = self.under_way()
        self.answer(0, x=self.found("x"))
        self.assertIsNone(batch())

    def test_nor_does_one_whose_viewer_left(self) -> None:
        waiting, batch = self.under_way()
        waiting.cancel()
        self.assertEqual(self.cancelled, ["a"])
        del waiting
        self.assertIsNone(batch())

    def test_nor_does_one_that_failed(self) -> None:
        _, batch = self.under_way()
        for place in (0, 1):
            self.asked[place][2].errback(StoreUnavailable("it is down"))
        self.assertIsNone(batch())

    def test_a_reactor_that_was_busy_too_long_asks_all_the_same(self) -> None:
        self.look_up("x")
        self.turn()
        self.look_up("y")
        self.clock.rightNow += TIMEOUT / 2  # the time for gathering and the patience are over together
        self.answer(0, x=self.found("x"))
        self.turn()
        self.assertEqual(self.exchanges()[1:], [("a", ["y"]), ("b", ["y"])])
