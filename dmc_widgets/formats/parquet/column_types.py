"""The columns of an export: the type that each field has, and its values in it.

A column takes no other value than its type can give back: what does not fit is refused
by the name of the field, and never rounded.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache, partial
from typing import Any, Final, NamedTuple

import pyarrow as pa

from ...errors import NotSupported
from ...model.entity_type import Field
from ...model.record import LargeText
from ..json.values import to_json
from ..tables.export_columns import NESTED_FORMATS
from ..tables.translations import is_translated

_CODE: Final = "externalReferenceCode"
_MIDNIGHT: Final = "T00:00:00.000Z"
_SHOWN_CHARS: Final = 40

_WHOLE_NUMBER: Final = pa.int64()
_EXACT_NUMBER: Final = pa.decimal128(38, 16)
"""As many places as Liferay's databases have, and all digits that 128 bits hold."""

_UTC: Final = pa.timestamp("ms", "UTC")
_AS_ENTERED: Final = pa.timestamp("ms")
_TEXTS: Final = pa.list_(pa.string())
_TEXT_BY_LANGUAGE: Final = pa.map_(pa.string(), pa.string())

_FIRST_OF_LIST: Final = ("key_1",)
"""The first part of a field with several choices, as tables have it."""

_MOMENTS: Final = frozenset({"dateCreated", "dateModified"})
"""The moments that an installation keeps, of no business type."""

_NUMBER_PARTS: Final = frozenset({"code", "id", "size"})
"""The parts of objects that are whole numbers: of a status, an author and a file."""


class ParquetColumn(NamedTuple):
    """A column of an export.

    Attributes:
        name: The name of the field.
        type: The type of the column.
        prepare: Returns values as the library takes them for that type; it raises
            ValueError for one that the column cannot hold.
    """

    name: str
    type: pa.DataType
    prepare: Callable[[Sequence[Any]], Sequence[Any]]

    def encode(self, values: Sequence[Any]) -> pa.Array:
        """Return the values of some items as an array.

        Raises:
            NotSupported: The column cannot hold a value.
        """
        try:
            return self._encode(values)
        except _REFUSALS as exc:
            for value in values:
                self._require(value)
            raise self._refusal(None) from exc  # no value is at fault alone

    def _encode(self, values: Sequence[Any]) -> pa.Array:
        return pa.array(self.prepare(values), self.type)

    def _require(self, value: Any) -> None:
        try:
            self._encode([value])
        except _REFUSALS as exc:
            raise self._refusal(value) from exc

    def _refusal(self, value: Any) -> NotSupported:
        shown = _format_text(value) or "null"
        if len(shown) > _SHOWN_CHARS:
            shown = f"{shown[:_SHOWN_CHARS]}…"
        what = f"The column {self.name!r} is of the type {self.type}, not {shown!r}."
        return NotSupported(what, f"Leave the field out, or choose {NESTED_FORMATS}.")


_REFUSALS: Final = (
    AttributeError,
    ArithmeticError,
    TypeError,
    ValueError,
    pa.ArrowException,
)


def choose_column(field: Field) -> ParquetColumn:
    """Return the column of a field; for moments, one of moments in UTC."""
    name = field.name
    if field.read_only and name in _MOMENTS:
        return ParquetColumn(name, _UTC, partial(_moments, kind=_UTC))
    if is_translated(field):
        return ParquetColumn(name, _TEXT_BY_LANGUAGE, _translations)
    if field.type == "array" or field.parts[:1] == _FIRST_OF_LIST:
        return ParquetColumn(name, _TEXTS, _lists_of_texts)
    if field.parts:
        return _object_column(field)
    kind, prepare = _BY_TYPE.get(field.type, (pa.string(), _texts))
    return ParquetColumn(name, kind, prepare)


def is_undecided(column: ParquetColumn, values: Sequence[Any]) -> bool:
    """Return True if *values* do not tell which moments the column holds."""
    return column.type == _UTC and values.count(None) == len(values)


def decide_zone(column: ParquetColumn, values: Sequence[Any]) -> ParquetColumn:
    """Return the column for moments such as the first of *values* that is one.

    Moments are in UTC, or as people entered them, without a zone; the type of the field
    does not say which.
    """
    first = next((value for value in values if isinstance(value, str)), "Z")
    if column.type != _UTC or first.endswith("Z"):
        return column
    prepare = partial(_moments, kind=_AS_ENTERED)
    return column._replace(type=_AS_ENTERED, prepare=prepare)


def _object_column(field: Field) -> ParquetColumn:
    """Return the column of a field whose values are objects of known parts."""
    kinds = {
        part: _WHOLE_NUMBER if part in _NUMBER_PARTS else pa.string()
        for part in field.parts
    }
    prepare = partial(_objects, parts=field.parts)
    return ParquetColumn(field.name, pa.struct(list(kinds.items())), prepare)


