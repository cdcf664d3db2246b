"""Spells stored entries as lines of JSON, without decoding what stays as it is.

Values are stored as the JSON that an item shows. So a page of entries is decoded into
structures that keep each value as the bytes it was, filled with what the row says, and
encoded in the order of an item's fields: two calls of a library for a thousand entries.
Only values that are shown in another form than they are stored in, such as days and
choices of a picklist, are converted, and each distinct one only once.

What is computed for each entry (formulas, totals, translations, secrets, attachments,
linked entries) is left to :class:`.item_builder.ItemBuilder`. A property test proves
that both say the same, byte by byte.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import repeat
from operator import attrgetter
from typing import Any, Final, NamedTuple

import orjson
from msgspec import UNSET, DecodeError, Raw, UnsetType, defstruct
from msgspec.json import Decoder, Encoder

from ...model.item_pages import JsonLines
from ..names import RESERVED_FIELD_NAMES

Ids = Callable[[Collection[str]], Mapping[str, int]]
"""Looks up the ids of entries by their external reference codes."""

Row = tuple[Any, ...]
"""A row of the table of entries; its values are those of :class:`.EntryRow`."""

_BODY: Final = 3
"""The place of the stored values in a row."""

_SPELLED_LIMIT: Final = 20_000
"""Of how many distinct values of a field the spelling is kept."""


class SystemField(NamedTuple):
    """A field that a row says: the place in the row, and how that is shown."""

    column: int
    show: Callable[[Any], Any] | None = None


class LinkFields(NamedTuple):
    """The fields that show the parent of an entry.

    Attributes:
        stored: The property of the stored entry that holds the parent's code.
        codes: The requested fields that show the code.
        id_name: The field that shows the parent's id; empty if it is not requested.
    """

    stored: str
    codes: tuple[str, ...]
    id_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemLayout:
    """What the lines hold.

    Attributes:
        blank: The value of each field where nothing else is known, in their order.
        stored: The fields whose values are stored.
        converters: How a stored value is shown, by field; others as they are stored.
        texts: Fields of the converted ones whose stored values are texts.
        booleans: Stored fields that are false without a value.
        system: The fields that the row says.
        links: The fields that show parents.
    """

    blank: Mapping[str, Any]
    stored: Collection[str]
    converters: Mapping[str, Callable[[Any], Any]]
    texts: Collection[str]
    booleans: Collection[str]
    system: Mapping[str, SystemField]
    links: tuple[LinkFields, ...] = ()


class ItemEncoder:
    """Spells the entries of one definition with the requested fields.

    Args:
        layout: What the lines hold.

    Raises:
        ValueError: The name of a field cannot be a key of such lines.
    """

    def __init__(self, layout: ItemLayout) -> None:
        self._layout = layout
        codes = {link.stored for link in layout.links}
        names = dict.fromkeys((*layout.blank, *sorted(codes)))
        attributes = {name: f"f{place}" for place, name in enumerate(names)}
        self._attributes = attributes
        stored_item = defstruct(
            "StoredItem",
            [
                (attribute, *_stored_type(layout, name, is_code=name in codes))
                for name, attribute in attributes.items()
            ],
            rename={attribute: name for name, attribute in attributes.items()},
            gc=False,
        )
        self._decoder = Decoder(list[stored_item])  # type: ignore[valid-type]
        self._encoder = Encoder()
        self._system = [
            (attributes[name], place, None if show is None else _Spelling(show))
            for name, (place, show) in layout.system.items()
        ]
        self._converted = [
            (attributes[name], name in layout.texts, _Spelling(convert))
            for name, convert in layout.converters.items()
            if name not in layout.booleans
        ]
        shown = {name for link in layout.links for name in (*link.codes, link.id_name)}
        others = layout.blank.keys() - layout.system.keys() - shown - {*layout.stored}
        self._fixed = [
            (attributes[name], _spell(layout.blank[name]))
            for name in others
            if name.lower() not in RESERVED_FIELD_NAMES
        ]

    def lines(self, rows: Sequence[Row], ids: Mapping[str, Ids]) -> JsonLines | None:
        """Return the lines of *rows*; None if a stored entry is not as expected.

        Args:
            rows: Rows of the table of entries, as :class:`.EntryRow` names them.
            ids: Looks up parents, by the names of the fields that show their ids.
        """
        columns = list(zip(*rows, strict=True))
        try:
            items = self._decoder.decode(b"[%b]" % b",".join(columns[_BODY]))
        except DecodeError:
            return None
        for attribute, place, show in self._system:
            values = columns[place]
            shown = values if show is None else map(show.__getitem__, values)
            _put(items, attribute, shown)
        for attribute, value in self._fixed:
            _put(items, attribute, repeat(value))
        for attribute, is_text, spelling in self._converted:
            stored = map(attrgetter(attribute), items)
            keys = stored if is_text else map(bytes, stored)
            _put(items, attribute, list(map(spelling.__getitem__, keys)))
        for link in self._layout.links:
            self._put_link(items, link, ids)
        return JsonLines(self._encoder.encode_lines(items), len(items))

    def _put_link(
        self, items: list[Any], link: LinkFields, ids: Mapping[str, Ids]
    ) -> None:
        stored = self._attributes[link.stored]
        codes = [code or "" for code in map(attrgetter(stored), items)]
        if link.stored not in link.codes:
            _put(items, stored, repeat(UNSET))  # then it is not written
        for name in link.codes:
            _put(items, self._attributes[name], codes)
        if link.id_name:
            find = ids.get(link.id_name)
            known = find(set(codes) - {""}) if find else {}
            parents = [known.get(code, 0) for code in codes]
            _put(items, self._attributes[link.id_name], parents)


class _Spelling(dict[Any, Raw]):
    """The JSON of values, spelled when they are first asked for.

    A value is a key as it is, or as the JSON that it is stored as.
    """

    def __init__(self, show: Callable[[Any], Any]) -> None:
        super().__init__()
        self._show = show

    def __missing__(self, value: Any) -> Raw:
        if len(self) >= _SPELLED_LIMIT:
            self.clear()
        stored = orjson.loads(value) if isinstance(value, bytes) else value
        spelled = self[value] = _spell(self._show(stored))
        return spelled


def _stored_type(layout: ItemLayout, name: str, *, is_code: bool) -> tuple[Any, Any]:
    """Return the type that a field is decoded into, and what it is without a value."""
    if is_code:
        return str | UnsetType, UNSET
    if name in layout.booleans:
        return bool, False
    if name in layout.texts:
        return str | None, None
    is_stored = name in layout.stored
    return Raw if is_stored else Any, _spell(layout.blank[name])


def _put(items: list[Any], attribute: str, values: Iterable[Any]) -> None:
    """Set an attribute of each item; no step of it is interpreted."""
    deque(map(setattr, items, repeat(attribute), values), maxlen=0)


def _spell(value: Any) -> Raw:
    return Raw(orjson.dumps(value, default=_spell_decimal))


def _spell_decimal(value: object) -> orjson.Fragment:
    if isinstance(value, Decimal) and value.is_finite():
        return orjson.Fragment(str(value))
    raise TypeError(type(value).__name__)
