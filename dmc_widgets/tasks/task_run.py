"""The bookkeeping of one running task."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import NamedTuple

from ..errors import DmcError
from ..model.outcome import NOTES, Outcome, OutcomeKind
from ..model.plan import Action
from ..model.task import Counts, Progress, Task, TaskPart, TaskStatus
from ..objects.comparison.ignored_changes import IgnoredChange, describe_ignored_changes
from ..objects.documents.references import ReferenceTracker
from ..workspace import Failure, Workspace
from ..workspace.outcomes import OutcomeBatch

_COMPLETE_STATUSES = frozenset({TaskStatus.COMPLETED, TaskStatus.PARTIALLY_COMPLETED})
_REPORT_INTERVAL_S = 0.2  # a page looks four times a second; more often is for nobody


class TaskCancelled(Exception):
    """Somebody asked the task to end. Never leaves this package."""


class TaskTakenOver(Exception):
    """Another process has ended the task meanwhile. Never leaves this package."""


class PendingRecords(NamedTuple):
    """Records that were read and have no outcome yet.

    Attributes:
        first: The number of the first one in the task.
        number: How many there are.
    """

    first: int
    number: int


@dataclass(slots=True)
class TaskRun:
    """Counts, progress and notes of a task while it runs.

    It changes as the task goes on, and is still right when an exception ends
    the task.

    Attributes:
        workspace: Where everything is recorded.
        task: As it was when the run began.
        of: Bytes or items in all, as far as anybody knows.
        parts: Of a task of several entity types.
        kept: Changes of documents that their updates left out.
        mentions: What written definitions name; None where the target tells itself
            what it made of that.
        taken: Records that were read and have no outcome yet, the oldest first.
        passed: Items of an export that were read and are not counted yet.
        ended: The task at its end, whether that could be recorded or not; None
            before.
    """

    workspace: Workspace
    task: Task
    counts: Counts = Counts()
    done: int = 0
    of: int = 0
    notes: Counter[str] = field(default_factory=Counter)
    remarks: list[str] = field(default_factory=list)
    exported_file: str = ""
    parts: list[TaskPart] = field(default_factory=list)
    kept: list[IgnoredChange] = field(default_factory=list)
    mentions: ReferenceTracker | None = None
    taken: deque[PendingRecords] = field(default_factory=deque)
    passed: int = 0
    ended: Task | None = None
    _unrecorded: deque[Callable[[], None]] = field(default_factory=deque)
    _reported: float = 0.0
    _ended: bool = False
    _before: Counts = Counts()

    def count(self, outcomes: Sequence[Outcome]) -> None:
        """Add the fates of *outcomes*, and remember what they give to know."""
        self.counts = self.counts.plus(outcomes)
        self.notes.update(outcome.note for outcome in outcomes if outcome.note)

    def count_many(self, kind: OutcomeKind, number: int) -> None:
        """Add *number* records of one fate."""
        self.counts = self.counts.plus_many(kind, number)

    def keep(self, outcomes: OutcomeBatch, failures: Sequence[Failure]) -> None:
        """Count what became of records, then record it.

        It is so already: should there be no room to record it, the counts are right
        nevertheless, and the end of the task tries once more.

        Raises:
            WorkspaceError: It could not be recorded.
        """
        self.count(outcomes.outcomes)
        add = self.workspace.outcomes.add
        self._unrecorded.append(partial(add, self.task.id, outcomes, failures))
        self._record()

    def skip(self, first: int, number: int) -> None:
        """Note that *number* records from *first* on were read and not tried."""
        self._count_skipped(first, number)
        self._record()

    def skip_pending(self) -> None:
        """Note that what was read and has no outcome was not tried."""
        self._count_taken()
        self._record()

    def require_ownership(self) -> None:
        """Go on, or not.

        Raises:
            TaskTakenOver: Another process has ended the task.
        """
        if not self.workspace.tasks.is_unfinished(self.task.id):
            raise TaskTakenOver

    def advance(self, done: int) -> None:
        """Record how far the work has come, a few times a second at most.

        Raises:
            TaskCancelled: Somebody asked for it.
            TaskTakenOver: Another process has ended the task.
        """
        self.done = done
        at = time.time()
        if at - self._reported < _REPORT_INTERVAL_S:
            return
        self._reported = at
        self.workspace.tasks.report(self.task.id, self.counts, self._progress(at))
        for number, part in enumerate(self.parts):
            if part.status is TaskStatus.RUNNING:
                self.end_part(number, TaskStatus.RUNNING)
        self.require_ownership()
        if self.workspace.tasks.is_cancel_requested(self.task.id):
            raise TaskCancelled

    def is_wanted(self) -> bool:
        """Say whether to go on; who waits for long asks this a few times a second.

        It also shows that the task is alive while it gets no further.
        """
        try:
            self.advance(self.done)
        except (TaskCancelled, TaskTakenOver):
            return False
        return True

    def begin_part(self, number: int) -> None:
        """Record that the work on a part, counted from 0, begins."""
        self._before = self.counts
        self.parts[number] = replace(
            self.parts[number],
            status=TaskStatus.RUNNING,
            first=self.counts.total + 1,
        )
        self._report_parts()

    def end_part(self, number: int, status: TaskStatus) -> None:
        """Record what the part has come to."""
        self._count_part(number, status)
        self._report_parts()

    def end_parts(self, status: TaskStatus) -> None:
        """Record that the task ended before all its parts did."""
        for number, part in enumerate(self.parts):
            if part.status is TaskStatus.RUNNING:
                self._count_part(number, status)
            elif not part.status.is_final:
                self.parts[number] = replace(part, status=TaskStatus.CANCELLED)

    @property
    def part_counts(self) -> Counts:
        """The fates of the records of the part that runs, or ran last."""
        return self.counts.minus(self._before)

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

        Args:
            status: What the task has come to.
            error: Why it stopped; empty if it did not.
            code: Of an error that is given as a text.

        Raises:
            WorkspaceError: There is no room for it. It may be called again.
        """
        self._count_taken()
        self.count_items_read()
        if self.task.action is Action.EXPORT and status is not TaskStatus.COMPLETED:
            self._discard()
        self.end_parts(status)
        if status in _COMPLETE_STATUSES:
            self.done = self.of = max(self.done, self.of)
            self._ended = True
        self.ended = replace(
            self.task,
            status=status,
            counts=self.counts,
            notes=tuple(self._notes()),
            progress=self._progress(time.time()),
            exported_file=self.exported_file,
            error=str(error),
            error_code=error.code if isinstance(error, DmcError) else code,
            parts=tuple(self.parts),
        )
        self._record()
        self.workspace.tasks.finish(self.ended)

    def _count_taken(self) -> None:
        """Count what was read and has no outcome as skipped."""
        while self.taken:
            self._count_skipped(*self.taken.popleft())

    def _count_skipped(self, first: int, number: int) -> None:
        if number:
            self.count_many(OutcomeKind.SKIPPED, number)
            add = self.workspace.outcomes.add_skipped
            self._unrecorded.append(partial(add, self.task.id, first, number))

    def count_items_read(self) -> None:
        """Count the items of an export that were read since the last time."""
        self.count_many(OutcomeKind.CREATED, self.passed)
        self.passed = 0

    def _discard(self) -> None:
        """Count what an export had written as skipped: its file is removed."""
        self.counts = _discard_counts(self.counts)
        self._before = _discard_counts(self._before)
        self.parts = [
            replace(part, counts=_discard_counts(part.counts)) for part in self.parts
        ]

    def _record(self) -> None:
        """Record what has been counted; what cannot be recorded now stays in line."""
        while self._unrecorded:
            self._unrecorded[0]()
            self._unrecorded.popleft()

    def _progress(self, at: float) -> Progress:
        """Return how far the task is: while it runs, something is always left."""
        done = self.done
        if self.of and not self._ended:
            done = min(done, self.of - 1)
        return Progress(done, self.of, self.task.progress.started, at)

    def _notes(self) -> list[str]:
        told = [
            format_note(code, number) for code, number in sorted(self.notes.items())
        ]
        # A warning that the task was started with stays one of its notes.
        kept = describe_ignored_changes(self.kept)
        return list(dict.fromkeys((*self.task.notes, *told, *kept, *self.remarks)))


def format_note(code: str, number: int) -> str:
    """Write a note of some records for people."""
    return NOTES[code].format(count=count_records(number))


def _discard_counts(counts: Counts) -> Counts:
    return replace(counts, created=0, skipped=counts.skipped + counts.created)


def was_or_were(number: int) -> str:
    """Return the verb of a number of records: ``was``, ``were``."""
    return "was" if number == 1 else "were"


def count_records(number: int) -> str:
    """Write a number of records for people: ``1 record``, ``2,000 records``."""
    return "1 record" if number == 1 else f"{number:,} records"
