"""The only door to the XenAPI package: one connection to one host, and its errors in three kinds.

The package would log in again by itself, with a password that it keeps, and
follow no change of the master; so it is given a session for each call, and who
logs in is `xenapi_pool`'s business.
"""

from __future__ import annotations

import http.client
import ssl
import xmlrpc.client
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from xml.parsers.expat import ExpatError

import XenAPI

from .xenapi_members import Member
from .xenapi_transport import HostTrust, Transport

#: What our sessions are called in the pool; xapi keeps the sessions of each originator apart.
ORIGINATOR = "xvpproxy"
_API_VERSION = "1.0"
_NOT_LOGGED_IN = 401
_LEAST_SECONDS = 0.1


class ApiFailure(Exception):
    """The API answered with a failure: its code, and what goes with it."""

    def __init__(self, code: str, *details: str) -> None:
        super().__init__(" ".join((code, *details)))
        self.code = code
        self.details = details


class SessionInvalid(Exception):
    """The host does not know the session (any more)."""


class Unreachable(Exception):
    """No answer, or none that can be understood; the message says why."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds that a new connection may take, and each wait for an answer."""

    connect: float
    reply: float


class Link:
    """One connection to the API of `member`; one thread at a time.

    Every method raises ApiFailure, SessionInvalid or Unreachable, and keeps to
    the `Limits` that it is given.
    """

    def __init__(self, member: Member, trust: HostTrust) -> None:
        self.member = member
        self._transport = Transport(trust if member.tls else None)
        self._proxy = self._new()

    def log_in(self, username: str, password: str, *, limits: Limits) -> str:
        """A new session; its reference."""
        login = self._new()
        with self._errors(limits):
            login.login_with_password(username, password, _API_VERSION, ORIGINATOR)
            return str(login.handle)

    def call(self, session: str, method: str, *params: Any, limits: Limits) -> Any:
        """What `method` answers."""
        self._proxy._session = session  # noqa: SLF001  (several connections share one login)
        with self._errors(limits):
            return self._proxy.xenapi_request(method, params)

    def log_out(self, session: str, *, limits: Limits) -> None:
        """End a session."""
        login = self._new()
        login._session = session  # noqa: SLF001
        login.last_login_method = "login_with_password"
        with self._errors(limits):
            login.logout()

    @property
    def used(self) -> bool:
        """Whether the connection has been idle since an earlier call: it may have been cut meanwhile."""
        return self._transport.used

    def abort(self) -> None:
        """Let a call that is under way fail, from any thread."""
        self._transport.abort()

    def close(self) -> None:
        self._transport.close()

    def _new(self) -> Any:
        return XenAPI.Session(self.member.url, transport=self._transport)

    @contextmanager
    def _errors(self, limits: Limits) -> Iterator[None]:
        self._transport.connect_seconds = max(_LEAST_SECONDS, limits.connect)
        self._transport.seconds = max(_LEAST_SECONDS, limits.reply)
        try:
            yield
        except XenAPI.Failure as failure:
            raise ApiFailure(*map(str, failure.details)) from None
        except xmlrpc.client.Fault as fault:
            if fault.faultCode == _NOT_LOGGED_IN:
                raise SessionInvalid from None
            raise self._broken(f"it answered with fault {fault.faultCode}") from None
        except xmlrpc.client.ProtocolError as error:
            raise self._broken(f"it answered with HTTP status {error.errcode}") from None
        except ssl.SSLCertVerificationError as error:
            raise self._broken(f"its certificate is not trusted: {error.verify_message}") from None
        except TimeoutError:
            raise self._broken(
                f"no connection within {limits.connect:.1f} s, or no answer within {limits.reply:.1f} s"
            ) from None
        except OSError as error:
            raise self._broken(error.strerror or str(error) or type(error).__name__) from None
        except (
            http.client.HTTPException,
            xmlrpc.client.Error,
            ExpatError,
            LookupError,
            TypeError,
            ValueError,
        ) as error:
            raise self._broken(f"what it answered is not XML-RPC ({type(error).__name__})") from None

    def _broken(self, why: str) -> Unreachable:
        self._transport.close()
        return Unreachable(why)
