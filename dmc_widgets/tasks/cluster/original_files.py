"""The file of an import on a machine that does not share the coordinator's folder.

A worker reads its partitions at the address from which the coordinator has copied the
file, if the store says that it is the same version still. Where the store has no ranges
or no versions, the worker copies the file as a whole, and compares the bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from ...errors import FileBroken, FileUnreadable
from ...model.task import Task
from ...storage.private_files import open_private
from ...storage.ranged_files import RangedFile
from ...workspace.downloads import open_address
from ...workspace.file_origins import FileOrigin
from ...workspace.linked_files import LinkedFile
from ...workspace.remote_ranges import open_ranged_file
from ...workspace.source_policy import SourcePolicy
from ..imports.numbered_chunk import NumberedChunk
from ..partitions.partition_import import OriginalFile

_ALLOWED: Final = SourcePolicy(is_open=True)
"""The coordinator has asked whether the address is allowed."""

_NO_FILE: Final = (
    "The workers of the cluster do not have the file. Keep the workspace in a folder "
    "that they share, under the same path on every machine, or import the file from an "
    "address."
)
_CHANGED: Final = (
    "it was changed after the task had been started, and a worker of the cluster reads "
    "it at its address. Start a new task with it as it is now."
)


@contextmanager
def open_original(
    task: Task, path: Path, origin: FileOrigin | None, folder: Path
) -> Iterator[OriginalFile]:
    """Open the file of a task in a worker of a cluster.

    Args:
        task: The task; its digest is that of the coordinator's copy.
        path: Where the coordinator has its copy.
        origin: The address from which it is; None for a file of its machine.
        folder: A folder of the worker's own.

    Raises:
        FileUnreadable: The worker does not have the file, or it is another one by now.
        NotSupported: The library for the address is not installed.
        InstallationError: The store refuses or does not answer.
    """
    if path.is_file():
        yield LinkedFile(path, task.original_file, task.file_sha256)
        return
    if origin is None:
        raise FileUnreadable(task.original_file, _NO_FILE)
    ranged = _open_ranged(task, origin, folder)
    if ranged is None:
        copy = folder / "original"
        _fetch_whole(task, origin, copy)
        yield LinkedFile(copy, task.original_file, task.file_sha256)
        return
    with ranged:
        yield _OriginalAtAddress(ranged, task.original_file)


class _OriginalAtAddress:
    """A file of which the worker reads its partitions at its address.

    Args:
        path: The file.
        name: The file's own name.
    """

    def __init__(self, path: RangedFile, name: str) -> None:
        self.path = path
        self._name = name

    def require_unchanged(self) -> None:
        """Refuse a file that was replaced; see :class:`.OriginalFile`."""
        try:
            self.path.require_unchanged()
        except FileBroken as exc:
            raise FileUnreadable(self._name, _CHANGED) from exc

    def watch(self, parts: Iterator[NumberedChunk]) -> Iterator[NumberedChunk]:
        """Yield parts of the file, all of one version; see :class:`.OriginalFile`."""
        return parts


def _open_ranged(task: Task, origin: FileOrigin, folder: Path) -> RangedFile | None:
    """Open the version that the coordinator has; None if nothing proves that it is.

    Raises:
        FileUnreadable: It is another version by now.
    """
    ranged = open_ranged_file(origin.address, _ALLOWED, folder)
    if ranged is None:
        return None
    if not ranged.is_exact or not origin.version:
        ranged.close()
        return None
    if ranged.version != origin.version:
        ranged.close()
        raise FileUnreadable(task.original_file, _CHANGED)
    return ranged


def _fetch_whole(task: Task, origin: FileOrigin, target: Path) -> None:
    digest = hashlib.sha256()
    with open_address(origin.address, _ALLOWED) as body, open_private(target) as file:
        for piece in body.pieces:
            digest.update(piece)
            file.write(piece)
    if digest.hexdigest() != task.file_sha256:
        raise FileUnreadable(task.original_file, _CHANGED)
