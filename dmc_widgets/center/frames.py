"""Items as dataframes and back, without losing a digit, a key or a time zone.

pandas is imported by the functions, so that only those who use frames load it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from ..errors import InvalidPlan
from ..model.entity_type import EntityType, Field
from ..ports import Item
from ..tasks.checkers.entry_checker import AS_ENTERED
from ..tasks.preview.dataframe import create_column

if TYPE_CHECKING:
    import pandas as pd

_MOMENT: Final = re.compile(
    r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?) ?(Z|[+-]\d\d:?\d\d)?"
)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def items_to_frame(items: Iterable[Item], fields: Sequence[Field]) -> pd.DataFrame:
    """Lay items out as a dataframe, one column a field, in the types of the fields.

    | type of the field | type of the column |
    |---|---|
    | Boolean | ``boolean`` |
    | Integer, LongInteger | ``Int64`` |
    | Decimal | ``Float64`` |
    | PrecisionDecimal | ``object``, of :class:`~decimal.Decimal` |
    | Date | ``datetime64[s]`` |
    | DateTime | ``datetime64[ms, UTC]``; without time zone ``datetime64[ms]`` |
    | Text, Picklist (its key) and other texts | ``string`` |
    | nested values | ``object`` |

    A column whose values would not survive its type, such as whole numbers beyond 64
    bits, is an ``object`` column of the values as they are.
    """
    import pandas as pd

    rows = list(items)
    columns = {}
    for field in fields:
        values = [_flat_value(row.get(field.name), field) for row in rows]
        columns[field.name] = _lossless_column(values, field)
    return pd.DataFrame(columns, columns=[field.name for field in fields])


def frame_to_records(
    frame: pd.DataFrame, entity_type: EntityType
) -> Iterator[dict[str, Any]]:
    """Yield the rows of a dataframe as records of an entity type.

    Missing values (None, NaN, NaT and NA) are null. Dates and times become the texts
    that Liferay writes, also from the forms of pandas: ``2024-01-05 00:00:00`` and
    milliseconds since 1970. Columns of a nested value, ``("address", "city")`` or
    ``address.city``, make one value. An index that is called like a field is a column.

    Raises:
        InvalidPlan: A column has no name, or two have the same.
    """
    names = [name for name in frame.index.names if isinstance(name, str)]
    fields = {field.name: field for field in entity_type.fields}
    frame = frame.reset_index(level=[x for x in names if x in fields])
    paths = [_column_path(column, fields) for column in frame.columns]
    if len(set(paths)) < len(paths):
        twice = next(".".join(path) for path in paths if paths.count(path) > 1)
        reason = f"The frame has two columns {twice!r}. Rename one of them."
        raise InvalidPlan(reason)
    kinds = [fields[path[0]].type if path[0] in fields else "" for path in paths]
    columns = [
        [plain_value(value, kind if len(path) == 1 else "") for value in column]
        for path, kind, (_, column) in zip(paths, kinds, frame.items(), strict=True)
    ]
    for row in zip(*columns, strict=True):
        yield _nest(paths, row)


def _flat_value(value: Any, field: Field) -> Any:
    """Return a picklist entry by its key; every other value stays as it is."""
    if field.type == "Picklist" and isinstance(value, dict) and value.get("key"):
        return value["key"]
    return value


def _lossless_column(values: Sequence[Any], field: Field) -> pd.Series[Any]:
    """Return a typed column if its values can be read back from it, else objects."""
    import pandas as pd

    kind = field.type
    if kind == "DateTime" and not any(str(x).endswith("Z") for x in values if x):
        kind = AS_ENTERED
    try:
        given = [pd.NA if value is None else value for value in values]
        column = create_column(given, kind)
        if all(map(_is_same, values, (plain_value(x, field.type) for x in column))):
            return column
    except (TypeError, ValueError, OverflowError):
        pass
    return pd.Series(list(values), dtype=object)


def _is_same(left: Any, right: Any) -> bool:
    """Return True if both values are equal and, unless numbers, of one type."""
    if isinstance(left, (int, float, Decimal)) and not isinstance(left, bool):
        return not isinstance(right, bool) and left == right
    return type(left) is type(right) and left == right


def _column_path(column: Any, fields: dict[str, Field]) -> tuple[str, ...]:
    parts = column if isinstance(column, tuple) else (column,)
    if not all(isinstance(part, str) for part in parts):
        reason = f"The frame has a column {column!r}. Name it with a text."
        raise InvalidPlan(reason)
    path = tuple(part for part in parts if part)
    whole = path[0] if path else ""
    if len(path) == 1 and whole not in fields and "." in whole:
        dotted = tuple(whole.split("."))
        return dotted if dotted[0] in fields else path
    return path


def _nest(paths: Sequence[tuple[str, ...]], row: Sequence[Any]) -> dict[str, Any]:
    record: dict[str, Any] = {}
    for path, value in zip(paths, row, strict=True):
        if len(path) == 1:
            record[path[0]] = value
            continue
        inner = record.setdefault(path[0], None)
        if value is None:
            continue
        if not isinstance(inner, dict):
            inner = record[path[0]] = {}
        for name in path[1:-1]:
            inner = inner.setdefault(name, {})
        inner[path[-1]] = value
    return record


def plain_value(value: Any, kind: str = "") -> Any:
    """Return a cell as a value that JSON can hold exactly; missing ones are None."""
    if isinstance(value, (dict, list, tuple)):
        return _plain_nested(value)
    if hasattr(value, "tolist"):  # scalars and arrays of numpy
        return plain_value(value.tolist(), kind)
    if _is_missing(value):
        return None
    converted = _CONVERSIONS[kind](value) if kind in _CONVERSIONS else value
    if isinstance(converted, (datetime, date)):
        return _date_time_text(converted)
    return str(converted) if isinstance(converted, timedelta) else converted


def _plain_nested(value: dict[Any, Any] | list[Any] | tuple[Any, ...]) -> Any:
    if isinstance(value, dict):
        return {str(key): plain_value(inner, "") for key, inner in value.items()}
    return [plain_value(inner, "") for inner in value]


def _is_missing(value: Any) -> bool:
    """Return True for None, NaN, NaT and NA, which are all unequal to themselves."""
    if value is None or type(value).__name__ in {"NAType", "NaTType"}:
        return True
    if isinstance(value, Decimal):
        return value.is_nan()
    return isinstance(value, float) and math.isnan(value)


def _whole_number(value: Any) -> Any:
    """Undo the floats to which pandas turns whole numbers beside missing ones."""
    is_whole = isinstance(value, float) and value.is_integer()
    return int(value) if is_whole else value


def _date_text(value: Any) -> Any:
    """Return a date as ``2024-01-05``; a time other than midnight stays."""
    moment = _moment_of(value)
    if isinstance(moment, datetime):
        is_midnight = not (moment.hour or moment.minute or moment.second)
        is_midnight = is_midnight and not moment.microsecond
        return moment.date().isoformat() if is_midnight else _date_time_text(moment)
    return moment.isoformat() if isinstance(moment, date) else value


def _moment_of(value: Any) -> Any:
    """Return the moment that a cell states: a datetime, or one of pandas' own forms."""
    if isinstance(value, int) and not isinstance(value, bool):
        try:
            return _EPOCH + timedelta(milliseconds=value)
        except OverflowError:
            return value
    match = _MOMENT.fullmatch(value) if isinstance(value, str) else None
    if match is None or "T" in value:  # what Liferay writes stays to the letter
        return value
    day, time, zone = match.groups()
    try:
        return datetime.fromisoformat(f"{day}T{time}{zone or ''}")
    except ValueError:
        return value


def _date_time_text(value: date) -> str:
    """Return a moment as Liferay writes it: in UTC, to the millisecond."""
    if not isinstance(value, datetime):
        return value.isoformat()
    if value.tzinfo is None:
        return value.isoformat(timespec="milliseconds")
    text = value.astimezone(UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


_CONVERSIONS: Final[dict[str, Callable[[Any], Any]]] = {
    "Integer": _whole_number,
    "LongInteger": _whole_number,
    "integer": _whole_number,
    "Date": _date_text,
    "DateTime": _moment_of,
}
