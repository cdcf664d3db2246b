"""One run of a plan: its status, its counts, its files."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import NamedTuple

from .entity_type import simple_name
from .outcome import Outcome, OutcomeKind
from .plan import Action, Plan


class TaskStatus(StrEnum):
    """Liferay's labels of what a task is doing or has come to."""

    INACTIVE = "Inactive"
    QUEUED = "Queued"
    RUNNING = "Running"
    COMPLETED = "Completed"
    FAILED = "Failed"
    PARTIALLY_COMPLETED = "Partially Completed"
    CANCELLED = "Cancelled"

    @property
    def is_final(self) -> bool:
        """Nothing follows any more."""
        return self not in {TaskStatus.QUEUED, TaskStatus.RUNNING}


@dataclass(frozen=True, slots=True)
class Counts:
    """Records by fate. For exports, *created* counts what was written."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    skipped: int = 0
    failed: int = 0
    unknown: int = 0

    @property
    def successful(self) -> int:
        """Records that stand in the installation (or the file) as they should."""
        return self.created + self.updated + self.unchanged

    @property
    def total(self) -> int:
        """Records read so far; every one of them has a fate."""
        return self.successful + self.skipped + self.failed + self.unknown

    def plus(self, outcomes: Iterable[Outcome]) -> Counts:
        """Add the fates of *outcomes*."""
        sums = {kind: getattr(self, kind) for kind in OutcomeKind}
        for outcome in outcomes:
            sums[outcome.kind] += 1
        return Counts(**{kind.value: number for kind, number in sums.items()})

    def minus(self, other: Counts) -> Counts:
        """Take the fates away that *other* counts."""
        return Counts(
            **{kind: getattr(self, kind) - getattr(other, kind) for kind in OutcomeKind}
        )

    def plus_many(self, kind: OutcomeKind, number: int) -> Counts:
        """Add *number* records of one fate."""
        return replace(self, **{kind.value: getattr(self, kind) + number})


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a task has come.

    Attributes:
        done: Bytes of the file read, or items written.
        of: Bytes or items in all; 0 while nobody knows.
        started: When the work began, in seconds since the epoch; 0 before.
        updated: When these numbers were taken.
    """

    done: int = 0
    of: int = 0
    started: float = 0.0
    updated: float = 0.0

    @property
    def percent(self) -> int:
        """From 0 to 100, which is all; 0 while the whole is unknown."""
        return min(100, self.done * 100 // self.of) if self.of else 0

    @property
    def elapsed_s(self) -> float:
        """Seconds of work so far."""
        return max(0.0, self.updated - self.started) if self.started else 0.0

    @property
    def left_s(self) -> float | None:
        """Seconds left at the pace so far; None while that is a guess, or over."""
        if not 0 < self.done * 100 < self.of * 99 or self.elapsed_s < 1.0:
            return None
        return self.elapsed_s * (self.of - self.done) / self.done


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskPart:
    """What became of one entity type in a task of several.

    Attributes:
        entity_type: The key.
        links: The second pass over its entries, which gives them the parents that
            were still to come in the first.
        needed: It was not chosen, but something that was needs it.
        first: The number of its first record, counted through the whole task.
        status: What it is doing or has come to.
    """

    entity_type: str
    links: bool = False
    needed: bool = False
    first: int = 1
    status: TaskStatus = TaskStatus.QUEUED
    counts: Counts = Counts()

    @property
    def title(self) -> str:
        """What lists show: ``C_Customer``, or with what kind of part it is."""
        name = simple_name(self.entity_type)
        if self.links:
            return f"{name} (relationships)"
        return f"{name} (needed)" if self.needed else name


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One run of a plan, as the workspace last knew it.

    Attributes:
        id: Grows from 1.
        installation: The name of the installation it works on.
        entity_type: The key.
        author: Who started it.
        created: When it was queued; ISO 8601 in UTC, like *modified*.
        original_file: Import: the file's own name; empty for exports.
        exported_file: Export: the name of the finished file.
        error: Why it stopped, in a sentence for people; empty if it did not.
        error_code: The code of that error.
        notes: What the person should know although nothing failed.
        parts: One an entity type, in the order in which they move; empty for
            exports and imports of a single one.
    """

    id: int
    name: str
    installation: str
    plan: Plan
    author: str
    created: str
    modified: str
    status: TaskStatus = TaskStatus.QUEUED
    counts: Counts = Counts()
    progress: Progress = Progress()
    original_file: str = ""
    exported_file: str = ""
    error: str = ""
    error_code: str = ""
    notes: tuple[str, ...] = field(default=())
    parts: tuple[TaskPart, ...] = field(default=())

    @property
    def action(self) -> Action:
        """Export, Import or Migration."""
        return self.plan.action

    @property
    def entity_type(self) -> str:
        """The short name that lists show: ``C_Ticket``."""
        return simple_name(self.plan.entity_type)

    def place(self, index: int) -> RecordPosition:
        """Say where the record stands that has the number *index* in the task."""
        begun = [part for part in self.parts if part.counts.total or part.first > 1]
        for part in reversed(begun):
            if part.first <= index:
                return RecordPosition(index - part.first + 1, part.title)
        title = self.parts[0].title if self.parts else ""
        return RecordPosition(index, title)


class RecordPosition(NamedTuple):
    """Where a record of a task stands.

    Attributes:
        number: In its file, or among the items of its part; from 1.
        title: Of the part, or empty for a task of one entity type.
    """

    number: int
    title: str = ""

    def __str__(self) -> str:
        told = f"Record {self.number}"
        return f"{told} of {self.title}" if self.title else told


def final_status(action: Action, counts: Counts, *, stopped: bool) -> TaskStatus:
    """Judge a finished task as Liferay does (data-migration-center facts, 1.2).

    Args:
        action: Only imports complete partially.
        counts: The fates of all records.
        stopped: An error ended the task before the end of its file.
    """
    if stopped:
        return TaskStatus.FAILED
    if action is Action.EXPORT or counts.failed == 0:
        return TaskStatus.COMPLETED
    if counts.failed >= counts.total:
        return TaskStatus.FAILED
    return TaskStatus.PARTIALLY_COMPLETED
