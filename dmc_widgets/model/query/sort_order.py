"""The order in which items are read: ``title:asc,priority:desc``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ...errors import InvalidQuery

MAX_SORT_KEYS: Final = 20
"""More keys than anybody sorts by; each is a look at every item."""

_DIRECTIONS: Final = {"": False, "asc": False, "desc": True}


@dataclass(frozen=True, slots=True)
class SortKey:
    """A field to sort by, and whether its largest value comes first.

    Nothing is smaller than every value, so that it comes first, or last.
    """

    name: str
    descending: bool = False


def invalid_sort(reason: str) -> InvalidQuery:
    """Make the error of an order."""
    return InvalidQuery("sort", reason)


def parse_sort(text: str) -> tuple[SortKey, ...]:
    """Read an order; none for a blank one.

    Raises:
        InvalidQuery: It cannot be read.
    """
    if not text.strip():
        return ()
    parts = text.split(",", MAX_SORT_KEYS)
    if len(parts) > MAX_SORT_KEYS:
        reason = f"it names more than {MAX_SORT_KEYS} fields."
        raise invalid_sort(reason)
    return tuple(_parse_sort_key(part) for part in parts)


def _parse_sort_key(text: str) -> SortKey:
    name, _, direction = (each.strip() for each in text.partition(":"))
    if not name or direction not in _DIRECTIONS:
        reason = (
            f"{text.strip()[:60]!r} is no field and direction. "
            "Write title:asc,priority:desc."
        )
        raise invalid_sort(reason)
    return SortKey(name, _DIRECTIONS[direction])
