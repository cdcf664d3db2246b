"""What stands between the quotes of a JSON text, made plain piece by piece."""

from __future__ import annotations

import codecs
import re
from typing import Final

from .json_values import HALF_PAIR

_ESCAPE: Final = re.compile(
    rb"\\(?:u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})"
    rb'|u([0-9a-fA-F]{4})|(["\\/bfnrt]))'
)
_PLAIN: Final = {
    b'"': b'"',
    b"\\": b"\\",
    b"/": b"/",
    b"b": b"\b",
    b"f": b"\f",
    b"n": b"\n",
    b"r": b"\r",
    b"t": b"\t",
}
_CONTROLS: Final = bytes(range(0x20))
_LONGEST: Final = 12
"""Bytes of the longest escape: both halves of a surrogate pair."""


class Unescaper:
    """Turn pieces of what is written into pieces of what is meant, in UTF-8.

    Attributes:
        broken: Why this is no JSON; empty while it is. Nothing comes any more then.
        refused: Why this is no text, though it is JSON.
    """

    def __init__(self) -> None:
        self.broken = ""
        self.refused = ""
        self._held = b""  # the beginning of an escape
        self._decoder = codecs.getincrementaldecoder("utf-8")()

    def plain(self, data: bytes, *, final: bool = False) -> bytes:
        """Return what the next piece means, as far as it can be told yet."""
        data = self._held + data
        self._held = b""
        if len(data.translate(None, _CONTROLS)) != len(data):
            self.broken = "Invalid control character"
        if b"\\" in data:
            data = self._unescaped(data, final=final)
        try:
            self._decoder.decode(data, final)
        except UnicodeDecodeError:
            self.broken = self.broken or "a byte that is not UTF-8"
        return b"" if self.broken or self.refused else data

    def _unescaped(self, data: bytes, *, final: bool) -> bytes:
        parts: list[bytes] = []
        at = 0
        for found in _ESCAPE.finditer(data):
            if data.find(b"\\", at, found.start()) >= 0:
                break
            text = _meant(found)
            if text is None:  # one half of a pair; the other one may be to come
                if not final and len(data) - found.start() < _LONGEST:
                    break
                self.refused = HALF_PAIR
                text = b""
            parts += (data[at : found.start()], text)
            at = found.end()
        cut = data.find(b"\\", at)
        if cut < 0:
            cut = len(data)
        elif final or len(data) - cut >= _LONGEST:
            self.broken = self.broken or "Invalid \\escape"
        self._held = data[cut:]
        return b"".join([*parts, data[at:cut]])


def _meant(found: re.Match[bytes]) -> bytes | None:
    """Return the character that an escape means; None for half of a pair."""
    high, low, code, letter = found.groups()
    if letter:
        return _PLAIN[letter]
    if high:
        pair = ((int(high, 16) & 0x3FF) << 10) + (int(low, 16) & 0x3FF)
        return chr(0x10000 + pair).encode()
    number = int(code, 16)
    return None if 0xD800 <= number < 0xE000 else chr(number).encode()
