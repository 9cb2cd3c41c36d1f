"""What one leg does with each event, told one by one."""

from __future__ import annotations

import contextlib
import socket

from tests.copying_case import CarryCase, Chatty, Endless, Stalled
from tests.sockets import read_to_end, reset
from xvpproxy.gateway.copying import _MOST_HELD_BYTES, _ROUNDS
from xvpproxy.gateway.dispatch import END, ERR, HUP, IN, OUT
from xvpproxy.gateway.sealed import OPEN_BYTES, TURN_BYTES, TLSFailed
from xvpproxy.model import Outcome


class Events(CarryCase):
    def test_nothing_moves_before_the_first_event(self) -> None:
        self.console.sendall(b"RFB")
        self.begin()
        self.assertEqual((self.relay.from_console, self.dispatch.turns), (0, []))
        self.console_side.on(IN | OUT)
        self.assertEqual(self.viewer.recv(10), b"RFB")

    def test_what_had_been_told_before_is_looked_for(self) -> None:
        """The last bytes and the end came while somebody else owned the socket, whose events are gone."""
        self.console.sendall(b"RFB")
        self.console.shutdown(socket.SHUT_WR)
        self.arrives(self.ours_console)
        self.begin(drained=False)
        self.take_turns()
        self.assertEqual((self.viewer.recv(10), self.viewer.recv(10)), (b"RFB", b""))

    def test_an_end_is_remembered_while_nobody_reads(self) -> None:
        self.begin()
        self.fill_viewer()
        self.console.sendall(b"last words")
        self.console.shutdown(socket.SHUT_WR)
        self.console_side.on(IN | END)
        got = b""
        while not self.viewer_side.shut:
            got = got[-100:] + self.viewer.recv(1 << 20)
            self.viewer_side.on(OUT)
            self.take_turns()
        self.assertTrue((got + read_to_end(self.viewer)).endswith(b"last words"))

    def test_an_end_that_was_told_in_vain_costs_one_look(self) -> None:
        """An event may be meant for a socket that is closed by now."""
        self.begin()
        self.console_side.on(IN | END | HUP | ERR)
        self.assertEqual((self.outcomes, self.console_side.read_on), ([], False))

    def test_a_reset_ends_it_also_while_the_other_side_is_full(self) -> None:
        self.begin()
        self.fill_viewer()
        reset(self.console)
        self.breaks(self.ours_console)
        self.console_side.on(ERR | HUP)
        self.assertEqual(self.outcomes, [Outcome.CONSOLE_LEFT])

    def test_events_after_the_end_are_harmless(self) -> None:
        self.begin()
        self.viewer_side.turn()
        self.relay.close(Outcome.REVOKED)
        for side in (self.viewer_side, self.console_side):
            side.on(IN | OUT | END | ERR)
            side.again()
            side.failed()
        self.assertEqual((self.outcomes, self.dispatch.owners), ([Outcome.REVOKED], {}))

    def test_a_fault_of_ours_ends_it(self) -> None:
        self.begin()
        self.viewer_side.failed()
        self.assertEqual(self.outcomes, [Outcome.FAILED])

    def test_broken_legs_end_it_in_its_first_turn_not_before(self) -> None:
        reset(self.viewer)
        reset(self.console)
        self.begin(drained=False, unsent=b"HTTP/1.1 200 OK\r\n\r\n")
        self.assertEqual(self.outcomes, [])
        self.take_turns()
        self.assertEqual(self.outcomes, [Outcome.VIEWER_LEFT])

    def test_a_reader_that_waits_for_room_is_told_where_events_need_it(self) -> None:
        """On a reactor that tells of the same thing again and again."""
        self.begin()
        viewer, console = self.ours_viewer.fileno(), self.ours_console.fileno()
        self.fill_viewer()
        wanted = self.dispatch.wanted
        self.assertEqual((wanted["writing", viewer], wanted["reading", console]), (True, False))
        self.assertEqual((wanted["writing", console], wanted["reading", viewer]), (False, True))
        while self.viewer_side.held:
            self.viewer.recv(1 << 20)
            self.viewer_side.on(OUT)
        self.assertEqual((wanted["writing", viewer], wanted["reading", console]), (False, True))


