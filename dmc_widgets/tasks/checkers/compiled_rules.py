"""The rules of a definition's entries, compiled from what an installation returns."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import blake2b
from os import urandom

from ...errors import UnknownName
from ...model.entity_type import EntityType, object_short_name, object_type_name
from ...objects.documents.change_set import DEFINITION, PICKLIST
from ...objects.documents.kinds import parse_stored_document
from ...objects.entries.rule_sources import (
    SourceDocument,
    compile_rule_sources,
    read_rule_sources,
)
from ...objects.entries.validation import EntryRules
from ...objects.fields.encrypted import SEALED, SecretLocation
from ...objects.fields.many_to_many import declared_relationships
from ...objects.names import ERC
from ...ports import Installation, Item, Query
from ..installation_access import find_entity_type


@dataclass(frozen=True, slots=True)
class CompiledRules:
    """Rules, and where to ask for the entries that an entry may name.

    Attributes:
        rules: The rules of the definition's entries.
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
    *,
    lazy_references: bool = False,
) -> CompiledRules:
    """Compile the rules of an entity type's definition.

    Args:
        installation: The installation that has the definition.
        entity_types: All its entity types.
        entity_type: The entity type of the entries.
        lazy_references: Entries may hold keys that their picklists do not have yet.

    Raises:
        UnknownName: The definition does not exist.
        InstallationError: The installation does not answer.
    """
    reader = _InstallationReader(installation, entity_types)
    sources = read_rule_sources(reader, entity_type.short_name)
    rules = compile_rule_sources(sources, lazy_references=lazy_references)
    rules = replace(rules, vault=_FingerprintVault())
    return CompiledRules(rules, reader.types_by_definition())


class _InstallationReader:
    """A :class:`~dmc_widgets.objects.entries.rule_sources.RuleSourceReader`.

    Of definitions other than the one that rules are compiled for, only what their
    relationships say is read; the installation may hold hundreds.
    """

    def __init__(
        self, installation: Installation, entity_types: Sequence[EntityType]
    ) -> None:
        self._installation = installation
        self._entity_types = entity_types

    def find_definition(self, name: str) -> SourceDocument:
        """Return the definition with a name, as installations store it."""
        ercs = [erc for erc, item in self._known.items() if _short_name(item) == name]
        if not ercs:
            kind = "object definition"
            names = sorted(map(_short_name, self._known.values()))
            raise UnknownName(kind, name, tuple(names))
        definitions = find_entity_type(self._entity_types, DEFINITION)
        item = self._installation.fetch(definitions, ercs[:1])[ercs[0]]
        body = parse_stored_document(DEFINITION, item).body
        return SourceDocument(_item_id(item), ercs[0], body)

    def read_documents(self, kind: str, ercs: Collection[str]) -> list[SourceDocument]:
        """Return documents; a picklist that definitions only name is not there."""
        if kind == PICKLIST:
            entity_type = find_entity_type(self._entity_types, kind)
            items = self._installation.fetch(entity_type, sorted(ercs))
        else:
            items = {erc: self._known[erc] for erc in ercs if erc in self._known}
        return [
            SourceDocument(_item_id(items[erc]), erc, items[erc])
            for erc in sorted(items)
        ]

    def find_reverse_links(self, erc: str) -> list[tuple[str, str]]:
        """Return who declares a many-to-many relationship to a definition."""
        return [
            (owner, name)
            for owner, item in self._known.items()
            for name, other in declared_relationships(item)
            if other == erc
        ]

    def types_by_definition(self) -> dict[int, EntityType]:
        """Return the entity types of published definitions, by the definition's id."""
        types = {entity_type.name: entity_type for entity_type in self._entity_types}
        named = {
            _item_id(x): object_type_name(_short_name(x)) for x in self._known.values()
        }
        return {number: types[name] for number, name in named.items() if name in types}

    @cached_property
    def _known(self) -> dict[str, Item]:
        """The relationships, names and scopes of all definitions, by ERC."""
        definitions = find_entity_type(self._entity_types, DEFINITION)
        query = Query(fields=(ERC, "id", "name", "objectRelationships", "scope"))
        items = self._installation.read(definitions, query)
        return {str(item.get(ERC)): item for item in items}


class _FingerprintVault:
    """A vault that seals equal texts alike, and returns none of them.

    A preview has no key and needs none: it only finds out whether a value changes.
    """

    def __init__(self) -> None:
        self._key = urandom(32)

    def fault(self) -> str:
        """Return no reason why values could not be sealed."""
        return ""

    def seal(self, text: str, _place: SecretLocation, /) -> str:
        """Return a fingerprint of *text*."""
        return SEALED + blake2b(text.encode(), key=self._key).hexdigest()

    def unseal(self, _sealed: str, _place: SecretLocation, /) -> str | None:
        """Return a text that no secret is: blank ones are never sealed."""
        return ""

    def reveal(self, _sealed: str, _place: SecretLocation, /) -> str:
        """Return a text that no secret is."""
        return ""


def _short_name(definition: Item) -> str:
    return object_short_name(definition.get("name"))


def _item_id(item: Item) -> int:
    number = item.get("id")
    return number if isinstance(number, int) else 0
