"""The content of an import task: a zip archive, its records, and their field names.

The batch engine goes by the content type alone: a JSON file has to be an array, a CSV
file is read as its parameters say. The package's formats read the records, so that
reading is stricter than in Liferay where Liferay loses records silently.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import BinaryIO, Final, TypeVar, cast

from ...errors import FileBroken, FileError, FileUnreadable, InvalidPlan
from ...formats import FORMATS
from ...formats.json.parser import JsonParser, read_elements
from ...formats.source import Source, open_source
from ...formats.zip_reader import DAMAGED_MESSAGE, ZIP_ERRORS, find_only_entry, open_zip
from ...model.reading_options import ReadingOptions
from ...model.record import Record, UnreadableRecord
from ...storage.private_files import open_private

T = TypeVar("T")

_CONTENT_NAME: Final = "The content"
_LINES_OPTIONS: Final = ReadingOptions(as_liferay=True)
_CHUNK_BYTES: Final = 256 * 1024

_LINE_FORMATS: Final = frozenset({"CSV", "JSONL"})

FILE_EXTENSIONS: Final[Mapping[str, str]] = {
    "CSV": "csv",
    "JSON": "json",
    "JSONL": "jsonl",
    "JSONT": "json",
    "XLS": "xls",
    "XLSX": "xlsx",
}
"""The content types that can be read, with the extension of such a file."""

TABLE_FORMATS: Final[Mapping[str, str]] = {"CSV": "CSV", "XLS": "XLSX", "XLSX": "XLSX"}
"""The content types that are tables, with the format that reads them."""


@contextmanager
def open_records(
    path: Path, reader: str, parameters: Mapping[str, str]
) -> Iterator[Iterator[Record | UnreadableRecord]]:
    """Open the content of a task and yield its records.

    Args:
        path: The zip archive with the content.
        reader: The content type to read it as.
        parameters: The parameters of the task, some of which describe CSV.

    Raises:
        FileError: The content is not what its content type says.
    """
    if reader not in FILE_EXTENSIONS:
        known = ", ".join(FILE_EXTENSIONS)
        reason = f"The content type {reader} is not known. Known: {known}."
        raise FileUnreadable(_CONTENT_NAME, reason)
    with path.open("rb") as file, open_zip(file, name=_CONTENT_NAME) as archive:
        entry = find_only_entry(archive, name=_CONTENT_NAME, size=path.stat().st_size)
        open_raw = partial(archive.open, entry)
        if reader in {"JSON", "JSONL", "JSONT"}:
            with open_raw() as stream:
                raw = cast("BinaryIO", stream)
                yield _translate_damage(_read_json(raw, reader, entry.filename))
            return
        name = f"content.{FILE_EXTENSIONS[reader]}"
        with Source(
            name, entry.file_size, open_raw, _csv_options(parameters)
        ) as source:
            if source.format.info.name != TABLE_FORMATS[reader]:
                reason = (
                    f"It is {source.format.info.name}, and not {reader} as it says."
                )
                raise FileUnreadable(_CONTENT_NAME, reason)
            yield source.records()


def _read_json(
    stream: BinaryIO, reader: str, source: str
) -> Iterator[Record | UnreadableRecord]:
    """Yield objects; as in Liferay, what is none ends an array, and null ends lines.

    Raises:
        FileError: The content is malformed or cut off.
        InvalidPlan: A JSON file is not an array; the message is that of Java.
    """
    if reader == "JSON":
        text = JsonParser(stream, source=source)
        if text.peek() != "[":
            reason = "Provided stream is not a JSON array"
            raise InvalidPlan(reason)
        for record in read_elements(text):
            if isinstance(record, UnreadableRecord) and record.text[:1] != "{":
                return
            yield record
        return
    for record in FORMATS[reader].read(stream, source=source, options=_LINES_OPTIONS):
        if isinstance(record, UnreadableRecord) and record.text == "null":
            return
        yield record


def _translate_damage(parts: Iterator[T]) -> Iterator[T]:
    """Yield *parts*, and report damage to the zip archive as a broken file."""
    try:
        yield from parts
    except ZIP_ERRORS as exc:
        raise FileBroken(_CONTENT_NAME, DAMAGED_MESSAGE) from exc


def stated_site(path: Path, reader: str) -> str:
    """Return the site that a batch file names in its configuration; mostly empty."""
    if reader != "JSONT":
        return ""
    try:
        with open_source(path) as source:
            return source.configuration.site if source.configuration else ""
    except FileError:
        return ""  # reading the records reports what is wrong


def count_records(path: Path, reader: str, parameters: Mapping[str, str]) -> int:
    """Count the records in a separate pass, as Liferay does.

    CSV has as many as it has lines below the first, even if values have line ends;
    JSON Lines as many as lines. Malformed JSON and files that cannot be read have none.
    """
    try:
        with open_records(path, reader, parameters) as records:
            if reader not in _LINE_FORMATS:
                return _count_until_fault(records)
            if next(records, None) is None:
                return 0
        return _count_lines(path) - (reader == "CSV")
    except (FileError, InvalidPlan):
        return 0


def _count_until_fault(records: Iterator[Record | UnreadableRecord]) -> int:
    count = 0
    for record in records:
        if isinstance(record, UnreadableRecord):
            return 0
        count += 1
    return count


def _count_lines(path: Path) -> int:
    """Count the lines, however long they are.

    Raises:
        FileBroken: The zip archive is damaged.
    """
    count, last = 0, b"\n"
    with path.open("rb") as file, open_zip(file, name=_CONTENT_NAME) as archive:
        entry = find_only_entry(archive, name=_CONTENT_NAME, size=path.stat().st_size)
        with archive.open(entry) as stream:
            for piece in _translate_damage(
                iter(partial(stream.read, _CHUNK_BYTES), b"")
            ):
                together = last[-1:] + piece
                count += together.count(b"\n", 1) + together.count(b"\r", 1)
                count -= together.count(b"\r\n")
                last = piece
    return count + (last[-1:] not in b"\r\n")


def pack_zip(source: Path, target: Path, name: str) -> None:
    """Pack a file into a zip archive, under the name that the client gave it."""
    safe = name.replace("\\", "/").rpartition("/")[2].lstrip(".") or "fileName"
    with (
        open_private(target) as file,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
    ):
        archive.write(source, safe)


def _csv_options(parameters: Mapping[str, str]) -> ReadingOptions:
    """Read the parameters of CSV; of an enclosure Liferay uses the first character."""
    headers = parameters.get("containsHeaders", "true")
    delimiter = parameters.get("delimiter", ",")
    if not delimiter:
        reason = "The delimiter cannot be empty"
        raise FileUnreadable(_CONTENT_NAME, reason)
    try:
        return ReadingOptions(
            delimiter=delimiter,
            enclosing_character=parameters.get("enclosingCharacter", "")[:1] or '"',
            encoding="UTF-8",
            headers=headers.lower() == "true",
            as_liferay=True,
        )
    except InvalidPlan as exc:
        raise FileUnreadable(_CONTENT_NAME, str(exc)) from exc
