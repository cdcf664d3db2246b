"""Parse many records at once, where orjson is as exact as the slow parser.

orjson takes a fifth of the time of Python's own reader, and least if it is called
seldom. But it reads a number of 16 digits and more, or one with a very small
exponent, as the nearest float, and nests deeper than a record may. What it made is
checked here; where in doubt, the caller parses exactly, record by record.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from itertools import chain, islice
from typing import Any

import orjson

from ...model.record import Record
from .values import DEPTH_LIMIT

# Fold text to the shapes of its numbers: digits and points to 0, what may stand
# before a number to a blank. A false alarm, from a text, only costs time.
_FOLDED = {"0": "0123456789.", " ": ":,[ \t\r\n", "e": "eE", "-": "-"}
_SHAPE_OF = {char: shape for shape, chars in _FOLDED.items() for char in chars}
_SHAPES = bytes(ord(_SHAPE_OF.get(chr(byte), "x")) for byte in range(256))
_LONG_NUMBER = b"0" * 16
_SMALL_EXPONENT = b"e-000"
_BEFORE_EXPONENT = re.compile(rb" -?0+\Z")  # not so in the middle of a UUID

# The beginning of an object up to its first key, and what stands between two.
_HEAD = re.compile(r'\{[ \t\r\n]*"[^"\\]*"')
_JOINT = re.compile(r"\}[ \t\r\n]{0,50},[ \t\r\n]{0,50}\Z")
_JOINT_CHARS = 102
_JOINTS = 16
_GROUP = 8

_WHITE = b" \t\r\n"

_ALWAYS_EXACT = {str, int, bool, type(None)}
_FLAT = _ALWAYS_EXACT | {float}

# A number between two lines. A line that is not a value, but makes one together with
# the next, must not pass; a file cannot hold the number, which is random.
_SEPARATOR = int.from_bytes(os.urandom(7), "big")
_BETWEEN = b",%d," % _SEPARATOR


def parse_lines(lines: bytes) -> list[Record]:
    """Parse lines of one object each; none at all if each has to be parsed exactly.

    Args:
        lines: The lines, without the line break of the last one. Blank lines have to
            be parsed exactly.
    """
    values = _load_values(lines.replace(b"\n", _BETWEEN))
    marks = [_SEPARATOR] * lines.count(b"\n")
    if len(values) != 2 * len(marks) + 1 or values[1::2] != marks:
        return []
    del values[1::2]
    return values if _are_exact(values, lines, b"\n") else []


def parse_elements(text: str, start: int) -> tuple[list[Record], int]:
    """Parse objects of an array, with commas between them, up to the end of *text*.

    Args:
        text: A part of a file.
        start: Where an element begins.

    Returns:
        The objects, and where the last one ends; none at all if each has to be
        parsed exactly.
    """
    end = _find_end(text, start)
    elements = text[start:end].encode()
    values = _load_values(elements)
    return (values, end) if _are_exact(values, elements, b",") else ([], start)


def has_exact_numbers(text: bytes) -> bool:
    """Return True if orjson keeps every digit of every number in *text*."""
    shapes = text.translate(_SHAPES)
    if _LONG_NUMBER in shapes:
        return False
    place = shapes.rfind(_SMALL_EXPONENT)  # from the end: twice as fast
    while place >= 0:
        if _BEFORE_EXPONENT.search(shapes, max(0, place - 18), place):
            return False
        place = shapes.rfind(_SMALL_EXPONENT, 0, place)
    return True


def _find_end(text: str, start: int) -> int:
    """Return the last place where an element seems to end.

    An object within an element may begin like the element itself. Of a few places
    that look alike, the one with the least nesting is taken.
    """
    best = last = start
    depth = least = 0
    for end in islice(_find_joints(text, start), _JOINTS):
        depth -= text.count("{", end, last) - text.count("}", end, last)
        if depth < least or last == start:
            best, least = end, depth
        last = end
    return best


def _find_joints(text: str, start: int) -> Iterator[int]:
    """Yield ends of objects after which one follows that begins like the first.

    Arrays mostly hold objects of one kind, and those the same first key.
    """
    head = _HEAD.match(text, start)
    place = text.rfind(head.group(), start + 1) if head else -1
    while head and place >= 0:
        joint = _JOINT.search(text, max(start, place - _JOINT_CHARS), place)
        if joint:
            yield joint.start() + 1
        place = text.rfind(head.group(), start + 1, place)


def _load_values(joined: bytes) -> list[Any]:
    try:
        values: list[Any] = orjson.loads(b"[%b]" % joined)
    except orjson.JSONDecodeError:
        return []
    return values


def _are_exact(values: list[Any], text: bytes, between: bytes) -> bool:
    """Return True if *values*, parsed from *text*, are records without any loss."""
    if set(map(type, values)) != {dict}:
        return False
    kinds = set(map(type, chain.from_iterable(map(dict.values, values))))
    if kinds <= _ALWAYS_EXACT:
        return True
    if not kinds <= _FLAT and _may_be_deep(values, text):
        return False
    return has_exact_numbers(text) or _is_spelled_alike(values, text, between)


def _may_be_deep(values: list[Any], text: bytes) -> bool:
    if not _may_hold_deep(values, text):
        return False
    groups = (values[at : at + _GROUP] for at in range(0, len(values), _GROUP))
    try:
        return any(
            _may_hold_deep([value], orjson.dumps(value))
            for group in groups
            if _may_hold_deep(group, orjson.dumps(group))
            for value in group
        )
    except orjson.JSONEncodeError:  # deeper than it writes
        return True


def _may_hold_deep(values: list[Any], text: bytes) -> bool:
    # Every object opens a bracket of its own; one object can have all the others.
    return text.count(b"{") + text.count(b"[") - len(values) >= DEPTH_LIMIT


def _is_spelled_alike(values: list[Any], text: bytes, between: bytes) -> bool:
    """Return True if *values* are written as in *text*: then no digit is missing."""
    written = between.join(map(orjson.dumps, values))
    return written.translate(None, _WHITE) == text.translate(None, _WHITE)
