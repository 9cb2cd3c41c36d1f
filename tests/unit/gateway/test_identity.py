"""A console is opened where its driver says, or not at all; and what is waited out before a viewer is refused."""

from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from xvpproxy.drivers.contract import Console
from xvpproxy.errors import ConsoleUnavailable, DriverUnavailable, HandshakeFailed, InstanceNotFound, UpstreamTimeout
from xvpproxy.gateway.identity import VerifiedUpstream
from xvpproxy.model import ConnectInfo, Token

WEB = "0d5c8e6e-7d0a-4b0e-9c3f-5f2c1f0a7a11"
LEG = object()
OURS = Console("192.0.2.2", 443, f"/console?uuid={WEB}", xen_login="OpaqueRef:ours", tls=True,
               aliases=frozenset({WEB, "OpaqueRef:vm"}))  # fmt: skip
FIXED = Console("192.0.2.7", 5900)
NOT_HERE = ConsoleUnavailable("CONNECT answered 500", cause="vm_not_running")
ENDED = HandshakeFailed("ended before its RFB version", cause="upstream_reset")
NO_SESSION = HandshakeFailed("CONNECT answered 401", cause="upstream_auth")
MOVING = ConsoleUnavailable("it is moving", cause="vm_moving")


class Drivers:
    """Answers with what a test lists, the last one for ever."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.asked = []
        self.refused = []

    async def open(self, uuid, *, host, port, again):
        self.asked.append(again)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def login_refused(self, login):
        self.refused.append(login)


class Upstream(Drivers):
    """Reaches consoles as a test lists; `dialled` has them."""

    def __init__(self, *answers):
        super().__init__(*answers)
        self.dialled = []

    async def reach(self, console):
        self.dialled.append(console)
        return await self.open("", host="", port=0, again=False)

    async def connect(self, info):
        self.dialled.append(info)
        return LEG


class Case(SynchronousTestCase):
    def connect(self, drivers, upstream, path=None, *, verify=True, port=5900):
        self.drivers, self.upstream, self.clock = drivers, upstream, Clock()
        info = ConnectInfo(Token("T"), WEB, "xvpvnc", "192.0.2.7", port, path)
        verified = VerifiedUpstream(upstream, drivers, clock=self.clock, patience=5.0, verify=verify)
        return Deferred.fromCoroutine(verified.connect(info))

    def pass_time(self, seconds=6.0):
        self.clock.pump([0.1] * int(seconds * 10))


class IdentityTest(Case):
    def test_a_console_is_dialled_where_its_driver_says(self):
        self.assertIs(self.successResultOf(self.connect(Drivers(FIXED), Upstream(LEG))), LEG)
        self.assertEqual(self.upstream.dialled, [FIXED])

    def test_what_a_driver_refuses_is_not_dialled(self):
        for error in (InstanceNotFound(cause="identity"), ConsoleUnavailable(cause="identity_mismatch"),
                      ConsoleUnavailable(cause="vm_not_running"), DriverUnavailable()):  # fmt: skip
            work = self.connect(Drivers(error), Upstream(LEG))
            self.assertIs(self.failureResultOf(work).value, error)
            self.assertEqual(self.upstream.dialled, [])

    def test_a_plain_console_is_tried_once(self):
        """Behind a fixed address the next one who answers may be somebody else."""
        self.failureResultOf(self.connect(Drivers(FIXED), Upstream(ENDED)), HandshakeFailed)
        self.assertEqual(len(self.upstream.dialled), 1)

    def test_without_the_check_the_token_decides(self):
        work = self.connect(Drivers(InstanceNotFound()), Upstream(LEG), verify=False)
        self.assertIs(self.successResultOf(work), LEG)
        self.assertEqual((self.drivers.asked, self.upstream.dialled[0].host), ([], "192.0.2.7"))

    def test_without_the_check_our_own_tokens_still_need_a_login(self):
        path = f"/console?uuid={WEB}"
        self.successResultOf(self.connect(Drivers(OURS), Upstream(LEG), path, verify=False))
        self.assertEqual(self.upstream.dialled, [OURS])


class GapTest(Case):
    def test_a_host_that_has_no_console_is_resolved_again_until_one_has(self):
        elsewhere = Console("192.0.2.3", 443, OURS.internal_access_path, xen_login="OpaqueRef:ours")
        drivers = Drivers(OURS, OURS, MOVING, elsewhere)
        work = self.connect(drivers, Upstream(NOT_HERE, ENDED, LEG))
        self.assertNoResult(work)
        self.pass_time()
        self.assertIs(self.successResultOf(work), LEG)
        self.assertEqual(self.upstream.dialled, [OURS, OURS, elsewhere])
        self.assertEqual(drivers.asked, [False, True, True, True])

    def test_pauses_grow(self):
        self.connect(Drivers(OURS), Upstream(NOT_HERE)).addErrback(lambda _: None)
        counts = []
        for _ in range(5):
            self.clock.pump([0.1] * 10)
            counts.append(len(self.upstream.dialled))
        self.assertEqual(counts, [3, 4, 4, 5, 5])

    def test_after_the_time_the_last_reason_is_told(self):
        for drivers, upstream, reason in (
            (Drivers(OURS), Upstream(NOT_HERE), NOT_HERE),
            (Drivers(OURS), Upstream(ENDED), ENDED),
            (Drivers(MOVING), Upstream(LEG), MOVING),
        ):
            work = self.connect(drivers, upstream)
            self.pass_time()
            self.assertIs(self.failureResultOf(work).value, reason)

    def test_other_failures_are_told_at_once(self):
        for error in (UpstreamTimeout(), HandshakeFailed(cause="upstream_not_rfb"),
                      ConsoleUnavailable(cause="console_busy")):  # fmt: skip
            self.assertIs(self.failureResultOf(self.connect(Drivers(OURS), Upstream(error))).value, error)

    def test_a_viewer_that_leaves_in_the_gap_ends_the_waiting(self):
        work = self.connect(Drivers(OURS), Upstream(NOT_HERE))
        work.cancel()
        self.failureResultOf(work, CancelledError)
        self.assertEqual(self.clock.getDelayedCalls(), [])


class LoginTest(Case):
    def test_a_refused_session_is_replaced_once(self):
        work = self.connect(Drivers(OURS), Upstream(NO_SESSION, LEG))
        self.clock.advance(0)
        self.assertIs(self.successResultOf(work), LEG)
        self.assertEqual(self.drivers.refused, ["OpaqueRef:ours"])
        work = self.connect(Drivers(OURS), Upstream(NO_SESSION))
        self.clock.advance(0)
        self.assertEqual(self.failureResultOf(work).value.status, 502)
        self.assertEqual(len(self.upstream.dialled), 2)

    def test_an_unknown_certificate_is_learned_afresh_once(self):
        work = self.connect(Drivers(OURS), Upstream(HandshakeFailed(cause="upstream_tls"), LEG))
        self.clock.advance(0)
        self.successResultOf(work)
        self.assertEqual(self.drivers.asked, [False, True])


class NovasTokenTest(Case):
    PATH = "/console?ref=OpaqueRef:vm&session_id=OpaqueRef:novas"

    def test_goes_out_as_it_is(self):
        self.successResultOf(self.connect(Drivers(OURS), Upstream(LEG), self.PATH, port=80))
        (dialled,) = self.upstream.dialled
        self.assertEqual((dialled.host, dialled.port), ("192.0.2.7", 80))
        self.assertEqual((dialled.internal_access_path, dialled.xen_login), (self.PATH, None))

    def test_a_refused_one_is_tried_again_with_our_own_session(self):
        for refusal in (NO_SESSION, NOT_HERE, ENDED):
            work = self.connect(Drivers(OURS), Upstream(refusal, LEG), self.PATH)
            self.clock.advance(0)
            self.assertIs(self.successResultOf(work), LEG)
            self.assertEqual(self.upstream.dialled[1], OURS)
            self.assertEqual(self.drivers.refused, [])

    def test_one_that_names_another_machine_is_not_sent(self):
        """Its reference may be stale, or it may belong to somebody else: we ask for the instance's own console."""
        path = "/console?ref=OpaqueRef:other&session_id=OpaqueRef:novas"
        self.successResultOf(self.connect(Drivers(OURS), Upstream(LEG), path))
        self.assertEqual(self.upstream.dialled, [OURS])
