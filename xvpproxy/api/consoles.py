"""get-vnc-console: an instance in, an access URL out; and for admins, what a token opens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from twisted.logger import Logger

from xvpproxy.errors import BadRequest, NotAuthorized
from xvpproxy.model import ConnectInfo, Token

from .messages import Fault, shown
from .routing import Asked
from .servers import Instances, find
from .versions import Version

log = Logger()

#: What the actions of the old calls may ask for.
_ACTIONS = {
    "os-getVNCConsole": ("novnc", "xvpvnc"),
    "os-getSPICEConsole": ("spice-html5",),
    "os-getRDPConsole": ("rdp-html5",),
    "os-getSerialConsole": ("serial",),
}
#: What remote-consoles may be asked for, by the first version that has it.
_PROTOCOLS = {"vnc": (2, 6), "spice": (2, 6), "rdp": (2, 6), "serial": (2, 6), "mks": (2, 8)}
_TYPES = {
    "novnc": (2, 6),
    "xvpvnc": (2, 6),
    "spice-html5": (2, 6),
    "rdp-html5": (2, 6),
    "serial": (2, 6),
    "webmks": (2, 8),
    "spice-direct": (2, 99),
}
#: From here on tokens of every type are shown.
_ALL_TOKENS = Version(2, 31)
#: From here on that call refuses what it does not know in the query.
_STRICT_QUERY = Version(2, 99)


class Authority(Protocol):
    """The verbs of consoleauth that this API needs; errors are those of `ConsoleAuth`."""

    async def mint(
        self, *, instance_uuid: str, host: str, port: int, internal_access_path: str | None, console_type: str
    ) -> tuple[Token, str]:
        """A new token, and its access URL."""

    async def check(self, token: Token) -> ConnectInfo:
        """What a token opens."""


class Consoles:
    """The calls about consoles."""

    def __init__(self, drivers: Instances, consoleauth: Authority) -> None:
        self._drivers = drivers
        self._consoleauth = consoleauth

    async def action(self, asked: Asked) -> Mapping[str, Any]:
        """`POST /servers/ID/action`."""
        body = asked.call.json()
        action = next(iter(body)) if isinstance(body, dict) and len(body) == 1 else None
        if action is None:
            raise Fault(400, "The body must be an object with one action, such as os-getVNCConsole.")
        if action not in _ACTIONS:
            raise Fault(501, f"The action {shown(action)} is not served here; os-getVNCConsole is.")
        fields = _checked(body, action, {"type": _ACTIONS[action]})
        if action != "os-getVNCConsole":
            raise _unavailable(fields["type"])
        return {"console": {"type": fields["type"], "url": await self._mint(asked, fields["type"])}}

    async def remote_console(self, asked: Asked) -> Mapping[str, Any]:
        """`POST /servers/ID/remote-consoles`."""
        wanted = {
            field: [word for word, since in words.items() if since <= asked.version]
            for field, words in (("protocol", _PROTOCOLS), ("type", _TYPES))
        }
        fields = _checked(asked.call.json(), "remote_console", wanted)
        if fields["protocol"] != "vnc":
            raise _unavailable(fields["type"])
        if fields["type"] not in _ACTIONS["os-getVNCConsole"]:
            raise Fault(400, f"Invalid console type {fields['type']}")
        return {"remote_console": {**fields, "url": await self._mint(asked, fields["type"])}}

    async def token(self, asked: Asked) -> Mapping[str, Any]:
        """`GET /os-console-auth-tokens/TOKEN`."""
        if asked.version >= _STRICT_QUERY and asked.call.query:
            raise Fault(400, "This call takes no query parameters.")
        try:
            info = await self._consoleauth.check(Token(asked.subject))
        except NotAuthorized:
            raise Fault(404, "Token not found") from None
        if asked.version < _ALL_TOKENS and not info.console_type.startswith("rdp"):
            raise Fault(401, f"Before version {_ALL_TOKENS} only tokens of type rdp-html5 are shown.")
        return {
            "console": {
                "instance_uuid": info.instance_uuid,
                "host": info.host,
                "port": info.port,
                "internal_access_path": info.internal_access_path,
            }
        }

    async def _mint(self, asked: Asked, console_type: str) -> str:
        instance = await find(self._drivers, asked.subject)
        console = await self._drivers.locate(instance)
        try:
            token, url = await self._consoleauth.mint(
                instance_uuid=instance.uuid,
                host=console.host,
                port=console.port,
                internal_access_path=console.internal_access_path,
                console_type=console_type,
            )
        except BadRequest as error:  # our own options, or a driver's answer, cannot make a token
            log.error("no access URL can be made for {instance}: {why}", instance=instance.uuid, why=error.public)
            raise Fault(500, error.public) from None
        log.info(
            "minted fingerprint={fingerprint} instance={instance} driver={driver} caller={caller} "
            "request_id={request_id}",
            caller=asked.caller.name,
            instance=instance.uuid,
            driver=instance.driver,
            fingerprint=token.fingerprint,
            request_id=asked.request_id,
        )
        return url


def _unavailable(console_type: str) -> Fault:
    return Fault(400, f"Unavailable console type {console_type}.")


def _checked(body: Any, name: str, wanted: Mapping[str, Any]) -> dict[str, str]:
    """The fields of the one object `name` in a body: exactly those that are wanted, each one of its words."""
    if not isinstance(body, dict) or list(body) != [name] or not isinstance(body[name], dict):
        raise Fault(400, f"The body must be an object with the object {name} in it, and nothing else.")
    fields: dict[str, str] = body[name]
    for field, words in wanted.items():
        if field not in fields:
            raise Fault(400, f"Invalid input for {name}: {field} is a required property")
        if not isinstance(fields[field], str) or fields[field] not in words:
            raise Fault(
                400,
                f"Invalid input for field/attribute {field}. Value: {shown(fields[field])}. "
                f"It is not one of {', '.join(words)}",
            )
    if unexpected := sorted(set(fields) - set(wanted)):
        raise Fault(400, f"Invalid input for {name}: {shown(unexpected[0])} was unexpected")
    return fields
