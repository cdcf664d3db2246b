"""Which stored entries hold some values, asked of any installation by a filter."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import Any, Final, NamedTuple

from ..errors import RequestError
from ..model.entity import EntityType
from ..objects.entry_faults import ERC
from ..ports import Installation, Item, Query

_MOST_CHARS: Final = 1500
"""Of a filter: servers refuse lines of a few thousand characters."""


class Holder(NamedTuple):
    """A stored entry that holds a value that was asked for."""

    value: Any
    id: int
    erc: str


def holders(
    installation: Installation,
    entity_type: EntityType,
    name: str,
    values: Collection[str | int],
    site: str,
) -> list[Holder] | None:
    """Find the entries whose field holds one of some values.

    Args:
        installation: It is only asked.
        entity_type: Of the entries.
        name: The field's.
        values: Texts or numbers.
        site: The key of the entries' site; empty for company scope.

    Returns:
        The entries; texts may differ in case, since some servers do not look at it.
        None where the installation cannot filter by the field.

    Raises:
        InstallationError: It does not answer.
    """
    query = Query(fields=tuple(dict.fromkeys((ERC, "id", name))), scope=site)
    found: list[Holder] = []
    try:
        for item in items_with(installation, entity_type, name, values, query):
            number = item.get("id")
            own_id = number if isinstance(number, int) else 0
            found.append(Holder(item.get(name), own_id, str(item.get(ERC) or "")))
    except RequestError:
        return None
    return found


def items_with(
    installation: Installation,
    entity_type: EntityType,
    name: str,
    values: Collection[str | int],
    query: Query,
) -> Iterator[Item]:
    """Yield the entries whose field holds one of some values.

    Args:
        installation: It is only asked.
        entity_type: Of the entries.
        name: The field's.
        values: Texts or numbers.
        query: With the fields and the site that are wanted, and no filter.

    Raises:
        RequestError: The installation cannot filter by the field.
        InstallationError: It does not answer.
    """
    for some in _pieces(values):
        asked = replace(query, filter=f"{name} in ({','.join(some)})")
        yield from installation.read(entity_type, asked)


def _pieces(values: Collection[str | int]) -> Iterator[list[str]]:
    """Write the values as filters do, as many at a time as a line may hold."""
    piece: list[str] = []
    size = 0
    for value in values:
        told = str(value)
        text = "'" + told.replace("'", "''") + "'" if isinstance(value, str) else told
        if piece and size + len(text) > _MOST_CHARS:
            yield piece
            piece, size = [], 0
        piece.append(text)
        size += len(text) + 1
    if piece:
        yield piece
