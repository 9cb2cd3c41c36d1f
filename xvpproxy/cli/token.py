"""`xvpproxy token mint | check | revoke`: tokens from the command line, in the stores that the gateway uses."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import AsyncIterator
from typing import Any

from xvpproxy import config, stores
from xvpproxy.blocking import ThreadedPool
from xvpproxy.consoleauth.access_url import lacks_port
from xvpproxy.consoleauth.authority import ConsoleAuth
from xvpproxy.errors import BadRequest, NotAuthorized, StoreUnavailable
from xvpproxy.model import Token, masked_path

from .talk import add_config_arguments, say, warnings_shown

_EXAMPLES = """\
examples:
  xvpproxy token mint --instance 6d7c0144-2a80-4db6-971e-07e62e622122 --host 192.0.2.7 --port 5900
  xvpproxy token mint --instance UUID --host xen1.example.org --port 443 --path - < path-on-the-host
  xvpproxy token check < tokens
  xvpproxy token revoke --instance 6d7c0144-2a80-4db6-971e-07e62e622122
"""

_FINE, _FOUND, _MISUSE, _UNKNOWN = 0, 1, 2, 3

#: What `check` says of each token; null where it does not apply.
FIELDS = (
    *("valid", "fingerprint", "store", "instance_uuid", "console_type", "host", "port"),
    *("expires_at", "internal_access_path"),
)

#: More characters than any token or path has.
MAX_LINE_BYTES = 8192


def add_parser(subparsers: Any) -> None:
    """The command's arguments."""
    parser = subparsers.add_parser(
        "token",
        help="mint, check and revoke tokens",
        description=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="Exit status: 0 fine, 1 a token is not valid, 2 misuse, 3 a token store could not answer.",
    )
    verbs = parser.add_subparsers(title="verbs", metavar="VERB", required=True)
    mint = verbs.add_parser("mint", help="print a new access URL for a console")
    mint.add_argument("--instance", required=True, metavar="UUID", help="whose console this is")
    mint.add_argument("--host", required=True, metavar="H", help="name or address of the console")
    mint.add_argument("--port", required=True, metavar="P", type=int, help="port of the console")
    mint.add_argument("--path", help="what a XenServer wants in its CONNECT; - reads it from standard input")
    mint.add_argument("--type", default="xvpvnc", choices=["xvpvnc", "novnc"], help="default xvpvnc")
    mint.add_argument("--ttl", metavar="SECONDS", type=int, help="default [consoleauth] token_ttl")
    mint.add_argument("--store", metavar="NAME", help="where it is kept; default the first that is looked up")
    check = verbs.add_parser(
        "check", help="say what the tokens on standard input open: one a line, one JSON object each"
    )
    revoke = verbs.add_parser("revoke", help="forget the tokens on standard input, or all of an instance")
    revoke.add_argument("--instance", metavar="UUID", help="every token of this instance")
    for verb, act, makes_store in ((mint, _mint, True), (check, _check, False), (revoke, _revoke, False)):
        add_config_arguments(verb)
        verb.set_defaults(run=run, act=act, makes_store=makes_store, stdin=0)


async def run(reactor: Any, args: argparse.Namespace) -> int:
    """Open the stores, do what the verb says, close them."""
    with warnings_shown():
        conf = config.load(args.config_file, args.config_dir).conf
        consoleauth = stores.open_consoleauth(conf, reactor, make_embedded=args.makes_store)
        try:
            status: int = await args.act(consoleauth, args, reactor)
        except BadRequest as error:
            say(error.public)
            return _MISUSE
        finally:
            consoleauth.close()
    return status


async def _mint(consoleauth: ConsoleAuth, args: argparse.Namespace, reactor: Any) -> int:
    path = args.path
    if path == "-":
        path = await anext(_lines(args.stdin, reactor), None)
        if not path:
            say("--path - was given, but standard input has no path")
            return _MISUSE
    token, url = await consoleauth.mint(
        instance_uuid=args.instance,
        host=args.host,
        port=args.port,
        internal_access_path=path,
        console_type=args.type,
        ttl=args.ttl,
        store=args.store,
    )
    seconds = consoleauth.lifetimes.token_ttl if args.ttl is None else args.ttl
    say(f"token {token} is good for {seconds} s, in the store {args.store or consoleauth.stores[0].name}")
    if args.type == "xvpvnc" and lacks_port(consoleauth.base_urls[args.type]):
        say("[vnc] xvpvncproxy_base_url names no port: old Java viewers need one, even 80 or 443")
    print(url, flush=True)
    return _FINE


async def _check(consoleauth: ConsoleAuth, args: argparse.Namespace, reactor: Any) -> int:
    statuses = []
    async for line in _lines(args.stdin, reactor):
        answer, status = await _finding(consoleauth, Token(line))
        print(json.dumps(answer), flush=True)
        statuses.append(status)
    return max(statuses) if statuses else _nothing_read()


async def _finding(consoleauth: ConsoleAuth, token: Token) -> tuple[dict[str, Any], int]:
    """What is said about one token, and the exit status that it alone would give."""
    answer: dict[str, Any] = dict.fromkeys(FIELDS)
    answer["fingerprint"] = token.fingerprint
    try:
        info, store = await consoleauth.find(token)
    except NotAuthorized as error:
        return {**answer, "valid": False, "cause": error.cause}, _FOUND
    except StoreUnavailable as error:
        say(error.detail)
        return {**answer, "cause": error.cause}, _UNKNOWN
    answer.update({name: getattr(info, name) for name in answer if hasattr(info, name)})
    answer.update(valid=True, store=store.name, internal_access_path=masked_path(info.internal_access_path))
    answer["expires_at"] = None if info.expires_at is None else int(info.expires_at)
    return answer, _FINE


async def _revoke(consoleauth: ConsoleAuth, args: argparse.Namespace, reactor: Any) -> int:
    if args.instance is not None:
        print(await consoleauth.revoke_instance(args.instance), flush=True)
        return _FINE
    revoked, read, status = 0, 0, _FINE
    async for line in _lines(args.stdin, reactor):
        read += 1
        try:
            revoked += await consoleauth.revoke(Token(line))
        except StoreUnavailable as error:
            say(error.detail)
            status = _UNKNOWN
    if not read:
        return _nothing_read()
    print(revoked, flush=True)
    return status


def _nothing_read() -> int:
    say("standard input has no token; give one a line")
    return _MISUSE


async def _lines(descriptor: int, reactor: Any) -> AsyncIterator[str]:
    """The lines of standard input that are not blank, read in a thread so that Ctrl-C ends the command."""
    if os.isatty(descriptor):
        say("reading standard input; end it with Ctrl-D")
    pool, held = ThreadedPool("stdin", 1, reactor), b""
    try:
        while chunk := await pool.run(os.read, descriptor, MAX_LINE_BYTES):
            *whole, held = (held + chunk).split(b"\n")
            for line in whole:
                if text := _text(line):
                    yield text
            if len(held) > MAX_LINE_BYTES:
                break
        if text := _text(held):
            yield text
    finally:
        pool.stop()


def _text(line: bytes) -> str:
    if len(line) > MAX_LINE_BYTES:
        sentence = f"A line of standard input is longer than {MAX_LINE_BYTES} bytes."
        raise BadRequest(sentence, public=sentence)
    return line.strip().decode("utf-8", "surrogateescape")
