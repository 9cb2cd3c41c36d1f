"""Consoles that refuse, keep silent, say something else or vanish."""

import os
import resource

from tests import viewers
from tests.consoles import BANNER, XENSERVER_200, BlackHole, Caller, refusing, rfb, says, silent, xenserver
from tests.endpoint import eventually, pause
from tests.faults.suite import FaultCase
from xvpproxy.gateway.relay import RelayTimeouts

PATH = "/console?uuid=16b48cc3-f907-45b6-bbcc-1b6be436d8f2"
SILENCE = ("timed_out", 504, "upstream_timeout")
NOT_RFB = ("handshake_failed", 502, "upstream_not_rfb")
ENDED = ("handshake_failed", 502, "upstream_reset")


class Unreachable(FaultCase):
    timeouts = {"connect": 0.7}  # noqa: RUF012

    async def test_one_that_refuses_is_502_at_once(self):
        bound, port = refusing()
        self.addCleanup(bound.close)
        await self.take_stock()
        self.tokens.add("the-token", port)
        reply = await viewers.refused(self.port, viewers.request("the-token"))
        self.assertEqual((reply.status, reply.reason), (502, "Console Unreachable"))
        await self.settled(("unreachable", 502, "upstream_refused"))

    async def test_one_whose_packets_are_lost_is_504_after_the_connect_timeout(self):
        hole = BlackHole()
        self.addCleanup(hole.close)
        await self.take_stock()
        self.tokens.add("the-token", hole.port)
        reply = await viewers.refused(self.port, viewers.request("the-token"))
        self.assertEqual((reply.status, reply.reason), (504, "Console Timed Out"))
        self.assertGreater(self.gateway.closed[-1]["phase_seconds"]["connecting"], 0.69)
        await self.settled(SILENCE)

    async def test_one_whose_name_nobody_knows_is_502(self):
        self.tokens.add("the-token", 5900, host="no-such-host.invalid")
        reply = await viewers.refused(self.port, viewers.request("the-token"))
        self.assertEqual(reply.status, 502)
        await self._threads_are_known()
        await self.settled(("unreachable", 502, "upstream_dns"))

    async def _threads_are_known(self) -> None:
        """The resolver's threads stay for the next name: a pool, not a leak."""
        self._before["threads"] += 2
        self._before["descriptors"] += 2


class Silent(FaultCase):
    timeouts = {"handshake": 0.7}  # noqa: RUF012

    async def _expect_silence(self, script, path: str | None) -> None:
        self.console(script, path=path)
        reply = await viewers.refused(self.port, viewers.request("the-token"))
        self.assertEqual((reply.status, reply.reason), (504, "Console Timed Out"))
        await self.settled(SILENCE)

    async def test_a_plain_one_is_504(self):
        await self._expect_silence(silent, None)

    async def test_a_host_that_never_answers_the_connect_is_504(self):
        await self._expect_silence(silent, PATH)

    async def test_a_host_whose_200_is_all_it_says_is_504(self):
        await self._expect_silence(xenserver(XENSERVER_200, then="silence"), PATH)

    async def test_half_a_version_is_504(self):
        await self._expect_silence(says(b"RFB 003.", then="silence"), None)

    async def test_an_endless_trickle_of_header_bytes_is_504(self):
        await self._expect_silence(xenserver(*[b"X"] * 4000, gap=0.02), PATH)


class NotConsoles(FaultCase):
    async def _expect(self, ending: tuple[str, int, str], *scripts, path: str | None = None) -> None:
        for script in scripts:
            self.console(script, path=path)
            reply = await viewers.refused(self.port, viewers.request("the-token") + b"early")
            self.assertEqual((reply.status, reply.reason), (502, "Console Unreachable"))
        await self.settled(*[ending] * len(scripts))

    async def test_what_is_not_rfb_is_502(self):
        strangers = [
            b"SSH-2.0-OpenSSH_9.2\r\n",
            b"HTTP/1.1 400 Bad Request\r\n\r\n",
            b"rfb 003.008\n",
            b"RFB 003.008\r",
        ]
        strangers += [os.urandom(12), bytes(12), b"RFB 3.8\n    ", b"RFB \xff\xff\xff\xff\xff\xff\xff\xff"]
        await self._expect(NOT_RFB, *[says(stranger, then="silence") for stranger in strangers])

    async def test_what_is_not_rfb_is_502_behind_a_200_too(self):
        await self._expect(NOT_RFB, xenserver(XENSERVER_200 + b"SSH-2.0-OpenSSH_9.2\r\n"), path=PATH)

    async def test_a_flood_that_is_not_rfb_costs_no_memory(self):
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

        async def flood(caller: Caller) -> None:
            for _ in range(1000):
                if caller.gone:
                    return
                caller.write(b"no RFB here " * 100)
                await pause(0)

        await self._expect(NOT_RFB, *[flood] * 10)
        self.assertLess(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before, 16 << 10)

    async def test_an_end_before_the_version_is_502(self):
        endings = [says(said, then=how) for said in (b"", b"RFB 003.0") for how in ("end", "reset")]
        await self._expect(ENDED, *endings)

    async def test_an_end_within_the_connect_reply_is_502(self):
        heads = (b"", b"HTTP/1.1 2", b"HTTP/1.1 200 OK\r\nConn", XENSERVER_200, XENSERVER_200 + b"RFB")
        await self._expect(ENDED, *[xenserver(head, then=how) for head in heads for how in ("end", "reset")], path=PATH)


class Leaving(FaultCase):
    settings = {"timeouts": RelayTimeouts(close=0.7)}  # noqa: RUF012

    async def test_an_end_in_mid_stream_reaches_the_viewer_behind_the_last_byte(self):
        self.console(says(BANNER + bytes(3 << 20), then="end"))
        viewer = await viewers.enter(self.port, "the-token")
        self.assertEqual(len(await viewer.read_all()), 3 << 20)
        viewer.close()
        await self.settled("console_left")

    async def test_a_reset_in_mid_stream_ends_the_session_at_once(self):
        console = self.console(rfb)
        viewer = await viewers.enter(self.port, "the-token")
        console.callers[0].break_off()
        await eventually(lambda: len(self.gateway.closings) == 1, "the session ends", within=5.0)
        await viewer.read_all()
        viewer.close()
        await self.settled("console_left")

    async def test_a_viewer_that_stays_after_the_consoles_end_is_let_go_after_the_close_timeout(self):
        console = self.console(rfb)
        viewer = await viewers.enter(self.port, "the-token")
        console.callers[0].finish()
        await viewer.read_all()
        await eventually(lambda: len(self.gateway.closings) == 1, "the session ends")
        viewer.close()
        await self.settled("console_left")

    async def test_a_viewer_that_has_ended_gets_what_the_console_still_sends(self):
        async def late(caller: Caller) -> None:
            caller.write(BANNER)
            await caller.until(lambda: caller.ended)

        console = self.console(late)
        viewer = await viewers.enter(self.port, "the-token")
        data = os.urandom(2 << 20)
        console.callers[0].write(data)
        viewer.finish()
        self.assertEqual(await viewer.read_all(), data)
        viewer.close()
        await self.settled("viewer_left")
