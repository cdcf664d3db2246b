"""The file of an import: one of this machine, or the copy of one at an address."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from ..model.roles import Role
from ..storage.remote_addresses import RemoteAddress, find_address
from ..workspace import Upload, Workspace
from ..workspace.file_origins import FileOrigin

if TYPE_CHECKING:
    from ..workspace.downloads import Body

Progress = Callable[[int, int | None], object]
"""Called with the bytes so far, and those in all where that is known."""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file to be read, and imported.

    Attributes:
        path: Where it is on this machine.
        name: Its own name; None if it is that of the path.
        origin: Where the copy comes from; None for a file of this machine.
    """

    path: Path
    name: str | None = None
    origin: FileOrigin | None = None


def ignore_progress(_received: int, _size: int | None) -> None:
    """Show no progress."""


@contextmanager
def open_source_file(
    workspace: Workspace,
    source: Path | str | SourceFile,
    name: str | None = None,
    on_progress: Progress = ignore_progress,
) -> Iterator[SourceFile]:
    """Copy the file at an address into the workspace until the block ends.

    A file of this machine stays where it is.

    Args:
        workspace: Receives the copy, and says which addresses are allowed.
        source: The path, or an address such as ``s3://bucket/people.csv``.
        name: The file's own name, where *source* is only where it is stored.
        on_progress: Called after each piece of the copy.

    Raises:
        DmcError: As for :func:`~dmc_widgets.workspace.downloads.open_address`.
    """
    if isinstance(source, SourceFile):
        yield source
        return
    found = find_address(source)
    if isinstance(found, Path):
        yield SourceFile(found, name)
        return
    copy = fetch_file(workspace, str(source), on_progress)
    if copy is None:
        raise TypeError(source)  # nothing cancels it
    try:
        yield SourceFile(copy.path, name or copy.name, copy.origin)
    finally:
        copy.path.unlink(missing_ok=True)  # a task may have taken it


@contextmanager
def open_package(
    workspace: Workspace, source: Path | str | SourceFile
) -> Iterator[Path]:
    """Yield the folder, zip or file of a package under its own name.

    Args:
        workspace: Receives the copy of a package at an address.
        source: The folder or the file, or the address of a file.

    Raises:
        DmcError: As for :func:`open_source_file`.
    """
    with (
        open_source_file(workspace, source) as file,
        TemporaryDirectory(dir=workspace.path) as folder,
    ):
        if file.origin is None or file.name is None:
            yield file.path
            return
        named = Path(folder, file.name)  # the name says what a file is
        yield file.path.replace(named)


def fetch_file(
    workspace: Workspace,
    url: str,
    on_progress: Progress = ignore_progress,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> SourceFile | None:
    """Copy the file at an address into the workspace.

    Returns:
        None if it was cancelled; nothing is left then.

    Raises:
        NotPermitted: The user may not import anywhere.
        DiskFull: The disk is full.
        DmcError: As for :func:`~dmc_widgets.workspace.downloads.open_address`.
    """
    workspace.permissions.require_anywhere(Role.IMPORT)
    from ..workspace.downloads import open_address  # it loads what speaks HTTPS

    with open_address(url, workspace.source_policy) as body:
        path = receive_file(workspace, body, on_progress, is_cancelled)
        if path is None:
            return None
        origin = FileOrigin.of(RemoteAddress.parse(url), body.version)
        return SourceFile(path, body.name, origin)


def receive_file(
    workspace: Workspace,
    body: Body,
    on_progress: Progress,
    is_cancelled: Callable[[], bool],
) -> Path | None:
    """Write the bytes of a file into the workspace; None if it was cancelled."""
    from ..workspace.downloads import MAX_BYTES

    size = body.size
    upload: Upload = workspace.new_upload(body.name, size or 0)
    upload.size_bytes = MAX_BYTES if size is None else size
    received = 0
    try:
        for piece in body.pieces:
            if is_cancelled():
                upload.abort()
                return None
            received = upload.append(received, piece)
            on_progress(received, size)
        upload.size_bytes = received if size is None else size
        return upload.finish()
    except BaseException:
        upload.abort()
        raise