def _texts(values: Sequence[Any]) -> Sequence[Any]:
    if set(map(type, values)) <= {str, type(None)}:
        try:
            "".join(filter(None, values)).encode()
        except UnicodeEncodeError:  # half of a surrogate pair
            pass
        else:
            return values
    return list(map(_format_text, values))


def _format_text(value: Any) -> str | None:
    """Return a value as a text; null stays null."""
    if value is None:
        return None
    if isinstance(value, LargeText):
        value = value.whole()
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float | Decimal):
        return str(value)
    return to_json(value).decode()


def _whole_numbers(values: Sequence[Any]) -> Sequence[Any]:
    return _require_types(values, _INTEGERS)


def _booleans(values: Sequence[Any]) -> Sequence[Any]:
    return _require_types(values, _BOOLEANS)


def _require_types(values: Sequence[Any], types: frozenset[type]) -> Sequence[Any]:
    """Refuse values of another type, which the library might convert in silence."""
    if not set(map(type, values)) <= types:
        raise ValueError(types)
    return values


_INTEGERS: Final[frozenset[type]] = frozenset({int, type(None)})
_BOOLEANS: Final[frozenset[type]] = frozenset({bool, type(None)})
_DOUBLES: Final[frozenset[type]] = frozenset({float, type(None)})


def _doubles(values: Sequence[Any]) -> Sequence[Any]:
    if set(map(type, values)) <= _DOUBLES:
        return values
    return list(map(_exact_double, values))


def _exact_double(value: Any) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise TypeError(type(value))
    number = float(value)
    is_same = number == value or Decimal(repr(number)) == value
    if not is_same:
        raise ValueError(value)
    return number


def _exact_numbers(values: Sequence[Any]) -> list[Decimal | None]:
    return list(map(_exact_number, values))


def _exact_number(value: Any) -> Decimal | None:
    if value is None or type(value) is Decimal:
        return value
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise TypeError(type(value))
    return Decimal(str(value))


def _days(values: Sequence[Any]) -> list[date | None]:
    return [None if value is None else _parse_day(value) for value in values]


@lru_cache(maxsize=4096)
def _parse_day(value: str) -> date:
    """Read a day, as Liferay writes it (midnight in UTC) or by itself."""
    day = value.removesuffix(_MIDNIGHT)
    if len(day) != 10:
        raise ValueError(value)
    return date.fromisoformat(day)


def _moments(values: Sequence[Any], *, kind: pa.DataType) -> pa.Array:
    return pa.array(values, pa.string()).cast(kind)


def _objects(
    values: Sequence[Any], *, parts: Sequence[str]
) -> list[dict[str, Any] | None]:
    return [_choose_parts(value, parts) for value in values]


def _choose_parts(value: Any, parts: Sequence[str]) -> dict[str, Any] | None:
    """Return the parts of an object; a bare value is its first part."""
    if value is None:
        return None
    if not isinstance(value, dict):
        value = {parts[0]: value}
    return {
        part: inner if part in _NUMBER_PARTS else _format_text(inner)
        for part in parts
        for inner in [value.get(part)]
    }


def _lists_of_texts(values: Sequence[Any]) -> list[list[str | None] | None]:
    return [
        None
        if value is None
        else [
            _format_element(x) for x in (value if isinstance(value, list) else [value])
        ]
        for value in values
    ]


def _format_element(value: Any) -> str | None:
    """Return the key of a choice, the code of an entry, or any value as a text."""
    if isinstance(value, dict):
        value = next((value[x] for x in ("key", _CODE) if x in value), value)
    return _format_text(value)


def _translations(
    values: Sequence[Any],
) -> list[list[tuple[str, str | None]] | None]:
    return [
        None
        if value is None
        else [(language, _format_translation(x)) for language, x in value.items()]
        for value in values
    ]


def _format_translation(value: Any) -> str | None:
    """Return the value of one language; choices of a picklist by their keys."""
    if isinstance(value, list):
        return ", ".join(str(_format_element(element)) for element in value) or None
    return _format_element(value)


_Prepare = Callable[[Sequence[Any]], Sequence[Any]]

_BY_TYPE: Final[dict[str, tuple[pa.DataType, _Prepare]]] = {
    "integer": (_WHOLE_NUMBER, _whole_numbers),
    "Integer": (_WHOLE_NUMBER, _whole_numbers),
    "LongInteger": (_WHOLE_NUMBER, _whole_numbers),
    "number": (pa.float64(), _doubles),
    "Decimal": (pa.float64(), _doubles),
    "PrecisionDecimal": (_EXACT_NUMBER, _exact_numbers),
    "boolean": (pa.bool_(), _booleans),
    "Boolean": (pa.bool_(), _booleans),
    "Date": (pa.date32(), _days),
    "DateTime": (_UTC, partial(_moments, kind=_UTC)),
}
