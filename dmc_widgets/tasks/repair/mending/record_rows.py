"""The failed records of a task as rows of cells, which are mended one by one.

Rows are made from the texts in reports, without reading the file of the task, so that
a page of them is there at once. What reports shorten cannot be mended here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from ....errors import InvalidPlan
from ....model.failure_group import ALL_FAILURES, FailureFilter
from ....model.mend import NO_MEND, Mend, Path
from ....model.outcome import Problem
from ....model.record import Record
from ....model.representation import ValueDisplay
from ....model.task import RecordPosition, Task
from ....objects.fields.encrypted import HIDDEN
from ....workspace import Failure, Workspace
from .failed_records import reported_record
from .mended_file import sources_by_target
from .record_cells import (
    Cell,
    cell_value,
    is_shortened,
    list_columns,
    mended_value,
    record_cells,
)
from .sealed_mends import hide_mend

_LOOKED_AT: Final = 2_000
"""How many failed records are looked at to find the columns of all."""

_MAX_GROUPS: Final = 100


@dataclass(frozen=True, slots=True)
class RowCell:
    """One value of a failed record.

    Attributes:
        text: The value as it is shown and typed; empty for no value.
        before: What it was before it was mended; None if it was not.
        is_locked: Only a part of the value is known here, so it is mended elsewhere.
    """

    text: str
    before: str | None = None
    is_locked: bool = False


class CellEdit(NamedTuple):
    """What was typed into a cell.

    Attributes:
        column: The column of the cell.
        text: The text; an empty one removes the value, and the original one takes an
            earlier change back.
    """

    column: str
    text: str


@dataclass(frozen=True, slots=True, repr=False)
class RecordRow(ValueDisplay):
    """A failed record.

    Attributes:
        index: The number of the record in the task.
        position: Its number in the file, or among the items of its part.
        problem: Why it failed.
        cells: Its values by the names of their columns; none where they are not known.
        raw: Its text, where it cannot be read, or is too long for reports.
        is_too_long: It is too long for reports, so it is mended elsewhere.
    """

    index: int
    position: RecordPosition
    problem: Problem
    cells: Mapping[str, RowCell]
    raw: str = ""
    is_too_long: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class RowColumns(ValueDisplay):
    """The columns that the failed records of a task need.

    Attributes:
        paths: Where the value of each column is in a record, by its name. Fields for
            which a record failed come first, then all others in the order of the file.
        sources: The columns, or fields of the file, that fill the target fields.
    """

    paths: Mapping[str, Path] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)

    def at_fault(self, field: str) -> tuple[str, ...]:
        """Return the columns that fill the target's *field*, the one at fault."""
        source = self.source_of(field)
        if source in self.paths:
            return (source,)
        start = source.partition(".")[0]
        return tuple(name for name, path in self.paths.items() if path[0] == start)

    def source_of(self, target: str) -> str:
        """Return the field of the file that fills a target field; empty for none."""
        if not self.sources:
            return target
        start = target.partition(".")[0]
        return self.sources.get(target, self.sources.get(start, ""))


def find_columns(
    workspace: Workspace, task: Task, only: FailureFilter = ALL_FAILURES
) -> RowColumns:
    """Return the columns of failed records of a task.

    The first 2,000 records tell them, besides the fields for which a record failed.
    """
    failures = workspace.outcomes.failures(task.id, 0, _LOOKED_AT, only=only)
    records = [reported_record(task, x, NO_MEND).record for x in failures]
    paths: dict[str, Path] = {}
    for record in records:
        for name, cell in record_cells(record).items():
            paths.setdefault(name, cell.path)
    known = RowColumns(
        {x: paths[x] for x in list_columns(records)}, sources_by_target(task)
    )
    faults = dict.fromkeys(
        name
        for group in workspace.outcomes.failure_groups(task.id, _MAX_GROUPS, only=only)
        if group.field and (source := known.source_of(group.field))
        for name in known.at_fault(group.field) or (source,)
    )
    order = {x: known.paths.get(x, tuple(x.split("."))) for x in faults}
    return RowColumns({**order, **known.paths}, known.sources)


def build_row(
    task: Task, failure: Failure, columns: RowColumns, mend: Mend = NO_MEND
) -> RecordRow:
    """Return a failed record as a row.

    Args:
        task: The task.
        failure: The failure of the record.
        columns: The columns of the table.
        mend: What was changed in the record since it failed.
    """
    failed = reported_record(task, failure, NO_MEND)
    is_too_long = bool(failed.raw) and is_shortened(failed.raw)
    names = {path: name for name, path in columns.paths.items()}
    before = _cells_by_column(failed.record, names)
    after = _cells_by_column(hide_mend(mend).apply(failed.record), names)
    cells = {
        name: _row_cell(before.get(name), after.get(name)) for name in columns.paths
    }
    return RecordRow(
        failure.index,
        failed.position,
        failure.problem,
        {} if is_too_long else cells,
        failed.raw,
        is_too_long,
    )


def mend_cell(
    task: Task, failure: Failure, columns: RowColumns, edit: CellEdit, mend: Mend
) -> Mend:
    """Return the changes of a record with what was typed into one of its cells.

    Args:
        task: The task.
        failure: The failure of the record.
        columns: The columns of the table.
        edit: The column, and what was typed.
        mend: What was changed before.

    Raises:
        InvalidPlan: Only a part of the value is known here.
    """
    column, text = edit
    record = reported_record(task, failure, NO_MEND).record
    cell = record_cells(record).get(column)
    path = cell.path if cell else columns.paths[column]
    others = {known: value for known, value in mend.values.items() if known != path}
    original = cell.value if cell else None
    if is_shortened(cell_text(original, path)):
        reason = (
            f"{task.place(failure.index)}: {column} is too long to be mended here. "
            "Download the failed records, mend it there, and upload the file."
        )
        raise InvalidPlan(reason)
    if text == cell_text(original, path):
        return Mend(others, mend.removed)
    value = mended_value(text, original) if text else None
    return Mend({**others, path: value}, mend.removed)


def cell_text(value: Any, path: Path = ()) -> str:
    """Return a value as it is shown and typed: ``true``, ``7``, ``{"key":"red"}``."""
    shown = cell_value(value, path)
    if shown is None:
        return ""
    return str(shown).lower() if isinstance(shown, bool) else str(shown)


def _cells_by_column(record: Record, names: Mapping[Path, str]) -> dict[str, Cell]:
    """Return the cells of a record by columns, also those that it spreads otherwise."""
    return {names.get(x.path, name): x for name, x in record_cells(record).items()}


def _row_cell(before: Cell | None, after: Cell | None) -> RowCell:
    earlier = cell_text(before.value, before.path) if before else ""
    text = cell_text(after.value, after.path) if after else ""
    is_locked = bool(after) and is_shortened(text)
    is_mended = earlier != text
    if earlier == HIDDEN:  # nor is the new secret shown
        text = HIDDEN
    return RowCell(text, earlier if is_mended else None, is_locked)


def part_filters(task: Task) -> dict[str, FailureFilter]:
    """Return filters of the parts of a task with failed records, by their titles."""
    begun = [part for part in task.parts if part.counts.total or part.first > 1]
    ends = [*(part.first - 1 for part in begun[1:]), ALL_FAILURES.last]
    return {
        part.title: FailureFilter(first=part.first, last=end)
        for part, end in zip(begun, ends, strict=False)
        if part.counts.failed
    }
