"""Values and keys in memcached, without one."""

import json
import zlib
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from tests.fakes_stores import INSTANCE, connect_info
from xvpproxy.consoleauth import pickles, records
from xvpproxy.consoleauth.contract import Absent
from xvpproxy.consoleauth.records import Corrupt, Lifetimes, Raw
from xvpproxy.model import Token

VECTORS = Path(__file__).resolve().parents[2] / "vectors" / "memcached"
NOW = 1795289100.0
TOKEN = Token("11111111-2222-4333-8444-555555555555")
KEY = b"c57bbf14c434bebfa12d914d17222995f559c861"
RECORD = {
    "token": TOKEN.reveal(),
    "instance_uuid": INSTANCE,
    "console_type": "xvpvnc",
    "host": "192.0.2.7",
    "port": "5900",
    "internal_access_path": None,
    "access_url": None,
    "last_activity_at": NOW,
}


def direct(**changes) -> Raw:
    return Raw(json.dumps(RECORD | changes).encode(), 0)


def cached(**changes) -> Raw:
    return Raw(pickles.write(json.dumps(RECORD | changes), NOW), records.FLAG_PICKLE)


def read(raw: Raw, *, key: bytes = KEY, now: float = NOW, token_ttl: int = 600, region_ttl: int = 100):
    lifetimes = Lifetimes(token_ttl=token_ttl, region_ttl=region_ttl)
    return records.read_record(TOKEN, key, raw, lifetimes=lifetimes, now=now)


class Keys(SynchronousTestCase):
    def test_the_mangled_key_is_oslos(self) -> None:
        self.assertEqual(records.mangled_key(TOKEN.reveal()), KEY)

    def test_a_plain_key_is_asked_for_only_if_memcached_takes_it(self) -> None:
        self.assertEqual(records.keys_of(TOKEN.reveal()), [KEY, TOKEN.reveal().encode()])
        for text in ("", "a b", "a\nb", "x" * 251, "\x7f", "tab\t", "nul\x00"):
            self.assertEqual(len(records.keys_of(text)), 1, repr(text))
        self.assertEqual(records.keys_of("x" * 250)[1], b"x" * 250)
        self.assertEqual(records.keys_of("K\u00f6ln")[1], "K\u00f6ln".encode())

    def test_goes_where_python_memcached_went(self) -> None:
        """Also when one of the servers was down."""
        file = json.loads((VECTORS / "distribution.json").read_text())
        checked = 0
        for client in file["clients"]:
            if client["client_class"] not in ("memcache.Client", "oslo_cache._memcache_pool._MemcacheClient"):
                continue
            for name, servers in file["server_lists"].items():
                for token, position in zip(file["tokens"], client["positions"].get(name, []), strict=False):
                    key = token["token"].encode() if client["key"] == "token itself" else token["sha1_key"].encode()
                    order = records.placement(key, len(servers))
                    down = {1} if name == "second-server-down" else set()
                    self.assertEqual(next(place for place in order if place not in down), position, client["client"])
                    checked += 1
        self.assertGreater(checked, 300)

    def test_names_every_server_at_most_once(self) -> None:
        for number in range(50):
            places = list(records.placement(f"key {number}".encode(), 5))
            self.assertEqual(len(places), len(set(places)))
        self.assertEqual(list(records.placement(KEY, 1)), [0])


class Times(SynchronousTestCase):
    def test_a_month_is_the_longest_relative_expiry(self) -> None:
        month = 30 * 24 * 3600
        self.assertEqual(records.exptime(600, NOW), 600)
        self.assertEqual(records.exptime(0.2, NOW), 1)
        self.assertEqual(records.exptime(month, NOW), month)
        self.assertEqual(records.exptime(month + 1, NOW), NOW + month + 1)

    def test_expiry_by_layout(self) -> None:
        plain = TOKEN.reveal().encode()
        for raw, key, token_ttl, life in (
            (cached(), KEY, 600, 600),
            (cached(), plain, 600, 600),
            (cached(), KEY, 0, 100),
            (cached(), plain, 0, None),
            (direct(), plain, 600, 600),
            (direct(), plain, 0, None),
        ):
            found = read(raw, key=key, token_ttl=token_ttl)
            self.assertEqual(found.expires_at, None if life is None else NOW + life)

    def test_the_last_instant_is_good(self) -> None:
        info = read(cached())
        self.assertFalse(records.is_expired(info, NOW + 600))
        self.assertTrue(records.is_expired(info, NOW + 600.1))
        self.assertFalse(records.is_expired(connect_info(TOKEN), 1e12))

    def test_a_time_that_is_none_or_ahead_is_corrupt(self) -> None:
        for time in (None, "1795289100", True, [], 1e300, -1e300, 10**400, -(10**400), NOW + 3600):
            self.assertRaises(Corrupt, read, direct(last_activity_at=time))
        self.assertTrue(read(direct(last_activity_at=NOW + 30)))
        self.assertTrue(read(direct(last_activity_at=int(NOW))))


