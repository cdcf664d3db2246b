"""JSON values in and out without loss: every digit, every text, or a clear refusal.

Items as JSON on a stream; large texts pass through piece by piece.
"""

from __future__ import annotations

import codecs
import json
import re
import secrets
from collections.abc import Iterable, Iterator
from decimal import Decimal, InvalidOperation
from itertools import chain
from typing import Any, BinaryIO

import orjson

from ...model.item_pages import ItemPage, JsonLines, iter_items
from ...model.outcome import Problem
from ...model.record import LargeText, UnreadableRecord
from ...ports import Item

UNREADABLE_RECORD = "unreadable-record"
"""The code of every problem that a reader reports."""

RECORD_LIMIT_BYTES = 64 * 1024 * 1024
"""The largest record that is read. Only a record is ever held, never a file."""

VALUE_LIMIT = 1_000_000
"""Values in a record of more than a mebibyte: texts, numbers, objects and arrays. In
memory each takes many times the bytes that it takes in a file."""

DEPTH_LIMIT = 200
"""Levels of nesting in a record. orjson writes up to 254, and the database and
the batch format put a few of their own around a record."""

DIGIT_LIMIT = 4300
"""Digits of one number: Python's own guard, applied to decimals as well."""

_TEXT_LIMIT = 2000
_TOO_MANY_DIGITS = f"A number has more than {DIGIT_LIMIT:,} digits."
_TOO_DEEP = f"The record is nested more than {DEPTH_LIMIT} levels deep."
LONE_SURROGATE = "A text holds half of a surrogate pair, which is not a character."
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_KIND_NAMES = {list: "an array", str: "a text", bool: "a boolean", type(None): "null"}


class InvalidNumber(ValueError):
    """A number that JSON or this package does not allow; its text says which."""


def _parse_float(text: str) -> float | Decimal:
    """Read a decimal number as a float where that keeps it, else as a Decimal."""
    number = float(text)
    if len(text) < 16 and "e" not in text and "E" not in text:
        return number
    try:
        decimal = Decimal(text)
    except InvalidOperation as exc:
        raise InvalidNumber(_TOO_MANY_DIGITS) from exc
    if Decimal(repr(number)) == decimal:
        return number
    if len(text) > DIGIT_LIMIT or abs(decimal.adjusted()) > DIGIT_LIMIT:
        # Such a number is short to write and takes gigabytes to spell out.
        raise InvalidNumber(_TOO_MANY_DIGITS)
    return decimal


def _refuse_constant(name: str) -> Any:
    msg = f"{name} is not a JSON value."  # Python would read NaN and Infinity
    raise InvalidNumber(msg)


STRICT = json.JSONDecoder(parse_float=_parse_float, parse_constant=_refuse_constant)
# Finds the end of a value that the strict one refuses, so that reading goes on.
LENIENT = json.JSONDecoder(
    parse_float=lambda _: None, parse_int=lambda _: None, parse_constant=lambda _: None
)


def describe_refusal(exc: ValueError) -> str:
    """Return the sentence that says why :data:`STRICT` refused a well-formed value."""
    return str(exc) if isinstance(exc, InvalidNumber) else _TOO_MANY_DIGITS


def find_record_fault(value: Any, raw: str) -> str:
    """Return why *value*, written as *raw*, is not a record; empty if it is one."""
    if type(value) is not dict:
        kind = _KIND_NAMES.get(type(value), "a number")
        return f"An object is expected, found {kind}."
    if raw.count("{") + raw.count("[") > DEPTH_LIMIT and _is_deep(value):
        return _TOO_DEEP
    if "\\u" in raw and _SURROGATE.search(raw) and _has_lone_surrogate(value):
        return LONE_SURROGATE
    return ""


def make_unreadable(line: int, reason: str, raw: str) -> UnreadableRecord:
    """Build the value that stands for a bad record in the stream."""
    problem = Problem(UNREADABLE_RECORD, f"Line {line}: {reason}")
    return UnreadableRecord(problem, raw[:_TEXT_LIMIT])


def to_json(value: Any) -> bytes:
    """Spell *value* as compact JSON in UTF-8, decimals with all their digits.

    Large texts are loaded for it; :func:`write_item` writes them without.
    """
    try:
        return dump_fast(value)
    except TypeError:  # an integer beyond 64 bits, or half of a surrogate pair
        return _dump_exactly(value).encode("utf-8", "backslashreplace")


