"""Where files of imports may come from besides the browser: folders and addresses."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from pathlib import Path, PurePosixPath
from typing import Final, NamedTuple

from ..errors import FileUnreadable, UnknownName
from ..formats import FORMATS
from ..model.roles import Role
from ..storage.ranged_files import RangedFile
from ..workspace.server_files import (
    FileListing,
    ServerFile,
    list_server_files,
    open_in_folder,
    resolve_in_folder,
)
from ..workspace.source_policy import SourcePolicy
from .base import CenterPart
from .source_files import (
    Progress,
    SourceFile,
    fetch_file,
    ignore_progress,
    look_at_source,
    open_source_file,
    receive_file,
)

__all__ = [
    "FileListing",
    "Progress",
    "RangedFile",
    "ReceivedFile",
    "ServerFile",
    "SourceFile",
    "SourcePolicy",
    "Sources",
]

_PIECE_BYTES: Final = 1024 * 1024
_SUFFIXES: Final = (".zip", ".gz")


class ReceivedFile(NamedTuple):
    """A file that has arrived in the workspace.

    Attributes:
        path: Where it is now.
        name: Its own name.
    """

    path: Path
    name: str


class Sources(CenterPart):
    """Takes files from the server, other hosts and stores: ``center.sources``.

    On a server only from the folders, hosts and stores of :attr:`policy`, and only for
    users who may import. Files are copied into the workspace, so that they stay as they
    are.
    """

    @property
    def policy(self) -> SourcePolicy:
        """The folders, hosts and stores that ``dmc serve`` was started with.

        A program of its own may take a file from any address.
        """
        return self._workspace.source_policy

    def allow(
        self, folders: Iterable[Path | str] = (), hosts: Iterable[str] = ()
    ) -> None:
        """Allow these folders, hosts and stores only, as long as the center is open.

        >>> center.sources.allow(["/srv/imports"], ["files.example.com", "s3://bucket"])

        Args:
            folders: Folders of this machine.
            hosts: Names of hosts, and addresses of buckets or of folders in them.

        Raises:
            InvalidPlan: Something is not a folder, or neither a host nor a store.
        """
        self._workspace.source_policy = SourcePolicy.of(folders, hosts)

    @property
    def may_use(self) -> bool:
        """True if there is a source on the list, and the user may import somewhere."""
        has_any = bool(self.policy.folders) or self.policy.has_addresses
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
        on_progress: Progress = ignore_progress,
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
            FileUnreadable: The file does not exist, or is elsewhere.
            NotPermitted: The user may not import anywhere.
            DiskFull: There is no room for it.
        """
        self._workspace.permissions.require_anywhere(Role.IMPORT)
        from ..workspace.downloads import Body

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
            body = Body(PurePosixPath(name).name, size, pieces)
            path = receive_file(self._workspace, body, on_progress, is_cancelled)
            return None if path is None else ReceivedFile(path, body.name)

    def download(
        self,
        url: str,
        on_progress: Progress = ignore_progress,
        is_cancelled: Callable[[], bool] = lambda: False,
    ) -> ReceivedFile | None:
        """Download the file at an address into the workspace.

        It goes to the disk as it comes. On a server, redirects lead to allowed hosts
        only, and an address within a private network is refused unless it is allowed
        itself.

        >>> path, name = center.sources.download("https://files.example.com/people.csv")
        >>> path, name = center.sources.download("s3://bucket/incoming/people.csv")

        Args:
            url: The address: of http, or of a store that fsspec opens.
            on_progress: Called after each piece.
            is_cancelled: Asked before each piece.

        Returns:
            None if it was cancelled; nothing is left then.

        Raises:
            InvalidPlan: The address is malformed, or not allowed.
            NotSupported: The library of its protocol is not installed.
            FileUnreadable: The file does not exist.
            Refused: The host refuses, or the file is too large.
            Unreachable: The host does not answer, or the connection broke.
            NotPermitted: The user may not import anywhere.
            DiskFull: There is no room for it.
        """
        found = fetch_file(self._workspace, url, on_progress, is_cancelled)
        if found is None or found.name is None:
            return None
        return ReceivedFile(found.path, found.name)

    def open(
        self, source: Path | str, on_progress: Progress = ignore_progress
    ) -> AbstractContextManager[SourceFile]:
        """Open a file of this machine, or the copy of one at an address.

        What reads and imports files takes it. The copy is removed when the block ends.

        >>> with center.sources.open("s3://bucket/people.csv") as file:
        ...     plan = center.files.plan_from_file("Live", center.files.read_head(file))
        ...     center.tasks.start_import("Live", plan, file)

        Args:
            source: The path or the address.
            on_progress: Called after each piece of the copy.

        Raises:
            DmcError: As for :meth:`download`.
        """
        return open_source_file(self._workspace, source, None, on_progress)

    def look_at(
        self, source: Path | str, on_progress: Progress = ignore_progress
    ) -> AbstractContextManager[SourceFile | RangedFile]:
        """Open a file to read some of it; of a large one at an address nothing else.

        What reads heads and previews takes it. A file that a host sends only as a whole
        is copied, as by :meth:`open`.

        >>> with center.sources.look_at("s3://bucket/people.csv") as file:
        ...     head = center.files.read_head(file)
        ...     center.files.suggest_entity_types("Live", head)

        Args:
            source: The path or the address.
            on_progress: Called after each piece of a copy.

        Raises:
            DmcError: As for :meth:`download`.
        """
        return look_at_source(self._workspace, source, None, on_progress)

    def _is_offered(self, folder: str, name: str) -> bool:
        """Return False for the files of the workspace, which are not for reading."""
        try:
            path = resolve_in_folder(self.policy.labels()[folder], name)
        except FileUnreadable:
            return True  # opening it says what is wrong
        return not path.is_relative_to(self._workspace.path.resolve())
