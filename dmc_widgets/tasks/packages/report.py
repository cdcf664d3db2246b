"""What became of the files of a package, one by one and in all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ...model.plan import is_dry_run
from ...model.representation import ValueDisplay, html_table
from ...model.task import Counts, Task, TaskStatus
from ...model.verification import Verification

_COMPLETE = frozenset({TaskStatus.COMPLETED, TaskStatus.PARTIALLY_COMPLETED})


@dataclass(frozen=True, slots=True, repr=False)
class PackageStep(ValueDisplay):
    """The result of importing one file of a package.

    Attributes:
        file: The path of the file below the package's folder, or in its zip.
        task: The finished task; None if none was started.
        reason: Why no task was started; empty otherwise.
        failed: True if no task was started because of an error.
        left_out: True if no task was started because such items do not move: roles,
            workflows, and whatever else is not an object, a picklist or a folder.
        class_name: The class of the items, as the file states it; empty if unknown.
        items: The number of items that were left out.
        notes: Sentences about what the file lacks because a file before it failed.
        verification: What the task has found when it verified itself; None if it did
            not.
    """

    file: str
    task: Task | None = None
    reason: str = ""
    failed: bool = False
    left_out: bool = False
    class_name: str = ""
    items: int = 0
    notes: tuple[str, ...] = ()
    verification: Verification | None = None

    @property
    def status(self) -> str:
        """The status of the task; else Failed, Left Out or Empty."""
        if self.task is not None:
            return self.task.status.value
        if self.failed:
            return "Failed"
        return "Left Out" if self.left_out else "Empty"


@dataclass(frozen=True, slots=True)
class PackageReport:
    """The results of all files of a package.

    Attributes:
        steps: The result of each file, in the order of the import.
    """

    steps: tuple[PackageStep, ...] = ()

    def __iter__(self) -> Iterator[PackageStep]:
        return iter(self.steps)

    def __len__(self) -> int:
        return len(self.steps)

    @property
    def left_out(self) -> tuple[PackageStep, ...]:
        """The files whose items do not move."""
        return tuple(step for step in self.steps if step.left_out)

    @property
    def failed(self) -> tuple[PackageStep, ...]:
        """The files that could not be imported, in whole or in part."""
        return tuple(step for step in self.steps if _has_failed(step))

    @property
    def unequal(self) -> tuple[PackageStep, ...]:
        """The imported files of which the target does not hold what was sent."""
        failed = self.failed
        return tuple(x for x in self.steps if _is_unequal(x) and x not in failed)

    @property
    def is_complete(self) -> bool:
        """True if every item of the package was imported, and is there as it was sent.

        Files that were not verified count as they were reported.
        """
        return not self.left_out and not self.failed and not self.unequal

    @property
    def is_dry_run(self) -> bool:
        """True if nothing was written, because the tasks were dry runs."""
        return any(step.task and is_dry_run(step.task.plan) for step in self.steps)

    @property
    def counts(self) -> Counts:
        """The number of records by outcome, of all files."""
        counts = Counts()
        for step in self.steps:
            if step.task is not None:
                counts = counts.plus_counts(step.task.counts)
        return counts

    @property
    def summary(self) -> str:
        """The results in one sentence."""
        if not self.steps:
            return "The package is empty: there was nothing to import."
        number = len(self.steps)
        done = number - len(self.left_out) - len(self.failed)
        verb = "would be imported" if self.is_dry_run else "imported"
        parts = [f"{done:,} {verb}"]
        if self.unequal:
            parts.append(f"{len(self.unequal):,} of them not as expected")
        if self.left_out:
            items = sum(step.items for step in self.left_out)
            noun = "item" if items == 1 else "items"
            parts.append(f"{len(self.left_out):,} left out ({items:,} {noun})")
        if self.failed:
            parts.append(f"{len(self.failed):,} failed")
        return f"{number:,} {'file' if number == 1 else 'files'}: {', '.join(parts)}."

    def __repr__(self) -> str:
        return f"PackageReport({self.summary})"

    def _repr_html_(self) -> str:
        columns = ("File", "Type", "Status", "Records", "Failed", "Why")
        return html_table(self.summary, columns, map(_table_row, self.steps))


def _has_failed(step: PackageStep) -> bool:
    task = step.task
    if task is None:
        return step.failed
    return task.status not in _COMPLETE or bool(task.counts.failed)


def _is_unequal(step: PackageStep) -> bool:
    return step.verification is not None and not step.verification.is_equal


def _table_row(step: PackageStep) -> tuple[object, ...]:
    task = step.task
    why = [step.reason, task.error if task else "", *step.notes]
    return (
        step.file,
        task.entity_type if task else step.class_name,
        step.status,
        task.counts.total if task else step.items,
        task.counts.failed if task else 0,
        " ".join(filter(None, why)),
    )
