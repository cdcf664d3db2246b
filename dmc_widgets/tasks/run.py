"""The bookkeeping of one running task."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from ..errors import DmcError
from ..model.outcome import NOTES, Outcome, OutcomeKind
from ..model.task import Counts, Progress, Task, TaskPart, TaskStatus
from ..objects.kept_changes import KeptChange, kept_change_notes
from ..objects.mentions import Mentions
from ..workspace import Workspace

_REPORT_S = 0.2  # a page looks four times a second; more often is for nobody


class Cancelled(Exception):
    """Somebody asked the task to end. Never leaves this package."""


@dataclass(slots=True)
class Run:
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
    kept: list[KeptChange] = field(default_factory=list)
    mentions: Mentions | None = None
    _reported: float = 0.0
    _before: Counts = Counts()

    def count(self, outcomes: Sequence[Outcome]) -> None:
        """Add the fates of *outcomes*, and remember what they give to know."""
        self.counts = self.counts.plus(outcomes)
        self.notes.update(each.note for each in outcomes if each.note)

    def count_many(self, kind: OutcomeKind, number: int) -> None:
        """Add *number* records of one fate."""
        self.counts = self.counts.plus_many(kind, number)

    def advance(self, done: int) -> None:
        """Record how far the work has come, a few times a second at most.

        Raises:
            Cancelled: Somebody asked for it.
        """
        self.done = done
        at = time.time()
        if at - self._reported < _REPORT_S:
            return
        self._reported = at
        self.workspace.tasks.report(self.task.id, self.counts, self._progress(at))
        for number, part in enumerate(self.parts):
            if part.status is TaskStatus.RUNNING:
                self.end_part(number, TaskStatus.RUNNING)
        if self.workspace.tasks.cancel_asked(self.task.id):
            raise Cancelled

    def is_wanted(self) -> bool:
        """Say whether to go on; who waits for long asks this a few times a second.

        It also shows that the task is alive while it gets no further.
        """
        try:
            self.advance(self.done)
        except Cancelled:
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
        self._report_parts()

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

    def finish(self, status: TaskStatus, error: DmcError | str = "") -> None:
        """Record the end of the task."""
        self.end_parts(status)
        if status is TaskStatus.COMPLETED:
            self.done = self.of = max(self.done, self.of)
        ended = replace(
            self.task,
            status=status,
            counts=self.counts,
            notes=tuple(self._notes()),
            progress=self._progress(time.time()),
            exported_file=self.exported_file,
            error=str(error),
            error_code=error.code if isinstance(error, DmcError) else "",
        )
        self.workspace.tasks.finish(ended)

    def _progress(self, at: float) -> Progress:
        return Progress(self.done, self.of, self.task.progress.started, at)

    def _notes(self) -> list[str]:
        told = [note_text(code, number) for code, number in sorted(self.notes.items())]
        # A warning that the task was started with stays one of its notes.
        kept = kept_change_notes(self.kept)
        return list(dict.fromkeys((*self.task.notes, *told, *kept, *self.remarks)))


def note_text(code: str, number: int) -> str:
    """Write a note of some records for people."""
    return NOTES[code].format(count=records(number))


def records(number: int) -> str:
    """Write a number of records for people: ``1 record``, ``2,000 records``."""
    return "1 record" if number == 1 else f"{number:,} records"
