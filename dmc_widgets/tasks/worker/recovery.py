"""Recover a task whose worker died: find out what was written, and record the end.

A worker may be killed at any moment, for example after a batch was stored and before
its outcomes were recorded. The target stores each batch together with its mark. So
recovery asks it for each batch without outcomes, in order, up to the first that it does
not have. The records of an import come from its file, which always yields the same
batches; a migration announces each batch before it writes it.

Two processes may recover a task at once: both find the same, and the first one ends the
task.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import replace
from typing import Final, Literal

from ...errors import FileError, InstallationError, RequestError, WorkspaceError
from ...formats.source import Source, open_source
from ...model.outcome import Outcome
from ...model.plan import (
    BackupPlan,
    ImportPlan,
    MigrationPlan,
    UndoPlan,
    VerificationPlan,
    has_several_workers,
)
from ...model.task import Counts, Task, TaskPart, TaskStatus
from ...ports import Installation
from ...workspace import Failure, Workspace
from ...workspace.outcomes import OutcomeBatch, PendingBatch
from ..error_budget import finish_at_failure
from ..imports.file_chunks import read_chunks
from ..imports.numbered_chunk import NumberedChunk
from ..imports.record_writer import RecordWriter
from ..imports.recorded_records import RecordedRecords
from ..installation_access import find_entity_type, open_connection
from ..migration.announced_batches import (
    announced_failures,
    recall_announced,
    unknown_outcomes,
)
from ..migration.part_policy import part_policy
from ..partitions.division import PartitionRecall
from ..partitions.recovery import recover_partitions
from ..repair.running.repair_recovery import recover_repair
from ..task_files import exported_path, log_path, original_file, read_last_line
from ..task_run import TaskRun, count_records, was_or_were
from .end_messages import notify_where_wished
from .launcher import WORKER_DIED, observe_task
from .liveness import is_alive


def recover_task(workspace: Workspace, task: Task) -> Task:
    """Find out what a task whose worker died has written, and record its end.

    Other tasks are returned unchanged.

    Returns:
        The task as it is now; still *Inactive* if the target does not answer, or if the
        disk is full.
    """
    observed = observe_task(workspace, task)
    if not workspace.tasks.is_unfinished(task.id) or is_alive(workspace, observed):
        return workspace.tasks.get(task.id)
    recovery = _TaskRecovery(workspace, workspace.tasks.get(task.id))
    try:
        recovery.carry_out()
    except (InstallationError, WorkspaceError) as exc:
        if observed.status is not TaskStatus.INACTIVE:
            return observed
        message = f"{WORKER_DIED} What it has written cannot be found out now: {exc}"
        return replace(observed, error=message)
    workspace.emergency_record(task.id).remove()
    ended = workspace.tasks.get(task.id)
    notify_where_wished(workspace, ended)
    return ended


class _SilentRun(TaskRun):
    """The state of a task that no longer runs; it records no progress."""

    def advance(self, done: int) -> None:
        self.done = done

    @property
    def is_behind(self) -> bool:
        """Never: what is counted here is what is recorded."""
        return False

    def require_ownership(self) -> None:
        """Do nothing: the worker has died, and this process ends the task."""


class _TaskRecovery:
    """Find out what one task has written."""

    def __init__(self, workspace: Workspace, task: Task) -> None:
        self._workspace = workspace
        self._task = task
        self._run = _SilentRun(workspace, task)
        self._run.total = task.progress.of
        self._run.done = task.progress.done
        self._run.parts = list(task.parts)
        self._moved: list[tuple[int, int]] = []

    def carry_out(self) -> None:
        """Count and record what is known, and end the task.

        Raises:
            InstallationError: The target does not answer.
            WorkspaceError: It could not be recorded.
        """
        plan = self._task.plan
        repair = self._workspace.repairs.open_round(self._task.id)
        if repair is not None and not repair.is_within_run:
            recover_repair(self._workspace, self._task)
        elif self._task.status is TaskStatus.QUEUED:
            self._finish(f"{WORKER_DIED} It had not begun: resume it to start.")
        elif isinstance(plan, ImportPlan) and plan.dry_run:
            self._count_recorded()
            self._finish(f"{WORKER_DIED} Run it again.")
        elif isinstance(plan, ImportPlan):
            self._recover_import(plan)
        elif isinstance(plan, MigrationPlan):
            self._recover_migration(plan)
        elif isinstance(plan, VerificationPlan):
            self._finish(f"{WORKER_DIED} Nothing was written: verify again.")
        elif isinstance(plan, UndoPlan):
            self._recover_undo(plan)
        elif isinstance(plan, BackupPlan):
            self._recover_backup()
        else:
            self._recover_export()

    def _finish(self, message: str) -> None:
        """End the task, with the worker's last words if it left any."""
        final_task = self._workspace.emergency_record(self._task.id).apply(self._task)
        if final_task is not None:
            self._run.finish(final_task.status, final_task.error, final_task.error_code)
            return
        last_line = read_last_line(log_path(self._workspace, self._task))
        if last_line:
            message += f" The last line of its log: {last_line}"
        self._run.finish(TaskStatus.FAILED, message)

    def _recover_undo(self, plan: UndoPlan) -> None:
        self._count_recorded()
        left = "Resume it to take back the rest."
        self._finish(f"{WORKER_DIED} {'Run it again.' if plan.dry_run else left}")

    def _recover_export(self) -> None:
        path = exported_path(self._workspace, self._task)
        for file in (path, path.with_name(f"{path.name}.part")):
            with suppress(OSError):
                file.unlink(missing_ok=True)
        self._run.counts = self._task.counts
        self._run.parts = [_close_part(part) for part in self._task.parts]
        self._finish(
            f"{WORKER_DIED} Its file was not complete and was removed: export again."
        )

    def _recover_backup(self) -> None:
        """Remove what was copied: a backup that is not complete must not be used."""
        folder = self._workspace.task_folder(self._task.id)
        for file in folder.glob("backup.db*"):
            with suppress(OSError):
                file.unlink(missing_ok=True)
        self._count_recorded()
        self._finish(
            f"{WORKER_DIED} Its copy was not complete and was removed: back up again."
        )

    def _recover_import(self, plan: ImportPlan) -> None:
        name = self._task.original_file
        try:
            path = original_file(self._workspace, self._task).path
            with (
                closing(self._open_target()) as target,
                open_source(path, name=name, options=plan.reading) as source,
            ):
                entity_type = find_entity_type(target.entity_types(), plan.entity_type)
                if states := self._workspace.partitions.read(self._task.id):
                    recall = PartitionRecall(self._run, plan, target, entity_type)
                    recover_partitions(self._run, source, states, recall)
                    self._finish(f"{WORKER_DIED} {_import_advice(self._run)}")
                    return
                announced = self._workspace.outcomes.pending(self._task.id)
                by_index = {batch.first_index: batch for batch in announced}
                writer = RecordWriter(self._run, plan, target, entity_type, by_index)
                self._replay(source, writer, plan)
        except (FileError, RequestError) as exc:
            self._count_recorded()
            self._finish(
                f"{WORKER_DIED} What it has written last cannot be found out: {exc}"
            )

    def _replay(self, source: Source, writer: RecordWriter, plan: ImportPlan) -> None:
        """Read the file as the worker did, up to the batch where it was stopped."""
        run = self._run
        recorded = RecordedRecords(run, plan.policy)
        chunks = read_chunks(source, plan.options)
        chunks = recorded.remaining(chunks, writer.revisit)
        failure: Failure | Literal[True] | None = recorded.failure
        missing = 0
        while failure is None or failure is True or not writer.stops:
            chunk = next(chunks, None)
            if chunk is None:
                break
            failure = writer.recall(chunk)
            missing = missing + 1 if failure is None else 0
            if missing == plan.options.at_once:
                self._skip_rest(chunk, chunks)
                return
            if failure is None:  # one that was written at the same time may be there
                run.skip(chunk.first, len(chunk.records))
        if isinstance(failure, Failure) and writer.stops:
            run.skip(run.counts.total + 1, self._count_rest(chunks))
            if plan.options.verify and run.counts.successful:
                run.notes.append(_NOT_VERIFIED.format(id=run.task.id))
            finish_at_failure(run, failure)
            return
        run.notes += source.notes
        is_incomplete = run.counts.unknown or run.counts.skipped
        advice = _import_advice(run) if is_incomplete else _LAST_STEPS
        self._finish(f"{WORKER_DIED} {advice}")

    def _skip_rest(self, chunk: NumberedChunk, chunks: Iterator[NumberedChunk]) -> None:
        """Count the records that were not tried, and end the task with advice."""
        self._run.skip(chunk.first, len(chunk.records) + self._count_rest(chunks))
        self._finish(f"{WORKER_DIED} {_import_advice(self._run)}")

    def _count_rest(self, chunks: Iterator[NumberedChunk]) -> int:
        number = 0
        try:
            for chunk in chunks:
                number += len(chunk.records)
        except FileError as exc:
            self._run.notes.append(f"The file has an error: {exc}")
        return number

    def _recover_migration(self, plan: MigrationPlan) -> None:
        batches = self._workspace.outcomes.moved(self._task.id)
        self._moved = [(batch.first_index, batch.part) for batch in batches]
        announced = self._workspace.outcomes.pending(self._task.id)
        if announced and plan.dry_run:
            self._record_skipped(announced)
        elif announced:
            try:
                with closing(self._open_target()) as target:
                    self._recall_batches(announced, plan, target)
            except RequestError:
                self._record_unknown(announced)
        self._count_recorded()
        self._finish(f"{WORKER_DIED} {self._migration_advice(plan)}")

    def _migration_advice(self, plan: MigrationPlan) -> str:
        if plan.dry_run:
            return "Run it again."
        is_moved = all(part.status.is_final for part in self._task.parts)
        if self._run.parts and is_moved and not self._run.counts.unknown:
            return _LAST_STEPS
        return _migration_advice(self._run)

    def _recall_batches(
        self,
        announced: Sequence[PendingBatch],
        plan: MigrationPlan,
        target: Installation,
    ) -> None:
        """Ask the target for the outcomes of the batches that were announced."""
        types = target.entity_types()
        for pending in announced:
            part = self._task.parts[self._part_number(pending.first_index)]
            entity_type = find_entity_type(types, part.entity_type)
            policy = part_policy(
                plan.policy, is_second_pass=part.links, is_dependency=part.needed
            )
            mark = self._workspace.tasks.mark(self._task.id)
            outcomes = recall_announced(target, entity_type, mark, pending, policy)
            if outcomes is None:
                self._record_skipped([pending])
            else:
                self._record(pending, outcomes)

    def _record(self, pending: PendingBatch, outcomes: Sequence[Outcome]) -> None:
        batch = OutcomeBatch(pending.first_index, outcomes)
        batches = self._workspace.outcomes.moved(self._task.id)
        moved = next((x for x in batches if x.first_index == pending.first_index), None)
        failures = announced_failures(pending, outcomes, moved)
        self._workspace.outcomes.add(self._task.id, batch, failures, self._run.worker)

    def _record_skipped(self, announced: Sequence[PendingBatch]) -> None:
        for pending in announced:
            self._workspace.outcomes.add_skipped(
                self._task.id, pending.first_index, pending.number, self._run.worker
            )

    def _record_unknown(self, announced: Sequence[PendingBatch]) -> None:
        for pending in announced:
            self._record(pending, unknown_outcomes(pending))

    def _count_recorded(self) -> None:
        """Count the recorded outcomes, in all and for each part."""
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
        """Return the number, from 0, of the part that a record belongs to.

        A migration knows it of each batch. The status of a part does not tell whether
        it has begun: a task that failed, was resumed and died has cancelled ones.
        """
        known = [part for first, part in self._moved if first <= index]
        if known:
            return known[-1]
        return max(
            number
            for number, part in enumerate(self._task.parts)
            if part.status is not TaskStatus.QUEUED and part.first <= index
        )

    def _open_target(self) -> Installation:
        connection = self._workspace.connections.get(self._task.installation)
        return open_connection(connection)


