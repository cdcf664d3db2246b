"""Attachments of workspaces: placeholders for files that stand beside the batch file.

Workspaces of Liferay keep the files of entries apart from the entries. A batch file has
``{"fileBase64": "@batch_object_entry_file_base64@", "name": "map.pdf"}``, and the file
is ``attachments/<external reference code of the entry>/map.pdf`` in the same folder;
the build of the workspace puts its content in. Here reading the batch file does.

A placeholder that cannot be filled stays, with the reason after it, so that its record
fails and says why. Nothing outside the folder is read, whatever code and name are.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any, BinaryIO, Final

from ...model.record import LARGE_TEXT_BYTES, LargeText, Record, UnreadableRecord
from ...objects.fields.attachment import CONTENT, PLACEHOLDER
from ...objects.names import ERC

ATTACHMENTS: Final = "attachments"
"""The folder beside the batch file, which has a folder for each entry."""

_CHUNK_BYTES: Final = 192 * 1024
"""A multiple of three, so that the Base64 of pieces is that of the whole."""
_MAX_DEPTH: Final = 10
_BEGINNING: Final = 60


class AttachmentFolder:
    """The files for the placeholders of one batch file.

    Args:
        folder: The folder ``attachments``.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def fill(
        self, records: Iterable[Record | UnreadableRecord]
    ) -> Iterator[Record | UnreadableRecord]:
        """Yield records, those with placeholders with the contents of their files.

        A large file stays on the disk until it is needed.
        """
        for record in records:
            if not isinstance(record, UnreadableRecord):
                for named in _find_placeholders(record, _MAX_DEPTH):
                    named[CONTENT] = self._content(record, named)
            yield record

    def _content(self, record: Record, named: dict[str, Any]) -> str | LargeText:
        code, name = record.get(ERC), named.get("name")
        if code in (None, "") or not isinstance(code, str | int):
            return f"{PLACEHOLDER} The entry has no external reference code."
        if not isinstance(name, str) or not name:
            return f"{PLACEHOLDER} The file has no name."
        relative = f"{ATTACHMENTS}/{code}/{name}"
        if _leaves_folder(f"{code}/{name}"):
            return f"{PLACEHOLDER} {relative!r} leaves the folder of attachments."
        path = self._folder / str(code) / name
        try:
            if not path.resolve().is_relative_to(self._folder.resolve()):
                return f"{PLACEHOLDER} {relative!r} leaves the folder of attachments."
            return _encode_file(path)
        except (OSError, ValueError):
            return (
                f"{PLACEHOLDER} The file {relative!r} is missing beside the batch file."
            )


def find_attachments(path: Path) -> AttachmentFolder | None:
    """Return the attachments beside a batch file, or None without such a folder."""
    folder = path.parent / ATTACHMENTS
    return AttachmentFolder(folder) if folder.is_dir() else None


def holds_placeholder(stream: BinaryIO) -> bool:
    """Return True if a file holds a placeholder. It is read to the first one."""
    token, rest = PLACEHOLDER.encode(), b""
    while data := stream.read(_CHUNK_BYTES):
        if token in rest + data:
            return True
        rest = data[-len(token) :]
    return False


def _find_placeholders(value: Any, depth: int) -> Iterator[dict[str, Any]]:
    """Yield the objects within a value whose content is a placeholder."""
    if isinstance(value, dict):
        if value.get(CONTENT) == PLACEHOLDER:
            yield value
            return
        value = list(value.values())
    if isinstance(value, list) and depth:
        for inner in value:
            if isinstance(inner, dict | list):
                yield from _find_placeholders(inner, depth - 1)


def _leaves_folder(relative: str) -> bool:
    """Return True for a path that could name a file elsewhere, on any system."""
    windows = PureWindowsPath(relative)
    parts = {*PurePosixPath(relative).parts, *windows.parts}
    return bool(".." in parts or relative.startswith("/") or windows.anchor)


def _encode_file(path: Path) -> str | LargeText:
    """Return the Base64 of a file.

    Raises:
        OSError: It cannot be read.
    """
    with path.open("rb") as file:
        beginning = file.read(_BEGINNING)
        size = (path.stat().st_size + 2) // 3 * 4
        if size < LARGE_TEXT_BYTES:
            return b64encode(beginning + file.read()).decode()
    return LargeText(size, b64encode(beginning).decode(), lambda: _read_pieces(path))


def _read_pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while data := file.read(_CHUNK_BYTES):
            yield b64encode(data)
