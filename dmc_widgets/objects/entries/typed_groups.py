"""Items of a batch as typed entries, with what they name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import UNSET

from ..fields.relationship import ParentDefinition
from .typed_links import TypedLink
from .typed_uniques import TypedUnique

TypedEntry = Any
"""A struct of the fields of a definition: an item, or the values of a stored entry."""


class TypedGroup:
    """Items of a batch, one after the other, as typed entries.

    Attributes:
        items: The items.
        codes: Their codes.
        entries: The same items; deciding them changes them.

    Args:
        keys: The relationships to parents, and the values that no two entries share.
        items: The items.
        codes: Their codes.
        entries: The same items.
    """

    def __init__(
        self,
        keys: tuple[Sequence[TypedLink], Sequence[TypedUnique]],
        items: Sequence[Mapping[str, Any]],
        codes: list[str],
        entries: list[TypedEntry],
    ) -> None:
        self._links, self._uniques = keys
        self.items = items
        self.codes = codes
        self.entries = entries

    def parents(self) -> tuple[dict[ParentDefinition, set[str]], set[int], set[int]]:
        """Return the parents that they name by code, by id, and by id beside a code."""
        by_erc: dict[ParentDefinition, set[str]] = {}
        by_id: set[int] = set()
        beside: set[int] = set()
        for link in self._links:
            stated = set(map(link.get_beside, self.entries))
            beside.update(number for number in stated if number is not UNSET)
            if link.link.parent is None or link.link.system:
                continue
            values = set(map(link.get, self.entries))
            by_id.update(value for value in values if type(value) is int)
            codes = {value for value in values if type(value) is str}
            if codes:
                by_erc.setdefault(link.link.parent, set()).update(codes)
        return by_erc, by_id, beside

    def unique_values(self, name: str) -> dict[str, Any]:
        """Return the values of a unique field, by their text in the index."""
        unique = next(one for one in self._uniques if one.name == name)
        return unique.by_text(self.entries)
