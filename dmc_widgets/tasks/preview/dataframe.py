"""Previews as dataframes, whose columns have the types of the fields.

| type of the field | type of the column |
|---|---|
| Boolean | ``boolean`` |
| Integer, LongInteger, the id of a parent | ``Int64`` |
| Decimal | ``Float64`` |
| PrecisionDecimal | ``object`` of :class:`~decimal.Decimal`, with every digit |
| Date | ``datetime64[s]``, which holds all years from 1 to 9999 |
| DateTime | ``datetime64[ms, UTC]``; as entered: ``datetime64[ms]`` |
| Text, LongText, RichText, Picklist (its key) and other texts | ``string`` |
| MultiselectPicklist, Attachment, maps and other nested values | ``object`` |

Null and absence are both ``<NA>`` in a typed column; in an ``object`` column null is
None. A value that does not have the column's type is ``<NA>``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

from ...model.preview import Preview, SamplingMethod
from ..checkers.entry_checker import AS_ENTERED

if TYPE_CHECKING:
    import pandas as pd


_TEXT_TYPES: Final = frozenset(
    [
        "AutoIncrement",
        "EmailAddress",
        "Encrypted",
        "LongText",
        "PhoneNumber",
        "Picklist",
        "RichText",
        "Text",
        "string",
    ]
)
_DTYPES: Final = {
    "Boolean": "boolean",
    "Decimal": "Float64",
    "Integer": "Int64",
    "LongInteger": "Int64",
    "boolean": "boolean",
    "integer": "Int64",
    "number": "Float64",
}
_DATETIME_DTYPES: Final = {
    AS_ENTERED: "datetime64[ms]",
    "Date": "datetime64[s]",
    "DateTime": "datetime64[ms]",
}


def create_column(values: Sequence[Any], kind: str) -> pd.Series[Any]:
    """Return the column of a field.

    Args:
        values: The values that passed the checks; ``pd.NA`` for none.
        kind: The type of the field.
    """
    import pandas as pd

    if kind in _TEXT_TYPES:
        texts = [escape_surrogates(x) if isinstance(x, str) else pd.NA for x in values]
        return pd.Series(texts, dtype=pd.StringDtype("python"))
    if kind in _DTYPES:
        fits = _DTYPE_CHECKS[_DTYPES[kind]]
        return pd.Series([x if fits(x) else pd.NA for x in values], dtype=_DTYPES[kind])
    if kind in _DATETIME_DTYPES:
        return _create_datetime_column(values, kind)
    return pd.Series([escape_surrogates(value) for value in values], dtype=object)


def escape_surrogates(value: Any) -> Any:
    """Return a value with lone surrogates escaped, which could not be printed.

    All other texts stay as they are.
    """
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            return value.encode("utf-8", "backslashreplace").decode()
        return value
    if isinstance(value, dict):
        return {
            escape_surrogates(key): escape_surrogates(inner)
            for key, inner in value.items()
        }
    if isinstance(value, list):
        return [escape_surrogates(inner) for inner in value]
    return value


def _create_datetime_column(values: Sequence[Any], kind: str) -> pd.Series[Any]:
    import numpy as np
    import pandas as pd

    texts = [x.removesuffix("Z") if isinstance(x, str) else "NaT" for x in values]
    column = pd.Series(np.array(texts, dtype=_DATETIME_DTYPES[kind]))
    return column.dt.tz_localize("UTC") if kind == "DateTime" else column


_DTYPE_CHECKS: Final[dict[str, Callable[[Any], bool]]] = {
    "Float64": lambda x: isinstance(x, int | float) and not isinstance(x, bool),
    "Int64": lambda x: type(x) is int and -(2**63) <= x < 2**63,
    "boolean": lambda x: isinstance(x, bool),
}


def preview_to_frame(preview: Preview) -> pd.DataFrame:
    """Return a preview as a dataframe; see :meth:`Center.preview`."""
    import pandas as pd

    records = preview.records
    sources = [record.source or {} for record in records]
    columns: dict[tuple[str, str], pd.Series[Any]] = {}
    for name in preview.fields:
        values = [escape_surrogates(source.get(name, pd.NA)) for source in sources]
        columns["source", escape_surrogates(name)] = pd.Series(values, dtype=object)
    for name, kind in preview.types.items():
        values = [record.target.get(name, pd.NA) for record in records]
        columns["target", escape_surrogates(name)] = create_column(values, kind)
    expected = [record.expected.value for record in records]
    problems = ["; ".join(fault.text for fault in record.faults) for record in records]
    columns["result", "expected"] = create_column(expected, "string")
    columns["result", "problems"] = create_column(problems, "string")
    frame = pd.DataFrame(dict(enumerate(columns.values())))
    frame.columns = pd.MultiIndex.from_tuples(columns, names=["part", "field"])
    extent = preview.extent
    unit = "byte" if extent.sampling is SamplingMethod.BY_POSITION else "record"
    frame.index = pd.Index(
        [record.number for record in records], dtype="int64", name=unit
    )
    frame.attrs = {
        "file": preview.name,
        "sampling": extent.sampling.value,
        "records_read": extent.records_read,
        "bytes_read": extent.bytes_read,
        "records_about": extent.records_about,
        "complete": extent.complete,
        "warnings": list(preview.warnings),
        "notes": list(preview.notes),
    }
    return frame
