"""What became of the items of a task that has ended. Pure: facts in, fates out.

The server tells which items failed, and nothing of the others. Whether one was
added or changed follows from what was there before (noted with the task) and what
is there now. Of a task that failed as a whole, the same comparison says how far it
came:

* Before the item that failed, a server has either stored all items, or (where it
  could not even read the failing one) none of the last hundred. Items go in order:
  what stands before one that was added or changed has been reached as well.
* What was not reached is sent once more, because an import stops *behind* what is
  in order. That does no harm to what has been reached unnoticed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from ...model.outcome import Outcome, OutcomeKind, Problem
from ...objects.entry_faults import ERC
from ...ports import Item
from .batches import Ready
from .notes import Before

ENDS: Final = frozenset({OutcomeKind.FAILED, OutcomeKind.SKIPPED})
"""Outcomes with which a batch ends under STOP."""

Now = Mapping[str, str]
"""Sums of the items that are there now, by code."""


class Failure(NamedTuple):
    """Why an item failed, and whether the server could at least read it."""

    problem: Problem
    was_read: bool


Failures = Mapping[int, Failure]
"""Items that failed, by their ordinal in the task, from 1."""


@dataclass(slots=True)
class Verdict:
    """What became of the items of a task.

    Attributes:
        outcomes: By place in the batch.
        again: Items before the one that failed which were not reached, or nobody
            knows; to be sent once more.
    """

    outcomes: dict[int, Outcome] = field(default_factory=dict)
    again: list[Ready] = field(default_factory=list)


def completed(
    sent: Sequence[Ready], failures: Failures, before: Before, now: Now
) -> Verdict:
    """Judge a task that went through its whole file.

    Args:
        sent: The items of the task.
        failures: Why some of them failed.
        before: What was there before.
        now: What is there now of what was there before.
    """
    verdict = Verdict()
    for number, each in enumerate(sent, start=1):
        failure = failures.get(number)
        if failure is not None:
            verdict.outcomes[each.place] = _failed(each, failure)
        else:
            verdict.outcomes[each.place] = _written(each, before, now)
    return verdict


def stopped(
    sent: Sequence[Ready],
    failures: Failures,
    before: Before,
    now: Now,
    *,
    adds_only: bool,
) -> Verdict:
    """Judge a task that ended at the first item that failed.

    Args:
        sent: The items of the task.
        failures: The one, mostly.
        before: What was there before.
        now: What is there now of the items before the one that failed.
        adds_only: An item that was there before cannot have been passed.
    """
    at = min(failures)
    ahead = sent[: at - 1]
    moved = [
        number
        for number, each in enumerate(ahead, start=1)
        if each.key in now
        and not _is_same(each, before, now)
        and not (adds_only and each.key in before)
    ]
    missed = any(
        each.key not in now or (adds_only and each.key in before) for each in ahead
    )
    reached = moved[-1] if moved else 0
    if failures[at].was_read and not missed:
        reached = len(ahead)
    verdict = Verdict(again=list(ahead[reached:]))
    for each in ahead[:reached]:
        verdict.outcomes[each.place] = _written(each, before, now)
    verdict.outcomes[sent[at - 1].place] = _failed(sent[at - 1], failures[at])
    return verdict


def broken(
    sent: Sequence[Ready], failures: Failures, before: Before, now: Now, why: Problem
) -> Verdict:
    """Judge a task that broke off without an item that would be to blame.

    Args:
        sent: The items of the task.
        failures: Why some of them failed before.
        before: What was there before.
        now: What is there now.
        why: What the server says of the whole task.
    """
    verdict = Verdict()
    for number, each in enumerate(sent, start=1):
        if number in failures:
            outcome = _failed(each, failures[number])
        elif each.key not in now:
            outcome = Outcome(OutcomeKind.FAILED, each.key, why)
        elif _is_same(each, before, now):
            outcome = Outcome(OutcomeKind.UNKNOWN, each.key, note=each.note)
        else:
            outcome = _written(each, before, now)
        verdict.outcomes[each.place] = outcome
    return verdict


def nothing_came(
    sent: Sequence[Ready], before: Before, now: Now, *, adds_only: bool
) -> bool:
    """Say whether all that a broken task was sent is as it was before."""

    def is_as_before(each: Ready) -> bool:
        if each.key not in now or each.key not in before:
            return each.key not in now
        was = before[each.key]
        return adds_only or (was != _UNREAD and was == now[each.key])

    return all(map(is_as_before, sent))


_UNREAD: Final = ""


def _is_same(each: Ready, before: Before, now: Now) -> bool:
    """Say whether an item may be as it was: nobody may have looked into it then."""
    return each.key in before and before[each.key] in {_UNREAD, now.get(each.key)}


def _written(each: Ready, before: Before, now: Now) -> Outcome:
    if each.key not in before:
        kind = OutcomeKind.CREATED
    elif before[each.key] != _UNREAD and before[each.key] == now.get(each.key):
        kind = OutcomeKind.UNCHANGED
    else:
        kind = OutcomeKind.UPDATED
    return Outcome(kind, each.key, note=each.note)


def _failed(each: Ready, failure: Failure) -> Outcome:
    return Outcome(OutcomeKind.FAILED, each.key, failure.problem)


def unknown(items: Iterable[Ready]) -> dict[int, Outcome]:
    """Return for items that nobody knows what became of them."""
    return {x.place: Outcome(OutcomeKind.UNKNOWN, x.key, note=x.note) for x in items}


def in_order(
    items: Sequence[Item], found: Mapping[int, Outcome], *, stops: bool
) -> list[Outcome]:
    """Give every item its outcome; what nobody came to is skipped.

    What is stored is told as it is, even behind a failure that should have ended all.
    """
    outcomes: list[Outcome] = []
    ended = False
    for place, item in enumerate(items):
        outcome = found.get(place)
        if outcome is None or (ended and outcome.kind in ENDS):
            outcome = Outcome(OutcomeKind.SKIPPED, _shown_key(item))
        outcomes.append(outcome)
        ended = ended or (stops and outcome.kind in ENDS)
    return outcomes


def _shown_key(item: Mapping[str, Any]) -> str:
    key = item.get(ERC)
    return key if isinstance(key, str) else ""
