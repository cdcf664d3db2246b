"""Find the end of a long JSON value, and measure its content, before it is parsed.

Text of a mebibyte can become a hundred mebibytes of objects, so the limit of a record
has to hold while it is read: its bytes, its values and its depth are counted piece by
piece, and what exceeds a limit is never parsed.
"""

from __future__ import annotations

import re
from itertools import accumulate
from typing import Final

from ...model.record import LARGE_TEXT_BYTES
from .values import DEPTH_LIMIT, VALUE_LIMIT

_STRING: Final = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_REST_OF_STRING: Final = re.compile(rb'[^"\\]*+(?:\\.[^"\\]*+)*+("?)', re.DOTALL)
_TOKENS: Final = b"{}[],"
_OTHERS: Final = bytes(byte for byte in range(256) if byte not in _TOKENS)
_STEPS: Final = {ord("{"): 1, ord("["): 1, ord("}"): -1, ord("]"): -1, ord(","): 0}
_AFTER_SCALAR: Final = re.compile(rb"[\s,\]}]")
_PIECE_BYTES: Final = 256 * 1024
_SLICE: Final = 64 * 1024


def find_limit_violation(content: bytes) -> str:
    """Return which limit of a record a value exceeds, before it is parsed.

    What is smaller than a mebibyte may be parsed in any case.

    Returns:
        The end of a sentence; empty for a value within the limits.
    """
    if len(content) <= LARGE_TEXT_BYTES:
        return ""
    scan = JsonScanner()
    for at in range(0, len(content), _PIECE_BYTES):
        scan.feed(content[at : at + _PIECE_BYTES])
    return scan.fault


class JsonScanner:
    """Scan one JSON value that comes in pieces, and whatever follows it.

    Attributes:
        has_ended: The value is complete; what else was fed follows it.
        fault: Why the value is more than a record may be, as the end of a sentence;
            empty while it is not.
    """

    def __init__(self) -> None:
        self.has_ended = False
        self.fault = ""
        self._depth = 0
        self._values = 0
        self._is_within_string = False
        self._first = b""  # the character with which the value begins
        self._held = b""  # a backslash whose character is to come

    def feed(self, data: bytes) -> None:
        """Take the next piece, of some hundred kilobytes at most."""
        if self.has_ended or self.fault:
            return
        data, self._held = self._held + data, b""
        self._first = self._first or data.lstrip()[:1]
        bare = self._without_strings(data)
        if self._first in {b"{", b"["}:
            tokens = bare.translate(None, _OTHERS)
            for start in range(0, len(tokens), _SLICE):
                self._count(tokens[start : start + _SLICE])
        elif self._first == b'"':
            self.has_ended = not self._is_within_string
        else:
            self.has_ended = bool(_AFTER_SCALAR.search(bare))

    def _without_strings(self, data: bytes) -> bytes:
        if self._is_within_string:
            match = _REST_OF_STRING.match(data)
            end = match.end() if match else 0
            if not (match and match[1]):
                self._held = data[end:]
                return b""
            self._is_within_string = False
            data = data[end:]
        bare = _STRING.sub(b"", data)
        opening = bare.find(b'"')
        if opening >= 0:
            self._is_within_string = True
            match = _REST_OF_STRING.match(bare, opening + 1)
            self._held = bare[match.end() if match else opening + 1 :]
            bare = bare[:opening]
        return bare

    def _count(self, tokens: bytes) -> None:
        if self.has_ended or self.fault:
            return
        depths = list(accumulate(map(_STEPS.__getitem__, tokens), initial=self._depth))[
            1:
        ]
        if 0 in depths:
            end = depths.index(0) + 1
            tokens, depths = tokens[:end], depths[:end]
            self.has_ended = True
        self._depth = depths[-1]
        self._values += tokens.count(b",") + tokens.count(b"{") + tokens.count(b"[")
        if max(depths) > DEPTH_LIMIT:
            self.fault = f"is nested more than {DEPTH_LIMIT} levels deep"
        elif self._values > VALUE_LIMIT:
            self.fault = f"holds more than {VALUE_LIMIT:,} values"
