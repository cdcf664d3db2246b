"""JSON Lines: one object a line, so neither side ever holds the whole file."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterable, Iterator
from typing import BinaryIO

import orjson

from ..errors import FileUnreadable
from ..model.reading import AS_FOUND, ReadingOptions
from ..model.record import Record, Unreadable
from ..ports import ExportHeader, Item
from .json_blocks import is_simple, records_of_lines
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
            is_usual = len(block) <= RECORD_LIMIT_BYTES
            records = records_of_lines(block) if is_usual else None
            if records:
                number += len(records)
                is_empty = False
                yield from records
                continue
            for line in block.split(b"\n"):
                number += 1
                found = _simple_record(line) or _exact_record(line, number)
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


def _simple_record(line: bytes) -> Record | None:
    if (
        line.count(b"{") + line.count(b"[") > DEPTH_LIMIT
        or len(line) > RECORD_LIMIT_BYTES
        or not is_simple(line)
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
