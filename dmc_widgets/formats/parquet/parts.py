"""The parts of a Parquet file in a folder, as Spark, Dask, pandas and polars do it.

They are read as one file, in the natural order of their names. Names that begin with an
underscore or a dot are those of notes (``_SUCCESS``, ``_metadata``, ``.part.crc``) and
are passed over, but ``_year=2024`` is not: as for Spark, it states a value. A folder
``country=DE`` gives the records below it the text ``DE`` in a column ``country``.
Tables of which not every file counts are refused: Delta, Hudi. So are folders that
cannot be read, and links to others, since the records in them would be missing.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, BinaryIO, Final, NamedTuple
from urllib.parse import unquote

from ...errors import FileUnreadable
from ...model.natural_order import natural_sort_key
from .format import ParquetFormat, translated_import

_TABLES: Final = {"_delta_log": "Delta", ".hoodie": "Hudi"}
_NULL: Final = "__HIVE_DEFAULT_PARTITION__"
_NO_PART: Final = (
    "The folder holds no parts of a Parquet file. Choose a file, or the folder that "
    "Spark, Dask or pandas has written."
)
_OTHER_FILE: Final = (
    "This is not a part of a Parquet file, as the others in the folder are. Move it "
    "elsewhere, or choose a single file."
)
_LINK: Final = (
    "This is a link to another folder, or to nothing. Put the parts themselves into "
    "the folder."
)
_UNREADABLE: Final = "It cannot be opened: {}."
_TABLE: Final = (
    "The folder is a {} table, in which not every file counts. Write its records into "
    "a folder or a file of their own."
)


class Part(NamedTuple):
    """A part of a file.

    Attributes:
        path: Where it is.
        name: Its path in the folder.
        values: The values of columns that the folders around it state.
    """

    path: Path
    name: str
    values: dict[str, str | None]


def joined_name(folder: Path) -> str:
    """Return the name of the file that the parts in a folder are."""
    name = folder.absolute().name
    has_suffix = name.lower().endswith(ParquetFormat.info.suffixes)
    return name if has_suffix else f"{name}.parquet"


def list_parts(folder: Path) -> list[Part]:
    """Return the parts of a file in a folder, in their order.

    Raises:
        FileUnreadable: There is none, there are other files, not every part counts, or
            a folder cannot be read.
    """
    for name, table in _TABLES.items():
        if (folder / name).is_dir():
            raise FileUnreadable(folder.name, _TABLE.format(table))
    names = sorted(_iter_names(folder), key=natural_sort_key)
    are_parts = [name.lower().endswith(ParquetFormat.info.suffixes) for name in names]
    if not any(are_parts):
        raise FileUnreadable(folder.name, _NO_PART)
    if not all(are_parts):
        raise FileUnreadable(names[are_parts.index(False)], _OTHER_FILE)
    return [Part(folder / name, name, _folder_values(name)) for name in names]


def join_parts(parts: Sequence[Part], stream: IO[bytes]) -> None:
    """Write the records of parts as one Parquet file.

    It has the columns of all parts, null where a part has none.

    Raises:
        FileUnreadable: A part is damaged, or has a column of another type than one
            before it.
        NotSupported: The library is not installed.
    """
    with translated_import():
        from .joining import write_joined
    write_joined(parts, stream)


def _iter_names(folder: Path) -> Iterator[str]:
    for parent, folders, files in os.walk(folder, onerror=_refuse_folder):
        folders[:] = [name for name in folders if not _is_note(name)]
        for name in [*folders, *(name for name in files if not _is_note(name))]:
            path = Path(parent, name)
            shown = path.relative_to(folder).as_posix()
            if path.is_symlink() and not path.is_file():
                raise FileUnreadable(shown, _LINK)
            if name not in folders:
                yield shown


def _is_note(name: str) -> bool:
    return name.startswith(".") or (name.startswith("_") and "=" not in name)


def _refuse_folder(exc: OSError) -> None:
    name = Path(str(exc.filename)).name
    raise FileUnreadable(name, _UNREADABLE.format(exc.strerror or exc)) from exc


@contextmanager
def open_part(part: Part) -> Iterator[BinaryIO]:
    """Open a part.

    Raises:
        FileUnreadable: It cannot be opened.
    """
    try:
        stream = part.path.open("rb")
    except OSError as exc:
        reason = _UNREADABLE.format(exc.strerror or exc)
        raise FileUnreadable(part.name, reason) from exc
    with stream:
        yield stream


def _folder_values(name: str) -> dict[str, str | None]:
    """Return what the folders of a part state: ``country=DE/day=2024-01-05``."""
    pairs = (step.partition("=") for step in PurePosixPath(name).parts[:-1])
    return {
        unquote(key): None if value == _NULL else unquote(value)
        for key, equals, value in pairs
        if equals
    }
