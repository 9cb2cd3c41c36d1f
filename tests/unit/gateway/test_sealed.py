"""TLS without a socket; whatever one connection does, the next one finds nothing of it."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import ssl
import tempfile

from twisted.trial.unittest import SynchronousTestCase

from tests.certificates import make_certificate
from tests.tls_records import ALERT, CLOSE_NOTIFY, Records, kept_secrets
from xvpproxy.gateway import sealed as module
from xvpproxy.gateway.sealed import OPEN_BYTES, TURN_BYTES, Sealed, TLSFailed


class SealedCase(SynchronousTestCase):
    def setUp(self) -> None:
        folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, folder)
        cert, key = make_certificate(folder)
        self.server_context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.server_context.load_cert_chain(cert, key)
        self.client_context = ssl.create_default_context(cafile=cert)

    def tearDown(self) -> None:
        self.assert_nothing_is_left()

    def assert_nothing_is_left(self) -> None:
        self.assertEqual((module._FROM.pending, module._TO.pending), (0, 0))

    def server(self) -> Sealed:
        return Sealed(self.server_context, server_side=True, name=None)

    def client(self) -> Sealed:
        return Sealed(self.client_context, server_side=False, name="localhost")

    def pair(self, *, piece: int = OPEN_BYTES) -> tuple[Sealed, Sealed]:
        """A server and a client that have shaken hands, `piece` bytes at a time."""
        server, client = self.server(), self.client()
        self.assertIsNone(client.handshake(b""))
        done = {server: False, client: False}
        for _ in range(4):
            for source, sink in ((client, server), (server, client)):
                self.feed(sink, source.take_reply(), done, piece)
        self.assertEqual(list(done.values()), [True, True])
        return server, client

    def feed(self, sink: Sealed, data: bytes, done: dict[Sealed, bool], piece: int) -> None:
        for start in range(0, len(data), piece):
            part = data[start : start + piece]
            if done[sink]:
                self.assertEqual(sink.open(part), b"")
            else:
                done[sink] = sink.handshake(part) is not None
            self.assert_nothing_is_left()

    def opened(self, sink: Sealed, data: bytes, piece: int = OPEN_BYTES) -> bytes:
        got = b""
        for start in range(0, len(data), piece):
            got += sink.open(data[start : start + piece])
            self.assert_nothing_is_left()
        return got


class Talk(SealedCase):
    def test_carries_bytes_both_ways_in_every_version(self) -> None:
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            self.client_context.minimum_version = self.client_context.maximum_version = version
            server, client = self.pair()
            data = os.urandom(300_000)
            self.assertEqual(self.opened(server, client.seal(data)), data)
            self.assertEqual(self.opened(client, server.seal(data)), data)

    def test_handshakes_and_records_may_come_in_any_pieces(self) -> None:
        data = os.urandom(40_000)
        for piece in (1, 2, 7, 1000):
            server, client = self.pair(piece=piece)
            self.assertEqual(self.opened(server, client.seal(data), piece), data)
        sealed = client.seal(b"first") + client.seal(b"second")
        for cut in range(len(sealed) + 1):
            server, client = self.pair()
            sealed = client.seal(b"first") + client.seal(b"second")
            self.assertEqual(self.opened(server, sealed[:cut]) + self.opened(server, sealed[cut:]), b"firstsecond")

    def test_opens_thousands_of_records_at_once(self) -> None:
        server, client = self.pair()
        records = b"".join(client.seal(b"k") for _ in range(OPEN_BYTES // 24))
        self.assertEqual(bytes(server.open(records)), b"k" * (OPEN_BYTES // 24))

    def test_opens_all_that_one_call_can_complete(self) -> None:
        """The end of the longest record that was begun before, and as much as one call takes."""
        server, client = self.pair()
        data = os.urandom(OPEN_BYTES + 16100)
        sealed = client.seal(data)
        begun = 16384 + 22 - 1
        self.assertEqual(bytes(server.open(sealed[:begun])), b"")
        self.assertEqual(bytes(server.open(sealed[begun:])), data)
        self.assertRaises(ValueError, server.open, bytes(OPEN_BYTES + 1))

    def test_what_comes_right_behind_the_handshake_is_not_lost(self) -> None:
        server, client = self.server(), self.client()
        client.handshake(b"")
        server.handshake(client.take_reply())
        client.handshake(server.take_reply())
        together = client.take_reply() + client.seal(b"GET / HTTP/1.1")
        self.assertEqual(server.handshake(together + client.seal(b"\r\n\r\n")[:9]), b"GET / HTTP/1.1")

    def test_shows_the_peers_certificate_to_the_client(self) -> None:
        server, client = self.pair()
        self.assertTrue(client.certificate().startswith(b"\x30\x82"))
        self.assertIsNone(server.certificate())

    def test_tickets_reach_the_client_and_resume(self) -> None:
        def shaken(session: ssl.SSLSession | None) -> ssl.SSLObject:
            incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
            client = self.client_context.wrap_bio(incoming, outgoing, server_hostname="localhost", session=session)
            server = self.server()
            for _ in range(3):
                with contextlib.suppress(ssl.SSLWantReadError):
                    client.do_handshake()
                server.handshake(outgoing.read())
                incoming.write(server.take_reply())
            incoming.write(server.seal(b"x"))
            client.read(1)
            return client

        self.assertTrue(shaken(shaken(None).session).session_reused)


class Ends(SealedCase):
    def test_close_notify_is_the_end_behind_the_last_bytes(self) -> None:
        server, client = self.pair()
        self.assertEqual(self.opened(client, server.seal(b"last words") + server.end() + b"and more"), b"last words")
        self.assertEqual((client.ended, server.ended), (True, False))

    def test_the_other_direction_lives_on(self) -> None:
        server, client = self.pair()
        client.open(server.end())
        self.assertEqual(self.opened(server, client.seal(b"still here") + client.end()), b"still here")
        self.assertTrue(server.ended)
        self.assertEqual((server.end(), server.take_reply()), (b"", b""))

    def test_ending_before_the_handshake_is_harmless(self) -> None:
        for sealed in (self.server(), self.client()):
            sealed.end()
            self.assert_nothing_is_left()


class OddRecords(SealedCase):
    """What no library sends."""

    def setUp(self) -> None:
        super().setUp()
        secrets = kept_secrets(self.client_context)
        self.addCleanup(shutil.rmtree, secrets.parent)
        self.sealing, self.hearing = self.pair()
        self.records = Records(secrets)

    def test_empty_records_are_nothing(self) -> None:
        for _ in range(3):
            self.assertEqual(bytes(self.sealing.open(self.records.seal(b""))), b"")
            self.assert_nothing_is_left()
        together = self.records.seal(b"") + self.records.seal(b"a") + self.records.seal(b"")
        self.assertEqual(bytes(self.sealing.open(together)), b"a")

    def test_a_key_update_is_answered_ahead_of_what_is_sealed_next(self) -> None:
        for _ in range(3):
            data = self.records.update_key() + self.records.seal(b"under the new key")
            self.assertEqual(bytes(self.sealing.open(data)), b"under the new key")
            self.assert_nothing_is_left()
        sealed = self.sealing.seal(b"answer")
        self.assertEqual(self.sealing.take_reply(), b"", "seal said it already")
        self.assertEqual(self.opened(self.hearing, sealed), b"answer")

    def test_thousands_of_key_updates_are_answered(self) -> None:
        updates = b"".join(self.records.update_key() for _ in range(2000))
        self.assertEqual(bytes(self.sealing.open(updates)), b"")
        self.assertEqual(self.opened(self.hearing, self.sealing.take_reply()), b"")
        self.assertEqual(self.opened(self.hearing, self.sealing.seal(b"ok")), b"ok")

    def test_what_follows_close_notify_is_dropped(self) -> None:
        data = self.records.seal(CLOSE_NOTIFY, ALERT) + self.records.seal(b"too late")
        self.assertEqual((bytes(self.sealing.open(data)), self.sealing.ended), (b"", True))
        self.assertEqual(bytes(self.sealing.open(self.records.seal(b"far too late"))), b"")


class Portions(SealedCase):
    def test_of_a_client_are_small_since_it_can_be_anybody(self) -> None:
        server, client = self.pair()
        self.assertEqual((server.portion, client.portion), (TURN_BYTES, OPEN_BYTES))


class Failures(SealedCase):
    def test_a_certificate_that_is_not_trusted_is_named_as_the_reason(self) -> None:
        self.client_context = ssl.create_default_context(cafile=None)
        client, server = self.client(), self.server()
        client.handshake(b"")
        server.handshake(client.take_reply())
        error = self.assertRaises(TLSFailed, client.handshake, server.take_reply())
        self.assertTrue(str(error).startswith("certificate: "), error)
        alert = client.take_reply()
        self.assertTrue(alert)
        error = self.assertRaises(TLSFailed, server.handshake, alert)
        self.assertIn("ALERT", str(error))

    def test_a_peer_that_speaks_no_tls_is_told_so(self) -> None:
        server = self.server()
        self.assertRaises(TLSFailed, server.handshake, b"GET / HTTP/1.1\r\n\r\n")
        self.assert_nothing_is_left()
        client = self.client()
        client.handshake(b"")
        self.assertRaises(TLSFailed, client.handshake, b"RFB 003.008\n")
        self.assertTrue(client.take_reply())

    def test_a_record_that_was_tampered_with_is_an_error_and_an_alert(self) -> None:
        server, client = self.pair()
        record = bytearray(client.seal(b"six bytes"))
        record[-1] ^= 1
        self.assertRaises(TLSFailed, server.open, bytes(record) + client.seal(b"behind it"))
        self.assert_nothing_is_left()
        alert = server.take_reply()
        self.assertTrue(alert)
        self.assertRaises(TLSFailed, client.open, alert)

    def test_thousands_of_broken_handshakes_touch_no_session(self) -> None:
        chance = random.Random(4)
        sessions = [self.pair() for _ in range(5)]
        for number in range(3000):
            server, client = sessions[number % len(sessions)]
            data = chance.randbytes(chance.randrange(1, 3000))
            sealed, cut = client.seal(data), chance.randrange(100)
            got = bytes(server.open(sealed[:cut]))  # part of a record is under way while another handshake breaks
            self.break_one(chance)
            self.assert_nothing_is_left()
            got += bytes(server.open(sealed[cut:]))
            self.assertEqual(got, data)
            self.assertEqual(self.opened(client, server.seal(data[::-1])), data[::-1])

    def break_one(self, chance: random.Random) -> None:
        server, client = self.server(), self.client()
        client.handshake(b"")
        hello = client.take_reply()
        way = chance.randrange(6)
        if way == 0:
            self.fails(server, chance.randbytes(chance.randrange(1, 600)))
        elif way == 1:
            self.fails(server, b"GET /console HTTP/1.1\r\nHost: localhost\r\n\r\n" + chance.randbytes(100))
        elif way == 2:
            server.handshake(hello[: chance.randrange(len(hello))])
        elif way == 3:
            self.fails(server, hello[:9] + chance.randbytes(len(hello) - 9))
        else:
            server.handshake(hello)
            flight = server.take_reply()
            if way == 4:
                client.handshake(flight[: chance.randrange(len(flight))])
            else:
                place = chance.randrange(len(flight))
                self.fails(client, flight[:place] + chance.randbytes(40) + flight[place:])

    def fails(self, sealed: Sealed, data: bytes) -> None:
        """Feed nonsense, which fails or waits for more of it."""
        try:
            sealed.handshake(data)
        except TLSFailed:
            sealed.take_reply()
