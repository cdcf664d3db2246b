"""``/o/headless-batch-engine/v1.0``, and the batch paths of other APIs.

Paths and bodies are those of the batch-engine facts, 1. The engine's own paths answer
200, as its resources return values and no responses; the batch paths of entities
answer 202. An unknown class, a strategy that does not exist and a mapping that is
none are 400 here, where Liferay answers 500.
"""

from __future__ import annotations

import csv
import io
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.responses import (
    FileResponse,
    PlainTextResponse,
    Response,
    StreamingResponse,
)

from ..model.entity import (
    DEFAULT_DELEGATE,
    LIST_TYPE_DEFINITION,
    OBJECT_DEFINITION,
    OBJECT_ENTRY,
    OBJECT_FOLDER,
)
from ..model.strategies import ImportStrategy, UpdateStrategy
from .answers import Fault, json_response
from .batch_intake import take_in
from .batch_mapping import read_pairs
from .batch_tasks import (
    COMPLETED,
    CONTINUE,
    EXPORT,
    FAILED,
    IMPORT,
    STOP,
    BatchTask,
    DuplicateTask,
    FailedItem,
    Order,
    Tasks,
    shown_task,
)
from .calls import Call

OPERATIONS: Final[Mapping[str, str]] = {
    "DELETE": "DELETE",
    "POST": "CREATE",
    "PUT": "UPDATE",
}

_CLASSES: Final = frozenset(
    {LIST_TYPE_DEFINITION, OBJECT_DEFINITION, OBJECT_ENTRY, OBJECT_FOLDER}
)
_LONGEST_ERC: Final = 75
_ASIDE: Final = {
    IMPORT: frozenset({"callbackURL", "fieldNameMapping", "taskItemDelegateName"}),
    EXPORT: frozenset({"callbackURL", "fieldNames", "taskItemDelegateName"}),
}


@dataclass(frozen=True, slots=True)
class Batched:
    """The items that a batch path is for.

    Attributes:
        class_name: Of the items.
        delegate: Of the items, such as ``C_Ticket``.
    """

    class_name: str
    delegate: str = DEFAULT_DELEGATE


WhichItems = Callable[[Call], Batched]


def of_path(call: Call) -> Batched:
    """Read what the engine's own paths name.

    Raises:
        Fault: There is no such class.
    """
    name = call.text("className")
    if name not in _CLASSES:
        raise Fault(400, f"Unknown class name: {name}")
    return Batched(name, call.query("taskItemDelegateName") or DEFAULT_DELEGATE)


async def import_task(call: Call, which: WhichItems, status: int) -> Response:
    """Take a file in, and answer with the task that imports it."""
    batched = await run_in_threadpool(which, call)
    order = _import_order(call, batched)
    tasks = call.rooms.engine.tasks
    intake = await take_in(call.request, tasks)
    order = _with_content(order, intake.content_type, intake.reader)
    take = partial(call.rooms.engine.import_file, order, intake.path, intake.name)
    return await run_in_threadpool(_answer, call, take, status)


def export_task(call: Call, which: WhichItems, status: int) -> Response:
    """Start an export, and answer with its task."""
    batched = which(call)
    content_type = (
        call.text("contentType")
        if "contentType" in call.request.path_params
        else call.query("contentType") or "JSON"
    )
    names = (each.strip() for each in call.query("fieldNames").split(","))
    order = Order(
        direction=EXPORT,
        class_name=batched.class_name,
        erc=_erc(call),
        delegate=batched.delegate,
        content_type=content_type.upper()[:_LONGEST_ERC],
        fields=tuple(filter(None, names)),
        parameters=_parameters(call, EXPORT),
        callback=call.query("callbackURL"),
    )
    return _answer(call, partial(call.rooms.engine.export, order), status)


def get_task(call: Call, direction: str) -> Response:
    """Answer with a task, by its id or its ERC."""
    return json_response(_shown(call.rooms.engine.tasks, _task(call, direction)))


