"""Definitions, entries and shorthands that the contract of installations works with."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any, Final

import orjson

from ..model.entity_type import EntityType
from ..model.item_pages import JsonLines, PagedItems
from ..model.outcome import Outcome, OutcomeKind
from ..model.strategies import ErrorStrategy, ImportStrategy, Policy, UpdateStrategy
from ..ports import Batch, Installation, Item, Query

CREATED, UPDATED, UNCHANGED, SKIPPED, FAILED = (
    OutcomeKind.CREATED,
    OutcomeKind.UPDATED,
    OutcomeKind.UNCHANGED,
    OutcomeKind.SKIPPED,
    OutcomeKind.FAILED,
)

CONTINUE: Final = Policy(error_strategy=ErrorStrategy.CONTINUE)
PARTIAL: Final = Policy(update_strategy=UpdateStrategy.PARTIAL_UPDATE)
INSERT: Final = Policy(import_strategy=ImportStrategy.INSERT)
UPDATE: Final = Policy(import_strategy=ImportStrategy.UPDATE)

_numbers = itertools.count(1)


def field(name: str, type_: str, **others: Any) -> Item:
    """Make an object field; settings are given as keyword arguments in *settings*."""
    settings = others.pop("settings", {})
    return {
        "name": name,
        "businessType": type_,
        "label": {"en_US": name},
        "objectFieldSettings": [{"name": k, "value": v} for k, v in settings.items()],
        **others,
    }


PICKLIST: Final[Item] = {
    "externalReferenceCode": "LEVELS",
    "name": "Levels",
    "listTypeEntries": [
        {"key": "low", "name": "Low", "name_i18n": {"en-US": "Low"}},
        {"key": "high", "name": "High", "name_i18n": {"en-US": "High"}},
    ],
}

DEFINITIONS: Final[list[Item]] = [
    {
        "externalReferenceCode": "PERSON",
        "name": "Person",
        "label": {"en_US": "Person"},
        "pluralLabel": {"en_US": "People"},
        "scope": "company",
        "status": {"code": 0},
        "objectFields": [field("fullName", "Text", required=True)],
        "objectRelationships": [
            {
                "name": "owner",
                "label": {"en_US": "Owner"},
                "type": "oneToMany",
                "deletionType": "prevent",
                "objectDefinitionExternalReferenceCode1": "PERSON",
                "objectDefinitionExternalReferenceCode2": "TICKET",
            },
            {
                "name": "boss",
                "label": {"en_US": "Boss"},
                "type": "oneToMany",
                "deletionType": "prevent",
                "objectDefinitionExternalReferenceCode1": "PERSON",
                "objectDefinitionExternalReferenceCode2": "PERSON",
            },
            {
                "name": "watched",
                "label": {"en_US": "Watched"},
                "type": "manyToMany",
                "deletionType": "disassociate",
                "objectDefinitionExternalReferenceCode1": "PERSON",
                "objectDefinitionExternalReferenceCode2": "TICKET",
            },
        ],
    },
    {
        "externalReferenceCode": "TICKET",
        "name": "Ticket",
        "label": {"en_US": "Ticket"},
        "pluralLabel": {"en_US": "Tickets"},
        "scope": "company",
        "status": {"code": 0},
        "objectFields": [
            field("title", "Text", required=True),
            field("token", "Text", settings={"uniqueValues": True}),
            field("notes", "LongText"),
            field("amount", "Integer"),
            field("price", "PrecisionDecimal"),
            field("open", "Boolean"),
            field("due", "Date"),
            field(
                "level", "Picklist", listTypeDefinitionExternalReferenceCode="LEVELS"
            ),
            field(
                "tags",
                "MultiselectPicklist",
                listTypeDefinitionExternalReferenceCode="LEVELS",
            ),
        ],
    },
]


LETTER: Final[Item] = {
    "externalReferenceCode": "LETTER",
    "name": "Letter",
    "label": {"en_US": "Letter"},
    "pluralLabel": {"en_US": "Letters"},
    "scope": "company",
    "status": {"code": 0},
    "objectFields": [
        field(
            "scan",
            "Attachment",
            settings={
                "acceptedFileExtensions": "pdf",
                "fileSource": "userComputer",
                "maximumFileSize": 1,
            },
        )
    ],
}


SHELF: Final[Item] = {
    "externalReferenceCode": "SHELF",
    "name": "Shelf",
    "label": {"en_US": "Shelf"},
    "pluralLabel": {"en_US": "Shelves"},
    "scope": "site",
    "status": {"code": 0},
    "objectFields": [field("title", "Text")],
}


def write(
    installation: Installation,
    name: str,
    *items: Item,
    policy: Policy = CONTINUE,
    number: int | None = None,
    task: str = "contract",
) -> Sequence[Outcome]:
    """Write *items* as one batch; each call is a batch of its own."""
    batch = Batch(
        task=task,
        number=next(_numbers) if number is None else number,
        items=items,
        policy=policy,
        new_sites=True,
    )
    return installation.write(type_named(installation, name), batch)


def type_named(installation: Installation, name: str) -> EntityType:
    """Find an entity type among those that the installation offers."""
    return next(
        entity_type
        for entity_type in installation.entity_types()
        if entity_type.name == name
    )


def read_in_pages(items: Iterator[Item]) -> list[Item] | None:
    """Return the items of all pages; None where they do not come in pages."""
    pages = items.pages() if isinstance(items, PagedItems) else None
    if pages is None:
        return None
    found: list[Item] = []
    for page in pages:
        if isinstance(page, JsonLines):
            found += map(orjson.loads, page.data.splitlines())
        else:
            found += page
    return found


def read(installation: Installation, name: str, *fields: str) -> list[Item]:
    """Read all items, with some fields or with all."""
    query = Query(fields=fields or None)
    return list(installation.read(type_named(installation, name), query))


def kinds(outcomes: Sequence[Outcome]) -> list[OutcomeKind]:
    """Return what became of each record."""
    return [outcome.kind for outcome in outcomes]


def failure_of(outcome: Outcome) -> tuple[str, str, str]:
    """Return why a record failed: code, field and Liferay's text."""
    problem = outcome.problem
    return (
        (problem.code, problem.field, problem.as_liferay) if problem else ("", "", "")
    )


def ticket(erc: str, **values: Any) -> Item:
    """Make a ticket that is in order but for *values*."""
    return {"externalReferenceCode": erc, "title": f"Ticket {erc}", **values}


SYSTEM_PROPERTIES: Final = frozenset({"creator", "dateCreated", "dateModified", "id"})
"""What an installation adds to every item that it gives out."""
