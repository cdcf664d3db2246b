"""The content of an import task: always a zip, of which one entry is read.

The batch engine goes by the content type alone: a JSON file has to be an array, a
CSV file is what its parameters say. Reading is that of the package's formats, so it
is stricter than Liferay where Liferay loses records in silence.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import BinaryIO, Final, TypeVar, cast

from ..errors import FileBroken, FileError, FileUnreadable, InvalidPlan
from ..formats import FORMATS
from ..formats.source import Source
from ..formats.zip_entry import DAMAGED, FAULTS, only_entry, open_zip
from ..model.reading import ReadingOptions
from ..model.record import Record, Unreadable
from ..objects.field_types import is_true
from ..private_files import open_private

T = TypeVar("T")

_CONTENT: Final = "The content"
_PIECE_BYTES: Final = 256 * 1024

READERS: Final[Mapping[str, str]] = {
    "CSV": "csv",
    "JSON": "json",
    "JSONL": "jsonl",
    "JSONT": "json",
    "XLS": "xls",
    "XLSX": "xlsx",
}
"""What can be read, and how such a file is called."""

READ_AS: Final[Mapping[str, str]] = {"CSV": "CSV", "XLS": "XLSX", "XLSX": "XLSX"}
"""The formats that read tables."""


@contextmanager
def reading(
    path: Path, reader: str, parameters: Mapping[str, str]
) -> Iterator[Iterator[Record | Unreadable]]:
    """Open a task's content and give its records.

    Raises:
        FileError: It is not what its content type says.
    """
    if reader not in READERS:
        reason = f"There is no content type {reader}. Known: {', '.join(READERS)}."
        raise FileUnreadable(_CONTENT, reason)
    with path.open("rb") as file, open_zip(file, name=_CONTENT) as archive:
        entry = only_entry(archive, name=_CONTENT, size=path.stat().st_size)
        open_raw = partial(archive.open, entry)
        if reader in {"JSON", "JSONL", "JSONT"}:
            with open_raw() as stream:
                raw = cast("BinaryIO", stream)
                yield _sound(FORMATS[reader].read(raw, source=entry.filename))
            return
        name = f"content.{READERS[reader]}"
        with Source(name, entry.file_size, open_raw, _options(parameters)) as source:
            if source.format.name != READ_AS[reader]:
                reason = f"It is {source.format.name}, and not {reader} as it says."
                raise FileUnreadable(_CONTENT, reason)
            yield source.records()


def _sound(parts: Iterator[T]) -> Iterator[T]:
    """Tell of damage to the zip as of damage to any file."""
    try:
        yield from parts
    except FAULTS as exc:
        raise FileBroken(_CONTENT, DAMAGED) from exc


def count_records(path: Path, reader: str, parameters: Mapping[str, str]) -> int:
    """Count in a pass of its own; a file that cannot be read has none."""
    try:
        with reading(path, reader, parameters) as records:
            if reader != "JSONL":
                return sum(1 for _ in records)
            return 0 if next(records, None) is None else _count_lines(path)
    except FileError:
        return 0


def _count_lines(path: Path) -> int:
    """Count the lines that are not blank, however long they are.

    Raises:
        FileBroken: The zip is damaged.
    """
    count = 0
    is_within = False  # a line that began in an earlier piece
    with path.open("rb") as file, open_zip(file, name=_CONTENT) as archive:
        entry = only_entry(archive, name=_CONTENT, size=path.stat().st_size)
        with archive.open(entry) as stream:
            for piece in _sound(iter(partial(stream.read, _PIECE_BYTES), b"")):
                lines = piece.translate(None, b" \t\r").split(b"\n")
                count += sum(map(bool, lines)) - bool(is_within and lines[0])
                is_within = bool(lines[-1]) or (is_within and len(lines) == 1)
    return count


def pack(source: Path, target: Path, name: str) -> None:
    """Put a file into a zip of its own, under the name that it came with."""
    safe = name.replace("\\", "/").rpartition("/")[2].lstrip(".") or "fileName"
    with (
        open_private(target) as file,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
    ):
        archive.write(source, safe)


def _options(parameters: Mapping[str, str]) -> ReadingOptions:
    """Read the parameters of CSV; Liferay uses the enclosing character's first."""
    headers = parameters.get("containsHeaders", "true")
    try:
        return ReadingOptions(
            delimiter=parameters.get("delimiter") or ",",
            enclosing_character=parameters.get("enclosingCharacter", '"')[:1],
            encoding="UTF-8",
            headers=is_true(headers.lower()),
            as_liferay=True,
        )
    except InvalidPlan as exc:
        raise FileUnreadable(_CONTENT, str(exc)) from exc
