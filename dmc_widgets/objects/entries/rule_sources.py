"""The documents that the rules of a definition's entries are compiled from.

Rules take more than the definition: the picklists of its fields, and the definitions of
parents, of aggregated children and of the other sides of many-to-many relationships.
An embedded database reads them from its tables, a preview asks an installation for
them. Which ones are needed, and what rules they make, is decided here for both.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final, NamedTuple, Protocol

import orjson

from ...model.entity_type import object_short_name
from ..documents.change_set import DEFINITION, PICKLIST, Body
from ..fields.aggregation import AggregatedDefinition, find_aggregated_definitions
from ..fields.many_to_many import ManyToManyRelationship, declared_relationships
from ..fields.picklist import Choices
from ..fields.relationship import ParentDefinition
from .rule_compiler import compile_entry_rules
from .validation import EntryRules

_KNOWN_BODIES: Final = 64
_PICKLIST_OF_FIELD: Final = "listTypeDefinitionExternalReferenceCode"
_PARENT_OF_FIELD: Final = "objectDefinitionExternalReferenceCode1"


class SourceDocument(NamedTuple):
    """A definition or a picklist as a reader holds it.

    Attributes:
        id: The document's id in the installation.
        erc: The document's external reference code.
        body: The document; as bytes where a reader compares bodies to find out
            whether rules are out of date.
    """

    id: int
    erc: str
    body: bytes | Body

    def load(self) -> Body:
        """Return the body as a dictionary."""
        if isinstance(self.body, bytes):
            body: Body = orjson.loads(self.body)
            return body
        return self.body


class RuleSourceReader(Protocol):
    """Reads documents of one installation."""

    def find_definition(self, name: str) -> SourceDocument:
        """Return the definition with a short name.

        Raises:
            UnknownName: There is no such definition.
        """
        ...

    def read_documents(
        self, kind: str, ercs: Collection[str]
    ) -> Sequence[SourceDocument]:
        """Return the documents of a kind with these codes, in a stable order."""
        ...

    def find_reverse_links(self, erc: str) -> Sequence[tuple[str, str]]:
        """Return the many-to-many relationships that lead to the definition *erc*.

        Returns:
            The ERC of each definition that declares one, and the relationship's name.
        """
        ...


@dataclass(frozen=True, slots=True)
class RuleSources:
    """All that the rules of one definition's entries are made of.

    Equal sources make equal rules.

    Attributes:
        definition: The definition itself.
        picklists: The picklists of its fields.
        related: The definitions that its relationships lead to.
        reverse_links: By ERC of the declaring definition, the names of many-to-many
            relationships that other definitions declare to this one.
    """

    definition: SourceDocument
    picklists: tuple[SourceDocument, ...]
    related: tuple[SourceDocument, ...]
    reverse_links: tuple[tuple[str, str], ...]


def read_rule_sources(reader: RuleSourceReader, name: str) -> RuleSources:
    """Read what the rules of a definition's entries are compiled from.

    Args:
        reader: Reads the documents of an installation.
        name: The definition's name without ``C_``.

    Raises:
        UnknownName: There is no such definition.
    """
    definition = reader.find_definition(name)
    picklists, named = _references_of(definition.body)
    reverse_links = tuple(
        (erc, link)
        for erc, link in reader.find_reverse_links(definition.erc)
        if erc != definition.erc
    )
    related = named | {erc for erc, _ in reverse_links}
    return RuleSources(
        definition=definition,
        picklists=tuple(
            reader.read_documents(PICKLIST, picklists) if picklists else ()
        ),
        related=tuple(reader.read_documents(DEFINITION, related) if related else ()),
        reverse_links=reverse_links,
    )


class _References(NamedTuple):
    """The documents that a definition names by code.

    Attributes:
        picklists: The picklists of its fields.
        definitions: The definitions that its relationships lead to.
    """

    picklists: frozenset[str]
    definitions: frozenset[str]


def _references_of(body: bytes | Body) -> _References:
    if isinstance(body, bytes):
        return _find_references_in_text(body)
    return _find_references(body)


def _find_references(body: Body) -> _References:
    fields = body.get("objectFields") or ()
    named = _referenced_codes(fields, _PARENT_OF_FIELD)
    named |= find_aggregated_definitions(body)
    named |= {other for _, other in declared_relationships(body)}
    picklists = _referenced_codes(fields, _PICKLIST_OF_FIELD)
    return _References(frozenset(picklists), frozenset(named))


@lru_cache(maxsize=_KNOWN_BODIES)
def _find_references_in_text(body: bytes) -> _References:
    """Do what :func:`_find_references` does; every batch asks for it again."""
    return _find_references(orjson.loads(body))


def compile_rule_sources(
    sources: RuleSources, *, lazy_references: bool = False
) -> EntryRules:
    """Compile the rules of a definition's entries.

    A key of a picklist that was not read passes: it is better to miss a problem than to
    make one up.

    Args:
        sources: What the rules are made of.
        lazy_references: Entries may hold keys that their picklists do not have yet.
    """
    body = sources.definition.load()
    fields = body.get("objectFields") or ()
    picklists = dict.fromkeys(
        _referenced_codes(fields, _PICKLIST_OF_FIELD), Choices(is_known=False)
    )
    for picklist in sources.picklists:
        choices = Choices.of_picklist(picklist.load())
        picklists[picklist.erc] = replace(choices, grows=lazy_references)
    bodies = {document.erc: document.load() for document in sources.related}
    ids = {document.erc: document.id for document in sources.related}
    rules = compile_entry_rules(
        sources.definition.id,
        body,
        picklists,
        {erc: _parent_definition(ids[erc], bodies[erc]) for erc in bodies},
        {
            erc: AggregatedDefinition.of(ids[erc], bodies[erc])
            for erc in find_aggregated_definitions(body) & bodies.keys()
        },
    )
    links = _many_to_many_relationships(sources, body, bodies, ids)
    return replace(rules, many=tuple(links))


def _many_to_many_relationships(
    sources: RuleSources,
    body: Body,
    bodies: Mapping[str, Body],
    ids: Mapping[str, int],
) -> Iterator[ManyToManyRelationship]:
    """Yield a definition's many-to-many relationships, from both sides."""
    sides = [(name, other, False) for name, other in declared_relationships(body)]
    sides += [(name, owner, True) for owner, name in sources.reverse_links]
    for name, other, is_reverse in sides:
        if other in bodies:
            yield ManyToManyRelationship(
                name=name,
                other=_parent_definition(ids[other], bodies[other]),
                other_name=object_short_name(bodies[other].get("name")),
                reverse=is_reverse,
                own_side=other == sources.definition.erc,
            )


def _parent_definition(definition_id: int, body: Body) -> ParentDefinition:
    scope = body.get("scope") or "company"
    return ParentDefinition(id=definition_id, company_scoped=scope == "company")


def _referenced_codes(fields: Iterable[Mapping[str, Any]], key: str) -> set[str]:
    return {field[key] for field in fields if field.get(key)}
