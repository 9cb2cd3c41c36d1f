"""Viewers as tests play them: they open an access URL and judge the answer."""

from collections.abc import Sequence
from dataclasses import dataclass

from tests.consoles import BANNER
from tests.endpoint import LOOPBACK, Endpoint, dial

ACCEPTED = b"HTTP/1.1 200 OK\r\n\r\n"


@dataclass(frozen=True)
class Answer:
    """A refusal: all of it, since the gateway ends the connection behind it."""

    status: int
    reason: str
    headers: dict[str, str]
    body: str
    raw: bytes


def request(token: str) -> bytes:
    """What the old Java viewer sends: this, and nothing else."""
    return f"CONNECT /console?token={token} HTTP/1.0\r\n\r\n".encode()


async def knock(port: int, head: bytes, *, tls: bool = False, source: str = LOOPBACK) -> Endpoint:
    """Connect and say `head`."""
    viewer = await dial(port, tls=tls, source=source)
    viewer.write(head)
    return viewer


async def enter(port: int, token: str, *, tls: bool = False, source: str = LOOPBACK) -> Endpoint:
    """Open a session; the console's version has been read."""
    viewer = await knock(port, request(token), tls=tls, source=source)
    await welcomed(viewer)
    return viewer


async def welcomed(viewer: Endpoint) -> None:
    """Read exactly the 200 and the console's version."""
    opening = await viewer.read(len(ACCEPTED) + len(BANNER))
    assert opening == ACCEPTED + BANNER, opening


async def answer(viewer: Endpoint) -> Answer:
    """The refusal that `viewer` gets, held to the form that every refusal has."""
    raw = await viewer.read_all()
    viewer.close()
    head, blank, body = raw.partition(b"\r\n\r\n")
    assert blank, f"no reply: {raw!r}"
    assert not viewer.reset, "the refusal ended with a reset"
    first, *lines = head.decode("ascii").split("\r\n")
    version, status, reason = first.split(" ", 2)
    headers = dict(line.split(": ", 1) for line in lines)
    assert version == "HTTP/1.1", raw
    assert headers["Content-Type"] == "text/plain", raw
    assert headers["Connection"] == "close", raw
    assert int(headers["Content-Length"]) == len(body), raw
    assert headers["X-Request-Id"] in body.decode(), raw
    return Answer(int(status), reason, headers, body.decode(), raw)


async def refused(port: int, head: bytes, **how: object) -> Answer:
    """Knock and be refused."""
    return await answer(await knock(port, head, **how))


async def leave(viewers: Sequence[Endpoint]) -> None:
    """End sessions as viewers do, and wait until the gateway has ended them too."""
    for viewer in viewers:
        viewer.finish()
    for viewer in viewers:
        await viewer.read_all()
        viewer.close()
        await viewer.until(lambda viewer=viewer: viewer.gone)
