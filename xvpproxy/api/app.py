"""The API as a function: a `Call` in, an `Answer` out, whatever happens."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from typing import Any

from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.defer import TimeoutError as TwistedTimeoutError
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger

from xvpproxy.errors import ShuttingDown, StoreUnavailable, XvpError

from .auth import Auth, Caller, Right
from .consoles import Authority, Consoles
from .messages import Answer, Call, Fault
from .rate import RateLimit
from .routing import PREFIX, SUBJECT, Asked, Route, route
from .servers import Instances, Servers
from .versions import Version, negotiated, version_document, versions_document

log = Logger()

#: Seconds that a call may take: more than any driver's own timeout.
CALL_SECONDS = 90.0
#: Wrong tokens that one address may show at once, and more of them each second.
_WRONG_TOKENS = 20
_WRONG_TOKENS_PER_SECOND = 1.0


class ConsoleApi:
    """Serves calls.

    Args:
        auth: how callers are known; a reload may replace it.
        rate: how fast each may call.
        draining: whether every call is to be told that the gateway stops.
    """

    def __init__(
        self,
        *,
        drivers: Instances,
        consoleauth: Authority,
        auth: Auth,
        rate: RateLimit,
        clock: IReactorTime,
        draining: Callable[[], bool],
    ) -> None:
        self.auth = auth
        self.rate = rate
        self._clock = clock
        self._draining = draining
        self._wrong_tokens = RateLimit(clock, per_second=_WRONG_TOKENS_PER_SECOND, burst=_WRONG_TOKENS)
        servers, consoles = Servers(drivers), Consoles(drivers, consoleauth)
        self._routes = (
            Route("GET", ("servers",), Right.LIST, servers.brief),
            Route("GET", ("servers", "detail"), Right.LIST, servers.detail),
            Route("GET", ("servers", SUBJECT), Right.LIST, servers.show),
            Route("POST", ("servers", SUBJECT, "action"), Right.CONSOLE, consoles.action, until=Version(2, 5)),
            Route(
                *("POST", ("servers", SUBJECT, "remote-consoles")),
                Right.CONSOLE,
                consoles.remote_console,
                since=Version(2, 6),
            ),
            Route("GET", ("os-console-auth-tokens", SUBJECT), Right.TOKEN, consoles.token),
        )

    async def answer(self, call: Call) -> Answer:
        """What a call gets: never an exception but its cancellation."""
        return await self._finished(_Progress(), call)

    def refuse(self, fault: Fault) -> Answer:
        """What a request gets that is not even a call."""
        return _answer(_Progress(), fault.status, fault.body, fault.headers)

    async def _finished(self, progress: _Progress, call: Call) -> Answer:
        began = self._clock.seconds()
        working = Deferred.fromCoroutine(self._serve(progress, call))
        try:
            body = await working.addTimeout(CALL_SECONDS, self._clock)
            answer = _answer(progress, 200, body, {})
        except CancelledError:
            raise
        except TwistedTimeoutError:
            answer = _refusal(progress, Fault(503, f"The call was given up after {CALL_SECONDS:g} s."))
        except Fault as fault:
            answer = _refusal(progress, fault)
        except XvpError as error:
            progress.cause, progress.detail = error.cause, error.detail
            answer = _refusal(progress, _fault_of(error))
        except NotImplementedError:
            answer = _refusal(progress, Fault(501, "The driver of this instance cannot do that."))
        except Exception:  # noqa: BLE001  (the last door: it is logged with its traceback)
            log.failure("call failed request_id={request_id}", request_id=progress.request_id)
            answer = _refusal(progress, Fault(500, "Unexpected API error; the gateway's log says why."))
        progress.report(call, answer.status, self._clock.seconds() - began)
        return answer

    async def _serve(self, progress: _Progress, call: Call) -> Mapping[str, Any]:
        """The body of a good answer."""
        if self._draining():
            raise ShuttingDown
        segments = call.segments
        if segments == ("",) or (segments[:1] == (PREFIX,) and segments[1:] in ((), ("",))):
            return self._documents(progress, call)
        if segments[0] != PREFIX:
            raise Fault(404, f"The resource could not be found; this API is below /{PREFIX}/.")
        caller = progress.caller = self._known(call)
        version = progress.version = negotiated(call.headers)
        found, subject = route(self._routes, call, version)
        progress.label = found.label
        caller.need(found.right)
        return await found.serve(Asked(call, caller, version, subject, progress.request_id))

    def _documents(self, progress: _Progress, call: Call) -> Mapping[str, Any]:
        """Who asks which versions there are need not be known."""
        progress.label = "versions"
        self.rate.check(call.address)
        self.rate.spend(call.address)
        if call.method != "GET":
            raise Fault(501, "Of Nova's API only what leads to a console is served here.")
        if call.segments == ("",):
            return versions_document(call.base)
        progress.version = negotiated(call.headers)
        return version_document(call.base)

    def _known(self, call: Call) -> Caller:
        """The caller, who has a call left.  Who guesses at tokens is held up, right guesses included."""
        self._wrong_tokens.check(call.address)
        try:
            caller = self.auth.caller(call.headers)
        except Fault:
            self._wrong_tokens.spend(call.address)
            raise
        self.rate.check(caller.name)
        self.rate.spend(caller.name)
        return caller


class _Progress:
    """What is known of a call so far: for its headers and its line in the log."""

    def __init__(self) -> None:
        self.request_id = f"req-{uuid.uuid4()}"
        self.caller: Caller | None = None
        self.version: Version | None = None
        self.label = "unknown"
        self.cause = ""
        self.detail = ""

    def report(self, call: Call, status: int, seconds: float) -> None:
        """The call's one line; it never holds a path or a header, since they may hold tokens."""
        words = {"caller": self.caller.name if self.caller else None, "cause": self.cause, "detail": self.detail}
        more = "".join(f" {name}={value}" for name, value in words.items() if value)
        log.info(
            "{label} status={status} from={address}{more} seconds={seconds:.3f} request_id={request_id}",
            label=self.label,
            status=status,
            address=call.address,
            more=more,
            seconds=seconds,
            request_id=self.request_id,
        )


def _refusal(progress: _Progress, fault: Fault) -> Answer:
    return _answer(progress, fault.status, fault.body, fault.headers)


def _answer(progress: _Progress, status: int, body: Mapping[str, Any], headers: Mapping[str, str]) -> Answer:
    ids = {"x-openstack-request-id": progress.request_id, "X-Request-Id": progress.request_id}
    versions = progress.version.headers if progress.version else {}
    return Answer(status, body, {**ids, "x-compute-request-id": progress.request_id, **versions, **headers})


def _fault_of(error: XvpError) -> Fault:
    message = error.public
    if isinstance(error, StoreUnavailable):
        message = "The token store cannot answer just now. Try again shortly."  # a viewer's sentence is another
    later = {} if error.retry_after is None else {"Retry_After": str(error.retry_after)}
    return Fault(error.status, message, **later)
