"""Files in the stores that fsspec opens: read in pieces, and written whole."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from itertools import chain, count
from pathlib import Path, PurePosixPath
from typing import Any, Final

from ..errors import FileBroken, FileUnreadable, InvalidPlan, Refused
from .remote_addresses import RemoteAddress
from .remote_errors import REPLACED, translate_errors
from .remote_filesystems import open_place

PIECE_BYTES: Final = 8 * 1024 * 1024
_WRITES_WHOLE: Final = frozenset({"s3", "gs", "abfs"})
"""Stores in which an object is seen once its last byte is there."""
_REQUESTS_A_VERSION: Final = frozenset({"s3"})
"""Stores whose library asks for the version that was there when it opened the file."""

_EXACT_KEYS: Final = ("VersionId", "ETag", "etag", "generation", "md5Hash", "checksum")
_VERSION_KEYS: Final = (
    *_EXACT_KEYS,
    *("LastModified", "last_modified", "updated", "mtime", "modified", "created"),
)


class RemoteFile:
    """A file at an address, to be read once from its beginning, or in ranges.

    Args:
        address: The address of the file.

    Attributes:
        name: The name of the file.
        size: The size in bytes; None if the store does not state it.
        version: What changes whenever the file does: its ETag, generation or time.
        is_exact: Equal versions have equal bytes; a time to the second proves less.

    Raises:
        NotSupported: The library of the protocol is not installed.
        InvalidPlan: The protocol is unknown, or the address is not valid for it.
        FileUnreadable: The file does not exist, or is a folder.
        Refused: The store refuses.
        Unreachable: The store does not answer.
    """

    def __init__(self, address: RemoteAddress) -> None:
        self.name = address.name
        self._address = address
        self._place = open_place(address)
        with translate_errors(address):
            facts = self._place.info()
        if facts.get("type") == "directory":
            reason = "this is a folder, not a file. Give the address of a file."
            raise FileUnreadable(str(address), reason)
        self.size: int | None = facts.get("size")
        self.version = _version_of(facts)
        self.is_exact = any(facts.get(key) for key in _EXACT_KEYS)
        self._stream: Any = None

    def pieces(self, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """Yield the bytes of the file, or of a range of it.

        Raises:
            FileBroken: The file was replaced while it was read.
            Unreachable: The connection broke.
        """
        address = self._address
        with self._open_stream() as stream:
            stream.seek(start)
            position = start  # not every library returns it
            while end is None or position < end:
                left = PIECE_BYTES if end is None else min(PIECE_BYTES, end - position)
                with translate_errors(address, position):
                    piece = stream.read(left)
                if not piece:
                    break
                position += len(piece)
                yield piece
        self.require_unchanged()

    def read(self, start: int, end: int) -> bytes:
        """Return a range of the file; see :class:`~.ranged_files.RemoteRanges`."""
        stream = self._stream
        if stream is None:
            stream = self._stream = self._open_stream()
            self.require_unchanged()
        with translate_errors(self._address, start):
            stream.seek(start)
            data: bytes = stream.read(end - start)
        if self._address.store not in _REQUESTS_A_VERSION:
            self.require_unchanged()
        if len(data) < end - start:
            raise FileBroken(str(self._address), REPLACED)
        return data

    def close(self) -> None:
        """Close what :meth:`read` has opened. Closing twice is harmless."""
        stream, self._stream = self._stream, None
        if stream is not None:
            stream.close()

    def _open_stream(self) -> Any:
        with translate_errors(self._address):
            return self._place.files.open(
                self._place.path, "rb", block_size=PIECE_BYTES, cache_type="none"
            )

    def require_unchanged(self) -> None:
        """Refuse a file that was replaced since this one was opened.

        Raises:
            FileBroken: It was.
        """
        with translate_errors(self._address):
            facts = self._place.info()
        if _version_of(facts) != self.version or facts.get("size") != self.size:
            raise FileBroken(str(self._address), REPLACED)


class RemoteKind(Enum):
    """What is at an address."""

    FOLDER = "folder"
    FILE = "file"
    NOTHING = "nothing"


def find_remote_kind(address: RemoteAddress) -> RemoteKind:
    """Return what an address is, by its form or in the store.

    An object whose name is also the beginning of others counts as a file. Where the
    credentials allow to write and not to look, nothing is found.

    Raises:
        DmcError: As for :class:`RemoteFile`.
    """
    if address.is_folder:
        return RemoteKind.FOLDER
    place = open_place(address)
    try:
        with translate_errors(address):
            facts = place.info()
    except (FileUnreadable, Refused):
        return RemoteKind.NOTHING
    is_folder = facts.get("type") == "directory"
    return RemoteKind.FOLDER if is_folder else RemoteKind.FILE


def require_place(address: RemoteAddress) -> None:
    """Refuse an address at which nothing could be written, before the work starts.

    Whether the credentials suffice is known only by writing.

    Raises:
        InvalidPlan: The bucket or folder does not exist.
        DmcError: As for :class:`RemoteFile`.
    """
    folder = address if address.is_folder else address.parent
    if address.store in _WRITES_WHOLE:
        folder = RemoteAddress(address.protocol, address.authority)
    place = open_place(folder)
    try:
        with translate_errors(address):
            place.info()
    except Refused:
        return  # who may write need not be allowed to look
    except FileUnreadable as exc:
        shown = str(folder).rstrip("/")
        reason = f"{shown} does not exist. Create it first, or name another one."
        raise InvalidPlan(reason) from exc


def find_free_address(folder: RemoteAddress, name: str) -> RemoteAddress:
    """Return an address in a folder that no file has yet."""
    path = PurePosixPath(name)
    names = (f"{path.stem} ({number}){path.suffix}" for number in count(2))
    place = open_place(folder)
    with translate_errors(folder):
        free = next(x for x in chain([name], names) if not place.has_child(x))
    return folder.child(free)


def upload_file(source: Path, address: RemoteAddress, *, is_new: bool) -> None:
    """Write a file to an address; nothing half is seen there.

    Args:
        source: The file.
        address: Where it goes. A file that is there is replaced.
        is_new: Refuse to replace one instead, where the store can tell.

    Raises:
        DmcError: As for :class:`RemoteFile`.
    """
    files, path, _ = open_place(address)
    options: dict[str, Any] = {}
    if is_new and address.store in {"gs", "s3"}:
        options["mode"] = "create"
    if address.store == "abfs":
        options["overwrite"] = not is_new
    with translate_errors(address):
        if address.store in _WRITES_WHOLE:
            files.put_file(str(source), path, **options)
        else:
            _replace_file(files, source, path)


def _replace_file(files: Any, source: Path, path: str) -> None:
    """Write a file beside its place, and rename it.

    Once the file that was there is removed, the new one stays, if only beside it.
    """
    part, is_removed = f"{path}.part", False
    try:
        files.put_file(str(source), part)
        if files.exists(path):
            files.rm_file(path)
            is_removed = True
        files.mv(part, path)
    except BaseException:
        if not is_removed and files.exists(part):
            files.rm_file(part)
        raise


def _version_of(facts: dict[str, Any]) -> str:
    return " ".join(str(facts[key]) for key in _VERSION_KEYS if facts.get(key))
