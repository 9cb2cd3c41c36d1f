"""The simulated pool itself: the real XenAPI package drives it, and it answers CONNECT byte for byte as xapi does."""

import ssl
import xmlrpc.client

import XenAPI
from twisted.internet import reactor
from twisted.internet.endpoints import TCP4ClientEndpoint, connectProtocol, wrapClientTLS
from twisted.internet.error import ConnectionRefusedError as Refused
from twisted.internet.ssl import CertificateOptions

from tests.endpoint import Endpoint, eventually
from tests.xenpool.bench import PASSWORD, USER, PoolCase, after, blocking, url

BANNER = b"RFB 003.008\n"
ACCEPTED = b"HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nCache-Control: no-cache, no-store\r\n\r\n"


class WithXenAPI(PoolCase):
    """The package as anybody uses it, without anything of ours."""

    def session(self, door=None, user=USER, password=PASSWORD):
        session = XenAPI.Session(url(door or self.doors[0]), ignore_ssl=True)
        session.login_with_password(user, password, "1.0", "a test")
        return session

    async def test_logs_in_looks_around_and_logs_out(self):
        def talk():
            session = self.session()
            ref = session.xenapi.VM.get_by_uuid(self.web.uuid)
            record = session.xenapi.VM.get_record(ref)
            address = session.xenapi.host.get_address(record["resident_on"])
            pem = session.xenapi.host.get_server_certificate(record["resident_on"])
            protocols = {session.xenapi.console.get_protocol(each) for each in record["consoles"]}
            session.xenapi.session.logout()
            return record, address, pem, protocols

        record, address, pem, protocols = await blocking(talk)
        self.assertEqual((record["name_label"], record["power_state"], record["domid"]), ("web", "Running", "1"))
        self.assertEqual(address, self.doors[0].host.address)
        self.assertTrue(ssl.PEM_cert_to_DER_cert(pem))
        self.assertEqual(protocols, {"rfb", "vt100"})
        self.assertEqual(self.pool.logins, {})

    async def test_names_the_master_at_every_other_member(self):
        with self.assertRaises(XenAPI.Failure) as caught:
            await blocking(self.session, self.doors[2])
        self.assertEqual(caught.exception.details, ["HOST_IS_SLAVE", self.doors[0].host.address])

    async def test_refuses_a_wrong_password_after_its_penalty(self):
        before = reactor.seconds()
        with self.assertRaises(XenAPI.Failure) as caught:
            await blocking(self.session, None, USER, "wrong")
        self.assertEqual(caught.exception.details[0], "SESSION_AUTHENTICATION_FAILED")
        self.assertGreaterEqual(reactor.seconds() - before, self.pool.penalty)

    async def test_forgets_sessions_with_a_new_master(self):
        session = await blocking(self.session)
        self.pool.elect(self.doors[1].host)
        with self.assertRaises(XenAPI.Failure) as caught:
            await blocking(session.xenapi.VM.get_all)
        self.assertEqual(caught.exception.details[0], "HOST_IS_SLAVE")
        with self.assertRaises(xmlrpc.client.Fault):
            session = XenAPI.Session(url(self.doors[1]), ignore_ssl=True)
            session._session = "OpaqueRef:gone"
            await blocking(session.xenapi.VM.get_all)

    async def test_changes_machines_as_the_api_asks(self):
        session = await blocking(self.session)
        await blocking(session.xenapi.VM.pool_migrate, self.web.ref, self.doors[1].host.ref, {})
        self.assertEqual(list(self.web.operations.values()), ["pool_migrate"])
        await eventually(lambda: self.web.host is self.doors[1].host, "it has moved")
        old = self.web.consoles
        await blocking(session.xenapi.VM.clean_reboot, self.web.ref)
        self.assertEqual(self.web.consoles, [])
        await eventually(lambda: self.web.consoles not in ([], old), "it has new consoles")
        await blocking(session.xenapi.VM.hard_shutdown, self.web.ref)
        for change in (session.xenapi.VM.clean_shutdown, session.xenapi.VM.clean_reboot):
            with self.assertRaises(XenAPI.Failure) as caught:
                await blocking(change, self.web.ref)
            self.assertEqual(caught.exception.details[0], "VM_BAD_POWER_STATE")
        await blocking(session.xenapi.VM.start, self.web.ref, False, False)
        self.assertEqual(self.web.power_state, "Running")

    async def test_a_role_that_only_looks_changes_nothing(self):
        session = await blocking(self.session, None, "reader", "only-looking")
        with self.assertRaises(XenAPI.Failure) as caught:
            await blocking(session.xenapi.VM.clean_shutdown, self.web.ref)
        self.assertEqual(caught.exception.details[0], "RBAC_PERMISSION_DENIED")


