"""Delete items of a server by single requests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ...model.entity_type import EntityType
from ...model.outcome import Problem
from .http.client import Client
from .items import CODE_AND_ID, ItemFetcher
from .problems import parse_answer_problem

_NOT_FOUND: Final = 404


def remove_items(
    client: Client,
    fetcher: ItemFetcher,
    entity_type: EntityType,
    keys: Sequence[str],
    scope: str,
) -> list[Problem | None]:
    """Delete items in their order; see :class:`~dmc_widgets.ports.ItemRemover`.

    They are deleted by id, because many servers refuse a code that holds a slash.
    """
    stored = fetcher.fetch(entity_type, keys, scope, CODE_AND_ID)
    path = fetcher.list_path(entity_type)
    problems: list[Problem | None] = []
    for key in keys:
        if key not in stored:
            problems.append(None)
            continue
        response = client.send("DELETE", f"{path}/{stored[key]['id']}")
        if response.is_login_required:
            raise client.error_for(response)
        is_gone = response.is_success or response.status == _NOT_FOUND
        problem = None if is_gone else parse_answer_problem(response, stored[key])
        problems.append(problem)
    return problems
