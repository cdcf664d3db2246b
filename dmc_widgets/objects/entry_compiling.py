"""The rules of a definition's entries, compiled from the definition."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from ..model.entity import ChildRelationship
from ..model.outcome import Problem
from .aggregations import Child, aggregations_of
from .attachment_types import ATTACHMENT, AttachmentRules
from .entries import EntryRules
from .field_types import COMPUTED, ENCRYPTED, Check, FieldRules, check_for, is_true
from .links import Link, Parent
from .localized import DEFAULT_LANGUAGE, Localized, i18n_name
from .nested_children import child_relationships
from .numberings import Numbering

Picklists = Mapping[str, Mapping[str, str]]

_GIVEN: Final = COMPUTED | {"AutoIncrement"}
"""Types whose values come by themselves, so that no item has to bring them."""


def entry_rules(
    definition_id: int,
    body: Mapping[str, Any],
    picklists: Picklists,
    parents: Mapping[str, Parent],
    children: Mapping[str, Child] | None = None,
) -> EntryRules:
    """Compile the rules of a definition.

    Args:
        definition_id: Of the definition here.
        body: The definition as it is stored.
        picklists: The entries (names by key) of each picklist, by the picklist's ERC.
        parents: Definitions whose entries may be parents, by ERC.
        children: Definitions whose entries are aggregated, by ERC.
    """
    stated = body.get("objectFields") or ()
    custom = [each for each in stated if not is_true(each.get("system"))]
    language = str(body.get("defaultLanguageId") or DEFAULT_LANGUAGE)
    fields = tuple(FieldRules.of(each, picklists, language) for each in custom)
    links = {
        each["name"]: Link.of(each, parents)
        for each, field in zip(custom, fields, strict=True)
        if field.type == "Relationship"
    }
    plain = [e for e in fields if e.type not in COMPUTED and e.name not in links]
    checks = {each.name: check_for(each) for each in plain}
    many = {e.name for e in plain if e.localized and e.type != ATTACHMENT}
    return EntryRules(
        definition_id=definition_id,
        short_name=str(body.get("name") or "").removeprefix("C_"),
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
        flows=tuple((each.name, each.flow) for each in plain if each.flow is not None),
        aggregations=aggregations_of(body, children or {}),
        encrypted=tuple(each.name for each in plain if each.type == ENCRYPTED),
        attachments=tuple(_attachments(plain)),
        children=tuple(_children(body, links)),
    )


def _children(
    body: Mapping[str, Any], links: Mapping[str, Link]
) -> Iterator[ChildRelationship]:
    """Yield the relationships to children; one to itself names parents as well."""
    nested = {link.nested_name for link in links.values()}
    return (
        relationship
        for relationship in child_relationships(body)
        if relationship.name not in nested
    )


def _localized(
    language: str, checks: Mapping[str, Check], names: set[str]
) -> Iterator[Localized]:
    for name, check in checks.items():
        if name in names:
            yield Localized(name=name, language=language, check=check)


def _defaults(
    fields: Iterable[FieldRules], checks: Mapping[str, Check]
) -> Iterator[tuple[str, Any]]:
    """Keep the defaults that pass their own check; Liferay refused the others."""
    for field in fields:
        stated = None if field.type == ENCRYPTED else field.default_value
        value = None if stated is None else checks[field.name](stated)
        if value is not None and not isinstance(value, Problem):
            yield field.name, value


def _required(
    fields: Iterable[FieldRules], links: Mapping[str, Link]
) -> Iterator[tuple[str, str]]:
    """Pair the key under which a value is kept with the field that is required."""
    for field in fields:
        if field.required and field.type not in _GIVEN:
            link = links.get(field.name)
            yield (link.erc_name if link else field.name), field.name


def _read_only(
    fields: Iterable[FieldRules], links: Mapping[str, Link], localized: set[str]
) -> Iterator[tuple[str, str]]:
    """Pair the keys under which values are kept with their fields, as above."""
    for field in fields:
        if field.read_only and field.type not in COMPUTED:
            link = links.get(field.name)
            yield (link.erc_name if link else field.name), field.name
            if field.name in localized:
                yield i18n_name(field.name), field.name


def _uniques(
    fields: Iterable[FieldRules], links: Mapping[str, Link]
) -> tuple[str, ...]:
    lone = (link.erc_name for link in links.values() if link.one_to_one)
    return (*(field.name for field in fields if field.unique), *lone)


def _numberings(fields: Iterable[FieldRules]) -> Iterator[Numbering]:
    for field in fields:
        if field.type == "AutoIncrement":
            yield Numbering.of(field.name, field.settings)


def _attachments(fields: Iterable[FieldRules]) -> Iterator[AttachmentRules]:
    for field in fields:
        if field.type == ATTACHMENT:
            yield AttachmentRules.of(field.name, field.settings)