class Reading(SynchronousTestCase):
    def test_reads_the_fields(self) -> None:
        info = read(cached(internal_access_path="/console?uuid=x", access_url="http://g:1/?token=t"))
        self.assertEqual((info.host, info.port, info.instance_uuid), ("192.0.2.7", 5900, INSTANCE))
        self.assertEqual(read(direct(port="-1")).port, -1)
        self.assertEqual((info.internal_access_path, info.access_url), ("/console?uuid=x", "http://g:1/?token=t"))

    def test_reads_what_it_wrote(self) -> None:
        info = connect_info(TOKEN, internal_access_path="/p", access_url="http://g:1/", port=80)
        found = read(records.write_record(TOKEN, info, NOW))
        self.assertEqual((found.host, found.port, found.internal_access_path), ("192.0.2.7", 80, "/p"))

    def test_a_missing_type_is_empty(self) -> None:
        self.assertEqual(read(direct(console_type=None)).console_type, "")

    def test_an_empty_path_is_none(self) -> None:
        self.assertIsNone(read(direct(internal_access_path="")).internal_access_path)

    def test_records_that_are_valid_for_nobody(self) -> None:
        self.assertIs(read(direct(instance_uuid=None)), Absent.NO_INSTANCE)
        self.assertIs(read(direct(token="other")), Absent.UNKNOWN)
        self.assertIs(read(records.write_list(["a", "b"], NOW)), Absent.UNKNOWN)

    def test_fields_that_cannot_be_are_corrupt(self) -> None:
        for changes in (
            *({"port": port} for port in (None, 0, 65536, -1, "", "-2", "5900x", "9" * 400, 5900.5, True, [80])),
            *({"host": host} for host in (None, "", 7, ["h"], "half\ud800")),
            {"internal_access_path": 5},
            {"access_url": {}},
            {"console_type": []},
            {"instance_uuid": 5},
            {"token": None},
            {"token": ["list"]},
        ):
            self.assertRaises(Corrupt, read, direct(**changes))

    def test_a_value_that_inflates_beyond_the_bound_is_refused_without_inflating_it(self) -> None:
        bomb = Raw(zlib.compress(b" " * (64 << 20), 9), records.FLAG_ZLIB)
        self.assertRaises(Corrupt, read, bomb)
        good = Raw(zlib.compress(direct().data), records.FLAG_ZLIB)
        self.assertTrue(read(good))
        self.assertRaises(Corrupt, read, Raw(good.data[:-5], records.FLAG_ZLIB))

    def test_flags_that_no_record_has_are_corrupt(self) -> None:
        for flags in (2, 4, 3, 5, 17, 32, 64, 1 << 30):
            self.assertRaises(Corrupt, read, Raw(direct().data, flags))

    def test_refusals_quote_nothing(self) -> None:
        for raw in (direct(port=TOKEN.reveal()), Raw(TOKEN.reveal().encode(), 0), Raw(TOKEN.reveal().encode(), 1)):
            self.assertNotIn(TOKEN.reveal()[:8], str(self.assertRaises(Corrupt, read, raw)))


class Lists(SynchronousTestCase):
    def test_reads_what_it_wrote(self) -> None:
        self.assertEqual(records.read_list(records.write_list(["a", "b"], NOW)), ["a", "b"])

    def test_empties_a_list_in_its_own_layout(self) -> None:
        for raw in (records.write_list(["a"], NOW), Raw(b'["a"]', 0), Raw(b'["a"]', records.FLAG_TEXT)):
            empty = records.emptied(raw, NOW)
            self.assertEqual((records.read_list(empty), empty.flags), ([], raw.flags))

    def test_anything_else_is_corrupt(self) -> None:
        for data in (b"{}", b"[1]", b'"text"', b"null", b"[", b"\xff"):
            self.assertRaises(Corrupt, records.read_list, Raw(data, 0))
