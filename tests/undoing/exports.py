"""What an installation holds, as the bytes of its export files."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import orjson

from dmc_widgets.center import Center
from dmc_widgets.ports import Item
from tests.undoing.shop import ERC, FAX

SERVER_SET: Final = frozenset({"creator", "dateCreated", "dateModified", "id"})
"""What a server sets by itself, so that no undo restores it there."""

_LOCAL: Final = frozenset({"actions", "fileURL", "id", "link", "thumbnailURL"})
_LINKS: Final = frozenset({"tags", "products", "orders", "lines"})

Place = tuple[str, str]
"""The name of an entity type, and the code of an item."""


class State(NamedTuple):
    """An installation at one moment.

    Attributes:
        files: The bytes of the export of each entity type.
        items: What the exports say of each item, without its many-to-many links and
            the field that its definition loses.
        links: The many-to-many links: a relationship, and the codes at its ends.
    """

    files: dict[str, bytes]
    items: dict[Place, bytes]
    links: set[tuple[str, str, str]]


def export_all(center: Center, folder: Path, left_out: Collection[str] = ()) -> State:
    """Export every entity type of the target by a task of its own.

    Entries are exported from the database of a server, which is quicker.

    Args:
        center: The center with the installations *target* and *seen*.
        folder: A folder for the files.
        left_out: Fields of entries that are not exported, of a server.
    """
    state = State({}, {}, set())
    for entity_type in center.installations.entity_types("seen"):
        if entity_type.part_of:
            continue
        fields = [x.name for x in entity_type.export_fields if not x.on_request]
        is_entry = entity_type.name.startswith("C_")
        chosen = [x for x in fields if x not in left_out] if is_entry else None
        path = folder / "export.json"
        name = "seen" if is_entry else "target"
        task = center.export_file(name, entity_type, path, fields=chosen)
        assert not task.error, task.error
        data = path.read_bytes()
        if left_out:
            items = sorted(json.loads(data), key=lambda x: str(x[ERC]))
            data = orjson.dumps(_without_ids(items), option=orjson.OPT_SORT_KEYS)
        state.files[entity_type.name] = data
        _add_items(state, entity_type.name, json.loads(data))
    return state


def _add_items(state: State, name: str, items: list[Item]) -> None:
    for item in items:
        code = str(item[ERC])
        item.pop(FAX, None)  # it comes and goes with the definition
        for relationship in _LINKS & item.keys() if name.startswith("C_") else ():
            for other in item.pop(relationship) or ():
                ends = sorted((code, str(other[ERC])))
                state.links.add((relationship, ends[0], ends[1]))
        text = orjson.dumps(_without_names(item), option=orjson.OPT_SORT_KEYS)
        state.items[name, code] = text


def _without_ids(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_ids(x) for x in value]
    if isinstance(value, dict):
        return {k: _without_ids(x) for k, x in value.items() if not _is_id(k)}
    return value


def _is_id(name: str) -> bool:
    return name in _LOCAL or (name.startswith("r_") and name.endswith("Id"))


def _is_foreign(part: Any) -> bool:
    return isinstance(part, dict) and (
        bool(part.get("reverse")) or part.get("businessType") == "Relationship"
    )


def _without_names(value: Any) -> Any:
    """Return an item without what stands elsewhere, and without empty fields.

    Names of keys stand in picklists, and relationships in the other definition.
    """
    if isinstance(value, list):
        return [_without_names(x) for x in value if not _is_foreign(x)]
    if isinstance(value, dict):
        if value.keys() == {"key", "name"}:
            return value["key"]
        return {k: _without_names(x) for k, x in value.items() if x is not None}
    return value


def find_differences(expected: State, found: State) -> Iterator[str]:
    """Yield the entity types whose export files are not the same."""
    for name in sorted(expected.files.keys() | found.files.keys()):
        sides = [x.files.get(name, b"none") for x in (expected, found)]
        if sides[0] != sides[1]:
            at = next(
                (n for n, (x, y) in enumerate(zip(*sides, strict=False)) if x != y),
                min(map(len, sides)),
            )
            part = slice(max(at - 150, 0), at + 150)
            texts = (side[part].decode(errors="replace") for side in sides)
            yield f"{name} is not as it was: {' INSTEAD OF '.join(reversed([*texts]))}"
