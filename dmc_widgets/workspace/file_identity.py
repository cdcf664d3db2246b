"""Files are known by their contents, not by their names or dates."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import NamedTuple

from ..errors import FileUnreadable


class FileIdentity(NamedTuple):
    """What a file is known by.

    Attributes:
        sha256: The SHA-256 of its bytes, in hexadecimal.
        size: Its size in bytes.
    """

    sha256: str
    size: int


def identify_file(path: Path) -> FileIdentity:
    """Return the identity of a file, which is read once.

    Raises:
        FileUnreadable: It cannot be read.
    """
    try:
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
            return FileIdentity(digest, stream.tell())
    except OSError as exc:
        reason = f"{exc.strerror or exc}. Check the path and its permissions."
        raise FileUnreadable(str(path), reason) from exc


def file_size(path: Path) -> int:
    """Return the size of a file in bytes; 0 if it cannot be asked."""
    try:
        return path.stat().st_size
    except OSError:
        return 0
