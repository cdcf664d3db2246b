"""The course of a task: its log in sentences, and its counts over time."""

from __future__ import annotations

import builtins
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple

from ..model.coercion import parse_choice
from ..model.outcome import Outcome, OutcomeKind
from ..model.representation import ValueDisplay, html_fields
from ..model.task import Task
from ..workspace.course.store import Sample, Step
from ..workspace.history.store import HistoryEvent, HistoryFilter
from ..workspace.partitions import PartitionStatus
from .base import CenterPart, task_id_of

__all__ = ["LogEntry", "Sample", "TaskCourse", "WorkerShare"]

_MAX_EVENTS: Final = 200
_SENTENCES: Final = {
    "Queued": "{author} queued the task.",
    "Running": "The task began.",
    "Completed": "The task completed: {counts}.",
    "Partially Completed": "The task completed in part: {counts}.",
    "Failed": "The task failed: {counts}.",
    "Cancelled": "The task was cancelled: {counts}.",
    "Paused": "The task paused: {counts}.",
    "Inactive": "The worker process ended before the task did: {counts}.",
    "Cancel": "{author} asked the task to end.",
    "Pause": "{author} asked the task to pause.",
    "Resume": "{author} resumed the task.",
    "Retry": "{author} retried failed records.",
    "Prune": "{author} removed the files and records of the task.",
    "Delete": "{author} deleted the task.",
    "File": "The file was read, and its fingerprint was kept.",
    "Notify": "Messages were sent.",
}
_KINDS: Final = {
    "Completed": "success",
    "Partially Completed": "warning",
    "Failed": "danger",
    "Inactive": "warning",
    "Paused": "warning",
    "Cancelled": "secondary",
}


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class LogEntry(ValueDisplay):
    """What a task did at a moment, or what somebody asked for.

    Attributes:
        at: When; ISO 8601 in UTC.
        kind: ``info``, ``success``, ``warning``, ``danger`` or ``secondary``.
        text: What happened, as sentences.
    """

    at: str
    kind: str
    text: str


class RecordOutcome(NamedTuple):
    """What became of one record.

    Attributes:
        number: The number of the record in the task, from 1.
        outcome: Its outcome.
        message: Why it failed; empty if it did not.
    """

    number: int
    outcome: Outcome
    message: str

    def _repr_html_(self) -> str:
        return html_fields(self)


class WorkerShare(NamedTuple):
    """What one of several workers has done of an import.

    Attributes:
        name: The process, or the address of the worker of a cluster.
        partitions: The numbers of its partitions, in their order.
        records: How many records of them have an outcome.
        is_running: It works on the last one.
    """

    name: str
    partitions: tuple[int, ...]
    records: int
    is_running: bool

    def _repr_html_(self) -> str:
        return html_fields(self)


class TaskCourse(CenterPart):
    """The part of ``center.tasks`` that shows what a task did."""

    def workers(self, task: Task | int) -> builtins.list[WorkerShare]:
        """Return what each of several workers has done of an import.

        A partition counts for the worker that has ended it, or works on it. A task of
        one worker has none.

        Raises:
            UnknownName: No task has that id.
        """
        stored = self._workspace.tasks.get(task_id_of(task))
        shares: dict[str, WorkerShare] = {}
        for state in self._workspace.partitions.read(stored.id):
            if not state.worker_name:
                continue
            share = shares.get(state.worker_name, WorkerShare("", (), 0, False))
            is_running = state.status is PartitionStatus.RUNNING
            shares[state.worker_name] = WorkerShare(
                state.worker_name,
                (*share.partitions, state.number),
                share.records + state.done,
                share.is_running or (is_running and not stored.status.is_final),
            )
        return [*shares.values()]

    def log(self, task: Task | int) -> builtins.list[LogEntry]:
        """Return what a task did, the oldest first.

        The log is bounded: of a long task some steps in the middle are left out. It
        holds no values of records. Tasks that were run before the log was kept have
        only what their history says.

        >>> for entry in center.tasks.log(42):
        ...     print(entry.at, entry.text)

        Raises:
            UnknownName: No task has that id.
        """
        task_id = self._workspace.tasks.get(task_id_of(task)).id
        steps = self._workspace.course.steps(task_id)
        starts = any(step.kind == "start" for step in steps)
        events = self._read_events(task_id)
        if starts:  # the step says which process began
            events = [event for event in events if event.event != "Running"]
        entries = [*map(_entry_of_step, steps), *map(_entry_of_event, events)]
        return sorted(entries, key=lambda entry: entry.at)

    def count_outcomes(self, task: Task | int) -> int:
        """Return the number of records of a task whose outcome is recorded."""
        task_id = self._workspace.tasks.get(task_id_of(task)).id
        return self._workspace.outcomes.count(task_id)

    def outcomes_page(
        self,
        task: Task | int,
        offset: int,
        limit: int,
        *,
        kind: OutcomeKind | str | None = None,
    ) -> builtins.list[RecordOutcome]:
        """Return the outcomes of some records, in the order of the file.

        >>> center.tasks.outcomes_page(42, 0, 20, kind="skipped")

        Args:
            task: The task, or its id.
            offset: How many records are left out.
            limit: How many records at most.
            kind: Only records with this kind of outcome; None for all.

        Raises:
            UnknownName: No task has that id.
            UnknownChoice: There is no such kind of outcome.
        """
        task_id = self._workspace.tasks.get(task_id_of(task)).id
        outcomes = self._workspace.outcomes
        if kind is None:
            page = outcomes.page(task_id, offset, limit)
        else:
            chosen = parse_choice(OutcomeKind, kind, "outcome")
            page = outcomes.page_of_kind(task_id, chosen, offset, limit)
        return [
            RecordOutcome(index, outcome, self._find_message(task_id, index, outcome))
            for index, outcome in page
        ]

    def _find_message(self, task_id: int, index: int, outcome: Outcome) -> str:
        if outcome.kind is not OutcomeKind.FAILED:
            return ""
        failure = self._workspace.outcomes.failure(task_id, index)
        return failure.problem.message if failure else ""

    def samples(self, task: Task | int) -> builtins.list[Sample]:
        """Return the counts of a task at moments of its work, in the order of time.

        There are at most 200, whatever time a task takes.

        Raises:
            UnknownName: No task has that id.
        """
        task_id = self._workspace.tasks.get(task_id_of(task)).id
        return self._workspace.course.samples(task_id)

    def _read_events(self, task_id: int) -> builtins.list[HistoryEvent]:
        events: Iterable[HistoryEvent] = self._workspace.history.read(
            HistoryFilter(task_id=task_id)
        )
        newest = [event for event, _ in zip(events, range(_MAX_EVENTS), strict=False)]
        return newest[::-1]


def _entry_of_step(step: Step) -> LogEntry:
    kind = "warning" if step.kind == "retry" else "info"
    return LogEntry(at=step.at, kind=kind, text=step.detail)


def _entry_of_event(event: HistoryEvent) -> LogEntry:
    sentence = _SENTENCES.get(event.event, f"{event.event}.")
    text = sentence.format(author=event.author, counts=event.counts.summary)
    if event.detail and event.event != "File":
        text = f"{text} {event.detail}"
    return LogEntry(at=event.at, kind=_KINDS.get(event.event, "info"), text=text)
