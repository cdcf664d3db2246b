"""Reports of a task: failures as CSV for spreadsheets, all outcomes as a dataframe."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from ..model.outcome import Outcome, Problem
from ..model.task import Task
from ..workspace import Failure, Workspace

if TYPE_CHECKING:  # loads in a second, and only for callers that ask for a frame
    import pandas as pd

_OUTCOME_COLUMNS = (
    "itemIndex",
    "outcome",
    "externalReferenceCode",
    "code",
    "field",
    "value",
    "message",
)
_REPORT_COLUMNS = ("item", "itemIndex", "message", "code", "field", "value")
_PAGE_SIZE = 500

# A spreadsheet runs a text that begins with one of these as a formula.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def iter_report_chunks(workspace: Workspace, task_id: int) -> Iterator[bytes]:
    """Yield the error report of a task as CSV, some hundred lines at a time.

    The first three columns and the line ends are those of Liferay's own report
    (``docs/liferay/batch-engine.md``); code, field and rejected value follow them.
    Texts that a spreadsheet would run as a formula get a leading apostrophe. In the
    report of a task of several entity types each line names the entity type, and the
    records of each are numbered separately.
    """
    task = workspace.tasks.get(task_id)
    yield write_csv_rows(
        [(*_REPORT_COLUMNS, "entityType") if task.parts else _REPORT_COLUMNS]
    )
    offset = 0
    while True:
        failures = workspace.outcomes.failures(task_id, offset, _PAGE_SIZE)
        if not failures:
            return
        yield write_csv_rows([_report_row(failure, task) for failure in failures])
        offset += len(failures)


def _report_row(failure: Failure, task: Task) -> tuple[object, ...]:
    problem, place = failure.problem, task.place(failure.index)
    return (
        escape_formula(failure.item),
        place.number,
        escape_formula(problem.message),
        problem.code,
        escape_formula(problem.field),
        escape_formula(problem.value or ""),
        *((place.title,) if task.parts else ()),
    )


def escape_formula(text: str) -> str:
    """Return *text* so that no spreadsheet runs it as a formula."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def write_csv_rows(rows: Iterable[Iterable[object]]) -> bytes:
    """Return lines of CSV, as Liferay's error report has them."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode()


def outcomes_to_frame(workspace: Workspace, task_id: int) -> pd.DataFrame:
    """Return every outcome of a task, one line a record, in the order of the file.

    For a task of several entity types a last column names the entity type, and the
    records of each are numbered separately.
    """
    import pandas as pd

    task = workspace.tasks.get(task_id)
    failures = {
        failure.index: failure for failure in workspace.outcomes.failures(task_id)
    }
    lines: list[Sequence[object]] = []
    for batch in workspace.outcomes.read(task_id):
        for index, outcome in enumerate(batch.outcomes, start=batch.first_index):
            problem = failures[index].problem if index in failures else None
            position = task.place(index)
            title = (position.title,) if task.parts else ()
            lines.append((*_outcome_row(position.number, outcome, problem), *title))
    columns = [*_OUTCOME_COLUMNS, *(("entityType",) if task.parts else ())]
    return pd.DataFrame(lines, columns=columns)


def _outcome_row(
    index: int, outcome: Outcome, problem: Problem | None
) -> Sequence[object]:
    cells: tuple[object, ...] = ("", "", None, "")
    if problem is not None:
        cells = (problem.code, problem.field, problem.value, problem.message)
    return (index, outcome.kind.value, outcome.key, *cells)
