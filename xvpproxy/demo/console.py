"""A demo console: one test card, any number of viewers, served over RFB.

A viewer gets an update when it has asked for one, something it has not seen
changed, and its transport has taken the one before: so a viewer that does not
read costs one update's memory and no more.  The clock ticks only while
somebody watches.
"""

from __future__ import annotations

import struct
import time
from collections.abc import Callable
from typing import Final

from twisted.internet.interfaces import IAddress, IDelayedCall, IPushProducer, IReactorTime, ITransport
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.logger import Logger
from twisted.python.failure import Failure
from zope.interface import implementer

from xvpproxy.wire.conversation import Conversation, Exactly, Send

from .encodings import ENCODERS, Encoder, Raw
from .pixels import PixelFormat, colour_map
from .region import Rect, Region
from .talk import NATIVE, Misuse, greet, listen
from .testcard import Seat, TestCard

#: Seconds that a viewer may take for its side of the greeting.
GREETING_TIMEOUT: Final = 60.0


class DemoConsole(Factory):
    """One instance's console.

    Args:
        name: the instance's name.
        uuid: the instance's UUID.
        accent: the colour it wears, one of `palette.ACCENTS`.
        clock: for ticks and timeouts.
        local_time: the wall clock.
    """

    noisy = False
    log = Logger()

    def __init__(
        self, name: str, uuid: str, accent: str, *, clock: IReactorTime, local_time: Callable[[], time.struct_time]
    ) -> None:
        self.name = name
        self.uuid = uuid
        self.clock = clock
        self.card = TestCard(name, uuid, accent)
        self.viewers: set[ConsoleProtocol] = set()
        self._local_time = local_time
        self._tick: IDelayedCall | None = None
        self.card.canvas.watchers.append(self._changed)
        self.card.show_time(local_time())

    def buildProtocol(self, addr: IAddress | None) -> ConsoleProtocol:  # noqa: ARG002, N802
        return ConsoleProtocol(self)

    def joined(self, viewer: ConsoleProtocol) -> None:
        self.viewers.add(viewer)
        if self._tick is None:
            self._on_tick()

    def left(self, viewer: ConsoleProtocol) -> None:
        self.viewers.discard(viewer)
        if not self.viewers and self._tick is not None:
            self._tick.cancel()
            self._tick = None

    def flush(self) -> None:
        """Bring every viewer up to date that waits for it."""
        for viewer in list(self.viewers):
            viewer.update()

    def _changed(self, rect: Rect) -> None:
        for viewer in self.viewers:
            viewer.unseen.add(rect)

    def _on_tick(self) -> None:
        """Show the time, and come again when the next second begins."""
        self._tick = self.clock.callLater(1.0 - self.clock.seconds() % 1.0, self._on_tick)
        self.card.show_time(self._local_time())
        self.flush()


@implementer(IPushProducer)
class ConsoleProtocol(Protocol):
    """One viewer of a console."""

    transport: ITransport

    def __init__(self, console: DemoConsole) -> None:
        self.unseen = Region()
        self._console = console
        self._canvas = console.card.canvas
        self._seat = Seat(console.card)
        self._talk: Conversation[None] = self._converse()
        self._wanted = 0
        self._buffer = bytearray()
        self._encoders: dict[int, Encoder] = {}
        self._encoder: Encoder = Raw()
        self._format = NATIVE
        self._colours_due = False
        self._asked: Rect | None = None
        self._writable = True
        self._deadline: IDelayedCall | None = None

    # What Twisted calls.

    def connectionMade(self) -> None:  # noqa: N802
        self.transport.registerProducer(self, True)  # type: ignore[attr-defined]
        self._deadline = self._console.clock.callLater(GREETING_TIMEOUT, self._too_slow)
        self._advance(None)

    def dataReceived(self, data: bytes) -> None:  # noqa: N802
        if not self._wanted:
            return
        self._buffer += data
        while self._wanted and len(self._buffer) >= self._wanted:
            taken = bytes(self._buffer[: self._wanted])
            del self._buffer[: self._wanted]
            self._advance(taken)
        self._console.flush()

    def connectionLost(self, reason: Failure = connectionDone) -> None:  # noqa: ARG002, N802
        self._wanted = 0
        self._talk.close()
        self._drop_deadline()
        self._console.left(self)

    def pauseProducing(self) -> None:  # noqa: N802
        self._writable = False

    def resumeProducing(self) -> None:  # noqa: N802
        self._writable = True
        self.update()

    def stopProducing(self) -> None:  # noqa: N802
        self._writable = False

    # The conversation.

    def _converse(self) -> Conversation[None]:
        bounds = self._canvas.bounds
        yield from greet(f"{self._console.name} (xvpproxy demo)", bounds.w, bounds.h)
        self._drop_deadline()
        self.unseen.add(bounds)
        self._console.joined(self)
        yield from listen(self)

    def _advance(self, data: bytes | None) -> None:
        """Go on to the next point where bytes are missing."""
        try:
            step = self._talk.send(data)  # type: ignore[arg-type]
            while isinstance(step, Send):
                self.transport.write(step.data)
                step = next(self._talk)
        except Misuse as error:
            self._give_up(str(error))
            return
        assert isinstance(step, Exactly)
        self._wanted = step.count

    def _give_up(self, why: str) -> None:
        self._wanted = 0
        self._buffer.clear()
        self._drop_deadline()
        self._console.log.info("console {name} lets a viewer go: {why}", name=self._console.name, why=why)
        self.transport.unregisterProducer()  # type: ignore[attr-defined]
        self.transport.loseConnection()

    def _too_slow(self) -> None:
        self._deadline = None
        self._give_up(f"no greeting within {GREETING_TIMEOUT:g} seconds")

    def _drop_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    # What the viewer asks for (talk.Viewer).

    def set_pixel_format(self, pixel_format: PixelFormat) -> None:
        self._format = pixel_format
        self._colours_due = not pixel_format.true_colour

    def set_encodings(self, numbers: list[int]) -> None:
        number = next((number for number in numbers if number in ENCODERS), Raw.number)
        if number not in self._encoders:
            self._encoders[number] = ENCODERS[number]()
        self._encoder = self._encoders[number]

    def request(self, rect: Rect, *, incremental: bool) -> None:
        rect = rect.meet(self._canvas.bounds)
        if rect.empty:
            return
        if not incremental:
            self.unseen.add(rect)
        self._asked = rect if self._asked is None else self._asked.cover(rect)

    def key(self, keysym: int, *, down: bool) -> None:
        self._seat.key(keysym, down=down)

    def pointer(self, buttons: int, x: int, y: int) -> None:
        self._seat.pointer(buttons, x, y)

    def update(self) -> None:
        """Send what the viewer has asked for and not seen, if it has room for it."""
        if self._asked is None or not self._writable:
            return
        rects = self.unseen.take(self._asked)
        if not rects:
            return
        self._asked = None
        parts = [colour_map()] if self._colours_due else []
        self._colours_due = False
        parts.append(struct.pack(">BxH", 0, len(rects)))
        for rect in rects:
            parts.append(struct.pack(">HHHHi", *rect, self._encoder.number))
            parts.append(self._encoder.encode(self._canvas, rect, self._format))
        self.transport.write(b"".join(parts))
