"""The state of a running task: counts, progress, notes and its end."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import NamedTuple

from ..errors import DmcError
from ..model.error_limit import ErrorLimit
from ..model.outcome import NOTES, Outcome, OutcomeKind
from ..model.outcome_runs import count_notes
from ..model.plan import Action, is_dry_run
from ..model.task import Counts, Progress, Task, TaskPart, TaskStatus
from ..objects.comparison.ignored_changes import IgnoredChange, describe_ignored_changes
from ..objects.documents.references import ReferenceTracker
from ..ports import Installation
from ..workspace import Failure, Workspace
from ..workspace.outcomes import MovedBatch, OutcomeBatch, PackedBatch, PendingBatch
from ..workspace.workers import NO_WORKER, Worker
from .course import CourseRecorder
from .matching.matched_codes import MatchedCodes

_COMPLETE_STATUSES = frozenset({TaskStatus.COMPLETED, TaskStatus.PARTIALLY_COMPLETED})
_KEEPING_COUNTS = frozenset({Action.IMPORT, Action.MIGRATION, Action.UNDO})
_RUNNING = TaskStatus.RUNNING
_REPORT_INTERVAL_S = 0.2  # a page reads it four times a second
_GRACE_S = 0.4  # together with the intervals of those who ask, less than a second


class TaskCancelled(Exception):
    """The task was cancelled. This exception does not leave the package."""


class TaskPaused(Exception):
    """The task was asked to pause. This exception does not leave the package."""


class TaskTakenOver(Exception):
    """Another process has ended the task. This exception does not leave the package."""


class PendingRecords(NamedTuple):
    """Records that were read and have no outcome yet.

    Attributes:
        first: The number of the first record in the task.
        number: The number of records.
    """

    first: int
    number: int


@dataclass(slots=True)
class TaskRun:
    """Counts, progress and notes of a task while it runs.

    It changes while the task runs, and is still correct when an exception ends the
    task.

    Attributes:
        workspace: The workspace that records everything.
        task: The task when the run began.
        counts: The number of records by outcome.
        done: The bytes of the file read, or the items written.
        total: The bytes or items in all; 0 while unknown.
        note_counts: The number of records by code of the note of their outcome.
        notes: What a person should know although nothing failed.
        exported_file: The name of the finished file of an export.
        parts: The parts of a task of several entity types.
        ignored_changes: Changes of documents that their updates left out.
        references: What written definitions refer to; None where the target reports
            by itself what is missing.
        pending: Records that were read and have no outcome yet, the oldest first.
        predictor: Tells what would become of a batch, where a run must be as its dry
            run has shown and the target cannot take a batch back; otherwise None.
        matched_codes: The codes under which the target has entries that the source of a
            migration has under others; None where nothing is matched.
        items_read: Items of an export that were read and are not counted yet.
        reached_limit: The error limit that ended the task; None if none did.
        final_task: The task at its end, whether that could be recorded or not; None
            before.
        worker: The process that carries the task out; another one may take over.
        course: Writes down what the task does.
    """

    workspace: Workspace
    task: Task
    counts: Counts = Counts()
    done: int = 0
    total: int = 0
    note_counts: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)
    exported_file: str = ""
    parts: list[TaskPart] = field(default_factory=list)
    ignored_changes: list[IgnoredChange] = field(default_factory=list)
    references: ReferenceTracker | None = None
    pending: deque[PendingRecords] = field(default_factory=deque)
    predictor: Installation | None = None
    matched_codes: MatchedCodes | None = None
    items_read: int = 0
    final_task: Task | None = None
    reached_limit: ErrorLimit | None = None
    worker: Worker = NO_WORKER
    _unrecorded: deque[Callable[[], None]] = field(default_factory=deque)
    _last_report: float = 0.0
    _stop_seen_at: float = 0.0
    _is_complete: bool = False
    _has_recorded: bool = False
    _counts_before_part: Counts = Counts()
    course: CourseRecorder = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.worker = self.workspace.tasks.worker(self.task.id)
        self.course = CourseRecorder(self.workspace, self.task)

    @property
    def is_repair(self) -> bool:
        """Failed records of the task are tried again; nothing else is done."""
        return False

    @property
    def waits_for_parents(self) -> bool:
        """A record whose parent comes later in the file is tried again at its end."""
        return True

    @property
    def is_check(self) -> bool:
        """Nothing of what is found stays in the workspace."""
        return False

    @property
    def batch_key(self) -> str:
        """The key under which installations mark the batches of this run."""
        return self.workspace.tasks.mark(self.task.id)

    def index_of(self, number: int) -> int:
        """Return the number in the task of a record, from that in its batch."""
        return number

    def count(self, outcomes: Sequence[Outcome]) -> None:
        """Add *outcomes* to the counts, and count their notes."""
        self.counts = self.counts.plus(outcomes)
        self.note_counts.update(count_notes(outcomes))

    def count_many(self, kind: OutcomeKind, number: int) -> None:
        """Add *number* records of one kind of outcome to the counts."""
        self.counts = self.counts.plus_many(kind, number)

    def announce_batch(self, batch: PendingBatch, moved: MovedBatch | None) -> None:
        """Record that a batch is about to be written; see :meth:`.add_pending`.

        Raises:
            WorkspaceError: It could not be recorded.
        """
        self.workspace.outcomes.add_pending(self.task.id, batch, moved)

    def keep(self, outcomes: OutcomeBatch, failures: Sequence[Failure]) -> None:
        """Count outcomes, then record them.

        The records are written already: if the disk is full, the counts are correct
        nevertheless, and the end of the task tries to record them once more.

        Raises:
            WorkspaceError: They could not be recorded.
        """
        self.count(outcomes.outcomes)
        self._has_recorded = True
        add = self.workspace.outcomes.add
        self._unrecorded.append(partial(add, self.task.id, outcomes, failures))
        self._record()

    def keep_packed(
        self, outcomes: PackedBatch, counts: Counts, notes: Counter[str]
    ) -> None:
        """Do what :meth:`keep` does, for a batch that another process has written.

        Args:
            outcomes: The outcomes as they are stored.
            counts: The number of records by outcome.
            notes: The number of records by code of the note of their outcome.
        """
        self.counts = self.counts.plus_counts(counts)
        self.note_counts.update(notes)
        self._has_recorded = True
        add = self.workspace.outcomes.add_packed
        self._unrecorded.append(partial(add, self.task.id, outcomes, self.worker))
        self._record()

    def skip(self, first: int, number: int) -> None:
        """Record that *number* records from *first* on were read and not tried."""
        self._count_skipped(first, number)
        self._record()

    def skip_pending(self) -> None:
        """Record that the records without an outcome were not tried."""
        self._count_pending()
        self._record()

    def require_ownership(self) -> None:
        """Require that no other process has ended the task, or carries it out.

        Raises:
            TaskTakenOver: Another process has.
        """
        tasks = self.workspace.tasks
        is_own = tasks.worker(self.task.id) == self.worker
        if not is_own or not tasks.is_unfinished(self.task.id):
            raise TaskTakenOver

    def advance(self, done: int) -> None:
        """Record the progress, a few times a second at most.

        Raises:
            TaskCancelled: The task was cancelled.
            TaskPaused: The task was asked to pause.
            TaskTakenOver: Another process has ended the task.
        """
        self.done = done
        at = time.time()
        if at - self._last_report < _REPORT_INTERVAL_S:
            return
        self._last_report = at
        counts = self.task.counts if self.is_behind else self.counts
        self.course.report(counts, self._progress(at), is_sample=not self.is_repair)
        for number, part in enumerate(self.parts):
            if part.status is TaskStatus.RUNNING:
                self.end_part(number, TaskStatus.RUNNING)
        self.require_ownership()
        requested = self.workspace.tasks.requested_status(self.task.id)
        if requested is TaskStatus.CANCELLED:
            raise TaskCancelled
        if requested is TaskStatus.PAUSED:
            raise TaskPaused

    def should_continue(self) -> bool:
        """Return True unless the task was asked to stop or ended by another process.

        Long waits call this a few times a second, which also shows that the task is
        alive while it makes no progress. A task that was asked to stop gets a moment to
        receive what it waits for: then the outcomes of the batch under way are known.
        """
        try:
            self.advance(self.done)
        except (TaskCancelled, TaskPaused):
            at = time.monotonic()
            self._last_report = 0.0  # the next call asks again
            self._stop_seen_at = self._stop_seen_at or at
            return at - self._stop_seen_at < _GRACE_S
        except TaskTakenOver:
            return False
        return True

    @property
    def is_pausing(self) -> bool:
        """The task was asked to pause, and not to end."""
        requested = self.workspace.tasks.requested_status(self.task.id)
        return requested is TaskStatus.PAUSED

    def begin_part(self, number: int) -> None:
        """Record that the part with this number, from 0, begins."""
        self._counts_before_part = self.counts
        self.parts[number] = replace(
            self.parts[number],
            status=TaskStatus.RUNNING,
            first=self.counts.total + 1,
        )
        self._report_parts()
        self.course.add_begun_part(self.parts[number])

    def end_part(self, number: int, status: TaskStatus) -> None:
        """Record the status and the counts of a part."""
        self._count_part(number, status)
        self._report_parts()
        self.course.add_ended_part(self.parts[number])

    def end_parts(self, status: TaskStatus) -> None:
        """Record that the task ended, or pauses, before all its parts did."""
        for number, part in enumerate(self.parts):
            if part.status is TaskStatus.RUNNING:
                self._count_part(number, status)
            elif not part.status.is_final and status is not TaskStatus.PAUSED:
                self.parts[number] = replace(part, status=TaskStatus.CANCELLED)

    @property
    def running_part(self) -> int:
        """The number of the part that runs, from 0; 0 for a task without parts."""
        running = (n for n, x in enumerate(self.parts) if x.status is _RUNNING)
        return next(running, 0)

    @property
    def part_counts(self) -> Counts:
        """The counts of the part that runs, or ran last."""
        return self.counts.minus(self._counts_before_part)

    def current_task(self) -> Task:
        """Return the task with the counts and the parts that it has by now."""
        return replace(self.task, counts=self.counts, parts=tuple(self.parts))

    def _count_part(self, number: int, status: TaskStatus) -> None:
        self.parts[number] = replace(
            self.parts[number], status=status, counts=self.part_counts
        )

    def _report_parts(self) -> None:
        if self.parts:
            self.workspace.tasks.report_parts(self.task.id, self.parts)

    def finish(
        self, status: TaskStatus, error: DmcError | str = "", code: str = ""
    ) -> None:
        """Record the end of the task, and what is still to be recorded before it.

        A task that pauses is not at its end: its records without an outcome are not
        counted, because they are read again when it goes on.

        Args:
            status: The final status, or *Paused*.
            error: Why the task stopped; empty if it did not.
            code: The code of an error that is given as a text.

        Raises:
            WorkspaceError: It could not be recorded. The method may be called again.
        """
        is_pause = status is TaskStatus.PAUSED
        if not is_pause:
            self._count_pending()
        self.count_items_read()
        if self.is_behind and status not in _COMPLETE_STATUSES:
            self._take_counts_of_before(status)
        if self.task.action is Action.EXPORT and status is not TaskStatus.COMPLETED:
            self._discard()
        self.end_parts(status)
        if status in _COMPLETE_STATUSES:
            self.done = self.total = max(self.done, self.total)
            self._is_complete = True
        self.final_task = replace(
            self.task,
            status=status,
            counts=self.counts,
            notes=self.task.notes if is_pause else tuple(self._collect_notes()),
            progress=self._progress(time.time()),
            exported_file=self.exported_file,
            error=str(error),
            error_code=error.code if isinstance(error, DmcError) else code,
            parts=tuple(self.parts),
        )
        self._record()
        self.workspace.tasks.finish(
            self.final_task, self.worker, sample=not self.is_repair
        )

    @property
    def is_behind(self) -> bool:
        """A resumed task has not counted again yet all that it had counted before.

        If it ends like that, because its target does not answer yet for example, it
        stays as it was: it can be resumed once more, and taken back.
        """
        is_kept = self.task.action in _KEEPING_COUNTS and not is_dry_run(self.task.plan)
        is_new = self._has_recorded or self.is_repair
        return is_kept and not is_new and self.counts.total < self.task.counts.total

    def _take_counts_of_before(self, status: TaskStatus) -> None:
        self.counts = self.task.counts
        self.parts = [
            replace(part, status=status) if part.status is _RUNNING else part
            for part in self.task.parts
        ]

    def _count_pending(self) -> None:
        """Count the records without an outcome as skipped."""
        while self.pending:
            self._count_skipped(*self.pending.popleft())

    def _count_skipped(self, first: int, number: int) -> None:
        if number:
            self._has_recorded = True
            self.count_many(OutcomeKind.SKIPPED, number)
            add = self.workspace.outcomes.add_skipped
            self._unrecorded.append(
                partial(add, self.task.id, first, number, self.worker)
            )

    def count_items_read(self) -> None:
        """Count the items of an export that were read since the last time."""
        self.count_many(OutcomeKind.CREATED, self.items_read)
        self.items_read = 0

    def _discard(self) -> None:
        """Count what an export has written as skipped, because its file is removed."""
        self.counts = _discard_counts(self.counts)
        self._counts_before_part = _discard_counts(self._counts_before_part)
        self.parts = [
            replace(part, counts=_discard_counts(part.counts)) for part in self.parts
        ]

    def _record(self) -> None:
        """Record what has been counted; what fails stays in the queue."""
        while self._unrecorded:
            self._unrecorded[0]()
            self._unrecorded.popleft()

    def _progress(self, at: float) -> Progress:
        """Return the progress, which is never complete while the task runs."""
        done = self.done
        if self.total and not self._is_complete:
            done = min(done, self.total - 1)
        return Progress(done, self.total, self.task.progress.started, at)

    def _collect_notes(self) -> list[str]:
        texts = [
            format_note(code, number)
            for code, number in sorted(self.note_counts.items())
        ]
        # A warning that the task was started with stays one of its notes.
        ignored = describe_ignored_changes(self.ignored_changes)
        notes = (*self.task.notes, *texts, *ignored, *self.notes)
        return list(dict.fromkeys(notes))


def format_note(code: str, number: int) -> str:
    """Return the text of a note on a number of records."""
    return NOTES[code].format(count=count_records(number))


def _discard_counts(counts: Counts) -> Counts:
    return replace(counts, created=0, skipped=counts.skipped + counts.created)


def was_or_were(number: int) -> str:
    """Return the verb for a number of records: ``was`` or ``were``."""
    return "was" if number == 1 else "were"


def count_records(number: int) -> str:
    """Return a number of records as a text: ``1 record``, ``2,000 records``."""
    return "1 record" if number == 1 else f"{number:,} records"
