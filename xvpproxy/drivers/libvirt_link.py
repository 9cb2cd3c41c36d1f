"""The only door to libvirt-python: one connection to each daemon.  Blocking: for threads.

The package is imported when the driver is opened, since it is an extra: it is
built against the libvirt of the machine.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

from xvpproxy.errors import ConfigurationError, DriverUnavailable

from . import libvirt_domains as domains
from .libvirt_domains import Domain, Uri

R = TypeVar("R")

#: Seconds between two signs of life, and how many may be missing before a connection is given up.
_KEEPALIVE = (5, 3)


def load() -> Any:
    """The package.

    Raises:
        ConfigurationError: it is not installed.
    """
    try:
        import libvirt  # noqa: PLC0415
    except ImportError as error:
        raise ConfigurationError(
            "[DEFAULT] compute_driver = libvirt.LibvirtDriver needs libvirt-python, which is not installed "
            f"({error}): pip install 'xvpproxy[libvirt]', which needs libvirt-dev, pkg-config and gcc"
        ) from error
    return libvirt


@cache
def _start_events(libvirt: Any) -> None:
    """Let libvirt watch its connections, once in a process: a daemon that has gone silent ends the calls that wait."""
    libvirt.registerErrorHandler(lambda _context, _error: None, None)  # else it writes to standard error
    libvirt.virEventRegisterDefaultImpl()

    def run() -> None:
        while libvirt.virEventRunDefaultImpl() >= 0:
            pass

    threading.Thread(target=run, name="libvirt-events", daemon=True).start()


@dataclass(slots=True, eq=False)
class _Link:
    """A connection, which must not be closed while a thread is in a call on it: the last one out closes it."""

    connection: Any
    node: str
    users: int = 0
    given_up: bool = False

    def close(self) -> None:
        self.connection.close()


class Host:
    """One daemon.  Every question opens a connection if there is none, and is asked once more if an old one is dead.

    Args:
        libvirt: the package, from `load`.
    """

    def __init__(self, uri: Uri, libvirt: Any) -> None:
        self.uri = uri
        self._libvirt = libvirt
        self._opening = threading.Lock()
        self._lock = threading.Lock()
        self._link: _Link | None = None
        self._closed = False

    def domains(self, deadline: float) -> list[Domain]:
        """All of them, without descriptions.

        Args:
            deadline: the `time.monotonic` after which nobody waits any more.

        Raises:
            DriverUnavailable: the daemon cannot be reached, or refuses.
        """

        def ask(link: _Link) -> list[Domain]:
            seen = (self._seen(link, each, described=False) for each in link.connection.listAllDomains())
            return [domain for domain in seen if domain is not None]

        return self._ask(ask, deadline)

    def domain(self, uuid_or_name: str, deadline: float) -> Domain | None:
        """The one with this uuid, else the one with this name, with its description.  Raises as `domains`."""

        def ask(link: _Link) -> Domain | None:
            found = self._found(link, uuid_or_name)
            return None if found is None else self._seen(link, found, described=True)

        return self._ask(ask, deadline)

    def give_up(self) -> None:
        """Use a new connection from now on; never waits."""
        with self._lock:
            link, self._link = self._link, None
            if link is None:
                return
            link.given_up = True
            if link.users:
                return
        threading.Thread(target=self._quietly, args=(link.close,), name="libvirt-close", daemon=True).start()

    def close(self) -> None:
        """Take no more questions, and let go of the connection; never waits."""
        self._closed = True
        self.give_up()

    # Domains

    def _found(self, link: _Link, uuid_or_name: str) -> Any:
        unknown = (self._libvirt.VIR_ERR_NO_DOMAIN, self._libvirt.VIR_ERR_INVALID_ARG)
        for look in (link.connection.lookupByUUIDString, link.connection.lookupByName):
            try:
                return look(uuid_or_name)
            except ValueError:
                continue  # no name has such characters
            except self._libvirt.libvirtError as error:
                if error.get_error_code() not in unknown:
                    raise
        return None

    def _seen(self, link: _Link, found: Any, *, described: bool) -> Domain | None:
        """What the daemon says of a domain; nothing if it has gone meanwhile."""
        try:
            state, reason = found.state()
            xml = found.XMLDesc() if described else ""
        except self._libvirt.libvirtError as error:
            if error.get_error_code() == self._libvirt.VIR_ERR_NO_DOMAIN:
                return None
            raise
        return Domain(
            uuid=found.UUIDString().lower(),
            name=found.name(),
            state=domains.state_of(state, reason),
            active=found.ID() != -1,
            uri=self.uri,
            node=self.uri.host or link.node,
            xml=xml,
        )

    # The connection

    def _ask(self, question: Callable[[_Link], R], deadline: float) -> R:
        for _attempt in range(2):
            link, is_new = self._enter(deadline)
            try:
                return question(link)
            except self._libvirt.libvirtError as error:
                self._forget(link)
                failure = self._unavailable(error)
                if is_new:
                    break
            finally:
                self._leave(link)
        raise failure

    def _enter(self, deadline: float) -> tuple[_Link, bool]:
        """A connection to use, and whether it has just been opened."""
        if not self._opening.acquire(timeout=max(0.0, deadline - time.monotonic())):
            raise DriverUnavailable(f"{self.uri} does not answer", cause="driver_timeout")
        try:
            with self._lock:
                link = self._link
                if link is not None:
                    link.users += 1
                    return link, False
            link = self._opened()
            with self._lock:
                link.users = 1
                self._link = link
            if self._closed:
                self.give_up()
            return link, True
        finally:
            self._opening.release()

    def _opened(self) -> _Link:
        _start_events(self._libvirt)
        try:
            connection = self._libvirt.openReadOnly(self.uri.text)
            self._quietly(connection.setKeepAlive, *_KEEPALIVE)  # a local one has none
            return _Link(connection, connection.getHostname())
        except self._libvirt.libvirtError as error:
            raise self._unavailable(error) from None

    def _leave(self, link: _Link) -> None:
        with self._lock:
            link.users -= 1
            last = link.given_up and not link.users
        if last:
            self._quietly(link.close)

    def _forget(self, link: _Link) -> None:
        """Use this one no more; whoever leaves it last closes it."""
        with self._lock:
            link.given_up = True
            if self._link is link:
                self._link = None

    def _quietly(self, call: Callable[..., Any], *args: Any) -> None:
        try:
            call(*args)
        except self._libvirt.libvirtError:
            return  # the connection was dead already, or does not know what was asked

    def _unavailable(self, error: Any) -> DriverUnavailable:
        return DriverUnavailable(f"{self.uri}: {error}", cause="driver_unavailable")
