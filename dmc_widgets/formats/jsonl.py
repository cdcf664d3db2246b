"""JSON Lines: one object a line, so neither side ever holds the whole file."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterable, Iterator
from typing import BinaryIO

import orjson

from ..errors import FileUnreadable
from ..model.reading import AS_FOUND, ReadingOptions
from ..model.record import Record, Unreadable
from ..ports import ExportHeader, Item
from .json_text import CHUNK_BYTES, require_utf_8
from .json_values import (
    DEPTH_LIMIT,
    RECORD_LIMIT_BYTES,
    STRICT,
    record_fault,
    refusal,
    unreadable,
)
from .json_writing import write_item

# Fold lines to the shapes of their numbers: digits and points to 0, what may stand
# before a number to a blank. orjson reads a number of 16 digits and more, or one
# with a very small exponent, as the nearest float; such lines are rare and take the
# exact way. A false alarm, from a text, only costs time.
_FOLDED = {"0": "0123456789.", " ": ":,[ \t\r\n", "e": "eE", "-": "-"}
_SHAPE_OF = {char: shape for shape, chars in _FOLDED.items() for char in chars}
_SHAPES = bytes(ord(_SHAPE_OF.get(chr(byte), "x")) for byte in range(256))
_LONG = b"0" * 16
_SMALL = b"e-000"
_BEFORE_EXPONENT = re.compile(rb" -?0+\Z")  # not so in the middle of a UUID


class JsonLinesFormat:
    """One object a line, every line ended by LF; CRLF is read as well.

    Blank lines are no records. The place of a bad line is its number, as an
    editor counts; a line that is no object, not UTF-8 or larger than 64 MiB is
    one bad record, and reading goes on behind it.
    """

    name = "JSONL"
    extension = "jsonl"
    can_read = True
    can_write = True

    def read(
        self, stream: BinaryIO, *, source: str, options: ReadingOptions = AS_FOUND
    ) -> Iterator[Record | Unreadable]:
        """Yield the lines; see :class:`~dmc_widgets.ports.Format`."""
        del options
        number = 0
        is_empty = True
        for block in _blocks(stream, source):
            is_simple = _is_simple(block)  # once a block costs half of once a line
            for line in block.split(b"\n"):
                number += 1
                found: Record | Unreadable | None = None
                if is_simple or _is_simple(line):
                    found = _simple_record(line)
                if found is None:
                    found = _exact_record(line, number)
                if found is not None:
                    is_empty = False
                    yield found
        if is_empty:
            raise FileUnreadable(source, "The file is empty.")

    def write(
        self, items: Iterable[Item], stream: BinaryIO, header: ExportHeader
    ) -> int:
        """Write a line an item, the last one ended as well."""
        del header
        written = 0
        for item in items:
            write_item(item, stream, b"\n")
            written += 1
        return written


def _blocks(stream: BinaryIO, source: str) -> Iterator[bytes]:
    """Yield whole lines, many at a time, without the last line's end.

    Of a line beyond the limit only the beginning is there, as a block of its own.
    """
    rest = stream.read(CHUNK_BYTES)
    require_utf_8(rest, source)
    rest = rest.removeprefix(codecs.BOM_UTF8)
    while True:
        lines, line_end, rest = rest.rpartition(b"\n")
        if line_end:
            yield lines
        elif len(rest) > RECORD_LIMIT_BYTES:
            yield rest
            rest = _rest_after_line(stream)
        # As much again as there is: a long line is copied few times over.
        data = stream.read(max(CHUNK_BYTES, len(rest)))
        if not data:
            break
        rest += data
    if rest:
        yield rest


def _rest_after_line(stream: BinaryIO) -> bytes:
    """Pass over the rest of a line, and return the beginning of the next one."""
    while data := stream.read(CHUNK_BYTES):
        _, line_end, rest = data.partition(b"\n")
        if line_end:
            return rest
    return b""


def _is_simple(lines: bytes) -> bool:
    """Say whether orjson keeps every digit of every number in *lines*."""
    shapes = lines.translate(_SHAPES)
    if _LONG in shapes:
        return False
    found = shapes.find(_SMALL)
    while found >= 0:
        if _BEFORE_EXPONENT.search(shapes, max(0, found - 18), found):
            return False
        found = shapes.find(_SMALL, found + 1)
    return True


def _simple_record(line: bytes) -> Record | None:
    if (
        line.count(b"{") + line.count(b"[") > DEPTH_LIMIT
        or len(line) > RECORD_LIMIT_BYTES
    ):
        return None
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    return value if type(value) is dict else None


def _exact_record(line: bytes, number: int) -> Record | Unreadable | None:
    """Read with every digit kept, or say why not; None for a blank line."""
    if not line.strip():
        return None
    raw = line.decode(errors="replace").strip()
    if len(line) > RECORD_LIMIT_BYTES:
        limit = RECORD_LIMIT_BYTES // 1024**2
        return unreadable(number, f"The line is larger than {limit} MiB.", raw)
    try:
        value = STRICT.decode(line.decode())
        fault = record_fault(value, raw)
    except UnicodeDecodeError as exc:
        fault = f"Byte {exc.start + 1:,} of the line is not UTF-8."
    except json.JSONDecodeError as exc:
        fault = f"This is no valid JSON at column {exc.pos + 1:,} ({exc.msg})."
    except RecursionError:
        fault = "The record is nested too deeply to be read."
    except ValueError as exc:
        fault = refusal(exc)
    return unreadable(number, fault, raw) if fault else value
