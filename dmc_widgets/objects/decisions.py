"""Create, replace, patch or refuse: what the strategies make of one document.

A placeholder counts as missing: the document that was named comes with the item.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, Final

from ..model.outcome import GENERATED_KEY, PLACEHOLDER, OutcomeKind, Problem
from ..model.strategies import ImportStrategy, Policy, UpdateStrategy
from .document_catalogue import DocumentFault, NameFault
from .documents import DEFINITION, FOLDER, PICKLIST, Change, Desk, StoredDocument
from .embedded import COMPANY_ID
from .names import quoted

_WORDS: Final = {
    DEFINITION: "object definition",
    FOLDER: "object folder",
    PICKLIST: "list type definition",
}

MAX_ERC: Final = 75


class Step(Enum):
    """What becomes of an item that is in order."""

    CREATE = "POST"
    REPLACE = "PUT"
    PATCH = "PATCH"


def key_of(
    item: Mapping[str, Any], policy: Policy, new_key: Callable[[], str]
) -> tuple[str, str] | Problem:
    """Return the item's ERC, or a new one with the note that says so."""
    field = "externalReferenceCode"
    erc = item.get(field)
    if erc and len(erc) > MAX_ERC:
        return NameFault.CODE_LONG.problem(field, quoted(erc), limit=MAX_ERC)
    if erc:
        return erc, ""
    if policy.on_existing is ImportStrategy.UPDATE:
        return DocumentFault.NOTHING_TO_UPDATE.problem(field)
    return new_key(), GENERATED_KEY


def exists(stored: StoredDocument | None) -> bool:
    """Say whether there is a document, and not just its placeholder."""
    return stored is not None and not stored.is_placeholder


def decide(
    kind: str, erc: str, stored: StoredDocument | None, policy: Policy
) -> Step | Problem:
    """Choose the step by the strategies (batch-engine facts, 2)."""
    field = "externalReferenceCode"
    if not exists(stored):
        if policy.on_existing is not ImportStrategy.UPDATE:
            return Step.CREATE
        return DocumentFault.NOT_FOUND.problem(field, quoted(erc), kind=kind, erc=erc)
    if policy.on_existing is ImportStrategy.INSERT:
        return NameFault.CODE_DUPLICATE.problem(
            field, quoted(erc), kind=_WORDS[kind], erc=erc, company=COMPANY_ID
        )
    if policy.on_update is UpdateStrategy.PARTIAL_UPDATE:
        return Step.PATCH
    return Step.REPLACE


def conclude(desk: Desk, own: StoredDocument, step: Step, note: str) -> Change:
    """Gather what is on the desk. An item that changes nothing is unchanged."""
    if desk.made_placeholder and not note:
        note = PLACEHOLDER
    documents = desk.changed((own.kind, own.erc))
    if not documents:
        return Change(OutcomeKind.UNCHANGED, own.erc, (), note)
    created = step is Step.CREATE
    kind = OutcomeKind.CREATED if created else OutcomeKind.UPDATED
    return Change(kind, own.erc, documents, note)
