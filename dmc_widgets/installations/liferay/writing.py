"""Writing a batch: look, send, wait, compare.

A batch costs a few requests: what is there of its codes, the import task with the
note of that, looks at the task, and what is there now of what was there before.
Many-to-many links follow one by one; see :mod:`.linking`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from ...errors import DmcError, InstallationError, Refused
from ...model.entity import OBJECT_ENTRY, EntityType
from ...model.outcome import NESTED_KEPT, Outcome, OutcomeKind, Problem
from ...model.strategies import ErrorStrategy, ImportStrategy, Policy, UpdateStrategy
from ...objects.documents import DEFINITION
from ...objects.entry_faults import ERC, no_such_entry, no_such_site
from ...ports import Batch, Item
from .batches import Part, Ready, plan_batch
from .causes import Causes
from .client import Client
from .definition_order import BARE_MARK, BARE_POLICY, bare_part, whole_policy
from .failed_items import Told, failures_of
from .fetching import Fetcher, NoSuchList
from .import_tasks import ImportTasks, Lost
from .judging import (
    ENDS,
    Failure,
    Verdict,
    broken,
    completed,
    in_order,
    nothing_came,
    stopped,
    unknown,
)
from .linking import Linker, Wanted
from .looking import Looked, may_change
from .notes import KEPT_BACK, Before
from .one_by_one import OneByOne, is_refusal
from .patience import NoLongerWanted
from .permissions import CODE, refused_import
from .problems import problem_of
from .sites import sites_of
from .sums import Sums
from .tasks import COMPLETED, FAILED

AGAIN: Final = "r"  # behind the mark of the task of which some are sent once more
ANEW: Final = "n"  # behind that of one that came to nothing
_NOT_THERE: Final = Problem(
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
        fetcher: Fetcher,
        entity_type: EntityType,
        policy: Policy,
    ) -> None:
        self._version = fetcher.version
        self._client = client
        self._fetcher = fetcher
        self._type = entity_type
        self._policy = policy
        self._causes = Causes(entity_type, policy)
        self._tasks = ImportTasks(client, entity_type, policy)
        self._adds_only = policy.on_existing is ImportStrategy.INSERT
        self._sums = Sums(fetcher, entity_type, adds_only=self._adds_only)
        self._stops = policy.on_error is ErrorStrategy.STOP
        self._has_asked = False

    def look(self, batch: Batch, under_way: Batch) -> Looked | None:
        """Make a batch ready while another one is being written.

        Returns:
            None where the server did not tell; its turn will show why.
        """
        plan = plan_batch(batch, self._type)
        if not plan.parts:
            return Looked(plan)
        part = plan.parts[0]
        try:
            task = self._tasks.find(part.mark)
            if task is not None or may_change(part, under_way, self._type):
                return Looked(plan, task)
            return Looked(plan, None, self._before(part))
        except (DmcError, NoLongerWanted):
            return None

    def write(self, batch: Batch, looked: Looked | None = None) -> list[Outcome]:
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
            except NoSuchList as exc:
                found = self._without_site(part, exc)
            except InstallationError:
                if number == 0:
                    raise  # nothing of the batch is stored
                found = unknown(part.items)
            except NoLongerWanted:
                if not self._has_asked:
                    raise
                found = unknown(part.items)
            outcomes |= found
            kinds = {each.kind for each in found.values()}
            if OutcomeKind.UNKNOWN in kinds or (self._stops and kinds & ENDS):
                break
        return in_order(batch.items, outcomes, stops=self._stops)

    def _write_part(
        self, part: Part, looked: Looked | None = None
    ) -> dict[int, Outcome]:
        """Write a part, or find out what became of it.

        Where an earlier attempt came to nothing, it is begun anew.

        Raises:
            InstallationError: Nothing of it is stored.
        """
        task = looked.task if looked else self._tasks.find(part.mark)
        anew = replace(part, mark=f"{part.mark}{ANEW}")
        if task is not None and broke_off(task) and self._tasks.find(anew.mark):
            return self._write_part(anew)
        linker = Linker(self._client, self._fetcher, self._type)
        wanted = linker.wanted(part)
        try:
            if task is None:
                before = looked.before if looked else None
                outcomes = self._begun(part, before, wanted)
            else:
                outcomes = self._ended(part, task, None, wanted)
        except Lost:
            return unknown(part.items)
        except Refused:
            if task is None:
                raise
            return self._write_part(anew)
        return outcomes | linker.link(part, outcomes, wanted)

    def _without_site(self, part: Part, fault: NoSuchList) -> dict[int, Outcome]:
        """Refuse the items of a site that the server does not have.

        Raises:
            NoSuchList: The server has the site, or does not tell its sites.
        """
        try:
            known = [each.key for each in sites_of(self._client, self._type)]
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
        self, part: Part, known: Before | None, wanted: Wanted
    ) -> dict[int, Outcome]:
        """Look what is there, if nobody has, and send what may go."""
        found = self._before(part) if known is None else known
        before = _kept_back(part, found, wanted)
        bare = self._bare_part(part, before)
        tasks = self._tasks
        if bare is not None:
            tasks = self._tasks.with_policy(whole_policy(self._policy))
            self._has_asked = True
            made = self._tasks.with_policy(BARE_POLICY)
            made.wait(made.post(*bare, before))
        sent, refused = self._sendable(part, before, wanted)
        if not sent:
            return refused
        self._has_asked = True
        return self._ended(part, tasks.post(part, sent, before), before, wanted)

    def _before(self, part: Part) -> Before:
        """Return what was there before anything of the part was written."""
        self._sums.include_definitions(part.items)
        if self._type.name == DEFINITION:
            bare = self._tasks.find(f"{part.mark}{BARE_MARK}")
            ended = self._tasks.wait(bare) if bare is not None else None
            if ended is not None:
                found = self._tasks.note_of(ended, part)
                if found is not None:
                    return found
        return self._sums.of(part.site, [each.key for each in part.items])

    def _bare_part(
        self, part: Part, before: Before
    ) -> tuple[Part, tuple[Ready, ...]] | None:
        version = self._version() if self._type.name == DEFINITION else ()
        return bare_part(part, self._type, self._policy, before, version)

    def _ended(
        self, part: Part, task: Item, before: Before | None, wanted: Wanted
    ) -> dict[int, Outcome]:
        """Wait for the end of a task and judge it.

        Raises:
            Lost: The server does not tell any more.
            InstallationError: Nothing of the part is stored.
        """
        ended = self._tasks.wait(task)
        if ended is None:
            return unknown(part.items)
        self._sums.include_definitions(part.items)
        if before is None:
            before = self._tasks.note_of(ended, part)
        if before is None:
            before = _kept_back(part, self._sums.by_dates(part, ended), wanted)
        sent, refused = self._sendable(part, before, wanted)
        return refused | self._judged(part, ended, sent, before)

    def _sendable(
        self, part: Part, before: Before, wanted: Wanted
    ) -> tuple[tuple[Ready, ...], dict[int, Outcome]]:
        """Keep back what the strategy does not allow, where the server would."""
        only_updates = self._policy.on_existing is ImportStrategy.UPDATE
        was_bare = self._adds_only and self._bare_part(part, before) is not None
        as_usual = not only_updates and not was_bare
        if as_usual and KEPT_BACK not in before.values():
            return part.items, {}
        sent: list[Ready] = []
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
        self, each: Ready, before: Before, wanted: Wanted, *, as_usual: bool
    ) -> Problem | None:
        if before.get(each.key) == KEPT_BACK:
            named = wanted.get(each.place)
            return named if isinstance(named, Problem) else _NOT_THERE
        only_updates = self._policy.on_existing is ImportStrategy.UPDATE
        if as_usual or (each.key in before) is only_updates:
            return None
        return (_missing if only_updates else _duplicate)(self._type, each.key)

    def _judged(
        self, part: Part, task: Item, sent: Sequence[Ready], before: Before
    ) -> dict[int, Outcome]:
        told = failures_of(task, sent)
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
            verdict = stopped(sent, failures, before, now, adds_only=self._adds_only)
        else:
            verdict = self._broken(part, task, sent, failures, before)
        if verdict.again:
            again = replace(
                part, mark=f"{part.mark}{AGAIN}", items=tuple(verdict.again)
            )
            verdict.outcomes |= self._written_again(again)
        explained = self._causes.explain_all(verdict.outcomes, sent, before)
        return {k: self._noted(each) for k, each in explained.items()}

    def _written_one_by_one(
        self, part: Part, _task: Item, sent: Sequence[Ready], before: Before
    ) -> dict[int, Outcome]:
        """Write items that the server refuses to take in a batch."""
        writer = OneByOne(self._client, self._fetcher, self._type, self._sums)
        return writer.write(part.site, sent, before, stops=self._stops)

    def _written_again(self, part: Part) -> dict[int, Outcome]:
        """Write items in front of one that failed which were not reached."""
        try:
            return self._write_part(part)
        except InstallationError:
            return unknown(part.items)

    def _require_permission(
        self, failures: Mapping[int, Failure], sent: Sequence[Ready]
    ) -> None:
        """Tell once what would be told of every item.

        Raises:
            Refused: All of them were refused for want of a permission, or the first
                one was, and ended the task.
        """
        lacking = [n for n, x in failures.items() if x.problem.code == CODE]
        if lacking and (len(lacking) == len(sent) or (self._stops and lacking == [1])):
            told = failures[1].problem.message.rstrip(".")
            reason = refused_import(self._client.who, self._type, told)
            raise Refused(self._client.name, reason)

    def _completed(
        self,
        part: Part,
        sent: Sequence[Ready],
        told: Told,
        before: Before,
    ) -> Verdict:
        """Judge a task that says it came to the end of its file."""
        failures, unplaced = told
        if unplaced is not None:
            now = self._sums.after(part.site, [each.key for each in sent])
            return broken(sent, failures, before, now, unplaced)
        asked = [
            each.key
            for number, each in enumerate(sent, start=1)
            if each.key in before and number not in failures
        ]
        return completed(sent, failures, before, self._sums.after(part.site, asked))

    def _broken(
        self,
        part: Part,
        task: Item,
        sent: Sequence[Ready],
        failures: Mapping[int, Failure],
        before: Before,
    ) -> Verdict:
        why = problem_of(str(task.get("errorMessage") or ""), {})
        now = self._sums.after(part.site, [each.key for each in sent])
        in_vain = nothing_came(sent, before, now, adds_only=self._adds_only)
        if in_vain and not failures:
            reason = f"The server could not carry out the batch: {why.message}"
            raise Refused(self._client.name, reason)
        return broken(sent, failures, before, now, why)

    def _is_refused_as_a_whole(
        self, task: Item, failures: Mapping[int, Failure]
    ) -> bool:
        if self._policy.on_update is not UpdateStrategy.PARTIAL_UPDATE:
            return False
        told = [str(task.get("errorMessage") or "")]
        told += [failure.problem.message for failure in failures.values()]
        return any(map(is_refusal, told))

    def _noted(self, outcome: Outcome) -> Outcome:
        """Add what a PATCH of a definition leaves alone."""
        is_patch = self._policy.on_update is UpdateStrategy.PARTIAL_UPDATE
        changed = outcome.kind in {OutcomeKind.UPDATED, OutcomeKind.UNCHANGED}
        if self._type.name == DEFINITION and is_patch and changed and not outcome.note:
            return outcome._replace(note=NESTED_KEPT)
        return outcome


def broke_off(task: Item) -> bool:
    """Say whether a task failed, and no item of it is to blame."""
    return task.get("executeStatus") == FAILED and not task.get("failedItems")


def _kept_back(part: Part, before: Before, wanted: Wanted) -> Before:
    """Note which items are not sent, for whoever takes the part up again."""
    kept = [x.key for x in part.items if isinstance(wanted.get(x.place), Problem)]
    return {**before, **dict.fromkeys(kept, KEPT_BACK)}


def _missing(entity_type: EntityType, key: str) -> Problem:
    if entity_type.class_name == OBJECT_ENTRY:
        return no_such_entry(key)
    message = f"No {entity_type.name} exists with the external reference code {key}"
    return Problem("not-found", message, ERC, f'"{key}"')


def _duplicate(entity_type: EntityType, key: str) -> Problem:
    message = f"Duplicate {entity_type.name} with external reference code {key}"
    return Problem("duplicate-key", message, ERC, f'"{key}"')
