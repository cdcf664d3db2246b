"""A folder of batch files, brought in one after another."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from ..errors import FileUnreadable
from ..model.task import Task

SUFFIX = "batch-engine-data.json"


@dataclass(frozen=True, slots=True)
class PackageStep:
    """What became of one file of a package.

    Attributes:
        file: Its path below the package's folder.
        task: The finished task; None where none was started.
        reason: Why none was started; empty otherwise.
        failed: None was started because something is wrong. False where the
            file only holds what we do not move.
    """

    file: str
    task: Task | None = None
    reason: str = ""
    failed: bool = False


def package_files(directory: Path) -> list[Path]:
    """Return the batch files below *directory* in natural order: 1, 2, 10.

    Raises:
        FileUnreadable: *directory* is no folder, or holds no such file.
    """
    if not directory.is_dir():
        reason = "no such folder. Give the folder that holds the package."
        raise FileUnreadable(str(directory), reason)
    found = [path for path in directory.rglob(f"*{SUFFIX}") if path.is_file()]
    if not found:
        reason = f"no file below it has a name that ends in {SUFFIX}."
        raise FileUnreadable(str(directory), reason)
    return sorted(found, key=lambda path: natural(path.relative_to(directory)))


def natural(path: Path) -> list[list[tuple[int, str]]]:
    """Return a key that sorts the numbers in names by their value."""
    return [
        [
            (int(piece), "") if piece.isdigit() else (-1, piece)
            for piece in re.split(r"(\d+)", part)
        ]
        for part in path.parts
    ]
