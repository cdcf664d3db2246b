"""The codes that a batch has and names, which tell what it has to do with others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ...model.entity_type import EntityType
from ...objects.fields.many_to_many import is_link_list
from ...objects.names import ERC
from ...objects.text import format_erc, split_list_cell
from ...ports import Batch


@dataclass(frozen=True, slots=True)
class BatchCodes:
    """External reference codes, in one case: some servers do not distinguish cases.

    Attributes:
        own: Those of the items.
        named: Those of the parents and linked entries that the items name, of whatever
            object: a code of another object makes a batch wait for nothing at worst.
        has_links: Some items have lists of linked entries.
    """

    own: frozenset[str]
    named: frozenset[str]
    has_links: bool

    def concern(self, other: BatchCodes) -> bool:
        """Return True if one of both batches must not begin before the other's end."""
        return not (
            self.own.isdisjoint(other.own)
            and self.own.isdisjoint(other.named)
            and self.named.isdisjoint(other.own)
        )

    def may_change(self, other: BatchCodes) -> bool:
        """Return True if this batch may change what is stored of the other's items.

        Links show at both ends.
        """
        return self.has_links or not self.own.isdisjoint(other.own)


def find_batch_codes(batch: Batch, entity_type: EntityType) -> BatchCodes:
    """Return the codes of a batch of entries.

    Args:
        batch: The batch.
        entity_type: The entity type that its items belong to.
    """
    parents = [x.name for x in entity_type.fields if x.custom and x.any_of_group]
    lists = [x.name for x in entity_type.fields if is_link_list(x)]
    named: set[str] = set()
    has_links = False
    for item in batch.items:
        for name in parents:
            named.update(_find_codes(item.get(name)))
        for name in lists:
            if name in item:
                has_links = True
                named.update(_find_codes(item[name]))
    own = {format_erc(item.get(ERC)).casefold() for item in batch.items}
    return BatchCodes(frozenset(own - {""}), frozenset(named - {""}), has_links)


def _find_codes(value: Any) -> Iterator[str]:
    """Yield the codes in the value of a relationship, in any of its forms."""
    if isinstance(value, str):
        yield value.casefold()
        yield from (str(code).casefold() for code in split_list_cell(value))
    elif isinstance(value, dict):
        yield format_erc(value.get(ERC)).casefold()
    elif isinstance(value, list):
        for element in value:
            yield from _find_codes(element)
