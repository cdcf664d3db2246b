"""The AutoIncrement fields of typed entries: numbered in the order of the items."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter
from typing import Any

from msgspec import UNSET

from ..fields.auto_increment import AutoIncrement


class TypedNumbering:
    """An AutoIncrement field, as an attribute of typed entries.

    Attributes:
        name: The name of the field.

    Args:
        numbering: The format of its values.
        attribute: The attribute that holds a value.
    """

    def __init__(self, numbering: AutoIncrement, attribute: str) -> None:
        self.name = numbering.name
        self._numbering = numbering
        self._attribute = attribute
        self._get = attrgetter(attribute)

    def number_new(self, entries: Sequence[Any], last: int | None) -> int:
        """Give the next numbers to new entries that have none.

        Args:
            entries: The entries, in their order.
            last: The last number that was used; None where none was.

        Returns:
            The last number that is used now.
        """
        numbering = self._numbering
        used = numbering.first - 1 if last is None else last
        for entry, text in zip(entries, map(self._get, entries), strict=True):
            if text is UNSET:
                used += 1
                setattr(entry, self._attribute, numbering.text(used))
            else:
                number = numbering.number(text)
                used = used if number is None else max(used, number)
        return used

    def are_used(self, entries: Sequence[Any], last: int | None) -> bool:
        """Return True if entries have no number beyond the last one."""
        used = self._numbering.first - 1 if last is None else last
        numbers = map(self._numbering.number, map(self._get, entries))
        return all(number is None or number <= used for number in numbers)
