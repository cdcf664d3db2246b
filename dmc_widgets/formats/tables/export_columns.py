"""The columns of an exported table, the same in every format that is a table."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple

from ...errors import NotSupported
from ...model.entity_type import OBJECT_ENTRY, Field
from ...ports import ExportHeader, FormatInfo, Item
from .translations import is_translated

NESTED_FORMATS = "JSON, JSONL or JSONT"
"""The formats that hold what no table can."""

_CODE = "externalReferenceCode"
_SHARED = 4
"""How often each value has to occur for :func:`map_shared` to convert it once."""

_NEEDS_QUOTES = re.compile(r'[,"\[\r\n]')
_NUMBERED = re.compile(r"(.+)_(\d+)")


class Column(NamedTuple):
    """One column.

    Attributes:
        name: The name of the field, or ``field.part``.
        field: The field whose values are in the column.
        value: A function that returns the value of the column of an item, or None.
    """

    name: str
    field: Field
    value: Callable[[Item], Any]


class _NumberedPart(NamedTuple):
    """The column ``name.part_number``, one of *room* such, in a file of *format*."""

    name: str
    part: str
    number: int
    room: int
    is_first: bool
    format: str


def build_columns(fields: Iterable[Field], *, format: str) -> Iterator[Column]:
    """Yield columns sorted without regard to case, parts in their own order.

    Args:
        fields: The fields to write.
        format: The name of the format, for messages. ``Column.value`` raises
            :class:`~dmc_widgets.errors.NotSupported` for more values than columns.
    """
    for field in sorted(fields, key=lambda field: (field.name.lower(), field.name)):
        if is_translated(field) and field.languages:
            yield from _translation_columns(field, format)
            continue
        if not field.parts:
            take = _join_texts if field.type == "array" else _get_value
            yield Column(field.name, field, partial(take, field.name))
        matches = [_NUMBERED.fullmatch(part) for part in field.parts]
        room = max((int(match[2]) for match in matches if match), default=0)
        for place, (part, match) in enumerate(zip(field.parts, matches, strict=True)):
            value = partial(_get_part, field.name, part, is_first=place == 0)
            if match:
                is_first = match[1] == (matches[0] or match)[1]
                number = int(match[2])
                key = _NumberedPart(
                    field.name, match[1], number, room, is_first, format
                )
                value = partial(_get_numbered_part, key)
            yield Column(f"{field.name}.{part}", field, value)


def is_plain(column: Column) -> bool:
    """Return True if the column holds the values of a field as they are."""
    field = column.field
    return not (field.parts or field.type == "array" or column.name != field.name)


def list_values(column: Column, values: Sequence[Any]) -> Sequence[Any]:
    """Return the values of a column of a table, from those of its field.

    What is taken from a value that occurs often is taken only once.
    """
    if is_plain(column):
        return values
    name, take = column.field.name, column.value
    return map_shared(values, lambda value: take({name: value}))


def map_shared(values: Sequence[Any], convert: Callable[[Any], Any]) -> list[Any]:
    """Convert each value; one that occurs often, as the same object, only once."""
    shared = {id(value): value for value in values}
    if len(shared) * _SHARED > len(values):
        return list(map(convert, values))
    converted = {key: convert(value) for key, value in shared.items()}
    return list(map(converted.__getitem__, map(id, values)))


def _translation_columns(field: Field, format: str) -> Iterator[Column]:
    """Yield a column a language: ``title_i18n_de_DE``."""
    for place, language in enumerate(field.languages):
        value = partial(
            _get_translation, field, language, is_first=place == 0, format=format
        )
        yield Column(f"{field.name}_{language}", field, value)


def _get_translation(
    field: Field, language: str, item: Item, *, is_first: bool, format: str
) -> Any:
    """Return the value of one language; picklist entries by their keys."""
    values = item.get(field.name)
    if not isinstance(values, dict):
        return None
    if is_first and not values.keys() <= set(field.languages):
        more = ", ".join(sorted(values.keys() - set(field.languages)))
        what = f"{format} has no columns for the languages {more} of {field.name!r}."
        raise NotSupported(what, f"Export again, or choose {NESTED_FORMATS}.")
    return _picklist_keys(values.get(language))


def _picklist_keys(value: Any) -> Any:
    if isinstance(value, dict) and "key" in value:
        return value["key"]
    if isinstance(value, list):
        return ", ".join(str(_picklist_keys(element)) for element in value) or None
    return value


def require_entries(header: ExportHeader, info: FormatInfo) -> None:
    """Refuse items and fields that do not fit into a table.

    Raises:
        NotSupported: The items are not entries, or the format cannot hold a field.
    """
    kind = header.entity_type
    if kind.class_name != OBJECT_ENTRY:
        what = f"{info.name} holds entries of objects, not items of {kind.name}."
        raise NotSupported(what, f"Choose {NESTED_FORMATS}.")
    for field in header.fields:
        if not info.can_hold(field):
            what = f"{info.name} cannot hold the field {field.name!r}."
            raise NotSupported(what, f"Leave it out, or choose {NESTED_FORMATS}.")


def _get_value(name: str, item: Item) -> Any:
    return item.get(name)


def _join_texts(name: str, item: Item) -> Any:
    """Join keywords, or the codes of linked entries; quote those with a comma."""
    values = item.get(name)
    if not isinstance(values, list):
        return values
    codes = [value.get(_CODE) if isinstance(value, dict) else value for value in values]
    if not all(isinstance(code, str) for code in codes):
        return values
    return ",".join(_quote_code(str(code)) for code in codes) or None


def _quote_code(code: str) -> str:
    if code == code.strip() and not _NEEDS_QUOTES.search(code):
        return code
    return '"' + code.replace('"', '""') + '"'


def _get_part(name: str, part: str, item: Item, *, is_first: bool) -> Any:
    """Return one part of an object; a bare value goes into the first part."""
    value = item.get(name)
    if isinstance(value, dict):
        return value.get(part)
    return value if is_first else None


def _get_numbered_part(column: _NumberedPart, item: Item) -> Any:
    """Return one part of one object of a list; None after the end of the list."""
    values = item.get(column.name) or []
    if len(values) > column.room:
        what = (
            f"{column.format} has columns for {column.room} values of "
            f"{column.name!r}, and a record holds {len(values)}."
        )
        raise NotSupported(what, f"Choose {NESTED_FORMATS}.")
    if column.number > len(values):
        return None
    value = values[column.number - 1]
    if isinstance(value, dict):
        return value.get(column.part)
    return value if column.is_first else None
