"""Sort orders: ``title:asc,priority:desc``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ...errors import InvalidQuery

MAX_SORT_KEYS: Final = 20
"""The most keys of a sort order; each of them is read of every item."""

_DIRECTIONS: Final = {"": False, "asc": False, "desc": True}


@dataclass(frozen=True, slots=True)
class SortKey:
    """A field to sort by, in ascending or descending order.

    A missing value is smaller than every value.
    """

    name: str
    descending: bool = False


def invalid_sort(reason: str) -> InvalidQuery:
    """Return the error of a sort order."""
    return InvalidQuery("sort", reason)


def parse_sort(text: str) -> tuple[SortKey, ...]:
    """Parse a sort order; a blank one has no keys.

    Raises:
        InvalidQuery: It cannot be parsed.
    """
    if not text.strip():
        return ()
    parts = text.split(",", MAX_SORT_KEYS)
    if len(parts) > MAX_SORT_KEYS:
        reason = f"it names more than {MAX_SORT_KEYS} fields."
        raise invalid_sort(reason)
    return tuple(_parse_sort_key(part) for part in parts)


def _parse_sort_key(text: str) -> SortKey:
    name, _, direction = (part.strip() for part in text.partition(":"))
    if not name or direction not in _DIRECTIONS:
        reason = (
            f"{text.strip()[:60]!r} is not a field and a direction. "
            "Write title:asc,priority:desc."
        )
        raise invalid_sort(reason)
    return SortKey(name, _DIRECTIONS[direction])
