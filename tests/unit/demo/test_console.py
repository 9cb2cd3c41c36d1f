import struct
import time

from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.trial.unittest import SynchronousTestCase

from xvpproxy.demo.console import GREETING_TIMEOUT, DemoConsole
from xvpproxy.demo.pixels import PixelFormat, colour_map

GREETING = b"RFB 003.008\n\x01\x01"
ALL = bytes.fromhex("03 00 0000 0000 0320 0258")
NEWS = bytes.fromhex("03 01 0000 0000 0320 0258")
RGB8 = b"\0\0\0\0" + PixelFormat(8, 8, False, True, 7, 7, 3, 0, 3, 6).pack()
MAPPED = b"\0\0\0\0" + PixelFormat(8, 8, False, False, 0, 0, 0, 0, 0, 0).pack()
KEY_A = bytes.fromhex("04 01 0000 00000061")


def rectangles(data):
    """The rectangles of the Raw updates at 8 bits per pixel that `data` consists of, as x, y, w, h."""
    found = []
    while data:
        kind, count = struct.unpack(">BxH", data[:4])
        if kind != 0:
            raise AssertionError(f"message {kind} is no update")
        data = data[4:]
        for _ in range(count):
            *rect, encoding = struct.unpack(">HHHHi", data[:12])
            if encoding != 0:
                raise AssertionError(f"encoding {encoding}")
            data = data[12 + rect[2] * rect[3] :]
            found.append(tuple(rect))
    return found


class ConsoleTestCase(SynchronousTestCase):
    def setUp(self):
        self.clock = Clock()
        self.clock.advance(1_700_000_000.25)
        self.console = DemoConsole(
            "web",
            "0d5c8e6e-7d0a-4b0e-9c3f-5f2c1f0a7a11",
            "amber",
            clock=self.clock,
            local_time=lambda: time.gmtime(self.clock.seconds()),
        )

    def connect(self, *said):
        viewer, transport = self.console.buildProtocol(None), StringTransport()
        viewer.makeConnection(transport)
        for data in said:
            viewer.dataReceived(data)
        transport.clear()
        return viewer, transport

    def heard(self, transport):
        data = transport.value()
        transport.clear()
        return rectangles(data)


