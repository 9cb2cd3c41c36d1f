"""Usual values at a glance: real writers' are taken in, and never otherwise than the machine would read them."""

import json
import random
from base64 import b64decode
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from tests.fakes_stores import connect_info
from xvpproxy.consoleauth import opcodes, records
from xvpproxy.consoleauth.glance import usual
from xvpproxy.model import Token

VECTORS = Path(__file__).resolve().parents[2] / "vectors" / "memcached"
PLAIN_PICKLE = records.FLAG_PICKLE
#: Opcodes, quotes and ends of lines: what changes the meaning of a value rather than its text.
TELLING = b"NI(}J)KMLFGVXCBSTUpqrgjhctdsuR.\x80\x95\x8a\x8c\x8d\x8e\x94\x93\x86\x87\x81\x00\x01\x0a\xff'\\\n0"


def written() -> dict[str, list[bytes]]:
    """The pickled records of every real writer that left some."""
    values: dict[str, list[bytes]] = {}
    for path in sorted(VECTORS.glob("*.json")):
        stored = [each for record in json.loads(path.read_text()).get("records", []) for each in record["stored"]]
        pickled = [b64decode(each["value_b64"]) for each in stored if each["flags"] == PLAIN_PICKLE]
        if pickled:
            values[path.stem] = pickled
    return values


def ours() -> bytes:
    token = Token("token")
    return records.write_record(token, connect_info(token, expires_at=1795289100), 1795289074.5).data


def read(value: bytes) -> opcodes.Cached | None:
    """What the machine makes of a value; None if it refuses."""
    try:
        result = opcodes.Machine(value).run()
    except Exception:  # noqa: BLE001 (whatever a broken value raises)
        return None
    return result if isinstance(result, opcodes.Cached) else None


class Glances(SynchronousTestCase):
    def test_takes_in_most_of_what_every_writer_left(self) -> None:
        """The others have an escape in their payload."""
        for name, values in written().items():
            taken = [value for value in values if usual(value)]
            self.assertGreater(len(taken), len(values) * 0.6, name)
        self.assertTrue(usual(ours()))

    def test_means_the_same_as_the_machine(self) -> None:
        taken = 0
        for values in written().values():
            for value in values:
                if found := usual(value):
                    self.assertEqual(found, read(value))
                    taken += 1
        self.assertEqual(usual(ours()), read(ours()))
        self.assertGreater(taken, 150)

    def test_leaves_to_the_machine_what_it_would_read_otherwise(self) -> None:
        """Some thousand broken values: whatever is still taken in means what the machine says."""
        chance = random.Random(1)
        samples = [ours(), *(values[0] for values in written().values())]
        taken = 0
        for _ in range(4000):
            value = bytearray(chance.choice(samples))
            places = (*range(90), *range(len(value) - 90, len(value)))
            for _ in range(chance.choice((1, 1, 2, 3))):
                value[chance.choice(places)] = chance.choice(TELLING)
            try:
                found = usual(bytes(value))
            except ValueError:
                self.assertIsNone(read(bytes(value)), bytes(value))
                continue
            if found:
                self.assertEqual(repr(found.payload), repr((read(bytes(value)) or (None,))[0]), bytes(value))
                self.assertEqual(
                    repr(sorted(found.metadata.items())), repr(sorted(read(bytes(value)).metadata.items()))
                )
                taken += 1
        self.assertGreater(taken, 500)

    def test_every_truncation_is_left_to_it(self) -> None:
        for values in (*written().values(), [ours()]):
            for length in range(len(values[0])):
                self.assertIsNone(usual(values[0][:length]))

    def test_other_shapes_are_left_to_it(self) -> None:
        for value in (
            b"",
            b"N.",
            b"\x80\x02N.",
            b"cdogpile.cache.api\nCachedValue\n.",
            records.write_list(["a"], 1.0).data,
        ):
            self.assertIsNone(usual(value))
