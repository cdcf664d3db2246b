"""Typed entries from the lines of a file: what msgspec decodes of them, and checks.

The items of these lines would be read as the same entries. A line is not taken where
the reader of records may see something else in it: digits that a float has no room for,
deep nesting, a field that was not known before.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from itertools import starmap
from operator import attrgetter
from secrets import token_hex
from typing import Any, Final, get_args, get_origin

from msgspec import UNSET, DecodeError, Struct, UnsetType, convert, json

from ...model.line_items import LineFields
from ..names import ERC
from .typed_structs import ItemMembers, Member, define_struct

_DEPTH_LIMIT: Final = 200
_FLAT: Final = frozenset({str, int, float, bool, type(None), UnsetType})
_EXACT_CHARS: Final = 15
_UNUSUAL: Final = (DecodeError, UnicodeEncodeError, RecursionError, ValueError)


_IN_NO_LINE: Final = token_hex()
"""The beginning of the names of fields that nothing of a file fills. It is random, so
that no file can have them."""


class LineDecoders:
    """The decoder of the file whose lines are read at the moment.

    Args:
        item_type: The struct of items.
        members: Its members.
        with_fractions: The attributes whose numbers have to be looked at.
    """

    def __init__(
        self,
        item_type: Any,
        members: ItemMembers,
        with_fractions: Set[str],
    ) -> None:
        self._item_type = item_type
        self._members = members
        self._with_fractions = with_fractions
        self._key: Any = None
        self._decoder: LineDecoder | None = None

    def find(self, fields: LineFields) -> LineDecoder | None:
        """Return the decoder of lines with some fields.

        None if lines have no code, a field of them fills several others, or has a name
        that no struct can have.
        """
        key = {**fields.targets}, {*fields.others}
        if key != self._key:
            self._key, self._decoder = key, self._create(fields)
        return self._decoder

    def _create(self, fields: LineFields) -> LineDecoder | None:
        sources = {target: source for source, target in fields.targets.items()}
        if ERC not in sources or len(sources) < len(fields.targets):
            return None
        members: list[Member] = []
        for attribute, name, kind in self._members.all:
            source = sources.get(name, f"{_IN_NO_LINE}{attribute}")
            any_kind = Any if attribute in self._with_fractions else kind
            members.append(Member(attribute, source, any_kind))
        known = {source for _, source, _ in members}
        are_named_alike = all(
            sources.get(name) == name
            for _, name, _ in self._members.values  # or has a default or stored value
        )
        others = sorted((fields.others | fields.targets.keys()) - known)
        members += [Member(f"o{n}", name, Any) for n, name in enumerate(others)]
        try:
            line_type = define_struct("Line", members, forbids=True)
        except ValueError:
            return None
        filled = [one for one in members if not one.name.startswith(_IN_NO_LINE)]
        numbers = [
            (attribute, kind | None)
            for attribute, name, kind in self._members.values
            if attribute in self._with_fractions and name in sources
        ]
        is_item = not others and are_named_alike
        return LineDecoder(
            line_type, filled, numbers, None if is_item else self._item_type
        )


class LineDecoder:
    """Decodes the lines of one file.

    Args:
        line_type: The struct of the lines; it has no other fields than they may have.
        members: The members of the struct that they may have.
        with_fractions: Attributes whose values were decoded as any JSON, with the type
            that they are to have.
        item_type: The struct of items, which has the first attributes of *line_type*.
            None if that one is written as items are: it has the same fields, under the
            same names.

    Attributes:
        filled: The attributes that lines may have.
    """

    def __init__(
        self,
        line_type: type[Struct],
        members: Sequence[Member],
        with_fractions: Sequence[tuple[str, Any]],
        item_type: Any,
    ) -> None:
        self._item_type = item_type
        size = len(item_type.__struct_fields__) if item_type else 0
        self._parts = attrgetter(*line_type.__struct_fields__[:size] or ("erc",))
        self._decode = json.Decoder(line_type, float_hook=_read_float).decode
        self.filled = {attribute for attribute, _, _ in members}
        self._getters = {name: attrgetter(member) for member, name, _ in members}
        numbers = {attribute for attribute, _ in with_fractions}
        self._nesting = [
            (attrgetter(attribute), is_free)
            for attribute, _, kind in members
            if attribute not in numbers and (is_free := _may_nest(kind)) is not None
        ]
        self._with_fractions = [
            (attribute, attrgetter(attribute), list[kind])  # type: ignore[valid-type]
            for attribute, kind in with_fractions
        ]

    def decode(self, lines: Sequence[bytes], fields: LineFields) -> list[Any] | None:
        """Return the entries of lines, and note the fields that these have.

        Returns:
            None if a line is out of the ordinary.
        """
        try:
            entries = list(map(self._decode, lines))
            for attribute, get, kind in self._with_fractions:
                _convert_column(entries, attribute, list(map(get, entries)), kind)
        except _UNUSUAL:
            return None
        if self._may_be_deep(entries, lines):
            return None
        for name in self._getters.keys() - fields.seen:
            column = list(map(self._getters[name], entries))
            if column.count(UNSET) < len(column):
                fields.seen.add(name)
        if self._item_type is None:
            return entries
        return list(starmap(self._item_type, map(self._parts, entries)))

    def _may_be_deep(self, entries: Sequence[Any], lines: Sequence[bytes]) -> bool:
        """Return False if no value is nested too deep for the reader of records.

        What a struct has besides its fields is not read, so that the brackets have to
        be counted.
        """
        known, are_flat = len(lines), True  # each line is an object
        for get, is_free in self._nesting:
            types = list(map(type, map(get, entries)))
            number = sum(map(types.count, set(types) - _FLAT))
            known += number
            are_flat = are_flat and not (is_free and number)
        if are_flat or max(map(len, lines)) <= 2 * _DEPTH_LIMIT:
            return False
        joined = b"".join(lines)
        unknown = joined.count(b"{") + joined.count(b"[") - known
        if unknown + len(self._nesting) < _DEPTH_LIMIT:
            return False  # though one line has all that are not known
        return any(line.count(b"{") + line.count(b"[") > _DEPTH_LIMIT for line in lines)


def _convert_column(
    entries: Sequence[Any], attribute: str, column: list[Any], kind: Any
) -> None:
    """Convert the values of one attribute as those of items are.

    Raises:
        ValidationError: A value is of another type.
    """
    if UNSET in column:
        places = [n for n, value in enumerate(column) if value is not UNSET]
        entries = [entries[place] for place in places]
        column = [column[place] for place in places]
    for entry, value in zip(entries, convert(column, kind), strict=True):
        setattr(entry, attribute, value)


def _may_nest(kind: Any) -> bool | None:
    """Return whether the values of a type may be nested to any depth.

    What a struct has besides its fields is not read. None if they hold no others.
    """
    kinds = get_args(kind) or (kind,)
    if any(x is Any or (isinstance(x, type) and issubclass(x, Struct)) for x in kinds):
        return True
    return False if any(get_origin(x) is dict for x in kinds) else None


def _read_float(text: str) -> float:
    """Return a number, unless a float may be another one than is written.

    Raises:
        ValueError: It may be.
    """
    value = float(text)
    if "e" in text or "E" in text or (len(text) > _EXACT_CHARS and repr(value) != text):
        raise ValueError(text)
    return value
