"""What stands in a file, before anything is made of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from .outcome import Problem

Record = dict[str, Any]
"""Source field names and values as read. A number with more digits than a float
holds is a :class:`~decimal.Decimal`. Its place is its ordinal in the file."""


class DateCell(str):
    """A date or a time of day that a workbook holds as such, in ISO 8601.

    A text like any other, but for mappings that say how dates are written: this one
    is not written at all.
    """

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A place in a file where a record should be and something else is.

    Attributes:
        problem: Why, with line and column or byte where they help.
        text: The beginning of what stands there, for the report.
    """

    problem: Problem
    text: str = ""


_DEEPEST: Final = 5
_MOST_PARTS: Final = 500
"""Parts beyond these are no choice that a person makes."""


def part_names(records: Iterable[Record]) -> tuple[str, ...]:
    """Name the parts of nested values: ``address.city``, in the order of first sight.

    Objects have parts, lists have none.
    """
    found = dict.fromkeys(
        part
        for record in records
        for name, value in record.items()
        for part in _parts(name, value, _DEEPEST)
    )
    return tuple(islice(found, _MOST_PARTS))


def is_part(name: str, fields: Collection[str]) -> bool:
    """Say whether *name* is that of a part of one of *fields*."""
    whole, dot, _ = name.partition(".")
    return bool(dot) and whole in fields


def _parts(name: str, value: Any, depth: int) -> Iterator[str]:
    if not isinstance(value, dict) or not depth:
        return
    for key, inner in value.items():
        if key and "." not in key:
            yield f"{name}.{key}"
            yield from _parts(f"{name}.{key}", inner, depth - 1)
