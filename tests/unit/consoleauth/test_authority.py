"""Minting, checking and revoking over several stores."""

import contextlib
import gc
import re
import weakref

from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from tests.fakes_stores import INSTANCE, MemoryStore, connect_info
from xvpproxy.consoleauth.authority import ConsoleAuth
from xvpproxy.consoleauth.records import Lifetimes
from xvpproxy.errors import BadRequest, NotAuthorized, StoreUnavailable
from xvpproxy.gateway.task import Task
from xvpproxy.model import Token

BASES = {"xvpvnc": "http://gw.example.org:6081/console", "novnc": "http://gw.example.org:6080/vnc.html?path=ws"}
GOOD = {"instance_uuid": INSTANCE, "host": "192.0.2.7", "port": 5900}


class AuthorityCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = Clock()
        self.clock.advance(1000.5)
        self.first = MemoryStore(self.clock.seconds, "memcached")
        self.second = MemoryStore(self.clock.seconds, "database")
        self.second.keeps_whole_url = False
        self.authority = self.authority_with()

    def authority_with(self, **changes) -> ConsoleAuth:
        values = {
            "clock": self.clock,
            "now": self.clock.seconds,
            "base_urls": BASES,
            "lifetimes": Lifetimes(600, 600),
        } | changes
        return ConsoleAuth([self.first, self.second], **values)

    def now(self, coroutine):
        return self.successResultOf(Deferred.fromCoroutine(coroutine))

    def error(self, coroutine, kind):
        return self.failureResultOf(Deferred.fromCoroutine(coroutine), kind).value

    def keep(self, store: MemoryStore, text: str, **changes) -> Token:
        token = Token(text)
        self.now(store.put(token, connect_info(token, **({"expires_at": self.clock.seconds() + 60} | changes))))
        return token


class Checking(AuthorityCase):
    def test_the_first_store_that_has_it_answers(self) -> None:
        token = self.keep(self.first, "T", host="first")
        self.keep(self.second, "T", host="second")
        self.assertEqual(self.now(self.authority.check(token)).host, "first")
        self.assertEqual(self.second.asked, 0)

    def test_the_second_store_is_asked_after_a_miss(self) -> None:
        token = self.keep(self.second, "T")
        info, store = self.now(self.authority.find(token))
        self.assertEqual((info.token, store), (token, self.second))

    def test_the_log_tells_unknown_from_expired(self) -> None:
        self.assertEqual(self.error(self.authority.check(Token("T")), NotAuthorized).cause, "token_unknown")
        token = self.keep(self.second, "T")
        self.clock.advance(61)
        error = self.error(self.authority.check(token), NotAuthorized)
        self.assertEqual(error.cause, "token_expired")
        self.assertEqual(error.public, NotAuthorized.public)

    def test_an_outage_is_never_a_bad_token(self) -> None:
        for store in (self.first, self.second):
            store.failure = StoreUnavailable("down")
            self.error(self.authority.check(Token("T")), StoreUnavailable)
            store.failure = None

    def test_a_token_found_anywhere_is_good_although_a_store_is_down(self) -> None:
        token = self.keep(self.second, "T")
        self.first.failure = StoreUnavailable("down")
        self.assertTrue(self.now(self.authority.check(token)))

    def test_a_store_that_failed_lately_is_not_waited_for(self) -> None:
        token = self.keep(self.second, "T")
        self.first.failure = StoreUnavailable("down")
        self.now(self.authority.check(token))
        self.first.hanging = []
        self.assertTrue(self.now(self.authority.check(token)))
        self.clock.advance(6)
        waiting = Deferred.fromCoroutine(self.authority.check(token))
        self.assertNoResult(waiting)
        self.first.hanging[-1].errback(StoreUnavailable("down"))
        self.assertTrue(self.successResultOf(waiting))

    def test_an_outage_leaves_nothing_for_the_garbage_collector(self) -> None:
        async def viewer() -> None:
            with contextlib.suppress(StoreUnavailable):
                await self.authority.check(Token("T"))

        gc.disable()
        self.addCleanup(gc.enable)
        self.first.hanging, self.second.hanging = [], []
        Task(viewer()).step()
        left = []
        for store in (self.first, self.second):
            error = StoreUnavailable("down")
            left.append(weakref.ref(error))
            store.hanging.pop().errback(error)
            del error
        self.assertEqual([each() for each in left], [None, None])

    def test_cancelling_stops_asking(self) -> None:
        self.first.hanging = []
        waiting = Deferred.fromCoroutine(self.authority.check(Token("T")))
        waiting.cancel()
        self.failureResultOf(waiting, CancelledError)
        self.assertEqual(self.second.asked, 0)


class Minting(AuthorityCase):
    def test_the_token_opens_what_it_was_minted_for(self) -> None:
        token, url = self.now(self.authority.mint(**GOOD, internal_access_path="/console?uuid=x"))
        self.assertEqual(url, f"{BASES['xvpvnc']}?token={token.reveal()}")
        self.assertTrue(re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", token.reveal()))
        info = self.now(self.authority.check(token))
        self.assertEqual((info.instance_uuid, info.host, info.port), (INSTANCE, "192.0.2.7", 5900))
        self.assertEqual((info.console_type, info.internal_access_path), ("xvpvnc", "/console?uuid=x"))
        self.assertEqual((info.expires_at, info.access_url), (1600, url))

    def test_a_database_keeps_the_base_of_the_url_only(self) -> None:
        token, url = self.now(self.authority.mint(**GOOD, store="database", console_type="novnc", ttl=5))
        self.assertEqual(url, f"http://gw.example.org:6080/vnc.html?path=ws%3Ftoken%3D{token.reveal()}")
        info, store = self.now(self.authority.find(token))
        self.assertEqual((store, info.access_url, info.expires_at), (self.second, BASES["novnc"], 1005))

    def test_takes_hosts_in_every_form(self) -> None:
        for given, kept in (
            ("[2001:db8::1]", "2001:db8::1"),
            ("2001:DB8::1", "2001:db8::1"),
            ("xen-1.example.org", "xen-1.example.org"),
            ("xen_1", "xen_1"),
        ):
            token, _ = self.now(self.authority.mint(**(GOOD | {"host": given})))
            self.assertEqual(self.now(self.authority.check(token)).host, kept)

    def test_says_what_is_wrong_and_keeps_nothing(self) -> None:
        for changes, word in (
            ({"instance_uuid": "web-1"}, "'web-1'"),
            ({"instance_uuid": ""}, "UUID"),
            ({"host": ""}, "host"),
            ({"host": "a b"}, "'a b'"),
            ({"host": "192.0.2.7:5900"}, "without a port"),
            ({"host": "-x"}, "host"),
            ({"port": 0}, "1 to 65535"),
            ({"port": 65536}, "65536"),
            ({"internal_access_path": "console"}, "slash"),
            ({"internal_access_path": ""}, "slash"),
            ({"internal_access_path": "/a b"}, "blanks"),
            ({"internal_access_path": "/a\r\nX: y"}, "blanks"),
            ({"console_type": "serial"}, "'serial'"),
            ({"ttl": 0}, "above 0"),
            ({"ttl": -5}, "above 0"),
            ({"store": "rpc"}, "memcached, database"),
        ):
            error = self.error(self.authority.mint(**(GOOD | changes)), BadRequest)
            self.assertIn(word, error.public)
        self.assertEqual(self.first._entries | self.second._entries, {})

    def test_never_repeats_a_path_that_it_refuses(self) -> None:
        error = self.error(self.authority.mint(**GOOD, internal_access_path="/x session_id=OpaqueRef:s"), BadRequest)
        self.assertNotIn("OpaqueRef", error.public + str(error))

    def test_a_token_ttl_of_zero_makes_the_time_a_must(self) -> None:
        authority = self.authority_with(lifetimes=Lifetimes(0, 600))
        self.assertIn("token_ttl = 0", self.error(authority.mint(**GOOD), BadRequest).public)
        self.assertTrue(self.now(authority.mint(**GOOD, ttl=60)))

    def test_a_base_that_no_viewer_could_use_is_named(self) -> None:
        authority = self.authority_with(base_urls={"xvpvnc": "gw.example.org:6081"})
        self.assertIn("[vnc] xvpvncproxy_base_url", self.error(authority.mint(**GOOD), BadRequest).public)

    def test_a_store_that_is_down_is_said_so(self) -> None:
        self.first.failure = StoreUnavailable("down")
        self.error(self.authority.mint(**GOOD), StoreUnavailable)


class Revoking(AuthorityCase):
    def test_a_token_is_forgotten_in_every_store_and_counted_once(self) -> None:
        token = self.keep(self.first, "T")
        self.keep(self.second, "T")
        self.assertEqual(self.now(self.authority.revoke(token)), 1)
        self.assertEqual(self.now(self.authority.revoke(token)), 0)
        self.error(self.authority.check(token), NotAuthorized)

    def test_an_instances_tokens_are_counted_once_each(self) -> None:
        for text in ("a", "b"):
            self.keep(self.first, text)
        for text in ("b", "c"):
            self.keep(self.second, text)
        self.assertEqual(self.now(self.authority.revoke_instance(INSTANCE.upper())), 3)
        self.assertEqual(self.now(self.authority.revoke_instance(INSTANCE)), 0)

    def test_a_store_that_is_down_keeps_no_other_from_revoking(self) -> None:
        token = self.keep(self.second, "T")
        self.first.failure = StoreUnavailable("down")
        self.error(self.authority.revoke(token), StoreUnavailable)
        self.error(self.authority.revoke_instance(INSTANCE), StoreUnavailable)
        self.first.failure = None
        self.error(self.authority.check(token), NotAuthorized)

    def test_an_instance_must_be_a_uuid(self) -> None:
        self.error(self.authority.revoke_instance("web-1"), BadRequest)

    def test_closing_closes_the_stores(self) -> None:
        self.authority.close()
        self.assertTrue(self.first.closed and self.second.closed)
