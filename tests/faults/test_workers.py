"""Several workers behind one parent: as operators start them, seen from outside."""

import os
import re
import signal
import socket
import ssl
from pathlib import Path

from tests import viewers
from tests.certificates import Certificate
from tests.endpoint import LOOPBACK, Endpoint, eventually
from tests.faults.workers_suite import WorkersCase
from tests.sockets import in_thread

LEFT = ("viewer_left", 0, "")
SHUTDOWN = ("shutdown", 0, "")


class Deaths(WorkersCase):
    async def test_a_worker_that_dies_takes_only_its_own_sessions_along_and_is_replaced(self):
        await self.serve()
        inside = await self.enter_at_both()
        dead = await self.kill(0)
        for viewer in inside.pop(dead):
            await viewer.read_all()
            viewer.close()
        [others] = inside.values()
        await self.works(others)
        # Those who come meanwhile wait where the next worker will find them.
        meanwhile = [await viewers.enter(self.port, await self.token(self.echo)) for _ in range(12)]
        await self.works(meanwhile)
        await eventually(lambda: dead not in self.workers, "it is replaced")
        again = await self.enter_at_both()
        await self.works([viewer for some in again.values() for viewer in some])

    async def test_it_is_replaced_later_when_it_dies_again(self):
        await self.serve()
        for delay in ("0.5", "1"):
            dead = await self.kill(1)
            self.assertEqual(self.said(r"starts in (\S+) s$")[-1], delay)
            await eventually(lambda dead=dead: dead not in self.workers, "it is replaced")

    async def test_one_that_is_told_to_end_drains_and_is_replaced(self):
        await self.serve({"gateway": {"drain_timeout": 100}})
        inside = await self.enter_at_both()
        told = self.workers[0]
        os.kill(told, signal.SIGTERM)
        await eventually(lambda: "shutting down" in self.gateway.output, "it drains")
        await self.works(inside[told])
        await viewers.leave(inside[told])
        await eventually(lambda: told not in self.workers, "it is replaced")
        self.assertEqual(len(self.said(rf"worker 0 \(pid {told}\) ended with status 0")), 1)

    async def test_without_their_parent_all_end_at_once(self):
        await self.serve({"gateway": {"drain_timeout": 100}})
        await self.enter_at_both()
        pids = self.workers
        self.gateway.signal(signal.SIGKILL)
        for pid in pids:
            await eventually(lambda pid=pid: not Path(f"/proc/{pid}").exists(), "it has ended")
        self.assertEqual(set(self.gateway.closings), {SHUTDOWN})
        with socket.create_server((LOOPBACK, self.port)):
            pass


