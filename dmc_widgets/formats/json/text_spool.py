"""JSON on its way in, with the content of large texts put aside.

A record is parsed whole, and a text of a hundred megabytes would be in memory several
times over. So its content goes to a temporary file while the bytes are read, a short
mark takes its place, and in the parsed record a :class:`LargeText` that of the mark.
A file cannot contain the marks by chance: each holds a random word.

Only the few records that are large come this way; a small one costs nothing.

What stands between the quotes of a JSON text, made plain piece by piece.
"""

from __future__ import annotations

import codecs
import errno
import re
import secrets
import tempfile
import weakref
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any, Final

from ...errors import DiskFull, WorkspaceUnusable
from ...model.record import LARGE_TEXT_BYTES, LargeText
from .values import LONE_SURROGATE

_ESCAPE: Final = re.compile(
    rb"\\(?:u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})"
    rb'|u([0-9a-fA-F]{4})|(["\\/bfnrt]))'
)
_SIMPLE_ESCAPES: Final = {
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
_LONGEST_ESCAPE: Final = 12
"""Bytes of the longest escape: both halves of a surrogate pair."""


class Unescaper:
    """Turn pieces of what is written into pieces of what is meant, in UTF-8.

    Attributes:
        broken: Why this is not JSON; empty while it is. Nothing more is returned then.
        refused: Why this is not a text, though it is JSON.
    """

    def __init__(self) -> None:
        self.broken = ""
        self.refused = ""
        self._held = b""  # the beginning of an escape
        self._decoder = codecs.getincrementaldecoder("utf-8")()

    def plain(self, data: bytes, *, final: bool = False) -> bytes:
        """Return the meaning of the next piece, up to an escape that is incomplete."""
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
        for match in _ESCAPE.finditer(data):
            if data.find(b"\\", at, match.start()) >= 0:
                break
            text = _decode_escape(match)
            if text is None:  # one half of a pair; the other one may be to come
                if not final and len(data) - match.start() < _LONGEST_ESCAPE:
                    break
                self.refused = LONE_SURROGATE
                text = b""
            parts += (data[at : match.start()], text)
            at = match.end()
        cut = data.find(b"\\", at)
        if cut < 0:
            cut = len(data)
        elif final or len(data) - cut >= _LONGEST_ESCAPE:
            self.broken = self.broken or "Invalid \\escape"
        self._held = data[cut:]
        return b"".join([*parts, data[at:cut]])


def _decode_escape(match: re.Match[bytes]) -> bytes | None:
    """Return the character that an escape means; None for half of a pair."""
    high, low, code, letter = match.groups()
    if letter:
        return _SIMPLE_ESCAPES[letter]
    if high:
        pair = ((int(high, 16) & 0x3FF) << 10) + (int(low, 16) & 0x3FF)
        return chr(0x10000 + pair).encode()
    number = int(code, 16)
    return None if 0xD800 <= number < 0xE000 else chr(number).encode()


PIECE_BYTES: Final = 256 * 1024

_EXCERPT_BYTES: Final = 60
_DISK_FULL: Final = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}

# As many whole literals as there are, and the rest of one that has begun. Without
# possessive quantifiers the second look at a megabyte would be quadratic.
_WHOLE_LITERALS: Final = re.compile(
    rb'(?:[^"]*+"[^"\\]*+(?:\\.[^"\\]*+)*+")*+', re.DOTALL
)
_REST_OF_LITERAL: Final = re.compile(rb"[^\"\\]*+(?:\\.[^\"\\]*+)*+", re.DOTALL)


