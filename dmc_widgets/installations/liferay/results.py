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

The failed items that a task tells of, joined to what was sent.

What a server holds of some items, summed up: enough to tell what a batch changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from ...errors import InstallationError
from ...model.entity_type import OBJECT_DEFINITION, OBJECT_FOLDER, EntityType
from ...model.outcome import STOPPING_KINDS, Outcome, OutcomeKind, Problem
from ...objects.documents.change_set import DEFINITION
from ...objects.documents.folders import included_codes
from ...objects.names import ERC
from ...ports import Item
from .batch_plan import BatchPart, PreparedItem
from .batch_task import Snapshot, UnknownTaskState
from .http.exact_json import decode
from .items import CODE_AND_ID, ItemFetcher, ItemNormalizer, item_checksum
from .problems import parse_problem

Now = Mapping[str, str]
"""Sums of the items that are there now, by code."""


class Failure(NamedTuple):
    """Why an item failed, and whether the server could at least read it."""

    problem: Problem
    was_read: bool


Failures = Mapping[int, Failure]
"""Items that failed, by their ordinal in the task, from 1."""


@dataclass(slots=True)
class TaskResult:
    """What became of the items of a task.

    Attributes:
        outcomes: By place in the batch.
        again: Items before the one that failed which were not reached, or nobody
            knows; to be sent once more.
    """

    outcomes: dict[int, Outcome] = field(default_factory=dict)
    again: list[PreparedItem] = field(default_factory=list)


def classify_completed(
    sent: Sequence[PreparedItem], failures: Failures, before: Snapshot, now: Now
) -> TaskResult:
    """Judge a task that went through its whole file.

    Args:
        sent: The items of the task.
        failures: Why some of them failed.
        before: What was there before.
        now: What is there now of what was there before.
    """
    verdict = TaskResult()
    for number, each in enumerate(sent, start=1):
        failure = failures.get(number)
        if failure is not None:
            verdict.outcomes[each.place] = _failed_outcome(each, failure)
        else:
            verdict.outcomes[each.place] = _written_outcome(each, before, now)
    return verdict


def classify_stopped(
    sent: Sequence[PreparedItem],
    failures: Failures,
    before: Snapshot,
    now: Now,
    *,
    adds_only: bool,
) -> TaskResult:
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
        and not _may_be_unchanged(each, before, now)
        and not (adds_only and each.key in before)
    ]
    missed = any(
        each.key not in now or (adds_only and each.key in before) for each in ahead
    )
    reached = moved[-1] if moved else 0
    if failures[at].was_read and not missed:
        reached = len(ahead)
    verdict = TaskResult(again=list(ahead[reached:]))
    for each in ahead[:reached]:
        verdict.outcomes[each.place] = _written_outcome(each, before, now)
    verdict.outcomes[sent[at - 1].place] = _failed_outcome(sent[at - 1], failures[at])
    return verdict


def classify_broken(
    sent: Sequence[PreparedItem],
    failures: Failures,
    before: Snapshot,
    now: Now,
    why: Problem,
) -> TaskResult:
    """Judge a task that broke off without an item that would be to blame.

    Args:
        sent: The items of the task.
        failures: Why some of them failed before.
        before: What was there before.
        now: What is there now.
        why: What the server says of the whole task.
    """
    verdict = TaskResult()
    for number, each in enumerate(sent, start=1):
        if number in failures:
            outcome = _failed_outcome(each, failures[number])
        elif each.key not in now:
            outcome = Outcome(OutcomeKind.FAILED, each.key, why)
        elif _may_be_unchanged(each, before, now):
            outcome = Outcome(OutcomeKind.UNKNOWN, each.key, note=each.note)
        else:
            outcome = _written_outcome(each, before, now)
        verdict.outcomes[each.place] = outcome
    return verdict


def has_no_effect(
    sent: Sequence[PreparedItem], before: Snapshot, now: Now, *, adds_only: bool
) -> bool:
    """Say whether all that a broken task was sent is as it was before."""

    def is_as_before(each: PreparedItem) -> bool:
        if each.key not in now or each.key not in before:
            return each.key not in now
        was = before[each.key]
        return adds_only or (was != _NOT_READ and was == now[each.key])

    return all(map(is_as_before, sent))


_NOT_READ: Final = ""


def _may_be_unchanged(each: PreparedItem, before: Snapshot, now: Now) -> bool:
    """Say whether an item may be as it was: nobody may have looked into it then."""
    return each.key in before and before[each.key] in {_NOT_READ, now.get(each.key)}


def _written_outcome(each: PreparedItem, before: Snapshot, now: Now) -> Outcome:
    if each.key not in before:
        kind = OutcomeKind.CREATED
    elif before[each.key] != _NOT_READ and before[each.key] == now.get(each.key):
        kind = OutcomeKind.UNCHANGED
    else:
        kind = OutcomeKind.UPDATED
    return Outcome(kind, each.key, note=each.note)


def _failed_outcome(each: PreparedItem, failure: Failure) -> Outcome:
    return Outcome(OutcomeKind.FAILED, each.key, failure.problem)


def unknown_outcomes(items: Iterable[PreparedItem]) -> dict[int, Outcome]:
    """Return for items that nobody knows what became of them."""
    return {x.place: Outcome(OutcomeKind.UNKNOWN, x.key, note=x.note) for x in items}


