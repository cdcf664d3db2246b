"""What a package holds, for people who are about to import it."""

from __future__ import annotations

from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Final

from ...errors import FileError
from ...formats.source import open_source
from ..imports.preflight import is_supported_class
from .reader import BATCH_FILE_SUFFIX, package_units

_MAX_NAMES: Final = 10


def describe_package(path: Path, scratch: Path) -> str:
    """Return how many files a package has, and which of them do not move.

    Args:
        path: The folder or the zip.
        scratch: The folder to unpack in.

    Returns:
        One or two sentences; empty if it is not a package of several files.

    Raises:
        DiskFull: The disk has no space for an unpacked file.
    """
    number = 0
    left_out: list[str] = []
    try:
        with package_units(path, scratch) as units:
            for unit in units:
                number += 1
                class_name = _class_of(unit.path, unit.name) if unit.path else ""
                if class_name and not is_supported_class(class_name):
                    file = PurePosixPath(unit.name).name.removesuffix(BATCH_FILE_SUFFIX)
                    short_name = class_name.rpartition(".")[2]
                    left_out.append(f"{file.rstrip('.-')} ({short_name})")
    except FileError:
        return ""
    if number < 2:
        return ""
    text = f"This is a package of {number:,} files."
    if left_out:
        shown = ", ".join(islice(left_out, _MAX_NAMES))
        more = ", …" if left_out[_MAX_NAMES:] else ""
        text += f" Left out would be, because such items do not move: {shown}{more}."
    return text


def _class_of(path: Path, name: str) -> str:
    """Return the class that a batch file states; empty where it cannot be read."""
    try:
        with open_source(path, name=PurePosixPath(name).name) as source:
            return source.configuration.class_name if source.configuration else ""
    except FileError:
        return ""
