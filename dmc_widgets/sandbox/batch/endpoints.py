"""``/o/headless-batch-engine/v1.0``, and the batch paths of other APIs.

Paths and bodies are those of the batch-engine facts, 1. The engine's own paths answer
200, as its resources return values and no responses; the batch paths of entities
answer 202. An unknown class, a strategy that does not exist and a mapping that is
none are 400 here, where Liferay answers 500.

Taking files in: multipart and raw bodies, to the disk and never held whole.

A multipart file is judged by its name, a raw body by its media type (batch-engine
facts, 1.2). A raw JSON body that is malformed is refused at once; what else is wrong
with a file is the task's affair.
"""

from __future__ import annotations

import csv
import io
import shutil
import uuid
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import (
    FileResponse,
    PlainTextResponse,
    Response,
    StreamingResponse,
)

from ...errors import FileBroken, FileUnreadable
from ...formats import FORMATS
from ...formats.zip_reader import ZIP_ERRORS
from ...model.entity_type import (
    DEFAULT_DELEGATE,
    OBJECT_ENTRY,
)
from ...model.strategies import ImportStrategy, UpdateStrategy
from ...objects.documents.kinds import KINDS_BY_CLASS
from ...storage.private_files import open_private
from ..requests import ApiRequest
from ..responses import ApiError, json_response
from .content import parse_field_mapping
from .task_store import (
    COMPLETED,
    EXPORT,
    FAILED,
    IMPORT,
    ON_ERROR_CONTINUE,
    ON_ERROR_FAIL,
    BatchTask,
    DuplicateTask,
    FailedItem,
    TaskRequest,
    TaskStore,
    render_task,
)

RAW_BODY_NAME: Final = "fileName"
"""What Liferay calls the entry of a raw body's zip."""

_MEDIA_TYPES: Final[Mapping[str, str]] = {
    "application/json": "JSON",
    "application/x-ndjson": "JSONL",
    "application/xml": "APPLICATION/XML",
    "text/csv": "CSV",
}
_MULTIPART: Final = "multipart/form-data"
_FLUSH_BYTES: Final = 1024 * 1024


class Upload(NamedTuple):
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


async def receive_upload(request: Request, tasks: TaskStore) -> Upload:
    """Write the body of a request to the disk.

    Raises:
        ApiError: There is none, or it is none of the kinds that can be read.
    """
    stated = request.headers.get("content-type", "")
    media_type = stated.partition(";")[0].strip().lower()
    if media_type not in {*_MEDIA_TYPES, _MULTIPART}:
        raise ApiError(415, "HTTP 415 Unsupported Media Type")
    path = tasks.spool()
    try:
        if media_type == _MULTIPART:
            return await _receive_multipart(request, path)
        await _receive_raw_body(request, path)
        content_type = _MEDIA_TYPES[media_type]
        reader = await run_in_threadpool(_detect_reader, path, content_type)
        return Upload(path, RAW_BODY_NAME, content_type, reader)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


async def _receive_multipart(request: Request, path: Path) -> Upload:
    async with request.form(max_files=4, max_fields=20) as form:
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise ApiError(400, 'The multipart body has no part "file"')
        name = file.filename or RAW_BODY_NAME
        await run_in_threadpool(_copy_file, file, path)
    if name.lower().endswith("zip"):
        content_type = await run_in_threadpool(_content_type_of_zip, path)
        return Upload(path, "", content_type, content_type)
    content_type = _content_type_of_name(name)
    return Upload(path, name, content_type, content_type)


async def _receive_raw_body(request: Request, path: Path) -> None:
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


def _detect_reader(path: Path, content_type: str) -> str:
    """Find the format of a raw body, and refuse JSON that is malformed.

    The batch paths of entities take an array, or an object with ``items``.
    """
    if path.stat().st_size == 0:
        raise ApiError(400, "The request has no body")
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
            raise ApiError(400, f"Unable to read the JSON body: {exc.reason}") from exc
        except FileUnreadable:
            return "JSON"
    return reader


