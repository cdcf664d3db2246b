"""Typed entries from the columns of a table: each column is converted in one call.

The items of the same records would be read as the same entries, because a value of a
struct and a value of a list are converted alike.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from itertools import repeat
from typing import Any

from msgspec import UNSET, ValidationError, convert

from ...model.line_items import Columns, LineFields
from ..names import ERC
from .typed_structs import Member, Never


class ColumnDecoders:
    """The decoder of the table that is read at the moment.

    Args:
        item_type: The struct of items.
        members: Its members.
    """

    def __init__(self, item_type: Any, members: Sequence[Member]) -> None:
        self._item_type = item_type
        self._members = members
        self._key: Any = None
        self._decoder: ColumnDecoder | None = None

    def find(self, columns: Columns, fields: LineFields) -> ColumnDecoder | None:
        """Return the decoder of some columns.

        None if none is the code, several fill the same field, or one names linked
        entries.
        """
        key = [*columns], {**fields.targets}
        if key != self._key:
            self._key = key
            self._decoder = self._create(columns, fields.targets)
        return self._decoder

    def _create(
        self, columns: Columns, targets: Mapping[str, str]
    ) -> ColumnDecoder | None:
        chosen = [name for name in columns if name in targets]
        sources = {targets[name]: name for name in chosen}
        if ERC not in sources or len(sources) < len(chosen):
            return None
        converts: list[tuple[str, Any] | None] = []
        for _, name, kind in self._members:
            source = sources.get(name)
            if source is not None and kind is Never:
                return None
            list_type = list[kind | None]  # type: ignore[valid-type]
            converts.append(
                None if source is None else (source, partial(convert, type=list_type))
            )
        filled = {attribute for attribute, name, _ in self._members if name in sources}
        return ColumnDecoder(self._item_type, converts, filled)


class ColumnDecoder:
    """Decodes the columns of one table.

    Args:
        item_type: The struct of items.
        converts: The column of each of its attributes, and the function that converts
            the values; None where no column is.
        filled: The attributes that have one.

    Attributes:
        filled: The same.
    """

    def __init__(
        self,
        item_type: Any,
        converts: Sequence[tuple[str, Any] | None],
        filled: set[str],
    ) -> None:
        self._item_type = item_type
        self._converts = converts
        self.filled = filled

    def decode(self, columns: Columns, fields: LineFields) -> list[Any] | None:
        """Return the entries of columns, and note the fields that these are.

        Returns:
            None if a value is out of the ordinary.
        """
        try:
            converted = [
                repeat(UNSET) if one is None else one[1](columns[one[0]])
                for one in self._converts
            ]
        except (ValidationError, UnicodeEncodeError):  # or half of a surrogate pair
            return None
        fields.seen.update(columns)
        return list(map(self._item_type, *converted))
