"""A real Ironic of the tests' own: one process, SQLite, no Keystone, hardware that is not there."""

import json
import os
import subprocess
from functools import cache
from pathlib import Path
from unittest import SkipTest
from urllib.request import Request, urlopen

from tests.integration import peers
from tests.integration.peers import HOST, Peer, free_port

CHECKOUT = Path(__file__).resolve().parent.parent.parent
#: Where `make test` installs it.
PROGRAMS = CHECKOUT / "build/ironic/bin"
_OPTIONS = """
[DEFAULT]
auth_strategy = noauth
enabled_hardware_types = fake-hardware
enabled_console_interfaces = fake-graphical,no-console
enabled_network_interfaces = noop
enabled_storage_interfaces = fake,noop
{interfaces}
default_deploy_interface = fake
rpc_transport = none
my_ip = {host}
host = here
state_path = {folder}
[json_rpc]
auth_strategy = noauth
[oslo_messaging_notifications]
driver = noop
[api]
host_ip = {host}
port = {port}
[database]
connection = sqlite:///{folder}/ironic.sqlite
[vnc]
enabled = true
container_provider = fake
public_url = http://{host}:6090/vnc_lite.html
[service_catalog]
auth_type = none
endpoint_override = http://{host}:{port}
"""
_FAKES = ("boot", "deploy", "management", "power", "inspect", "raid", "bios", "vendor", "rescue", "firmware")
#: Where its fake console is said to be: an address that nobody has.
CONSOLE = ("192.0.2.1", 5900)


class Ironicd:
    """Ironic's API and conductor.

    Attributes:
        url: its API.
    """

    def __init__(self) -> None:
        if not (PROGRAMS / "ironic").exists():
            sentence = "needs Ironic in build/ironic: make test installs it from tests/ironic.txt"
            raise (AssertionError if os.environ.get("CI") == "true" else SkipTest)(sentence)
        folder, port = peers._folder("ironic"), free_port()
        self.url = f"http://{HOST}:{port}"
        file = folder / "ironic.conf"
        interfaces = "\n".join(f"enabled_{name}_interfaces = fake" for name in _FAKES)
        file.write_text(_OPTIONS.format(interfaces=interfaces, host=HOST, port=port, folder=folder))
        subprocess.run(
            [PROGRAMS / "ironic-dbsync", "--config-file", file, "create_schema"],
            check=True,
            capture_output=True,
            timeout=peers.PATIENCE,
        )
        self._process = Peer([str(PROGRAMS / "ironic"), "--config-file", str(file)], port)

    def call(self, method: str, path: str, body: object = None) -> object:
        """Ask its API something, as an administrator."""
        headers = {"X-OpenStack-Ironic-API-Version": "1.95", "Content-Type": "application/json"}
        asking = Request(f"{self.url}/v1{path}", json.dumps(body).encode(), headers, method=method)
        with urlopen(asking, timeout=peers.PATIENCE) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def add_node(self, name: str, console: str) -> str:
        """A node that is switched on; its uuid."""
        node = {"driver": "fake-hardware", "name": name, "console_interface": console}
        uuid = self.call("POST", "/nodes", node)["uuid"]
        self.call("PUT", f"/nodes/{uuid}/states/power", {"target": "power on"})
        return uuid

    def stop(self) -> None:
        self._process.stop()


@cache
def shared() -> Ironicd:
    """One for all tests; to be called in the main thread, since it ends with the thread that started it."""
    return Ironicd()
