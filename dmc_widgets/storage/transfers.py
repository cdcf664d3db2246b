"""Handles of files on their way between a browser and the server: who may move what.

A kernel and the server that started it are two processes over one workspace folder. The
kernel writes a handle: a small file that says which file of the workspace the holder of
a token may send or fetch. The server reads it when a request names the token. So no
request ever names a path, and a token that is guessed, expired or another user's is the
same as none.

A token is part of an address, so only its digest is stored: a copy of the folder is of
no use to anyone.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
import stat
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from .private_files import make_private_folder, write_atomically

IDLE_S: Final = 60 * 60
"""A handle that was not used for so long is void, and its made file removed."""

AGE_S: Final = 24 * 60 * 60
"""A handle is void so long after it was made, whether it is used or not."""

FOLDER: Final = "transfers"
URL_VARIABLE: Final = "DMC_TRANSFERS_URL"
FOLDER_VARIABLE: Final = "DMC_TRANSFERS_WORKSPACE"
USER_VARIABLE: Final = "DMC_USER"
SESSION_VARIABLE: Final = "DMC_SESSION"
SIGN_OUT_VARIABLE: Final = "DMC_SIGN_OUT_URL"

_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_MADE_SUFFIX: Final = ".made"


class Direction(StrEnum):
    """Whether a handle lets a file come in or go out."""

    UPLOAD = "upload"
    DOWNLOAD = "download"


_FOLDERS: Final = {
    Direction.UPLOAD: frozenset({"uploads"}),
    Direction.DOWNLOAD: frozenset({"tasks", "uploads", FOLDER}),
}
"""The folders of a workspace that hold the files of a direction; never its database."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Handle:
    """What the holder of a token may do.

    Attributes:
        direction: Send the file, or fetch it.
        path: The file, relative to the workspace.
        name: The name of the file for people.
        size: Its size in bytes.
        user: The user whose requests may use it; empty where there are no users.
        session: The sign-in whose requests may use it; empty for any of the user.
        made: When the handle was made, in seconds since the epoch.
        sha256: The digest of an upload that is complete; empty until then.
    """

    direction: Direction
    path: str
    name: str
    size: int
    user: str = ""
    session: str = ""
    made: float = 0.0
    sha256: str = ""


class TransferStore:
    """The handles of a workspace.

    Args:
        workspace: The folder of the workspace.
    """

    def __init__(self, workspace: Path) -> None:
        self.workspace = workspace.expanduser().absolute()
        self._folder = self.workspace / FOLDER

    def covers(self, direction: Direction, path: Path) -> bool:
        """Return True if a handle may be made for *path*: a regular file of ours."""
        with suppress(OSError, ValueError):
            found = path.resolve(strict=True)
            inside = found.relative_to(self.workspace.resolve())
            is_file = stat.S_ISREG(path.lstat().st_mode)
            return is_file and inside.parts[0] in _FOLDERS[direction]
        return False

    def add(
        self,
        direction: Direction,
        path: Path,
        *,
        name: str,
        size: int,
        environment: Mapping[str, str] = os.environ,
    ) -> str:
        """Make a handle and return its token.

        Args:
            direction: Whether the file comes or goes.
            path: A file that :meth:`covers` allows.
            name: The name of the file for people.
            size: Its size in bytes.
            environment: Names the user and the sign-in of this kernel.

        Raises:
            ValueError: The file is not one that may be transferred.
            OSError: The handle cannot be written.
        """
        if not self.covers(direction, path):
            message = "This file may not be transferred."
            raise ValueError(message)
        self.remove_stale()
        inside = path.resolve().relative_to(self.workspace.resolve())
        token = secrets.token_urlsafe(32)
        handle = Handle(
            direction=direction,
            path=inside.as_posix(),
            name=name,
            size=size,
            user=environment.get(USER_VARIABLE, ""),
            session=environment.get(SESSION_VARIABLE, ""),
            made=time.time(),
        )
        make_private_folder(self._folder)
        self._write(token, handle)
        return token

    def find(
        self, token: str, direction: Direction, *, user: str = "", session: str = ""
    ) -> Handle | None:
        """Return the handle of a token that *user* may use now; None in any other case.

        Args:
            token: What the request names; any text.
            direction: What the request wants.
            user: The user of the request.
            session: The sign-in of the request.
        """
        handle = self._read(token)
        if handle is None or handle.direction is not direction:
            return None
        if handle.user != user or handle.session not in {"", session}:
            return None
        return handle if self.covers(direction, self.path_of(handle)) else None

    def path_of(self, handle: Handle) -> Path:
        """Return where the file of a handle is."""
        return self.workspace / handle.path

    def note_use(self, token: str) -> None:
        """Note that a handle is in use, so that it does not expire meanwhile."""
        with suppress(OSError):
            os.utime(self._path(token))

    def complete(self, token: str, sha256: str) -> None:
        """Note the digest of an upload whose last byte has arrived."""
        handle = self._read(token)
        if handle is not None:
            self._write(token, Handle(**{**asdict(handle), "sha256": sha256}))

    def is_known(self, token: str) -> bool:
        """Return True if a token has a handle that is not void."""
        return self._read(token) is not None

    def digest(self, token: str) -> str:
        """Return the SHA-256 of an upload, in hexadecimal; empty if it is not known."""
        handle = self._read(token)
        return handle.sha256 if handle else ""

    def revoke(self, token: str) -> None:
        """Make a token void, and remove the file that was made for it."""
        handle = self._read(token)
        with suppress(OSError):
            self._path(token).unlink(missing_ok=True)
        if handle is not None and handle.path.endswith(_MADE_SUFFIX):
            with suppress(OSError):
                self.path_of(handle).unlink(missing_ok=True)

    def new_file(self) -> Path:
        """Return a path for a file that is made to be fetched, and removed later."""
        make_private_folder(self._folder)
        return self._folder / f"{secrets.token_hex(16)}{_MADE_SUFFIX}"

    def remove_stale(self) -> None:
        """Remove the handles that have expired, and files that were made for them."""
        now = time.time()
        with suppress(OSError):
            for path in list(self._folder.iterdir()):
                age = now - path.stat().st_mtime
                is_made = path.suffix == _MADE_SUFFIX
                if age > (AGE_S if is_made else IDLE_S):
                    path.unlink(missing_ok=True)

    def _path(self, token: str) -> Path:
        return self._folder / f"{hashlib.sha256(token.encode()).hexdigest()}.json"

    def _read(self, token: str) -> Handle | None:
        if not _TOKEN.fullmatch(token):
            return None
        path = self._path(token)
        try:
            age = time.time() - path.stat().st_mtime
            stored = json.loads(path.read_bytes())
            stored["direction"] = Direction(stored["direction"])
            handle = Handle(**stored)
        except (OSError, ValueError, TypeError, KeyError):
            return None
        is_valid = age <= IDLE_S and time.time() - handle.made <= AGE_S
        return handle if is_valid else None

    def _write(self, token: str, handle: Handle) -> None:
        content = json.dumps(asdict(handle)).encode()
        write_atomically(self._path(token), [content])
