"""Sessions of every kind at level DEBUG: no output has a token, an access URL or a XenAPI session in it."""

import signal
import uuid
from urllib.parse import quote

from tests import viewers
from tests.consoles import BANNER, XENSERVER_200, in_front_of, refusing, rfb, says, silent, xenserver
from tests.endpoint import LOOPBACK, dial, eventually
from tests.faults.process_suite import ProcessCase
from tests.gateway_fixture import INSTANCE
from tests.secrets import leaks

#: Hosts' answers that quote what they were asked, as a host may.
ECHOING_REFUSALS = [b"HTTP/1.1 %s\r\n\r\n<p>%%s</p>" % line for line in (b"401 No", b"404 No", b"500 No", b"503 No")]


class SecretsStayIn(ProcessCase):
    async def test_in_the_text_log(self):
        await self._search("text")

    async def test_in_the_json_log(self):
        await self._search("json")

    async def _search(self, log_format: str) -> None:
        options = {"DEFAULT": {"debug": True, "log_format": log_format}}
        await self.start(options | {"gateway": {"preamble_timeout": 1, "handshake_timeout": 1}}, bystanders=2)
        self.secrets: list[str] = []
        self.replies: list[bytes] = []
        await self._good_sessions()
        await self._bad_consoles()
        await self._bad_requests()
        command_line = self.gateway.proc("cmdline").read_bytes() + self.gateway.proc("comm").read_bytes()
        self.gateway.signal(signal.SIGHUP)
        await eventually(lambda: "reloaded" in self.gateway.output, "it is reloaded")
        self.gateway.signal(signal.SIGINT)
        await self.gateway.exited()
        log = self.gateway.output
        self.assertGreater(log.count("outcome"), 20)
        self.assertEqual(leaks([log, command_line, *self.replies], *self.secrets), [])
        self.assertEqual(leaks(["x" + self.secrets[0]], self.secrets[0]) != [], True)

    async def _secret_token(self, port: int, *, session: bool) -> str:
        """A token for a console; with a `session`, one of XenAPI's in its path."""
        path = None
        if session:
            self.secrets.append(str(uuid.uuid4()))
            path = f"/console?ref=OpaqueRef:1234&session_id=OpaqueRef:{self.secrets[-1]}"
        minted, _url = await self.consoleauth.mint(
            instance_uuid=INSTANCE, host=LOOPBACK, port=port, internal_access_path=path
        )
        self.secrets.append(minted.reveal())
        return minted.reveal()

    async def _good_sessions(self) -> None:
        echo = self.console(rfb)
        for console, session in ((echo, False), (self.console(in_front_of(echo.port)), True)):
            token = await self._secret_token(console.port, session=session)
            for head in (
                viewers.request(token),
                f"GET /x?path=%3Ftoken%3D{token} HTTP/1.1\r\nCookie: token={token}\r\nReferer: http://x/{token}\r\n\r\n".encode(),
                viewers.request(quote(token, safe="")),
            ):
                viewer = await viewers.knock(self.port, head)
                await viewers.welcomed(viewer)
                await viewers.leave([viewer])
            broken = await viewers.enter(self.port, token)
            broken.break_off()

    async def _bad_consoles(self) -> None:
        bound, closed = refusing()
        self.addCleanup(bound.close)
        await self._refused(await self._secret_token(closed, session=True))
        for script in (silent, says(b"no RFB", then="end"), says(b"", then="reset")):
            await self._refused(await self._secret_token(self.console(script).port, session=False))
        for refusal in ECHOING_REFUSALS:
            await self._echoed(refusal)
        for reply in (b"garbage", XENSERVER_200, XENSERVER_200 + BANNER[:5], b"HTTP/1.1 200 OK\r\nX: " + b"x" * 9000):
            console = self.console(xenserver(reply, then="end"))
            await self._refused(await self._secret_token(console.port, session=True))

    async def _echoed(self, refusal: bytes) -> None:
        async def echoing(caller) -> None:
            request = await caller.read_through(b"\r\n\r\n")
            caller.write(refusal % request)
            caller.close()

        await self._refused(await self._secret_token(self.console(echoing).port, session=True))

    async def _bad_requests(self) -> None:
        unknown = str(uuid.uuid4())
        self.secrets.append(unknown)
        for head in (
            viewers.request(unknown),
            f"POST /console?token={unknown} HTTP/1.0\r\n\r\n".encode(),
            f"CONNECT /console?token={unknown} HTTP/3.0\r\n\r\n".encode(),
            f"CONNECT /console?token={unknown}\x00 HTTP/1.0\r\n\r\n".encode(),
            f"CONNECT /console?token={unknown}%00 HTTP/1.0\r\n\r\n".encode(),
            f"CONNECT /console?token={unknown} HTTP/1.0\r\nbad {unknown}\r\n\r\n".encode(),
            f"CONNECT /{unknown} HTTP/1.0\r\n\r\n".encode(),
            f"CONNECT /console?token={unknown} HTTP/1.0\r\nX: {'x' * 9000}\r\n\r\n".encode(),
            f"CONNECT /console?token={unknown}".encode(),  # and then silence
        ):
            self.replies.append((await viewers.refused(self.port, head)).raw)
        gone = await dial(self.port)
        gone.write(f"CONNECT /console?token={unknown}".encode())
        gone.break_off()

    async def _refused(self, token: str) -> None:
        self.replies.append((await viewers.refused(self.port, viewers.request(token))).raw)
