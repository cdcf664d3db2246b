"""Notes on what an import takes otherwise than a definition states it.

Liferay does so without a message. A person should know, because entries lose the values
of a field that is not made, and fields that are not unique take equal values.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ..fields.field_rules import is_true
from ..names import ERC
from ..parts.part_changes import find_parent
from ..parts.part_kinds import FIELD
from .change_set import DEFINITION, FOLDER, SYSTEM_PREFIX, Body
from .definition_fields import derive_unique, is_relationship, list_objects
from .folders import select_written_definitions
from .relationship_sync import is_taken_as_it_is

_PARENT: Final = "objectDefinitionExternalReferenceCode1"
_CHILD: Final = "objectDefinitionExternalReferenceCode2"


def list_parent_codes(kind: str, item: Body, key: str) -> set[str]:
    """Return the codes of the definitions that the fields of an item come from.

    Args:
        kind: The name of the item's kind.
        item: An item that was written.
        key: The external reference code under which it was written.
    """
    return {
        field[_PARENT]
        for definition, erc in _definitions(kind, item, key)
        for field in _foreign_fields(definition, erc)
    }


def describe_definitions(
    kind: str, item: Body, key: str, parents: Mapping[str, Mapping[str, Any]]
) -> Iterator[str]:
    """Yield a note on each relationship or field that becomes another than was stated.

    Args:
        kind: The name of the item's kind.
        item: An item that was written.
        key: The external reference code under which it was written.
        parents: Definitions as the installation gives them out, by code.
    """
    for definition, erc in _definitions(kind, item, key):
        name = str(definition.get("name") or erc)
        for field in _foreign_fields(definition, erc):
            parent = parents.get(field[_PARENT], {})
            for relationship in list_objects(parent.get("objectRelationships")):
                if is_taken_as_it_is(relationship, erc, field):
                    yield _describe_taken(name, erc, field, parent, relationship)
        for relationship in list_objects(definition.get("objectRelationships")):
            stated = relationship.get(_PARENT)
            if stated and stated != erc and not is_true(relationship.get("reverse")):
                yield _describe_owner(name, erc, relationship)
        yield from _describe_unique(name, definition)


def _definitions(kind: str, item: Body, key: str) -> Iterator[tuple[Body, str]]:
    """Yield the definitions that an item writes, whole or in part, with their codes."""
    if kind == DEFINITION:
        yield item, key
    elif kind == FOLDER:
        for definition in select_written_definitions(item):
            yield definition, str(definition.get(ERC) or "")
    elif kind == FIELD.name:
        owner = find_parent(FIELD, item)
        yield {"name": owner, FIELD.array: [item]}, owner


def _foreign_fields(definition: Body, erc: str) -> Iterator[Body]:
    """Yield the Relationship fields that come from another custom definition."""
    for field in list_objects(definition.get("objectFields")):
        parent = field.get(_PARENT)
        if not is_relationship(field) or not isinstance(parent, str):
            continue
        if parent and parent != erc and not parent.startswith(SYSTEM_PREFIX):
            yield field


def _describe_taken(
    name: str,
    erc: str,
    field: Body,
    parent: Mapping[str, Any],
    relationship: Mapping[str, Any],
) -> str:
    code, other = relationship.get(ERC), relationship.get(_CHILD)
    return (
        f"{DEFINITION} {name}: {code} leads to {other}, not to {erc}. This "
        f"relationship of {parent.get('name')} is taken as it is, as in Liferay, so "
        f"{name} has no field {field.get('name')}."
    )


def _describe_owner(name: str, erc: str, relationship: Body) -> str:
    target = relationship.get(_CHILD)
    other = f"{name} to itself" if target == erc else f"{name} to {target}"
    return (
        f"{DEFINITION} {name}: the relationship {relationship.get('name')} is stated "
        f"to come from {relationship.get(_PARENT)}. It becomes one of {other}, as in "
        "Liferay: a relationship comes from the definition that lists it."
    )


def _describe_unique(name: str, definition: Body) -> Iterator[str]:
    names = [
        str(field.get("name"))
        for field in list_objects(definition.get("objectFields"))
        if is_true(field.get("unique")) and not derive_unique(field)["unique"]
    ]
    if names:
        yield (
            f"{DEFINITION} {name}: fields that are stated to be unique, without the "
            f"setting uniqueValues that makes them so: {', '.join(names)}. They take "
            "equal values, as in Liferay."
        )
