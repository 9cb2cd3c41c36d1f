"""The frozen values, above all what they do not print."""

from __future__ import annotations

import copy
import pickle

from twisted.trial.unittest import SynchronousTestCase

from xvpproxy.model import ConnectInfo, Outcome, Token, masked_path

SECRET = "11111111-2222-4333-8444-555555555555"


class Tokens(SynchronousTestCase):
    def test_shows_its_fingerprint_and_nothing_else(self) -> None:
        token = Token(SECRET)
        for text in (str(token), repr(token), f"{token}", f"{token:>20}", f"{token!r}", f"{token}"):
            self.assertIn(token.fingerprint, text)
            self.assertNotIn(SECRET, text)

    def test_its_fingerprint_begins_the_sha256_of_its_text(self) -> None:
        self.assertEqual(Token("abc").sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        self.assertEqual(Token("abc").fingerprint, "ba7816bf")

    def test_only_reveal_gives_the_text(self) -> None:
        self.assertEqual(Token(SECRET).reveal(), SECRET)

    def test_is_equal_by_its_text(self) -> None:
        self.assertEqual(Token(SECRET), Token(SECRET))
        self.assertEqual(len({Token(SECRET), Token(SECRET), Token("other")}), 2)
        self.assertNotEqual(Token(SECRET), SECRET)

    def test_is_never_pickled(self) -> None:
        for leak in (pickle.dumps, copy.deepcopy):
            error = self.assertRaises(TypeError, leak, Token(SECRET))
            self.assertNotIn(SECRET, str(error))


class ConnectInfos(SynchronousTestCase):
    def test_prints_neither_path_nor_access_url(self) -> None:
        info = ConnectInfo(
            Token(SECRET),
            "uuid",
            "xvpvnc",
            "192.0.2.1",
            80,
            "/console?session_id=OpaqueRef:s3",
            f"http://h/?token={SECRET}",
        )
        self.assertNotIn(SECRET, repr(info))
        self.assertNotIn("s3", repr(info))


class MaskedPath(SynchronousTestCase):
    def test_keeps_all_but_the_session(self) -> None:
        for path, masked in (
            (None, None),
            ("/console?uuid=u", "/console?uuid=u"),
            ("/console?ref=r&session_id=s", "/console?ref=r&session_id=***"),
            ("/console?session_id=s&ref=r", "/console?session_id=***&ref=r"),
            ("/console?Session_ID=s;ref=r&session_id=t", "/console?Session_ID=***;ref=r&session_id=***"),
        ):
            self.assertEqual(masked_path(path), masked)


class Outcomes(SynchronousTestCase):
    def test_is_the_closed_list(self) -> None:
        words = "viewer_left console_left refused expired revoked unreachable handshake_failed timed_out stalled idle"
        self.assertEqual(
            {outcome.value for outcome in Outcome}, {*words.split(), "closed_by_operator", "shutdown", "failed"}
        )
