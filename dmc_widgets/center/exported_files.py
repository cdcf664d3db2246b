"""Where the file of an export goes, and in which form."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Final

from ..errors import InvalidPlan
from ..formats import FORMATS
from ..model.file_names import find_free_path
from ..storage.private_files import write_atomically

_CHUNK_BYTES: Final = 1 << 20


def choose_format(path: Path | str | None) -> str:
    """Return the format whose files end as *path* does, below ``.zip``, or JSON.

    Another ending is refused by the plan, except below ``.zip``: there it may be part
    of the name, as in ``tickets.2026-11-28.zip``.
    """
    if path is None or Path(path).is_dir():
        return "JSON"
    name = Path(path).name.lower()
    is_zip, name = name.endswith(".zip"), name.removesuffix(".zip")
    endings = {
        f".{known.info.extension}": known.info.name for known in FORMATS.values()
    }
    for ending in sorted(endings, key=len, reverse=True):
        if name.endswith(ending):
            return endings[ending]
    suffix = "" if is_zip else Path(name).suffix
    return suffix.removeprefix(".").upper() or "JSON"


def require_writable(path: Path) -> None:
    """Refuse before the export what could not be written after it.

    Raises:
        InvalidPlan: The path is in a folder that does not exist.
    """
    if not path.absolute().parent.is_dir():
        reason = f"The folder {path.parent} does not exist. Create it first."
        raise InvalidPlan(reason)


def save_export(archive: Path, path: Path, name: str) -> Path:
    """Write the zip of an export to *path*, or the file in it if *path* is not a zip.

    The zip of a package holds several files and is written as it is.

    Args:
        archive: The zip that the task has made.
        path: A file, which is replaced, or a folder, where nothing is: the file gets a
            number if there is one of its name.
        name: The name of the file in a folder.

    Returns:
        The path of the file.
    """
    if path.is_dir():
        path = find_free_path(path / name)
    with zipfile.ZipFile(archive) as opened:
        files = opened.namelist()
        is_zip = path.suffix.lower() == ".zip" or len(files) > 1
        with archive.open("rb") if is_zip else opened.open(files[0]) as stream:
            write_atomically(path, iter(lambda: stream.read(_CHUNK_BYTES), b""))
    return path
