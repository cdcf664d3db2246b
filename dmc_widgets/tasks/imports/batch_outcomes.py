"""What an installation tells of the items of a batch, joined to the batch's records.

Records that the mapping refuses are not sent, so there may be fewer items than records.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import takewhile
from typing import Any

from ...model.mapping import Values
from ...model.outcome import Outcome, OutcomeKind, Problem
from ...objects.names import ERC, SCOPE_KEY
from ...ports import Item
from ...workspace.outcomes import PendingBatch

MappedRecords = list[Values | Problem]
"""What the mapping made of a chunk, place by place."""


def sendable_items(made: MappedRecords, *, stop: bool) -> list[Values]:
    """Return the items to write; under *stop* only those before a bad record."""
    if stop:
        good = takewhile(lambda each: not isinstance(each, Problem), made)
        return [each for each in good if not isinstance(each, Problem)]
    return [each for each in made if not isinstance(each, Problem)]


def merge_outcomes(
    made: MappedRecords,
    items: Sequence[Values],
    written: Sequence[Outcome],
    *,
    stop: bool,
) -> list[Outcome] | None:
    """Give every place of the chunk its outcome, in order.

    Returns:
        None if nobody can tell whose answers these are: a batch that is written
        again is answered as it was the first time, and look-ups may have kept back
        fewer or more of its records then.
    """
    if len(written) == len(made):
        return list(written)
    if len(written) != len(items):
        return None
    answers = iter(written)
    merged: list[Outcome] = []
    stopped = False
    for each in made:
        if stopped:
            merged.append(Outcome(OutcomeKind.SKIPPED))
        elif isinstance(each, Problem):
            merged.append(Outcome(OutcomeKind.FAILED, "", each))
        else:
            merged.append(next(answers))
        stopped = stop and (stopped or merged[-1].kind is OutcomeKind.FAILED)
    return merged


def outcomes_of_announced(
    announced: PendingBatch, written: Sequence[Outcome], *, stop: bool
) -> Sequence[Outcome]:
    """Return the outcomes of all records of a batch that was announced.

    Args:
        announced: What the batch was made of.
        written: What the installation tells of its items.
        stop: The first failure ended the batch.
    """
    made: MappedRecords = [
        announced.refused.get(n, {}) for n in range(announced.number)
    ]
    found = merge_outcomes(made, announced.items, written, stop=stop)
    return found or [Outcome(OutcomeKind.UNKNOWN)] * announced.number


def identifying_fields(item: Mapping[str, Any]) -> Item:
    """Return of an item what tells which one it is, and which others it names."""
    return {
        name: value
        for name, value in item.items()
        if name in {ERC, SCOPE_KEY} or _is_link_list(value)
    }


def _is_link_list(value: Any) -> bool:
    """Return True for a list of other entries."""
    is_list = isinstance(value, list) and bool(value)
    return is_list and all(isinstance(x, dict) and ERC in x for x in value)
