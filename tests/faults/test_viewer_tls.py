"""TLS between viewers and the gateway: with and without on one port, told apart by the first byte."""

import os

from tests import viewers
from tests.certificates import Certificate
from tests.consoles import rfb
from tests.endpoint import dial, eventually
from tests.faults.suite import FaultCase
from xvpproxy.gateway.tls import viewer_context


class ViewerTLS(FaultCase):
    async def setUp(self) -> None:
        await super().setUp()
        certificate = Certificate(self.mktemp())
        self.gateway.parts.tls = viewer_context(
            cert=certificate.path, key=None, ciphers=None, minimum_version="tlsv1_2", required=False
        )

    async def test_viewers_with_and_without_it_meet_on_one_port(self):
        self.console(rfb)
        data = os.urandom(1 << 20)
        for tls in (True, False, True):
            viewer = await viewers.enter(self.port, "the-token", tls=tls)
            viewer.write(data)
            self.assertEqual(await viewer.read(len(data)), data)
            viewer.close()
            await eventually(lambda: self.session() is None, "the session ends")
            await viewer.until(lambda viewer=viewer: viewer.gone)
        await self.settled("viewer_left", "viewer_left", "viewer_left")

    async def test_early_bytes_inside_it_arrive_behind_the_200(self):
        self.console(rfb)
        early = os.urandom(300_000)
        viewer = await viewers.knock(self.port, viewers.request("the-token") + early, tls=True)
        await viewers.welcomed(viewer)
        self.assertEqual(await viewer.read(len(early)), early)
        viewer.close()
        await self.settled("viewer_left")

    async def test_refusals_come_inside_it(self):
        reply = await viewers.refused(self.port, viewers.request("unknown"), tls=True)
        self.assertEqual(reply.status, 401)
        await self.settled(("refused", 401, "token_unknown"))

    async def test_a_hello_that_is_none_is_closed_with_the_reason_in_the_log(self):
        viewer = await viewers.knock(self.port, b"\x16\x03\x01\x00\x05hello" + bytes(100))
        await viewer.read_all()
        viewer.close()
        await self.settled(("refused", 0, "viewer_tls"))
        self.assertTrue(self.gateway.closed[-1]["detail"])

    async def test_a_viewer_that_leaves_within_the_handshake_is_no_failure(self):
        for way in ("finish", "close", "break_off"):
            viewer = await viewers.knock(self.port, b"\x16\x03\x01\x02\x00")
            await eventually(lambda: any(each._opening.spoke for each in self._new()), "the handshake is under way")
            getattr(viewer, way)()
            await viewer.read_all()
            viewer.close()
            await eventually(lambda: not self._new(), "the connection ends")
        await eventually(lambda: len(self.gateway.closings) == 3, "they end")
        self.assertTrue(all(outcome in {"refused", "viewer_left"} for outcome, _, _ in self.gateway.closings))
        await self.settled(*self.gateway.closings)

    async def test_a_viewer_without_it_is_told_where_it_is_required(self):
        self.gateway.parts.tls_required = True
        reply = await viewers.refused(self.port, viewers.request("the-token"))
        self.assertEqual((reply.status, reply.reason), (400, "Invalid Request"))
        self.assertIn("https", reply.body)
        await self.settled(("refused", 400, "tls_required"))

    def _new(self) -> list:
        sessions = self.gateway.parts.sessions
        return [each for each in sessions.connections if each not in sessions.holding]


class SlowHandshake(FaultCase):
    timeouts = {"preamble": 1.0}  # noqa: RUF012

    async def test_the_handshake_counts_towards_the_deadline(self):
        certificate = Certificate(self.mktemp())
        self.gateway.parts.tls = viewer_context(
            cert=certificate.path, key=None, ciphers=None, minimum_version="default", required=True
        )
        viewer = await dial(self.port)
        viewer.write(b"\x16\x03\x01\x02\x00\x01")
        await viewer.read_all()
        viewer.close()
        await self.settled("timed_out")
