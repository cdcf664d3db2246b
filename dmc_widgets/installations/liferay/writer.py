"""Writing a batch: look, send, wait, compare.

A batch costs a few requests: what is there of its codes, the import task with the
note of that, looks at the task, and what is there now of what was there before.
Many-to-many links follow one by one; see :mod:`.linking`.

What can be found out about a batch while another one is being written.

Batch after batch, the next one made ready while the server works on one.

A thread of its own writes a batch. Meanwhile whoever asks for it brings the next one,
which is made ready to be sent: put into JSON, and compared with what is there. It is
sent once the one before has ended and its outcomes were taken: its items may build
on those, and the first that fails may end it all. To send several at once was turned
down, for a server keeps no order among its tasks.

What became of a batch that somebody else has written: asked for, never sent.

The tasks of the batch are found by their marks and judged as whoever made them would
have judged them. What they had still to do is not done: items that would have been
sent once more were not reached, and links that are lacking were not set.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from ...errors import DmcError, InstallationError, Refused
from ...model.entity_type import OBJECT_ENTRY, EntityType
from ...model.outcome import NESTED_KEPT, STOPPING_KINDS, Outcome, OutcomeKind, Problem
from ...model.strategies import ErrorStrategy, ImportStrategy, Policy, UpdateStrategy
from ...objects.documents.change_set import DEFINITION
from ...objects.errors.entry_problem_types import EntryProblemType
from ...objects.errors.entry_problems import no_such_site
from ...objects.names import ERC
from ...objects.text import format_erc
from ...ports import Batch, Item
from .batch_plan import (
    STUB_POLICY,
    STUB_SUFFIX,
    BatchPart,
    BatchPlan,
    PreparedItem,
    completion_policy,
    make_stub_part,
    plan_batch,
)
from .batch_task import (
    COMPLETED,
    FAILED,
    WITHHELD,
    ImportTaskClient,
    Snapshot,
    UnknownTaskState,
)
from .fallback import SingleItemWriter, is_upsert_refused
from .http.cancellation import CancelToken, OperationCancelled, Pending
from .http.client import Client
from .http.errors import MISSING_PERMISSION, explain_refused_import
from .items import ItemFetcher, ScopeNotFound, is_link_list
from .metadata import list_sites
from .problems import CauseFinder, parse_problem
from .relationships import LinkWriter, WantedLinks
from .results import (
    ChecksumReader,
    Failure,
    ReportedFailures,
    TaskResult,
    classify_broken,
    classify_completed,
    classify_stopped,
    has_no_effect,
    order_outcomes,
    read_failures,
    unknown_outcomes,
)


@dataclass(frozen=True, slots=True)
class PreparedBatch:
    """What was found out about a batch before it is its turn.

    Attributes:
        plan: What is to be done with it.
        task: Bears the mark of its first part; None if the server has none.
        before: What is there of that part; None where this may still change.
    """

    plan: BatchPlan
    task: Item | None = None
    before: Snapshot | None = None


def may_change(part: BatchPart, under_way: Batch, entity_type: EntityType) -> bool:
    """Say whether a batch may change what is there of a part.

    It does where it holds the same codes, for servers that do not tell upper from
    lower case too, and may where links of one entry show at the other.
    """
    if any(map(is_link_list, entity_type.fields)):
        return True
    codes = {format_erc(each.get(ERC)).casefold() for each in under_way.items}
    return any(each.key.casefold() in codes for each in part.items)


RESEND_SUFFIX: Final = (
    "r"  # behind the mark of the task of which some are sent once more
)
RESTART_SUFFIX: Final = "n"  # behind that of one that came to nothing
_RELATED_ENTRY_MISSING: Final = Problem(
    "no-such-related-object-entry",
    "An entry that the record names in a list was not there when it was tried.",
)


class Writer:
    """Writes batches of one entity type.

    Args:
        client: Of the server.
        fetcher: Of the server.
        entity_type: Of the items.
        policy: Of the batch.
    """

    def __init__(
        self,
        client: Client,
        fetcher: ItemFetcher,
        entity_type: EntityType,
        policy: Policy,
    ) -> None:
        self._version = fetcher.version
        self._client = client
        self._fetcher = fetcher
        self._type = entity_type
        self._policy = policy
        self._causes = CauseFinder(entity_type, policy)
        self._tasks = ImportTaskClient(client, entity_type, policy)
        self._adds_only = policy.import_strategy is ImportStrategy.INSERT
        self._sums = ChecksumReader(fetcher, entity_type, adds_only=self._adds_only)
        self._stops = policy.error_strategy is ErrorStrategy.STOP
        self._has_asked = False

    def look(self, batch: Batch, under_way: Batch) -> PreparedBatch | None:
        """Make a batch ready while another one is being written.

        Returns:
            None where the server did not tell; its turn will show why.
        """
        plan = plan_batch(batch, self._type)
        if not plan.parts:
            return PreparedBatch(plan)
        part = plan.parts[0]
        try:
            task = self._tasks.find(part.mark)
            if task is not None or may_change(part, under_way, self._type):
                return PreparedBatch(plan, task)
            return PreparedBatch(plan, None, self._before(part))
        except (DmcError, OperationCancelled):
            return None

    def write(self, batch: Batch, looked: PreparedBatch | None = None) -> list[Outcome]:
        """Store the batch; see :class:`~dmc_widgets.ports.Installation`.

        Args:
            batch: The items, with their mark.
            looked: What :meth:`look` has found out about it.
        """
        self._has_asked = False
        plan = looked.plan if looked else plan_batch(batch, self._type)
        outcomes = dict(plan.refused)
        for number, part in enumerate(plan.parts):
            try:
                found = self._write_part(part, looked if number == 0 else None)
            except ScopeNotFound as exc:
                found = self._without_site(part, exc)
            except InstallationError:
                if number == 0:
                    raise  # nothing of the batch is stored
                found = unknown_outcomes(part.items)
            except OperationCancelled:
                if not self._has_asked:
                    raise
                found = unknown_outcomes(part.items)
            outcomes |= found
            kinds = {each.kind for each in found.values()}
            if OutcomeKind.UNKNOWN in kinds or (self._stops and kinds & STOPPING_KINDS):
                break
        return order_outcomes(batch.items, outcomes, stops=self._stops)

    def _write_part(
        self, part: BatchPart, looked: PreparedBatch | None = None
    ) -> dict[int, Outcome]:
        """Write a part, or find out what became of it.

        Where an earlier attempt came to nothing, it is begun anew.

        Raises:
            InstallationError: Nothing of it is stored.
        """
        task = looked.task if looked else self._tasks.find(part.mark)
        anew = replace(part, mark=f"{part.mark}{RESTART_SUFFIX}")
        if task is not None and has_broken_off(task) and self._tasks.find(anew.mark):
            return self._write_part(anew)
        linker = LinkWriter(self._client, self._fetcher, self._type)
        wanted = linker.wanted(part)
        try:
            if task is None:
                before = looked.before if looked else None
                outcomes = self._begun(part, before, wanted)
            else:
                outcomes = self._ended(part, task, None, wanted)
        except UnknownTaskState:
            return unknown_outcomes(part.items)
        except Refused:
            if task is None:
                raise
            return self._write_part(anew)
        return outcomes | linker.link(part, outcomes, wanted)

    def _without_site(
        self, part: BatchPart, fault: ScopeNotFound
    ) -> dict[int, Outcome]:
        """Refuse the items of a site that the server does not have.

        Raises:
            ScopeNotFound: The server has the site, or does not tell its sites.
        """
        try:
            known = [each.key for each in list_sites(self._client, self._type)]
        except Refused:
            raise fault from None
        if part.site in known:
            raise fault
        problem = no_such_site(part.site, known)
        return {
            each.place: Outcome(OutcomeKind.FAILED, each.key, problem)
            for each in part.items
        }

    def _begun(
        self, part: BatchPart, known: Snapshot | None, wanted: WantedLinks
    ) -> dict[int, Outcome]:
        """Look what is there, if nobody has, and send what may go."""
        found = self._before(part) if known is None else known
        before = _withhold_items(part, found, wanted)
        bare = self._bare_part(part, before)
        tasks = self._tasks
        if bare is not None:
            tasks = self._tasks.with_policy(completion_policy(self._policy))
            self._has_asked = True
            made = self._tasks.with_policy(STUB_POLICY)
            made.wait(made.post(*bare, before))
        sent, refused = self._sendable(part, before, wanted)
        if not sent:
            return refused
        self._has_asked = True
        return self._ended(part, tasks.post(part, sent, before), before, wanted)

    def _before(self, part: BatchPart) -> Snapshot:
        """Return what was there before anything of the part was written."""
        self._sums.include_definitions(part.items)
        if self._type.name == DEFINITION:
            bare = self._tasks.find(f"{part.mark}{STUB_SUFFIX}")
            ended = self._tasks.wait(bare) if bare is not None else None
            if ended is not None:
                found = self._tasks.note_of(ended, part)
                if found is not None:
                    return found
        return self._sums.of(part.site, [each.key for each in part.items])

    def _bare_part(
        self, part: BatchPart, before: Snapshot
    ) -> tuple[BatchPart, tuple[PreparedItem, ...]] | None:
        version = self._version() if self._type.name == DEFINITION else ()
        return make_stub_part(part, self._type, self._policy, before, version)

    def _ended(
        self, part: BatchPart, task: Item, before: Snapshot | None, wanted: WantedLinks
    ) -> dict[int, Outcome]:
        """Wait for the end of a task and judge it.

        Raises:
            Lost: The server does not tell any more.
            InstallationError: Nothing of the part is stored.
        """
        ended = self._tasks.wait(task)
        if ended is None:
            return unknown_outcomes(part.items)
        self._sums.include_definitions(part.items)
        if before is None:
            before = self._tasks.note_of(ended, part)
        if before is None:
            before = _withhold_items(part, self._sums.by_dates(part, ended), wanted)
        sent, refused = self._sendable(part, before, wanted)
        return refused | self._judged(part, ended, sent, before)

    def _sendable(
        self, part: BatchPart, before: Snapshot, wanted: WantedLinks
    ) -> tuple[tuple[PreparedItem, ...], dict[int, Outcome]]:
        """Keep back what the strategy does not allow, where the server would."""
        only_updates = self._policy.import_strategy is ImportStrategy.UPDATE
        was_bare = self._adds_only and self._bare_part(part, before) is not None
        as_usual = not only_updates and not was_bare
        if as_usual and WITHHELD not in before.values():
            return part.items, {}
        sent: list[PreparedItem] = []
        refused: dict[int, Outcome] = {}
        for each in part.items:
            problem = self._refusal(each, before, wanted, as_usual=as_usual)
            if problem is None:
                sent.append(each)
                continue
            refused[each.place] = Outcome(OutcomeKind.FAILED, each.key, problem)
            if self._stops:
                break
        return tuple(sent), refused

    def _refusal(
        self,
        each: PreparedItem,
        before: Snapshot,
        wanted: WantedLinks,
        *,
        as_usual: bool,
    ) -> Problem | None:
        if before.get(each.key) == WITHHELD:
            named = wanted.get(each.place)
            return named if isinstance(named, Problem) else _RELATED_ENTRY_MISSING
        only_updates = self._policy.import_strategy is ImportStrategy.UPDATE
        if as_usual or (each.key in before) is only_updates:
            return None
        return (_missing_item if only_updates else _duplicate_item)(
            self._type, each.key
        )

    def _judged(
        self,
        part: BatchPart,
        task: Item,
        sent: Sequence[PreparedItem],
        before: Snapshot,
    ) -> dict[int, Outcome]:
        told = read_failures(task, sent)
        failures = told.by_number
        self._require_permission(failures, sent)
        if self._is_refused_as_a_whole(task, failures):
            outcomes = self._written_one_by_one(part, task, sent, before)
            return self._causes.explain_all(outcomes, sent, before)
        if task.get("executeStatus") == COMPLETED:
            verdict = self._completed(part, sent, told, before)
        elif failures and self._stops:
            ahead = [each.key for each in sent[: min(failures) - 1]]
            now = self._sums.after(part.site, ahead)
            verdict = classify_stopped(
                sent, failures, before, now, adds_only=self._adds_only
            )
        else:
            verdict = self._broken(part, task, sent, failures, before)
        if verdict.again:
            again = replace(
                part, mark=f"{part.mark}{RESEND_SUFFIX}", items=tuple(verdict.again)
            )
            verdict.outcomes |= self._written_again(again)
        explained = self._causes.explain_all(verdict.outcomes, sent, before)
        return {k: self._noted(each) for k, each in explained.items()}

    def _written_one_by_one(
        self,
        part: BatchPart,
        _task: Item,
        sent: Sequence[PreparedItem],
        before: Snapshot,
    ) -> dict[int, Outcome]:
        """Write items that the server refuses to take in a batch."""
        writer = SingleItemWriter(self._client, self._fetcher, self._type, self._sums)
        return writer.write(part.site, sent, before, stops=self._stops)

    def _written_again(self, part: BatchPart) -> dict[int, Outcome]:
        """Write items in front of one that failed which were not reached."""
        try:
            return self._write_part(part)
        except InstallationError:
            return unknown_outcomes(part.items)

    def _require_permission(
        self, failures: Mapping[int, Failure], sent: Sequence[PreparedItem]
    ) -> None:
        """Tell once what would be told of every item.

        Raises:
            Refused: All of them were refused for want of a permission, or the first
                one was, and ended the task.
        """
        lacking = [
            n for n, x in failures.items() if x.problem.code == MISSING_PERMISSION
        ]
        if lacking and (len(lacking) == len(sent) or (self._stops and lacking == [1])):
            told = failures[1].problem.message.rstrip(".")
            reason = explain_refused_import(self._client.who, self._type, told)
            raise Refused(self._client.name, reason)

    def _completed(
        self,
        part: BatchPart,
        sent: Sequence[PreparedItem],
        told: ReportedFailures,
        before: Snapshot,
    ) -> TaskResult:
        """Judge a task that says it came to the end of its file."""
        failures, unplaced = told
        if unplaced is not None:
            now = self._sums.after(part.site, [each.key for each in sent])
            return classify_broken(sent, failures, before, now, unplaced)
        asked = [
            each.key
            for number, each in enumerate(sent, start=1)
            if each.key in before and number not in failures
        ]
        return classify_completed(
            sent, failures, before, self._sums.after(part.site, asked)
        )

    def _broken(
        self,
        part: BatchPart,
        task: Item,
        sent: Sequence[PreparedItem],
        failures: Mapping[int, Failure],
        before: Snapshot,
    ) -> TaskResult:
        why = parse_problem(str(task.get("errorMessage") or ""), {})
        now = self._sums.after(part.site, [each.key for each in sent])
        in_vain = has_no_effect(sent, before, now, adds_only=self._adds_only)
        if in_vain and not failures:
            reason = f"The server could not carry out the batch: {why.message}"
            raise Refused(self._client.name, reason)
        return classify_broken(sent, failures, before, now, why)

    def _is_refused_as_a_whole(
        self, task: Item, failures: Mapping[int, Failure]
    ) -> bool:
        if self._policy.update_strategy is not UpdateStrategy.PARTIAL_UPDATE:
            return False
        told = [str(task.get("errorMessage") or "")]
        told += [failure.problem.message for failure in failures.values()]
        return any(map(is_upsert_refused, told))

    def _noted(self, outcome: Outcome) -> Outcome:
        """Add what a PATCH of a definition leaves alone."""
        is_patch = self._policy.update_strategy is UpdateStrategy.PARTIAL_UPDATE
        changed = outcome.kind in {OutcomeKind.UPDATED, OutcomeKind.UNCHANGED}
        if self._type.name == DEFINITION and is_patch and changed and not outcome.note:
            return outcome._replace(note=NESTED_KEPT)
        return outcome


def has_broken_off(task: Item) -> bool:
    """Say whether a task failed, and no item of it is to blame."""
    return task.get("executeStatus") == FAILED and not task.get("failedItems")


def _withhold_items(part: BatchPart, before: Snapshot, wanted: WantedLinks) -> Snapshot:
    """Note which items are not sent, for whoever takes the part up again."""
    kept = [x.key for x in part.items if isinstance(wanted.get(x.place), Problem)]
    return {**before, **dict.fromkeys(kept, WITHHELD)}


def _missing_item(entity_type: EntityType, key: str) -> Problem:
    if entity_type.class_name == OBJECT_ENTRY:
        return EntryProblemType.NOT_THERE.problem(ERC, key, erc=key)
    message = f"No {entity_type.name} exists with the external reference code {key}"
    return Problem("not-found", message, ERC, f'"{key}"')


def _duplicate_item(entity_type: EntityType, key: str) -> Problem:
    message = f"Duplicate {entity_type.name} with external reference code {key}"
    return Problem("duplicate-key", message, ERC, f'"{key}"')


def write_batches(
    writer: Writer, patience: CancelToken, batches: Iterator[Batch]
) -> Iterator[list[Outcome]]:
    """Yield the outcomes of each batch; see :class:`~dmc_widgets.ports.AheadWriter`.

    Args:
        writer: Of their entity type and policy.
        patience: Who waits.
        batches: The next one is taken while one is written.
    """
    batch = next(batches, None)
    looked = None
    while batch is not None:
        patience.require_wanted()
        under_way = Pending(partial(writer.write, batch, looked))
        try:
            following = next(batches, None)
        except Exception:
            yield patience.end_of(under_way)
            raise
        looked = None if following is None else writer.look(following, batch)
        yield patience.end_of(under_way)
        batch = following


class BatchRecaller(Writer):
    """Tells what became of batches of one entity type."""

    def recall(self, batch: Batch) -> list[Outcome] | None:
        """Return the outcomes of a batch; see :class:`~dmc_widgets.ports.Recalling`."""
        plan = plan_batch(batch, self._type)
        outcomes = dict(plan.refused)
        has_begun = not plan.parts
        for part in plan.parts:
            found = self._recalled(part)
            if found is None:
                found = self._refused_for_site(part)
            if found is None:
                break
            has_begun = True
            outcomes |= found
            kinds = {each.kind for each in found.values()}
            if OutcomeKind.UNKNOWN in kinds or (self._stops and kinds & STOPPING_KINDS):
                break
        if not has_begun:
            return None
        return order_outcomes(batch.items, outcomes, stops=self._stops)

    def _refused_for_site(self, part: BatchPart) -> dict[int, Outcome] | None:
        """Return the failures of items whose site is not there; None if it is."""
        if not part.site:
            return None
        try:
            self._sums.of(part.site, [part.items[0].key])
        except ScopeNotFound as exc:
            return self._without_site(part, exc)
        return None

    def _recalled(self, part: BatchPart) -> dict[int, Outcome] | None:
        """Return what became of a part; None if nothing of it is stored.

        Raises:
            InstallationError: The server does not tell now.
        """
        task = self._tasks.find(part.mark)
        if task is None:
            # Definitions may have been made bare, and then never put whole.
            is_bare = self._tasks.find(f"{part.mark}{STUB_SUFFIX}") is not None
            return unknown_outcomes(part.items) if is_bare else None
        if has_broken_off(task):
            anew = self._recalled(replace(part, mark=f"{part.mark}{RESTART_SUFFIX}"))
            if anew is not None:
                return anew
        linker = LinkWriter(self._client, self._fetcher, self._type)
        wanted = linker.wanted(part)
        try:
            outcomes = self._ended(part, task, None, wanted)
        except UnknownTaskState as lost:
            raise lost.fault from lost
        except Refused:
            return None  # the task came to nothing
        return outcomes | linker.recall(part, outcomes, wanted)

    def _written_one_by_one(
        self,
        part: BatchPart,
        task: Item,
        sent: Sequence[PreparedItem],
        before: Snapshot,
    ) -> dict[int, Outcome]:
        """Compare what was there with what is: single requests leave no mark."""
        now = self._sums.after(part.site, [each.key for each in sent])
        why = parse_problem(str(task.get("errorMessage") or ""), {})
        found = classify_broken(sent, {}, before, now, why).outcomes
        return {
            place: Outcome(OutcomeKind.SKIPPED, each.key)
            if each.kind is OutcomeKind.FAILED
            else each
            for place, each in found.items()
        }

    def _written_again(self, part: BatchPart) -> dict[int, Outcome]:
        """Return what was sent once more; the rest was not reached."""
        return self._recalled(part) or {}