class Ends(WorkersCase):
    async def test_all_drain_at_once_and_new_viewers_are_told(self):
        await self.serve({"gateway": {"drain_timeout": 100}})
        inside = await self.enter_at_both()
        self.gateway.signal(signal.SIGTERM)
        await eventually(lambda: len(self.said("shutting down: [1-9]")) == 2, "both drain")
        for _ in range(6):
            self.assertEqual((await viewers.refused(self.port, viewers.request("any"))).status, 503)
        sessions = [viewer for some in inside.values() for viewer in some]
        await self.works(sessions)
        await viewers.leave(sessions)
        self.assertEqual(await self.gateway.exited(), 0)
        self.assertEqual(self.gateway.closings.count(LEFT), len(sessions))

    async def test_who_comes_when_one_has_drained_is_told_by_the_other(self):
        await self.serve({"gateway": {"drain_timeout": 100}})
        pid, viewer = await self.enter()
        [empty] = set(self.workers) - {pid}
        self.gateway.signal(signal.SIGTERM)
        await eventually(lambda: not Path(f"/proc/{empty}").exists(), "the one without a session has ended")
        for _ in range(12):
            self.assertEqual((await viewers.refused(self.port, viewers.request("any"))).status, 503)
        await self.works([viewer])
        await viewers.leave([viewer])
        self.assertEqual(await self.gateway.exited(), 0)

    async def test_a_sigterm_for_the_whole_process_group_drains_like_one_for_the_parent(self):
        await self.serve({"gateway": {"drain_timeout": 100}})
        inside = await self.enter_at_both()
        for pid in self.workers:
            os.kill(pid, signal.SIGTERM)
        self.gateway.signal(signal.SIGTERM)
        await eventually(lambda: "stopping 2 workers" in self.gateway.output, "the parent stops")
        await eventually(lambda: len(self.said("shutting down: ")) == 2, "both drain")
        sessions = [viewer for some in inside.values() for viewer in some]
        await self.works(sessions)
        await viewers.leave(sessions)
        self.assertEqual(await self.gateway.exited(), 0)
        self.assertEqual(self.gateway.closings, [LEFT] * len(sessions))

    async def test_the_deadline_holds_for_all(self):
        await self.serve({"gateway": {"drain_timeout": 1}})
        inside = await self.enter_at_both()
        self.gateway.signal(signal.SIGTERM)
        self.assertEqual(await self.gateway.exited(), 0)
        self.assertEqual(self.gateway.closings, [SHUTDOWN] * sum(map(len, inside.values())))

    async def test_a_second_sigterm_and_sigint_end_all_at_once(self):
        for first, second in ((signal.SIGTERM, signal.SIGTERM), (signal.SIGINT, None)):
            await self.serve({"gateway": {"drain_timeout": 100}})
            inside = await self.enter_at_both()
            self.gateway.signal(first)
            if second is not None:
                await eventually(lambda: len(self.said("shutting down: ")) == 2, "both drain")
                self.gateway.signal(second)
            self.assertEqual(await self.gateway.exited(), 0)
            self.assertEqual(self.gateway.closings, [SHUTDOWN] * sum(map(len, inside.values())))


class Limits(WorkersCase):
    async def test_max_sessions_holds_for_all_together(self):
        await self.serve({"gateway": {"max_sessions": 5}})
        token = await self.token(self.echo)
        inside: dict[int, list[Endpoint]] = {}
        while sum(map(len, inside.values())) < 5:
            pid, viewer = await self.enter()
            inside.setdefault(pid, []).append(viewer)
        for _ in range(8):
            answer = await viewers.refused(self.port, viewers.request(token))
            self.assertEqual(answer.status, 429)
        self.assertEqual(set(self.gateway.closings), {("refused", 429, "max_sessions")})
        # What a dead worker's sessions had is free again.
        place, lost = max(enumerate(len(inside.get(pid, [])) for pid in self.workers), key=lambda each: each[1])
        dead = await self.kill(place)
        await eventually(lambda: dead not in self.workers, "it is replaced")
        for _ in range(lost):
            await self.enter()
        self.assertEqual((await viewers.refused(self.port, viewers.request(token))).status, 429)

    async def test_so_does_the_limit_of_a_token(self):
        await self.serve({"gateway": {"max_sessions_per_token": 3}})
        await self.enter_at_both()
        token = await self.token(self.echo)
        inside = [await viewers.enter(self.port, token) for _ in range(3)]
        for _ in range(8):
            self.assertEqual((await viewers.refused(self.port, viewers.request(token))).status, 429)
        self.assertEqual(set(self.gateway.closings), {("refused", 429, "max_sessions_per_token")})
        await viewers.leave(inside[:1])
        await eventually(lambda: LEFT in self.gateway.closings, "one has left")
        await viewers.enter(self.port, token)


