"""What one item does to a document, whatever its kind.

The installation that stores documents and the preview that stores nothing both call
:func:`evaluate_document`, so that they agree.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import orjson

from ...model.outcome import Outcome, OutcomeKind, Problem
from ...model.record import MAX_LOADED_BYTES, LargeText
from ...model.strategies import Policy
from ..errors.document_problem_types import DocumentProblemType
from ..names import ERC
from ..replacement_tokens import check_tokens
from .change_set import Body, DocumentChange, DocumentReader
from .id_references import explain_id_references
from .kinds import KINDS_BY_NAME


def evaluate_document(
    kind: str,
    item: Mapping[str, Any],
    known: DocumentReader,
    policy: Policy,
    new_key: Callable[[], str],
) -> tuple[Outcome, DocumentChange | None]:
    """Decide what an item comes to.

    Args:
        kind: The name of the item's kind, one of :data:`.kinds.KINDS_BY_NAME`.
        item: The mapped item. It is not changed.
        known: What the installation holds.
        policy: The strategies: what to do with a document that exists or does not.
        new_key: Generates an external reference code for an item without one.

    Returns:
        The outcome, and what to store; None where the item failed.
    """
    body = normalize_item(item)
    if isinstance(body, Problem):
        return Outcome(OutcomeKind.FAILED, "", body), None
    change = check_tokens(body) or KINDS_BY_NAME[kind].change(
        body, known, policy, new_key
    )
    if isinstance(change, Problem):
        erc = body.get(ERC)
        problem = change.with_cause(explain_id_references(kind, body, change))
        key = erc if isinstance(erc, str) else ""
        return Outcome(OutcomeKind.FAILED, key, problem), None
    return Outcome(change.kind, change.key, note=change.note), change


def normalize_item(item: Mapping[str, Any]) -> Body | Problem:
    """Return *item* as the database would give it back, so that equal is unchanged."""
    try:
        body: Body = orjson.loads(orjson.dumps(item, default=_encode_value))
    except (orjson.JSONDecodeError, orjson.JSONEncodeError) as exc:
        return DocumentProblemType.VALUE.problem(reason=exc)
    return body


def _encode_value(value: Any) -> Any:
    """Write a number with more digits than a float holds, or a large text."""
    if isinstance(value, Decimal):
        return orjson.Fragment(str(value))
    if isinstance(value, LargeText) and value.size <= MAX_LOADED_BYTES:
        return value.whole()
    raise TypeError(type(value).__name__)
