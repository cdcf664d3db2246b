"""Parse a stream of JSON value by value.

The stream is decoded piece by piece into one buffer that holds little more than
the current value, without its large texts, so a file of any size takes the same
memory.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO, NamedTuple, NoReturn

from ...errors import FileBroken, FileUnreadable
from ...model.record import LARGE_TEXT_BYTES, LargeText, Record, UnreadableRecord
from ..byte_ranges import RecordPlace, RecordRun
from .bulk_parser import parse_elements
from .scanner import JsonScanner
from .text_spool import PIECE_BYTES, TextSpooler, restore_texts
from .values import (
    LENIENT,
    RECORD_LIMIT_BYTES,
    STRICT,
    describe_refusal,
    find_record_fault,
    make_unreadable,
)

CHUNK_BYTES = 128 * 1024

BEGINNING = RecordPlace(0)

KEY_LIMIT = 10_000
"""How many keys the object may have that a file is; a batch engine file has a few."""

_NOT_BLANK = re.compile(r"[^ \t\n\r]")
# How far before the end of the buffer an error may stand and still come from the
# cut: the longest token without quotes is -Infinity.
_CUT_CHARS = 12


class ParsedValue(NamedTuple):
    """A value, its text, and why it was refused (mostly empty)."""

    value: Any
    raw: str
    refused: str


class JsonParser:
    """A position in *stream* that moves on value by value.

    Args:
        stream: The bytes of the file.
        source: The name of the file, for messages.
        start: Where the stream begins within the file.

    Attributes:
        done: How many records are complete; the caller counts them.
    """

    def __init__(
        self, stream: BinaryIO, *, source: str, start: RecordPlace = BEGINNING
    ) -> None:
        self.source = source
        self.done = start.records
        self._stream = stream
        self._buffer = ""
        self._at = 0
        self._one_by_one_to = 0  # no reading of many at once was possible before
        self._rest = b""  # a character cut by the end of a piece
        self._read_bytes = start.offset or 0
        self._bad_byte = 0  # counted from 1; 0 while all was UTF-8
        self._lines = start.lines  # before the buffer
        self._column = start.column  # characters of its first line before the buffer
        self._large: dict[str, LargeText] = {}  # of the value under way, by mark
        self._refused = ""  # why one of them is not a text
        self._removed: list[tuple[int, int]] = []  # place and length of what they held

    def peek(self) -> str:
        """Move past white space and return the next character; empty at the end."""
        while True:
            match = _NOT_BLANK.search(self._buffer, self._at)
            if match:
                self._at = match.start()
                return match.group()
            self._at = len(self._buffer)
            if not self._grow():
                return ""

    def step(self) -> None:
        """Pass over the character that :meth:`peek` found."""
        self._at += 1

    def value(self, what: str = "") -> ParsedValue:
        """Parse the value that begins here, and move to its end.

        Args:
            what: Names it in messages; empty for the record after *done*.

        Raises:
            FileBroken: It is malformed, cut off or larger than is allowed.
        """
        while True:
            try:
                value, end, refused = self._decode()
            except json.JSONDecodeError as exc:
                if self._may_be_cut(exc) and self._grow(what):
                    continue
                raise self._malformed(exc, what) from exc
            except RecursionError:
                reason = f"{self._named(what)} is nested too deeply to be read"
                self.stop(f"{reason}, {self.place()}.")
            if self._number_may_go_on(end) and self._grow(what):
                continue
            start, self._at = self._at, end
            if self._large:
                restore_texts(value, self._large)
                refused, self._large, self._refused = refused or self._refused, {}, ""
            return ParsedValue(value, self._buffer[start:end], refused)

    def many(self) -> list[Record]:
        """Read objects with commas between them, as many as the buffer holds.

        Returns:
            None at all, if :meth:`value` has to read the one that begins here; else the
            position is at the end of the last of them.
        """
        if self._at < self._one_by_one_to:
            return []
        records, self._at = parse_elements(self._buffer, self._at)
        if not records:
            self._one_by_one_to = len(self._buffer)
        return records

    def places(self) -> Callable[[int], RecordPlace]:
        """Return what finds the places of elements from here on, by their number.

        They have to be within the text that is read by now; numbers begin with 0.
        """
        buffer, start, done = self._buffer, self._at, self.done
        lines, column = self._line(start) - 1, self._characters_before(start)
        # A byte that is not UTF-8 is where the text ends.
        end = self._bad_byte - 1 if self._bad_byte else self._read_bytes
        offset = end - len(self._rest) - len(buffer[start:].encode())

        def place_of(number: int) -> RecordPlace:
            at = start
            for _ in range(number):
                _, at = LENIENT.raw_decode(buffer, at)
                at = _skip_comma(buffer, at)
            passed = buffer[start:at]
            last = passed.rfind("\n")
            return RecordPlace(
                lines + passed.count("\n"),
                offset + len(passed.encode()),
                column + len(passed) if last < 0 else len(passed) - last - 1,
                done + number,
            )

        return place_of

    def line_of(self, raw: str) -> int:
        """Return the line in which *raw*, the text of the last value, begins."""
        return self._line(self._at - len(raw))

    def place(self) -> str:
        """Return the line and the column of the next character, as an editor counts."""
        return self._place(self._at)

    def stop(self, reason: str) -> NoReturn:
        """Raise the error that also says what can be relied on before this place.

        Raises:
            FileBroken: Always.
        """
        raise self._broken(reason)

    def _broken(self, reason: str) -> FileBroken:
        before = {0: "", 1: " The record before it is complete."}
        text = f" The {self.done:,} records before it are complete."
        return FileBroken(
            self.source, reason[:1].upper() + reason[1:] + before.get(self.done, text)
        )

    def _decode(self) -> tuple[Any, int, str]:
        try:
            value, end = STRICT.raw_decode(self._buffer, self._at)
        except json.JSONDecodeError:
            raise
        except ValueError as exc:
            value, end = LENIENT.raw_decode(self._buffer, self._at)
            return value, end, describe_refusal(exc)
        return value, end, ""

    def _may_be_cut(self, exc: json.JSONDecodeError) -> bool:
        return (
            exc.msg.startswith("Unterminated string")
            or exc.pos >= len(self._buffer) - _CUT_CHARS
        )

    def _number_may_go_on(self, end: int) -> bool:
        return end == len(self._buffer) and self._buffer[end - 1] not in '}]"'

    def _malformed(self, exc: json.JSONDecodeError, what: str) -> FileBroken:
        if exc.pos >= len(self._buffer) or exc.msg.startswith("Unterminated string"):
            return self._broken(f"The file ends within {self._named(what)}.")
        reason = f"{self._named(what)} is not valid JSON ({exc.msg})"
        return self._broken(f"{reason}, {self._place(exc.pos)}.")

    def _named(self, what: str) -> str:
        return what or f"record {self.done + 1:,}"

    def _line(self, index: int) -> int:
        return self._lines + self._buffer.count("\n", 0, index) + 1

    def _place(self, index: int) -> str:
        column = self._characters_before(index) + 1
        return f"line {self._line(index):,}, column {column:,}"

    def _characters_before(self, index: int) -> int:
        """Return how many characters of its line are before a place of the buffer."""
        last = self._buffer.rfind("\n", 0, index)
        before = index - last - 1 if last >= 0 else self._column + index
        return before + sum(much for at, much in self._removed if last < at <= index)

    def _grow(self, what: str = "") -> bool:
        """Read on, dropping what is parsed; return False at the end of the stream."""
        self._stop_at_bad_byte()
        rest = len(self._buffer) - self._at
        if rest > LARGE_TEXT_BYTES:
            return self._read_large(what)
        # As much again as there is: a long record is parsed few times over.
        text = self._text(self._stream.read(max(CHUNK_BYTES, rest)))
        if not text:
            # Nothing may move here: the caller's error counts from the old place.
            self._stop_at_bad_byte()
            return False
        self._drop_parsed_text()
        self._buffer += text
        return True

    def _read_large(self, what: str) -> bool:
        """Read on to the end of the current value; return False if nothing came.

        Its large texts are put aside, and it is parsed only once, when it is known to
        be within the limits of a record.
        """
        json_, scan = TextSpooler(), JsonScanner()
        for at in range(self._at, len(self._buffer), PIECE_BYTES):
            data = self._buffer[at : at + PIECE_BYTES].encode()
            json_.feed(data)
            scan.feed(data)
        has_come = False
        while not (json_.broken or scan.has_ended):
            self._require_moderate(what, json_, scan)
            text = self._text(self._stream.read(PIECE_BYTES))
            self._stop_at_bad_byte()
            if not text:
                break
            data = text.encode()
            json_.feed(data)
            scan.feed(data)
            has_come = True
        self._require_moderate(what, json_, scan)
        if json_.broken:
            reason = f"{self._named(what)} is not valid JSON ({json_.broken})"
            self.stop(f"{reason}, in a large text after {self.place()}.")
        self._buffer = self._buffer[: self._at] + json_.short().decode()
        self._removed += [(self._at + at, much) for at, much in json_.removed]
        self._large |= json_.texts
        self._refused = self._refused or json_.refused
        return has_come

    def _require_moderate(
        self, what: str, json_: TextSpooler, scan: JsonScanner
    ) -> None:
        fault = scan.fault
        if not fault and json_.size > RECORD_LIMIT_BYTES:
            fault = f"is larger than {RECORD_LIMIT_BYTES // 1024**2} MiB"
        if fault:
            self.stop(f"{self._named(what)} {fault}, {self.place()}.")

    def _stop_at_bad_byte(self) -> None:
        if self._bad_byte:
            self.stop(f"Byte {self._bad_byte:,} of the file is not UTF-8.")

    def _text(self, data: bytes) -> str:
        if not self._read_bytes:
            require_utf_8(data, self.source)
            bare = data.removeprefix(codecs.BOM_UTF8)
            self._read_bytes, data = len(data) - len(bare), bare
        joined = self._rest + data
        start = self._read_bytes - len(self._rest)
        self._read_bytes += len(data)
        try:
            text, used = codecs.utf_8_decode(joined, "strict", not data)
        except UnicodeDecodeError as exc:
            self._bad_byte = start + exc.start + 1
            self._rest = b""
            return joined[: exc.start].decode()
        self._rest = joined[used:]
        if not text and self._rest:  # the whole piece is part of one character
            return self._text(self._stream.read(CHUNK_BYTES))
        return text

    def _drop_parsed_text(self) -> None:
        last = self._buffer.rfind("\n", 0, self._at)
        if last >= 0:  # finding none is much faster than counting none
            self._lines += self._buffer.count("\n", 0, self._at)
            self._column = self._at - last - 1
        else:
            self._column += self._at
        if self._removed:
            self._column += sum(n for at, n in self._removed if last < at <= self._at)
            rest = ((at - self._at, n) for at, n in self._removed)
            self._removed = [(at, n) for at, n in rest if at > 0]
        self._buffer = self._buffer[self._at :]
        self._one_by_one_to -= self._at
        self._at = 0


def require_utf_8(head: bytes, source: str) -> None:
    """Refuse a text that begins as UTF-16 or UTF-32 does.

    Raises:
        FileUnreadable: The text begins so.
    """
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or (
        b"\0" in head[:2]
    ):
        reason = "The file is UTF-16 or UTF-32 text. Save it as UTF-8."
        raise FileUnreadable(source, reason)


def _skip_comma(buffer: str, at: int) -> int:
    """Return where the element after a comma begins."""
    for _ in range(2):
        found = _NOT_BLANK.search(buffer, at)
        at = found.start() if found else len(buffer)
        at += buffer.startswith(",", at)
    return at


def count_elements(text: JsonParser) -> Iterator[RecordRun]:
    """Yield the records that :func:`read_elements` does as runs.

    Raises:
        FileBroken: One is malformed, or the array is cut off.
    """
    for _ in iterate_elements(text):
        places = text.places()
        number = len(text.many())
        if not number:
            text.value()
        text.done += number or 1
        yield RecordRun(number or 1, places)


def read_elements(
    text: JsonParser, *, is_within: bool = False
) -> Iterator[Record | UnreadableRecord]:
    """Yield the records of the array that begins here, and move to its end.

    Args:
        text: Where it is read.
        is_within: An element begins here, not the array.

    Raises:
        FileBroken: One is malformed, or the array is cut off.
    """
    for _ in iterate_elements(text, is_within=is_within):
        records = text.many()
        text.done += len(records)
        yield from records
        if not records:
            value, raw, refused = text.value()
            fault = refused or find_record_fault(value, raw)
            bad = make_unreadable(text.line_of(raw), fault, raw) if fault else None
            text.done += 1
            yield value if bad is None else bad


def iterate_elements(text: JsonParser, *, is_within: bool = False) -> Iterator[None]:
    """Stop at each element of the array that begins here, and move to its end.

    The caller moves *text* to the end of the element, or of several.

    Args:
        text: Where it is read.
        is_within: An element begins here, not the array.

    Raises:
        FileBroken: The array is malformed between elements, or cut off.
    """
    if not is_within:
        text.step()
        if text.peek() == "]":
            text.step()
            return
    separator = ","
    while separator == ",":
        text.peek()
        yield
        separator = read_separator(text, "]")


def iterate_members(text: JsonParser, *, is_within: bool = False) -> Iterator[str]:
    """Yield the keys of the object that begins here, and move to its end.

    After each key *text* is at its value; the caller moves it to the end of that.

    Args:
        text: Where it is read.
        is_within: A value of the object ends here; the keys after it are yielded.

    Raises:
        FileBroken: The object is malformed or cut off.
    """
    if is_within:
        separator = read_separator(text, "}")
    else:
        text.step()
        is_empty = text.peek() == "}"
        if is_empty:
            text.step()
        separator = "" if is_empty else ","
    count = 0
    while separator == ",":
        text.peek()
        count += 1
        if count > KEY_LIMIT:
            text.stop(f"The object has more than {KEY_LIMIT:,} keys, {text.place()}.")
        place = text.place()
        key = text.value("a key").value
        if not isinstance(key, str):
            text.stop(f"A key is expected, {place}.")
        if text.peek() != ":":
            text.stop(f"A ':' is expected after the key {key!r}, {place}.")
        text.step()
        text.peek()
        yield key
        separator = read_separator(text, "}")


def skip_value(text: JsonParser, key: str) -> int:
    """Move to the end of the value of *key*; an array is not held in memory.

    Returns:
        How many elements the array has.
    """
    if text.peek() != "[":
        text.value(f"the value of {key!r}")
        return 0
    count = 0
    for _ in iterate_elements(text):
        records = text.many()
        count += len(records) or 1
        if not records:
            text.value(f"an element of {key!r}")
    return count


def require_items(text: JsonParser) -> None:
    """Require that the value of ``items`` begins as an array does.

    Raises:
        FileUnreadable: The value is not an array.
    """
    if text.peek() != "[":
        raise FileUnreadable(text.source, "Its 'items' is not an array.")


def read_separator(text: JsonParser, closing: str) -> str:
    """Pass over the comma or the *closing* bracket that must follow a value.

    Raises:
        FileBroken: Something else follows, or nothing.
    """
    char = text.peek()
    if not char:
        text.stop(f"The file ends without the closing '{closing}'.")
    if char not in {",", closing}:
        place = text.place()
        text.stop(f"Expected ',' or '{closing}', found {char!r}, {place}.")
    text.step()
    return char


def require_end(text: JsonParser, closing: str) -> None:
    """Require that only white space follows.

    Raises:
        FileBroken: Other text follows. Passing over it could lose records.
    """
    if text.peek():
        text.stop(f"Other text follows the closing {closing}, {text.place()}.")
