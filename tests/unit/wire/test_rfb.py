"""The version with which a console opens."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from tests.fakes import play
from xvpproxy.errors import HandshakeFailed
from xvpproxy.wire import rfb


class Banner(SynchronousTestCase):
    def test_gives_the_twelve_bytes_and_leaves_the_rest(self) -> None:
        self.assertEqual(play(rfb.banner(), b"RFB 003.008\n\x01\x01"), (b"RFB 003.008\n", b"", b"\x01\x01"))

    def test_ends_at_the_first_four_wrong_bytes(self) -> None:
        """Somebody who waits for us to speak must not keep a viewer waiting."""
        error = self.assertRaises(HandshakeFailed, play, rfb.banner(), b"SSH-")
        self.assertEqual(error.cause, "upstream_not_rfb")

    def test_cut_anywhere_it_is_a_reset(self) -> None:
        for cut in range(12):
            error = self.assertRaises(HandshakeFailed, play, rfb.banner(), b"RFB 003.008\n"[:cut])
            self.assertEqual(error.cause, "upstream_reset", cut)
