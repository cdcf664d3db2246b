"""The rules of a definition's entries, as the database states them at the moment."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import Connection, Select, bindparam, select

from ...errors import NotSupported, UnknownName
from ...model.entity_type import (
    ChildRelationship,
    EntityType,
    object_short_name,
    object_type_name,
)
from ...objects.documents.change_set import APPROVED, DEFINITION
from ...objects.entries.rule_sources import (
    RuleSources,
    SourceDocument,
    compile_rule_sources,
    read_rule_sources,
)
from ...objects.entries.typed_entries import TypedEntries
from ...objects.entries.validation import EntryRules
from ...objects.fields.encrypted import Vault
from ...objects.fields.many_to_many import ManyToManyRelationship
from ...objects.fields.relationship import ParentRelationship
from ...objects.filters.filter_fields import Relationship
from .database.dialect import Dialect
from .database.tables import document
from .many_to_many import find_reverse_links

_DOCUMENTS: Final = select(document.c.id, document.c.erc, document.c.body)
_PUBLISHED: Final = _DOCUMENTS.where(
    document.c.kind == DEFINITION,
    document.c.name == bindparam("own_name"),
    document.c.status == APPROVED,
)


class RulesCache:
    """Compiles rules once, and again only when their sources have changed.

    Another process may change a definition or a picklist between two batches, so
    every batch reads the sources. That is a few small queries; compiling is more.
    A time stamp in place of the sources was turned down: two changes may fall
    within one of its ticks.

    Args:
        dialect: The dialect of the database.
        vault: Seals the values of Encrypted fields.
    """

    def __init__(self, dialect: Dialect, vault: Vault) -> None:
        self._vault = vault
        self._dialect = dialect
        self._of_kind = (
            _DOCUMENTS.where(document.c.kind == bindparam("own_kind"))
            .where(dialect.any_of(document.c.erc))
            .order_by(document.c.id)
        )
        self._compiled: dict[tuple[str, bool], tuple[RuleSources, EntryRules]] = {}
        self._typed: dict[int, tuple[EntryRules, TypedEntries | None]] = {}

    def rules(
        self,
        connection: Connection,
        entity_type: EntityType,
        *,
        lazy_references: bool = False,
    ) -> EntryRules:
        """Return the rules of the entity type's definition.

        Args:
            connection: A connection for reading.
            entity_type: The entity type of the entries.
            lazy_references: Entries may hold keys that their picklists do not have.

        Raises:
            UnknownName: No published definition has that name.
        """
        name = entity_type.short_name
        return self.rules_of_name(connection, name, lazy_references=lazy_references)

    def typed(self, rules: EntryRules) -> TypedEntries | None:
        """Return the typed entries of a definition; None if it has none.

        They are compiled when entries are written for the first time.
        """
        known = self._typed.get(rules.definition_id)
        if known is None or known[0] is not rules:
            known = (rules, TypedEntries.compile(rules))
            self._typed[rules.definition_id] = known
        return known[1]

    def known_typed(self, entity_type: EntityType) -> TypedEntries | None:
        """Return the typed entries of the last batch of a definition, if there are any.

        The definition may have been changed since.
        """
        known = self._compiled.get((entity_type.short_name, False))
        typed = self._typed.get(known[1].definition_id) if known else None
        return typed[1] if known and typed and typed[0] is known[1] else None

    def related_rules(
        self, connection: Connection, relationship: Relationship
    ) -> EntryRules:
        """Return the rules of the entries that a relationship leads to.

        Raises:
            NotSupported: Their definition is not published.
        """
        if isinstance(relationship, ChildRelationship):
            name = object_short_name(relationship.child)
        elif isinstance(relationship, ManyToManyRelationship):
            name = relationship.other_name
        else:
            name = _find_name(connection, relationship)
        try:
            return self.rules_of_name(connection, name)
        except UnknownName as exc:
            what = f"The relationship to {object_type_name(name)} cannot be used here:"
            instead = "the object is not published."
            raise NotSupported(what, instead) from exc

    def rules_of_name(
        self, connection: Connection, name: str, *, lazy_references: bool = False
    ) -> EntryRules:
        """Return the rules of the definition that has a short name.

        Raises:
            UnknownName: No published definition has that name.
        """
        sources = read_rule_sources(
            _TableReader(connection, self._dialect, self._of_kind), name
        )
        key = (name, lazy_references)
        known = self._compiled.get(key)
        if known is None or known[0] != sources:
            rules = compile_rule_sources(sources, lazy_references=lazy_references)
            known = (sources, replace(rules, vault=self._vault))
            self._compiled[key] = known
        return known[1]


class _TableReader:
    """A :class:`~...objects.entries.rule_sources.RuleSourceReader` of the tables.

    Bodies stay bytes: comparing them is cheaper than reading them.
    """

    def __init__(
        self, connection: Connection, dialect: Dialect, of_kind: Select[Any]
    ) -> None:
        self._connection = connection
        self._dialect = dialect
        self._of_kind = of_kind

    def find_definition(self, name: str) -> SourceDocument:
        """Return a published definition."""
        query = self._connection.execute(_PUBLISHED, {"own_name": name})
        row = query.one_or_none()
        if row is None:
            kind = "entity type"
            raise UnknownName(
                kind, object_type_name(name), _published_names(self._connection)
            )
        return SourceDocument(row.id, row.erc, row.body)

    def read_documents(self, kind: str, ercs: Collection[str]) -> list[SourceDocument]:
        """Return documents, including placeholders, oldest first."""
        values = {"own_kind": kind, "keys": self._dialect.keys(ercs)}
        rows = self._connection.execute(self._of_kind, values)
        return [SourceDocument(row.id, row.erc, row.body) for row in rows]

    def find_reverse_links(self, erc: str) -> list[tuple[str, str]]:
        """Return the many-to-many relationships that are declared to a definition."""
        return find_reverse_links(self._connection, erc)


def _find_name(connection: Connection, link: ParentRelationship) -> str:
    """Return the name of a parent's definition, which the relationship knows by id."""
    number = link.parent.id if link.parent is not None else 0
    query = select(document.c.name).where(document.c.id == number)
    return str(connection.execute(query).scalar() or link.nested_name)


def _published_names(connection: Connection) -> tuple[str, ...]:
    query = (
        select(document.c.name)
        .where(document.c.kind == DEFINITION, document.c.status == APPROVED)
        .order_by(document.c.name)
    )
    return tuple(object_type_name(name) for name in connection.scalars(query))
