"""Some thousands of inputs from a fixed seed: the parsers answer, or refuse with an error that they declare."""

import random
from collections.abc import Callable, Iterator

from twisted.trial.unittest import SynchronousTestCase

from tests.consoles import BANNER, XENSERVER_200
from tests.fakes import play
from xvpproxy.errors import BadRequest, ConsoleUnavailable, HandshakeFailed, InstanceNotFound
from xvpproxy.model import Token
from xvpproxy.wire import preamble, rfb, xenserver
from xvpproxy.wire.conversation import Ended

SEED = 20100401
INPUTS = 5000

REQUESTS = [
    b"CONNECT /console?token=6ed3acf2-e7b4-4582-8cc6-4d2892472a60 HTTP/1.0\r\n\r\n",
    b"GET /vnc_lite.html?path=%3Ftoken%3D6ed3acf2 HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\r\n",
    b"GET /?title=a+b&token=%F0%9F%98%80&token=2 HTTP/1.1\r\nContent-Length: 0\r\n\r\nRFB 003.008\n",
]
REPLIES = [
    XENSERVER_200 + BANNER,
    b"HTTP/1.1 401 Unauthorised\r\ncontent-length: 5\r\n\r\n<html>",
    b"HTTP/1.1 503 Connection Limit Exceeded\r\n\r\n<b>someone</b>",
]
TARGETS = [b"/console?token=abc", b"/?path=%3Ftoken%3Dabc%26x&title=a", b"/?token=%c3%bc#token=2", b"*", b"/?&&=&token"]
#: What parsers stumble over.
SPICE = [b"\r\n", b"\n", b"\r", b"\x00", b" ", b"\t", b":", b"%", b"%0", b"%00", b"%ff", b"&", b"=", b"?", b"#", b";"]
SPICE += [b"token=", b"path=", b"HTTP/1.1 ", b"200", b"\xff\xfe", "\u2028".encode(), b"\xed\xa0\x80", b"x" * 9000]


def mutants(samples: list[bytes]) -> Iterator[bytes]:
    """`INPUTS` variations: bytes changed, dropped, doubled, spiced, cut off and joined; and pure noise."""
    dice = random.Random(SEED)
    for _ in range(INPUTS):
        data = bytearray(dice.choice(samples))
        for _ in range(dice.choice([0, 1, 1, 2, 5, 20])):
            at = dice.randrange(len(data) + 1)
            match dice.randrange(6):
                case 0:
                    data[at : at + 1] = bytes([dice.randrange(256)])
                case 1:
                    del data[at : at + dice.randrange(1, 9)]
                case 2:
                    data[at:at] = data[at : at + dice.randrange(1, 40)]
                case 3:
                    data[at:at] = dice.choice(SPICE)
                case 4:
                    del data[at:]
                case 5:
                    data[at:] = dice.choice(samples)
        yield bytes(data) if dice.random() < 0.95 else dice.randbytes(dice.randrange(200))


class Fuzz(SynchronousTestCase):
    def run_all(self, samples: list[bytes], parse: Callable[[bytes], object], *declared: type[Exception]) -> None:
        """Every mutant is parsed or refused; some of each, else the samples are no good."""
        parsed = refused = 0
        for mutant in mutants(samples):
            try:
                parse(mutant)
                parsed += 1
            except declared as error:
                refused += 1
                self.assertNotIn("6ed3acf2", f"{error} {getattr(error, 'detail', '')}")
            except Exception as error:
                raise AssertionError(f"{error!r} for {mutant!r}") from error
        self.assertGreater(parsed, INPUTS / 50)
        self.assertGreater(refused, INPUTS / 50)

    def test_requests(self):
        def parse(data: bytes) -> None:
            self.assertIsInstance(play(preamble.read(), data)[0], Token)

        self.run_all(REQUESTS, parse, BadRequest, Ended)

    def test_targets(self):
        self.run_all(TARGETS, preamble.find_token, BadRequest)

    def test_replies_of_xenservers(self):
        def parse(data: bytes) -> None:
            version, _, _ = play(xenserver.open_console("/console?uuid=1", "192.0.2.10", 443), data)
            self.assertRegex(version, rb"\ARFB [0-9]{3}\.[0-9]{3}\n\Z")

        self.run_all(REPLIES, parse, HandshakeFailed, InstanceNotFound, ConsoleUnavailable)

    def test_versions(self):
        self.run_all(
            [BANNER, b"RFB 003.889\n", b"RFB 004.001\n"], lambda data: play(rfb.banner(), data), HandshakeFailed
        )
