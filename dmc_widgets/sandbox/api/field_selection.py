"""``fields`` and ``restrictFields``: which properties of an answer are wanted.

Both name properties at any depth: ``creator.name``. What stands in a list is picked
from each of its elements.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..requests import ApiRequest


def select_fields(call: ApiRequest, shown: dict[str, Any]) -> dict[str, Any]:
    """Leave the properties that a request asks for."""
    wanted, unwanted = call.names("fields"), call.names("restrictFields")
    if wanted:
        shown = _keep_paths(shown, _split_paths(wanted))
    if unwanted:
        shown = _remove_paths(shown, _split_paths(unwanted))
    return shown


PropertyPaths = dict[str, set[str]]
"""By the first name of a path what may follow it; empty for nothing."""


def _split_paths(paths: Iterable[str]) -> PropertyPaths:
    found: PropertyPaths = {}
    for path in paths:
        first, _, rest = path.partition(".")
        found.setdefault(first, set()).add(rest)
    return found


def _keep_paths(value: Any, paths: PropertyPaths) -> Any:
    if isinstance(value, list):
        return [_keep_paths(each, paths) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        name: each
        if "" in paths[name]
        else _keep_paths(each, _split_paths(paths[name]))
        for name, each in value.items()
        if name in paths
    }


def _remove_paths(value: Any, paths: PropertyPaths) -> Any:
    if isinstance(value, list):
        return [_remove_paths(each, paths) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        name: _remove_paths(each, _split_paths(paths[name])) if name in paths else each
        for name, each in value.items()
        if "" not in paths.get(name, ())
    }
