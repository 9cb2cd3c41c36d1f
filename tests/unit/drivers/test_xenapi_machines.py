from twisted.trial.unittest import SynchronousTestCase

from xvpproxy.drivers import xenapi_machines as machines
from xvpproxy.errors import ConsoleUnavailable


def record(**changes):
    return {"uuid": "U", "name_label": "web", "power_state": "Running", "resident_on": "OpaqueRef:h"} | changes


class MachinesTest(SynchronousTestCase):
    def test_power_states_are_novas_words(self):
        for power, word in (("Running", "ACTIVE"), ("Halted", "SHUTOFF"), ("Paused", "PAUSED"),
                            ("Suspended", "SUSPENDED"), ("Unheard-of", "UNKNOWN")):  # fmt: skip
            self.assertEqual(machines.state_of(record(power_state=power)), word)
        self.assertEqual(machines.state_of(record(current_operations={"t": "pool_migrate"})), "MIGRATING")
        self.assertEqual(machines.state_of(record(current_operations={"t": "clean_reboot"})), "ACTIVE")

    def test_templates_snapshots_and_control_domains_are_nobodys(self):
        self.assertTrue(machines.is_instance(record(is_a_template=False)))
        for flag in ("is_a_template", "is_a_snapshot", "is_control_domain"):
            self.assertFalse(machines.is_instance(record(**{flag: True})))

    def test_a_machine_without_a_host_runs_nowhere(self):
        self.assertEqual(machines.host_of(record(resident_on=machines.NULL)), "")
        self.assertEqual(machines.host_of(record()), "OpaqueRef:h")

    def cause(self, **changes):
        with self.assertRaises(ConsoleUnavailable) as caught:
            machines.require_console(record(**changes))
        return caught.exception.cause

    def test_what_is_off_stays_off_and_what_is_being_changed_may_come(self):
        machines.require_console(record())
        self.assertEqual(self.cause(power_state="Halted", resident_on=machines.NULL), "vm_not_running")
        self.assertEqual(self.cause(power_state="Halted", current_operations={"t": "start"}), "vm_moving")
        self.assertEqual(self.cause(resident_on=machines.NULL), "vm_moving")

    def test_the_path_names_the_machine_and_no_session(self):
        self.assertEqual(machines.path_of("U"), "/console?uuid=U")