class ConsoleTest(PoolCase):
    """CONNECT /console, by literal bytes."""

    async def setUp(self):
        await super().setUp()
        self.login = self.pool.log_in("root", "the root of all", "a test")

    async def connect(self, head, door=None):
        door = door or self.doors[0]
        endpoint = TCP4ClientEndpoint(reactor, door.host.address, door.host.port)
        client = await connectProtocol(wrapClientTLS(CertificateOptions(verify=False), endpoint), Endpoint())
        self.addCleanup(client.close)
        client.write(head.encode() if isinstance(head, str) else head)
        return client

    def head(self, query, *lines, method="CONNECT", path="/console"):
        return "\r\n".join((f"{method} {path}?{query} HTTP/1.1", *lines, "", ""))

    def cookie(self, login=None):
        return f"Cookie: session_id={login or self.login}"

    async def refusal(self, *args, **kwargs):
        """The status line and the rest of the head of a refusal, behind which the host closes."""
        client = await self.connect(*args, **kwargs)
        head, _, body = (await client.read_all()).decode().partition("\r\n\r\n")
        first, *lines = head.split("\r\n")
        for line in lines:
            name, _, value = line.partition(": ")
            if name == "content-length":
                self.assertEqual(int(value), len(body))
        return first, lines, body

    async def test_success_is_78_bytes_and_the_screen(self):
        for query in (f"uuid={self.web.uuid}", f"ref={self.web.ref}", f"uuid={self.web.consoles[1].uuid}"):
            client = await self.connect(self.head(query, "Host: h", self.cookie()))
            self.assertEqual(await client.read(len(ACCEPTED) + len(BANNER)), ACCEPTED + BANNER)
            client.write(b"echo")
            self.assertEqual(await client.read(4), b"echo")
        self.assertEqual(len(ACCEPTED), 78)

    async def test_the_session_may_stand_in_the_query_or_first_in_the_cookie(self):
        query = f"uuid={self.web.uuid}"
        client = await self.connect(self.head(f"{query}&session_id={self.login}"))
        await client.read(len(ACCEPTED) + len(BANNER))
        status, _, _ = await self.refusal(self.head(query, f"Cookie: a=b; session_id={self.login}"))
        self.assertEqual(status, "HTTP/1.1 401 Unauthorised")

    async def test_no_session_is_401_in_these_words(self):
        for lines in ((), (self.cookie("OpaqueRef:old"),)):
            status, headers, body = await self.refusal(self.head(f"uuid={self.web.uuid}", *lines))
            self.assertEqual(status, "HTTP/1.1 401 Unauthorised")
            self.assertEqual(headers[1:], [
                "content-type: text/html", "connection: close", "cache-control: no-cache, no-store",
                'WWW-Authenticate: Basic realm="connect_console"',
            ])  # fmt: skip
            self.assertTrue(body.startswith("<html><body><h1>HTTP 401 unauthorised</h1>"))

    async def test_another_host_says_500_and_so_does_everything_that_is_no_console(self):
        query = f"uuid={self.web.uuid}"
        self.pool.set_power(self.mail, "Paused")
        for door, asked, more in (
            (self.doors[1], query, "Console.Failure"),
            (self.doors[1], f"uuid={self.mail.uuid}", "Console.Failure"),
            (self.doors[0], f"uuid={self.database.uuid}", "Console.Failure"),
            (self.doors[0], "ref=OpaqueRef:NULL", "Console.Failure"),
            (self.doors[0], "uuid=no-such", "Db_exn.Read_missing_uuid(no-such)"),
            (self.doors[0], f"uuid={self.web.consoles[0].uuid}", "Db_exn.Read_missing_uuid"),
        ):
            status, _, body = await self.refusal(self.head(asked, self.cookie()), door)
            self.assertEqual(status, "HTTP/1.1 500 Internal Error", asked)
            self.assertIn(more, body, asked)

    async def test_a_small_role_is_403_and_so_is_another_path(self):
        reader = self.pool.log_in("reader", "only-looking", "a test")
        for head in (
            self.head(f"uuid={self.web.uuid}", self.cookie(reader)),
            self.head("", self.cookie(), path="/import"),
        ):
            self.assertEqual((await self.refusal(head))[0], "HTTP/1.1 403 Forbidden")

    async def test_one_viewer_only_is_503_with_who_it_is(self):
        self.pool.one_viewer_only = True
        head = self.head(f"uuid={self.web.uuid}", self.cookie())
        client = await self.connect(head)
        await client.read(len(ACCEPTED) + len(BANNER))
        status, _, body = await self.refusal(head)
        self.assertEqual(status, "HTTP/1.1 503 Connection Limit Exceeded")
        self.assertIn("root is connected", body)

    async def test_no_screen_is_404_or_a_200_and_the_end(self):
        self.web.screen = 0
        head = self.head(f"uuid={self.web.uuid}", self.cookie())
        self.assertEqual(await (await self.connect(head)).read_all(), ACCEPTED)
        self.doors[0].no_screen = True
        self.assertEqual((await self.refusal(head))[0], "HTTP/1.1 404 Not Found")

    async def test_a_head_above_1006_bytes_is_431(self):
        head = self.head(f"uuid={self.web.uuid}", self.cookie())
        room = 1006 - len(head)
        client = await self.connect(head[:-2] + f"X: {'x' * (room - 5)}\r\n\r\n")
        await client.read(len(ACCEPTED))
        status, _, _ = await self.refusal(head[:-2] + f"X: {'x' * (room - 4)}\r\n\r\n")
        self.assertEqual(status, "HTTP/1.1 431 Request Header Fields Too Large")

    async def test_migration_and_reboot_end_the_stream_and_leave_a_gap(self):
        head = self.head(f"uuid={self.web.uuid}", self.cookie())
        client = await self.connect(head)
        await client.read(len(ACCEPTED) + len(BANNER))
        self.pool.migrate(self.web, self.doors[1].host)
        self.assertEqual(await client.read_all(), b"")
        self.assertEqual(await (await self.connect(head)).read_all(), ACCEPTED)
        await eventually(lambda: not self.web.operations, "it has moved")
        client = await self.connect(head, self.doors[1])
        await client.read(len(ACCEPTED) + len(BANNER))
        self.pool.reboot(self.web)
        self.assertEqual(await client.read_all(), b"")
        self.assertIn("500", (await self.refusal(head, self.doors[1]))[0])
        await eventually(lambda: not self.web.operations, "it is up again")
        await (await self.connect(head, self.doors[1])).read(len(ACCEPTED) + len(BANNER))

    async def test_a_host_that_hangs_says_nothing_and_one_that_is_down_refuses(self):
        self.doors[0].hanging = True
        client = await self.connect(self.head(f"uuid={self.web.uuid}", self.cookie()))
        await after(0.1)
        self.assertEqual(client.received, b"")
        await self.doors[1].go_down()
        with self.assertRaises(Refused):
            await self.connect("", self.doors[1])
        self.doors[1].listen()
        self.assertIn("500", (await self.refusal(self.head("uuid=x", self.cookie()), self.doors[1]))[0])
