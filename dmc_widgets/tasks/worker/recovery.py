"""What became of a task whose worker died, found out once and recorded.

A worker may be killed at any moment: after a batch was stored, before its outcomes
were recorded. The target knows: a batch is stored together with its mark. So each
batch without outcomes is asked for, in order, up to the first that is not there.
The records of an import come from its file, which always gives the same batches;
what a migration was about to write, it has announced.

Two processes may do this at once: they find out the same, and the first one ends
the task.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import replace
from typing import Literal

import orjson

from ...errors import FileError, InstallationError, RequestError, WorkspaceError
from ...formats.source import Source, open_source
from ...model.outcome import GENERATED_KEY, Outcome, OutcomeKind
from ...model.plan import Action, ImportPlan, MigrationPlan
from ...model.strategies import ErrorStrategy, ImportStrategy
from ...model.task import Counts, Task, TaskPart, TaskStatus, final_status
from ...ports import Batch, Installation, OutcomeRecall
from ...workspace import Failure, Workspace
from ...workspace.outcomes import OutcomeBatch, PendingBatch
from ..imports.batch_outcomes import outcomes_of_announced
from ..imports.document_notes import report_placeholders
from ..imports.import_task import finish_stopped_import, read_chunks
from ..imports.record_writer import NumberedChunk, RecordWriter
from ..installation_access import find_entity_type, open_connection
from ..migration.migration_task import part_policy
from ..task_files import exported_path, log_path, original_path, read_last_line
from ..task_run import TaskRun, count_records
from .launcher import WORKER_DIED, observe_task
from .liveness import is_alive


def recover_task(workspace: Workspace, task: Task) -> Task:
    """Find out what became of a task whose worker died, and record its end.

    Other tasks are returned as they are.

    Returns:
        The task as it is now; still *Inactive* where the target does not answer, or
        the workspace has no room.
    """
    seen = observe_task(workspace, task)
    if not workspace.tasks.is_unfinished(task.id) or is_alive(workspace, seen):
        return workspace.tasks.get(task.id)
    recovery = _TaskRecovery(workspace, workspace.tasks.get(task.id))
    try:
        recovery.carry_out()
    except (InstallationError, WorkspaceError) as exc:
        if seen.status is not TaskStatus.INACTIVE:
            return seen
        told = (
            f"{WORKER_DIED} What became of its records cannot be found out now: {exc}"
        )
        return replace(seen, error=told)
    workspace.last_words(task.id).remove()
    return workspace.tasks.get(task.id)


class _SilentRun(TaskRun):
    """The bookkeeping of a task that no longer runs: it shows no progress."""

    def advance(self, done: int) -> None:
        self.done = done

    def require_ownership(self) -> None:
        """Go on; the task is over, and this ends it."""


class _TaskRecovery:
    """Finds out what became of one task."""

    def __init__(self, workspace: Workspace, task: Task) -> None:
        self._workspace = workspace
        self._task = task
        self._run = _SilentRun(workspace, task)
        self._run.total = task.progress.of
        self._run.done = task.progress.done
        self._run.parts = list(task.parts)

    def carry_out(self) -> None:
        """Count and record what is known, and end the task.

        Raises:
            InstallationError: The target does not answer.
            WorkspaceError: There is no room to record it.
        """
        plan = self._task.plan
        if self._task.status is TaskStatus.QUEUED:
            self._finish(f"{WORKER_DIED} It had not begun, so nothing was written.")
        elif isinstance(plan, ImportPlan):
            self._recover_import(plan)
        elif isinstance(plan, MigrationPlan):
            self._recover_migration(plan)
        else:
            self._recover_export()

    def _finish(self, told: str) -> None:
        """End the task, with the worker's own words for it where there are any."""
        left = self._workspace.last_words(self._task.id).apply(self._task)
        if left is not None:
            self._run.finish(left.status, left.error, left.error_code)
            return
        said = read_last_line(log_path(self._workspace, self._task))
        if said:
            told += f" The last line of its log: {said}"
        self._run.finish(TaskStatus.FAILED, told)

    def _recover_export(self) -> None:
        path = exported_path(self._workspace, self._task)
        for each in (path, path.with_name(f"{path.name}.part")):
            with suppress(OSError):
                each.unlink(missing_ok=True)
        self._run.counts = self._task.counts
        self._run.parts = [_close_part(part) for part in self._task.parts]
        self._finish(
            f"{WORKER_DIED} Its file was not complete and was removed: export again."
        )

    def _recover_import(self, plan: ImportPlan) -> None:
        name = self._task.original_file
        path = original_path(self._workspace, self._task)
        try:
            with (
                closing(self._open_target()) as target,
                open_source(path, name=name, options=plan.reading) as source,
            ):
                entity_type = find_entity_type(target.entity_types(), plan.entity_type)
                announced = self._workspace.outcomes.announced(self._task.id)
                known = {each.first_index: each for each in announced}
                writer = RecordWriter(self._run, plan, target, entity_type, known)
                self._replay(source, writer, target)
        except (FileError, RequestError) as exc:
            self._count_recorded()
            self._finish(f"{WORKER_DIED} What it wrote last cannot be found out: {exc}")

    def _replay(
        self, source: Source, writer: RecordWriter, target: Installation
    ) -> None:
        """Go through the file as the worker did, up to where it was stopped."""
        run, chunks = self._run, read_chunks(source)
        for chunk in chunks:
            failure = self._recorded(chunk) or writer.recall(chunk)
            if failure is None:
                self._break_off(chunk, chunks)
                return
            if writer.stops and isinstance(failure, Failure):
                run.skip(chunk.first + len(chunk.records), self._rest(chunks))
                finish_stopped_import(run, failure)
                return
        run.notes += source.notes
        if run.counts.unknown:
            self._finish(f"{WORKER_DIED} {_import_advice(run)}")
            return
        report_placeholders(run, target)
        run.finish(final_status(Action.IMPORT, run.counts, stopped=False))

    def _recorded(self, chunk: NumberedChunk) -> Failure | Literal[True] | None:
        """Count a chunk with recorded outcomes; see :meth:`RecordWriter.recall`."""
        recorded = self._workspace.outcomes.at(self._task.id, chunk.first)
        if recorded is None or len(recorded.outcomes) != len(chunk.records):
            return None
        if recorded.is_skipped:
            return None
        self._run.count(recorded.outcomes)
        for index, outcome in enumerate(recorded.outcomes, start=chunk.first):
            if outcome.kind is OutcomeKind.FAILED:
                found = self._workspace.outcomes.failure(self._task.id, index)
                return found or True
        return True

    def _break_off(self, chunk: NumberedChunk, chunks: Iterator[NumberedChunk]) -> None:
        """Count what was not tried, and say how to go on."""
        self._run.skip(chunk.first, len(chunk.records) + self._rest(chunks))
        self._finish(f"{WORKER_DIED} {_import_advice(self._run)}")

    def _rest(self, chunks: Iterator[NumberedChunk]) -> int:
        number = 0
        try:
            for chunk in chunks:
                number += len(chunk.records)
        except FileError as exc:
            self._run.notes.append(f"The file has a fault: {exc}")
        return number

    def _recover_migration(self, plan: MigrationPlan) -> None:
        announced = self._workspace.outcomes.announced(self._task.id)
        if announced and plan.dry_run:
            self._skip(announced)
        elif announced:
            try:
                with closing(self._open_target()) as target:
                    self._ask_for(announced, plan, target)
            except RequestError:
                self._lose(announced)
        self._count_recorded()
        if self._run.parts and all(x.status.is_final for x in self._task.parts):
            status = final_status(Action.MIGRATION, self._run.counts, stopped=False)
            self._run.finish(status)
            return
        again = "Run it again." if plan.dry_run else _migration_advice(self._run, plan)
        self._finish(f"{WORKER_DIED} {again}")

    def _ask_for(
        self,
        announced: Sequence[PendingBatch],
        plan: MigrationPlan,
        target: Installation,
    ) -> None:
        """Ask the target for the batches that were about to be written."""
        types = target.entity_types()
        for each in announced:
            part = self._task.parts[self._part_number(each.first_index)]
            entity_type = find_entity_type(types, part.entity_type)
            batch = Batch(
                task=self._workspace.tasks.mark(self._task.id),
                number=each.batch,
                items=each.items,
                policy=part_policy(
                    plan.policy,
                    is_second_pass=part.links,
                    is_dependency=part.needed,
                ),
            )
            if not isinstance(target, OutcomeRecall):
                self._lose([each])
                continue
            written = target.recall(entity_type, batch)
            if written is None:
                self._skip([each])
            else:
                stops = batch.policy.error_strategy is ErrorStrategy.STOP
                self._keep(each, outcomes_of_announced(each, written, stop=stops))

    def _keep(self, announced: PendingBatch, outcomes: Sequence[Outcome]) -> None:
        refused = {place: place for place in announced.refused}
        sent = [n for n in range(announced.number) if n not in refused]
        items = dict(zip(sent, announced.items, strict=False))
        failures = [
            Failure(
                announced.first_index + place,
                each.problem,
                orjson.dumps(items.get(place, {})).decode(),
            )
            for place, each in enumerate(outcomes)
            if each.kind is OutcomeKind.FAILED and each.problem is not None
        ]
        recorded = OutcomeBatch(announced.first_index, outcomes)
        self._workspace.outcomes.add(self._task.id, recorded, failures)

    def _skip(self, announced: Sequence[PendingBatch]) -> None:
        for each in announced:
            self._workspace.outcomes.add_skipped(
                self._task.id, each.first_index, each.number
            )

    def _lose(self, announced: Sequence[PendingBatch]) -> None:
        for each in announced:
            unknown = [Outcome(OutcomeKind.UNKNOWN)] * each.number
            self._keep(each, unknown)

    def _count_recorded(self) -> None:
        """Count the outcomes that are recorded, those of each part apart."""
        run = self._run
        run.counts = Counts()
        run.note_counts.clear()
        parts = [_close_part(replace(x, counts=Counts())) for x in self._task.parts]
        for recorded in self._workspace.outcomes.read(self._task.id):
            run.count(recorded.outcomes)
            if parts:
                number = self._part_number(recorded.first_index)
                counts = parts[number].counts.plus(recorded.outcomes)
                parts[number] = replace(parts[number], counts=counts)
        run.parts = parts

    def _part_number(self, index: int) -> int:
        """Return which part a record belongs to, counted from 0."""
        return max(
            number
            for number, part in enumerate(self._task.parts)
            if part.status is not TaskStatus.QUEUED and part.first <= index
        )

    def _open_target(self) -> Installation:
        connection = self._workspace.connections.get(self._task.installation)
        return open_connection(connection)


