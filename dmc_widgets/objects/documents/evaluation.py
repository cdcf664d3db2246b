"""What one item does to definitions, picklists and folders, whichever of them it is.

The installation that stores documents and the preview that stores nothing both ask
here, so that they say the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final

import orjson

from ...model.outcome import Outcome, OutcomeKind, Problem
from ...model.record import MAX_LOADED_BYTES, LargeText
from ...model.strategies import Policy
from ..errors.document_problem_types import DocumentProblemType
from ..errors.entry_problems import ERC
from ..replacement_tokens import check_tokens
from .change_set import (
    APPROVED,
    DEFINITION,
    FOLDER,
    PICKLIST,
    Body,
    DocumentChange,
    DocumentReader,
    StoredDocument,
)
from .definition_bodies import DEFINITION_DEFAULTS
from .definition_fields import select_custom_fields
from .definitions import change_definition
from .folder_contents import change_folder_and_contents
from .picklists import change_picklist
from .references import explain_id_references

ChangeRule = Callable[
    [Body, DocumentReader, Policy, Callable[[], str]], DocumentChange | Problem
]

_RULES: Final[dict[str, ChangeRule]] = {
    DEFINITION: change_definition,
    FOLDER: change_folder_and_contents,
    PICKLIST: change_picklist,
}

_SERVER_SET: Final = frozenset(
    [
        "actions",
        "creator",
        "dateCreated",
        "dateModified",
        "id",
        "parameterRequired",
        "restContextPath",
        "status",
        "x-class-name",
    ]
)
"""What installations add to a document when they give it out."""


def evaluate_document(
    kind: str,
    item: Mapping[str, Any],
    known: DocumentReader,
    policy: Policy,
    new_key: Callable[[], str],
) -> tuple[Outcome, DocumentChange | None]:
    """Decide what an item comes to.

    Args:
        kind: ObjectDefinition, ListTypeDefinition or ObjectFolder.
        item: As it was mapped.
        known: What the installation holds.
        policy: What to do with a document that is there or is not.
        new_key: Makes an ERC for an item that has none.

    Returns:
        The outcome, and what to store; None where the item failed.
    """
    kept = normalize_item(item)
    if isinstance(kept, Problem):
        return Outcome(OutcomeKind.FAILED, "", kept), None
    decision = check_tokens(kept) or _RULES[kind](kept, known, policy, new_key)
    if isinstance(decision, Problem):
        key = kept.get(ERC)
        shown = key if isinstance(key, str) else ""
        explained = decision.with_cause(explain_id_references(kind, kept, decision))
        return Outcome(OutcomeKind.FAILED, shown, explained), None
    return Outcome(decision.kind, decision.key, note=decision.note), decision


def parse_stored_document(kind: str, item: Mapping[str, Any]) -> StoredDocument:
    """Return the document that an installation gave out as *item*."""
    body: Body = {
        name: value
        for name, value in item.items()
        if value is not None and name not in _SERVER_SET
    }
    erc = str(body.get(ERC) or "")
    if kind != DEFINITION:
        name = erc if kind == PICKLIST else str(body.get("name") or "")
        return StoredDocument(kind, erc, name, APPROVED, body)
    status = item.get("status")
    code = status.get("code") if isinstance(status, dict) else status
    body = {"active": False, "objectRelationships": [], **DEFINITION_DEFAULTS, **body}
    body["objectFields"] = select_custom_fields(body.get("objectFields") or ())
    stated = code if isinstance(code, int) else APPROVED
    return StoredDocument(kind, erc, str(body.get("name") or ""), stated, body)


def normalize_item(item: Mapping[str, Any]) -> Body | Problem:
    """Return *item* as it comes back from the table, so that equal means unchanged."""
    try:
        kept: Body = orjson.loads(orjson.dumps(item, default=_encode_value))
    except (orjson.JSONDecodeError, orjson.JSONEncodeError) as exc:
        return DocumentProblemType.VALUE.problem(reason=exc)
    return kept


def _encode_value(value: Any) -> Any:
    """Write a number with more digits than a float holds, or a large text."""
    if isinstance(value, Decimal):
        return orjson.Fragment(str(value))
    if isinstance(value, LargeText) and value.size <= MAX_LOADED_BYTES:
        return value.whole()
    raise TypeError(type(value).__name__)
