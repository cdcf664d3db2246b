"""Running a task again, and comparing two tasks record by record."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import NotSupported
from ..model.plan import (
    ExportPlan,
    ImportPlan,
    MigrationPlan,
    PackagePlan,
    Plan,
    VerificationPlan,
)
from ..model.representation import html_fields
from ..model.task import Counts, Task, TaskStatus
from ..tasks.task_reports import escape_formula, outcomes_to_frame, write_csv_rows
from ..workspace import Workspace
from .base import CenterPart, require_records, task_id_of

if TYPE_CHECKING:
    import pandas as pd

    from .tasks import Tasks

_ENDED = frozenset(
    {
        TaskStatus.COMPLETED,
        TaskStatus.PARTIALLY_COMPLETED,
        TaskStatus.FAILED,
        TaskStatus.CANCELLED,
    }
)
_GENERATED_NAME = re.compile(r".* \d{13}( \(Dry Run\))?")
_COMPARED = ["outcome", "code", "field", "message"]
_OUTCOMES = ["outcome", "outcome_2"]
_TIME = "_time"
_CSV_ROWS = 1000
ABSENT = "not in it"
"""The outcome, for people, of a record that a task does not have."""


def is_rerunnable(task: Task) -> bool:
    """Return True if a task has ended and its plan can be run once more."""
    kinds = (ExportPlan, ImportPlan, MigrationPlan, PackagePlan, VerificationPlan)
    if task.status not in _ENDED or not isinstance(task.plan, kinds):
        return False
    needs_file = isinstance(task.plan, ImportPlan)
    return not (needs_file and task.pruned)


def start_again(tasks: Tasks, task: Task) -> Task:
    """Start a new task with the plan, and the file, of an older one.

    Raises:
        NotSupported: The task has not ended, its file was pruned, or it is an undo or a
            backup.
        DmcError: What starting such a task raises.
    """
    if not is_rerunnable(task):
        if isinstance(task.plan, ImportPlan):
            require_records(task)
        raise _refusal(task)
    plan = plan_as_new(task.plan)
    match plan:
        case ImportPlan():
            path = tasks.file(task)
            name = task.original_file
            return tasks.start_import(task.installation, plan, path, file_name=name)
        case ExportPlan():
            return tasks.start_export(task.installation, plan)
        case PackagePlan():
            return tasks.start_package(task.installation, plan)
        case VerificationPlan():
            return tasks.start_verification(task.installation, plan)
        case MigrationPlan():
            return tasks.start_migration(task.installation, plan)
        case _:
            raise _refusal(task)


def _refusal(task: Task) -> NotSupported:
    return NotSupported(
        what=f"Task {task.id} ({task.action}, {task.status}) cannot be run again.",
        instead="Choose an export, import, migration or verification that has ended.",
    )


def plan_as_new(plan: Plan) -> Plan:
    """Return the plan of a task for another task.

    It gets another generated name, and no longer has to do what a dry run has shown.
    """
    if _GENERATED_NAME.fullmatch(plan.name):
        plan = replace(plan, name="")
    if isinstance(plan, (ImportPlan, MigrationPlan)):
        return replace(plan, options=replace(plan.options, as_shown=0))
    return plan


class TaskComparison(NamedTuple):
    """What is different about two tasks.

    Attributes:
        plans: The choices that differ: name, and the value in each of the two plans.
        counts: The counts of each.
        records: The records with other outcomes or problems, as a DataFrame: what
            identifies them, and outcome, code, field and message of both tasks, the
            names of the second with ``_2``.
    """

    plans: tuple[tuple[str, Any, Any], ...]
    counts: tuple[Counts, Counts]
    records: pd.DataFrame

    @property
    def transitions(self) -> tuple[tuple[str, str, int], ...]:
        """The pairs of outcomes, each with its number of records, the most first.

        The outcome of a record that a task does not have is empty.
        """
        pairs = zip(self.records["outcome"], self.records["outcome_2"], strict=True)
        counted = Counter(pairs).most_common()
        return tuple((one, two, number) for (one, two), number in counted)

    def select(self, transition: int) -> pd.DataFrame:
        """Return the records of one transition, by its number from 1; 0 for all."""
        if not transition:
            return self.records
        first, second, _ = self.transitions[transition - 1]
        outcomes = self.records[_OUTCOMES]
        return self.records[(outcomes == [first, second]).all(axis=1)]

    @property
    def summary(self) -> str:
        """What became of the records otherwise, in a sentence."""
        number = len(self.records)
        if not number:
            return "No record has another outcome."
        parts = [
            f"{count:,} {format_transition(first, second)}"
            for first, second, count in self.transitions
        ]
        subject = "1 record has" if number == 1 else f"{number:,} records have"
        return f"{subject} another outcome: {'; '.join(parts)}."

    def csv_chunks(self) -> Iterator[bytes]:
        """Yield the records as CSV; no spreadsheet runs a text as a formula."""
        yield write_csv_rows([self.records.columns])
        for start in range(0, len(self.records), _CSV_ROWS):
            page = self.records.iloc[start : start + _CSV_ROWS]
            yield write_csv_rows(
                [escape_formula(str(value)) for value in row]
                for row in page.itertuples(index=False)
            )

    def _repr_html_(self) -> str:
        return html_fields(self)


def format_transition(first: str, second: str) -> str:
    """Return two outcomes as a phrase: ``failed → updated``."""
    return f"{first or ABSENT} → {second or ABSENT}"


def compare_tasks(workspace: Workspace, first: Task, second: Task) -> TaskComparison:
    """Compare two tasks: their plans, their counts, and what became of each record.

    Records of the same file are compared by their numbers, others by their external
    reference codes; records without one are then left out.

    Raises:
        NotSupported: The outcomes of one of them were pruned.
    """
    for task in (first, second):
        require_records(task)
    frames = [outcomes_to_frame(workspace, task.id) for task in (first, second)]
    is_same_file = bool(first.file_sha256) and first.file_sha256 == second.file_sha256
    key = "itemIndex" if is_same_file else "externalReferenceCode"
    keys = [key]
    if all("entityType" in frame for frame in frames):
        keys.append("entityType")
    if not is_same_file:
        frames = [frame[frame[key] != ""] for frame in frames]
    left, right = (
        _number_repeated(frame[[*keys, *_COMPARED]], keys) for frame in frames
    )
    merged = left.merge(right, how="outer", on=[*keys, _TIME], suffixes=("", "_2"))
    merged = merged.drop(columns=_TIME).fillna("")
    differs = (merged["outcome"] != merged["outcome_2"]) | (
        merged["message"] != merged["message_2"]
    )
    return TaskComparison(
        tuple(_plan_differences(first.plan.as_dict(), second.plan.as_dict())),
        (first.counts, second.counts),
        merged[differs].reset_index(drop=True),
    )


def _number_repeated(frame: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Number the records of a file that have the same key, to pair them one by one."""
    return frame.assign(**{_TIME: frame.groupby(keys).cumcount()})


