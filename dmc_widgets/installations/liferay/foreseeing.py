"""Whether a server will take what is to be written, asked before anything is.

Lists and items of Liferay's APIs bear *actions*, links to what whoever asks may do
with them. A server that states none is not judged by that.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ...errors import Refused
from ...model.entity import EntityType
from ...model.strategies import ImportStrategy, Policy
from .client import Client
from .permissions import refused_adding, refused_changing

_CHANGING: Final = frozenset({"replace", "update"})


def require_right(
    client: Client, path: str, entity_type: EntityType, policy: Policy
) -> None:
    """Refuse an import of which every item would be refused.

    Args:
        client: Of the server.
        path: Of the list of items.
        entity_type: Of the items.
        policy: Of the import.

    Raises:
        Refused: Whoever asks may not read the list, or not do what the import does.
    """
    answer = client.ask("GET", path, params={"page": 1, "pageSize": 1})
    if answer.status == 403:
        raise client.fault(answer)
    page = answer.json() if answer.is_good else None
    if not isinstance(page, dict):
        return  # what is wrong with it, the import tells
    items = page.get("items")
    first = items[0] if isinstance(items, list) and items else None
    may_change = first is None or bool(_CHANGING & _actions(first, "update"))
    if policy.on_existing is ImportStrategy.UPDATE:
        if not may_change:
            raise Refused(client.name, refused_changing(client.who, entity_type))
    elif "create" not in _actions(page, "create"):
        updates = policy.on_existing is ImportStrategy.UPSERT and first is not None
        if not (updates and may_change):
            raise Refused(client.name, refused_adding(client.who, entity_type))


def _actions(shown: Any, otherwise: str) -> frozenset[str]:
    """Return the names of *actions*; *otherwise* where a server does not state them."""
    stated = shown.get("actions") if isinstance(shown, Mapping) else None
    if not isinstance(stated, Mapping) or "get" not in stated:
        return frozenset({otherwise})
    return frozenset(stated)