def _copy_file(file: UploadFile, path: Path) -> None:
    with open_private(path) as target:
        shutil.copyfileobj(file.file, target, _FLUSH_BYTES)


def _content_type_of_zip(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except ZIP_ERRORS as exc:
        raise ApiError(400, "The file is no zip, though its name says so") from exc
    if not names:
        raise ApiError(400, "The zip holds no file")
    return _content_type_of_name(names[0])


def _content_type_of_name(name: str) -> str:
    return name.rpartition(".")[2].upper()[:75]


OPERATIONS: Final[Mapping[str, str]] = {
    "DELETE": "DELETE",
    "POST": "CREATE",
    "PUT": "UPDATE",
}

_CLASSES: Final = frozenset({OBJECT_ENTRY, *KINDS_BY_CLASS})
_MAX_ERC_LENGTH: Final = 75
_NAMED_PARAMETERS: Final = {
    IMPORT: frozenset({"callbackURL", "fieldNameMapping", "taskItemDelegateName"}),
    EXPORT: frozenset({"callbackURL", "fieldNames", "taskItemDelegateName"}),
}


@dataclass(frozen=True, slots=True)
class BatchItems:
    """The items that a batch path is for.

    Attributes:
        class_name: Of the items.
        delegate: Of the items, such as ``C_Ticket``.
    """

    class_name: str
    delegate: str = DEFAULT_DELEGATE


BatchItemsReader = Callable[[ApiRequest], BatchItems]


def read_batch_path(request: ApiRequest) -> BatchItems:
    """Read what the engine's own paths name.

    Raises:
        ApiError: There is no such class.
    """
    name = request.path_text("className")
    if name not in _CLASSES:
        raise ApiError(400, f"Unknown class name: {name}")
    return BatchItems(name, request.query("taskItemDelegateName") or DEFAULT_DELEGATE)


async def start_import(
    request: ApiRequest, which: BatchItemsReader, status: int
) -> Response:
    """Take a file in, and answer with the task that imports it."""
    batched = await run_in_threadpool(which, request)
    order = _build_import_request(request, batched)
    tasks = request.context.engine.tasks
    intake = await receive_upload(request.http, tasks)
    order = _with_upload(order, intake.content_type, intake.reader)
    take = partial(request.context.engine.import_file, order, intake.path, intake.name)
    return await run_in_threadpool(_start_task, request, take, status)


def start_export(request: ApiRequest, which: BatchItemsReader, status: int) -> Response:
    """Start an export, and answer with its task."""
    batched = which(request)
    content_type = (
        request.path_text("contentType")
        if "contentType" in request.http.path_params
        else request.query("contentType") or "JSON"
    )
    names = (each.strip() for each in request.query("fieldNames").split(","))
    order = TaskRequest(
        direction=EXPORT,
        class_name=batched.class_name,
        erc=_read_task_erc(request),
        delegate=batched.delegate,
        content_type=content_type.upper()[:_MAX_ERC_LENGTH],
        fields=tuple(filter(None, names)),
        parameters=_read_parameters(request, EXPORT),
        callback=request.query("callbackURL"),
    )
    return _start_task(request, partial(request.context.engine.export, order), status)


def get_task(request: ApiRequest, direction: str) -> Response:
    """Answer with a task, by its id or its ERC."""
    return json_response(
        _render_task(request.context.engine.tasks, _find_task(request, direction))
    )


def get_content(request: ApiRequest, direction: str) -> Response:
    """Answer with the zip of a task that has ended; 404 without a body before."""
    task = _find_task(request, direction)
    done = {COMPLETED} if direction == EXPORT else {COMPLETED, FAILED}
    path = request.context.engine.tasks.content(task)
    if task.status not in done or not path.is_file():
        return Response(status_code=404)
    name = f"{uuid.uuid4()}.zip"
    headers = {"Content-Disposition": f"attachment; filename={name}"}
    return FileResponse(path, headers=headers, media_type="application/octet-stream")


def get_report(request: ApiRequest) -> Response:
    """Answer with the failed items of a task as CSV."""
    task = _find_task(request, IMPORT)
    failed = request.context.engine.tasks.failed_items(task.id)
    headers = {"Content-Disposition": f"attachment; filename={uuid.uuid4()}.csv"}
    media_type = "application/octet-stream"
    return StreamingResponse(
        _write_report(failed), headers=headers, media_type=media_type
    )


def _build_import_request(request: ApiRequest, batched: BatchItems) -> TaskRequest:
    method = request.http.method
    _require_one_of(request, "createStrategy", list(ImportStrategy))
    _require_one_of(request, "updateStrategy", list(UpdateStrategy))
    stops = request.query("importStrategy") in {"", ON_ERROR_FAIL}
    mapping = (
        parse_field_mapping(request.query("fieldNameMapping"))
        if method == "POST"
        else ()
    )
    return TaskRequest(
        direction=IMPORT,
        class_name=batched.class_name,
        erc=_read_task_erc(request),
        delegate=batched.delegate,
        operation=OPERATIONS[method],
        strategy=ON_ERROR_FAIL if stops else ON_ERROR_CONTINUE,
        mapping=mapping,
        parameters=_read_parameters(request, IMPORT),
        callback=request.query("callbackURL"),
        onlooker="" if request.principal.can_write else request.principal.name,
    )


def _with_upload(order: TaskRequest, content_type: str, reader: str) -> TaskRequest:
    return replace(order, content_type=content_type, reader=reader)


def _read_task_erc(request: ApiRequest) -> str:
    erc = request.query("externalReferenceCode").strip()
    if len(erc) > _MAX_ERC_LENGTH or not erc.isprintable():
        title = (
            f"External reference code must be less than {_MAX_ERC_LENGTH} characters"
        )
        raise ApiError(400, title)
    return erc


def _require_one_of(request: ApiRequest, name: str, known: list[str]) -> None:
    stated = request.query(name)
    if stated and stated not in known:
        title = f'Illegal value "{stated}" of {name}. Known: {", ".join(known)}'
        raise ApiError(400, title)


def _read_parameters(request: ApiRequest, direction: str) -> dict[str, str]:
    """Gather the first value of every parameter of the query and of the path."""
    found = {name: request.query(name) for name in request.http.query_params}
    found |= {name: request.path_text(name) for name in request.http.path_params}
    return {
        name: found[name] for name in found if name not in _NAMED_PARAMETERS[direction]
    }


def _start_task(
    request: ApiRequest, start: Callable[[], BatchTask], status: int
) -> Response:
    try:
        task = start()
    except DuplicateTask as exc:
        return PlainTextResponse(str(exc), 400)  # the bare message, no Problem
    return json_response(_render_task(request.context.engine.tasks, task), status)


def _find_task(request: ApiRequest, direction: str) -> BatchTask:
    tasks = request.context.engine.tasks
    if "erc" in request.http.path_params:
        return tasks.by_erc(direction, request.path_text("erc"))
    return tasks.by_id(direction, request.path_number("id"))


def _render_task(tasks: TaskStore, task: BatchTask) -> dict[str, object]:
    failed = tasks.failed_items(task.id) if task.order.direction == IMPORT else []
    return render_task(task, failed)


def _write_report(failed: list[FailedItem]) -> Iterator[bytes]:
    yield b"item,itemIndex,message\r\n"
    for each in failed:
        text = io.StringIO(newline="")
        csv.writer(text, lineterminator="\r\n").writerow(
            (each.item, each.index, each.message)
        )
        # A line that begins with nothing could be a blank line.
        line = text.getvalue() if each.item else f'""{text.getvalue()}'
        yield line.encode("utf-8", "backslashreplace")
