"""What one item does to definitions, picklists and folders, whichever of them it is.

The installation that stores documents and the preview that stores nothing both ask
here, so that they say the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final

import orjson

from ..model.large_text import HELD_BYTES, LargeText
from ..model.outcome import Outcome, OutcomeKind, Problem
from ..model.strategies import Policy
from .definition_fields import custom_fields
from .definition_forms import DEFAULTS
from .definitions import change_definition
from .document_catalogue import DocumentFault
from .documents import (
    APPROVED,
    DEFINITION,
    FOLDER,
    PICKLIST,
    Body,
    Change,
    Known,
    StoredDocument,
)
from .entry_faults import ERC
from .folder_contents import change_folder_and_contents
from .id_mentions import id_cause
from .picklists import change_picklist
from .replacement_tokens import token_fault

Rule = Callable[[Body, Known, Policy, Callable[[], str]], Change | Problem]

_RULES: Final[dict[str, Rule]] = {
    DEFINITION: change_definition,
    FOLDER: change_folder_and_contents,
    PICKLIST: change_picklist,
}

_GIVEN_OUT: Final = frozenset(
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


def judge_document(
    kind: str,
    item: Mapping[str, Any],
    known: Known,
    policy: Policy,
    new_key: Callable[[], str],
) -> tuple[Outcome, Change | None]:
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
    kept = as_kept(item)
    if isinstance(kept, Problem):
        return Outcome(OutcomeKind.FAILED, "", kept), None
    decision = token_fault(kept) or _RULES[kind](kept, known, policy, new_key)
    if isinstance(decision, Problem):
        key = kept.get(ERC)
        shown = key if isinstance(key, str) else ""
        explained = decision.explain(id_cause(kind, kept, decision))
        return Outcome(OutcomeKind.FAILED, shown, explained), None
    return Outcome(decision.kind, decision.key, note=decision.note), decision


def stored_document(kind: str, item: Mapping[str, Any]) -> StoredDocument:
    """Return the document that an installation gave out as *item*."""
    body: Body = {
        name: value
        for name, value in item.items()
        if value is not None and name not in _GIVEN_OUT
    }
    erc = str(body.get(ERC) or "")
    if kind != DEFINITION:
        name = erc if kind == PICKLIST else str(body.get("name") or "")
        return StoredDocument(kind, erc, name, APPROVED, body)
    status = item.get("status")
    code = status.get("code") if isinstance(status, dict) else status
    body = {"active": False, "objectRelationships": [], **DEFAULTS, **body}
    body["objectFields"] = custom_fields(body.get("objectFields") or ())
    stated = code if isinstance(code, int) else APPROVED
    return StoredDocument(kind, erc, str(body.get("name") or ""), stated, body)


def as_kept(item: Mapping[str, Any]) -> Body | Problem:
    """Return *item* as it comes back from the table, so that equal means unchanged."""
    try:
        kept: Body = orjson.loads(orjson.dumps(item, default=_plain))
    except (orjson.JSONDecodeError, orjson.JSONEncodeError) as exc:
        return DocumentFault.VALUE.problem(reason=exc)
    return kept


def _plain(value: Any) -> Any:
    """Write a number with more digits than a float holds, or a large text."""
    if isinstance(value, Decimal):
        return orjson.Fragment(str(value))
    if isinstance(value, LargeText) and value.size <= HELD_BYTES:
        return value.whole()
    raise TypeError(type(value).__name__)
