"""What an overwritten document loses, with the number of entries that hold a value.

Imports, packages and migrations all ask before a field, a relationship or a picklist
key goes, and say what goes with it. The numbers are asked of the target: one count
request for each part, and the entries themselves only where no filter can count them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from operator import length_hint
from typing import Any, Final

from ..errors import InstallationError, RequestError
from ..model.entity_type import EntityType, object_type_name
from ..model.merge_choices import MergeChoices
from ..model.strategies import ImportStrategy, Policy, UpdateStrategy
from ..objects.comparison.differences import Deletion, find_deletions
from ..objects.comparison.merging import merge_into
from ..objects.documents.change_set import DEFINITION, PICKLIST, Body, StoredDocument
from ..objects.documents.definition_fields import PICKLIST_TYPES
from ..objects.documents.document_kind import check_shape
from ..objects.documents.kinds import KINDS_BY_NAME
from ..objects.names import ERC
from ..ports import Installation, Query
from .installation_access import find_entity_type

ALLOW_HINT: Final = "Allow it (--allow-deletions)"
LOSS_STARTS: Final = ("Overwriting deletes ", "Overwriting empties ")
"""How the notes begin that say what is deleted, or emptied, and has to be allowed."""

_MANY_TO_MANY: Final = "manyToMany"
_MULTISELECT: Final = "MultiselectPicklist"


def may_delete(policy: Policy) -> bool:
    """Return True if the strategies may remove parts of stored documents."""
    if policy.import_strategy is ImportStrategy.INSERT:
        return False
    return policy.update_strategy is UpdateStrategy.UPDATE or bool(policy.merge.only)


def document_deletions(
    kind: str, item: Body, stored: StoredDocument | None, choices: MergeChoices | None
) -> Iterator[Deletion]:
    """Yield what an item removes from a stored document.

    Args:
        kind: The name of the item's kind of documents.
        item: The item. One that the rules refuse removes nothing.
        stored: The document of its external reference code, or None.
        choices: The differences that a merge accepts; None where the item overwrites.
    """
    if stored is None or stored.is_placeholder:
        return
    if check_shape(item, KINDS_BY_NAME[kind].shape):
        return
    merged = item if choices is None else merge_into(kind, item, stored, choices)
    if merged is not None:
        yield from find_deletions(kind, merged, stored.body)


def format_deletions(deletions: Sequence[Deletion]) -> str:
    """Return what is deleted, in one sentence."""
    return (
        "Overwriting deletes what only the target has, with the values of its entries: "
        f"{'; '.join(deletion.text for deletion in deletions)}."
    )


def refused_deletions(deletions: Sequence[Deletion]) -> str:
    """Return the sentences with which a run is refused that may not delete."""
    return (
        f"{format_deletions(deletions)} {ALLOW_HINT}, choose "
        f"{UpdateStrategy.MERGE.label!r} to keep it, or leave the documents out."
    )


class ValueCounter:
    """Counts the entries of an installation that hold values of parts.

    Args:
        installation: The installation; it is only read.
        definitions: Its definitions, if they were read already.
    """

    def __init__(
        self, installation: Installation, definitions: Sequence[Body] | None = None
    ) -> None:
        self._installation = installation
        self._given = definitions
        self._types: list[EntityType] = installation.entity_types()

    def count_all(self, deletions: Iterable[Deletion]) -> list[Deletion]:
        """Return deletions with the number of values of each part."""
        return [
            replace(
                deletion,
                numbers=tuple(self.count(deletion, name) for name in deletion.names),
            )
            if deletion.holds_values
            else deletion
            for deletion in deletions
        ]

    def count(self, deletion: Deletion, name: str) -> int | None:
        """Return how many entries hold a value of a part; None if that is unknown."""
        try:
            if deletion.kind == PICKLIST:
                return self._count_key(deletion.key, name)
            if deletion.what == "relationships":
                return self._count_links(deletion, name)
            return self.count_field(deletion.name, name)
        except (InstallationError, RequestError):
            return None

    def count_field(self, definition: str, field: str) -> int | None:
        """Return how many entries of an object have a value in a field."""
        entity_type = self._entity_type(definition)
        if entity_type is None:
            return 0  # a draft has no entries
        types = {known.name: known.type for known in entity_type.fields}
        if types.get(field) in {"array", _MULTISELECT}:
            return self._count_read(entity_type, field)
        try:
            return self._count_filtered(entity_type, f"{field} ne null")
        except RequestError:
            return self._count_read(entity_type, field)

    def _count_links(self, deletion: Deletion, name: str) -> int | None:
        """Count the children that name a parent, or the entries with links."""
        owner = self._definition(deletion.key)
        for relationship in (owner or {}).get("objectRelationships") or ():
            if relationship.get("name") != name:
                continue
            if relationship.get("type") == _MANY_TO_MANY:
                return self.count_field(deletion.name, name)
            child = self._definition(
                relationship.get("objectDefinitionExternalReferenceCode2")
            )
            return self._count_children(child, f"r_{name}_")
        return None

    def _count_children(self, child: Body | None, prefix: str) -> int | None:
        for field in (child or {}).get("objectFields") or ():
            if child and str(field.get("name")).startswith(prefix):
                return self.count_field(str(child["name"]), str(field["name"]))
        return None

    def _count_key(self, picklist: str, key: str) -> int:
        total = 0
        for definition in self._definitions():
            entity_type = self._entity_type(definition.get("name"))
            for field in definition.get("objectFields") or ():
                if entity_type is None or not _uses(field, picklist):
                    continue
                name, text = field["name"], key.replace("'", "''")
                is_list = field.get("businessType") == _MULTISELECT
                expression = f"{name} eq '{text}'"
                if is_list:
                    expression = f"{name}/any(x:x eq '{text}')"
                total += self._count_filtered(entity_type, expression)
        return total

    def _count_filtered(self, entity_type: EntityType, expression: str) -> int:
        query = Query(fields=(ERC,), filter=expression)
        items = self._installation.read(entity_type, query)
        return length_hint(items) or sum(1 for _ in items)

    def _count_read(self, entity_type: EntityType, field: str) -> int:
        items = self._installation.read(entity_type, Query(fields=(ERC, field)))
        return sum(bool(item.get(field)) for item in items)

    def _entity_type(self, definition: object) -> EntityType | None:
        name = object_type_name(definition)
        return next((known for known in self._types if known.name == name), None)

    def _definition(self, erc: object) -> Body | None:
        return next((x for x in self._definitions() if x.get(ERC) == erc), None)

    def _definitions(self) -> Sequence[Body]:
        if self._given is None:
            kind = find_entity_type(self._types, DEFINITION)
            self._given = list(self._installation.read(kind, Query()))
        return self._given


def _uses(field: Mapping[str, Any], picklist: str) -> bool:
    code = field.get("listTypeDefinitionExternalReferenceCode")
    return code == picklist and field.get("businessType") in PICKLIST_TYPES
