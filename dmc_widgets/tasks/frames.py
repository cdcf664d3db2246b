"""Previews and outcomes as dataframes. pandas is imported here and nowhere above."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..model.outcome import Outcome, Problem
from ..model.preview import Preview, Sampling
from ..workspace import Workspace
from .columns import presentable, typed_column

if TYPE_CHECKING:  # pandas loads in a second; only those who ask for a frame wait
    import pandas as pd

_COLUMNS = (
    "itemIndex",
    "outcome",
    "externalReferenceCode",
    "code",
    "field",
    "value",
    "message",
)


def preview_frame(preview: Preview) -> pd.DataFrame:
    """Lay a preview out as a dataframe; see :meth:`Center.preview`."""
    import pandas as pd

    records = preview.records
    sources = [record.source or {} for record in records]
    columns: dict[tuple[str, str], pd.Series[Any]] = {}
    for name in preview.fields:
        values = [presentable(source.get(name, pd.NA)) for source in sources]
        columns["source", presentable(name)] = pd.Series(values, dtype=object)
    for name, kind in preview.types.items():
        found = [record.target.get(name, pd.NA) for record in records]
        columns["target", presentable(name)] = typed_column(found, kind)
    expected = [record.expected.value for record in records]
    told = ["; ".join(fault.text for fault in record.faults) for record in records]
    columns["result", "expected"] = typed_column(expected, "string")
    columns["result", "problems"] = typed_column(told, "string")
    frame = pd.DataFrame(dict(enumerate(columns.values())))
    frame.columns = pd.MultiIndex.from_tuples(columns, names=["part", "field"])
    extent = preview.extent
    unit = "byte" if extent.sampling is Sampling.BY_PLACE else "record"
    frame.index = pd.Index(
        [record.number for record in records], dtype="int64", name=unit
    )
    frame.attrs = {
        "file": preview.name,
        "sampling": extent.sampling.value,
        "records_read": extent.records_read,
        "bytes_read": extent.bytes_read,
        "records_about": extent.records_about,
        "complete": extent.complete,
        "warnings": list(preview.warnings),
        "notes": list(preview.notes),
    }
    return frame


def outcomes_frame(workspace: Workspace, task_id: int) -> pd.DataFrame:
    """Return every outcome of a task, one line a record, in the order of the file.

    Of a task of several entity types a last column tells each record's; its records
    are numbered by themselves.
    """
    import pandas as pd

    task = workspace.tasks.get(task_id)
    failures = {
        failure.index: failure for failure in workspace.outcomes.failures(task_id)
    }
    lines: list[Sequence[object]] = []
    for recorded in workspace.outcomes.read(task_id):
        for index, outcome in enumerate(recorded.outcomes, start=recorded.first_index):
            problem = failures[index].problem if index in failures else None
            place = task.place(index)
            last = (place.title,) if task.parts else ()
            lines.append((*_line(place.number, outcome, problem), *last))
    columns = [*_COLUMNS, *(("entityType",) if task.parts else ())]
    return pd.DataFrame(lines, columns=columns)


def _line(index: int, outcome: Outcome, problem: Problem | None) -> Sequence[object]:
    told: tuple[object, ...] = ("", "", None, "")
    if problem is not None:
        told = (problem.code, problem.field, problem.value, problem.message)
    return (index, outcome.kind.value, outcome.key, *told)
