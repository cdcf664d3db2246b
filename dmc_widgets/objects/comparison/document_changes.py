"""What an item changes in a stored definition, picklist or folder, by path."""

from __future__ import annotations

from ...model.change import FieldChange, ItemChange
from ...model.outcome import Outcome, OutcomeKind
from ..documents.change_set import Body, DocumentChange, DocumentReader
from .differences import compare_properties

STATUS = "status"
_STATUS_LABELS = {0: "approved", 2: "draft"}


def find_document_changes(kind: str, old: Body, new: Body) -> list[FieldChange]:
    """Return the properties that differ, by path, without what servers set.

    A part that goes is one change: ``objectFields.vatNumber``, with nothing in its
    place.
    """
    differences = compare_properties(kind, new, old)
    return [FieldChange(".".join(path), was, now) for path, now, was in differences]


def add_document_change(
    outcome: Outcome, change: DocumentChange, before: DocumentReader
) -> Outcome:
    """Return the outcome of an item with what it changes in its own document.

    Args:
        outcome: The outcome, created or updated.
        change: What is stored for it.
        before: The documents before the change is applied.
    """
    if outcome.kind is OutcomeKind.CREATED:
        return outcome._replace(change=ItemChange())
    if outcome.kind is not OutcomeKind.UPDATED:
        return outcome
    fields: list[FieldChange] = []
    for new in change.documents[:1]:
        old = before.by_erc(new.kind, new.erc)
        if old is None:
            continue
        fields = find_document_changes(new.kind, old.body, new.body)
        fields = [field for field in fields if field.field != STATUS]
        if old.status != new.status:
            labels = _STATUS_LABELS.get(old.status), _STATUS_LABELS.get(new.status)
            fields.append(FieldChange(STATUS, *labels))
    return outcome._replace(change=ItemChange(tuple(fields)))
