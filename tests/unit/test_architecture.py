"""How the tree hangs together: what may import what, how large files are, where tests stand.

Read from the syntax trees; nothing is imported.
"""

import ast
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

CHECKOUT = Path(__file__).parent.parent.parent
PACKAGE = CHECKOUT / "xvpproxy"
MAX_LINES = 300

#: Floors from the bottom up; imports go down only, and packages of one floor do not see each other.
FLOORS = (
    ("model", "errors"),
    ("sessions", "ledger", "masking", "logs", "log_lines", "blocking"),
    ("consoleauth", "drivers", "wire"),
    ("api", "gateway"),
    (
        *("config", "config_files", "config_checks", "unserved", "settings", "restart", "stores", "hypervisors"),
        *("console_api", "doors", "service", "pulse", "worker", "workers", "daemon", "process_reactor", "demo", "cli"),
        "__main__",
    ),
)
#: Floors whose members may import each other: small modules of one kind, and the top.
OPEN_FLOORS = (0, 1, 4)
#: Who may know the reactor: twistd's plugin and the commands.
KNOW_THE_REACTOR = ("process_reactor", "cli", "demo")
#: Libraries that stay behind a door; SQLAlchemy has two: what the table is, and how a database is reached.
DOORS = {
    "pymemcache": ["xvpproxy.consoleauth.memcached_server"],
    "sqlalchemy": ["xvpproxy.consoleauth.token_table", "xvpproxy.consoleauth.database_engine"],
    "XenAPI": ["xvpproxy.drivers.xenapi_link"],
    "keystoneauth1": ["xvpproxy.drivers.ironic_api"],
    "openstack": ["xvpproxy.drivers.ironic_api"],
    "libvirt": ["xvpproxy.drivers.libvirt_link"],
}
#: Sources without a test file of their own name, and what proves them instead: most talk to a real server.
PROVED_ELSEWHERE = {
    "__main__.py": "tests/unit/cli/test_main.py",
    "cli/talk.py": "tests/unit/cli/test_console.py",
    "consoleauth/contract.py": "tests/contracts/token_store_suite.py",
    "consoleauth/database_engine.py": "tests/integration/test_database.py",
    "consoleauth/memcached.py": "tests/integration/test_memcached.py",
    "consoleauth/memcached_server.py": "tests/integration/test_memcached_faults.py",
    "consoleauth/memcached_tokens.py": "tests/integration/test_memcached_servers.py",
    "consoleauth/opcodes.py": "tests/unit/consoleauth/test_pickles.py",
    "consoleauth/sql.py": "tests/contracts/test_token_stores.py",
    "consoleauth/token_table.py": "tests/integration/test_database.py",
    "demo/xenpool.py": "tests/xenpool/test_pool.py",
    "demo/xenpool_api.py": "tests/xenpool/test_pool.py",
    "demo/xenpool_certificate.py": "tests/xenpool/test_pool.py",
    "demo/xenpool_console.py": "tests/xenpool/test_pool.py",
    "demo/xenpool_commands.py": "tests/xenpool/test_demo.py",
    "demo/xenpool_host.py": "tests/xenpool/test_pool.py",
    "demo/xenpool_site.py": "tests/xenpool/test_demo.py",
    "drivers/ironic_api.py": "tests/integration/test_ironic.py",
    "drivers/libvirt_link.py": "tests/integration/test_libvirt.py",
    "drivers/xenapi.py": "tests/xenpool/test_driver.py",
    "drivers/xenapi_finder.py": "tests/xenpool/test_driver.py",
    "drivers/xenapi_link.py": "tests/xenpool/test_login.py",
    "drivers/xenapi_pool.py": "tests/xenpool/test_login.py",
    "drivers/xenapi_transport.py": "tests/xenpool/test_login.py",
    "drivers/contract.py": "tests/unit/drivers/test_registry.py",
    "gateway/reactor.py": "tests/unit/gateway/test_stream.py",
    "gateway/relay.py": "tests/contracts/test_relay.py",
    "gateway/shared.py": "tests/unit/gateway/test_session.py",
    "gateway/splicing.py": "tests/contracts/test_relay.py",
    "restart.py": "tests/unit/test_service.py",
    "settings.py": "tests/unit/test_service.py",
    "wire/conversation.py": "tests/unit/gateway/test_stream.py",
}


def sources():
    return sorted(PACKAGE.rglob("*.py"))


