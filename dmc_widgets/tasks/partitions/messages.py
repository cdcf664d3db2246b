"""What the coordinator of a task and its workers tell one another.

A worker needs no database of the workspace: it returns what is to be recorded, and the
coordinator, the only process that writes to the workspace, records it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from ...errors import DmcError, FileError
from ...model.reading_options import ReadingOptions
from ...model.task import Counts, TaskStatus
from ...workspace.outcomes import PackedBatch, PendingBatch
from ...workspace.workers import Worker
from ..verification.stored_entries import EntryPage, SentGroup
from .planner import Partition


class Assignment(NamedTuple):
    """A worker is to import a partition.

    Attributes:
        partition: The partition.
        options: How the file is read, without anything that is left to be detected.
        recorded: The first records of the batches that have outcomes already.
        announced: What a worker that died has announced of its batches.
    """

    partition: Partition
    options: ReadingOptions
    recorded: frozenset[int]
    announced: Sequence[PendingBatch]


class Acknowledged(NamedTuple):
    """What the worker has announced is recorded."""


class Stop(NamedTuple):
    """The worker is to end once the outcomes of its batch are known.

    Attributes:
        status: What the task was asked for.
    """

    status: TaskStatus


class Finish(NamedTuple):
    """There is nothing left to do."""


class Reading(NamedTuple):
    """A worker is to read back what the target holds, for a verification.

    Attributes:
        number: The number of the order.
        what: Groups of records, of which those are asked for that differ, or a page of
            entries, whose digests are asked for.
        entity_type: The key of their entity type in the target.
        lazy_references: They were written with lazy references.
    """

    number: int
    what: list[SentGroup] | EntryPage
    entity_type: str
    lazy_references: bool


Order = Assignment | Acknowledged | Reading | Stop | Finish
"""What the coordinator tells a worker."""


class WorkerStarted(NamedTuple):
    """A worker is ready for a partition.

    Attributes:
        worker: Its process.
    """

    worker: Worker


class BatchWritten(NamedTuple):
    """The outcomes of a batch.

    Attributes:
        partition: The number of its partition.
        batch: The outcomes as the workspace stores them.
        counts: The number of records by outcome.
        notes: The number of records by code of the note of their outcome.
        postponed: How many of the failed records are tried again at the end.
    """

    partition: int
    batch: PackedBatch
    counts: Counts
    notes: Counter[str]
    postponed: int


class BatchAnnounced(NamedTuple):
    """A batch is about to be written, once this is recorded and acknowledged."""

    batch: PendingBatch


class StepTaken(NamedTuple):
    """A step for the course of the task."""

    kind: str
    detail: str


@dataclass(frozen=True, slots=True)
class ReadSummary:
    """What is known of records once they are read.

    Attributes:
        fields: The names of the fields that they had.
        other_sites: How many named another site than the plan, by its key.
        notes: What a person should know of them.
    """

    fields: frozenset[str] = frozenset()
    other_sites: dict[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return plain data that :func:`summary_from_dict` reads back."""
        return {
            "fields": sorted(self.fields),
            "sites": self.other_sites,
            "notes": [*self.notes],
        }


def summary_from_dict(data: dict[str, Any]) -> ReadSummary:
    """Build the summary that *as_dict* wrote; an empty one from nothing."""
    return ReadSummary(
        frozenset(data.get("fields", ())),
        data.get("sites", {}),
        tuple(data.get("notes", ())),
    )


class PartitionEnded(NamedTuple):
    """Every record of a partition has an outcome.

    Attributes:
        partition: Its number.
        summary: What is known of its records.
        error: Why the file cannot be read any further; None if it can.
    """

    partition: int
    summary: ReadSummary
    error: FileError | None


class ReadingDone(NamedTuple):
    """What the target holds was read back.

    Attributes:
        number: The number of the order.
        found: For each group the places of the records that differ; of a page the
            digest of each entry, None for one that is not there.
    """

    number: int
    found: Sequence[Sequence[int]] | Sequence[bytes | None]


class WorkerFailed(NamedTuple):
    """A worker cannot go on.

    Attributes:
        error: Why; a text is the trace of an unexpected error.
    """

    error: DmcError | str


class WorkerStopped(NamedTuple):
    """A worker has ended, as it was ordered to."""


class WorkerLost(NamedTuple):
    """A worker has ended without a word."""


Message = (
    WorkerStarted
    | BatchWritten
    | BatchAnnounced
    | StepTaken
    | PartitionEnded
    | ReadingDone
    | WorkerFailed
    | WorkerStopped
    | WorkerLost
)
"""What a worker tells its coordinator, or what is seen of it."""


class Channel(Protocol):
    """The worker's end of the way to its coordinator."""

    def send(self, message: Message) -> None:
        """Send a message.

        Raises:
            TaskTakenOver: The coordinator is gone.
        """
        ...

    def receive(self) -> Order:
        """Wait for the next order; it is *Stop* when the coordinator is gone."""
        ...

    def stop_status(self) -> TaskStatus | None:
        """Return what the task was asked for if the worker is to stop; do not wait."""
        ...
