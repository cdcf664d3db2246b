"""The file of an import: one of this machine, or the copy of one at an address."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from ..formats.parquet.parts import join_parts, joined_name, list_parts
from ..model.roles import Role
from ..storage.private_files import append_private
from ..storage.ranged_files import RangedFile, RecordFile
from ..storage.remote_addresses import RemoteAddress, find_address
from ..workspace import Upload, Workspace
from ..workspace.file_origins import FileOrigin
from ..workspace.file_transfer import translate_os_errors

if TYPE_CHECKING:
    from ..workspace.downloads import Body

Progress = Callable[[int, int | None], object]
"""Called with the bytes so far, and those in all where that is known."""

_RANGED_BYTES: Final = 8 * 1024 * 1024
"""A smaller file comes whole by one request, which takes no longer than its ranges."""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file to be read, and imported.

    Attributes:
        path: Where it is on this machine.
        name: Its own name; None if it is that of the path.
        origin: Where the copy comes from; None for a file of this machine.
        is_joined: It was made of the parts in a folder.
    """

    path: Path
    name: str | None = None
    origin: FileOrigin | None = None
    is_joined: bool = False

    @property
    def is_copy(self) -> bool:
        """The file is of no use but for what it was copied or made for."""
        return self.is_joined or self.origin is not None


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

    A file of this machine stays where it is; the parts of a Parquet file in a folder
    are joined in the workspace.

    Args:
        workspace: Receives the copy, and says which addresses are allowed.
        source: The path, or an address such as ``s3://bucket/people.csv``.
        name: The file's own name, where *source* is only where it is stored.
        on_progress: Called after each piece of the copy.

    Raises:
        FileUnreadable: The folder does not hold the parts of one Parquet file.
        DiskFull: The disk is full.
        DmcError: As for :func:`~dmc_widgets.workspace.downloads.open_address`.
    """
    if isinstance(source, SourceFile):
        yield source
        return
    found = find_address(source)
    copy: SourceFile | None
    if not isinstance(found, Path):
        copy = fetch_file(workspace, str(source), on_progress)
    elif found.is_dir():
        copy = join_folder(workspace, found, name)
    else:
        yield SourceFile(found, name)
        return
    if copy is None:
        raise TypeError(source)  # nothing cancels it
    try:
        yield replace(copy, name=name or copy.name)
    finally:
        copy.path.unlink(missing_ok=True)  # a task may have taken it


def join_folder(workspace: Workspace, folder: Path, name: str | None) -> SourceFile:
    """Write the parts of a Parquet file in a folder as one file into the workspace.

    Raises:
        FileUnreadable: The folder does not hold the parts of one Parquet file.
        DiskFull: The disk is full.
    """
    parts = list_parts(folder)
    upload: Upload = workspace.new_upload(name or joined_name(folder), 0)
    try:
        with translate_os_errors(upload.part), append_private(upload.part) as stream:
            join_parts(parts, stream)
        upload.size_bytes = upload.received
        return SourceFile(upload.finish(), upload.name, is_joined=True)
    except BaseException:
        upload.abort()
        raise


@contextmanager
def look_at_source(
    workspace: Workspace,
    source: Path | str | SourceFile | RangedFile,
    name: str | None = None,
    on_progress: Progress = ignore_progress,
) -> Iterator[SourceFile | RangedFile]:
    """Open a file to read some of it, until the block ends.

    Of a file at an address only what is read is fetched. It is copied as
    :func:`open_source_file` does it where it is small, where it can only be read from
    its beginning, and where nothing tells whether it is replaced meanwhile.

    Args:
        workspace: Receives what is fetched, and says which addresses are allowed.
        source: The path, the address, or what this function or another has opened.
        name: The file's own name, where *source* is only where it is stored.
        on_progress: Called after each piece of a copy.

    Raises:
        DmcError: As for :func:`~dmc_widgets.workspace.downloads.open_address`.
    """
    if isinstance(source, RangedFile):
        yield source
        return
    ranged = None
    if not isinstance(source, SourceFile):
        ranged = find_ranged(workspace, source, name)
    if ranged is not None:
        with ranged:
            yield ranged
        return
    with open_source_file(workspace, source, name, on_progress) as file:
        yield file


def find_ranged(
    workspace: Workspace, source: Path | str, name: str | None = None
) -> RangedFile | None:
    """Open a large file at an address that can be read in ranges; None for others.

    Args:
        workspace: Receives what is fetched, and says which addresses are allowed.
        source: The path or the address.
        name: The file's own name, in place of that of the address.

    Raises:
        NotPermitted: The user may not import anywhere.
        DmcError: As for :func:`~dmc_widgets.workspace.downloads.open_address`.
    """
    if isinstance(find_address(source), Path):
        return None
    workspace.permissions.require_anywhere(Role.IMPORT)
    from ..workspace.remote_ranges import open_ranged_file  # it loads what speaks HTTPS

    ranged = open_ranged_file(str(source), workspace.source_policy, workspace.path)
    if ranged is None:
        return None
    if ranged.size < _RANGED_BYTES:
        ranged.close()
        return None
    ranged.name = name or ranged.name
    return ranged


def record_file(opened: SourceFile | RangedFile) -> tuple[RecordFile, str]:
    """Return what is read of an opened file, and the file's own name."""
    if isinstance(opened, RangedFile):
        return opened, opened.name
    return opened.path, opened.name or opened.path.name


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
    folder_of_files = None if isinstance(source, SourceFile) else find_address(source)
    if isinstance(folder_of_files, Path) and folder_of_files.is_dir():
        yield folder_of_files
        return
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
