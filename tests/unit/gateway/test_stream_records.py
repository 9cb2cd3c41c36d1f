"""What a peer inside TLS may cost that says nothing: records whose opening takes long, and that ask for replies."""

from __future__ import annotations

import contextlib
import shutil
import socket
import ssl
import tempfile

from tests.certificates import make_certificate
from tests.sockets import in_thread, read_to_end
from tests.stream_case import StreamCase, the_next
from tests.tasks import run
from tests.tls_records import Records, kept_secrets
from xvpproxy.gateway.dispatch import END, IN, Owner, ReactorDispatch
from xvpproxy.gateway.sealed import TURN_BYTES, Sealed
from xvpproxy.gateway.stream import READ_AHEAD_BYTES, Stream
from xvpproxy.wire.conversation import Ended

#: More records than one turn takes.
_UPDATES = 4 * TURN_BYTES // 26


def contexts(case: StreamCase) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Those of a server and of a client that trusts it."""
    folder = tempfile.mkdtemp()
    case.addCleanup(shutil.rmtree, folder)
    cert, key = make_certificate(folder)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(cert, key)
    return server, ssl.create_default_context(cafile=cert)


class BeforeTheToken(StreamCase):
    async def test_what_comes_behind_the_handshake_is_opened_in_parts(self) -> None:
        server, client = contexts(self)
        reading, writing = ssl.MemoryBIO(), ssl.MemoryBIO()
        inside = client.wrap_bio(reading, writing, server_hostname="localhost")
        taken: list[int] = []
        handshake = Sealed.handshake
        self.patch(Sealed, "handshake", lambda sealed, data: (taken.append(len(data)), handshake(sealed, data))[1])
        done = run(self.stream.start_tls(server, server_side=True))
        with contextlib.suppress(ssl.SSLWantReadError):
            inside.do_handshake()
        self.peer.sendall(writing.read())
        reading.write(await in_thread(self.peer.recv, READ_AHEAD_BYTES))
        inside.do_handshake()
        inside.write(b"x" * READ_AHEAD_BYTES)
        self.peer.sendall(writing.read())
        await done
        self.assertLessEqual(max(taken), TURN_BYTES)
        self.assertEqual(len(await self.converse(the_next(READ_AHEAD_BYTES))), READ_AHEAD_BYTES)


class SayingNothing(StreamCase):
    async def setUp(self) -> None:
        super().setUp()
        server, client = contexts(self)
        secrets = kept_secrets(client)
        self.addCleanup(shutil.rmtree, secrets.parent)
        wrapping = in_thread(lambda: client.wrap_socket(self.peer, server_hostname="localhost"))
        await run(self.stream.start_tls(server, server_side=True))
        inside = await wrapping
        self.peer = socket.socket(fileno=inside.detach())
        self.addCleanup(self.peer.close)
        self.records = Records(secrets)

    def updates(self, count: int = _UPDATES) -> bytes:
        return b"".join([self.records.update_key() for _ in range(count)])

    async def test_one_turn_opens_a_part_of_what_has_come_and_the_next_ones_the_rest(self) -> None:
        self.peer.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
        opened: list[int] = []
        asked: list[Owner] = []
        keep = Stream._keep
        self.patch(Stream, "_keep", lambda stream, data: (opened.append(len(data)), keep(stream, data))[1])
        self.dispatch.soon = asked.append
        self.peer.sendall(self.updates())
        for events in (IN, IN | END):  # an end that is told must not let it read on either
            self.stream.on(events)
        self.assertEqual(opened, [TURN_BYTES] * 2)
        self.assertEqual(asked, [self.stream], "one turn is enough at a time")
        del self.dispatch.soon
        self.stream.again()
        self.peer.sendall(self.records.seal(b"abc"))
        self.assertEqual(await self.converse(the_next(3)), b"abc")

    async def test_who_asks_for_replies_and_reads_none_has_left(self) -> None:
        def ask() -> None:
            for _ in range(1000):
                if self.left:
                    return
                self.peer.sendall(self.updates(1000))

        self.stream._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        await in_thread(ask)
        self.assertEqual(self.left, ["gone"])
        self.assertLess(len(self.stream._unsent), READ_AHEAD_BYTES + 2 * TURN_BYTES)

    async def test_who_sends_a_bad_record_is_told_so_although_all_ends_at_once(self) -> None:
        self.stream._gone = self.stream.close
        self.peer.settimeout(20)
        talking = self.converse(the_next(3))
        await in_thread(self.peer.sendall, self.records.seal(b"abc")[:-1] + b"?")
        await self.assertFailure(talking, Ended)
        alert = (await in_thread(read_to_end, self.peer))[-24:]
        self.assertEqual(alert[:5], b"\x17\x03\x03\0\x13", "inside TLS 1.3 an alert looks like data, of 2 bytes")


class PortableSayingNothing(SayingNothing):
    dispatched_by = ReactorDispatch
