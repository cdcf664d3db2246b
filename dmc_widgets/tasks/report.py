"""The error report: one line a failed record, for people with a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from ..model.task import Task
from ..workspace import Failure, Workspace

_COLUMNS = ("item", "itemIndex", "message", "code", "field", "value")
_PAGE = 500

# A spreadsheet would run a text that begins like this as a formula.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def report_chunks(workspace: Workspace, task_id: int) -> Iterator[bytes]:
    """Yield the error report of a task as CSV, some hundred lines at a time.

    The first three columns and the line ends are Liferay's (batch engine facts,
    3.3); code, field and rejected value follow them. Texts that a spreadsheet
    would take for a formula get a leading apostrophe. The report of a task of
    several entity types tells each record's, and counts its records by themselves.
    """
    task = workspace.tasks.get(task_id)
    yield _lines([(*_COLUMNS, "entityType") if task.parts else _COLUMNS])
    offset = 0
    while True:
        failures = workspace.outcomes.failures(task_id, offset, _PAGE)
        if not failures:
            return
        yield _lines([_line(failure, task) for failure in failures])
        offset += len(failures)


def _line(failure: Failure, task: Task) -> tuple[object, ...]:
    problem, place = failure.problem, task.place(failure.index)
    return (
        neutral(failure.item),
        place.number,
        neutral(problem.message),
        problem.code,
        neutral(problem.field),
        neutral(problem.value or ""),
        *((place.title,) if task.parts else ()),
    )


def neutral(text: str) -> str:
    """Keep a spreadsheet from running *text*."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def _lines(rows: list[tuple[object, ...]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode()
