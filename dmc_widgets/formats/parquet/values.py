"""The values of a column as values of Python, such as those of JSON and of workbooks.

Days and moments are ISO texts, decimal numbers keep all digits, objects are dicts. In
the place of a value that no record can hold there is a :class:`Fault`.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from itertools import pairwise
from typing import Any, Final, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as kinds

from ...model.record import DateCell

_DAY_CHARS: Final = 10
_MOMENT_CHARS: Final = len("2024-01-31 23:59:59.999")
_NOT_TEXT: Final = "holds bytes that are not text in UTF-8."
_NOT_FINITE: Final = "holds {}, which is not a number."
_NO_DAY: Final = "holds a date outside of the years 1 to 9999."
_UNREAD_TYPE: Final = "holds a value of the type {}, which no entry has."
_REPEATED_KEY: Final = "holds the key {!r} twice."


class Fault:
    """The place of a value that no record can hold.

    Args:
        reason: Why, as the rest of a sentence that begins with the column.
    """

    __slots__ = ("reason",)

    def __init__(self, reason: str) -> None:
        self.reason = reason


class _Dictionary(NamedTuple):
    """The values of a dictionary, which many batches of rows share."""

    array: pa.Array
    values: list[Any]
    has_faults: bool


class ValueReader:
    """Reads the values of one column.

    Args:
        date_type: The type of dates that are not part of other values.

    Attributes:
        has_faults: One of the values that were read was a fault.
    """

    def __init__(self, date_type: type[str] = DateCell) -> None:
        self.has_faults = False
        self._date_type = date_type
        self._dictionary: _Dictionary | None = None
        self._parts: list[ValueReader] = []

    def read(self, array: pa.Array) -> list[Any]:
        """Return the values of an array: None for null."""
        kind = array.type
        for is_kind, read in self._TABLE:
            if is_kind(kind):
                return read(self, array)
        if isinstance(kind, pa.BaseExtensionType):
            return self._read_extension(array)
        return self._faults(array, _UNREAD_TYPE.format(kind))

    def _fault(self, reason: str) -> Fault:
        self.has_faults = True
        return Fault(reason)

    def _faults(self, array: pa.Array, reason: str) -> list[Any]:
        """Return a fault in the place of each value."""
        return [
            self._fault(reason) if is_valid else None
            for is_valid in array.is_valid().to_pylist()
        ]

    def _read_plain(self, array: pa.Array) -> list[Any]:
        values: list[Any] = array.to_pylist()
        return values

    def _read_texts(self, array: pa.Array) -> list[Any]:
        try:
            return self._read_plain(array)
        except UnicodeDecodeError:
            return self._read_bytes(array.cast(pa.large_binary()))

    def _read_bytes(self, array: pa.Array) -> list[Any]:
        """Read texts that are not declared as such, as some programs write them."""
        return [
            None if value is None else self._decode(value)
            for value in array.to_pylist()
        ]

    def _decode(self, value: bytes) -> str | Fault:
        try:
            text = value.decode()
        except UnicodeDecodeError:
            return self._fault(_NOT_TEXT)
        return self._fault(_NOT_TEXT) if "\0" in text else text

    def _read_floats(self, array: pa.Array) -> list[Any]:
        """Read doubles; of shorter floats, the shortest number that means the same."""
        if kinds.is_float64(array.type):
            values = self._read_plain(array)
        else:
            texts = array.cast(pa.float32()).cast(pa.string()).to_pylist()
            values = [None if text is None else float(text) for text in texts]
        if pc.all(pc.is_finite(array)).as_py() is False:
            values = [
                value
                if value is None or abs(value) < float("inf")
                else self._fault(_NOT_FINITE.format(_NAMES.get(value, "NaN")))
                for value in values
            ]
        return values

    def _read_decimals(self, array: pa.Array) -> list[Any]:
        return [
            None if value is None else _shorten(value) for value in array.to_pylist()
        ]

    def _read_days(self, array: pa.Array) -> list[Any]:
        return self._date_cells(
            array.cast(pa.date32(), safe=False).cast(pa.string()), _DAY_CHARS
        )

    def _read_moments(self, array: pa.Array) -> list[Any]:
        """Read moments in UTC, or as they were entered, to the millisecond or finer."""
        plain = array.cast(pa.int64()).cast(pa.timestamp(array.type.unit))
        try:
            plain, chars = plain.cast(pa.timestamp("ms")), _MOMENT_CHARS
        except pa.ArrowInvalid:  # digits would be lost, or the year is far off
            chars = _MOMENT_CHARS + _MORE_DIGITS.get(array.type.unit, 0)
        texts = pc.utf8_replace_slice(plain.cast(pa.string()), 10, 11, "T")
        if array.type.tz is not None:
            texts, chars = pc.binary_join_element_wise(texts, "Z", ""), chars + 1
        return self._date_cells(texts, chars)

    def _date_cells(self, texts: pa.Array, chars: int) -> list[Any]:
        """Return texts as dates; a year before 1 or after 9999 is a fault."""
        make = self._date_type
        return [
            None
            if text is None
            else make(text)
            if len(text) == chars and text > "0001"
            else self._fault(_NO_DAY)
            for text in texts.to_pylist()
        ]

    def _read_times(self, array: pa.Array) -> list[Any]:
        """Read times of day, without zeros at the end of a second."""
        make = self._date_type
        return [
            None if text is None else make(_strip_zeros(text))
            for text in array.cast(pa.string()).to_pylist()
        ]

    def _read_dictionary(self, array: pa.DictionaryArray) -> list[Any]:
        known = self._dictionary
        if known is None or not _is_same(known.array, array.dictionary):
            reader = ValueReader()  # which knows of the faults of these values alone
            values = reader.read(array.dictionary)
            known = _Dictionary(array.dictionary, values, reader.has_faults)
            self._dictionary = known
        self.has_faults |= known.has_faults
        return [
            None if place is None else known.values[place]
            for place in array.indices.to_pylist()
        ]

    def _read_objects(self, array: pa.StructArray) -> list[Any]:
        names = [field.name for field in array.type]
        self._parts = self._parts or [ValueReader() for _ in names]
        columns = [part.read(array.field(n)) for n, part in enumerate(self._parts)]
        self.has_faults |= any(part.has_faults for part in self._parts)
        rows = zip(*columns, strict=True) if names else ((),) * len(array)
        return [
            dict(zip(names, row, strict=True)) if is_valid else None
            for row, is_valid in zip(rows, array.is_valid().to_pylist(), strict=True)
        ]

    def _read_lists(self, array: Any) -> list[Any]:
        """Read lists of any kind as if they followed each other in one array."""
        lengths = pc.fill_null(pc.list_value_length(array), 0).to_pylist()
        elements = self.read(array.flatten())
        return _cut(elements, lengths, array.is_valid().to_pylist())

    def _read_list_views(self, array: Any) -> list[Any]:
        return self._read_lists(array.cast(pa.large_list(array.type.value_type)))

    def _read_maps(self, array: pa.MapArray) -> list[Any]:
        pairs = array.cast(pa.list_(pa.struct([*_pair_fields(array.type)])))
        return [
            None if entries is None else self._make_object(entries)
            for entries in self._read_lists(pairs)
        ]

    def _make_object(self, entries: list[Any]) -> Any:
        made: dict[str, Any] = {}
        for entry in entries:
            key = entry["key"]
            if isinstance(key, Fault):
                return key
            name = key if isinstance(key, str) else str(key)
            if name in made:
                return self._fault(_REPEATED_KEY.format(name))
            made[name] = entry["value"]
        return made

    def _read_extension(self, array: Any) -> list[Any]:
        if array.type.extension_name == "arrow.uuid":
            return [None if x is None else str(x) for x in array.to_pylist()]
        return self.read(array.storage)

    _TABLE: Final[
        tuple[tuple[Callable[[Any], bool], Callable[[Any, Any], list[Any]]], ...]
    ] = (
        (kinds.is_string, _read_texts),
        (kinds.is_integer, _read_plain),
        (kinds.is_boolean, _read_plain),
        (kinds.is_floating, _read_floats),
        (kinds.is_timestamp, _read_moments),
        (kinds.is_dictionary, _read_dictionary),
        (kinds.is_date, _read_days),
        (kinds.is_decimal, _read_decimals),
        (kinds.is_null, _read_plain),
        (kinds.is_large_string, _read_texts),
        (kinds.is_string_view, _read_texts),
        (kinds.is_binary, _read_bytes),
        (kinds.is_large_binary, _read_bytes),
        (kinds.is_binary_view, _read_bytes),
        (kinds.is_fixed_size_binary, _read_bytes),
        (kinds.is_time, _read_times),
        (kinds.is_struct, _read_objects),
        (kinds.is_list, _read_lists),
        (kinds.is_large_list, _read_lists),
        (kinds.is_fixed_size_list, _read_lists),
        (kinds.is_list_view, _read_list_views),
        (kinds.is_large_list_view, _read_list_views),
        (kinds.is_map, _read_maps),
    )


_MORE_DIGITS: Final = {"us": 3, "ns": 6}
_NAMES: Final = {float("inf"): "Infinity", float("-inf"): "-Infinity"}


def _shorten(value: Decimal) -> int | float | Decimal:
    """Return a decimal number as JSON has it: a float where that keeps every digit."""
    if value == value.to_integral_value():
        return int(value)
    number = float(value)
    if Decimal(repr(number)) == value:
        return number
    return Decimal(format(value, "f").rstrip("0"))


def _strip_zeros(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text


def _is_same(one: pa.Array, other: pa.Array) -> bool:
    """Return True if two arrays are the same piece of memory."""
    if len(one) != len(other) or one.offset != other.offset or one.type != other.type:
        return False
    return [b and b.address for b in one.buffers()] == [
        b and b.address for b in other.buffers()
    ]


def _cut(values: list[Any], lengths: list[int], are_valid: list[bool]) -> list[Any]:
    """Return the lists that *values* are when cut into pieces."""
    ends = [0]
    for length in lengths:
        ends.append(ends[-1] + length)
    return [
        values[start:end] if is_valid else None
        for (start, end), is_valid in zip(pairwise(ends), are_valid, strict=True)
    ]


def _pair_fields(kind: pa.MapType) -> tuple[pa.Field, pa.Field]:
    return pa.field("key", kind.key_type), pa.field("value", kind.item_type)


def find_fault(value: Any) -> Fault | None:
    """Return the first fault in a value; None if there is none."""
    if isinstance(value, Fault):
        return value
    inner: Any = ()
    if isinstance(value, dict):
        inner = value.values()
    elif isinstance(value, list):
        inner = value
    return next(filter(None, map(find_fault, inner)), None)
