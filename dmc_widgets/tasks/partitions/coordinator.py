"""Carry out an import with several workers: plan, assign, record, and notice the end.

The coordinator is the worker of the task. It cuts the file into partitions, gives them
to workers of its own, and is the only process that writes to the workspace, so counts,
outcomes, progress and the end of the task are recorded as for one worker. A partition
whose worker is lost is given to another one: what is recorded is passed over, and what
is written already is known to the target by the marks of its batches.
"""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import (
    Container,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import ExitStack
from dataclasses import replace
from typing import Final

from ...errors import DmcError, FileError, WorkersLost
from ...formats.source import Source
from ...model.error_limit import ErrorLimit
from ...model.plan import ImportPlan
from ...model.task import TaskStatus
from ...workspace.partitions import PartitionState, PartitionStatus
from ...workspace.workers import NO_WORKER
from ..error_budget import ErrorBudget
from ..task_run import TaskCancelled, TaskPaused, TaskRun, count_records
from .messages import (
    Acknowledged,
    Assignment,
    BatchAnnounced,
    BatchWritten,
    Message,
    PartitionEnded,
    ReadSummary,
    StepTaken,
    Stop,
    WorkerFailed,
    WorkerLost,
    WorkerStarted,
    WorkerStopped,
    summary_from_dict,
)
from .planner import Partition, partition_from_dict, plan_partitions
from .processes import end_process
from .worker_group import WorkerGroup, WorkerPool, raisable

_WAIT_S: Final = 0.1
_REPORT_INTERVAL_S: Final = 0.5
_CANCEL_GRACE_S: Final = 0.6
"""Less than a second, together with the interval in which the task asks."""

_END_GRACE_S: Final = 30.0
"""How long workers may take for their last batch when another one has failed."""

_MAX_LOST: Final = 5
"""How often one partition may lose its worker, without a batch written in between,
before the task fails; and how many workers one after another may end as they begin."""


class DividedImport:
    """Imports the partitions of one file with a group of workers.

    Args:
        run: The running task.
        plan: Its plan.
        pool: The workers of the task. They stay when the import has ended as it should.
        workers: How many workers there are.
    """

    def __init__(
        self, run: TaskRun, plan: ImportPlan, pool: WorkerPool, workers: int
    ) -> None:
        self._run = run
        self._options = plan.options
        self._reading = plan.reading
        self._pool = pool
        self._workers = workers
        self._budget = ErrorBudget(plan.options)
        self._states: dict[int, PartitionState] = {}
        self._partitions: dict[int, Partition] = {}
        self._recorded: dict[int, set[int]] = {}
        self._waiting: deque[int] = deque()
        self._assigned: dict[str, int] = {}
        self._idle: list[str] = []
        self._lost: Counter[int] = Counter()
        self._changed: set[int] = set()
        self._reported_at = 0.0
        self._summary = ReadSummary()
        self._error: FileError | None = None
        self._limit: ErrorLimit | None = None

    @property
    def killed(self) -> list[tuple[Partition, set[int]]]:
        """The partitions whose workers did not end when ordered to.

        Each has the first records of its batches with outcomes.
        """
        numbers = self._assigned.values()
        return [(self._partitions[n], self._recorded[n]) for n in numbers]

    @property
    def summary(self) -> ReadSummary:
        """What is known of all records that were read."""
        return self._summary

    def carry_out(self, source: Source) -> ErrorLimit | None:
        """Import every record; return the error limit if that ended the import.

        Raises:
            FileError: The file cannot be read to its end. What is before is imported.
            InstallationError: The target gave up.
            TaskCancelled: The task was cancelled.
            TaskPaused: The task was asked to pause.
            TaskTakenOver: Another process has ended the task.
        """
        self._reading = source.options
        states = self._run.workspace.partitions.read(self._run.task.id)
        with ExitStack() as failing:
            failing.callback(self._pool.close)
            if not states:  # they take a moment to begin; meanwhile it is divided
                self._pool.open()
            self._begin(states or self._divide(source))
            if self._waiting:
                self._work(self._pool.open())
            if self._limit is None:
                failing.pop_all()
        if self._limit is not None:
            self._skip_rest()
            return self._limit
        if self._error is not None:
            raise self._error
        return None

    def _divide(self, source: Source) -> list[PartitionState]:
        """Plan the partitions, and record them."""
        run = self._run
        run.course.add_step("part", "The file is being divided into partitions.")
        partitions = plan_partitions(source, self._options, self._workers)
        states = [
            PartitionState(number=x.number, content=x.as_dict(), records=x.records)
            for x in partitions
        ]
        run.workspace.partitions.add(run.task.id, states, source.notes)
        number = sum(state.records for state in states)
        run.course.add_step(
            "part",
            f"{count_records(number)} in {len(states):,} partitions, for "
            f"{self._workers} workers.",
        )
        return states

    def _begin(self, states: Sequence[PartitionState]) -> None:
        """Take up the partitions of a task that begins or is resumed."""
        for state in states:  # of a coordinator that has died
            end_process(state.worker)
        self._states = {state.number: state for state in states}
        self._partitions = {
            number: partition_from_dict(state.content)
            for number, state in self._states.items()
        }
        self._count_recorded()

    def _count_recorded(self) -> None:
        """Count what is recorded already, and line up the partitions that are left."""
        run, outcomes = self._run, self._run.workspace.outcomes
        outcomes.keep_tried(run.task.id, run.worker, stops=False)
        for batch in outcomes.read(run.task.id):
            run.count(batch.outcomes)
        recorded = outcomes.recorded_batches(run.task.id)
        for number, partition in self._partitions.items():
            firsts = {first for _, first, _ in partition.batches} & recorded.keys()
            self._recorded[number] = firsts
            done = sum(recorded[first] for first in firsts)
            is_done = self._states[number].status is PartitionStatus.DONE
            if is_done and done >= partition.records:
                self._add_summary(summary_from_dict(self._states[number].summary))
            else:
                self._set(number, done=done, status=PartitionStatus.WAITING)
                self._waiting.append(number)

    def _work(self, group: WorkerGroup) -> None:
        """Give out partitions and record outcomes until every worker has ended."""
        try:
            while (self._waiting or self._assigned) and self._limit is None:
                for name, message in group.receive(_WAIT_S):
                    self._take(group, name, message)
                self._report()
        except (TaskCancelled, TaskPaused) as exc:
            is_pause = isinstance(exc, TaskPaused)
            status = TaskStatus.PAUSED if is_pause else TaskStatus.CANCELLED
            self._stop(group, status, _CANCEL_GRACE_S)
            raise
        except DmcError:
            self._stop(group, TaskStatus.FAILED, _END_GRACE_S)
            raise
        if self._limit is not None:
            self._stop(group, TaskStatus.FAILED, _END_GRACE_S)
        self._record_states()

    def _take(self, group: WorkerGroup, name: str, message: Message) -> None:
        """Do what a message asks for.

        Raises:
            DmcError: A worker met what ends the task.
        """
        match message:
            case WorkerStarted():
                self._lost.pop(0, None)
                self._assign(group, name)
            case PartitionEnded():
                self._end_partition(name, message)
                self._assign(group, name)
            case WorkerFailed(error):
                self._assigned.pop(name, None)
                raise raisable(error)
            case WorkerLost() | WorkerStopped():
                self._replace(group, name)
            case _:
                self._record(group, name, message)

    def _record(self, group: WorkerGroup, name: str, message: Message) -> None:
        run = self._run
        match message:
            case BatchAnnounced(batch):
                run.announce_batch(batch, None)
                group.send(name, Acknowledged())
            case StepTaken(kind, detail):
                run.course.add_step(kind, f"{name}: {detail}")
            case BatchWritten():
                self._record_batch(message)

    def _record_batch(self, message: BatchWritten) -> None:
        batch, counts, number = message.batch, message.counts, message.partition
        self._run.keep_packed(batch, counts, message.notes)
        if batch.is_unknown:  # it is written again when the task is resumed
            return
        self._lost.pop(number, None)
        self._recorded[number].add(batch.first_index)
        self._set(number, done=self._states[number].done + batch.number)
        tried = counts.total - counts.skipped
        limit = self._budget.spend_counts(counts.failed - message.postponed, tried)
        self._limit = self._limit or limit

    def _assign(self, group: WorkerGroup, name: str) -> None:
        if not self._waiting:
            self._idle.append(name)  # it takes over what another one may lose
            return
        number = self._waiting.popleft()
        partition = self._partitions[number]
        last = partition.first + partition.records - 1
        announced = [
            batch
            for batch in self._run.workspace.outcomes.pending(self._run.task.id)
            if partition.first <= batch.first_index <= last
        ]
        recorded = frozenset(self._recorded[number])
        self._assigned[name] = number
        self._set(
            number,
            status=PartitionStatus.RUNNING,
            worker=group.worker(name),
            worker_name=name,
        )
        self._record_states()
        group.send(name, Assignment(partition, self._reading, recorded, announced))

    def _end_partition(self, name: str, message: PartitionEnded) -> None:
        self._assigned.pop(name, None)
        self._error = self._error or message.error
        summary = message.summary
        self._add_summary(summary)
        self._set(
            message.partition, status=PartitionStatus.DONE, summary=summary.as_dict()
        )

    def _replace(self, group: WorkerGroup, name: str) -> None:
        """Line up the partition of a lost worker again, and start another worker.

        Raises:
            WorkersLost: The partition has lost too many workers.
        """
        number = self._assigned.pop(name, 0)
        if name in self._idle:
            self._idle.remove(name)
            return
        self._lost[number] += 1
        of_what = f"partition {number}" if number else "its first partition"
        if self._lost[number] > _MAX_LOST:
            raise WorkersLost(self._lost[number], of_what)
        self._run.course.add_step(
            "worker",
            f"{name or 'A worker'} ended before {of_what} did; another one goes on.",
        )
        if number:
            self._waiting.appendleft(number)
            self._set(number, status=PartitionStatus.WAITING, worker=NO_WORKER)
        if self._idle:
            self._assign(group, self._idle.pop())
        elif self._waiting:
            group.start_worker()

    def _stop(self, group: WorkerGroup, status: TaskStatus, grace_s: float) -> None:
        """Have the workers end, and record the outcomes of their last batches.

        Raises:
            TaskTakenOver: Another process has ended the task.
        """
        for name in group.names:
            group.send(name, Stop(status))
        until = time.monotonic() + grace_s
        while self._assigned and time.monotonic() < until:
            for name, message in group.receive(_WAIT_S):
                match message:
                    case WorkerStopped() | WorkerFailed() | WorkerLost():
                        self._assigned.pop(name, None)
                    case PartitionEnded():
                        self._end_partition(name, message)
                    case WorkerStarted() | BatchAnnounced():
                        group.send(name, Stop(status))
                    case _:
                        self._record(group, name, message)
        self._record_states()

    def _add_summary(self, summary: ReadSummary) -> None:
        known = self._summary
        self._summary = ReadSummary(
            known.fields | summary.fields,
            dict(Counter(known.other_sites) + Counter(summary.other_sites)),
            tuple(dict.fromkeys([*known.notes, *summary.notes])),
        )

    def _set(self, number: int, **changes: object) -> None:
        self._states[number] = replace(self._states[number], **changes)  # type: ignore[arg-type]
        self._changed.add(number)

    def _report(self) -> None:
        """Record the progress.

        Raises:
            TaskCancelled: The task was cancelled.
            TaskPaused: The task was asked to pause.
            TaskTakenOver: Another process has ended the task.
        """
        at = time.monotonic()
        if at - self._reported_at >= _REPORT_INTERVAL_S:
            self._reported_at = at
            self._record_states()
        states = self._states.values()
        done = sum(state.done for state in states)
        number = sum(state.records for state in states)
        self._run.advance(self._run.total * done // max(number, 1))

    def _record_states(self) -> None:
        store, task_id = self._run.workspace.partitions, self._run.task.id
        for number in sorted(self._changed):
            store.update(task_id, self._states[number])
        self._changed.clear()

    def _skip_rest(self) -> None:
        """Record that the records without an outcome were not tried."""
        for first, number in unrecorded_records(
            self._partitions.values(), self._recorded
        ):
            self._run.skip(first, number)


def unrecorded_records(
    partitions: Iterable[Partition], recorded: Mapping[int, Container[int]]
) -> Iterator[tuple[int, int]]:
    """Yield consecutive records without an outcome: the first, and how many.

    Args:
        partitions: The partitions of a file, in their order.
        recorded: The first records of the batches with outcomes, by partition.
    """
    begin = following = 0
    for partition in partitions:
        for _, first, size in partition.batches:
            if first in recorded[partition.number]:
                continue
            if first != following:
                if begin:
                    yield begin, following - begin
                begin = first
            following = first + size
    if begin:
        yield begin, following - begin
