"""The reader of dogpile.cache's pickles: every writer's shape, and nothing that would run."""

import contextlib
import json
import os
import pickle
import struct
from base64 import b64decode
from pathlib import Path

from dogpile.cache.api import CachedValue
from twisted.trial.unittest import SynchronousTestCase

from xvpproxy.consoleauth import pickles

VECTORS = Path(__file__).resolve().parents[2] / "vectors" / "memcached"
HEAD = b"\x80\x02cdogpile.cache.api\nCachedValue\n"


class Bomb:
    """Would write a file when it is loaded."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __reduce__(self):
        return os.mkdir, (self.path,)


class Reading(SynchronousTestCase):
    def test_reads_every_version_of_dogpile_on_every_protocol(self) -> None:
        file = json.loads((VECTORS / "synthesised_pickles.json").read_text())
        for value in file["values"]:
            payload, metadata = pickles.read(b64decode(value["value_b64"]))
            text = payload.decode() if isinstance(payload, bytes) else payload
            self.assertEqual(text, file["payload_text"], value["id"])
            self.assertEqual(metadata, value["decodes_to"]["metadata"], value["id"])
        self.assertGreater(len(file["values"]), 50)

    def test_refuses_every_truncation(self) -> None:
        file = json.loads((VECTORS / "synthesised_pickles.json").read_text())
        for value in file["values"]:
            whole = b64decode(value["value_b64"])
            for length in range(len(whole)):
                self.assertRaises(pickles.PickleRefused, pickles.read, whole[:length])

    def test_survives_every_changed_byte(self) -> None:
        """Whatever a byte becomes, the answer is a value or a refusal."""
        file = json.loads((VECTORS / "synthesised_pickles.json").read_text())
        for value in file["values"][::6]:
            whole = bytearray(b64decode(value["value_b64"]))
            for place in (*range(80), *range(len(whole) - 80, len(whole))):
                for change in (0x00, 0x28, 0x2E, 0x52, 0x63, 0x93, 0xFF):
                    changed = bytes(whole[:place]) + bytes([change]) + bytes(whole[place + 1 :])
                    with contextlib.suppress(pickles.PickleRefused):
                        self.assertIsInstance(pickles.read(changed), pickles.Cached)

    def test_runs_nothing(self) -> None:
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
            for wrapped in (lambda bomb: bomb, lambda bomb: CachedValue(bomb, {"ct": 1.0, "v": 1})):
                path = self.mktemp()
                value = pickle.dumps(wrapped(Bomb(path)), protocol)
                self.assertRaises(pickles.PickleRefused, pickles.read, value)
                self.assertFalse(os.path.exists(path))  # noqa: PTH110

    def test_refuses_what_is_no_cached_value(self) -> None:
        for thing in (None, 1, "text", [], {}, ("a", {}), {"ct": 1.0}, object(), set(), b"bytes"):
            for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
                self.assertRaises(pickles.PickleRefused, pickles.read, pickle.dumps(thing, protocol))

    def test_refuses_what_costs_memory_or_time(self) -> None:
        """Huge memo places, endless nesting, tuples that double, texts that claim to be long."""
        doubling = b"".join(b"\x86q\x01h\x01" for _ in range(60))
        for value in (
            HEAD + b"r\xff\xff\xff\x7f" + b"." * 3,
            b"(" * 100_000,
            b"(" * 100 + b"t" * 100 + b".",
            b"]" * 100_000 + b"a" * 99_999 + b".",
            b"Na" + doubling + b".",
            b"}N" + b"\x86" * 99 + b"N" * 50 + b"s.",
            HEAD + b"X\xff\xff\xff\x7fabc",
            HEAD + b"\x8d" + struct.pack("<Q", 2**62) + b"abc",
            b"\x8b\xff\xff\xff\x7f1",
            b"I" + b"9" * 5000 + b"\n.",
            b"P1\n.",
            b"\x82\x01.",
        ):
            self.assertRaises(pickles.PickleRefused, pickles.read, value)

    def test_says_nothing_of_the_value_in_its_refusals(self) -> None:
        for value in (b"csecret\nname\n.", b"Vsecret\n.", HEAD + b"Vsecret\nR.", b"secret"):
            error = self.assertRaises(pickles.PickleRefused, pickles.read, value)
            self.assertNotIn("secret", str(error))


class Writing(SynchronousTestCase):
    def test_dogpile_reads_it(self) -> None:
        for payload in ('{"token": "T"}', "", "\u00fc\u263a" * 200):
            value = pickle.loads(pickles.write(payload, 1795289074.5))
            self.assertIsInstance(value, CachedValue)
            self.assertEqual((value.payload, value.metadata), (payload, {"ct": 1795289074.5, "v": 1}))

    def test_reads_its_own(self) -> None:
        self.assertEqual(pickles.read(pickles.write("text", 2.5)), ("text", {"ct": 2.5, "v": 1}))

    def test_uses_a_protocol_that_python_2_has(self) -> None:
        self.assertEqual(pickles.write("text", 1.0)[:2], b"\x80\x02")
