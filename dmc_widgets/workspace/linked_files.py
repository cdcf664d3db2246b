"""Large files that the workspace holds by another name of theirs, and not as a copy.

A copy of some gigabytes takes their room on the disk and the time to write them. A hard
link takes neither, and stays when the file is renamed, replaced or deleted. But a
program that writes into the file itself changes what the workspace holds. So the size
and the times of the file are noted beside the link, and each reader asks for them
first; a file whose times alone have changed is known by its hash.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple, TypeVar

from ..errors import FileUnreadable
from ..storage.operating_system import can_link
from ..storage.private_files import open_private
from .file_identity import identify_file

LINKED_BYTES: Final = 64 * 1024 * 1024
"""Smaller files are copied: that takes less than a tenth of a second."""

_Part = TypeVar("_Part")


class _FileState(NamedTuple):
    """What the system says of a file: it changes whenever the file does.

    Attributes:
        size: Its size in bytes.
        modified: When its bytes were written, as programs may also state it.
        changed: When anything of it was changed, its names included.
    """

    size: int
    modified: int
    changed: int

    @classmethod
    def of(cls, path: Path) -> _FileState:
        facts = path.stat()
        return cls(facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns)


def link_file(source: Path, target: Path) -> bool:
    """Give a large file of this user the name *target*, too, if the system can.

    Args:
        source: Any file.
        target: The path in the workspace, in a folder that exists.

    Returns:
        False if the file has to be copied: it is small, on another file system, or
        somebody else's.

    Raises:
        OSError: The state of the file could not be noted.
    """
    source = source.resolve()
    facts = source.stat()
    if facts.st_size < LINKED_BYTES or not can_link(facts):
        return False
    target.unlink(missing_ok=True)
    try:
        os.link(source, target)
    except OSError:
        return False
    _note_state(target, _FileState.of(target))
    return True


def forget_link(path: Path) -> None:
    """Forget the state of a file that is not a link, or will not be one any more."""
    with suppress(OSError):
        _note_path(path).unlink(missing_ok=True)


class LinkedFile:
    """A file of the workspace that may be a link.

    Args:
        path: The path in the workspace.
        name: The file's own name, for messages.
        sha256: The hash of what the file held; empty if it is not known.
    """

    def __init__(self, path: Path, name: str, sha256: str = "") -> None:
        self.path = path
        self._name = name
        self._sha256 = sha256
        self._state = _read_state(path)

    def require_unchanged(self) -> None:
        """Refuse a link whose file was written since.

        Raises:
            FileUnreadable: It was.
        """
        if self._state is None:
            return
        try:
            state = _FileState.of(self.path)
        except OSError:
            return  # opening it says why
        if state == self._state:
            return
        is_same = state.size == self._state.size and self._sha256
        if not is_same or identify_file(self.path).sha256 != self._sha256:
            raise FileUnreadable(
                self._name,
                "it was changed after the task had been started. "
                "Start a new task with the file as it is now.",
            )
        with suppress(OSError):  # otherwise it is hashed again the next time
            _note_state(self.path, state)
        self._state = state

    def watch(self, parts: Iterable[_Part]) -> Iterator[_Part]:
        """Yield parts of the file, unless it is changed while they are read.

        Raises:
            FileUnreadable: It was.
        """
        for part in parts:
            self.require_unchanged()
            yield part


def _note_path(path: Path) -> Path:
    return path.with_name(path.name + ".link")


def _note_state(path: Path, state: _FileState) -> None:
    with open_private(_note_path(path)) as file:
        file.write(json.dumps(state).encode())


def _read_state(path: Path) -> _FileState | None:
    """Return the state of a link when it was made; None for a copy."""
    try:
        return _FileState(*json.loads(_note_path(path).read_bytes()))
    except FileNotFoundError:
        return None
