"""Ask several sources the same question, one after another or at once, and stop at the first find."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Hashable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from twisted.internet.defer import CancelledError, Deferred, DeferredList, DeferredQueue
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.python.failure import Failure

from xvpproxy.consoleauth.contract import Absent
from xvpproxy.errors import StoreUnavailable

T = TypeVar("T")

#: A source that failed this recently is not waited for before the next one is asked.
SUSPECT_SECONDS = 5.0


class Suspects:
    """The sources that failed lately."""

    def __init__(self, clock: IReactorTime) -> None:
        self._clock = clock
        self._failed_at: dict[Hashable, float] = {}

    def add(self, source: Hashable) -> None:
        """It has just failed."""
        self._failed_at[source] = self._clock.seconds()

    def __contains__(self, source: Hashable) -> bool:
        failed_at = self._failed_at.get(source)
        return failed_at is not None and self._clock.seconds() - failed_at < SUSPECT_SECONDS


@dataclass(frozen=True)
class Question(Generic[T]):
    """One source to ask.

    Attributes:
        ask: starts asking.
        patience: seconds after which the next source is asked as well; None waits for this one's answer.
    """

    ask: Callable[[], Coroutine[Deferred[Any], Any, T]]
    patience: float | None = None


async def first_found(questions: Sequence[Question[T]], clock: IReactorTime) -> list[T | Failure]:
    """The answers that came until the first true one, which is the last of them.

    The next source is asked when the one before has answered without a find,
    has failed, or has used up its patience.  Whatever is still under way at the
    end is cancelled, also when this coroutine itself is cancelled.
    """
    inbox: DeferredQueue[tuple[int, T | Failure | None]] = DeferredQueue()
    asked: list[Deferred[None]] = []
    alarms: list[IDelayedCall] = []
    answers: list[T | Failure] = []
    go_on = True
    try:
        while True:
            while go_on and len(asked) < len(questions):
                question, place = questions[len(asked)], len(asked)
                asked.append(_post(question, place, inbox))
                go_on = question.patience == 0
                if question.patience:
                    alarms.append(clock.callLater(question.patience, inbox.put, (place, None)))
            if len(answers) == len(questions):
                return answers
            place, answer = await inbox.get()
            if answer is not None:
                answers.append(answer)
                if answer and not isinstance(answer, Failure):
                    return answers
            go_on = place == len(asked) - 1
    finally:
        for alarm in alarms:
            if alarm.active():
                alarm.cancel()
        for asking in asked:
            asking.cancel()


async def everyone(asks: Sequence[Callable[[], Coroutine[Deferred[Any], Any, T]]]) -> list[T | Failure]:
    """The answers of all sources, asked at once; cancelling cancels every one."""
    asked = [Deferred.fromCoroutine(ask()) for ask in asks]
    answers: list[T | Failure] = [answer for _, answer in await DeferredList(asked, consumeErrors=True)]
    for answer in answers:
        if isinstance(answer, Failure) and answer.check(CancelledError):
            answer.raiseException()  # a list that is cancelled ends as if its members had failed
    return answers


def verdict(answers: Sequence[T | Absent | Failure]) -> T | Absent | Failure:
    """What the answers of several sources mean together.

    A find counts whatever the others said.  Without one, a source that could
    not answer may be the one that has it, so its failure counts; an unreadable
    value says more than a silence.
    """
    if len(answers) == 1:
        return answers[0]
    failures = [answer for answer in answers if isinstance(answer, Failure)]
    absences = [answer for answer in answers if isinstance(answer, Absent)]
    for answer in answers:
        if answer and not isinstance(answer, Failure | Absent):
            return answer
    failures.sort(key=lambda failure: getattr(failure.value, "cause", "") != "store_corrupt")
    failures.sort(key=lambda failure: isinstance(failure.value, StoreUnavailable))
    return failures[0] if failures else min(absences, key=_TELLING.index, default=Absent.UNKNOWN)


def conclude(answers: Sequence[T | Absent | Failure]) -> T | Absent:
    """As `verdict`, but a failure is raised; an outage's as if it were new."""
    answer = verdict(answers)
    if isinstance(answer, Failure):
        if isinstance(answer.value, StoreUnavailable):
            raise afresh(answer.value)
        answer.raiseException()
    return answer


def afresh(error: StoreUnavailable) -> StoreUnavailable:
    """The same outage, never raised: an error gathers the frames of all who raise it, and what they hold of it."""
    return StoreUnavailable(error.detail, cause=error.cause)


_TELLING = [Absent.EXPIRED, Absent.NO_INSTANCE, Absent.UNKNOWN]


def _post(question: Question[T], place: int, inbox: DeferredQueue[tuple[int, T | Failure | None]]) -> Deferred[None]:
    def hear(answer: T | Failure) -> None:
        if isinstance(answer, Failure) and answer.check(CancelledError, StoreUnavailable):
            answer.cleanFailure()  # a frame in its traceback holds it: the two would wait for the collector
        inbox.put((place, answer))

    return Deferred.fromCoroutine(question.ask()).addBoth(hear)
