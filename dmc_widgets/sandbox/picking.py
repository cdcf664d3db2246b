"""``fields`` and ``restrictFields``: which properties of an answer are wanted.

Both name properties at any depth: ``creator.name``. What stands in a list is picked
from each of its elements.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .calls import Call


def picked(call: Call, shown: dict[str, Any]) -> dict[str, Any]:
    """Leave the properties that a request asks for."""
    wanted, unwanted = call.names("fields"), call.names("restrictFields")
    if wanted:
        shown = _kept(shown, _parted(wanted))
    if unwanted:
        shown = _left(shown, _parted(unwanted))
    return shown


Paths = dict[str, set[str]]
"""By the first name of a path what may follow it; empty for nothing."""


def _parted(paths: Iterable[str]) -> Paths:
    found: Paths = {}
    for path in paths:
        first, _, rest = path.partition(".")
        found.setdefault(first, set()).add(rest)
    return found


def _kept(value: Any, paths: Paths) -> Any:
    if isinstance(value, list):
        return [_kept(each, paths) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        name: each if "" in paths[name] else _kept(each, _parted(paths[name]))
        for name, each in value.items()
        if name in paths
    }


def _left(value: Any, paths: Paths) -> Any:
    if isinstance(value, list):
        return [_left(each, paths) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        name: _left(each, _parted(paths[name])) if name in paths else each
        for name, each in value.items()
        if "" not in paths.get(name, ())
    }
