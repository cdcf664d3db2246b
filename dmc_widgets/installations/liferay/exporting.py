"""Reading by an export task: ordered, waited for, downloaded, streamed from a file."""

from __future__ import annotations

import io
import tempfile
import uuid
import zipfile
from collections.abc import Iterator
from typing import Any, Final, cast

from ...errors import Refused, Unreachable
from ...model.entity import DEFAULT_DELEGATE, EntityType
from ...ports import Item, Query
from .client import Client, Doubtful
from .exact_json import decode
from .tasks import BATCH, COMPLETED, checked_task, ended, pace_of

_PIECE_BYTES: Final = 256 * 1024
_TASKS: Final = f"{BATCH}/export-task"


def exported(
    client: Client, entity_type: EntityType, query: Query, sort: str
) -> Iterator[Item] | None:
    """Yield every item as the server's export task wrote it.

    Args:
        client: Of the server.
        entity_type: Of the items.
        query: Fields and scope.
        sort: The order of the items.

    Returns:
        None where the server could not export; nothing has been read then.
    """
    try:
        task = _order(client, entity_type, query, sort)
    except Refused:
        return None
    done = ended(client, task, "export-task", pace_of(client))
    if done is None or done.get("executeStatus") != COMPLETED:
        return None
    return _items(client, done)


def _order(client: Client, entity_type: EntityType, query: Query, sort: str) -> Item:
    """Post the task; its ERC tells afterwards whether it arrived."""
    erc = f"dmc-{uuid.uuid4()}"
    names = query.fields or tuple(field.name for field in entity_type.export_fields)
    params = {"externalReferenceCode": erc, "fieldNames": ",".join(names)}
    if entity_type.delegate != DEFAULT_DELEGATE:
        params["taskItemDelegateName"] = entity_type.delegate
    if query.scope:
        params["scopeKey"] = query.scope
    if sort:
        params["sort"] = sort
    path = f"{_TASKS}/{entity_type.class_name}/JSONL"
    for number in range(1, client.limits.tries + 1):
        try:
            answer = client.ask("POST", path, params=params)
        except Doubtful as doubt:
            client.patience.pause(client.limits.wait_s * number)
            fault: Exception = doubt.fault
        else:
            if answer.is_good:
                return checked_task(client, client.value(answer))
            fault = client.fault(answer)
        found = client.found(f"{_TASKS}/by-external-reference-code/{erc}")
        if found is not None:
            return checked_task(client, found)
        if not isinstance(fault, Unreachable):
            raise fault
    raise fault


def _items(client: Client, task: Item) -> Iterator[Item]:
    with tempfile.TemporaryFile() as file:
        answer = client.download(f"{_TASKS}/{task['id']}/content", file)
        if not answer.is_good:
            raise client.fault(answer)
        file.seek(0)
        try:
            with (
                zipfile.ZipFile(file) as archive,
                archive.open(archive.infolist()[0]) as raw,
                # A zip's own way to find the end of a line is slow.
                io.BufferedReader(cast("io.RawIOBase", raw), _PIECE_BYTES) as lines,
            ):
                for line in lines:
                    if line.strip():
                        yield _item(line)
        except (
            zipfile.BadZipFile,
            ValueError,
            TypeError,
            IndexError,
            EOFError,
        ) as exc:
            reason = "The export that the server made is damaged."
            raise Unreachable(client.name, reason) from exc


def _item(line: bytes) -> dict[str, Any]:
    item = decode(line)
    if type(item) is dict:
        return item
    raise TypeError(type(item).__name__)
