"""OpenStack's own command lines against the console API: from an instance's name to its screen."""

import os
import re
from hashlib import sha256
from pathlib import Path
from unittest import SkipTest

from twisted.internet.defer import Deferred
from twisted.internet.utils import getProcessOutputAndValue
from twisted.trial.unittest import TestCase

from tests.certificates import Certificate
from tests.consoles import Console, rfb
from tests.fakes_api import DB, NOBODY, WEB
from tests.gateway_process import CHECKOUT, GatewayProcess
from tests.integration.peers import free_port
from tests.secrets import leaks
from tests.viewers import enter

CLIENTS = CHECKOUT / "build/clients/bin"
#: nova wants to be told of a Keystone that it never asks.
UNUSED = {"OS_USERNAME": "x", "OS_PROJECT_ID": "x", "OS_AUTH_URL": "http://unused"}
ALICE, BOB = "alices-token-5d0c3690", "bobs-token-846de67b"


def client(name):
    """The path of a command line, or a skipped test."""
    path = CLIENTS / name
    if not path.exists():
        sentence = f"needs {path.relative_to(CHECKOUT)}: make test installs it"
        if os.environ.get("CI") == "true":
            raise AssertionError(sentence)
        raise SkipTest(sentence)
    return str(path)


class ClientsCase(TestCase):
    timeout = 300
    api: dict = {"auth_strategy": "noauth2"}  # noqa: RUF012  (nobody changes it)

    def setUp(self):
        self.nova_path, self.openstack_path = client("nova"), client("openstack")
        self.console = Console(rfb)
        self.addCleanup(lambda: Deferred.fromCoroutine(self.console.close()))
        self.directory = Path(self.mktemp()).resolve()
        self.directory.mkdir(parents=True)
        self.endpoint = f"http://127.0.0.1:{free_port()}/v2.1"
        self.environment = {"HOME": str(self.directory), "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
        self.gateway = GatewayProcess(str(self.directory / "gateway"), self.options())
        self.addCleanup(lambda: Deferred.fromCoroutine(self.gateway.stop()))
        return Deferred.fromCoroutine(self.gateway.started())

    def options(self):
        console = f"127.0.0.1:{self.console.port}"
        listen = self.endpoint.split("/")[2]
        return {
            "DEFAULT": {"debug": True},
            "api": {"listen": listen, **self.api},
            "static": {"console": f"{WEB} web1 {console}\nconsole = {DB} db {console}"},
        }

    async def run_client(self, path, *words, **environment):
        out, err, status = await getProcessOutputAndValue(path, words, env={**self.environment, **environment})
        return out.decode(), err.decode(), status

    async def nova(self, *words, auth=("--os-auth-type", "none", "--os-endpoint-override")):
        return await self.run_client(self.nova_path, *auth, self.endpoint, *words, **UNUSED)

    async def openstack(self, *words, endpoint=None):
        auth = ("--os-auth-type", "none", "--os-endpoint", endpoint or self.endpoint)
        return await self.run_client(self.openstack_path, *auth, *words)

    def url(self, result):
        """The access URL in a table."""
        out, err, status = result
        self.assertEqual(status, 0, (out, err))
        (url,) = re.findall(r"http://\S+", out)
        return url

    async def see(self, url):
        """Open an access URL in a viewer, up to the console's RFB version; the token."""
        token = url.replace("%3D", "=").partition("token=")[2]
        viewer = await enter(self.gateway.port, token)
        viewer.close()
        return token

    def refused(self, result, *words):
        out, err, status = result
        self.assertEqual(status, 1, (out, err))
        for word in words:
            self.assertIn(word, err)


class NovaTest(ClientsCase):
    async def test_get_vnc_console_leads_to_the_screen(self):
        """By id and by name, with the oldest version, the one of the change of calls, and the newest."""
        tokens = []
        for version in ((), ("--os-compute-api-version", "2.1"), ("--os-compute-api-version", "2.latest")):
            for instance, kind in ((WEB, "xvpvnc"), ("db", "novnc")):
                result = await self.nova(*version, "get-vnc-console", instance, kind)
                self.assertIn(f"| {kind} ", result[0])
                tokens.append(await self.see(self.url(result)))
        self.assertEqual(len(set(tokens)), 6)
        self.assertEqual(leaks([self.gateway.output], *tokens), [])

    async def test_lists_and_shows(self):
        out, err, status = await self.nova("list")
        self.assertEqual(status, 0, err)
        for word in (WEB, DB, "web1", "ACTIVE", "Running"):
            self.assertIn(word, out)
        out, err, status = await self.nova("list", "--limit", "1")
        self.assertEqual((status, WEB in out, DB in out), (0, False, True), err)

    async def test_its_errors_make_sense_to_a_person(self):
        for instance in ("nobody", NOBODY):
            self.refused(await self.nova("get-vnc-console", instance, "xvpvnc"), "No server with a name or ID of")
        self.refused(
            await self.nova("get-spice-console", "web1", "spice-html5"),
            *("Unavailable console type spice-html5.", "(HTTP 400)"),
        )


class OpenstackTest(ClientsCase):
    async def test_console_url_show_leads_to_the_screen(self):
        root = self.endpoint.removesuffix("/v2.1")
        for words, instance, endpoint in (
            *((("--xvpvnc",), WEB, None), (("--novnc",), "web1", None), ((), "db", root)),
            (("--xvpvnc", "--os-compute-api-version", "2.1"), WEB, None),
        ):
            result = await self.openstack("console", "url", "show", *words, instance, endpoint=endpoint)
            await self.see(self.url(result))

    async def test_an_unknown_instance_is_told(self):
        self.refused(await self.openstack("console", "url", "show", "nobody"), "nobody")


class TokenTest(ClientsCase):
    """Callers with tokens of their own."""

    @property
    def api(self):
        path = self.directory / "tokens"
        lines = (
            f"{name} {sha256(t.encode()).hexdigest()}\n" for name, t in (("alice console", ALICE), ("bob reader", BOB))
        )
        path.write_text("".join(lines))
        return {"tokens_file": path}

    async def ask(self, token):
        auth = ("--os-auth-type", "admin_token", "--os-token", token, "--os-endpoint")
        return await self.nova("get-vnc-console", "web1", "xvpvnc", auth=auth)

    async def test_the_token_decides(self):
        await self.see(self.url(await self.ask(ALICE)))
        self.refused(await self.ask(BOB), "(HTTP 403)")
        self.refused(await self.ask("wrong-token"), "(HTTP 401)")
        self.assertEqual(leaks([self.gateway.output], ALICE, BOB, "wrong-token"), [])


class TlsTest(ClientsCase):
    def options(self):
        self.pem = Certificate(self.directory / "tls").path
        self.endpoint = self.endpoint.replace("http:", "https:")
        return {**super().options(), "DEFAULT": {"cert": self.pem, "ssl_only": True}}

    async def test_nova_comes_with_tls(self):
        result = await self.nova("--os-cacert", self.pem, "get-vnc-console", "web1", "xvpvnc")
        self.assertTrue(self.url(result).startswith("http://"), result)
        self.refused(await self.nova("get-vnc-console", "web1", "xvpvnc"))
