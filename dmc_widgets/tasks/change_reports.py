"""Reports of what a task changed: in counts, as rows, as CSV and as a dataframe."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import orjson

from ..model.change import FieldChange
from ..model.outcome import OutcomeKind
from ..model.plan import is_dry_run
from ..model.representation import html_fields
from ..model.task import Task
from ..workspace import Workspace
from ..workspace.changes import RecordChange
from .task_reports import escape_formula

if TYPE_CHECKING:  # loads in a second, and only for callers that ask for a frame
    import pandas as pd

CHANGE_COLUMNS: Final = (
    "itemIndex",
    "entityType",
    "outcome",
    "externalReferenceCode",
    "scopeKey",
    "field",
    "old",
    "new",
    "lost",
)
_PAGE_SIZE: Final = 500
_MAX_FIELDS: Final = 8


class RecordedChange(NamedTuple):
    """What a record did to one field of an item.

    Attributes:
        number: The record's number, in its file or among the items of its part, from 1.
        part: The entity type in a task of several; otherwise empty.
        kind: Created or updated.
        erc: The external reference code of the item.
        site: The key of the item's site; empty where it belongs to none.
        field: The name of the field, or the path of a part of it.
        old: The value before; None where there was none.
        new: The value that came in its place; None where there is none.
        lost: True if a stored value is gone and none came in its place.
    """

    number: int
    part: str
    kind: OutcomeKind
    erc: str
    site: str
    field: str
    old: Any
    new: Any
    lost: bool

    def _repr_html_(self) -> str:
        return html_fields(self)


class FieldSummary(NamedTuple):
    """How many records of an entity type changed a field.

    Attributes:
        part: The entity type in a task of several; otherwise empty.
        field: The name of the field, or the path of a part of it.
        changed: The records that changed it.
        lost: Those of them that removed a stored value.
    """

    part: str
    field: str
    changed: int
    lost: int

    def _repr_html_(self) -> str:
        return html_fields(self)


def iter_changes(
    workspace: Workspace, task: Task, *, field: str = "", lost: bool = False
) -> Iterator[RecordedChange]:
    """Yield what the records of a task did to single fields, in order.

    Args:
        workspace: Holds the task.
        task: The task, running or finished.
        field: Only changes of this field, or of a part of it; empty for all.
        lost: Only changes that removed a stored value.
    """
    for record in workspace.changes.read(task.id, field=field, lost=lost):
        for change in record.change.fields:
            yield _recorded(task, record, change)


def page_of_changes(
    workspace: Workspace,
    task: Task,
    numbers: range,
    *,
    field: str = "",
    lost: bool = False,
) -> list[RecordedChange]:
    """Return those of the changes that :func:`iter_changes` yields, from 0 on."""
    page = workspace.changes.page(
        task.id, numbers.start, len(numbers), field=field, lost=lost
    )
    return [_recorded(task, record, change) for record, change in page]


def _recorded(task: Task, record: RecordChange, change: FieldChange) -> RecordedChange:
    place = task.place(record.index)
    return RecordedChange(
        place.number,
        place.title,
        record.kind,
        record.key,
        record.change.site,
        *change,
        change.lost,
    )


def summarize_fields(workspace: Workspace, task: Task) -> list[FieldSummary]:
    """Return how many records changed each field, the most losses first."""
    summaries: list[FieldSummary] = []
    for title, first, last in _part_ranges(task):
        counts = workspace.changes.count_fields(task.id, first, last)
        summaries += [
            FieldSummary(title, field, *count) for field, count in counts.items()
        ]
    return sorted(summaries, key=lambda one: (-one.lost, -one.changed))


def _part_ranges(task: Task) -> Iterator[tuple[str, int, int | None]]:
    """Yield the title of each part with the numbers of its first and last record."""
    begun = [part for part in task.parts if part.counts.total]
    if not begun:
        yield "", 1, None
    for part, following in zip(begun, [*begun[1:], None], strict=False):
        yield part.title, part.first, following.first - 1 if following else None


def is_unrecorded(workspace: Workspace, task: Task) -> bool:
    """Return True if a task has updated items, and nothing is known of how."""
    return task.counts.updated > 0 and workspace.changes.is_empty(task.id)


def describe_changes(task: Task, summaries: Sequence[FieldSummary]) -> str:
    """Return in one sentence which fields change; empty if none does.

    >>> describe_changes(task, summaries)
    '100 records would lose vatNumber; 3 records would change state.'
    """
    would = "would " if is_dry_run(task.plan) else ""
    lose, change = ("lose", "change") if would else ("lost", "changed")
    losses = [one for one in summaries if one.lost]
    others = [one for one in summaries if one.changed > one.lost]
    texts = [f"{_count(one.lost)} {would}{lose} {_name(one)}" for one in losses]
    texts += [
        f"{_count(one.changed - one.lost)} {would}{change} {_name(one)}"
        for one in others
    ]
    if not texts:
        return ""
    rest = len(texts) - _MAX_FIELDS
    more = [f"{rest:,} more are in the list"] if rest > 0 else []
    return f"{'; '.join([*texts[:_MAX_FIELDS], *more])}."


def _count(number: int) -> str:
    return "1 record" if number == 1 else f"{number:,} records"


def _name(summary: FieldSummary) -> str:
    return f"{summary.field} of {summary.part}" if summary.part else summary.field


def changes_to_frame(
    workspace: Workspace, task: Task, *, field: str = "", lost: bool = False
) -> pd.DataFrame:
    """Return the changes of single fields, one line each, in the order of the file."""
    import pandas as pd

    changes = iter_changes(workspace, task, field=field, lost=lost)
    frame = pd.DataFrame(changes, columns=list(CHANGE_COLUMNS))
    frame["outcome"] = frame["outcome"].map(str)
    return frame if task.parts else frame.drop(columns="entityType")


def change_to_json(change: RecordedChange) -> dict[str, Any]:
    """Return a change by the names of its columns, for JSON."""
    return dict(zip(CHANGE_COLUMNS, change, strict=True))


def iter_change_csv(changes: Iterator[RecordedChange]) -> Iterator[bytes]:
    """Yield changes as CSV, some hundred lines at a time.

    Values other than texts are JSON. Texts that a spreadsheet would run as a formula
    get a leading apostrophe.
    """
    yield _write_rows([CHANGE_COLUMNS])
    while page := list(islice(changes, _PAGE_SIZE)):
        yield _write_rows([_csv_row(change) for change in page])


def format_change_value(value: Any) -> str:
    """Return a value of a change as a text: a text as it is, others as JSON."""
    if value is None:
        return ""
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _csv_row(change: RecordedChange) -> list[object]:
    texts = [change.part, change.kind.value, change.erc, change.site, change.field]
    values = [format_change_value(change.old), format_change_value(change.new)]
    cells = [escape_formula(text) for text in (*texts, *values)]
    return [change.number, *cells, "true" if change.lost else "false"]


def _write_rows(rows: Sequence[Sequence[object]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode()
