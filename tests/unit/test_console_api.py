"""The API from a configuration: who may call, where, and what a reload changes."""

import json
import socket
from hashlib import sha256
from pathlib import Path

from tests.certificates import Certificate
from tests.sockets import in_thread, read_to_end
from tests.unit.test_service import ServiceCase
from xvpproxy.errors import ConfigurationError

UUID = "6d7c0144-2a80-4db6-971e-07e62e622122"
STATIC = f"[static]\nconsole = {UUID} web1 192.0.2.7:5900\n"
ALICE, BOB = "alices-token-5d0c3690", "bobs-token-846de67b"


class ApiCase(ServiceCase):
    def setUp(self) -> None:
        super().setUp()
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.api_port = free.getsockname()[1]
        self.tokens = Path(self.folder, "tokens")
        self.write_tokens(ALICE)

    def write_tokens(self, *tokens: str) -> None:
        self.tokens.write_text("".join(f"c{n} admin {sha256(t.encode()).hexdigest()}\n" for n, t in enumerate(tokens)))

    def options(self, **api: object) -> str:
        values = {"listen": f"127.0.0.1:{self.api_port}", "tokens_file": self.tokens, **api}
        return f"[api]\n{''.join(f'{name} = {value}{chr(10)}' for name, value in values.items())}{STATIC}"

    async def get(self, path: str, token: str = ALICE) -> tuple[int, dict]:
        caller = socket.create_connection(("127.0.0.1", self.api_port), timeout=10)
        self.addCleanup(caller.close)
        caller.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nX-Auth-Token: {token}\r\nConnection: close\r\n\r\n".encode())
        head, _, body = (await in_thread(read_to_end, caller)).partition(b"\r\n\r\n")
        return int(head.split()[1]), json.loads(body)

    def refused(self, text: str) -> str:
        with self.assertRaises(ConfigurationError) as caught:
            self.open(text)
        self.assertRaises(ConnectionRefusedError, socket.create_connection, ("127.0.0.1", self.api_port))
        self.assertRaises(ConnectionRefusedError, socket.create_connection, ("127.0.0.1", self.port))
        return str(caught.exception)


class Starting(ApiCase):
    async def test_is_off_unless_it_is_told_where_to_listen(self) -> None:
        self.start(STATIC)
        self.assertRaises(ConnectionRefusedError, socket.create_connection, ("127.0.0.1", self.api_port))

    async def test_serves_the_instances_of_the_drivers(self) -> None:
        self.start(self.options())
        status, body = await self.get(f"/v2.1/servers/{UUID}")
        self.assertEqual((status, body["server"]["name"]), (200, "web1"))
        self.assertEqual((await self.get("/v2.1/servers", BOB))[0], 401)

    async def test_its_connections_count_among_the_descriptors(self) -> None:
        without = self.start(STATIC).sessions.limits.descriptors
        self.port = 0
        self.assertLess(self.start(self.options()).sessions.limits.descriptors, without)

    async def test_leaves_nothing_open_when_it_stops(self) -> None:
        gateway = self.start(self.options())
        caller = socket.create_connection(("127.0.0.1", self.api_port), timeout=10)
        self.addCleanup(caller.close)
        caller.sendall(b"GET /")
        await self.get("/")
        gateway.stopService()
        self.assertIn(await in_thread(read_or_reset, caller), (b"", None))
        self.assertRaises(ConnectionRefusedError, socket.create_connection, ("127.0.0.1", self.api_port))

    async def test_a_draining_gateway_says_so(self) -> None:
        gateway = self.start(self.options())
        await gateway.drain()
        status, body = await self.get("/v2.1/servers")
        self.assertEqual((status, list(body)), (503, ["serviceUnavailable"]))

    async def test_takes_ipv6(self) -> None:
        self.start(self.options(listen=f"[::1]:{self.api_port}"))
        socket.create_connection(("::1", self.api_port), timeout=10).close()


class Refusing(ApiCase):
    async def test_a_port_that_is_taken_is_named(self) -> None:
        with socket.create_server(("127.0.0.1", self.api_port)), self.assertRaises(ConfigurationError) as caught:
            self.open(self.options())
        self.assertIn(f"[api] listen = 127.0.0.1:{self.api_port}", str(caught.exception))

    async def test_an_address_that_is_none_is_named_with_its_line(self) -> None:
        for value in ("8774", "127.0.0.1:0", "[::1:8774", "[127.1]:1"):
            problem = self.refused(self.options(listen=value))
            self.assertIn("[api] listen", problem)
            self.assertIn(value, problem)

    async def test_without_authentication_only_this_machine_may_come(self) -> None:
        for host in ("0.0.0.0", "[::]"):
            problem = self.refused(self.options(listen=f"{host}:{self.api_port}", auth_strategy="noauth2"))
            self.assertIn("noauth2", problem)
            self.assertIn("loopback", problem)

    async def test_it_has_to_be_said_who_may_call(self) -> None:
        self.assertIn("tokens_file has to say who may call", self.refused(self.options(tokens_file="")))
        self.assertIn("No such file", self.refused(self.options(tokens_file="/no/such/file")))
        self.tokens.write_text("nonsense\n")
        self.assertIn("line 1 is not NAME ROLE SHA256", self.refused(self.options()))

    async def test_novas_own_strategy_is_not_ours(self) -> None:
        self.assertIn("keystone is not available", self.refused(self.options(auth_strategy="keystone")))

    async def test_no_driver_is_no_api(self) -> None:
        self.assertIn("names no driver", self.refused(self.options().partition("[static]")[0]))


class Reloading(ApiCase):
    async def test_takes_over_who_may_call(self) -> None:
        gateway = self.start(self.options())
        self.assertEqual((await self.get("/v2.1/servers", BOB))[0], 401)
        self.write_tokens(BOB)
        gateway.reload()
        statuses = [(await self.get("/v2.1/servers", token))[0] for token in (ALICE, BOB)]
        self.assertEqual(statuses, [401, 200])

    async def test_takes_over_how_callers_are_known(self) -> None:
        gateway = self.start(self.options())
        self.write(self.options(auth_strategy="noauth2"))
        gateway.reload()
        self.assertEqual((await self.get("/v2.1/servers", BOB))[0], 403, "the host x is not loopback")

    async def test_a_bad_tokens_file_changes_nothing(self) -> None:
        gateway = self.start(self.options())
        self.write_tokens(BOB)
        with self.tokens.open("a") as file:
            file.write("nonsense\n")
        gateway.reload()
        self.assertEqual((await self.get("/v2.1/servers", ALICE))[0], 200)

    async def test_takes_over_the_certificate_and_the_rate(self) -> None:
        gateway = self.start(self.options())
        pem = Certificate(Path(self.folder, "tls")).path
        self.write(self.options(rate_limit=0.01), f"cert = {pem}\nssl_only = true")
        gateway.reload()
        self.assertEqual((await self.get("/v2.1/servers"))[0], 400)


def read_or_reset(caller: socket.socket) -> bytes | None:
    try:
        return read_to_end(caller)
    except ConnectionResetError:
        return None
