"""The beginning of a file: enough to choose a mapping, and never more."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from ..formats.archive import open_source
from ..formats.configuration import Configuration
from ..model.reading import AS_FOUND, ReadingOptions
from ..model.record import Record, Unreadable

HEAD_RECORDS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class FileHead:
    """What the first records of a file tell.

    Attributes:
        name: The file's own name, or that of the one file in a zip.
        format: Of the records, such as ``JSONL``.
        size: Bytes, unpacked.
        fields: Every field of the records below, in the order of first sight.
            (Liferay offers the fields of the first record only.)
        records: The first ones that could be read, at most ``HEAD_RECORDS``.
        unreadable: How many of the places looked at held no record.
        complete: The file holds nothing more.
        configuration: Of a ``*.batch-engine-data.json`` file, else None.
        options: How the file was read. Of CSV: what was chosen and what was found.
    """

    name: str
    format: str
    size: int
    fields: tuple[str, ...]
    records: tuple[Record, ...]
    unreadable: int
    complete: bool
    configuration: Configuration | None = None
    options: ReadingOptions = AS_FOUND


def read_head(
    path: Path, name: str | None = None, options: ReadingOptions = AS_FOUND
) -> FileHead:
    """Read the first records of a file.

    Args:
        path: The file, or a zip that holds one.
        name: The file's own name where *path* is only where it is kept.
        options: How to read a CSV file, where detection is not to decide.

    Raises:
        FileError: It is no file of a format that can be imported.
    """
    with open_source(path, name=name, options=options) as source:
        found = list(islice(source.records(), HEAD_RECORDS + 1))
        looked_at = found[:HEAD_RECORDS]
        records = [each for each in looked_at if not isinstance(each, Unreadable)]
        return FileHead(
            name=source.name,
            format=source.format.name,
            size=source.size,
            fields=tuple(dict.fromkeys(key for each in records for key in each)),
            records=tuple(records),
            unreadable=len(looked_at) - len(records),
            complete=len(found) <= HEAD_RECORDS,
            configuration=source.configuration,
            options=source.options,
        )