class Fairness(CarryCase):
    def test_a_side_with_more_asks_for_one_more_turn(self) -> None:
        self.begin()
        self.viewer_side.socket = sink = Endless()
        self.console_side.socket = Endless()
        for turns in (1, 2):
            self.console_side.on(IN)
            self.assertEqual((sink.sent, self.dispatch.turns), (turns * _ROUNDS, [self.console_side]))
        self.take_turns()
        self.assertEqual((sink.sent, self.dispatch.turns), (3 * _ROUNDS, [self.console_side]))
        self.assertEqual(self.relay.from_console, 3 * _ROUNDS * OPEN_BYTES)

    def test_inside_tls_a_turn_opens_one_portion(self) -> None:
        """Ten thousand key updates that came at once are not for one turn."""
        opened: list[int] = []
        self.begin(viewer_tls=Chatty(opens=lambda data: opened.append(len(data)) or b""))
        self.viewer_side.socket = Endless()
        for turns in (1, 2):
            self.viewer_side.on(IN)
            self.assertEqual((opened, self.dispatch.turns), ([TURN_BYTES] * turns, [self.viewer_side]))
        self.take_turns()
        self.assertEqual((opened, self.dispatch.turns), ([TURN_BYTES] * 3, [self.viewer_side]))


class Time(CarryCase):
    def test_bytes_that_move_touch_no_clock(self) -> None:
        self.begin()
        asked = self.clock.asked
        for _ in range(10):
            self.console.sendall(b"x")
            self.arrives(self.ours_console)
            self.console_side.on(IN)
        self.assertEqual((self.clock.asked, self.relay.from_console), (asked, 10))

    def test_a_viewer_that_took_nothing_from_the_start_is_stalled(self) -> None:
        self.viewer_takes_nothing()
        self.begin(unsent=b"HTTP/1.1 200 OK\r\n\r\n")
        self.take_turns()
        self.clock.advance(61)
        self.assertEqual(self.outcomes, [Outcome.STALLED])

    def test_a_viewer_that_sends_while_it_takes_nothing_is_stalled_all_the_same(self) -> None:
        self.begin()
        self.viewer_side.socket = Stalled()
        self.console.sendall(b"RFB")
        self.arrives(self.ours_console)
        self.console_side.on(IN)
        self.clock.advance(40)
        self.viewer_side.on(IN | OUT)
        self.viewer_side.again()
        self.clock.advance(21)
        self.assertEqual((self.outcomes, self.relay.from_viewer), ([Outcome.STALLED], 2 * len(b"keys")))

    def test_progress_after_an_end_buys_time(self) -> None:
        self.begin()
        self.viewer.shutdown(socket.SHUT_WR)
        self.arrives(self.ours_viewer)
        self.viewer_side.on(IN | END)
        for _ in range(5):
            self.clock.pump([1, 1, 1])
            self.console.sendall(b"x")
            self.arrives(self.ours_console)
            self.console_side.on(IN)
        self.assertEqual(self.outcomes, [])
        self.clock.pump([1] * 5)
        self.assertEqual(self.outcomes, [Outcome.VIEWER_LEFT])

    def viewer_takes_nothing(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while True:
                self.ours_viewer.send(bytes(65536))


class InsideTLS(CarryCase):
    def test_a_viewer_that_asks_for_replies_and_reads_none_is_cut_off(self) -> None:
        self.begin(viewer_tls=Chatty(reply=bytes(1 << 16), opens=lambda _: b""))
        for _ in range(1000):
            if self.outcomes:
                break
            self.viewer.sendall(b"?")
            self.arrives(self.ours_viewer)
            self.viewer_side.on(IN)
            self.assertLessEqual(len(self.viewer_side.held), _MOST_HELD_BYTES)
        self.assertEqual(self.outcomes, [Outcome.VIEWER_LEFT])

    def test_a_bad_record_ends_it_with_the_alert(self) -> None:
        def refuse(_data: bytes) -> bytes:
            raise TLSFailed("bad record mac")

        self.begin(viewer_tls=Chatty(reply=b"alert", opens=refuse))
        self.viewer.sendall(b"?")
        self.arrives(self.ours_viewer)
        self.viewer_side.on(IN)
        self.assertEqual((self.outcomes, read_to_end(self.viewer)), ([Outcome.VIEWER_LEFT], b"alert"))
        self.assertEqual(self.why, ("viewer_tls", "bad record mac"))

    def test_replies_go_out_behind_what_waits_and_not_after_the_end(self) -> None:
        tls = Chatty(opens=lambda _: b"")
        self.begin(viewer_tls=tls)
        self.console.sendall(b"screen")
        self.console.shutdown(socket.SHUT_WR)
        self.arrives(self.ours_console)
        self.console_side.on(IN | END)
        tls.reply = b"key update"
        self.viewer.sendall(b"?")
        self.arrives(self.ours_viewer)
        self.viewer_side.on(IN)
        self.assertEqual((read_to_end(self.viewer), self.outcomes), (b"screenbye", []))

    def test_a_long_idle_session_keeps_none_of_its_bulk(self) -> None:
        self.begin(viewer_tls=Chatty())
        self.fill_viewer()
        while self.viewer_side.held:
            self.viewer.recv(1 << 20)
            self.viewer_side.on(OUT)
        self.assertIs(self.viewer_side.held, b"")
