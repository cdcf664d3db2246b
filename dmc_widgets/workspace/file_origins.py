"""Where the file of an import comes from, noted beside the workspace's copy of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

from ..storage.private_files import open_private
from ..storage.remote_addresses import HTTP, RemoteAddress


class FileOrigin(NamedTuple):
    """The address of a file, and which version of it was read.

    Attributes:
        address: The address, without a query that may hold a signature.
        version: What the store says of the version; empty if it says nothing.
    """

    address: str
    version: str = ""

    @classmethod
    def of(cls, address: RemoteAddress, version: str) -> FileOrigin:
        """Return the origin of the file at an address."""
        is_http = address.protocol in HTTP
        return cls(str(address) if is_http else address.url, version)

    @property
    def note(self) -> str:
        """The note that a task keeps of it."""
        return f"The file was read from {RemoteAddress.parse(self.address)}."


def note_origin(path: Path, origin: FileOrigin) -> None:
    """Note where the copy at a path comes from."""
    with open_private(_note_path(path)) as file:
        file.write(json.dumps(origin).encode())


def read_origin(path: Path) -> FileOrigin | None:
    """Return where the copy at a path comes from; None for a file of this machine."""
    try:
        return FileOrigin(*json.loads(_note_path(path).read_bytes()))
    except FileNotFoundError:
        return None


def _note_path(path: Path) -> Path:
    return path.with_name(path.name + ".origin")
