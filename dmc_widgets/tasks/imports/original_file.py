"""Take the file of an import into the workspace, complete.

A batch file may stand for files beside it (see
:mod:`~dmc_widgets.formats.json.attachment_placeholders`). Its copy holds their
contents, because the task goes on when the folder is changed or gone.
"""

from __future__ import annotations

from pathlib import Path

from ...formats.json.attachment_placeholders import find_attachments, holds_placeholder
from ...formats.source import open_source
from ...storage.operating_system import replace_file
from ...storage.private_files import make_private_folder, open_private
from ...workspace.file_transfer import (
    copy_into_workspace,
    require_disk_space,
    translate_os_errors,
)


def copy_original(path: Path, target: Path, *, name: str, consume: bool) -> None:
    """Copy the file *path* to *target*, with the attachments that it stands for.

    Args:
        path: Any file.
        target: The path in the workspace.
        name: The file's own name.
        consume: Move the file instead, because it is an upload of the workspace.

    Raises:
        FileError: The file cannot be read; with attachments, to its end.
        DiskFull: The disk is full.
    """
    if find_attachments(path) is None or not _has_placeholder(path):
        copy_into_workspace(path, target, consume=consume)
        return
    with open_source(path, name=name) as source:
        part = target.with_name(target.name + ".part")
        with translate_os_errors(target.parent):
            make_private_folder(target.parent)
            require_disk_space(target.parent, source.size)
            try:
                with open_private(part) as file:
                    source.write_filled(file)
                replace_file(part, target)
            finally:
                part.unlink(missing_ok=True)


def _has_placeholder(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return holds_placeholder(file)
