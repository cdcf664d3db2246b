"""Files in the stores that fsspec opens: read in pieces, and written whole.

Credentials come from the environment, as the library of each protocol reads them.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from itertools import chain, count
from pathlib import Path, PurePosixPath
from typing import Any, Final

from ..errors import FileBroken, FileUnreadable, InvalidPlan, NotSupported, Refused
from .remote_addresses import RemoteAddress
from .remote_errors import REPLACED, translate_errors

PIECE_BYTES: Final = 8 * 1024 * 1024
_PACKAGES: Final = {
    "s3": '"dmc-widgets[s3]"',
    "gs": '"dmc-widgets[gs]"',
    "abfs": '"dmc-widgets[abfs]"',
    "sftp": "fsspec paramiko",
    "ssh": "fsspec paramiko",
    "smb": "fsspec smbprotocol",
}
"""What pip installs for a protocol."""
_WRITES_WHOLE: Final = frozenset({"s3", "gs", "abfs"})
"""Stores in which an object is seen once its last byte is there."""
_VERSION_KEYS: Final = (
    *("VersionId", "ETag", "etag", "generation", "md5Hash", "checksum"),
    *("LastModified", "last_modified", "updated", "mtime", "modified", "created"),
)


class RemoteFile:
    """A file at an address, to be read once from its beginning.

    Args:
        address: The address of the file.

    Attributes:
        name: The name of the file.
        size: The size in bytes; None if the store does not state it.
        version: What changes whenever the file does: its ETag, generation or time.

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
        self._files = _open_filesystem(address)
        with translate_errors(address):
            self._path: str = self._files._strip_protocol(address.url)
            facts = self._files.info(self._path)
        if facts.get("type") == "directory":
            reason = "this is a folder, not a file. Give the address of a file."
            raise FileUnreadable(str(address), reason)
        self.size: int | None = facts.get("size")
        self.version = _version_of(facts)

    def pieces(self, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """Yield the bytes of the file, or of a range of it.

        Raises:
            FileBroken: The file was replaced while it was read.
            Unreachable: The connection broke.
        """
        address = self._address
        with translate_errors(address):
            stream = self._files.open(
                self._path, "rb", block_size=PIECE_BYTES, cache_type="none"
            )
        with stream:
            position = stream.seek(start)
            while end is None or position < end:
                left = PIECE_BYTES if end is None else min(PIECE_BYTES, end - position)
                with translate_errors(address, position):
                    piece = stream.read(left)
                if not piece:
                    break
                position += len(piece)
                yield piece
        self.require_unchanged()

    def require_unchanged(self) -> None:
        """Refuse a file that was replaced since this one was opened.

        Raises:
            FileBroken: It was.
        """
        with translate_errors(self._address):
            facts = self._files.info(self._path)
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
    files = _open_filesystem(address)
    try:
        with translate_errors(address):
            facts = files.info(files._strip_protocol(address.url))
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
    files = _open_filesystem(address)
    folder = address if address.is_folder else address.parent
    place = address.place if address.store in _WRITES_WHOLE else str(folder)
    try:
        with translate_errors(address):
            files.info(place)
    except Refused:
        return  # who may write need not be allowed to look
    except FileUnreadable as exc:
        reason = f"{place} does not exist. Create it first, or name another one."
        raise InvalidPlan(reason) from exc


def find_free_address(folder: RemoteAddress, name: str) -> RemoteAddress:
    """Return an address in a folder that no file has yet."""
    files = _open_filesystem(folder)
    path = PurePosixPath(name)
    names = (f"{path.stem} ({number}){path.suffix}" for number in count(2))
    addresses = map(folder.child, chain([name], names))
    with translate_errors(folder):
        return next(free for free in addresses if not files.exists(free.url))


def upload_file(source: Path, address: RemoteAddress, *, is_new: bool) -> None:
    """Write a file to an address; nothing half is seen there.

    Args:
        source: The file.
        address: Where it goes. A file that is there is replaced.
        is_new: Refuse to replace one instead, where the store can tell.

    Raises:
        DmcError: As for :class:`RemoteFile`.
    """
    files = _open_filesystem(address)
    options: dict[str, Any] = {}
    if is_new and address.store == "s3":
        options["mode"] = "create"
    if address.store == "abfs":
        options["overwrite"] = not is_new
    with translate_errors(address):
        if address.store in _WRITES_WHOLE:
            files.put_file(str(source), address.url, **options)
            return
        _replace_file(files, source, address.url)


def _replace_file(files: Any, source: Path, url: str) -> None:
    """Write a file beside its place, and rename it.

    Once the file that was there is removed, the new one stays, if only beside it.
    """
    part, is_removed = f"{url}.part", False
    try:
        files.put_file(str(source), part)
        if files.exists(url):
            files.rm_file(url)
            is_removed = True
        files.mv(part, url)
    except BaseException:
        if not is_removed and files.exists(part):
            files.rm_file(part)
        raise


def _open_filesystem(address: RemoteAddress) -> Any:
    """Return the file system of an address, as fsspec has it; nothing is cached.

    Raises:
        NotSupported: Its library is not installed.
        InvalidPlan: The protocol is unknown, or the address is not valid for it.
    """
    protocol = address.protocol
    try:
        from fsspec import get_filesystem_class

        kind: Any = get_filesystem_class(protocol)
        with translate_errors(address):
            options = kind._get_kwargs_from_urls(address.url)
            return kind(**options, skip_instance_cache=True, use_listings_cache=False)
    except ImportError as exc:
        packages = _PACKAGES.get(address.store, "fsspec, and what it asks for")
        raise NotSupported(
            what=f"The library for addresses with {protocol}:// is not installed.",
            instead=f"Install it: pip install {packages}",
        ) from exc
    except ValueError as exc:
        reason = (
            f"{protocol}:// is not a known protocol. Choose s3, gs, abfs, "
            "https or another one of fsspec."
        )
        raise InvalidPlan(reason) from exc


def _version_of(facts: dict[str, Any]) -> str:
    return " ".join(str(facts[key]) for key in _VERSION_KEYS if facts.get(key))
