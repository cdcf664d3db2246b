"""The rules of a definition's entries, as the database holds them at this moment."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Final

import orjson
from sqlalchemy import Connection, bindparam, select

from ...errors import UnknownName
from ...model.entity_type import EntityType
from ...objects.documents.change_set import APPROVED, DEFINITION, PICKLIST
from ...objects.entries.rule_compiler import compile_entry_rules
from ...objects.entries.validation import EntryRules
from ...objects.fields.aggregation import (
    AggregatedDefinition,
    find_aggregated_definitions,
)
from ...objects.fields.encrypted import Vault
from ...objects.fields.picklist import Choices
from ...objects.fields.relationship import ParentDefinition
from .database.engine import Dialect
from .database.tables import document
from .many_to_many import LinkSource, link_sources, many_links

_DOCUMENTS: Final = select(document.c.id, document.c.erc, document.c.body)
_PUBLISHED: Final = _DOCUMENTS.where(
    document.c.kind == DEFINITION,
    document.c.name == bindparam("own_name"),
    document.c.status == APPROVED,
)


@dataclass(frozen=True, slots=True)
class _Sources:
    """The bytes that rules are made of: equal sources make equal rules."""

    definition_id: int
    body: bytes
    picklists: tuple[tuple[str, bytes], ...]
    parents: tuple[tuple[int, str, bytes], ...]
    children: tuple[tuple[int, str, bytes], ...]
    links: tuple[LinkSource, ...]


class RulesCache:
    """Compile rules once and again only when what they are made of has changed.

    Another process may change a definition or a picklist between two batches, so
    every batch reads the sources. That is a few small queries; compiling is more.
    A time stamp in place of the sources was turned down: two changes may fall
    within one of its ticks.

    Args:
        dialect: Of the database.
        vault: Seals the values of Encrypted fields.
    """

    def __init__(self, dialect: Dialect, vault: Vault) -> None:
        self._vault = vault
        self._dialect = dialect
        self._compiled: dict[str, tuple[_Sources, EntryRules]] = {}

    def rules(self, connection: Connection, entity_type: EntityType) -> EntryRules:
        """Return the rules of the entity type's definition.

        Raises:
            UnknownName: There is no published definition of that name.
        """
        name = entity_type.name.removeprefix("C_")
        sources = self._sources(connection, name)
        known = self._compiled.get(name)
        if known is None or known[0] != sources:
            known = (sources, replace(_compiled(sources), vault=self._vault))
            self._compiled[name] = known
        return known[1]

    def _sources(self, connection: Connection, name: str) -> _Sources:
        found = connection.execute(_PUBLISHED, {"own_name": name}).one_or_none()
        if found is None:
            kind = "entity type"
            raise UnknownName(kind, f"C_{name}", _published(connection))
        body = orjson.loads(found.body)
        fields = body.get("objectFields") or ()
        picklists = _named(fields, "listTypeDefinitionExternalReferenceCode")
        parents = _named(fields, "objectDefinitionExternalReferenceCode1")
        return _Sources(
            found.id,
            found.body,
            tuple(
                (erc, body)
                for _, erc, body in self._documents(connection, PICKLIST, picklists)
            ),
            tuple(self._documents(connection, DEFINITION, parents)),
            tuple(
                self._documents(
                    connection, DEFINITION, find_aggregated_definitions(body)
                )
            ),
            link_sources(connection, found.erc, body),
        )

    def _documents(
        self, connection: Connection, kind: str, codes: set[str]
    ) -> list[tuple[int, str, bytes]]:
        if not codes:
            return []
        query = (
            _DOCUMENTS.where(document.c.kind == kind)
            .where(self._dialect.any_of(document.c.erc))
            .order_by(document.c.id)
        )
        found = connection.execute(query, {"keys": self._dialect.keys(codes)})
        return [(each.id, each.erc, each.body) for each in found]


def _named(fields: Iterable[dict[str, Any]], key: str) -> set[str]:
    return {field[key] for field in fields if field.get(key)}


def _published(connection: Connection) -> tuple[str, ...]:
    query = (
        select(document.c.name)
        .where(document.c.kind == DEFINITION, document.c.status == APPROVED)
        .order_by(document.c.name)
    )
    return tuple(f"C_{name}" for name in connection.scalars(query))


def _compiled(sources: _Sources) -> EntryRules:
    picklists = {
        erc: Choices.of_picklist(orjson.loads(body)) for erc, body in sources.picklists
    }
    parents = {
        erc: ParentDefinition(id=parent_id, company_scoped=_is_company_scoped(body))
        for parent_id, erc, body in sources.parents
    }
    children = {
        erc: AggregatedDefinition.of(child_id, orjson.loads(body))
        for child_id, erc, body in sources.children
    }
    body = orjson.loads(sources.body)
    rules = compile_entry_rules(
        sources.definition_id, body, picklists, parents, children
    )
    return replace(rules, many=many_links(sources.definition_id, sources.links))


def _is_company_scoped(body: bytes) -> bool:
    return (orjson.loads(body).get("scope") or "company") == "company"
