import os
from pathlib import Path

from tests.configs.case import ConfigTestCase
from xvpproxy import config

CONFIGS = Path(__file__).parent.parent / "configs"


class DefaultsTest(ConfigTestCase):
    def test_every_option_has_its_documented_default(self):
        conf = self.load("").conf
        documented = {
            "DEFAULT": {
                "workers": 1, "debug": False, "log_format": "text", "daemon": False, "ssl_only": False,
                "cert": "self.pem", "key": None, "memcached_servers": None, "source_is_ipv6": False,
                "compute_driver": None, "rpc_response_timeout": 60,
            },
            "vnc": {
                "xvpvncproxy_host": "0.0.0.0", "xvpvncproxy_port": 6081, "novncproxy_host": "0.0.0.0",
                "novncproxy_port": 6080, "xvpvncproxy_base_url": "http://127.0.0.1:6081/console",
                "novncproxy_base_url": "http://127.0.0.1:6080/vnc_auto.html", "server_listen": "127.0.0.1",
                "server_proxyclient_address": "127.0.0.1", "auth_schemes": ["none"], "vencrypt_client_key": None,
                "vencrypt_client_cert": None, "vencrypt_ca_certs": None,
            },
            "consoleauth": {
                "token_ttl": 600, "enforce_session_timeout": False, "stores": None, "single_use": False,
                "recheck_interval": 1.0, "store_timeout": 2.0,
            },
            "cache": {
                "enabled": False, "backend": "dogpile.cache.null", "memcache_servers": ["localhost:11211"],
                "expiration_time": 600, "socket_timeout": 1.0, "tls_enabled": False, "tls_cafile": None,
            },
            "database": {"connection": None},
            "workarounds": {"enable_consoleauth": False},
            "console": {"allowed_origins": [], "ssl_ciphers": None, "ssl_minimum_version": "default"},
            "xenserver": {
                "connection_url": None, "connection_username": "root", "connection_password": None,
                "login_timeout": 10, "ca_file": None, "fingerprints": None, "verify": True,
            },
            "libvirt": {"connection_uri": ""},
            "ironic": {"serial_console_state_timeout": 10, "vnc_console_state_timeout": 60},
            "gateway": {
                "preamble_timeout": 10.0, "connect_timeout": 5.0, "handshake_timeout": 10.0, "close_timeout": 5.0,
                "idle_timeout": 0, "stall_timeout": 60.0, "keepalive_idle": 60, "keepalive_interval": 15,
                "keepalive_count": 4, "max_sessions": 0, "max_pending_per_address": 64,
                "max_sessions_per_token": 16, "drain_timeout": 30.0, "verify_instance": True,
            },
            "api": {"listen": None, "tokens_file": None, "auth_strategy": "token", "rate_limit": 20.0},
            "static": {"console": []},
        }  # fmt: skip
        for group, options in documented.items():
            values = conf if group == "DEFAULT" else conf[group]
            self.assertEqual({name: getattr(values, name) for name in options}, options, group)

    def test_every_option_has_help(self):
        for group, options in config.list_opts():
            for option in options:
                self.assertTrue(option.help, f"[{group}] {option.name}")
                self.assertTrue(option.help.endswith((".", "?")), f"[{group}] {option.name}: {option.help}")

    def test_the_state_is_kept_where_systemd_says(self):
        self.set_environment(STATE_DIRECTORY="/var/lib/private/xvpproxy:/other")
        self.assertEqual(self.load("").conf.state_path, "/var/lib/private/xvpproxy")

    def test_the_state_of_root_is_below_var_lib_and_anybody_elses_below_home(self):
        self.set_environment(STATE_DIRECTORY=None)
        for uid, expected in ((0, "/var/lib/xvpproxy"), (1000, str(self.directory / ".local/state/xvpproxy"))):
            self.patch(os, "geteuid", lambda uid=uid: uid)
            self.assertEqual(self.load("").conf.state_path, expected)

    def test_one_option_may_refer_to_another(self):
        conf = self.load(
            "[DEFAULT]\nmy_ip = 192.0.2.7\nstate_path = /srv/state\n"
            "[vnc]\nxvpvncproxy_host = $my_ip\nserver_listen = ${my_ip}\nxvpvncproxy_port = 99\n"
            "xvpvncproxy_base_url = http://$my_ip:$vnc.xvpvncproxy_port/console\n"
            "[database]\nconnection = sqlite:///$state_path/x.sqlite?pa$$word\n"
        ).conf
        self.assertEqual(conf.vnc.xvpvncproxy_host, "192.0.2.7")
        self.assertEqual(conf.vnc.server_listen, "192.0.2.7")
        self.assertEqual(conf.vnc.xvpvncproxy_base_url, "http://192.0.2.7:99/console")
        self.assertEqual(conf.database.connection, "sqlite:////srv/state/x.sqlite?pa$word")

    def test_my_ip_is_known_without_being_set(self):
        conf = self.load("[vnc]\nxvpvncproxy_host = $my_ip\n").conf
        self.assertRegex(conf.vnc.xvpvncproxy_host, r"^\d+\.\d+\.\d+\.\d+$")


