"""The same faults on a reactor whose poller cannot be shared: its own readers and writers, and every byte copied.

What leaves while nobody reads from it is not here: such a reactor tells of it
only once somebody does.
"""

from tests.faults import test_consoles_that_fail as consoles
from tests.faults import test_limits as limits
from tests.faults import test_requests as requests
from tests.faults import test_silent_viewers as silence
from tests.faults import test_viewer_tls as tls
from tests.faults import test_viewers_that_leave as leaving
from xvpproxy.gateway.dispatch import ReactorDispatch

PORTABLE = {"dispatch": ReactorDispatch}


class Unreachable(consoles.Unreachable):
    settings = PORTABLE


class ConsolesThatLeave(consoles.Leaving):
    settings = consoles.Leaving.settings | PORTABLE


class PerAddress(limits.PerAddress):
    settings = limits.PerAddress.settings | PORTABLE


class Requests(requests.Requests):
    settings = PORTABLE


class SilentViewers(silence.SilentViewers):
    settings = PORTABLE


class ViewerTLS(tls.ViewerTLS):
    settings = PORTABLE


class ViewersThatLeave(leaving.ViewersThatLeave):
    settings = PORTABLE
