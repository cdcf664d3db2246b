"""Tasks: the runs of plans, with their status, counts and files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import NamedTuple

from .entity_type import simple_name
from .outcome import Outcome, OutcomeKind
from .outcome_runs import count_kinds
from .plan import Action, Plan
from .representation import html_pairs


class TaskStatus(StrEnum):
    """The status of a task, in Liferay's labels; *Paused* is ours."""

    INACTIVE = "Inactive"
    QUEUED = "Queued"
    RUNNING = "Running"
    COMPLETED = "Completed"
    FAILED = "Failed"
    PARTIALLY_COMPLETED = "Partially Completed"
    CANCELLED = "Cancelled"
    PAUSED = "Paused"

    @property
    def is_final(self) -> bool:
        """No process works on the task; it may offer to be resumed."""
        return self not in {TaskStatus.QUEUED, TaskStatus.RUNNING}


@dataclass(frozen=True, slots=True)
class Counts:
    """The number of records by outcome. For exports, *created* counts written ones."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    skipped: int = 0
    failed: int = 0
    unknown: int = 0

    @property
    def successful(self) -> int:
        """Records that are in the installation (or the file) as they should be."""
        return self.created + self.updated + self.unchanged

    @property
    def total(self) -> int:
        """Records read so far; every one of them has an outcome."""
        return self.successful + self.skipped + self.failed + self.unknown

    def __repr__(self) -> str:
        return f"Counts({self.summary})"

    def _repr_html_(self) -> str:
        pairs = [(kind.value, getattr(self, kind)) for kind in OutcomeKind]
        return html_pairs(f"{self.total:,} records", pairs)

    @property
    def summary(self) -> str:
        """The counts that are not 0, in one line: ``800 created, 2 failed``."""
        counts = {kind.value: getattr(self, kind) for kind in OutcomeKind}
        parts = [f"{number:,} {kind}" for kind, number in counts.items() if number]
        return ", ".join(parts) or "no records"

    def plus(self, outcomes: Iterable[Outcome]) -> Counts:
        """Return the counts with those of *outcomes* added."""
        counts = self
        for kind, number in count_kinds(outcomes).items():
            counts = counts.plus_many(kind, number)
        return counts

    def minus(self, other: Counts) -> Counts:
        """Return the counts without those of *other*."""
        return Counts(
            **{kind: getattr(self, kind) - getattr(other, kind) for kind in OutcomeKind}
        )

    def plus_counts(self, other: Counts) -> Counts:
        """Return the sum of these counts and *other*."""
        return Counts(
            **{kind: getattr(self, kind) + getattr(other, kind) for kind in OutcomeKind}
        )

    def plus_many(self, kind: OutcomeKind, number: int) -> Counts:
        """Return the counts with *number* records of one outcome added."""
        return replace(self, **{kind.value: getattr(self, kind) + number})


@dataclass(frozen=True, slots=True)
class Progress:
    """The progress of a task.

    Attributes:
        done: Bytes of the file read, or items written.
        of: Bytes or items in all; 0 while that is not known.
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
        """Seconds left at the pace so far; None while that would be a guess.

        The first of a hundred parts says little: a server answers for a thousand
        records at once, and the definition before them was a single one.
        """
        if not self.of <= self.done * 100 < self.of * 99 or self.elapsed_s < 1.0:
            return None
        return self.elapsed_s * (self.of - self.done) / self.done


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskPart:
    """One entity type in a task of several.

    Attributes:
        entity_type: The key.
        links: The part is the second pass over its entries, which links them to
            parents that the first pass had not written yet.
        needed: It was not chosen, but a chosen entity type needs it.
        first: The number of its first record, counted through the whole task.
        status: The status of the part.
        counts: The number of its records by outcome.
    """

    entity_type: str
    links: bool = False
    needed: bool = False
    first: int = 1
    status: TaskStatus = TaskStatus.QUEUED
    counts: Counts = Counts()

    @property
    def title(self) -> str:
        """The text that lists show: ``C_Customer``, and what kind of part it is."""
        name = simple_name(self.entity_type)
        if self.links:
            return f"{name} (relationships)"
        return f"{name} (needed)" if self.needed else name


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One run of a plan, as the workspace last recorded it.

    Attributes:
        id: The number of the task in its workspace, from 1.
        name: The name that lists show.
        installation: The name of the installation that it reads or writes.
        plan: The choices that it carries out.
        author: The user who started it.
        created: When it was queued; ISO 8601 in UTC, like *modified*.
        original_file: Import: the file's own name; empty for exports.
        exported_file: Export: the name of the finished file.
        error: Why it stopped, in a sentence; empty if it did not.
        error_code: The code of that error.
        notes: Sentences that a person should know although nothing failed.
        pruned: When its files, outcomes and changes were removed, which ended long ago;
            empty if they are kept.
        file_sha256: Import: the SHA-256 of the file that it was started with, in
            hexadecimal; empty for other tasks and older ones.
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
    pruned: str = ""
    file_sha256: str = ""
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

    def __repr__(self) -> str:
        return (
            f"<Task {self.id}: {self.action} of {self.entity_type}, {self.status}, "
            f"{self.counts.summary}>"
        )

    def _repr_html_(self) -> str:
        parts = [part for part in self.parts if part.counts.total or part.needed]
        pairs = [
            ("Name", self.name),
            ("Installation", self.installation),
            ("Type", self.entity_type),
            ("Status", self.status),
            ("Records", self.counts.summary),
            *((part.title, f"{part.status}, {part.counts.summary}") for part in parts),
            ("Error", self.error),
            ("Notes", " ".join(self.notes)),
        ]
        return html_pairs(f"Task {self.id} ({self.action})", pairs)

    def place(self, index: int) -> RecordPosition:
        """Return the position of the record that has the number *index* in the task."""
        begun = [part for part in self.parts if part.counts.total or part.first > 1]
        for part in reversed(begun):
            if part.first <= index:
                return RecordPosition(index - part.first + 1, part.title)
        title = self.parts[0].title if self.parts else ""
        return RecordPosition(index, title)


class RecordPosition(NamedTuple):
    """The position of a record in a task.

    Attributes:
        number: Its number in the file, or among the items of its part; from 1.
        title: The title of the part; empty for a task of one entity type.
    """

    number: int
    title: str = ""

    def __str__(self) -> str:
        record = f"Record {self.number}"
        return f"{record} of {self.title}" if self.title else record


def part_number(parts: Sequence[TaskPart], index: int) -> int:
    """Return the number, from 0, of the part that a record belongs to."""
    return max(
        number
        for number, part in enumerate(parts)
        if number == 0 or (part.first <= index and part.status is not TaskStatus.QUEUED)
    )


def final_status(action: Action, counts: Counts, *, stopped: bool) -> TaskStatus:
    """Return the status of a finished task, by Liferay's rules.

    Liferay calls an import with failed and other records partially completed, and one
    in which every record failed, failed (``docs/liferay/data-migration-center.md``).

    Args:
        action: The direction; only imports complete partially.
        counts: The outcomes of all records.
        stopped: An error ended the task before the end of its file.
    """
    if stopped:
        return TaskStatus.FAILED
    if action is Action.EXPORT or counts.failed == 0:
        return TaskStatus.COMPLETED
    if counts.failed >= counts.total:
        return TaskStatus.FAILED
    return TaskStatus.PARTIALLY_COMPLETED