def get_content(call: Call, direction: str) -> Response:
    """Answer with the zip of a task that has ended; 404 without a body before."""
    task = _task(call, direction)
    done = {COMPLETED} if direction == EXPORT else {COMPLETED, FAILED}
    path = call.rooms.engine.tasks.content(task)
    if task.status not in done or not path.is_file():
        return Response(status_code=404)
    name = f"{uuid.uuid4()}.zip"
    headers = {"Content-Disposition": f"attachment; filename={name}"}
    return FileResponse(path, headers=headers, media_type="application/octet-stream")


def get_report(call: Call) -> Response:
    """Answer with the failed items of a task as CSV."""
    task = _task(call, IMPORT)
    failed = call.rooms.engine.tasks.failed_items(task.id)
    headers = {"Content-Disposition": f"attachment; filename={uuid.uuid4()}.csv"}
    media_type = "application/octet-stream"
    return StreamingResponse(_report(failed), headers=headers, media_type=media_type)


def _import_order(call: Call, batched: Batched) -> Order:
    method = call.request.method
    _require_one_of(call, "createStrategy", list(ImportStrategy))
    _require_one_of(call, "updateStrategy", list(UpdateStrategy))
    stops = call.query("importStrategy") in {"", STOP}
    mapping = read_pairs(call.query("fieldNameMapping")) if method == "POST" else ()
    return Order(
        direction=IMPORT,
        class_name=batched.class_name,
        erc=_erc(call),
        delegate=batched.delegate,
        operation=OPERATIONS[method],
        strategy=STOP if stops else CONTINUE,
        mapping=mapping,
        parameters=_parameters(call, IMPORT),
        callback=call.query("callbackURL"),
        onlooker="" if call.rights.writes else call.rights.who,
    )


def _with_content(order: Order, content_type: str, reader: str) -> Order:
    return replace(order, content_type=content_type, reader=reader)


def _erc(call: Call) -> str:
    erc = call.query("externalReferenceCode").strip()
    if len(erc) > _LONGEST_ERC or not erc.isprintable():
        title = f"External reference code must be less than {_LONGEST_ERC} characters"
        raise Fault(400, title)
    return erc


def _require_one_of(call: Call, name: str, known: list[str]) -> None:
    stated = call.query(name)
    if stated and stated not in known:
        title = f'Illegal value "{stated}" of {name}. Known: {", ".join(known)}'
        raise Fault(400, title)


def _parameters(call: Call, direction: str) -> dict[str, str]:
    """Gather the first value of every parameter of the query and of the path."""
    found = {name: call.query(name) for name in call.request.query_params}
    found |= {name: call.text(name) for name in call.request.path_params}
    return {name: found[name] for name in found if name not in _ASIDE[direction]}


def _answer(call: Call, start: Callable[[], BatchTask], status: int) -> Response:
    try:
        task = start()
    except DuplicateTask as exc:
        return PlainTextResponse(str(exc), 400)  # the bare message, no Problem
    return json_response(_shown(call.rooms.engine.tasks, task), status)


def _task(call: Call, direction: str) -> BatchTask:
    tasks = call.rooms.engine.tasks
    if "erc" in call.request.path_params:
        return tasks.by_erc(direction, call.text("erc"))
    return tasks.by_id(direction, call.number("id"))


def _shown(tasks: Tasks, task: BatchTask) -> dict[str, object]:
    failed = tasks.failed_items(task.id) if task.order.direction == IMPORT else []
    return shown_task(task, failed)


def _report(failed: list[FailedItem]) -> Iterator[bytes]:
    yield b"item,itemIndex,message\r\n"
    for each in failed:
        text = io.StringIO(newline="")
        csv.writer(text, lineterminator="\r\n").writerow(
            (each.item, each.index, each.message)
        )
        # A line that begins with nothing could be a blank line.
        line = text.getvalue() if each.item else f'""{text.getvalue()}'
        yield line.encode("utf-8", "backslashreplace")
