"""The entries that an entry is related to, and how to read them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from ...model.entity_type import EntityType, Field, simple_name
from ...model.representation import ValueDisplay
from ...objects.names import ERC
from ...ports import Item

_CODE_ENDING: Final = "ERC"
_LINK_START: Final = "r_"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class EntryLink(ValueDisplay):
    """A way from an entry to related ones.

    Attributes:
        kind: ``parent``, ``children`` or ``linked`` (many to many).
        relationship: The name of the relationship.
        entity: The name of the entity type of the related entries.
        codes: Their external reference codes; empty for children, which are found by
            the filter.
        filter: An OData expression that finds them.
    """

    kind: Literal["parent", "children", "linked"]
    relationship: str
    entity: str
    codes: tuple[str, ...] = ()
    filter: str = ""


def find_entry_links(entity_type: EntityType, item: Item) -> tuple[EntryLink, ...]:
    """Return the links of an item: its parents, its children, and what it is linked to.

    Args:
        entity_type: The entity type of the item.
        item: The item with all its fields.
    """
    return (
        *_find_parents(entity_type, item),
        *_find_linked(entity_type, item),
        *_find_children(entity_type, item),
    )


def code_filter(codes: tuple[str, ...]) -> str:
    """Return the filter that finds the entries with some external reference codes."""
    literals = [_literal(code) for code in codes]
    if len(literals) == 1:
        return f"{ERC} eq {literals[0]}"
    return f"{ERC} in ({','.join(literals)})"


def _find_parents(entity_type: EntityType, item: Item) -> Iterator[EntryLink]:
    for field in entity_type.fields:
        code = item.get(field.name)
        if _names_parent(field) and isinstance(code, str) and code:
            yield EntryLink(
                kind="parent",
                relationship=field.name.removeprefix(_LINK_START).partition("_")[0],
                entity=simple_name(field.parent),
                codes=(code,),
                filter=code_filter((code,)),
            )


def _names_parent(field: Field) -> bool:
    """Return True for the one of a relationship's fields that holds the code."""
    is_code = field.name.startswith(_LINK_START) and field.name.endswith(_CODE_ENDING)
    return bool(field.parent) and is_code


def _find_linked(entity_type: EntityType, item: Item) -> Iterator[EntryLink]:
    for field in entity_type.fields:
        if not field.linked or not isinstance(item.get(field.name), list):
            continue
        codes = tuple(filter(None, map(_code_of, item[field.name])))
        if codes:
            yield EntryLink(
                kind="linked",
                relationship=field.name,
                entity=simple_name(field.linked),
                codes=codes,
                filter=code_filter(codes),
            )


def _find_children(entity_type: EntityType, item: Item) -> Iterator[EntryLink]:
    code = item.get(ERC)
    if not isinstance(code, str) or not code:
        return
    for child in entity_type.children:
        yield EntryLink(
            kind="children",
            relationship=child.name,
            entity=child.child,
            filter=f"{child.parent_code} eq {_literal(code)}",
        )


def _code_of(value: Any) -> str:
    code = value.get(ERC) if isinstance(value, Mapping) else value
    return code if isinstance(code, str) else ""


def _literal(text: str) -> str:
    escaped = text.replace("'", "''")
    return f"'{escaped}'"