def _close_part(part: TaskPart) -> TaskPart:
    """Return a part as it ends because the worker died."""
    if part.status.is_final:
        return part
    is_running = part.status is TaskStatus.RUNNING
    status = TaskStatus.FAILED if is_running else TaskStatus.CANCELLED
    return replace(part, status=status)


_NOT_VERIFIED: Final = (
    "The target was not verified, because the worker process ended before. Verify it "
    "later: dmc verify {id}"
)
_LAST_STEPS: Final = (
    "Every record has its outcome. Resume the task: it takes its last steps, such as "
    "the verification, and ends."
)
_ASK_AGAIN: Final = "Resume the task: it asks the target again, and goes on."


def _import_advice(run: TaskRun) -> str:
    """Return how far an import came, and how to import the rest."""
    counts = run.counts
    if counts.unknown:
        records = count_records(counts.unknown)
        return f"What became of {records} is not known. {_ASK_AGAIN}"
    if not counts.successful:
        return "Nothing was written. Resume the task to import the file."
    if not counts.skipped:
        return _LAST_STEPS
    reached = counts.total - counts.skipped
    if has_several_workers(run.task.plan):
        return (
            f"{count_records(reached)} are counted as the target has "
            f"them, and {count_records(counts.skipped)} {was_or_were(counts.skipped)} "
            "not tried. Resume the task to bring in the rest."
        )
    written = "Record 1 is" if reached == 1 else f"Records 1 to {reached:,} are"
    return (
        f"{written} counted as the target has them, and "
        f"{count_records(counts.skipped)} after them {was_or_were(counts.skipped)} not "
        "tried. Resume the task to bring in the rest."
    )


def _migration_advice(run: TaskRun) -> str:
    counts = run.counts
    if counts.unknown:
        records = count_records(counts.unknown)
        return f"What became of {records} is not known. {_ASK_AGAIN}"
    if not counts.successful:
        return "Nothing was written. Resume the task to migrate."
    return (
        f"{count_records(counts.successful)} are in the target. Resume the task to "
        "bring in the rest."
    )
