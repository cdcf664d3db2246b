"""Endpoints of the batch engine, of the batch paths of other APIs, and their uploads.

The paths of ``/o/headless-batch-engine/v1.0`` answer 200, the batch paths of entities
202, as in Liferay. An unknown class name or strategy and an invalid field mapping are
400 here, where Liferay answers 500. See ``docs/liferay/batch-engine.md``.

Uploads are written to disk and never held in memory as a whole. The format of a
multipart file follows from its name, that of a raw body from its media type. A raw
body of malformed JSON is refused at once; any other fault of a file fails the task.
"""

from __future__ import annotations

import csv
import io
import shutil
import uuid
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
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
from ...model.strategies import LIFERAY_UPDATE_STRATEGIES, ImportStrategy
from ...objects.documents.kinds import KINDS_BY_CLASS
from ...objects.parts.part_kinds import PART_KINDS_BY_CLASS
from ...storage.private_files import open_private
from ..requests import ApiRequest
from ..responses import ApiError, json_response
from ..sites import SiteDirectory
from .field_names import parse_field_mapping
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

OPERATIONS: Final[Mapping[str, str]] = {
    "DELETE": "DELETE",
    "POST": "CREATE",
    "PUT": "UPDATE",
}

_CLASSES: Final = frozenset({OBJECT_ENTRY, *KINDS_BY_CLASS, *PART_KINDS_BY_CLASS})
_MAX_ERC_LENGTH: Final = 75
_ERC: Final = "externalReferenceCode"
_BATCH_ERC: Final = "batchExternalReferenceCode"
_ROUTE_PARAMETERS: Final = frozenset({"id", "plural"})
_NAMED_PARAMETERS: Final = {
    IMPORT: frozenset({"callbackURL", "fieldNameMapping", "taskItemDelegateName"}),
    EXPORT: frozenset({"callbackURL", "fieldNames", "taskItemDelegateName"}),
}


RAW_BODY_NAME: Final = "fileName"
"""Liferay's name for the entry of the zip archive made from a raw body."""

_MEDIA_TYPES: Final[Mapping[str, str]] = {
    "application/json": "JSON",
    "application/x-ndjson": "JSONL",
    "application/xml": "APPLICATION/XML",
    "text/csv": "CSV",
}
_ENCLOSING_CHARACTERS: Final = frozenset({"'", '"', "'\""})
_SCOPE_PARAMETERS: Final = (
    ("assetLibraryId", "assetLibraryExternalReferenceCode"),
    ("siteId", "siteExternalReferenceCode"),
)
_NULL_TEXTS: Final = frozenset({"", "null"})
"""What counts as no value in Liferay's validation."""

_MULTIPART: Final = "multipart/form-data"
_FLUSH_BYTES: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class BatchItems:
    """The items that a batch path is for.

    Attributes:
        class_name: The class name of the items.
        delegate: The task item delegate of the items, such as ``C_Ticket``.
        parameters: The parameters of the task that the path states, such as the id of
            the definition that the items belong to.
    """

    class_name: str
    delegate: str = DEFAULT_DELEGATE
    parameters: Mapping[str, str] = field(default_factory=dict)


BatchItemsReader = Callable[[ApiRequest], BatchItems]


def read_batch_path(request: ApiRequest) -> BatchItems:
    """Read the items that the engine's own paths name.

    Raises:
        ApiError: The class name is unknown.
    """
    name = request.path_text("className")
    if name not in _CLASSES:
        raise ApiError(400, f"Unknown class name: {name}")
    return BatchItems(name, request.query("taskItemDelegateName") or DEFAULT_DELEGATE)


async def start_import(
    request: ApiRequest, read_items: BatchItemsReader, status: int
) -> Response:
    """Receive a file, start a task that imports it, and return the task."""
    engine = request.context.engine
    items = await run_in_threadpool(read_items, request)
    task_request = _build_import_request(request, items)
    upload = await receive_upload(request.http, engine.tasks)
    task_request = replace(
        task_request, content_type=upload.content_type, reader=upload.reader
    )
    start = partial(engine.import_file, task_request, upload.path, upload.name)
    return await run_in_threadpool(_start_task, request, start, status)