class OwnersFilesTest(ConfigTestCase):
    """Whole files of an operator's start the gateway as they are."""

    def warned(self, loaded):
        return [warning.partition(": ")[2].split(" ")[1] for warning in loaded.warnings]

    def test_rocky_with_xenserver(self):
        loaded = config.load([str(CONFIGS / "nova-rocky.conf")])
        conf = loaded.conf
        self.assertEqual((conf.vnc.xvpvncproxy_host, conf.vnc.xvpvncproxy_port), ("10.20.0.11", 6081))
        self.assertEqual(conf.vnc.xvpvncproxy_base_url, "http://console.example.net:6081/console")
        self.assertEqual(conf.consoleauth.token_ttl, 3600)
        self.assertTrue(conf.cache.enabled)
        self.assertEqual(conf.cache.backend, "oslo_cache.memcache_pool")
        self.assertEqual(conf.cache.memcache_servers, ["10.20.0.11:11211", "10.20.0.12:11211", "10.20.0.13:11211"])
        self.assertEqual(conf.cache.socket_timeout, 3.0)
        self.assertTrue(conf.workarounds.enable_consoleauth)
        self.assertTrue(conf.database.connection.endswith("@10.20.0.10/nova_cell1?charset=utf8"))
        self.assertEqual(conf.xenserver.connection_url, "https://xs1.example.net")
        self.assertEqual(conf.vnc.server_proxyclient_address, "10.20.0.11")
        self.assertEqual(conf.state_path, "/var/lib/nova")
        self.assertEqual(
            self.warned(loaded),
            [
                "my_ip", "host", "transport_url", "rpc_response_timeout", "web", "cert",
                "console_token_ttl", "memcache_socket_timeout", "allowed_origins", "vncserver_listen",
                "vncserver_proxyclient_address", "novncproxy_host",
            ],
        )  # fmt: skip

    def test_2026_with_libvirt(self):
        loaded = config.load([str(CONFIGS / "nova-2026.conf")])
        conf = loaded.conf
        self.assertTrue(conf.debug)
        self.assertEqual(conf.consoleauth.token_ttl, 900)
        self.assertEqual(conf.cache.backend, "dogpile.cache.pymemcache")
        self.assertEqual(conf.cache.memcache_servers, ["mc1.example.net:11211", "inet6:[2001:db8::12]:11211"])
        self.assertEqual((conf.cache.expiration_time, conf.cache.socket_timeout), (900, 1.5))
        self.assertEqual(conf.console.ssl_minimum_version, "tlsv1_2")
        self.assertEqual(conf.vnc.novncproxy_base_url, "https://console.example.net/vnc_lite.html")
        self.assertEqual(conf.vnc.xvpvncproxy_port, 6081)
        self.assertIn("nova_cell2", conf.database.connection)
        self.assertEqual(
            self.warned(loaded),
            [
                "my_ip", "transport_url", "allowed_origins", "enforce_session_timeout", "server_listen",
                "auth_schemes", "vencrypt_client_key", "vencrypt_client_cert", "vencrypt_ca_certs",
            ],
        )  # fmt: skip

    def test_their_secrets_do_not_show(self):
        for name in ("nova-rocky.conf", "nova-2026.conf"):
            loaded = config.load([str(CONFIGS / name)])
            self.assertEqual([line for line in (*loaded.warnings, repr(loaded)) if "made-up" in line], [])

    def test_old_names_still_work(self):
        for text, group, name, value in (
            ("[DEFAULT]\nconsole_token_ttl = 77\n", "consoleauth", "token_ttl", 77),
            ("[DEFAULT]\nxvpvncproxy_host = 192.0.2.1\n", "vnc", "xvpvncproxy_host", "192.0.2.1"),
            ("[DEFAULT]\nxvpvncproxy_port = 7777\n", "vnc", "xvpvncproxy_port", 7777),
            ("[DEFAULT]\nxvpvncproxy_base_url = http://c/x\n", "vnc", "xvpvncproxy_base_url", "http://c/x"),
            ("[DEFAULT]\nnovncproxy_host = 192.0.2.1\n", "vnc", "novncproxy_host", "192.0.2.1"),
            ("[DEFAULT]\nnovncproxy_port = 7777\n", "vnc", "novncproxy_port", 7777),
            ("[DEFAULT]\nnovncproxy_base_url = http://c/n\n", "vnc", "novncproxy_base_url", "http://c/n"),
            ("[DEFAULT]\nvncserver_listen = 192.0.2.1\n", "vnc", "server_listen", "192.0.2.1"),
            ("[vnc]\nvncserver_listen = 192.0.2.1\n", "vnc", "server_listen", "192.0.2.1"),
            ("[vnc]\nvncserver_proxyclient_address = h1\n", "vnc", "server_proxyclient_address", "h1"),
            ("[DEFAULT]\nconsole_allowed_origins = a,b\n", "console", "allowed_origins", ["a", "b"]),
            ("[DEFAULT]\nxenapi_connection_url = https://xs\n", "xenserver", "connection_url", "https://xs"),
            ("[DEFAULT]\nxenapi_connection_username = u\n", "xenserver", "connection_username", "u"),
            ("[DEFAULT]\nxenapi_connection_password = p\n", "xenserver", "connection_password", "p"),
            ("[DEFAULT]\nmemcached_servers = a:1,b:2\n", "DEFAULT", "memcached_servers", ["a:1", "b:2"]),
            ("[DEFAULT]\nlibvirt_uri = qemu:///system\n", "libvirt", "connection_uri", "qemu:///system"),
            ("[cache]\nmemcache_socket_timeout = 3\n", "cache", "socket_timeout", 3.0),
            ("[DEFAULT]\nsql_connection = sqlite:////x\n", "database", "connection", "sqlite:////x"),
        ):
            loaded = self.load(text)
            values = loaded.conf if group == "DEFAULT" else loaded.conf[group]
            self.assertEqual(getattr(values, name), value, text)
            if group != "DEFAULT":
                self.assertEqual(len(loaded.warnings), 1, text)
                self.assertIn(f"(now [{group}] {name})", loaded.warnings[0])

    def test_the_new_name_wins_over_the_old_one(self):
        conf = self.load("[DEFAULT]\nconsole_token_ttl = 77\n[consoleauth]\ntoken_ttl = 88\n").conf
        self.assertEqual(conf.consoleauth.token_ttl, 88)
