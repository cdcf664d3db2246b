"""Open a zip and find its file, with suspicion. Nothing is ever unpacked to disk."""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from typing import IO

from ..errors import FileUnreadable

ZIP_MAGIC = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")

RATIO_LIMIT = 500
"""Times that an entry may grow, if it is larger than 256 MiB. Deflate reaches 1,032
with nothing but repetition; records stay below 100, blank attachments do not."""

_HARMLESS_BYTES = 256 * 1024**2
_MAX_NAMED = 5
_UNSAFE_NAME = re.compile(r"(?:\A|[/\\])\.\.(?:[/\\]|\Z)|\A[/\\]|\A[A-Za-z]:|\\")

DAMAGED_MESSAGE = "The packed file is damaged. Get it again."

ZIP_ERRORS = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    struct.error,
    OSError,
    # Raised by zipfile for what it cannot do (NotImplementedError among them), for
    # offsets that point nowhere, and for names that are not UTF-8.
    RuntimeError,
    ValueError,
    OverflowError,
)
"""Everything that zipfile raises over a damaged file; tests/fuzz holds it."""


def open_zip(stream: IO[bytes], *, name: str) -> zipfile.ZipFile:
    """Open the zip in *stream*, which the caller closes.

    Raises:
        FileUnreadable: The zip is damaged.
    """
    try:
        return zipfile.ZipFile(stream)
    except ZIP_ERRORS as exc:
        raise FileUnreadable(name, DAMAGED_MESSAGE) from exc


def find_only_entry(
    archive: zipfile.ZipFile, *, name: str, size: int
) -> zipfile.ZipInfo:
    """Return the one file in *archive*.

    Folders and what macOS adds (``__MACOSX/``, ``.DS_Store``) do not count.

    Args:
        archive: The zip, opened.
        name: The name of the zip, for messages.
        size: The size of the zip in bytes. An entry cannot be packed into more.

    Raises:
        FileUnreadable: There is not exactly one file, or its path leaves the folder, or
            it is encrypted, is a zip, or grows too much.
    """
    files = _list_files(archive, name)
    if len(files) != 1:
        raise FileUnreadable(name, _describe_wrong_number(files))
    _require_safe_entry(files[0], name, size)
    return files[0]


def list_entries(archive: zipfile.ZipFile, *, name: str) -> list[zipfile.ZipInfo]:
    """Return the files in *archive*, without folders and what macOS adds.

    Args:
        archive: The zip, opened.
        name: The name of the zip, for messages.

    Raises:
        FileUnreadable: A path leaves the folder.
    """
    return _list_files(archive, name)


def require_safe_entry(
    entry: zipfile.ZipInfo, *, name: str, size: int, may_be_zip: bool = False
) -> None:
    """Refuse a file of a zip that cannot be unpacked, or not without harm.

    Args:
        entry: The file.
        name: The name of the zip, for messages.
        size: The size of the zip in bytes.
        may_be_zip: The file is not read, so it may be a zip itself.

    Raises:
        FileUnreadable: The file is encrypted, is a zip, or grows too much.
    """
    _require_safe_entry(entry, name, size, may_be_zip=may_be_zip)


def printable_name(entry: zipfile.ZipInfo) -> str:
    """Return the name of *entry* without control characters."""
    return "".join(char if char.isprintable() else "\ufffd" for char in entry.filename)


def _list_files(archive: zipfile.ZipFile, name: str) -> list[zipfile.ZipInfo]:
    entries = archive.infolist()
    for entry in entries:
        if _UNSAFE_NAME.search(entry.orig_filename):
            unsafe = repr(entry.orig_filename[:200])
            reason = f"The zip holds the unsafe name {unsafe}. Zip the file alone."
            raise FileUnreadable(name, reason)
    return [entry for entry in entries if _is_user_file(entry.filename)]


def _is_user_file(name: str) -> bool:
    return not (
        name.endswith("/")
        or name.startswith("__MACOSX/")
        or name.rpartition("/")[2] == ".DS_Store"
    )


def _describe_wrong_number(files: list[zipfile.ZipInfo]) -> str:
    if not files:
        return "The zip holds no file. It must hold exactly one."
    names = ", ".join(repr(file.filename[:100]) for file in files[:_MAX_NAMED])
    more = ", …" if len(files) > _MAX_NAMED else ""
    remedy = "Zip one of them alone."
    if any(file.filename.endswith("batch-engine-data.json") for file in files):
        remedy = "It is a package: import it with dmc package."
    return f"The zip holds {len(files):,} files ({names}{more}). {remedy}"


def _require_safe_entry(
    entry: zipfile.ZipInfo, name: str, size: int, *, may_be_zip: bool = False
) -> None:
    entry_name = repr(entry.filename[:200])
    reason = ""
    if entry.flag_bits & 0x1:
        reason = (
            f"The file {entry_name} in the zip is encrypted. Zip it without a password."
        )
    elif entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        reason = (
            f"The file {entry_name} uses an unusual compression method. "
            "Zip it with Deflate."
        )
    elif entry.filename.lower().endswith(".zip") and not may_be_zip:
        reason = f"The zip holds another zip, {entry_name}. Import that one."
    elif entry.file_size > _HARMLESS_BYTES and (
        # A header may lie, but zipfile reads no more than it says, and an entry
        # cannot be packed into more bytes than the zip has.
        entry.file_size > RATIO_LIMIT * min(entry.compress_size, size)
    ):
        reason = (
            f"The file {entry_name} would grow to more than {RATIO_LIMIT} times its "
            "packed size, as no file of records does. Unpack it and import it itself."
        )
    if reason:
        raise FileUnreadable(name, reason)
