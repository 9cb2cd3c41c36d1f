"""Why a viewer does not get its console.

    XvpError                     500
      BadRequest                 400  malformed preamble, no token, a console type that is not ours
      HeadTooLarge               431  more than 8,192 bytes or 64 header lines
      NotAuthorized              401  token unknown, expired or revoked: one face outside
      Forbidden                  403  origin, address or policy refuses
      InstanceNotFound           404  the instance or its console does not exist
      PreambleTimeout            408  the viewer began a request and did not finish it in time
      ConsoleUnavailable         409  the instance has no console now, moved, or it is in use
      TooManyRequests            429  one of the limits
      UpstreamUnreachable        502  refused, reset, no route, no such name
      HandshakeFailed            502  reached, but it does not behave like a console
      UpstreamTimeout            504  no connection, or no answer, in time
      StoreUnavailable           503  a token store cannot answer: never a bad token
      DriverUnavailable          503  a hypervisor's API cannot answer
      ShuttingDown               503  the gateway drains
    ConfigurationError                options or stores that cannot work; stops the start

Each class has an HTTP `status`, the `reason` phrase (all that the Java viewer
shows of a refusal) and a `public` sentence that is safe for a stranger.  What
the operator needs goes into `cause`, one word for the log, and `detail`, free
text for the log; neither ever holds a token, an access URL or a path.
"""

from __future__ import annotations

from .model import Outcome


class XvpError(Exception):
    """Something on our side failed; the log has the details."""

    status = 500
    reason = "Internal Error"
    public = "The gateway failed; its log says why."
    outcome = Outcome.FAILED
    cause = "failed"
    #: Seconds for the Retry-After header, or None for no such header.
    retry_after: int | None = None

    def __init__(self, detail: str = "", *, cause: str | None = None, public: str | None = None) -> None:
        super().__init__(detail or self.public)
        self.detail = detail
        if cause is not None:
            self.cause = cause
        if public is not None:
            self.public = public


class BadRequest(XvpError):
    """The viewer's request cannot be understood or asks for what is not served here."""

    status = 400
    reason = "Invalid Request"
    public = "The request is not one for a console: open an access URL with its token in a viewer."
    outcome = Outcome.REFUSED
    cause = "bad_request"


class HeadTooLarge(BadRequest):
    """The request's head is longer than any viewer's."""

    status = 431
    reason = "Request Header Fields Too Large"
    public = "The request head is too large: at most 8192 bytes and 64 header lines are read."
    cause = "head_too_large"


class NotAuthorized(XvpError):
    """The token is unknown, expired, revoked or used up; `cause` tells which."""

    status = 401
    reason = "Not Authorized"
    public = "The token is not valid or has expired; ask for a new access URL."
    outcome = Outcome.REFUSED
    cause = "token_unknown"


class Forbidden(XvpError):
    """Policy refuses this viewer."""

    status = 403
    reason = "Forbidden"
    public = "Access to this console is not allowed from there."
    outcome = Outcome.REFUSED
    cause = "forbidden"


class InstanceNotFound(XvpError):
    """The hypervisor says that there is no such instance or console."""

    status = 404
    reason = "Console Not Found"
    public = "The machine or its console does not exist any more."
    outcome = Outcome.REFUSED
    cause = "vm_not_running"


class PreambleTimeout(XvpError):
    """The viewer began its request and did not finish it before the deadline."""

    status = 408
    reason = "Request Timeout"
    public = "The request was not complete in time."
    outcome = Outcome.TIMED_OUT
    cause = "pre_timeout"


class ConsoleUnavailable(XvpError):
    """The instance has no console now, moved to another host, or its console is in use."""

    status = 409
    reason = "Console Not Available"
    public = "The machine's console is not available now: it may be stopped, moving or in use. Try again shortly."
    outcome = Outcome.REFUSED
    cause = "console_unavailable"


class TooManyRequests(XvpError):
    """A limit of the gateway is reached; `cause` tells which."""

    status = 429
    reason = "Too Many Requests"
    public = "Too many console connections are open; close one or try again shortly."
    outcome = Outcome.REFUSED
    cause = "limit"
    retry_after = 5


class UpstreamUnreachable(XvpError):
    """The console's address cannot be reached: refused, reset, no route, no such name."""

    status = 502
    reason = "Console Unreachable"
    public = "The machine's console could not be reached."
    outcome = Outcome.UNREACHABLE
    cause = "upstream_refused"


class HandshakeFailed(XvpError):
    """The console was reached but its TLS, its CONNECT reply or its greeting is not a console's."""

    status = 502
    reason = "Console Unreachable"
    public = "The machine's console answered in an unexpected way."
    outcome = Outcome.HANDSHAKE_FAILED
    cause = "upstream_handshake"


class UpstreamTimeout(XvpError):
    """The console did not accept the connection, or said nothing, in time."""

    status = 504
    reason = "Console Timed Out"
    public = "The machine's console did not answer in time."
    outcome = Outcome.TIMED_OUT
    cause = "upstream_timeout"


class StoreUnavailable(XvpError):
    """A token store could not answer, so nobody can say whether the token is good."""

    status = 503
    reason = "Token Store Unavailable"
    public = "The token could not be checked just now; it may well be valid. Try again shortly."
    outcome = Outcome.REFUSED
    cause = "store_unavailable"
    retry_after = 5


class DriverUnavailable(XvpError):
    """A hypervisor's API cannot be reached, refuses our login, or does not answer in time."""

    status = 503
    reason = "Console Lookup Unavailable"
    public = "The machine's console could not be looked up just now. Try again shortly."
    outcome = Outcome.REFUSED
    cause = "driver_unavailable"
    retry_after = 5


class ShuttingDown(XvpError):
    """The gateway is stopping and takes no new sessions."""

    status = 503
    reason = "Shutting Down"
    public = "This gateway is shutting down; try again shortly."
    outcome = Outcome.REFUSED
    cause = "drain"
    retry_after = 5


class ConfigurationError(Exception):
    """Options that cannot work.

    Args:
        problems: one sentence each, naming the option, where it stands and the remedy.
    """

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems
