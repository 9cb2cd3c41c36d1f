"""Nova's own libraries read what we mint, and we read what they write."""

import json
import warnings

import memcache
from oslo_cache import core as oslo_cache
from oslo_config import cfg
from twisted.internet import reactor
from twisted.internet.threads import deferToThread
from twisted.trial.unittest import TestCase

from tests.fakes_stores import INSTANCE, connect_info
from tests.integration import peers
from xvpproxy.blocking import ThreadedPool
from xvpproxy.consoleauth import records
from xvpproxy.consoleauth.contract import Absent
from xvpproxy.consoleauth.memcached import MemcachedStore
from xvpproxy.consoleauth.memcached_server import MemcachedServer
from xvpproxy.model import Token

SERVERS = 3
BACKENDS = ("dogpile.cache.memcached", "oslo_cache.memcache_pool", "dogpile.cache.pymemcache")

#: What Nova's consoleauth keeps under a token.
NOVA_KEYS = {
    *("token", "instance_uuid", "console_type", "host", "port", "internal_access_path", "access_url"),
    "last_activity_at",
}


class OsloCache(TestCase):
    """The same servers in the same order on both sides."""

    def setUp(self) -> None:
        self.ports = [peers.memcached(number).port for number in range(SERVERS)]
        for number in range(SERVERS):
            peers.empty_memcached(number)
        self.store = MemcachedStore(
            [MemcachedServer((peers.HOST, port), timeout=5.0) for port in self.ports],
            [ThreadedPool("memcached", 4, reactor) for _ in self.ports],
            clock=reactor,
            now=reactor.seconds,
            timeout=5.0,
            lifetimes=records.Lifetimes(token_ttl=600, region_ttl=600),
        )
        self.addCleanup(self.store.close)

    def region(self, backend: str, servers: list[str] | None = None):
        """What nova.cache_utils makes of a configuration."""
        conf = cfg.ConfigOpts()
        oslo_cache.configure(conf)
        conf([], default_config_files=[], default_config_dirs=[])
        conf.set_override("enabled", True, "cache")
        conf.set_override("backend", backend, "cache")
        conf.set_override("memcache_servers", servers or [f"{peers.HOST}:{port}" for port in self.ports], "cache")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return oslo_cache.configure_cache_region(conf, oslo_cache.create_region())

    async def mint(self, text: str) -> Token:
        token = Token(text)
        url = f"http://gateway.example.org:6081/console?token={text}"
        info = connect_info(token, access_url=url, expires_at=reactor.seconds() + 60)
        await self.store.put(token, info)
        return token

    async def test_reads_what_we_mint_wherever_it_landed(self) -> None:
        """python-memcached goes to the server of its own choice only, so we must have chosen the same."""
        tokens = [await self.mint(f"token {number}") for number in range(30)]
        for backend in BACKENDS[:2]:
            region = self.region(backend)
            for token in tokens:
                record = json.loads(await deferToThread(region.get, token.reveal().encode()))
                self.assertEqual(set(record), NOVA_KEYS)
                self.assertEqual(record["token"], token.reveal())
                self.assertEqual((record["instance_uuid"], record["port"]), (INSTANCE, 5900))
                self.assertIsInstance(record["last_activity_at"], float)

    async def test_pymemcache_reads_it_from_one_server(self) -> None:
        """With several it spreads keys in another way, which no writer but itself can follow."""
        token = await self.mint("token")
        place = next(records.placement(records.mangled_key("token"), SERVERS))
        region = self.region(BACKENDS[2], [f"{peers.HOST}:{self.ports[place]}"])
        self.assertEqual(json.loads(await deferToThread(region.get, b"token"))["token"], token.reveal())

    async def test_reads_our_instance_list_and_we_read_theirs(self) -> None:
        """Nova appends to the list that we began, and a revocation of ours covers both."""
        ours = await self.mint("ours")
        region = self.region(BACKENDS[0])
        listed = json.loads(await deferToThread(region.get, INSTANCE.encode()))
        self.assertEqual(listed, ["ours"])
        theirs = Token("theirs")
        record = {**json.loads(await deferToThread(region.get, b"ours")), "token": "theirs"}
        await deferToThread(region.set, b"theirs", json.dumps(record))
        await deferToThread(region.set, INSTANCE.encode(), json.dumps([*listed, "theirs"]))
        self.assertTrue(await self.store.get(theirs))
        self.assertEqual(await self.store.delete_instance(INSTANCE), {ours.sha256, theirs.sha256})
        self.assertEqual(await deferToThread(region.get, INSTANCE.encode()) or "[]", "[]")

    async def test_we_read_what_every_backend_writes(self) -> None:
        for number, backend in enumerate(BACKENDS):
            await self.mint("model")
            region = self.region(backend)
            model = json.loads(await deferToThread(self.region(BACKENDS[0]).get, b"model"))
            text = f"written {number}"
            await deferToThread(region.set, text.encode(), json.dumps(model | {"token": text}))
            self.assertEqual((await self.store.get(Token(text))).host, model["host"])

    async def test_what_we_revoke_is_gone_for_them(self) -> None:
        token = await self.mint("token")
        region = self.region(BACKENDS[0])
        self.assertTrue(await self.store.delete(token))
        self.assertFalse(await deferToThread(region.get, b"token"))

    async def test_python_memcached_itself_agrees_about_the_server(self) -> None:
        client = memcache.Client([f"{peers.HOST}:{port}" for port in self.ports])
        self.addCleanup(client.disconnect_all)
        for number in range(20):
            key = records.mangled_key(f"token {number}")
            server, _ = client._get_server(key)
            self.assertEqual(server.port, self.ports[next(records.placement(key, SERVERS))])

    async def test_does_not_find_what_a_null_backend_dropped(self) -> None:
        region = self.region("dogpile.cache.null")
        await deferToThread(region.set, b"token", "{}")
        self.assertIs(await self.store.get(Token("token")), Absent.UNKNOWN)
