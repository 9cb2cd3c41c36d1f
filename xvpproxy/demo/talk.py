"""What a console and its viewer say to each other, the console's side: RFB 3.3, 3.7 and 3.8, security None.

Two conversations, as generators: `greet` until the screen is announced, then
`listen` for ever.  Every read has a bound; what a viewer may not say ends in
`Misuse`, whose sentence is fit for the log.
"""

from __future__ import annotations

import re
import struct
from typing import Final, Protocol

from xvpproxy.wire.conversation import Conversation, Exactly, Send

from .pixels import SIZE_BYTES, PixelFormat
from .region import Rect

VERSION: Final = b"RFB 003.008\n"
#: The format in which the screen is announced; a viewer may ask for another.
NATIVE: Final = PixelFormat()

#: A clipboard larger than this is no clipboard; what is smaller is read in pieces and forgotten.
MAX_CUT_TEXT_BYTES: Final = 1 << 20
_PIECE_BYTES: Final = 4096

_VERSION: Final = re.compile(rb"RFB (\d{3})\.(\d{3})\n")
_NONE: Final = 1


class Misuse(Exception):
    """The viewer said something that the protocol does not have."""


class Viewer(Protocol):
    """Whom `listen` tells what the viewer asked for."""

    def set_pixel_format(self, pixel_format: PixelFormat) -> None: ...

    def set_encodings(self, numbers: list[int]) -> None:
        """What it can decode, the best first; of a long list only the first 1,024."""

    def request(self, rect: Rect, *, incremental: bool) -> None: ...

    def key(self, keysym: int, *, down: bool) -> None: ...

    def pointer(self, buttons: int, x: int, y: int) -> None: ...


def greet(name: str, width: int, height: int) -> Conversation[None]:
    """Version, security and the announcement of the screen.  The shared flag changes nothing: all may look.

    Raises:
        Misuse: no RFB viewer, or one that wants another security type than None.
    """
    yield Send(VERSION)
    match = _VERSION.fullmatch((yield Exactly(12)))
    if match is None:
        raise Misuse("what it says is not an RFB version")
    version = (int(match[1]), int(match[2]))
    if version < (3, 7):
        yield Send(struct.pack(">I", _NONE))
    else:
        yield Send(bytes((1, _NONE)))
        chosen = (yield Exactly(1))[0]
        if chosen != _NONE:
            if version >= (3, 8):
                reason = b"This console offers only security type None (1)."
                yield Send(struct.pack(">II", 1, len(reason)) + reason)
            raise Misuse(f"it chose security type {chosen}, which was not offered")
        if version >= (3, 8):
            yield Send(struct.pack(">I", 0))
    yield Exactly(1)
    title = name.encode()
    yield Send(struct.pack(">HH", width, height) + NATIVE.pack() + struct.pack(">I", len(title)) + title)


def listen(viewer: Viewer) -> Conversation[None]:
    """The viewer's messages, each handed on as it is complete.

    Raises:
        Misuse: an unknown message, an impossible pixel format, a monstrous clipboard.
    """
    while True:
        kind = (yield Exactly(1))[0]
        if kind == 0:
            yield from _pixel_format(viewer)
        elif kind == 2:  # noqa: PLR2004 (SetEncodings)
            yield from _encodings(viewer)
        elif kind == 3:  # noqa: PLR2004 (FramebufferUpdateRequest)
            incremental, *rect = struct.unpack(">BHHHH", (yield Exactly(9)))
            viewer.request(Rect(*rect), incremental=bool(incremental))
        elif kind == 4:  # noqa: PLR2004 (KeyEvent)
            down, keysym = struct.unpack(">BxxI", (yield Exactly(7)))
            viewer.key(keysym, down=bool(down))
        elif kind == 5:  # noqa: PLR2004 (PointerEvent)
            viewer.pointer(*struct.unpack(">BHH", (yield Exactly(5))))
        elif kind == 6:  # noqa: PLR2004 (ClientCutText)
            yield from _cut_text()
        else:
            raise Misuse(f"message type {kind} is unknown here")


def _pixel_format(viewer: Viewer) -> Conversation[None]:
    data = (yield Exactly(3 + SIZE_BYTES))[3:]
    try:
        viewer.set_pixel_format(PixelFormat.parse(data))
    except ValueError as error:
        raise Misuse(f"its pixel format is impossible: {error}") from error


def _encodings(viewer: Viewer) -> Conversation[None]:
    """The list is read in pieces; the first piece is enough, since the best encodings come first."""
    (left,) = struct.unpack(">xH", (yield Exactly(3)))
    numbers: list[int] = []
    while left:
        count = min(left, _PIECE_BYTES // 4)
        data = yield Exactly(4 * count)
        numbers = numbers or list(struct.unpack(f">{count}i", data))
        left -= count
    viewer.set_encodings(numbers)


def _cut_text() -> Conversation[None]:
    (left,) = struct.unpack(">3xI", (yield Exactly(7)))
    if left > MAX_CUT_TEXT_BYTES:
        raise Misuse(f"a clipboard of {left} bytes: at most {MAX_CUT_TEXT_BYTES} are read")
    while left:
        count = min(left, _PIECE_BYTES)
        yield Exactly(count)
        left -= count
