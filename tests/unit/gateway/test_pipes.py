"""Pipes are leased empty, few, and large enough to pay."""

from __future__ import annotations

import errno
import fcntl
import os

from twisted.trial.unittest import SynchronousTestCase

from xvpproxy.gateway import pipes
from xvpproxy.gateway.pipes import Pipe, Pipes


class Leases(SynchronousTestCase):
    def setUp(self) -> None:
        self.pipes = Pipes()
        self.addCleanup(self.pipes.close)

    def lease(self) -> Pipe:
        pipe = self.pipes.lease()
        assert pipe is not None
        return pipe

    def is_open(self, descriptor: int) -> bool:
        try:
            os.fstat(descriptor)
        except OSError:
            return False
        return True

    def test_an_empty_pipe_is_used_again(self) -> None:
        pipe = self.lease()
        self.pipes.give_back(pipe)
        self.assertEqual(self.lease(), pipe)
        self.pipes.give_back(pipe)

    def test_a_pipe_with_bytes_in_it_is_never_used_again(self) -> None:
        """Its bytes are another session's."""
        pipe = self.lease()
        pipe.filled = os.write(pipe.entry, b"somebody's screen")
        self.pipes.give_back(pipe)
        self.assertFalse(self.is_open(pipe.entry) or self.is_open(pipe.exit))

    def test_only_so_many_are_out_at_once_and_so_many_kept(self) -> None:
        out = [self.lease() for _ in range(64)]
        self.assertIsNone(self.pipes.lease())
        for pipe in out:
            self.pipes.give_back(pipe)
        self.assertEqual(sum(self.is_open(pipe.entry) for pipe in out), 16)
        self.pipes.close()
        self.assertEqual(sum(self.is_open(pipe.entry) for pipe in out), 0)

    def test_without_descriptors_there_is_none(self) -> None:
        def no_pipe(flags: int) -> None:
            raise OSError(errno.EMFILE, "Too many open files")

        self.patch(pipes.os, "pipe2", no_pipe)
        self.assertIsNone(self.pipes.lease())

    def test_a_pipe_beyond_the_users_limit_is_not_used(self) -> None:
        """The kernel then makes pipes of two pages, and refuses to enlarge them."""
        made: list[Pipe] = []
        real = fcntl.fcntl

        def limited(descriptor: int, command: int, *rest: int) -> int:
            if command == fcntl.F_SETPIPE_SZ:
                made.append(descriptor)
                raise PermissionError
            return 8192 if command == fcntl.F_GETPIPE_SZ else real(descriptor, command, *rest)

        self.patch(pipes.fcntl, "fcntl", limited)
        self.assertIsNone(self.pipes.lease())
        self.assertFalse(self.is_open(made[0]))
