"""The files of a task, as downloads."""

from __future__ import annotations

from collections.abc import Iterable

from ..center import Center
from ..states.task_list_state import MenuItem
from .controls import read_chunks

EXPORT_NAME = "Export.zip"


def open_download(
    center: Center, task_id: int, item: MenuItem
) -> tuple[str, Iterable[bytes]]:
    """Return the name and the bytes of what *item* promises.

    Raises:
        UnknownName: The task or its file is not there.
    """
    if item is MenuItem.ERROR_REPORT:
        return f"error-report-{task_id}.csv", center.report_chunks(task_id)
    path = center.task_file(task_id)
    if item is MenuItem.EXPORTED_FILE:
        return EXPORT_NAME, read_chunks(path)
    return center.task(task_id).original_file or path.name, read_chunks(path)
