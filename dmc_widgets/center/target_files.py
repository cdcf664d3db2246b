"""Files that are written for people: to a path of this machine, or to an address."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ..errors import InvalidPlan
from ..model.representation import ValueDisplay
from ..storage.private_files import write_atomically
from ..storage.remote_addresses import HTTP, RemoteAddress, find_address
from ..storage.remote_files import require_place, upload_file
from ..workspace import Workspace


@dataclass(frozen=True, slots=True, repr=False)
class WrittenFile(ValueDisplay):
    """A file that was written.

    Attributes:
        place: Its path or its address.
        is_replaced: True if it took the place of another file.
    """

    place: str
    is_replaced: bool


def require_target(workspace: Workspace, path: Path | str | None) -> None:
    """Refuse before the work what could not be written after it.

    Args:
        workspace: Says which addresses are allowed.
        path: A path of this machine, or an address such as ``s3://bucket/out/``; None
            for nothing to write.

    Raises:
        InvalidPlan: The folder or the bucket does not exist, or the address is not
            allowed.
        NotSupported: The library for the address is not installed.
        InstallationError: The store refuses or does not answer.
    """
    target = None if path is None else find_address(path)
    if target is None:
        return
    if isinstance(target, RemoteAddress):
        require_store(workspace, target)
        require_place(target)
    elif not target.absolute().parent.is_dir():
        reason = f"The folder {target.parent} does not exist. Create it first."
        raise InvalidPlan(reason)


def require_store(workspace: Workspace, address: RemoteAddress) -> None:
    """Refuse an address to which nothing can, or may, be written.

    Raises:
        InvalidPlan: It is one of http, or not allowed.
    """
    if address.protocol in HTTP:
        reason = (
            "No file can be written to an address of http. Name a path of this "
            "machine, or the address of a store, such as s3://bucket/path."
        )
        raise InvalidPlan(reason)
    workspace.source_policy.require_store(address)


def find_target(path: Path | str) -> Path | RemoteAddress:
    """Return the path or the address of a file to write; both have a *name*.

    Raises:
        InvalidPlan: It is the address of a folder, or not a valid one.
    """
    target = find_address(path)
    if isinstance(target, RemoteAddress) and target.is_folder:
        reason = f"{target} is a folder. Name a file in it."
        raise InvalidPlan(reason)
    return target


def write_file(workspace: Workspace, path: Path | str, chunks: Iterable[bytes]) -> None:
    """Write a file whole, in place of one that is there.

    Args:
        workspace: Holds the file until it is sent, and says what is allowed.
        path: A path of this machine, or the address of a file.
        chunks: The content.

    Raises:
        OSError: The path cannot be written.
        DmcError: As for :func:`require_target`.
    """
    target = find_target(path)
    if isinstance(target, Path):
        write_atomically(target, chunks)
        return
    require_target(workspace, path)
    with tempfile.TemporaryDirectory(dir=workspace.path) as folder:
        part = Path(folder, "file")
        write_atomically(part, chunks)
        upload_file(part, target, is_new=False)