def module_name(path):
    parts = path.relative_to(CHECKOUT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path):
    """Every module that a file imports, absolute, with the name behind `from` where that may be a module."""
    package = module_name(path).split(".") if path.stem == "__init__" else module_name(path).split(".")[:-1]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) + 1 - node.level] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            yield from (f"{module}.{alias.name}" for alias in node.names)


def part(module):
    """The name below `xvpproxy` that decides the floor."""
    return module.split(".")[1] if module.count(".") else ""


def floor(name):
    for number, members in enumerate(FLOORS):
        if name in members:
            return number
    raise AssertionError(f"xvpproxy.{name} stands on no floor: add it to FLOORS")


class ImportsTest(SynchronousTestCase):
    def test_imports_go_down_only(self):
        wrong = []
        for path in sources():
            here = part(module_name(path))
            for module in imports(path):
                there = part(module)
                if not module.startswith("xvpproxy.") or not here or there in (here, "__version__"):
                    continue
                level = floor(here)
                if floor(there) > level or (floor(there) == level and level not in OPEN_FLOORS):
                    wrong.append(f"{module_name(path)} imports {module}")
        self.assertEqual(wrong, [])

    def test_the_bottom_imports_nothing_else_of_ours(self):
        for name in ("model", "errors"):
            ours = [m for m in imports(PACKAGE / f"{name}.py") if m.startswith("xvpproxy.") and part(m) != "model"]
            self.assertEqual(ours, [], name)

    def test_wire_does_no_io(self):
        """Bytes in, bytes out: no socket, no clock, no Twisted, no configuration."""
        banned = ("twisted", "oslo_config", "socket", "ssl", "time", "select", "threading", "asyncio", "os")
        for path in (PACKAGE / "wire").glob("*.py"):
            wrong = [module for module in imports(path) if module.split(".")[0] in banned]
            self.assertEqual(wrong, [], module_name(path))

    def test_only_the_top_knows_the_reactor(self):
        for path in sources():
            if "twisted.internet.reactor" in imports(path):
                self.assertIn(part(module_name(path)), KNOW_THE_REACTOR, module_name(path))

    def test_the_global_configuration_is_nowhere(self):
        for path in (*sources(), *CHECKOUT.glob("tests/**/*.py")):
            self.assertNotIn("oslo_config.cfg.CONF", list(imports(path)), path)

    def test_a_library_stays_behind_its_door(self):
        for library, doors in DOORS.items():
            users = {module_name(path) for path in sources() for m in imports(path) if m.split(".")[0] == library}
            self.assertEqual(users - set(doors), set(), library)


class CodeTest(SynchronousTestCase):
    def test_files_are_small(self):
        for path in (*sources(), *CHECKOUT.glob("tests/**/*.py"), CHECKOUT / "tests/run", CHECKOUT / "setup.py"):
            lines = path.read_text().count("\n")
            self.assertLess(lines, MAX_LINES, f"{path.relative_to(CHECKOUT)}: two ideas; find the second one's name")

    def test_packages_hold_prose_only(self):
        """`__init__.py` has a docstring, names that are exported, and the version."""
        for path in PACKAGE.rglob("__init__.py"):
            for node in ast.parse(path.read_text()).body:
                allowed = (ast.Expr, ast.Import, ast.ImportFrom, ast.Assign)
                self.assertIsInstance(node, allowed, f"{path}:{getattr(node, 'lineno', 0)}")

    def test_every_module_says_what_it_is(self):
        for path in sources():
            self.assertTrue(ast.get_docstring(ast.parse(path.read_text())), path)

    def test_no_error_is_swallowed(self):
        """`except Exception: pass` and its kin hide what an operator must see."""
        for path in sources():
            for node in ast.walk(ast.parse(path.read_text())):
                if not isinstance(node, ast.ExceptHandler):
                    continue
                broad = node.type is None or getattr(node.type, "id", "") in ("Exception", "BaseException")
                silent = all(isinstance(line, ast.Pass | ast.Continue) for line in node.body)
                self.assertFalse(broad and silent, f"{module_name(path)}:{node.lineno}")

    def test_every_module_has_its_tests(self):
        missing = [f"{source}: no longer there" for source in PROVED_ELSEWHERE if not (PACKAGE / source).exists()]
        for path in sources():
            relative = path.relative_to(PACKAGE)
            mirror = f"tests/unit/{relative.with_name(f'test_{relative.name}')}"
            proof = PROVED_ELSEWHERE.get(str(relative), mirror)
            if path.stem != "__init__" and not (CHECKOUT / proof).exists():
                missing.append(f"{relative} has no {proof}")
        self.assertEqual(missing, [], "\n".join(missing))
