"""What a started gateway holds of its libraries: each worker pays for that."""

import json
import os
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from shutil import rmtree

from twisted.trial.unittest import SynchronousTestCase

CHECKOUT = Path(__file__).parent.parent.parent
#: What only a console API, a driver or TLS inside Twisted's own transports needs.
HEAVY = (
    "OpenSSL",
    "cryptography",
    "service_identity",
    "twisted.web",
    "XenAPI",
    "xmlrpc",
    "xml.etree",
    "libvirt",
    "openstack",
)

INSTANCE = "[static]\nconsole = 6d7c0144-2a80-4db6-971e-07e62e622122 web1 127.0.0.1:5901\n"

#: Makes what `twistd xvpproxy` runs, and tells what has been imported for it and whether its reactor knows TLS.
PROGRAM = """
import json, sys
from twisted.internet.interfaces import IReactorSSL
from xvpproxy.daemon import Options, makeService
options = Options()
options.parseOptions(["--config-file", sys.argv[1]])
makeService(options)
from twisted.internet import reactor
import time
print(json.dumps({"modules": sorted(sys.modules), "tls": IReactorSSL.providedBy(reactor),
                  "behind": time.monotonic() - reactor.seconds()}))
"""


class HeldTest(SynchronousTestCase):
    def started(self, options, program=PROGRAM):
        folder = tempfile.mkdtemp()
        self.addCleanup(rmtree, folder)
        path = Path(folder, "gateway.conf")
        stores = (
            f"[DEFAULT]\nstate_path = {folder}\nmemcached_servers = 127.0.0.1:1\n[consoleauth]\nstores = memcached\n"
        )
        path.write_text(f"{stores}[vnc]\nxvpvncproxy_port = 0\n{options}")
        done = subprocess.run(
            [sys.executable, "-c", program, path],
            env=os.environ | {"PYTHONPATH": str(CHECKOUT)},
            capture_output=True,
            check=False,
            timeout=120,
        )
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        return json.loads(done.stdout)

    def heavy(self, held):
        return [name for name in HEAVY if any(f"{module}.".startswith(f"{name}.") for module in held["modules"])]

    def test_a_gateway_without_an_api_holds_no_library_that_it_does_not_need(self):
        held = self.started("")
        self.assertIn("pymemcache", held["modules"])
        self.assertEqual((self.heavy(held), held["tls"]), ([], False))

    def test_a_driver_that_nobody_asks_is_not_held_either(self):
        held = self.started("[libvirt]\nconnection_uri = qemu:///system\n[xenserver]\nconnection_url = https://xen1\n")
        self.assertEqual(self.heavy(held), [])

    def test_a_gateway_with_an_api_has_a_reactor_that_knows_tls(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
        held = self.started(f"{INSTANCE}[api]\nlisten = 127.0.0.1:{port}\nauth_strategy = noauth2\n")
        self.assertTrue(held["tls"])
        self.assertIn("twisted.web.http", held["modules"])

    def test_the_reactor_goes_by_a_clock_that_nobody_sets(self):
        self.assertLess(abs(self.started("")["behind"]), 60)

    def test_pyopenssl_can_still_be_imported_afterwards(self):
        held = self.started(
            "",
            PROGRAM.replace(
                "from twisted.internet import reactor\n", "import OpenSSL.SSL\nfrom twisted.internet import reactor\n"
            ),
        )
        self.assertIn("OpenSSL.SSL", held["modules"])

    def test_a_reactor_that_was_installed_before_stays(self):
        chosen = "from twisted.internet import selectreactor\nselectreactor.install()\n"
        held = self.started("", chosen + PROGRAM)
        self.assertIn("twisted.internet.selectreactor", held["modules"])
        self.assertNotIn("twisted.internet.epollreactor", held["modules"])
        self.assertTrue(held["tls"])
