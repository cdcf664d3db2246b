"""The failed records of a task: whole, as they were read and mended so far."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

from ....formats.json.values import STRICT
from ....formats.source import open_source
from ....model.failure_group import ALL_FAILURES
from ....model.mend import NO_MEND, Mend
from ....model.plan import ImportPlan
from ....model.record import Record, UnreadableRecord
from ....model.task import RecordPosition, Task
from ....objects.fields.encrypted import HIDDEN
from ....workspace import Failure, Workspace
from ...task_files import original_file
from .sealed_mends import hide_mend

_PAGE: Final = 500
_HIDDEN: Final = re.compile(rf'"([^"\\\\]+)":"{re.escape(HIDDEN)}"')


@dataclass(frozen=True, slots=True)
class FailedRecord:
    """A record that failed.

    Attributes:
        failure: Its number in the task, why it failed, and its text in reports.
        position: Its number in the file, or among the items of its part.
        record: Its values, with what was mended so far; large texts can only be
            loaded until the next record is asked for.
        raw: Its text, where it cannot be read; else empty.
    """

    failure: Failure
    position: RecordPosition
    record: Record
    raw: str = ""


def read_failed_records(
    workspace: Workspace, task: Task, indices: Collection[int] | None = None
) -> Iterator[FailedRecord]:
    """Yield failed records of a task in their order.

    Args:
        workspace: Holds the task.
        task: The task.
        indices: The numbers of the records in the task; None for all that failed.

    Raises:
        FileError: The file of the import cannot be read.
    """
    failures = _iter_failures(workspace, task.id, indices)
    if isinstance(task.plan, ImportPlan):
        return _read_from_file(workspace, task, failures)
    return (reported_record(task, failure, mend) for failure, mend in failures)


def _iter_failures(
    workspace: Workspace, task_id: int, indices: Collection[int] | None
) -> Iterator[tuple[Failure, Mend]]:
    """Yield failures with what was mended so far, as tables show it."""
    only = ALL_FAILURES
    while page := workspace.outcomes.failures(task_id, limit=_PAGE, only=only):
        last = page[-1].index
        mends = workspace.repairs.mends(task_id, only.first, last)
        for failure in page:
            if indices is None or failure.index in indices:
                yield failure, hide_mend(mends.get(failure.index, NO_MEND))
        only = only._replace(first=last + 1)


def _read_from_file(
    workspace: Workspace,
    task: Task,
    failures: Iterator[tuple[Failure, Mend]],
) -> Iterator[FailedRecord]:
    plan = task.plan
    following = next(failures, None)
    if following is None or not isinstance(plan, ImportPlan):
        return
    path = original_file(workspace, task).path
    with open_source(path, name=task.original_file, options=plan.reading) as source:
        for index, record in enumerate(source.records(), start=1):
            if index == following[0].index:
                yield _failed_record(task, *following, record)
                following = next(failures, None)
                if following is None:
                    return


def _failed_record(
    task: Task,
    failure: Failure,
    mend: Mend,
    record: Record | UnreadableRecord,
) -> FailedRecord:
    position = task.place(failure.index)
    if isinstance(record, UnreadableRecord):
        raw = "" if mend else record.text
        return FailedRecord(failure, position, mend.apply({}), raw)
    return FailedRecord(failure, position, _hide(mend.apply(record), failure.item))


def reported_record(task: Task, failure: Failure, mend: Mend) -> FailedRecord:
    """Return a failed record from its text in reports, without reading the file.

    Its long texts are shortened; one that is too long for reports has no values.
    """
    try:
        record = STRICT.decode(failure.item)
    except ValueError:
        record = None
    position = task.place(failure.index)
    if isinstance(record, dict):
        return FailedRecord(failure, position, record)
    return FailedRecord(failure, position, mend.apply({}), failure.item)


def _hide(record: Record, item: str) -> Record:
    """Return a record without the values that its text in reports hides."""
    hidden = {name for name in _HIDDEN.findall(item) if record.get(name)}
    return {**record, **dict.fromkeys(hidden, HIDDEN)} if hidden else record
