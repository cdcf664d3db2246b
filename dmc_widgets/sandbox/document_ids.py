"""References by id in what a client sends, which mean something in this server.

Liferay's documentation names picklists and definitions by the ids that earlier answers
gave. The rules know codes only, because ids do not travel between installations; here
an id becomes the code that belongs to it. One that belongs to nothing stays, and the
rules refuse it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final, NamedTuple

from ..installations.sql import SandboxInstallation
from ..model.entity_type import EntityType
from ..objects.documents.change_set import DEFINITION, FOLDER, PICKLIST
from ..objects.documents.kinds import build_document_entity_types
from ..objects.parts.part_kinds import FIELD, RELATIONSHIP, PartKind
from ..ports import Item

_TYPES: Final[Mapping[str, EntityType]] = {
    entity_type.name: entity_type for entity_type in build_document_entity_types()
}


_MAX_ID: Final = 2**63 - 1
"""No database has greater ids, nor takes them in a query."""


class _Reference(NamedTuple):
    """A property that holds an id, the kind of the document, and that of its code."""

    id_name: str
    document: str
    code_name: str


_REFERENCES: Final[Mapping[str, _Reference]] = {
    FIELD.name: _Reference(
        "listTypeDefinitionId", PICKLIST, "listTypeDefinitionExternalReferenceCode"
    ),
    RELATIONSHIP.name: _Reference(
        "objectDefinitionId2", DEFINITION, "objectDefinitionExternalReferenceCode2"
    ),
}


def resolve_document_ids(
    installation: SandboxInstallation, kind: str, item: Item
) -> Item:
    """Return a document with codes for what its parts name by id alone.

    Args:
        installation: The installation that the ids belong to.
        kind: The name of the document's kind.
        item: The document as the client sent it; its values may have any type.
    """
    resolve = partial(resolve_document_ids, installation, DEFINITION)
    if kind == FOLDER:
        return _change_list(
            item,
            "objectFolderItems",
            lambda listed: _change_object(listed, "objectDefinition", resolve),
        )
    if kind == DEFINITION:
        for part_kind in (FIELD, RELATIONSHIP):
            change = partial(resolve_part_ids, installation, part_kind)
            item = _change_list(item, part_kind.array, change)
    return item


def resolve_part_ids(
    installation: SandboxInstallation, kind: PartKind, part: Item
) -> Item:
    """Return a part with the code of the document that it names by id alone."""
    reference = _REFERENCES.get(kind.name)
    number = find_lone_id(kind, part)
    if reference is None or number is None:
        return part
    location = installation.locate(_TYPES[reference.document], number)
    return part if location is None else {**part, reference.code_name: location.key}


def find_lone_id(kind: PartKind, part: Item) -> int | None:
    """Return the id by which a part names a document; None if it states a code."""
    reference = _REFERENCES.get(kind.name)
    if reference is None or part.get(reference.code_name):
        return None
    number = part.get(reference.id_name)
    if not isinstance(number, int) or isinstance(number, bool):
        return None
    return number if 0 < number <= _MAX_ID else None


def named_kind(kind: PartKind) -> str:
    """Return the kind of the documents that a part of this kind names by id."""
    return _REFERENCES[kind.name].document


def _change_list(item: Item, name: str, change: Callable[[Item], Item]) -> Item:
    elements = item.get(name)
    if not isinstance(elements, list):
        return item
    changed = [change(x) if isinstance(x, dict) else x for x in elements]
    return {**item, name: changed}


def _change_object(item: Item, name: str, change: Callable[[Item], Item]) -> Item:
    value = item.get(name)
    return {**item, name: change(value)} if isinstance(value, dict) else item
