"""Look-ups that come together go to a server together.

What is asked within one turn of the reactor, or while the server still answers
the batch before, is one batch: one exchange, one thread, one timer.  Its tokens
have the usual server in common, which is asked first; after a miss, or a quarter
of the timeout, all the others are asked, again with whatever is still open.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from typing import Any, Generic, TypeVar

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.python.failure import Failure

from xvpproxy.consoleauth.asking import afresh, verdict
from xvpproxy.consoleauth.contract import Absent
from xvpproxy.errors import StoreUnavailable
from xvpproxy.model import ConnectInfo, Token

S = TypeVar("S")

Answer = ConnectInfo | Absent | Failure

#: Tokens in one batch; the next one starts a new batch.
MAX_TOKENS = 256

#: How long a batch gathers at most while the one before it is under way.
GATHER_SECONDS = 0.005

#: Of the timeout, after which the other servers are asked as well.
PATIENCE = 1 / 4


class Batches(Generic[S]):
    """Finds tokens on any of several servers.

    Args:
        servers: all of them.
        ask: looks tokens up on one server; it answers for each of them or raises, and may be cancelled.
        is_suspect: whether a server failed lately, so that the others are not to wait for it.
        clock: for timers.
        timeout: seconds that a look-up may take.
        name: what all the servers are called together, in a sentence about the timeout.
    """

    def __init__(
        self,
        servers: Sequence[S],
        *,
        ask: Callable[[S, list[Token]], Coroutine[Deferred[Any], Any, Mapping[Token, Answer]]],
        is_suspect: Callable[[S], bool],
        clock: IReactorTime,
        timeout: float,
        name: str,
    ) -> None:
        self.name = name
        self.servers = servers
        self.ask = ask
        self.is_suspect = is_suspect
        self.clock = clock
        self.timeout = timeout
        self._gathering: dict[S, _Batch[S]] = {}
        #: How many batches are under way, by their usual server.
        self._under_way = dict.fromkeys(servers, 0)

    def look_up(self, token: Token, usual: S) -> Deferred[ConnectInfo | Absent]:
        """What the servers have under `token`, beginning with the usual one; fails with `StoreUnavailable`."""
        batch = self._gathering.get(usual)
        if batch is None:
            delay = GATHER_SECONDS if self._under_way[usual] else 0
            batch = self._gathering[usual] = _Batch(usual, self, delay)
        answer = batch.join(token)
        if batch.size >= MAX_TOKENS:
            batch.start()
        return answer

    def started(self, batch: _Batch[S]) -> None:
        """A batch takes no more tokens."""
        del self._gathering[batch.usual]
        self._under_way[batch.usual] += 1

    def ended(self, batch: _Batch[S]) -> None:
        """Nobody waits for a batch any more: the next one need not wait for it."""
        if self._gathering.get(batch.usual) is batch:
            del self._gathering[batch.usual]
            return
        self._under_way[batch.usual] -= 1
        if following := self._gathering.get(batch.usual):
            following.hurry()


class _Batch(Generic[S]):
    """Tokens that are looked up together, and who waits for each of them."""

    def __init__(self, usual: S, batches: Batches[S], delay: float) -> None:
        self.usual = usual
        self._batches = batches
        self._waiting: dict[Token, list[Deferred[ConnectInfo | Absent]]] = {}
        self._unasked = sorted(batches.servers, key=lambda server: server != usual)
        self._asked: list[Deferred[None]] = []
        self._heard: list[Mapping[Token, Answer] | Failure] = []
        self._ended = False
        #: Both are given up when they are over: with the reference there would be a cycle for each batch.
        self._start: IDelayedCall | None = batches.clock.callLater(delay, self.start)
        self._alarm: IDelayedCall | None
        if len(self._unasked) > 1:
            self._alarm = batches.clock.callLater(batches.timeout * PATIENCE, self._lose_patience)
        else:
            self._alarm = batches.clock.callLater(batches.timeout, self._give_up)

    @property
    def size(self) -> int:
        """Tokens that somebody waits for."""
        return len(self._waiting)

    def join(self, token: Token) -> Deferred[ConnectInfo | Absent]:
        waiter: Deferred[ConnectInfo | Absent] = Deferred(self._leave)
        self._waiting.setdefault(token, []).append(waiter)
        return waiter

    def hurry(self) -> None:
        """Start at the end of this turn."""
        if self._start is not None:
            self._start.reset(0)

    def start(self) -> None:
        """Take no more tokens and ask the usual server, or all of them if that one is suspect."""
        _stop(self._start)
        self._start = None
        self._batches.started(self)
        self._ask(len(self._unasked) if self._batches.is_suspect(self.usual) else 1)

    def _ask(self, count: int) -> None:
        """Ask the next `count` servers for every token that is still open."""
        servers, self._unasked = self._unasked[:count], self._unasked[count:]
        for server in servers:
            if self._ended:
                return
            asking = Deferred.fromCoroutine(self._batches.ask(server, list(self._waiting)))
            self._asked.append(asking.addBoth(self._hear))

    def _hear(self, heard: Mapping[Token, Answer] | Failure) -> None:
        """One server has answered, or failed."""
        if isinstance(heard, Failure) and (self._ended or heard.check(StoreUnavailable)):
            heard.cleanFailure()  # a frame in its traceback holds it: the two would wait for the collector
        if self._ended:
            return
        self._heard.append(heard)
        settled = [(self._waiting.pop(token), answer) for token, answer in self._settled(heard)]
        if not self._waiting:
            self._end()
        elif len(self._heard) + len(self._unasked) == len(self._batches.servers):
            self._ask(len(self._unasked))
        _tell(settled)

    def _settled(self, heard: Mapping[Token, Answer] | Failure) -> list[tuple[Token, Answer]]:
        """The tokens whose answer is known by now: every find at once, anything else when all servers were heard."""
        if len(self._heard) == len(self._batches.servers):
            sources = [
                dict.fromkeys(self._waiting, each) if isinstance(each, Failure) else each for each in self._heard
            ]
            return [(token, verdict([source[token] for source in sources])) for token in self._waiting]
        if isinstance(heard, Failure):
            return []
        return [(token, heard[token]) for token in self._waiting if isinstance(heard[token], ConnectInfo)]

    def _lose_patience(self) -> None:
        """Ask the other servers as well, unless a miss had them asked already."""
        clock, timeout = self._batches.clock, self._batches.timeout
        self._alarm = clock.callLater(timeout * (1 - PATIENCE), self._give_up)
        if self._start is not None:  # the reactor was busy for longer than that
            self.start()
        self._ask(len(self._unasked))

    def _give_up(self) -> None:
        name, timeout = self._batches.name, self._batches.timeout
        failure = Failure(StoreUnavailable(f"{name} did not answer within {timeout:g} s"))
        given_up = [(waiters, failure) for waiters in self._waiting.values()]
        self._waiting = {}
        self._end()
        _tell(given_up)

    def _leave(self, waiter: Deferred[ConnectInfo | Absent]) -> None:
        """Somebody stops waiting; the others go on."""
        for token, waiters in self._waiting.items():
            if waiter in waiters:
                waiters.remove(waiter)
                if not waiters:
                    del self._waiting[token]
                break
        if not self._waiting and not self._ended:
            self._end()

    def _end(self) -> None:
        self._ended = True
        _stop(self._start)
        _stop(self._alarm)
        self._start = self._alarm = None
        self._batches.ended(self)
        for asking in self._asked:
            asking.cancel()


def _stop(timer: IDelayedCall | None) -> None:
    if timer is not None and timer.active():
        timer.cancel()


def _tell(settled: Iterable[tuple[list[Deferred[ConnectInfo | Absent]], Answer]]) -> None:
    """Give everybody the answer; what one of them does then may cancel another."""
    for waiters, answer in settled:
        for waiter in waiters:
            if waiter.called:
                continue
            if isinstance(answer, Failure):
                waiter.errback(_own(answer))
            else:
                waiter.callback(answer)


def _own(failure: Failure) -> Failure:
    """The same failure, with an exception of its own where that is an outage."""
    error = failure.value
    return Failure(afresh(error)) if isinstance(error, StoreUnavailable) else failure
