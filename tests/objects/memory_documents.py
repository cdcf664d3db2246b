"""Definitions, picklists and folders for the tests of their rules."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

from dmc_widgets.model.outcome import OutcomeKind, Problem
from dmc_widgets.model.strategies import Policy
from dmc_widgets.objects.documents.change_set import (
    DEFINITION,
    PLACEHOLDER_STATUS,
    DocumentChange,
    DocumentReader,
    StoredDocument,
)
from dmc_widgets.objects.documents.definitions import DEFINITION_KIND, change_definition
from dmc_widgets.objects.fields.many_to_many import declared_relationships

Item = dict[str, Any]
Rule = Callable[
    [Item, DocumentReader, Policy, Callable[[], str]], DocumentChange | Problem
]

PUBLISHED = {"code": 0, "label": "approved", "label_i18n": "Approved"}


class MemoryDocuments:
    """An installation in memory: it holds documents and applies changes.

    Generated codes are *generated-1*, *generated-2* and so on.
    """

    def __init__(self, rule: Rule = change_definition) -> None:
        self.documents: dict[tuple[str, str], StoredDocument] = {}
        self._rule = rule
        self._numbers = itertools.count(1)

    def by_erc(self, kind: str, erc: str) -> StoredDocument | None:
        return self.documents.get((kind, erc))

    def by_name(self, kind: str, name: str) -> StoredDocument | None:
        for document in self.documents.values():
            if (document.kind, document.name) == (kind, name):
                return document
        return None

    def linking_to(self, erc: str) -> list[tuple[str, str]]:
        return [
            (document.erc, name)
            for document in self.documents.values()
            for name, other in declared_relationships(document.body)
            if other == erc
        ]

    def change(
        self, item: Item, policy: Policy | None = None
    ) -> DocumentChange | Problem:
        decision = self._rule(item, self, policy or Policy(), self._new_key)
        if isinstance(decision, DocumentChange):
            self.keep(decision.documents)
        return decision

    def keep(self, documents: tuple[StoredDocument, ...]) -> None:
        self.documents |= {
            (document.kind, document.erc): document for document in documents
        }

    def holding(self, *items: Item) -> MemoryDocuments:
        for item in items:
            assert isinstance(self.change(item), DocumentChange), item
        return self

    def definition(self, erc: str) -> StoredDocument:
        return self.documents[DEFINITION, erc]

    def bodies(self) -> dict[str, Item]:
        return {erc: each.body for (_, erc), each in self.documents.items()}

    def exported(self) -> list[Item]:
        return [
            DEFINITION_KIND.export(document, 1, 0, 0)
            for document in self.documents.values()
            if document.kind == DEFINITION and document.status != PLACEHOLDER_STATUS
        ]

    def names(self, erc: str) -> list[str]:
        return [field["name"] for field in self.definition(erc).body["objectFields"]]

    def field(self, erc: str, name: str) -> Item:
        fields = self.definition(erc).body["objectFields"]
        return next(dict(field) for field in fields if field["name"] == name)

    def relationships(self, erc: str) -> list[Item]:
        found: list[Item] = self.definition(erc).body["objectRelationships"]
        return found

    def _new_key(self) -> str:
        return f"generated-{next(self._numbers)}"


def text_field(name: str = "title", **more: Any) -> Item:
    label = {"en_US": name.capitalize()}
    return {"name": name, "businessType": "Text", "label": label, **more}


def definition(name: str, /, **more: Any) -> Item:
    """Make a published definition with one field; its code is its name in capitals."""
    return {
        "externalReferenceCode": name.upper(),
        "label": {"en_US": name},
        "name": name,
        "objectFields": [text_field()],
        "pluralLabel": {"en_US": f"{name}s"},
        "scope": "company",
        "status": PUBLISHED,
        **more,
    }


def ticket(**more: Any) -> Item:
    """Make a published definition with one field, changed by *more*."""
    return definition("Ticket", **more)


def without(item: Item, *names: str) -> Item:
    return {name: value for name, value in item.items() if name not in names}


def problem_of(decision: DocumentChange | Problem) -> Problem:
    assert isinstance(decision, Problem)
    return decision


def change_of(decision: DocumentChange | Problem) -> DocumentChange:
    assert isinstance(decision, DocumentChange)
    return decision


def message_of(decision: DocumentChange | Problem) -> str:
    return problem_of(decision).message


def kind_of(decision: DocumentChange | Problem) -> OutcomeKind:
    return change_of(decision).kind


CAMPAIGN_TOKENS: Item = {
    "deletionType": "cascade",
    "label": {"en_US": "Tokens"},
    "name": "tokens",
    "objectDefinitionExternalReferenceCode1": "CAMPAIGN",
    "objectDefinitionExternalReferenceCode2": "URLTOKEN",
    "objectDefinitionName2": "UrlToken",
    "type": "oneToMany",
}

CAMPAIGN = definition("Campaign", objectRelationships=[CAMPAIGN_TOKENS])
TOKEN = definition("UrlToken")
TITLE = text_field()

TOKEN_FIELD: Item = {
    "DBType": "Long",
    "businessType": "Relationship",
    "externalReferenceCode": "its-own-code",
    "label": {"en_US": "Belongs to"},
    "name": "r_tokens_c_campaignId",
    "objectDefinitionExternalReferenceCode1": "CAMPAIGN",
    "objectRelationshipExternalReferenceCode": "tokens-code",
    "required": True,
}