def dump_fast(value: Any) -> bytes:
    """Spell what nearly every value holds, quickly.

    Raises:
        TypeError: It holds an integer beyond 64 bits, half of a surrogate pair, or a
            large text.
    """
    return orjson.dumps(value, default=_dump_decimal)


def _dump_decimal(value: object) -> orjson.Fragment:
    if isinstance(value, Decimal) and value.is_finite():
        return orjson.Fragment(str(value))
    raise TypeError(type(value).__name__)


def _dump_exactly(value: Any) -> str:
    if isinstance(value, dict):
        pairs = (
            f"{_dump_key(key)}:{_dump_exactly(inner)}" for key, inner in value.items()
        )
        return "{" + ",".join(pairs) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(_dump_exactly, value)) + "]"
    if isinstance(value, Decimal) and value.is_finite():
        return str(value)
    if isinstance(value, LargeText):
        value = value.whole()
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _dump_key(key: object) -> str:
    if not isinstance(key, str):
        msg = f"a JSON key is a text, not {key!r}"
        raise TypeError(msg)
    return json.dumps(key, ensure_ascii=False)


def _is_deep(value: Any) -> bool:
    level: list[Any] = [value]
    depth = 0
    while level and depth <= DEPTH_LIMIT:
        depth += 1
        inner = (
            container.values() if type(container) is dict else container
            for container in level
        )
        level = [x for x in chain.from_iterable(inner) if type(x) in (dict, list)]
    return depth > DEPTH_LIMIT


def _has_lone_surrogate(value: Any) -> bool:
    try:
        json.dumps(value, ensure_ascii=False, default=str).encode()
    except UnicodeEncodeError:
        return True
    return False


def write_item(item: Item, stream: BinaryIO, end: bytes = b"") -> None:
    """Write *item* as :func:`to_json` spells it, and *end* after it."""
    try:
        data = dump_fast(item)
    except TypeError:  # rare: a number or a text of its own kind, or a large text
        for piece in _dump_pieces(item):
            stream.write(piece)
        stream.write(end)
    else:
        stream.write(data + end)


def estimate_json_size(item: Item) -> int:
    """Estimate how many bytes :func:`write_item` would write, without loading texts."""
    texts: list[LargeText] = []
    size = len(to_json(_replace_large_texts(item, "", texts)))
    return size + sum(text.size for text in texts)


def _dump_pieces(item: Item) -> Iterator[bytes]:
    """Yield the JSON of *item* without ever holding one of its large texts.

    The item is written with a mark in the place of each, and cut there. The mark is
    random, so no text of the item contains it by chance.
    """
    mark = secrets.token_hex(16)
    texts: list[LargeText] = []
    spelled = to_json(_replace_large_texts(item, mark, texts))
    at = 0
    for match in re.finditer(rb'"%s:([0-9]+)"' % mark.encode(), spelled):
        yield spelled[at : match.start() + 1]
        yield from _escape_text(texts[int(match[1])])
        at = match.end() - 1
    yield spelled[at:]


def _replace_large_texts(value: Any, mark: str, texts: list[LargeText]) -> Any:
    if isinstance(value, dict):
        return {
            key: _replace_large_texts(inner, mark, texts)
            for key, inner in value.items()
        }
    if isinstance(value, list):
        return [_replace_large_texts(inner, mark, texts) for inner in value]
    if isinstance(value, LargeText):
        texts.append(value)
        return f"{mark}:{len(texts) - 1}"
    return value


def _escape_text(text: LargeText) -> Iterator[bytes]:
    """Yield a text as it stands between the quotes of JSON."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    for piece in text.pieces():
        yield orjson.dumps(decoder.decode(piece))[1:-1]


def write_lines(pages: Iterable[ItemPage], stream: BinaryIO) -> int:
    """Write a line for each item, every line ended; return how many there were."""
    written = 0
    for page in pages:
        if isinstance(page, JsonLines):
            stream.write(page.data)
            written += page.number
            continue
        for item in iter_items(page):
            write_item(item, stream, b"\n")
            written += 1
    return written


def write_elements(pages: Iterable[ItemPage], stream: BinaryIO) -> int:
    """Write items with commas between them, and return how many there were."""
    written = 0
    for page in pages:
        if isinstance(page, JsonLines):
            stream.write(b"," if written else b"")
            stream.write(page.data[:-1].replace(b"\n", b","))
            written += page.number
            continue
        for item in iter_items(page):
            if written:
                stream.write(b",")
            write_item(item, stream)
            written += 1
    return written