class UpdateTests(ConsoleTestCase):
    def setUp(self):
        super().setUp()
        self.viewer, self.transport = self.connect(GREETING, RGB8)

    def test_nothing_is_sent_unasked(self):
        self.viewer.dataReceived(KEY_A)
        self.clock.advance(3)
        self.assertEqual(self.transport.value(), b"")

    def test_the_first_request_gets_the_whole_screen_even_if_incremental(self):
        self.viewer.dataReceived(NEWS)
        self.assertEqual(self.heard(self.transport), [(0, 0, 800, 600)])

    def test_an_incremental_request_waits_for_a_change_and_gets_only_that(self):
        self.viewer.dataReceived(ALL)
        self.heard(self.transport)
        self.viewer.dataReceived(NEWS)
        self.assertEqual(self.transport.value(), b"")
        self.clock.advance(0.75)
        ((_, y, w, h),) = self.heard(self.transport)
        self.assertLess(w * h, 2000)
        self.assertLess(y + h, 124)
        self.clock.advance(5)
        self.assertEqual(self.transport.value(), b"", "a request is answered once")

    def test_a_full_request_is_answered_at_once_and_in_full(self):
        for _ in range(2):
            self.viewer.dataReceived(ALL)
            self.assertEqual(self.heard(self.transport), [(0, 0, 800, 600)])

    def test_only_the_asked_part_is_sent_and_the_rest_waits(self):
        self.viewer.dataReceived(bytes.fromhex("03 01 0010 0020 0008 0004"))
        self.assertEqual(self.heard(self.transport), [(16, 32, 8, 4)])
        self.viewer.dataReceived(NEWS)
        self.assertEqual(sum(w * h for _, _, w, h in self.heard(self.transport)), 800 * 600 - 32)

    def test_a_request_outside_the_screen_is_clipped_or_ignored(self):
        self.viewer.dataReceived(bytes.fromhex("03 00 0310 0250 ffff ffff"))
        self.assertEqual(self.heard(self.transport), [(784, 592, 16, 8)])
        self.viewer.dataReceived(bytes.fromhex("03 00 ffff ffff 0010 0010"))
        self.viewer.dataReceived(bytes.fromhex("03 00 0000 0000 0000 0000"))
        self.assertEqual(self.transport.value(), b"")

    def test_many_requests_at_once_get_one_answer(self):
        self.viewer.dataReceived(ALL * 500)
        self.assertEqual(self.heard(self.transport), [(0, 0, 800, 600)])

    def test_a_viewer_that_does_not_read_gets_one_update_and_then_what_it_missed(self):
        self.viewer.dataReceived(ALL)
        self.viewer.pauseProducing()
        self.transport.clear()
        for _ in range(50):
            self.viewer.dataReceived(ALL + KEY_A)
            self.clock.advance(1)
        self.assertEqual(self.transport.value(), b"")
        self.viewer.resumeProducing()
        self.assertEqual(self.heard(self.transport), [(0, 0, 800, 600)])

    def test_what_one_viewer_types_another_sees(self):
        other, others = self.connect(GREETING, RGB8, ALL)
        other.dataReceived(NEWS)
        self.viewer.dataReceived(KEY_A)
        self.assertNotEqual(self.heard(others), [])

    def test_messages_split_at_every_offset_mean_the_same(self):
        said = GREETING + RGB8 + bytes.fromhex("02 00 0001 00000000") + KEY_A + ALL
        expected = None
        for cut in range(1, len(said)):
            self.setUp()
            viewer, transport = self.console.buildProtocol(None), StringTransport()
            viewer.makeConnection(transport)
            viewer.dataReceived(said[:cut])
            viewer.dataReceived(said[cut:])
            expected = expected or transport.value()
            self.assertEqual(transport.value(), expected, cut)
        self.assertGreater(len(expected), 800 * 600)

    def test_the_first_encoding_that_we_know_is_used(self):
        for listed, used in (("00000007 00000010 00000000", 16), ("00000006 00000010", 6), ("00000007 ffffff11", 0)):
            numbers = bytes.fromhex(listed)
            self.viewer.dataReceived(struct.pack(">BxH", 2, len(numbers) // 4) + numbers + ALL)
            self.assertEqual(struct.unpack(">i", self.transport.value()[12:16])[0], used)
            self.transport.clear()

    def test_a_viewer_without_true_colour_gets_the_palette_once_and_before_the_pixels(self):
        viewer, transport = self.connect(GREETING)
        viewer.dataReceived(MAPPED * 100 + ALL)
        self.assertTrue(transport.value().startswith(colour_map()))
        self.assertEqual(rectangles(transport.value()[len(colour_map()) :]), [(0, 0, 800, 600)])


class LifeTests(ConsoleTestCase):
    def test_the_clock_ticks_on_the_second_and_only_while_somebody_watches(self):
        self.assertEqual(self.clock.getDelayedCalls(), [])
        first, _ = self.connect(GREETING)
        second, _ = self.connect(GREETING)
        (tick,) = self.clock.getDelayedCalls()
        self.assertAlmostEqual(tick.getTime() % 1, 0)
        first.connectionLost()
        self.assertEqual(len(self.clock.getDelayedCalls()), 1)
        second.connectionLost()
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_a_viewer_that_comes_later_sees_the_right_time(self):
        self.clock.advance(3600)
        self.connect(GREETING)
        before = self.console.card.canvas.read(self.console.card.canvas.bounds)
        self.console.card.show_time(time.gmtime(self.clock.seconds()))
        self.assertEqual(self.console.card.canvas.read(self.console.card.canvas.bounds), before)

    def test_one_that_never_greets_is_let_go(self):
        _, transport = self.connect(b"RFB 003")
        self.clock.advance(GREETING_TIMEOUT - 1)
        self.assertFalse(transport.disconnecting)
        self.clock.advance(1)
        self.assertTrue(transport.disconnecting)

    def test_one_that_greeted_may_stay_silent(self):
        _, transport = self.connect(GREETING)
        self.clock.pump([30] * 10)
        self.assertFalse(transport.disconnecting)

    def test_misuse_ends_the_connection_and_leaves_nothing_pending(self):
        for said in (b"GET / HTTP/1.1\r\n\r\n", b"RFB 003.008\n\x02", GREETING + b"\xff"):
            viewer, transport = self.connect(said)
            self.assertTrue(transport.disconnecting, said)
            viewer.dataReceived(bytes(100_000))
            self.assertEqual(len(viewer._buffer), 0)
            viewer.connectionLost()
            self.assertEqual(self.clock.getDelayedCalls(), [])
            self.assertEqual(self.console.viewers, set())

    def test_one_that_leaves_in_the_greeting_leaves_nothing_behind(self):
        for end in range(len(GREETING) + 1):
            viewer, _ = self.connect(GREETING[:end])
            viewer.connectionLost()
            self.assertEqual(self.clock.getDelayedCalls(), [])
            self.assertEqual(self.console.viewers, set())
