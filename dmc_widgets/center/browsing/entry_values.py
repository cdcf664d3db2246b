"""Which fields of an entry people look at first, and its values as short texts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from ...model.entity_type import EntityType, Field
from ...model.record import LargeText
from ...objects.fields.attachment import CONTENT
from ...objects.names import ERC
from ...ports import Item

_LONG_TYPES: Final = frozenset({"LongText", "RichText"})
_MODIFIED: Final = "dateModified"
_LINK_START: Final = "r_"
_CODE_END: Final = "ERC"


_TIME: Final = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.0+)?Z")


def choose_columns(
    entity_type: EntityType, title: str = "", limit: int = 0
) -> tuple[Field, ...]:
    """Return the fields of a list of entries, the most telling ones first.

    The title comes first, then required fields, then others; long texts come after
    short ones. The date of the last change and the external reference code end the
    list. Of the fields of a relationship the code of the parent is enough.

    Args:
        entity_type: The entity type of the entries.
        title: The name of the field that names an entry, or empty.
        limit: The number of fields at most; 0 for all.
    """
    doubled = {f"{x.any_of_group}{_CODE_END}" for x in entity_type.fields if x.parent}
    own = [
        field
        for field in entity_type.export_fields
        if _is_column(field) and field.name not in doubled
    ]
    own.sort(
        key=lambda field: (
            field.name != title,
            bool(field.linked),
            field.type in _LONG_TYPES,
            not (field.required or field.parent),
            bool(field.parent),
        )
    )
    last = [x for x in entity_type.export_fields if x.name in {ERC, _MODIFIED}]
    last.sort(key=lambda field: field.name == ERC)
    if not own:
        own = [x for x in entity_type.export_fields if x not in last]
    chosen = own[: max(1, limit - len(last))] if limit else own
    return (*chosen, *last)


def choose_details(entity_type: EntityType, title: str = "") -> tuple[Field, ...]:
    """Return the fields of one entry, the most telling ones first, each value once."""
    columns = choose_columns(entity_type, title)
    names = {field.name for field in columns}
    further = (
        field
        for field in entity_type.export_fields
        if field.name not in names and not field.custom and not field.parent
    )
    return (*columns, *further)


def _is_column(field: Field) -> bool:
    if field.linked or not field.custom:
        return bool(field.linked)
    if field.parent:
        return field.name.startswith(_LINK_START) and field.name.endswith(_CODE_END)
    return not field.on_request


def format_entry_value(value: Any) -> str:
    """Return a value as people read it: the name of a choice or of a file, Yes or No.

    >>> format_entry_value({"key": "road", "name": "Road"})
    'Road'
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, Mapping):
        named = (value.get(name) for name in ("name", "label", "key", ERC))
        text = next((name for name in named if isinstance(name, str) and name), "")
        return text or ", ".join(f"{x}: {y}" for x, y in value.items() if x != CONTENT)
    if isinstance(value, list):
        return ", ".join(map(format_entry_value, value))
    if isinstance(value, str) and (time := _TIME.fullmatch(value)):
        day, clock = time.groups()
        return day if clock == "00:00:00" else f"{day} {clock[:5]}"
    return str(value)


def without_contents(item: Item) -> Item:
    """Return an item without the contents of its attachments and long texts."""
    return {name: _without_content(value) for name, value in item.items()}


def _without_content(value: Any) -> Any:
    if isinstance(value, LargeText):
        return str(value)
    if isinstance(value, dict) and CONTENT in value:
        return {name: part for name, part in value.items() if name != CONTENT}
    return value