def order_outcomes(
    items: Sequence[Item], found: Mapping[int, Outcome], *, stops: bool
) -> list[Outcome]:
    """Give every item its outcome; what nobody came to is skipped.

    What is stored is told as it is, even behind a failure that should have ended all.
    """
    outcomes: list[Outcome] = []
    ended = False
    for place, item in enumerate(items):
        outcome = found.get(place)
        if outcome is None or (ended and outcome.kind in STOPPING_KINDS):
            outcome = Outcome(OutcomeKind.SKIPPED, _visible_key(item))
        outcomes.append(outcome)
        ended = ended or (stops and outcome.kind in STOPPING_KINDS)
    return outcomes


def _visible_key(item: Mapping[str, Any]) -> str:
    key = item.get(ERC)
    return key if isinstance(key, str) else ""


class ReportedFailures(NamedTuple):
    """What a task tells of failures.

    Attributes:
        by_number: Why items failed, by their ordinal in the task, from 1.
        unplaced: What is told of an item that failed, and not of which; None where
            nothing is. Then an item that is not named may have failed as well.
    """

    by_number: dict[int, Failure]
    unplaced: Problem | None


def read_failures(task: Item, sent: Sequence[PreparedItem]) -> ReportedFailures:
    """Read the failed items of a task.

    An item is known by its code, where the server shows what failed, and else by its
    ordinal.
    """
    told = task.get("failedItems")
    if not isinstance(told, list):
        return ReportedFailures({}, parse_problem("", {}))
    numbers = {each.key: number for number, each in enumerate(sent, start=1)}
    found = ReportedFailures({}, None)
    for each in told:
        failed = each if isinstance(each, dict) else {}
        text = str(failed.get("message") or "")
        number = _item_number(failed, numbers)
        if number is None:
            found = found._replace(unplaced=found.unplaced or parse_problem(text, {}))
            continue
        problem = parse_problem(text, sent[number - 1].item)
        found.by_number.setdefault(number, Failure(problem, bool(failed.get("item"))))
    return found


def _item_number(failed: Item, numbers: Mapping[str, int]) -> int | None:
    by_code = numbers.get(_read_code(failed.get("item")))
    if by_code is not None:
        return by_code
    index = failed.get("itemIndex")
    return index if type(index) is int and 1 <= index <= len(numbers) else None


def _read_code(shown: Any) -> str:
    """Read the code in an item as the server shows it, which should be JSON."""
    try:
        item = decode(shown.encode()) if isinstance(shown, str) else None
    except ValueError:
        return ""
    code = item.get(ERC) if isinstance(item, dict) else None
    return code if isinstance(code, str) else ""


_DEFINITION_TYPE: Final = EntityType(
    name=DEFINITION, label=DEFINITION, class_name=OBJECT_DEFINITION
)


class ChecksumReader:
    """Asks a server for items of one entity type, and keeps their sums only.

    Args:
        fetcher: Of the server.
        entity_type: Of the items.
        adds_only: Nothing is changed, so it is enough to know what is there.
    """

    def __init__(
        self, fetcher: ItemFetcher, entity_type: EntityType, *, adds_only: bool
    ) -> None:
        self._fetcher = fetcher
        self._type = entity_type
        self._adds_only = adds_only
        self._brought: dict[str, tuple[str, ...]] = {}

    def include_definitions(self, items: Iterable[PreparedItem]) -> None:
        """Sum up the definitions that folders bring along as parts of the folders."""
        if self._type.class_name != OBJECT_FOLDER:
            return
        self._brought |= {
            item.key: codes for item in items if (codes := included_codes(item.item))
        }

    def of(self, site: str, keys: Sequence[str]) -> dict[str, str]:
        """Sum up what is stored under these codes."""
        if not keys:
            return {}
        fields = CODE_AND_ID if self._adds_only else ""
        found = self._fetcher.raw_items(self._type, keys, site, fields)
        if self._adds_only:
            return dict.fromkeys(found, "")
        reader = ItemNormalizer(self._type)
        sums = {
            key: item_checksum(reader.item(x), self._type) for key, x in found.items()
        }
        return sums | self._with_definitions(sums)

    def _with_definitions(self, sums: Mapping[str, str]) -> dict[str, str]:
        """Return the sums of those folders that bring definitions along."""
        brought = {key: self._brought[key] for key in sums if key in self._brought}
        codes = [code for some in brought.values() for code in some]
        if not codes:
            return {}
        found = self._fetcher.raw_items(_DEFINITION_TYPE, codes)
        reader = ItemNormalizer(_DEFINITION_TYPE)
        definitions = {
            code: item_checksum(reader.item(item), _DEFINITION_TYPE)
            for code, item in found.items()
        }
        return {
            key: item_checksum({"own": sums[key], "brought": listed}, self._type)
            for key, some in brought.items()
            for listed in [[definitions.get(code) for code in some]]
        }

    def after(self, site: str, keys: Sequence[str]) -> dict[str, str]:
        """Sum up what is stored after a task.

        Raises:
            Lost: The server does not tell any more.
        """
        try:
            return self.of(site, keys)
        except InstallationError as exc:
            raise UnknownTaskState(exc) from exc

    def by_dates(self, part: BatchPart, task: Item) -> dict[str, str]:
        """Tell what was there before a task by when it was made.

        For a server that does not give back the file of a task. Times are those of
        the server, in seconds; a task that never began has made nothing.

        Raises:
            Lost: The server does not tell any more.
        """
        keys = [each.key for each in part.items]
        try:
            found = self._fetcher.raw_items(self._type, keys, part.site)
        except InstallationError as exc:
            raise UnknownTaskState(exc) from exc
        began = str(task.get("startTime") or "")[:19]
        return {
            key: ""
            for key, item in found.items()
            if not began or str(item.get("dateCreated") or "")[:19] < began
        }
