"""``fields`` and ``restrictFields``: the properties that a response contains.

Both name properties at any depth, such as ``creator.name``. In a list the selection
applies to each element.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..requests import ApiRequest

PropertyPaths = dict[str, set[str]]
"""The remainders of paths by their first name; an empty remainder ends a path."""


def select_fields(request: ApiRequest, body: dict[str, Any]) -> dict[str, Any]:
    """Return *body* with only the properties that the request asks for."""
    kept = request.query_names("fields")
    removed = request.query_names("restrictFields")
    if kept:
        body = _keep_paths(body, _split_paths(kept))
    if removed:
        body = _remove_paths(body, _split_paths(removed))
    return body


def is_selected(request: ApiRequest, name: str) -> bool:
    """Return True if a response contains a property; it may be costly to build."""
    kept = request.query_names("fields")
    removed = request.query_names("restrictFields")
    return name not in removed and (not kept or name in _split_paths(kept))


def _split_paths(paths: Iterable[str]) -> PropertyPaths:
    remainders: PropertyPaths = {}
    for path in paths:
        first, _, rest = path.partition(".")
        remainders.setdefault(first, set()).add(rest)
    return remainders


def _keep_paths(value: Any, paths: PropertyPaths) -> Any:
    if isinstance(value, list):
        return [_keep_paths(element, paths) for element in value]
    if not isinstance(value, dict):
        return value
    return {
        name: element
        if "" in paths[name]
        else _keep_paths(element, _split_paths(paths[name]))
        for name, element in value.items()
        if name in paths
    }


def _remove_paths(value: Any, paths: PropertyPaths) -> Any:
    if isinstance(value, list):
        return [_remove_paths(element, paths) for element in value]
    if not isinstance(value, dict):
        return value
    return {
        name: _remove_paths(element, _split_paths(paths[name]))
        if name in paths
        else element
        for name, element in value.items()
        if "" not in paths.get(name, ())
    }
