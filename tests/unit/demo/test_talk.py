import struct

from twisted.trial.unittest import SynchronousTestCase

from xvpproxy.demo.pixels import PixelFormat
from xvpproxy.demo.region import Rect
from xvpproxy.demo.talk import MAX_CUT_TEXT_BYTES, Misuse, greet, listen
from xvpproxy.wire.conversation import Exactly, Send

INIT = bytes.fromhex("0320 0258 20180001 00ff00ff00ff 100800 000000 00000003") + b"web"


def play(talk, incoming):
    """Feed literal bytes; what was sent, and how many bytes the conversation then waits for (None at its end)."""
    sent, step = b"", talk.send(None)
    while True:
        if isinstance(step, Send):
            sent += step.data
            answer = None
        elif isinstance(step, Exactly):
            if len(incoming) < step.count:
                return sent, step.count - len(incoming)
            answer, incoming = incoming[: step.count], incoming[step.count :]
        try:
            step = talk.send(answer)
        except StopIteration:
            if incoming:
                raise AssertionError(f"not read: {incoming!r}") from None
            return sent, None


class Recorder:
    def __init__(self):
        self.heard = []

    def set_pixel_format(self, pixel_format):
        self.heard.append(pixel_format)

    def set_encodings(self, numbers):
        self.heard.append(numbers)

    def request(self, rect, *, incremental):
        self.heard.append((rect, incremental))

    def key(self, keysym, *, down):
        self.heard.append((keysym, down))

    def pointer(self, buttons, x, y):
        self.heard.append((buttons, x, y))


class GreetingTests(SynchronousTestCase):
    def test_version_3_8_gets_the_list_a_result_and_the_screen(self):
        sent, missing = play(greet("web", 800, 600), b"RFB 003.008\n\x01\x01")
        self.assertEqual(sent, b"RFB 003.008\n" + b"\x01\x01" + b"\0\0\0\0" + INIT)
        self.assertIsNone(missing)

    def test_version_3_7_gets_no_result(self):
        sent, missing = play(greet("web", 800, 600), b"RFB 003.007\n\x01\x00")
        self.assertEqual((sent, missing), (b"RFB 003.008\n" + b"\x01\x01" + INIT, None))

    def test_version_3_3_is_told_the_security_type(self):
        for version in (b"RFB 003.003\n", b"RFB 003.005\n"):
            sent, missing = play(greet("web", 800, 600), version + b"\x00")
            self.assertEqual((sent, missing), (b"RFB 003.008\n" + b"\0\0\0\x01" + INIT, None))

    def test_later_versions_talk_like_3_8(self):
        for version in (b"RFB 003.889\n", b"RFB 004.001\n", b"RFB 005.000\n"):
            sent, _ = play(greet("web", 800, 600), version + b"\x01\x01")
            self.assertEqual(sent, b"RFB 003.008\n" + b"\x01\x01" + b"\0\0\0\0" + INIT)

    def test_it_waits_for_what_is_missing_at_every_offset(self):
        whole = b"RFB 003.008\n\x01\x01"
        for end in range(len(whole)):
            sent, missing = play(greet("web", 800, 600), whole[:end])
            self.assertGreater(missing, 0)
            self.assertNotIn(INIT, sent)

    def test_another_security_type_is_refused_with_the_reason(self):
        talk = greet("web", 800, 600)
        with self.assertRaisesRegex(Misuse, "security type 2"):
            play(talk, b"RFB 003.008\n\x02")
        sent = []
        talk = greet("web", 800, 600)
        answers = iter([None, None, b"RFB 003.008\n", None, b"\x10"])
        with self.assertRaises(Misuse):
            for answer in answers:
                step = talk.send(answer)
                sent.append(step)
            sent.append(next(talk))
            next(talk)
        result, length = struct.unpack(">II", sent[-1].data[:8])
        self.assertEqual((result, length), (1, len(sent[-1].data) - 8))
        self.assertIn(b"None", sent[-1].data)

    def test_what_is_no_rfb_viewer_is_refused(self):
        for line in (b"GET / HTTP/1", b"RFB 3.8\n\n\n\n\n", b"RFB 003.008\r", bytes(12)):
            self.assertRaises(Misuse, play, greet("web", 800, 600), line)

    def test_a_name_in_any_alphabet_is_announced_in_utf_8(self):
        sent, _ = play(greet("caf\u00e9", 1, 1), b"RFB 003.003\n\0")
        self.assertEqual(sent[-9:], b"\0\0\0\x05caf\xc3\xa9")


