"""The rules of a definition's entries, compiled from what an installation gives out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from os import urandom
from typing import Any

from ...errors import UnknownName
from ...model.entity_type import EntityType
from ...objects.documents.change_set import DEFINITION, PICKLIST
from ...objects.documents.evaluation import parse_stored_document
from ...objects.entries.rule_compiler import compile_entry_rules
from ...objects.entries.validation import EntryRules
from ...objects.errors.entry_problems import ERC
from ...objects.fields.encrypted import SEALED, SecretLocation
from ...objects.fields.many_to_many import (
    ManyToManyRelationship,
    declared_relationships,
)
from ...objects.fields.picklist import Choices
from ...objects.fields.relationship import ParentDefinition
from ...ports import Installation, Item, Query
from ..installation_access import find_entity_type


@dataclass(frozen=True, slots=True)
class CompiledRules:
    """Rules, and where to ask for entries that an entry may name.

    Attributes:
        rules: Of the definition's entries.
        types: The entity types of parents and of the other sides of many-to-many
            relationships, by the id of their definition. A definition that is not
            published has none, and no entries.
    """

    rules: EntryRules
    types: Mapping[int, EntityType]


def compile_rules(
    installation: Installation,
    entity_types: Sequence[EntityType],
    entity_type: EntityType,
) -> CompiledRules:
    """Compile the rules of an entity type's definition.

    Raises:
        UnknownName: The definition is not there.
        InstallationError: The installation does not answer.
    """
    definitions = find_entity_type(entity_types, DEFINITION)
    known = _read_definitions(installation, definitions)
    own = _own_erc(known, entity_type.name)
    item = installation.fetch(definitions, [own])[own]
    body = parse_stored_document(DEFINITION, item).body
    fields = body["objectFields"]
    rules = compile_entry_rules(
        _item_id(item),
        body,
        _read_picklists(installation, find_entity_type(entity_types, PICKLIST), fields),
        {
            erc: _make_parent(known[erc])
            for erc in _referenced_codes(
                fields, "objectDefinitionExternalReferenceCode1"
            )
            if erc in known
        },
    )
    named = {entity_type.name: entity_type for entity_type in entity_types}
    types = {_item_id(each): named.get(_entity_name(each)) for each in known.values()}
    return CompiledRules(
        replace(
            rules,
            vault=_FingerprintVault(),
            many=tuple(_compile_many_links(known, own)),
        ),
        {number: found for number, found in types.items() if found is not None},
    )


class _FingerprintVault:
    """A vault in which equal texts look alike, and which nothing comes out of.

    A preview has no key and needs none: it only tells whether a value changes.
    """

    def __init__(self) -> None:
        self._key = urandom(32)

    def fault(self) -> str:
        """Nothing stands in the way."""
        return ""

    def seal(self, text: str, _place: SecretLocation, /) -> str:
        """Return what stands for *text*."""
        return SEALED + blake2b(text.encode(), key=self._key).hexdigest()

    def opened(self, _sealed: str, _place: SecretLocation, /) -> str | None:
        """Return a text that no secret is: blank ones are never sealed."""
        return ""

    def reveal(self, _sealed: str, _place: SecretLocation, /) -> str:
        """Return the same."""
        return ""


def _read_definitions(
    installation: Installation, definitions: EntityType
) -> dict[str, Item]:
    """Read by ERC what rules need to know of other definitions."""
    query = Query(fields=(ERC, "id", "name", "objectRelationships", "scope"))
    return {str(e.get(ERC)): e for e in installation.read(definitions, query)}


def _own_erc(known: Mapping[str, Item], name: str) -> str:
    for erc, item in known.items():
        if _entity_name(item) == name:
            return erc
    kind = "object definition"
    names = sorted(_entity_name(each).removeprefix("C_") for each in known.values())
    raise UnknownName(kind, name.removeprefix("C_"), tuple(names))


def _compile_many_links(
    known: Mapping[str, Item], own: str
) -> Iterator[ManyToManyRelationship]:
    """Compile the many-to-many relationships of a definition, from both sides."""
    sides = [(name, other, False) for name, other in declared_relationships(known[own])]
    sides += [
        (name, owner, True)
        for owner, body in known.items()
        for name, other in declared_relationships(body)
        if other == own != owner
    ]
    for name, other, reverse in sides:
        if other in known:
            yield ManyToManyRelationship(
                name=name,
                other=_make_parent(known[other]),
                other_name=_entity_name(known[other]).removeprefix("C_"),
                reverse=reverse,
                own_side=other == own,
            )


def _read_picklists(
    installation: Installation, picklists: EntityType, fields: Iterable[Item]
) -> dict[str, Choices]:
    """Return the entries of picklists.

    Of one that was only named so far any key passes, because a preview would rather
    miss a fault than make one up.
    """
    codes = _referenced_codes(fields, "listTypeDefinitionExternalReferenceCode")
    found = installation.fetch(picklists, codes) if codes else {}
    unknown = Choices(is_known=False)
    return {
        erc: Choices.of_picklist(found[erc]) if erc in found else unknown
        for erc in codes
    }


def _make_parent(definition: Item) -> ParentDefinition:
    scope = definition.get("scope") or "company"
    return ParentDefinition(id=_item_id(definition), company_scoped=scope == "company")


def _referenced_codes(fields: Iterable[Mapping[str, Any]], key: str) -> list[str]:
    return sorted({field[key] for field in fields if field.get(key)})


def _entity_name(definition: Item) -> str:
    return f"C_{str(definition.get('name') or '').removeprefix('C_')}"


def _item_id(item: Item) -> int:
    number = item.get("id")
    return number if isinstance(number, int) else 0