def _plan_differences(
    first: dict[str, Any], second: dict[str, Any], path: str = ""
) -> list[tuple[str, Any, Any]]:
    found: list[tuple[str, Any, Any]] = []
    for name in sorted(first.keys() | second.keys()):
        one, two = first.get(name), second.get(name)
        if isinstance(one, dict) and isinstance(two, dict):
            found += _plan_differences(one, two, f"{path}{name}.")
        elif one != two:
            found.append((f"{path}{name}", one, two))
    return found


class TaskReruns(CenterPart):
    """The part of ``center.tasks`` that runs tasks again and compares them."""

    def run_again(self: Tasks, task: Task | int) -> Task:  # type: ignore[misc]
        """Start a new task with the plan and the file of an older one, at once.

        Raises:
            NotSupported: The task has not ended, its file was pruned, or it is an undo
                or a backup.
            DmcError: What starting such a task raises.
        """
        return start_again(self, self.get(task))

    def compare(self, first: Task | int, second: Task | int) -> TaskComparison:
        """Return what is different about two tasks: plans, counts, outcomes.

        >>> center.tasks.compare(3, 7).records

        Raises:
            NotSupported: The outcomes of one of them were pruned.
            UnknownName: No task has that id.
        """
        tasks = [
            self._workspace.tasks.get(task_id_of(task)) for task in (first, second)
        ]
        return compare_tasks(self._workspace, *tasks)
