"""Taking files in: multipart and raw bodies, to the disk and never held whole.

A multipart file is judged by its name, a raw body by its media type (batch-engine
facts, 1.2). A raw JSON body that is malformed is refused at once; what else is wrong
with a file is the task's affair.
"""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.requests import Request

from ..errors import FileBroken, FileUnreadable
from ..formats import FORMATS
from ..formats.zip_entry import FAULTS
from ..private_files import open_private
from .answers import Fault
from .batch_tasks import Tasks

RAW_NAME: Final = "fileName"
"""What Liferay calls the entry of a raw body's zip."""

_MEDIA_TYPES: Final[Mapping[str, str]] = {
    "application/json": "JSON",
    "application/x-ndjson": "JSONL",
    "application/xml": "APPLICATION/XML",
    "text/csv": "CSV",
}
_MULTIPART: Final = "multipart/form-data"
_FLUSH_BYTES: Final = 1024 * 1024


class Intake(NamedTuple):
    """A file that was taken in.

    Attributes:
        path: Where it lies now.
        name: Of the entry of its zip; empty where it is a zip already.
        content_type: ``JSON``, or whatever its name or its media type says.
        reader: The format that reads it.
    """

    path: Path
    name: str
    content_type: str
    reader: str


async def take_in(request: Request, tasks: Tasks) -> Intake:
    """Write the body of a request to the disk.

    Raises:
        Fault: There is none, or it is none of the kinds that can be read.
    """
    stated = request.headers.get("content-type", "")
    media_type = stated.partition(";")[0].strip().lower()
    if media_type not in {*_MEDIA_TYPES, _MULTIPART}:
        raise Fault(415, "HTTP 415 Unsupported Media Type")
    path = tasks.spool()
    try:
        if media_type == _MULTIPART:
            return await _take_file(request, path)
        await _take_raw(request, path)
        content_type = _MEDIA_TYPES[media_type]
        reader = await run_in_threadpool(_reader_of_raw, path, content_type)
        return Intake(path, RAW_NAME, content_type, reader)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


async def _take_file(request: Request, path: Path) -> Intake:
    async with request.form(max_files=4, max_fields=20) as form:
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise Fault(400, 'The multipart body has no part "file"')
        name = file.filename or RAW_NAME
        await run_in_threadpool(_copy, file, path)
    if name.lower().endswith("zip"):
        content_type = await run_in_threadpool(_type_in_zip, path)
        return Intake(path, "", content_type, content_type)
    content_type = _extension(name)
    return Intake(path, name, content_type, content_type)


async def _take_raw(request: Request, path: Path) -> None:
    with open_private(path) as target:
        parts: list[bytes] = []
        size = 0
        async for part in request.stream():
            parts.append(part)
            size += len(part)
            if size >= _FLUSH_BYTES:
                await run_in_threadpool(target.write, b"".join(parts))
                parts, size = [], 0
        target.write(b"".join(parts))


def _reader_of_raw(path: Path, content_type: str) -> str:
    """Find the format of a raw body, and refuse JSON that is malformed.

    The batch paths of entities take an array, or an object with ``items``.
    """
    if path.stat().st_size == 0:
        raise Fault(400, "The request has no body")
    if content_type != "JSON":
        return content_type
    with path.open("rb") as file:
        first = file.read(4096).lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
        file.seek(0)
        reader = "JSONT" if first == b"{" else "JSON"
        if first not in {b"{", b"["}:
            return reader  # no array: the task says so
        try:
            for _ in FORMATS[reader].read(file, source="The request's body"):
                pass
        except FileBroken as exc:
            raise Fault(400, f"Unable to read the JSON body: {exc.reason}") from exc
        except FileUnreadable:
            return "JSON"
    return reader


def _copy(file: UploadFile, path: Path) -> None:
    with open_private(path) as target:
        shutil.copyfileobj(file.file, target, _FLUSH_BYTES)


def _type_in_zip(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except FAULTS as exc:
        raise Fault(400, "The file is no zip, though its name says so") from exc
    if not names:
        raise Fault(400, "The zip holds no file")
    return _extension(names[0])


def _extension(name: str) -> str:
    return name.rpartition(".")[2].upper()[:75]
