"""Match the outcomes of a batch's items with the records of the batch.

Records that the mapping refuses are not sent, so there may be fewer items than records.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import takewhile
from typing import Any, Final, cast

from ...model.line_items import LineItems
from ...model.mapping import Values
from ...model.outcome import Outcome, OutcomeKind, Problem
from ...model.outcome_runs import count_kinds
from ...model.record import Record, UnreadableRecord
from ...objects.names import ERC, SCOPE_KEY
from ...ports import Item
from ...workspace import Failure
from ...workspace.outcomes import PendingBatch
from ..task_run import count_records, was_or_were
from .postponed import is_postponed, is_refused
from .record_texts import RecordTexts

_NO_REASON: Final = Problem(
    "refused", "The installation refused the record and gave no reason."
)

MappedRecords = Sequence[Values | Problem]
"""What the mapping made of each record of a chunk."""


def sendable_items(mapped: MappedRecords, *, stop: bool) -> Sequence[Item]:
    """Return the items to write; under *stop* only those before a refused record."""
    if isinstance(mapped, LineItems):
        return mapped
    if set(map(type, mapped)) == {dict}:  # none is refused, which is the usual case
        return cast("list[Values]", mapped)
    if stop:
        mapped = list(takewhile(lambda item: not is_refused(item), mapped))
    return [item for item in mapped if not isinstance(item, Problem)]


def list_refused(mapped: MappedRecords) -> dict[int, Problem]:
    """Return the problems of the records that are not sent, by place."""
    if isinstance(mapped, LineItems):  # all are
        return {}
    return {n: item for n, item in enumerate(mapped) if isinstance(item, Problem)}


def merge_outcomes(
    mapped: MappedRecords,
    items: Sequence[Values],
    written: Sequence[Outcome],
    *,
    stop: bool,
) -> Sequence[Outcome] | None:
    """Return the outcome of every record of a chunk, in order.

    Args:
        mapped: What the mapping made of each record.
        items: The items that were sent.
        written: The outcomes that the installation returned.
        stop: True if the first failure ended the batch.

    Returns:
        None if it is not known which records the outcomes belong to: a batch that is
        written again is answered as it was the first time, and look-ups may have
        refused other records then.
    """
    if len(written) == len(mapped):
        return written
    if len(written) != len(items):
        return None
    remaining = iter(written)
    merged: list[Outcome] = []
    stopped = False
    for item in mapped:
        if stopped:
            merged.append(Outcome(OutcomeKind.SKIPPED))
        elif isinstance(item, Problem):
            merged.append(Outcome(OutcomeKind.FAILED, "", item))
        else:
            merged.append(next(remaining))
        is_failed = merged[-1].kind is OutcomeKind.FAILED
        stopped = stop and (stopped or (is_failed and not is_postponed(merged[-1])))
    return merged


def list_failures(
    first: int,
    records: Sequence[Record | UnreadableRecord],
    outcomes: Sequence[Outcome],
    texts: RecordTexts,
) -> list[Failure]:
    """Return the failures of records, the first of which has the number *first*."""
    if OutcomeKind.FAILED not in count_kinds(outcomes):
        return []
    return [
        Failure(index, outcome.problem or _NO_REASON, texts.format(record))
        for index, (record, outcome) in enumerate(
            zip(records, outcomes, strict=True), start=first
        )
        if outcome.kind is OutcomeKind.FAILED
    ]


def unknown_outcomes(number: int) -> list[Outcome]:
    """Return the outcomes of records whose fate is not known."""
    return [Outcome(OutcomeKind.UNKNOWN)] * number


def leave_out(item: Values | Problem, names: frozenset[str]) -> Values | Problem:
    """Return an item without some of its fields."""
    if isinstance(item, Problem):
        return item
    return {name: value for name, value in item.items() if name not in names}


def merge_announced(
    announced: PendingBatch, written: Sequence[Outcome], *, stop: bool
) -> Sequence[Outcome]:
    """Return the outcomes of all records of a batch that was announced.

    Args:
        announced: What was recorded of the batch before it was written.
        written: The outcomes of its items.
        stop: True if the first failure ended the batch.
    """
    mapped: MappedRecords = [
        announced.refused.get(n, {}) for n in range(announced.number)
    ]
    outcomes = merge_outcomes(mapped, announced.items, written, stop=stop)
    return outcomes or unknown_outcomes(announced.number)


def restore_announced(
    announced: PendingBatch, mapped: Sequence[Values | Problem]
) -> MappedRecords:
    """Return the records of a batch as they were announced before they were written.

    Args:
        announced: What was recorded of the batch: the records that look-ups refused,
            and the codes of the items where they were matched.
        mapped: What the mapping alone makes of the records.
    """
    codes = iter(announced.items)
    restored: list[Values | Problem] = []
    for place, item in enumerate(mapped):
        settled = announced.refused.get(place, item)
        if not isinstance(settled, Problem):
            settled = {**settled, **next(codes, {})}
        restored.append(settled)
    return restored


def identifying_fields(item: Mapping[str, Any]) -> Item:
    """Return the fields that identify an item and the other items that it names."""
    return {
        name: value
        for name, value in item.items()
        if name in {ERC, SCOPE_KEY} or _is_link_list(value)
    }


def record_code(record: Record | UnreadableRecord) -> tuple[str, str]:
    """Return the site and the external reference code of a migration's record."""
    if isinstance(record, UnreadableRecord):
        return "", ""
    return str(record.get(SCOPE_KEY) or ""), str(record.get(ERC) or "")


def _is_link_list(value: Any) -> bool:
    """Return True for a list of other entries."""
    is_list = isinstance(value, list) and bool(value)
    return is_list and all(isinstance(x, dict) and ERC in x for x in value)


def describe_unknown(outcomes: Sequence[Outcome], lost: int, cause: str) -> str:
    """Return why the fate of records is unknown: the installation's words, or ours."""
    number, them = count_records(lost), "it" if lost == 1 else "them"
    unknown = (x.problem for x in outcomes if x.kind is OutcomeKind.UNKNOWN)
    problem = next(filter(None, unknown), None)
    if problem is not None:
        return f"{problem.message} What became of {number} is not known."
    return (
        f"{cause} while {number} {was_or_were(lost)} written; "
        f"what became of {them} is not known."
    )
