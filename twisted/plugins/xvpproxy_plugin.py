"""Makes `twistd xvpproxy` known to Twisted."""

from twisted.application.service import ServiceMaker

xvpproxy = ServiceMaker(
    "xvpproxy",
    "xvpproxy.daemon",
    "The console gateway: from an access URL to a machine's console.",
    "xvpproxy",
)