def start_export(
    request: ApiRequest, read_items: BatchItemsReader, status: int
) -> Response:
    """Start an export task, and return it."""
    items = read_items(request)
    _require_site(request)
    content_type = (
        request.path_text("contentType")
        if "contentType" in request.http.path_params
        else request.query("contentType") or "JSON"
    )
    names = (name.strip() for name in request.query("fieldNames").split(","))
    task_request = TaskRequest(
        direction=EXPORT,
        class_name=items.class_name,
        erc=_read_task_erc(request),
        delegate=items.delegate,
        content_type=content_type.upper()[:_MAX_ERC_LENGTH],
        fields=tuple(filter(None, names)),
        parameters=_read_parameters(request, EXPORT) | dict(items.parameters),
        callback=request.query("callbackURL"),
    )
    return _start_task(
        request, partial(request.context.engine.export, task_request), status
    )


def get_task(request: ApiRequest, direction: str) -> Response:
    """Answer GET of a task, by its id or its ERC."""
    task = _find_task(request, direction)
    return json_response(_render_task(request.context.engine.tasks, task))


def get_content(request: ApiRequest, direction: str) -> Response:
    """Answer GET of the zip of a task; 404 without a body until the task has ended."""
    task = _find_task(request, direction)
    final = {COMPLETED} if direction == EXPORT else {COMPLETED, FAILED}
    path = request.context.engine.tasks.content_path(task)
    if task.status not in final or not path.is_file():
        return Response(status_code=404)
    name = f"{uuid.uuid4()}.zip"
    headers = {"Content-Disposition": f"attachment; filename={name}"}
    return FileResponse(path, headers=headers, media_type="application/octet-stream")


def get_report(request: ApiRequest) -> Response:
    """Answer GET of the failed items of a task, as CSV."""
    task = _find_task(request, IMPORT)
    failed = request.context.engine.tasks.failed_items(task.id)
    headers = {"Content-Disposition": f"attachment; filename={uuid.uuid4()}.csv"}
    media_type = "application/octet-stream"
    return StreamingResponse(
        _write_report(failed), headers=headers, media_type=media_type
    )


def _build_import_request(request: ApiRequest, items: BatchItems) -> TaskRequest:
    method = request.http.method
    _require_strategy(request, "create", list(ImportStrategy))
    _require_strategy(request, "update", list(LIFERAY_UPDATE_STRATEGIES))
    _require_csv_characters(request)
    _require_site(request)
    is_stated = "importStrategy" in request.http.query_params
    stops = not is_stated or request.query("importStrategy") == ON_ERROR_FAIL
    mapping = (
        parse_field_mapping(request.query("fieldNameMapping"))
        if method == "POST"
        else ()
    )
    return TaskRequest(
        direction=IMPORT,
        class_name=items.class_name,
        erc=_read_task_erc(request),
        delegate=items.delegate,
        operation=OPERATIONS[method],
        strategy=ON_ERROR_FAIL if stops else ON_ERROR_CONTINUE,
        mapping=mapping,
        parameters=_read_parameters(request, IMPORT) | dict(items.parameters),
        callback=request.query("callbackURL"),
        onlooker="" if request.principal.can_write else request.principal.name,
    )


def _require_site(request: ApiRequest) -> None:
    """Refuse an unknown ``siteId``, and a site beside an asset library.

    A site is named by its key, its code or its id.
    """
    if all(any(map(request.query, names)) for names in _SCOPE_PARAMETERS):
        raise ApiError(400, "Unsupported combination of scope parameters")
    name = request.query("siteId")
    context = request.context
    directory = SiteDirectory(context.store.installation, context.database)
    if name.strip() and directory.find_key(name) is None:
        raise ApiError(404, f"Unable to get a valid site with ID {name}")


def _read_task_erc(request: ApiRequest) -> str:
    erc = request.query(_ERC).strip()
    if len(erc) > _MAX_ERC_LENGTH or not erc.isprintable():
        title = (
            f"External reference code must be less than {_MAX_ERC_LENGTH} characters"
        )
        raise ApiError(400, title)
    return erc


def _require_strategy(request: ApiRequest, kind: str, known: list[str]) -> None:
    value = request.query(f"{kind}Strategy")
    if value and value not in known:
        detail = f"Known: {', '.join(known)}"
        raise ApiError(400, f"Illegal {kind} strategy {value}", detail=detail)


def _require_csv_characters(request: ApiRequest) -> None:
    """Refuse a delimiter that encloses values, and whatever else should enclose them.

    Liferay takes both together as well, and encloses by the first.
    """
    delimiter = request.query("delimiter")
    if delimiter in _ENCLOSING_CHARACTERS:
        raise ApiError(400, f"Illegal delimiter value {delimiter}")
    enclosing = request.query("enclosingCharacter")
    if enclosing.strip() not in _NULL_TEXTS and enclosing not in _ENCLOSING_CHARACTERS:
        raise ApiError(400, f"Illegal enclosing character value {enclosing}")