class TextSpooler:
    """Takes JSON in pieces, and gives it back without its large texts.

    Attributes:
        texts: By their marks.
        removed: Where in the short text a mark ends, and how much longer was what
            stood there.
        refused: Why a large text is not a text, though it is JSON.
    """

    def __init__(self) -> None:
        self.texts: dict[str, LargeText] = {}
        self.removed: list[tuple[int, int]] = []
        self.refused = ""
        self._broken = ""
        self._word = secrets.token_hex(8)
        self._short = bytearray()
        self._literal: _Literal | None = None
        self._escaped = False  # the piece before ended with a backslash

    @property
    def is_within(self) -> bool:
        """A text that is large already has not ended yet."""
        return self._literal is not None and self._literal.is_large

    @property
    def broken(self) -> str:
        """Why a large text is not JSON; empty while it is."""
        literal = self._literal
        return self._broken or (literal.unescaper.broken if literal else "")

    @property
    def size(self) -> int:
        """Bytes that are held."""
        held = 0 if self._literal is None else len(self._literal.held)
        return len(self._short) + held

    def feed(self, data: bytes) -> None:
        """Take the next piece, of some hundred kilobytes at most."""
        at = 0
        while at < len(data):
            at = self._outside(data, at) if not self._literal else self._in(data, at)

    def short(self) -> bytes:
        """Return what was taken so far; a text that has not ended stays open."""
        rest = b"" if self._literal is None else b'"' + self._literal.held
        return bytes(self._short) + rest

    def _outside(self, data: bytes, at: int) -> int:
        match = _WHOLE_LITERALS.match(data, at)
        opening = data.find(b'"', match.end() if match else at)
        if opening < 0:
            self._short += data[at:]
            return len(data)
        self._short += data[at:opening]
        self._literal = _Literal()
        return opening + 1

    def _in(self, data: bytes, at: int) -> int:
        match = _REST_OF_LITERAL.match(data, at + self._escaped)
        end = match.end() if match else at
        self._escaped = data[end : end + 1] == b"\\"
        if self._escaped:  # the last byte; what it means stands in the next piece
            end += 1
        literal = self._literal = self._literal or _Literal()
        literal.add(data[at:end])
        if end < len(data):
            self._short += b'"' + self._closed(literal) + b'"'
            self._literal = None
        return end + 1

    def _closed(self, literal: _Literal) -> bytes:
        if not literal.is_large:
            return literal.held
        text = literal.end()
        self._broken = self._broken or literal.unescaper.broken
        self.refused = self.refused or literal.unescaper.refused
        mark = f"(text of {text.size:,} bytes {self._word}:{len(self.texts)})"
        self.texts[mark] = text
        end = len(self._short) + len(mark) + 1
        self.removed.append((end, literal.length - len(mark)))
        return mark.encode()


class _Literal:
    """What stands between two quotes: held while it is small, else in a file."""

    def __init__(self) -> None:
        self.held = b""
        self.length = 0
        self.unescaper = Unescaper()
        self._spool: _Spool | None = None

    @property
    def is_large(self) -> bool:
        return self._spool is not None

    def add(self, data: bytes) -> None:
        self.length += len(data)
        if self._spool is None and self.length <= LARGE_TEXT_BYTES:
            self.held += data
            return
        if self._spool is None:
            self._spool = _Spool()
            data, self.held = self.held + data, b""
        self._spool.write(self.unescaper.plain(data))

    def end(self) -> LargeText:
        spool = self._spool or _Spool()
        spool.write(self.unescaper.plain(b"", final=True))
        return spool.text()


class _Spool:
    """A temporary file without a name, deleted when nothing refers to it any more."""

    def __init__(self) -> None:
        self._size = 0
        self._beginning = b""
        try:
            with ExitStack() as opened:
                self._file = opened.enter_context(tempfile.TemporaryFile(buffering=0))
                weakref.finalize(self, opened.pop_all().close)
        except OSError as exc:
            raise _spool_error(exc) from exc

    def write(self, data: bytes) -> None:
        missing = _EXCERPT_BYTES - len(self._beginning)
        self._beginning += data[:missing]
        self._size += len(data)
        try:
            while data:
                data = data[self._file.write(data) :]
        except OSError as exc:
            raise _spool_error(exc) from exc

    def text(self) -> LargeText:
        excerpt = self._beginning.decode(errors="ignore")
        return LargeText(self._size, excerpt, self._pieces)

    def _pieces(self) -> Iterator[bytes]:
        at = 0
        while at < self._size:
            self._file.seek(at)  # another reader may have moved the position
            piece = self._file.read(PIECE_BYTES)
            at += len(piece)
            yield piece


def restore_texts(value: Any, texts: dict[str, LargeText]) -> None:
    """Put large texts in the places of their marks, in objects and arrays."""
    todo: list[Any] = [value]
    while todo:
        inner = todo.pop()
        places = inner.items() if isinstance(inner, dict) else enumerate(inner)
        for place, element in places if isinstance(inner, dict | list) else ():
            if isinstance(element, str) and element in texts:
                inner[place] = texts[element]
            elif isinstance(element, dict | list):
                todo.append(element)


def _spool_error(exc: OSError) -> DiskFull | WorkspaceUnusable:
    folder = tempfile.gettempdir()
    if exc.errno in _DISK_FULL:
        reason = (
            "There is no room for a large text of the file. Free some space, or name "
            "another folder in the environment variable TMPDIR."
        )
        return DiskFull(folder, reason)
    reason = f"A temporary file cannot be written: {exc.strerror or exc}."
    return WorkspaceUnusable(folder, reason)
