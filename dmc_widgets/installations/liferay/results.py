"""Results of an import task: the outcome of each record that was sent.

No I/O: the functions compare the task's report and two snapshots. The server reports
which items failed, and nothing about the others. Whether one was added or changed
follows from the snapshot before the task and the one after it. Of a task that failed as
a whole, the same comparison shows how far it came:

* Of the items before the one that failed, a server has stored either all, or (where it
  could not even read the failing one) all but the last hundred at most. Items go in
  order, so whatever stands before an item that was added or changed was reached too.
* What was not reached is sent again, because an import that stops has to store every
  record before the failing one. Sending an item that was reached after all is harmless.
  A task that no item has ended is followed by another one only once somebody resumes
  the import, since the server is in trouble.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ...model.outcome import STOPPING_KINDS, Outcome, OutcomeKind, Problem
from ...objects.names import ERC
from ...ports import Item
from .batch_plan import PreparedItem
from .http.exact_json import decode
from .problems import parse_problem
from .snapshot import NOT_READ, Snapshot


class Failure(NamedTuple):
    """Why an item failed, and whether the server could at least read it."""

    problem: Problem
    was_read: bool


Failures = Mapping[int, Failure]
"""Failures by the number of the item in the task, from 1."""


class ReportedFailures(NamedTuple):
    """The failures that a task reports.

    Attributes:
        by_number: Failures by the number of the item in the task, from 1.
        unplaced: The problem of an item that the report does not identify, or None.
            With one, an item that is not in *by_number* may have failed too.
    """

    by_number: dict[int, Failure]
    unplaced: Problem | None


@dataclass(slots=True)
class TaskResult:
    """What became of the items of a task.

    Attributes:
        outcomes: Outcomes by place in the batch.
        resend: Items before the failing one that were not reached, or may not have
            been. They are to be sent again.
        cause: Why the task ended before its last item, where no item is to blame;
            otherwise None.
    """

    outcomes: dict[int, Outcome] = field(default_factory=dict)
    resend: list[PreparedItem] = field(default_factory=list)
    cause: Problem | None = None


def read_failures(task: Item, sent: Sequence[PreparedItem]) -> ReportedFailures:
    """Read the failed items that a task reports.

    An item is identified by its code, if the server quotes the item, and otherwise by
    its number.
    """
    reported = task.get("failedItems")
    if not isinstance(reported, list):
        return ReportedFailures({}, parse_problem("", {}))
    numbers = {item.key: number for number, item in enumerate(sent, start=1)}
    failures = ReportedFailures({}, None)
    for entry in reported:
        failed = entry if isinstance(entry, dict) else {}
        text = str(failed.get("message") or "")
        number = _item_number(failed, numbers)
        if number is None:
            unplaced = failures.unplaced or parse_problem(text, {})
            failures = failures._replace(unplaced=unplaced)
            continue
        problem = parse_problem(text, sent[number - 1].item)
        failure = Failure(problem, bool(failed.get("item")))
        failures.by_number.setdefault(number, failure)
    return failures


def _item_number(failed: Item, numbers: Mapping[str, int]) -> int | None:
    by_code = numbers.get(_read_code(failed.get("item")))
    if by_code is not None:
        return by_code
    index = failed.get("itemIndex")
    return index if type(index) is int and 1 <= index <= len(numbers) else None


def _read_code(quoted: Any) -> str:
    """Return the code in an item as the server quotes it, which should be JSON."""
    try:
        item = decode(quoted.encode()) if isinstance(quoted, str) else None
    except ValueError:
        return ""
    code = item.get(ERC) if isinstance(item, dict) else None
    return code if isinstance(code, str) else ""


def classify_completed(
    sent: Sequence[PreparedItem],
    failures: Failures,
    before: Snapshot,
    after: Snapshot,
) -> TaskResult:
    """Classify the items of a task that went through its whole file.

    Args:
        sent: The items of the task.
        failures: The failures that the task reports.
        before: What was stored before the task.
        after: What of that is stored after the task.
    """
    result = TaskResult()
    for number, item in enumerate(sent, start=1):
        failure = failures.get(number)
        if failure is not None:
            result.outcomes[item.place] = _failed_outcome(item, failure)
        else:
            result.outcomes[item.place] = _written_outcome(item, before, after)
    return result


def classify_stopped(
    sent: Sequence[PreparedItem],
    failures: Failures,
    before: Snapshot,
    after: Snapshot,
    *,
    adds_only: bool,
) -> TaskResult:
    """Classify the items of a task that ended at the first item that failed.

    Args:
        sent: The items of the task.
        failures: The failures that the task reports, mostly one.
        before: What was stored before the task.
        after: What is stored after the task of the items before the failing one.
        adds_only: The task cannot have passed an item that was stored before.
    """
    failing = min(failures)
    preceding = sent[: failing - 1]
    changed = [
        number
        for number, item in enumerate(preceding, start=1)
        if item.key in after
        and not _may_be_unchanged(item, before, after)
        and not (adds_only and item.key in before)
    ]
    is_incomplete = any(
        item.key not in after or (adds_only and item.key in before)
        for item in preceding
    )
    reached = changed[-1] if changed else 0
    if failures[failing].was_read and not is_incomplete:
        reached = len(preceding)
    result = TaskResult(resend=list(preceding[reached:]))
    for item in preceding[:reached]:
        result.outcomes[item.place] = _written_outcome(item, before, after)
    failed = sent[failing - 1]
    result.outcomes[failed.place] = _failed_outcome(failed, failures[failing])
    return result


def classify_broken(
    sent: Sequence[PreparedItem],
    failures: Failures,
    before: Snapshot,
    after: Snapshot,
    problem: Problem,
) -> TaskResult:
    """Classify the items of a task that broke off at an item that it does not name.

    Args:
        sent: The items of the task.
        failures: The failures that the task reports.
        before: What was stored before the task.
        after: What is stored after the task.
        problem: What the server says about the whole task.
    """
    result = TaskResult()
    for number, item in enumerate(sent, start=1):
        if number in failures:
            outcome = _failed_outcome(item, failures[number])
        elif item.key not in after:
            outcome = item.failed(problem)
        elif _may_be_unchanged(item, before, after):
            outcome = Outcome(OutcomeKind.UNKNOWN, item.key, note=item.note)
        else:
            outcome = _written_outcome(item, before, after)
        result.outcomes[item.place] = outcome
    return result


def classify_interrupted(
    sent: Sequence[PreparedItem],
    failures: Failures,
    before: Snapshot,
    after: Snapshot,
    cause: Problem,
) -> TaskResult:
    """Classify the items of a task that the server could not carry out to its end.

    Its disk may be full, or its database gone. No item is to blame, so those that were
    not certainly written are to be sent again. The server may even have lost the report
    of some that failed.

    Args:
        sent: The items of the task.
        failures: The failures that the task reports.
        before: What was stored before the task.
        after: What is stored after the task.
        cause: What the server says about the whole task.
    """
    result = TaskResult(cause=cause)
    for number, item in enumerate(sent, start=1):
        if number in failures:
            result.outcomes[item.place] = _failed_outcome(item, failures[number])
        elif item.key in after and not _may_be_unchanged(item, before, after):
            result.outcomes[item.place] = _written_outcome(item, before, after)
        else:
            result.resend.append(item)
    return result


def has_no_effect(
    sent: Sequence[PreparedItem],
    before: Snapshot,
    after: Snapshot,
    *,
    adds_only: bool,
) -> bool:
    """Return True if a broken task has certainly changed none of its items."""

    def is_as_before(item: PreparedItem) -> bool:
        if item.key not in after or item.key not in before:
            return item.key not in after
        checksum = before[item.key]
        return adds_only or (checksum != NOT_READ and checksum == after[item.key])

    return all(map(is_as_before, sent))


def _may_be_unchanged(item: PreparedItem, before: Snapshot, after: Snapshot) -> bool:
    return item.key in before and before[item.key] in {NOT_READ, after.get(item.key)}


def _written_outcome(item: PreparedItem, before: Snapshot, after: Snapshot) -> Outcome:
    if item.key not in before:
        kind = OutcomeKind.CREATED
    elif before[item.key] != NOT_READ and before[item.key] == after.get(item.key):
        kind = OutcomeKind.UNCHANGED
    else:
        kind = OutcomeKind.UPDATED
    return Outcome(kind, item.key, note=item.note)


def _failed_outcome(item: PreparedItem, failure: Failure) -> Outcome:
    return item.failed(failure.problem)


def unknown_outcomes(
    items: Iterable[PreparedItem], cause: Problem | None = None
) -> dict[int, Outcome]:
    """Return outcomes for items of which it is unknown whether they were written.

    Args:
        items: The items.
        cause: Why it is unknown; None if the server does not answer.
    """
    return {
        item.place: Outcome(OutcomeKind.UNKNOWN, item.key, cause, item.note)
        for item in items
    }


def failed_outcomes(
    items: Iterable[PreparedItem], problem: Problem
) -> dict[int, Outcome]:
    """Return outcomes for items that fail for the same reason."""
    return {item.place: item.failed(problem) for item in items}


def ends_batch(outcomes: Iterable[Outcome], *, stops: bool) -> bool:
    """Return True if no further part of a batch is to be written.

    Args:
        outcomes: The outcomes of the parts so far.
        stops: The batch ends with its first failure.
    """
    kinds = {outcome.kind for outcome in outcomes}
    return OutcomeKind.UNKNOWN in kinds or bool(stops and kinds & STOPPING_KINDS)


def order_outcomes(
    items: Sequence[Item], outcomes: Mapping[int, Outcome], *, stops: bool
) -> list[Outcome]:
    """Return an outcome for every item; items that were not reached are skipped.

    An item that is stored keeps its outcome, even after a failure that should have
    ended the batch.
    """
    ordered: list[Outcome] = []
    has_ended = False
    for place, item in enumerate(items):
        outcome = outcomes.get(place)
        if outcome is None or (has_ended and outcome.kind in STOPPING_KINDS):
            outcome = Outcome(OutcomeKind.SKIPPED, _visible_key(item))
        ordered.append(outcome)
        has_ended = has_ended or (stops and outcome.kind in STOPPING_KINDS)
    return ordered


def _visible_key(item: Mapping[str, Any]) -> str:
    key = item.get(ERC)
    return key if isinstance(key, str) else ""
