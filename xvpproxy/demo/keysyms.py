"""What a key event says, in words: X11 keysyms (RFB 3.8 section 7.5.4)."""

from __future__ import annotations

from typing import Final

BACKSPACE: Final = 0xFF08
TAB: Final = 0xFF09
ENTER: Final = frozenset((0xFF0D, 0xFF8D))


def _table(text: str) -> dict[int, str]:
    """Pairs of a keysym in hex and its name."""
    words = text.split()
    return {int(keysym, 16): name for keysym, name in zip(words[::2], words[1::2], strict=True)}


#: Keys that change what others mean; shown with the key they go with.
MODIFIERS: Final = _table("""
    FFE3 Ctrl   FFE4 Ctrl   FFE9 Alt    FFEA Alt    FE03 AltGr  FFE1 Shift  FFE2 Shift
    FFEB Super  FFEC Super  FFE7 Meta   FFE8 Meta   FFED Hyper  FFEE Hyper
""")

_NAMES: Final = _table("""
    FF08 BackSpace  FF09 Tab  FF0B Clear  FF0D Enter  FF13 Pause  FF14 ScrollLock  FF15 SysRq  FF1B Esc  FF20 Compose
    FF50 Home  FF51 Left  FF52 Up  FF53 Right  FF54 Down  FF55 PageUp  FF56 PageDown  FF57 End
    FF61 Print  FF63 Insert  FF67 Menu  FF6A Help  FF6B Break  FF7E ModeSwitch  FF7F NumLock  FF8D KP_Enter
    FF95 KP_Home  FF96 KP_Left  FF97 KP_Up  FF98 KP_Right  FF99 KP_Down  FF9A KP_PageUp  FF9B KP_PageDown
    FF9C KP_End  FF9D KP_Begin  FF9E KP_Insert  FF9F KP_Delete  FFE5 CapsLock  FFFF Delete  FE20 BackTab
    FFBE F1  FFBF F2  FFC0 F3  FFC1 F4  FFC2 F5  FFC3 F6  FFC4 F7  FFC5 F8  FFC6 F9  FFC7 F10  FFC8 F11  FFC9 F12
    FFCA F13  FFCB F14  FFCC F15  FFCD F16  FFCE F17  FFCF F18  FFD0 F19  FFD1 F20  FFD2 F21  FFD3 F22  FFD4 F23
    FFD5 F24
""")

#: Keypad keys that type: `*` to `9`, and `=`.
_KEYPAD: Final = {**{0xFFAA + place: char for place, char in enumerate("*+,-./0123456789")}, 0xFFBD: "=", 0xFF80: " "}

_UNICODE: Final = 0x01000000
_LAST_CODE_POINT: Final = 0x10FFFF


def character_of(keysym: int) -> str | None:
    """The character that a key types, or None for a key that types none."""
    if keysym in _KEYPAD:
        return _KEYPAD[keysym]
    if 0x20 <= keysym <= 0x7E or 0xA0 <= keysym <= 0xFF:  # noqa: PLR2004 (ASCII and Latin-1 stand for themselves)
        return chr(keysym)
    code = keysym - _UNICODE
    if 0x20 <= code <= _LAST_CODE_POINT and not 0xD800 <= code <= 0xDFFF:  # noqa: PLR2004 (no surrogates)
        return chr(code)
    return None


def name_of(keysym: int) -> str:
    """A key in words: its character, its name, or the number for one that has neither here."""
    char = character_of(keysym)
    if char is not None and keysym not in _KEYPAD:
        return "Space" if char == " " else char if char.isascii() else f"U+{ord(char):04X}"
    if char is not None:
        return f"KP_{char}" if char != " " else "KP_Space"
    return MODIFIERS.get(keysym) or _NAMES.get(keysym) or f"0x{keysym:X}"
