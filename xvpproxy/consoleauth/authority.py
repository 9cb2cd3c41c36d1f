"""Who may look at a console, and until when: the three verbs over all token stores."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Coroutine, Mapping, Sequence
from functools import partial
from ipaddress import ip_address
from typing import Any, TypeVar

from oslo_config import cfg
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.python.failure import Failure

from xvpproxy.consoleauth.access_url import access_url, base_url_problem
from xvpproxy.consoleauth.asking import Question, Suspects, afresh, conclude, everyone, first_found
from xvpproxy.consoleauth.contract import Absent, TokenStore
from xvpproxy.consoleauth.records import Lifetimes
from xvpproxy.errors import BadRequest, NotAuthorized, StoreUnavailable
from xvpproxy.model import MAX_PORT, ConnectInfo, Token

T = TypeVar("T")

MAX_HOST_CHARACTERS = 255
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_HOST_NAME = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9._-]*[A-Za-z0-9_.])?")
_PATH = re.compile(r"/[\x21-\x7e]{0,4095}")

OPTS: dict[str, list[cfg.Opt]] = {
    "consoleauth": [
        cfg.IntOpt(
            "token_ttl",
            default=600,
            min=0,
            deprecated_opts=[cfg.DeprecatedOpt("console_token_ttl", group="DEFAULT")],
            help="Seconds that a token is good for. It is the life of tokens minted here, and of those in memcached, "
            "which keeps no time of its own for Nova's; rows in the database have theirs. 0 means what it meant to "
            "Nova: for ever under memcached's plain keys, [cache] expiration_time under its SHA-1 keys.",
        ),
    ],
    "vnc": [
        cfg.URIOpt(
            "xvpvncproxy_base_url",
            default="http://127.0.0.1:6081/console",
            deprecated_group="DEFAULT",
            help="What access URLs of type xvpvnc start with: where viewers reach this gateway. Name the port always, "
            "even 80 or 443: the old Java viewer needs it.",
        ),
        cfg.URIOpt(
            "novncproxy_base_url",
            default="http://127.0.0.1:6080/vnc_auto.html",
            deprecated_group="DEFAULT",
            help="What access URLs of type novnc start with: the noVNC page that browsers load.",
        ),
    ],
}


class ConsoleAuth:
    """Mints, checks and revokes tokens.

    Args:
        stores: in the order in which they are asked; the first one takes new tokens.
        clock: for timers.
        now: tells Unix seconds.
        base_urls: what access URLs start with, by console type.
        lifetimes: how long a minted token is good for unless told otherwise; the stores share it.
    """

    def __init__(
        self,
        stores: Sequence[TokenStore],
        *,
        clock: IReactorTime,
        now: Callable[[], float],
        base_urls: Mapping[str, str],
        lifetimes: Lifetimes,
    ) -> None:
        self.stores = stores
        self.base_urls = base_urls
        self.lifetimes = lifetimes
        self._clock = clock
        self._now = now
        self._suspects = Suspects(clock)

    async def check(self, token: Token) -> ConnectInfo:
        """What a token opens.

        Raises:
            NotAuthorized: it is good in no store; the cause tells unknown (or revoked) from expired.
            StoreUnavailable: no store has it, and one could not answer.
        """
        return (await self.find(token))[0]

    async def find(self, token: Token) -> tuple[ConnectInfo, TokenStore]:
        """As `check`, with the store that has the token."""
        first, *others = self.stores
        answers: list[tuple[ConnectInfo, TokenStore] | Absent | Failure] = []
        if first.name in self._suspects:
            others = [first, *others]
        else:
            try:
                found = await self._ask(first, token)
            except StoreUnavailable as error:
                answers.append(Failure(afresh(error)))
            else:
                if not isinstance(found, Absent):
                    return found
                answers.append(found)
        if others:
            answers += await self._ask_others(others, token)
        found = conclude(answers)
        if isinstance(found, Absent):
            raise NotAuthorized(f"token {token} is not in any store, or no longer good", cause=found.value)
        return found

    async def mint(
        self,
        *,
        instance_uuid: str,
        host: str,
        port: int,
        internal_access_path: str | None = None,
        console_type: str = "xvpvnc",
        ttl: int | None = None,
        store: str | None = None,
    ) -> tuple[Token, str]:
        """A new token for a console, and its access URL.

        Args:
            instance_uuid: the instance whose console this is.
            host: name or address of the console.
            port: 1 to 65535.
            internal_access_path: what a XenServer wants in its CONNECT; starts with a slash.
            console_type: `xvpvnc` or `novnc`.
            ttl: seconds, above 0; None for `[consoleauth] token_ttl`.
            store: the name of the store that keeps it; None for the first one.

        Raises:
            BadRequest: one of these cannot be used; `public` says which, and what would do.
            StoreUnavailable: the store could not keep it.
        """
        seconds = self.lifetimes.token_ttl if ttl is None else ttl
        if seconds <= 0:
            raise _misuse("A token's time must be above 0 seconds; with token_ttl = 0 it has to be given.")
        keeper, base = self._store(store), self._base_url(console_type)
        token = Token(str(uuid.uuid4()))
        url = access_url(base, console_type, token)
        info = ConnectInfo(
            token=token,
            instance_uuid=_checked_uuid(instance_uuid),
            console_type=console_type,
            host=_checked_host(host),
            port=_checked_port(port),
            internal_access_path=_checked_path(internal_access_path),
            access_url=url if keeper.keeps_whole_url else base,
            expires_at=int(self._now()) + seconds,
        )
        await keeper.put(token, info)
        return token, url

    async def revoke(self, token: Token) -> int:
        """Forget a token in every store; how many live tokens that were, 0 or 1."""
        return int(any(await _all([partial(store.delete, token) for store in self.stores])))

    async def revoke_instance(self, instance_uuid: str) -> int:
        """Forget every token of an instance in every store; how many live tokens that were."""
        uuid_text = _checked_uuid(instance_uuid)
        removed = await _all([partial(store.delete_instance, uuid_text) for store in self.stores])
        return len(frozenset[str]().union(*removed))

    def close(self) -> None:
        """Give back what the stores hold."""
        for store in self.stores:
            store.close()

    async def _ask_others(
        self, stores: Sequence[TokenStore], token: Token
    ) -> list[tuple[ConnectInfo, TokenStore] | Absent | Failure]:
        questions = [
            Question(partial(self._ask, store, token), patience=0 if store.name in self._suspects else None)
            for store in stores
        ]
        return await first_found(questions, self._clock)

    async def _ask(self, store: TokenStore, token: Token) -> tuple[ConnectInfo, TokenStore] | Absent:
        try:
            info = await store.get(token)
        except StoreUnavailable:
            self._suspects.add(store.name)
            raise
        return info if isinstance(info, Absent) else (info, store)

    def _store(self, name: str | None) -> TokenStore:
        names = [store.name for store in self.stores]
        if name is None:
            return self.stores[0]
        if name not in names:
            raise _misuse(f"There is no store {name!r} here; there is: {', '.join(names)}.")
        return self.stores[names.index(name)]

    def _base_url(self, console_type: str) -> str:
        if console_type not in self.base_urls:
            raise _misuse(f"The type must be one of {', '.join(self.base_urls)}, not {console_type!r}.")
        base = self.base_urls[console_type]
        if problem := base_url_problem(base):
            raise _misuse(f"[vnc] {console_type}proxy_base_url cannot start an access URL: {problem}.")
        return base


async def _all(asks: Sequence[Callable[[], Coroutine[Deferred[Any], Any, T]]]) -> list[T]:
    """What every store answered; all of them have been asked before a failure is raised."""
    answers: list[T] = []
    for answer in await everyone(asks):
        if isinstance(answer, Failure):
            answer.raiseException()
        answers.append(answer)
    return answers


def _misuse(sentence: str) -> BadRequest:
    return BadRequest(sentence, cause="misuse", public=sentence)


def _checked_uuid(text: str) -> str:
    if not _UUID.fullmatch(text):
        raise _misuse(f"The instance must be a UUID such as 6d7c0144-2a80-4db6-971e-07e62e622122, not {text!r}.")
    return text.lower()


def _checked_host(text: str) -> str:
    host = text[1:-1] if text.startswith("[") and text.endswith("]") else text
    try:
        return str(ip_address(host))
    except ValueError:
        if len(host) <= MAX_HOST_CHARACTERS and _HOST_NAME.fullmatch(host):
            return host
    raise _misuse(f"The host must be a name or an address without a port, not {text!r}.")


def _checked_port(port: int) -> int:
    if not 1 <= port <= MAX_PORT:
        raise _misuse(f"The port must be from 1 to {MAX_PORT}, not {port}.")
    return port


def _checked_path(path: str | None) -> str | None:
    """The sentence does not quote it: it may hold a XenAPI session."""
    if path is not None and not _PATH.fullmatch(path):
        raise _misuse("The path must start with a slash and hold printable ASCII characters without blanks only.")
    return path
