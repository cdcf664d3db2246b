"""Where files of imports may come from besides the browser: folders and hosts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from pathlib import Path, PurePosixPath
from typing import Final, NamedTuple

from ..errors import FileUnreadable, UnknownName
from ..formats import FORMATS
from ..model.roles import Role
from ..workspace import Workspace
from ..workspace.downloads import MAX_BYTES, Download
from ..workspace.file_transfer import Upload
from ..workspace.server_files import (
    FileListing,
    ServerFile,
    list_server_files,
    open_in_folder,
    resolve_in_folder,
)
from ..workspace.source_policy import SourcePolicy
from .base import CenterPart

__all__ = ["FileListing", "ReceivedFile", "ServerFile", "SourcePolicy", "Sources"]

_PIECE_BYTES: Final = 1024 * 1024
_SUFFIXES: Final = (".zip", ".gz")

Progress = Callable[[int, int | None], object]
"""Called with the bytes so far, and those in all where that is known."""


class ReceivedFile(NamedTuple):
    """A file that has arrived in the workspace.

    Attributes:
        path: Where it is now.
        name: Its own name.
    """

    path: Path
    name: str


class Sources(CenterPart):
    """Takes files from the server and from other hosts: ``center.sources``.

    Only from the folders and hosts of :attr:`policy`, and only for users who may
    import. Files are copied into the workspace, so that they stay as they are.

    Args:
        workspace: The workspace.

    Attributes:
        policy: The folders and hosts; those that ``dmc serve`` was started with.
    """

    def __init__(self, workspace: Workspace) -> None:
        super().__init__(workspace)
        self.policy = SourcePolicy.from_environment()

    def allow(
        self, folders: Iterable[Path | str] = (), hosts: Iterable[str] = ()
    ) -> None:
        """Allow these folders and hosts, and no others, as long as the center is open.

        >>> center.sources.allow(["/srv/imports"], ["files.example.com"])

        Raises:
            InvalidPlan: Something is not a folder, or not a host.
        """
        self.policy = SourcePolicy.of(folders, hosts)

    @property
    def may_use(self) -> bool:
        """True if there are folders or hosts, and the user may import somewhere."""
        has_any = bool(self.policy.folders or self.policy.hosts)
        return has_any and self._workspace.permissions.may_anywhere(Role.IMPORT)

    def list_files(self, search: str = "") -> FileListing:
        """List the files of all folders that can be imported, the newest first.

        >>> [file.name for file in center.sources.list_files("march").files]
        ['2026/march.csv']

        Args:
            search: Words that the path has, in any case.

        Raises:
            NotPermitted: The user may not import anywhere.
        """
        self._workspace.permissions.require_anywhere(Role.IMPORT)
        suffixes = {*FORMATS.readable_suffixes(), *_SUFFIXES}
        found = [
            list_server_files(label, folder, suffixes, search)
            for label, folder in self.policy.labels().items()
        ]
        files = [
            file
            for listing in found
            for file in listing.files
            if self._is_offered(file.folder, file.name)
        ]
        return FileListing(tuple(files), any(listing.left_off for listing in found))

    def take_file(
        self,
        folder: str,
        name: str,
        on_progress: Progress = lambda _received, _size: None,
        is_cancelled: Callable[[], bool] = lambda: False,
    ) -> ReceivedFile | None:
        """Copy a file of a folder into the workspace.

        Args:
            folder: The name of the folder, as :meth:`list_files` gives it.
            name: The path of the file within the folder.
            on_progress: Called after each piece.
            is_cancelled: Asked before each piece.

        Returns:
            None if it was cancelled; nothing is left then.

        Raises:
            UnknownName: There is no such folder.
            FileUnreadable: There is no such file, or it is elsewhere.
            NotPermitted: The user may not import anywhere.
            DiskFull: There is no room for it.
        """
        self._workspace.permissions.require_anywhere(Role.IMPORT)
        labels = self.policy.labels()
        if folder not in labels:
            raise UnknownName(kind="folder", name=folder, known=tuple(labels))
        if not self._is_offered(folder, name):
            reason = "it belongs to the workspace itself. Choose another file."
            raise FileUnreadable(name, reason)
        with open_in_folder(labels[folder], name) as stream:
            size = stream.seek(0, 2)
            stream.seek(0)
            pieces = iter(lambda: stream.read(_PIECE_BYTES), b"")
            own_name = PurePosixPath(name).name
            return self._receive(own_name, size, pieces, on_progress, is_cancelled)

    def download(
        self,
        url: str,
        on_progress: Progress = lambda _received, _size: None,
        is_cancelled: Callable[[], bool] = lambda: False,
    ) -> ReceivedFile | None:
        """Download a file of an allowed host into the workspace.

        It goes to the disk as it comes. Redirects lead to allowed hosts only, and an
        address within a private network is refused unless it is allowed itself.

        >>> path, name = center.sources.download("https://files.example.com/people.csv")

        Args:
            url: The address.
            on_progress: Called after each piece.
            is_cancelled: Asked before each piece.

        Returns:
            None if it was cancelled; nothing is left then.

        Raises:
            InvalidPlan: The address is malformed, or its host is not allowed.
            Refused: The host refuses, or the file is too large.
            Unreachable: The host does not answer, or the connection broke.
            NotPermitted: The user may not import anywhere.
            DiskFull: There is no room for it.
        """
        self._workspace.permissions.require_anywhere(Role.IMPORT)
        with closing(Download(url, self.policy.hosts)) as download:
            name, size, pieces = download.body
            return self._receive(name, size, pieces, on_progress, is_cancelled)

    def _is_offered(self, folder: str, name: str) -> bool:
        """Return False for the files of the workspace, which are not for reading."""
        try:
            path = resolve_in_folder(self.policy.labels()[folder], name)
        except FileUnreadable:
            return True  # opening it says what is wrong
        return not path.is_relative_to(self._workspace.path.resolve())

    def _receive(
        self,
        name: str,
        size: int | None,
        pieces: Iterator[bytes],
        on_progress: Progress,
        is_cancelled: Callable[[], bool],
    ) -> ReceivedFile | None:
        upload: Upload = self._workspace.new_upload(name, size or 0)
        upload.size_bytes = MAX_BYTES if size is None else size
        received = 0
        try:
            for piece in pieces:
                if is_cancelled():
                    upload.abort()
                    return None
                received = upload.append(received, piece)
                on_progress(received, size)
            upload.size_bytes = received if size is None else size
            return ReceivedFile(upload.finish(), name)
        except BaseException:
            upload.abort()
            raise