class Reloading(WorkersCase):
    async def test_reaches_all_workers_and_those_that_replace_them(self):
        await self.serve({"gateway": {"preamble_timeout": 100}})
        self.gateway.configure({"gateway": {"preamble_timeout": 0.5}, "vnc": {"xvpvncproxy_port": 1}})
        self.gateway.signal(signal.SIGHUP)
        await eventually(lambda: len(self.said(r"\] reloaded$")) == 2, "both have reloaded")
        self.assertEqual(len(self.said("xvpvncproxy_port has changed: it takes a restart")), 1)
        dead = await self.kill(0)
        await eventually(lambda: dead not in self.workers, "it is replaced")
        seen: set[str] = set()
        while len(seen) < 2:
            late = await viewers.refused(self.port, b"CONNECT /")
            self.assertEqual(late.status, 408)
            line = rf"^\S+ \S+ (\d+) INFO \S+ \[{late.headers['X-Request-Id']}\] closed"
            await eventually(lambda line=line: bool(self.said(line)), "it is in the log")
            seen |= set(self.said(line))
        self.assertEqual(seen, {str(pid) for pid in self.workers})

    async def test_a_bad_file_is_reported_once_and_reaches_nobody(self):
        await self.serve()
        good = self.gateway.file.read_text()
        self.gateway.file.write_text(good + "[gateway]\nmax_sessions = many\n")
        self.gateway.signal(signal.SIGHUP)
        await eventually(lambda: "not reloaded: " in self.gateway.output, "it is reported")
        dead = await self.kill(0)  # its successor begins with what was good
        await eventually(lambda: dead not in self.workers, "it is replaced")
        self.assertEqual(len(self.said("max_sessions = many")), 1)
        self.assertNotIn("reloaded", self.gateway.output.replace("not reloaded", ""))


class Tickets(WorkersCase):
    def handshake(self, ticket: ssl.SSLSession | None) -> tuple[ssl.SSLSession | None, bool, str]:
        """Connect and be refused: a new ticket, whether `ticket` was taken, and the request's id."""
        with (
            socket.create_connection((LOOPBACK, self.port), timeout=20) as connected,
            self.context.wrap_socket(connected, session=ticket) as tls,
        ):
            tls.sendall(viewers.request("nobody's"))
            reply = b""
            while piece := tls.recv(4096):
                reply += piece
            [request_id] = re.findall(rb"X-Request-Id: (\w+)", reply)
            return tls.session, tls.session_reused, request_id.decode()

    async def resumed(self, ticket: ssl.SSLSession) -> dict[int, bool]:
        """Whether each worker takes it."""
        taken: dict[int, bool] = {}
        while len(taken) < 2:
            _new, reused, request_id = await in_thread(self.handshake, ticket)
            line = rf"^\S+ \S+ (\d+) INFO \S+ \[{request_id}\] closed"
            await eventually(lambda line=line: bool(self.said(line)), "it is in the log")
            taken[int(self.said(line)[0])] = reused
        return taken

    def renew(self, certificate: Certificate) -> None:
        Path(Certificate(self.mktemp()).path).replace(certificate.path)

    async def test_open_every_worker_also_after_a_reload_and_a_death(self):
        certificate = Certificate(self.mktemp())
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self.context.check_hostname, self.context.verify_mode = False, ssl.CERT_NONE
        await self.serve({"DEFAULT": {"cert": certificate.path}})
        ticket, reused, _id = await in_thread(self.handshake, None)
        self.assertFalse(reused)
        self.assertEqual(set((await self.resumed(ticket)).values()), {True})
        self.gateway.signal(signal.SIGHUP)
        await eventually(lambda: len(self.said(r"\] reloaded$")) == 2, "both have reloaded")
        dead = await self.kill(0)
        await eventually(lambda: dead not in self.workers, "it is replaced")
        self.assertEqual(await self.resumed(ticket), dict.fromkeys(self.workers, True))
        # Another certificate is another context, to which no old ticket leads.
        self.renew(certificate)
        self.gateway.signal(signal.SIGHUP)
        await eventually(lambda: len(self.said(r"\] reloaded$")) == 4, "both have reloaded")
        self.assertEqual(await self.resumed(ticket), dict.fromkeys(self.workers, False))