def _close_part(part: TaskPart) -> TaskPart:
    """Return what a part has come to whose worker died."""
    if part.status.is_final:
        return part
    begun = part.status is TaskStatus.RUNNING
    return replace(part, status=TaskStatus.FAILED if begun else TaskStatus.CANCELLED)


def _import_advice(run: TaskRun) -> str:
    """Say how far an import came, and how to bring in the rest without doubles."""
    counts, plan = run.counts, run.task.plan
    if counts.unknown:
        return (
            f"What became of {count_records(counts.unknown)} is not known. Look at "
            "what the "
            "target holds before you import them again."
        )
    if not counts.successful:
        return "Nothing was written: import the file again."
    reached = counts.total - counts.skipped
    whole = "Record 1 is" if reached == 1 else f"Records 1 to {reached:,} are"
    verb = "was" if counts.skipped == 1 else "were"
    told = (
        f"{whole} counted as the target has them, and {count_records(counts.skipped)} "
        "behind "
        f"them {verb} not tried. "
    )
    generated = run.note_counts[GENERATED_KEY]
    if generated:
        return told + (
            f"Import only the records from {reached + 1:,} on: importing the whole "
            f"file again would add {count_records(generated)} a second time, which had "
            "no "
            "external reference code."
        )
    inserts = isinstance(plan, ImportPlan) and (
        plan.policy.import_strategy is ImportStrategy.INSERT
    )
    if inserts:
        return told + (
            f"Import only the records from {reached + 1:,} on, or the whole file with "
            f"{ImportStrategy.UPSERT.label!r}: with {ImportStrategy.INSERT.label!r} "
            "those that are there already fail."
        )
    return told + (
        "Import the file again to bring in the rest: records that are there are "
        "recognised by their external reference codes."
    )


def _migration_advice(run: TaskRun, plan: MigrationPlan) -> str:
    counts = run.counts
    if counts.unknown:
        return (
            f"What became of {count_records(counts.unknown)} is not known. Compare "
            "both "
            "sides before you migrate them again."
        )
    if not counts.successful:
        return "Nothing was written: migrate again."
    told = f"{count_records(counts.successful)} stand in the target. "
    if plan.policy.import_strategy is ImportStrategy.INSERT:
        return told + (
            f"Migrate again with {ImportStrategy.UPSERT.label!r} to bring in the rest: "
            f"with {ImportStrategy.INSERT.label!r} those that are there already fail."
        )
    return told + (
        "Migrate again to bring in the rest: records that are there are recognised by "
        "their external reference codes."
    )
