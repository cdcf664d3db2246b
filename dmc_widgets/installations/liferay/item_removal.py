"""Delete items of a server: many by a task, and singly what it has left."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import orjson

from ...model.entity_type import DEFAULT_DELEGATE, OBJECT_ENTRY, EntityType
from ...model.outcome import Problem
from ...ports import Item
from .batch_task import BATCH_ENGINE_API, is_task, make_poll_schedule, wait_for_task
from .http.client import Client
from .items import CODE_AND_ID, ItemFetcher
from .parts.part_reader import part_paths
from .problems import parse_answer_problem

_NOT_FOUND: Final = 404
_FEW: Final = 10
"""So many entries are deleted by a request each, which costs less than a task."""


def remove_items(
    client: Client,
    fetcher: ItemFetcher,
    entity_type: EntityType,
    keys: Sequence[str],
    scope: str,
) -> list[Problem | None]:
    """Delete items in their order; see :class:`~dmc_widgets.ports.ItemRemover`.

    They are deleted by id, because many servers refuse a code that holds a slash. A
    task for all of them does not say why it leaves some; single requests tell that.
    """
    if entity_type.part_of:
        paths = part_paths(fetcher, entity_type, keys)
        return [_remove(client, paths[x], {}) if x in paths else None for x in keys]
    stored = fetcher.fetch(entity_type, keys, scope, CODE_AND_ID)
    if entity_type.class_name == OBJECT_ENTRY and len(stored) > _FEW:
        ids = [int(stored[key]["id"]) for key in keys if key in stored]
        _remove_by_task(client, entity_type, ids)
        stored = fetcher.fetch(entity_type, keys, scope, CODE_AND_ID)
    path = fetcher.list_path(entity_type)
    return [
        _remove(client, f"{path}/{stored[key]['id']}", stored[key])
        if key in stored
        else None
        for key in keys
    ]


def _remove(client: Client, path: str, item: Item) -> Problem | None:
    response = client.request("DELETE", path)
    if response.is_login_required:
        raise client.error_for(response)
    is_gone = response.is_success or response.status == _NOT_FOUND
    return None if is_gone else parse_answer_problem(response, item)


def _remove_by_task(
    client: Client, entity_type: EntityType, ids: Iterable[int]
) -> None:
    """Let the server delete entries; one that refuses such a task deletes none."""
    params = {"importStrategy": "ON_ERROR_CONTINUE"}
    if entity_type.delegate != DEFAULT_DELEGATE:
        params["taskItemDelegateName"] = entity_type.delegate
    response = client.request(
        "DELETE",
        f"{BATCH_ENGINE_API}/import-task/{entity_type.class_name}",
        params=params,
        content=orjson.dumps([{"id": number} for number in ids]),
        headers={"Content-Type": "application/json"},
    )
    task = response.json() if response.is_success else None
    if task is not None and is_task(task):
        wait_for_task(client, task, "import-task", make_poll_schedule(client))
