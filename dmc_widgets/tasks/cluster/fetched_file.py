"""The file of an import on a machine that does not share the coordinator's folder.

A worker reads it from the address that the coordinator has read, into a folder of its
own, and goes on only if it has the same bytes.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

from ...errors import FileUnreadable
from ...model.task import Task
from ...storage.private_files import open_private
from ...workspace.downloads import open_address
from ...workspace.file_origins import FileOrigin
from ...workspace.source_policy import SourcePolicy

_ALLOWED: Final = SourcePolicy(is_open=True)
"""The coordinator has asked whether the address is allowed."""


def fetch_original(task: Task, origin: FileOrigin, target: Path) -> None:
    """Copy the file of a task from its address.

    Args:
        task: The task; its digest is that of the coordinator's copy.
        origin: Where the coordinator has read the file.
        target: The path of the copy, in a folder that exists.

    Raises:
        FileUnreadable: The file is another one by now, or is not there any more.
        NotSupported: The library for the address is not installed.
        InstallationError: The store refuses or does not answer.
    """
    digest = hashlib.sha256()
    with open_address(origin.address, _ALLOWED) as body, open_private(target) as file:
        for piece in body.pieces:
            digest.update(piece)
            file.write(piece)
    if digest.hexdigest() != task.file_sha256:
        reason = (
            "it was changed after the task had been started, and a worker of the "
            "cluster reads it at its address. Start a new task with it as it is now."
        )
        raise FileUnreadable(task.original_file, reason)
