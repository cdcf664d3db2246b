"""The registry of document kinds, and the functions that work for every kind.

A new kind is a module that defines its :class:`~.document_kind.DocumentKind`, and a
line in :data:`DOCUMENT_KINDS`. Installations, tasks, the sandbox and forms read the
rest from there.

The installation that stores documents and the preview that stores nothing both call
:func:`evaluate_document`, so that they agree on what an item does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any, Final

import orjson

from ...model.entity_type import EntityType
from ...model.outcome import Outcome, OutcomeKind, Problem
from ...model.record import MAX_LOADED_BYTES, LargeText
from ...model.strategies import Policy
from ..errors.document_problem_types import DocumentProblemType
from ..names import ERC
from ..replacement_tokens import check_tokens
from .change_set import Body, DocumentChange, DocumentReader, StoredDocument
from .definitions import DEFINITION_KIND
from .document_kind import DocumentKind
from .folders import FOLDER_KIND
from .id_references import explain_id_references
from .picklists import PICKLIST_KIND

DOCUMENT_KINDS: Final = (FOLDER_KIND, PICKLIST_KIND, DEFINITION_KIND)
"""In the order in which documents move: what is referenced comes first."""

KINDS_BY_NAME: Final[Mapping[str, DocumentKind]] = {
    kind.name: kind for kind in DOCUMENT_KINDS
}

KINDS_BY_CLASS: Final[Mapping[str, DocumentKind]] = {
    kind.class_name: kind for kind in DOCUMENT_KINDS
}


def build_document_entity_types(
    unlisted: Mapping[str, Iterable[str]] | None = None,
) -> list[EntityType]:
    """Return the entity types of all kinds of documents.

    Args:
        unlisted: Further properties that stored documents have, by the kind's name.
    """
    return [
        kind.entity_type((unlisted or {}).get(kind.name, ())) for kind in DOCUMENT_KINDS
    ]


def parse_stored_document(kind: str, item: Mapping[str, Any]) -> StoredDocument:
    """Return the document that an installation gave out as *item*."""
    return KINDS_BY_NAME[kind].parse(item)


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
