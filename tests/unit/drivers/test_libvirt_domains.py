from twisted.trial.unittest import SynchronousTestCase

from xvpproxy.drivers.libvirt_domains import Domain, Uri, console_of, state_of, uris
from xvpproxy.errors import ConfigurationError, ConsoleUnavailable, DriverUnavailable

UUID = "6d7c0144-2a80-4db6-971e-07e62e622122"
HERE = Uri("qemu:///system", "")
THERE = Uri("qemu+tls://kvm1.example.org/system", "kvm1.example.org")
FIXED = "<graphics type='vnc' port='5907' listen='{0}'><listen type='address' address='{0}'/></graphics>"


def domain(graphics, *, uri=HERE, state="ACTIVE", number="id='3'"):
    xml = f"<domain type='kvm' {number}><devices><graphics type='spice' port='5999'/>{graphics}</devices></domain>"
    return Domain(UUID, "web1", state, active=bool(number), uri=uri, node="h1", xml=xml)


class UriTest(SynchronousTestCase):
    def test_a_comma_list_names_each_daemon_once(self):
        found = uris("qemu:///system, qemu+ssh://root@kvm1/system,qemu+tls://[2001:db8::7]:16514/system,qemu:///system")
        self.assertEqual([each.host for each in found], ["", "kvm1", "2001:db8::7"])
        self.assertEqual(found[1].text, "qemu+ssh://root@kvm1/system")

    def test_a_daemon_reached_over_loopback_is_on_this_machine(self):
        for text in ("qemu+tcp://localhost/system", "qemu+tcp://127.0.0.1/system", "test:///default"):
            self.assertEqual(uris(text)[0].host, "", text)

    def test_what_is_no_uri_is_named_by_its_option_and_keeps_its_password(self):
        for text in ("kvm1", "qemu+tcp://root:hunter2@kvm1/system", "qemu://[::1", "qemu://kvm1:port/system"):
            error = self.assertRaises(ConfigurationError, uris, text)
            self.assertIn("[libvirt] connection_uri", str(error))
            self.assertNotIn("hunter2", str(error))

    def test_its_name_in_the_log_has_no_user_and_no_parameters(self):
        self.assertEqual(str(uris("qemu+ssh://me@kvm1/system?keyfile=/k")[0]), "qemu+ssh://kvm1/system")


class ConsoleTest(SynchronousTestCase):
    def place(self, graphics, **keywords):
        console = console_of(domain(graphics, **keywords), local_address="192.0.2.1")
        return console.host, console.port

    def refusal(self, graphics, **keywords):
        with self.assertRaises(ConsoleUnavailable) as caught:
            self.place(graphics, **keywords)
        return caught.exception

    def test_one_on_a_certain_address_is_there(self):
        for address in ("127.0.0.1", "192.0.2.9", "2001:db8::9"):
            self.assertEqual(self.place(FIXED.format(address)), (address, 5907))
        self.assertEqual(self.place(FIXED.format("192.0.2.9"), uri=THERE), ("192.0.2.9", 5907))

    def test_one_on_every_address_is_at_its_machines(self):
        for graphics in (FIXED.format("0.0.0.0"), FIXED.format("::"), "<graphics type='vnc' port='5907'/>"):
            self.assertEqual(self.place(graphics), ("192.0.2.1", 5907))
            self.assertEqual(self.place(graphics, uri=THERE), ("kvm1.example.org", 5907))

    def test_one_on_a_networks_address_is_there(self):
        graphics = (
            "<graphics type='vnc' port='5907'><listen type='network' address='192.0.2.9' network='n'/></graphics>"
        )
        self.assertEqual(self.place(graphics), ("192.0.2.9", 5907))

    def test_one_on_another_machines_loopback_is_never_looked_for_on_ours(self):
        error = self.refusal(FIXED.format("127.0.0.1"), uri=THERE)
        self.assertEqual((error.status, error.cause), (409, "no_graphics"))
        self.assertIn("listens on 127.0.0.1 of kvm1.example.org only", error.detail)

    def test_without_vnc_on_a_port_there_is_none(self):
        for graphics in (
            "",
            "<graphics type='vnc' socket='/run/vnc'/>",
            "<graphics type='vnc' port='-1'><listen type='socket' socket='/run/vnc'/></graphics>",
            "<graphics type='vnc'><listen type='none'/></graphics>",
        ):
            self.assertEqual(self.refusal(graphics).cause, "no_graphics", graphics)

    def test_without_a_port_it_may_have_one_shortly(self):
        for port in ("-1", "0", "", "65536", "x"):
            self.assertEqual(self.refusal(f"<graphics type='vnc' autoport='yes' port='{port}'/>").cause, "no_console")

    def test_a_domain_that_is_off_has_none_even_with_a_fixed_port(self):
        for state, word in (("SHUTOFF", "powered off"), ("SUSPENDED", "suspended")):
            error = self.refusal(FIXED.format("127.0.0.1"), state=state, number="")
            self.assertEqual((error.status, error.cause), (409, "vm_not_running"))
            self.assertIn(word, error.public)

    def test_a_paused_domain_still_shows_its_screen(self):
        self.assertEqual(self.place(FIXED.format("127.0.0.1"), state="PAUSED"), ("127.0.0.1", 5907))

    def test_one_that_is_moving_has_none_yet(self):
        self.assertEqual(self.refusal(FIXED.format("192.0.2.9"), state="MIGRATING").cause, "vm_moving")

    def test_a_broken_description_is_the_daemons_fault(self):
        broken = Domain(UUID, "web1", "ACTIVE", active=True, uri=HERE, node="h1", xml="<domain")
        self.assertRaises(DriverUnavailable, console_of, broken, local_address="192.0.2.1")


class StateTest(SynchronousTestCase):
    def test_states_have_novas_names(self):
        for (state, reason), word in {
            (1, 1): "ACTIVE", (2, 0): "ACTIVE", (3, 1): "PAUSED", (3, 2): "MIGRATING", (3, 12): "MIGRATING",
            (5, 1): "SHUTOFF", (5, 5): "SUSPENDED", (7, 0): "SUSPENDED", (6, 1): "UNKNOWN", (0, 0): "UNKNOWN",
        }.items():  # fmt: skip
            self.assertEqual(state_of(state, reason), word)