SCRIPT = [
    (
        bytes.fromhex("00 000000 10 10 01 01 001f 003f 001f 0b 05 00 000000"),
        PixelFormat(16, 16, True, True, 31, 63, 31, 11, 5, 0),
    ),
    (bytes.fromhex("02 00 0003 00000010 00000000 ffffff11"), [16, 0, -239]),
    (bytes.fromhex("02 00 0000"), []),
    (bytes.fromhex("03 01 0001 0002 0300 0200"), (Rect(1, 2, 768, 512), True)),
    (bytes.fromhex("03 00 0000 0000 ffff ffff"), (Rect(0, 0, 65535, 65535), False)),
    (bytes.fromhex("04 01 0000 0000ff0d"), (0xFF0D, True)),
    (bytes.fromhex("04 00 0000 00000041"), (0x41, False)),
    (bytes.fromhex("05 05 0102 0201"), (5, 258, 513)),
    (bytes.fromhex("06 000000 00000003 616263"), None),
    (bytes.fromhex("06 000000 00000000"), None),
    (bytes.fromhex("05 00 0000 0000"), (0, 0, 0)),
]
WHOLE = b"".join(wire for wire, _ in SCRIPT)
HEARD = [heard for _, heard in SCRIPT if heard is not None]


class MessageTests(SynchronousTestCase):
    def listen(self, incoming):
        recorder = Recorder()
        sent, missing = play(listen(recorder), incoming)
        self.assertEqual(sent, b"")
        return recorder.heard, missing

    def test_every_message_is_understood(self):
        self.assertEqual(self.listen(WHOLE), (HEARD, 1))

    def test_a_message_counts_only_when_it_is_complete(self):
        borders = {sum(len(wire) for wire, _ in SCRIPT[:count]): count for count in range(len(SCRIPT))}
        for end in range(len(WHOLE)):
            count = max(number for border, number in borders.items() if border <= end)
            heard, missing = self.listen(WHOLE[:end])
            self.assertEqual(heard, [heard for _, heard in SCRIPT[:count] if heard is not None], end)
            self.assertGreater(missing, 0)

    def test_a_long_list_of_encodings_is_read_in_pieces_and_its_start_counts(self):
        heard, missing = self.listen(struct.pack(">BxH", 2, 65535) + struct.pack(">65535i", *range(65535)))
        self.assertEqual((heard, missing), ([list(range(1024))], 1))

    def test_no_read_is_larger_than_a_few_kilobytes(self):
        for start in (b"\x02\0\xff\xff", b"\x06\0\0\0" + MAX_CUT_TEXT_BYTES.to_bytes(4, "big")):
            _, missing = self.listen(start)
            self.assertLessEqual(missing, 4096)

    def test_a_clipboard_is_skipped_up_to_its_limit(self):
        size = MAX_CUT_TEXT_BYTES
        heard, _ = self.listen(b"\x06\0\0\0" + size.to_bytes(4, "big") + bytes(size) + SCRIPT[-1][0])
        self.assertEqual(heard, [(0, 0, 0)])
        for over in (size + 1, 0xFFFFFFFF):
            self.assertRaises(Misuse, self.listen, b"\x06\0\0\0" + over.to_bytes(4, "big"))

    def test_unknown_messages_end_the_talk(self):
        for kind in (1, 7, 150, 248, 255):
            with self.assertRaisesRegex(Misuse, f"type {kind} "):
                self.listen(bytes([kind]))

    def test_an_impossible_pixel_format_ends_the_talk(self):
        with self.assertRaisesRegex(Misuse, "24 bits"):
            self.listen(bytes(4) + PixelFormat(bits_per_pixel=24).pack())
