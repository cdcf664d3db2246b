"""The rules of a definition's entries, compiled from the definition."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from ...model.entity_type import ChildRelationship, object_short_name
from ...model.outcome import Problem
from ..fields.aggregation import AggregatedDefinition, compile_aggregations
from ..fields.attachment import ATTACHMENT, AttachmentRules
from ..fields.auto_increment import AutoIncrement
from ..fields.field_rules import (
    COMPUTED,
    ENCRYPTED,
    Check,
    FieldRules,
    compile_check,
    is_true,
)
from ..fields.localized import DEFAULT_LANGUAGE, LocalizedField, i18n_name
from ..fields.relationship import (
    ParentDefinition,
    ParentRelationship,
    find_child_relationships,
)
from .validation import EntryRules

Picklists = Mapping[str, Mapping[str, str]]

_GENERATED: Final = COMPUTED | {"AutoIncrement"}
"""Types whose values come by themselves, so that no item has to bring them."""


def compile_entry_rules(
    definition_id: int,
    body: Mapping[str, Any],
    picklists: Picklists,
    parents: Mapping[str, ParentDefinition],
    children: Mapping[str, AggregatedDefinition] | None = None,
) -> EntryRules:
    """Compile the rules of a definition.

    Args:
        definition_id: The id of the definition in this installation.
        body: The body of the stored definition.
        picklists: The entries (names by key) of each picklist, by the picklist's ERC.
        parents: The definitions whose entries may be parents, by ERC.
        children: The definitions whose entries are aggregated, by ERC.
    """
    stated = body.get("objectFields") or ()
    custom = [field for field in stated if not is_true(field.get("system"))]
    language = str(body.get("defaultLanguageId") or DEFAULT_LANGUAGE)
    fields = tuple(FieldRules.of(field, picklists, language) for field in custom)
    links = {link.id_name: link for link in _links(custom, fields, parents)}
    plain = [e for e in fields if e.type not in COMPUTED and e.name not in links]
    checks = {rules.name: compile_check(rules) for rules in plain}
    many = {e.name for e in plain if e.localized and e.type != ATTACHMENT}
    return EntryRules(
        definition_id=definition_id,
        short_name=object_short_name(body.get("name")),
        company_scoped=(body.get("scope") or "company") == "company",
        drafts=is_true(body.get("enableObjectEntryDraft")),
        categorized=body.get("enableCategorization") not in (False, "false"),
        fields=fields,
        checks=tuple(check for check in checks.items() if check[0] not in many),
        localized=tuple(_localized(language, checks, many)),
        links=tuple(links.values()),
        defaults=tuple(_defaults(plain, checks)),
        required=tuple(_required(fields, links)),
        read_only=tuple(_read_only(fields, links, many)),
        uniques=_uniques(plain, links),
        numberings=tuple(_numberings(plain)),
        flows=tuple((rule.name, rule.flow) for rule in plain if rule.flow is not None),
        aggregations=compile_aggregations(body, children or {}),
        encrypted=tuple(rules.name for rules in plain if rules.type == ENCRYPTED),
        attachments=tuple(_attachments(plain)),
        children=tuple(_children(body, links)),
        history=is_true(body.get("enableObjectEntryHistory")),
    )


def _links(
    bodies: Iterable[Mapping[str, Any]],
    fields: Iterable[FieldRules],
    parents: Mapping[str, ParentDefinition],
) -> Iterator[ParentRelationship]:
    for body, field in zip(bodies, fields, strict=True):
        if field.type == "Relationship":
            yield ParentRelationship.of(body, parents)


def _children(
    body: Mapping[str, Any], links: Mapping[str, ParentRelationship]
) -> Iterator[ChildRelationship]:
    """Yield the relationships to children, except those to the definition itself."""
    nested = {link.nested_name for link in links.values()}
    return (
        relationship
        for relationship in find_child_relationships(body)
        if relationship.name not in nested
    )


def _localized(
    language: str, checks: Mapping[str, Check], names: set[str]
) -> Iterator[LocalizedField]:
    for name, check in checks.items():
        if name in names:
            yield LocalizedField(name=name, language=language, check=check)


def _defaults(
    fields: Iterable[FieldRules], checks: Mapping[str, Check]
) -> Iterator[tuple[str, Any]]:
    """Yield the defaults that pass their own check; Liferay refuses the others."""
    for field in fields:
        stated = None if field.type == ENCRYPTED else field.default_value
        value = None if stated is None else checks[field.name](stated)
        if value is not None and not isinstance(value, Problem):
            yield field.name, value


def _required(
    fields: Iterable[FieldRules], links: Mapping[str, ParentRelationship]
) -> Iterator[tuple[str, str]]:
    """Yield the key under which a value is stored and the required field."""
    for field in fields:
        if field.required and field.type not in _GENERATED:
            link = links.get(field.name)
            yield (link.erc_name if link else field.name), field.name


def _read_only(
    fields: Iterable[FieldRules],
    links: Mapping[str, ParentRelationship],
    localized: set[str],
) -> Iterator[tuple[str, str]]:
    """Yield the key under which a value is stored and the read-only field."""
    for field in fields:
        if field.read_only and field.type not in COMPUTED:
            link = links.get(field.name)
            yield (link.erc_name if link else field.name), field.name
            if field.name in localized:
                yield i18n_name(field.name), field.name


def _uniques(
    fields: Iterable[FieldRules], links: Mapping[str, ParentRelationship]
) -> tuple[str, ...]:
    lone = (link.erc_name for link in links.values() if link.one_to_one)
    return (*(field.name for field in fields if field.unique), *lone)


def _numberings(fields: Iterable[FieldRules]) -> Iterator[AutoIncrement]:
    for field in fields:
        if field.type == "AutoIncrement":
            yield AutoIncrement.of(field.name, field.settings)


def _attachments(fields: Iterable[FieldRules]) -> Iterator[AttachmentRules]:
    for field in fields:
        if field.type == ATTACHMENT:
            yield AttachmentRules.of(field.name, field.settings)