def _read_parameters(request: ApiRequest, direction: str) -> dict[str, str]:
    """Return the first value of every other parameter of the query and the path.

    ``batchExternalReferenceCode`` takes the place of the task's own code, so that the
    items can belong to another document than the one that the task is named after.
    """
    values = {name: request.query(name) for name in request.http.query_params}
    values |= {name: request.path_text(name) for name in request.http.path_params}
    if values.get(_BATCH_ERC):
        values[_ERC] = values[_BATCH_ERC]
    unused = _NAMED_PARAMETERS[direction] | _ROUTE_PARAMETERS
    return {name: value for name, value in values.items() if name not in unused}


def _start_task(
    request: ApiRequest, start: Callable[[], BatchTask], status: int
) -> Response:
    try:
        task = start()
    except DuplicateTask as exc:
        return PlainTextResponse(str(exc), 400)  # the bare message, not a Problem body
    return json_response(_render_task(request.context.engine.tasks, task), status)


def _find_task(request: ApiRequest, direction: str) -> BatchTask:
    tasks = request.context.engine.tasks
    if "erc" in request.http.path_params:
        return tasks.get_by_erc(direction, request.path_text("erc"))
    return tasks.get_by_id(direction, request.path_number("id"))


def _render_task(tasks: TaskStore, task: BatchTask) -> dict[str, object]:
    failed = tasks.failed_items(task.id) if task.request.direction == IMPORT else []
    return render_task(task, failed)


def _write_report(failed: list[FailedItem]) -> Iterator[bytes]:
    yield b"item,itemIndex,message\r\n"
    for item in failed:
        text = io.StringIO(newline="")
        csv.writer(text, lineterminator="\r\n").writerow(
            (item.item, item.index, item.message)
        )
        # An empty first cell is quoted: readers could take the line for a blank one.
        line = text.getvalue() if item.item else f'""{text.getvalue()}'
        yield line.encode("utf-8", "backslashreplace")


class Upload(NamedTuple):
    """A file that was received.

    Attributes:
        path: The place where it was written.
        name: The name for the entry of its zip archive; empty if it is one already.
        content_type: The content type that its name or its media type states.
        reader: The format that reads it.
    """

    path: Path
    name: str
    content_type: str
    reader: str


async def receive_upload(http_request: Request, tasks: TaskStore) -> Upload:
    """Write the body of a request to disk.

    Raises:
        ApiError: There is no body, or its media type is not supported.
    """
    content_type_header = http_request.headers.get("content-type", "")
    media_type = content_type_header.partition(";")[0].strip().lower()
    if media_type not in {*_MEDIA_TYPES, _MULTIPART}:
        raise ApiError(415, "HTTP 415 Unsupported Media Type")
    path = tasks.new_upload_path()
    try:
        if media_type == _MULTIPART:
            return await _receive_multipart(http_request, path)
        await _receive_raw_body(http_request, path)
        content_type = _MEDIA_TYPES[media_type]
        reader = await run_in_threadpool(_detect_reader, path, content_type)
        return Upload(path, RAW_BODY_NAME, content_type, reader)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


async def _receive_multipart(http_request: Request, path: Path) -> Upload:
    async with http_request.form(max_files=4, max_fields=20) as form:
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


async def _receive_raw_body(http_request: Request, path: Path) -> None:
    with open_private(path) as target:
        parts: list[bytes] = []
        size = 0
        async for part in http_request.stream():
            parts.append(part)
            size += len(part)
            if size >= _FLUSH_BYTES:
                await run_in_threadpool(target.write, b"".join(parts))
                parts, size = [], 0
        target.write(b"".join(parts))


def _detect_reader(path: Path, content_type: str) -> str:
    """Return the format that reads a raw body, and refuse malformed JSON.

    The batch paths of entities accept an array, or an object with ``items``.
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
            return reader  # neither array nor object: the task will fail and say so
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
        raise ApiError(
            400, "The file is not a zip archive, though its name says so"
        ) from exc
    if not names:
        raise ApiError(400, "The zip archive contains no file")
    return _content_type_of_name(names[0])


def _content_type_of_name(name: str) -> str:
    return name.rpartition(".")[2].upper()[:75]
