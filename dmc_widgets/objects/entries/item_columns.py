"""Reads stored entries as columns: the values of their items, field by field.

A table is written by column, so no item need be built for it. Rows are decoded by one
call of a library for a page, and what an item shows in another form than it is stored
in (a day, a choice of a picklist) is converted once for each distinct value; equal
choices of a page are one object. What is computed for each entry is left to
:class:`.item_builder.ItemBuilder`, as it is for :mod:`.item_encoder`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter
from typing import Any, Final

from msgspec import UNSET, DecodeError, UnsetType, defstruct
from msgspec.json import Decoder

from ...model.item_pages import ItemColumns
from .item_encoder import Ids, ItemLayout, LinkFields, Row

_BODY: Final = 3
_CONVERTED_LIMIT: Final = 20_000
"""Of how many distinct values of a field the converted ones are kept."""


class ItemColumnReader:
    """Reads the entries of one definition with the requested fields.

    Args:
        layout: What the items hold.

    Raises:
        ValueError: msgspec has no such name.
    """

    def __init__(self, layout: ItemLayout) -> None:
        self._layout = layout
        links = [link.stored for link in layout.links]
        wanted = [name for name in layout.blank if name in layout.stored]
        names = dict.fromkeys((*wanted, *links))
        attributes = {name: f"f{place}" for place, name in enumerate(names)}
        members = [
            (attribute, *_stored_type(layout, name, is_code=name in links))
            for name, attribute in attributes.items()
        ]
        stored_entry = defstruct(
            "StoredEntry",
            members,
            rename={attribute: name for name, attribute in attributes.items()},
            gc=False,
        )
        self._decoder = Decoder(list[stored_entry])  # type: ignore[valid-type]
        self._stored = [(name, attrgetter(attributes[name])) for name in wanted]
        self._codes = {name: attrgetter(attributes[name]) for name in links}
        self._converted = {
            name: _Converted(convert)
            for name, convert in layout.converters.items()
            if name in layout.texts
        }

    def columns(
        self, rows: Sequence[Row], ids: Mapping[str, Ids]
    ) -> ItemColumns | None:
        """Return the values of *rows*; None if a stored entry is not as expected.

        Args:
            rows: Rows of the table of entries, as :class:`.EntryRow` names them.
            ids: Looks up parents, by the names of the fields that show their ids.
        """
        parts = list(zip(*rows, strict=True))
        try:
            entries = self._decoder.decode(b"[%b]" % b",".join(parts[_BODY]))
        except DecodeError:
            return None
        layout, number = self._layout, len(rows)
        columns: dict[str, Sequence[Any]] = {
            name: [value] * number for name, value in layout.blank.items()
        }
        for name, (place, show) in layout.system.items():
            columns[name] = (
                parts[place] if show is None else list(map(show, parts[place]))
            )
        for name, get in self._stored:
            columns[name] = self._show(name, list(map(get, entries)))
        for link in layout.links:
            self._add_link(columns, link, entries, ids)
        return ItemColumns(columns, number)

    def _show(self, name: str, stored: list[Any]) -> list[Any]:
        """Return the values of a column as items show them."""
        known = self._converted.get(name)
        if known is not None:
            return list(map(known.__getitem__, stored))
        if UNSET in stored:
            blank = self._layout.blank[name]
            stored = [blank if value is UNSET else value for value in stored]
        convert = self._layout.converters.get(name)
        is_boolean = name in self._layout.booleans
        return list(map(convert, stored)) if convert and not is_boolean else stored

    def _add_link(
        self,
        columns: dict[str, Sequence[Any]],
        link: LinkFields,
        entries: Sequence[Any],
        ids: Mapping[str, Ids],
    ) -> None:
        codes = [code or "" for code in map(self._codes[link.stored], entries)]
        for name in link.codes:
            columns[name] = codes
        if link.id_name:
            find = ids.get(link.id_name)
            known = find(set(codes) - {""}) if find else {}
            columns[link.id_name] = [known.get(code, 0) for code in codes]


class _Converted(dict[Any, Any]):
    """What items show for stored texts."""

    def __init__(self, convert: Callable[[Any], Any]) -> None:
        super().__init__()
        self._convert = convert

    def __missing__(self, value: Any) -> Any:
        if len(self) >= _CONVERTED_LIMIT:
            self.clear()
        shown = self[value] = self._convert(value)
        return shown


def _stored_type(layout: ItemLayout, name: str, *, is_code: bool) -> tuple[Any, Any]:
    """Return the type that a field is decoded into, and what it is without a value."""
    if is_code:
        return str | UnsetType, UNSET
    if name in layout.booleans:
        return bool, False
    if name in layout.texts:
        return str | None, None
    return Any, UNSET
