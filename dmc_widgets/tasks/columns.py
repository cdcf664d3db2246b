"""Columns of a dataframe in the types of the fields that they show.

| type of the field | type of the column |
|---|---|
| Boolean | ``boolean`` |
| Integer, LongInteger, the id of a parent | ``Int64`` |
| Decimal | ``Float64`` |
| PrecisionDecimal | ``object``, of :class:`~decimal.Decimal`: every digit counts |
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

from .entry_checking import AS_ENTERED

if TYPE_CHECKING:
    import pandas as pd

_TEXTS: Final = frozenset(
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
_MOMENTS: Final = {
    AS_ENTERED: "datetime64[ms]",
    "Date": "datetime64[s]",
    "DateTime": "datetime64[ms]",
}


def typed_column(values: Sequence[Any], kind: str) -> pd.Series[Any]:
    """Build the column of a field.

    Args:
        values: As they passed the checks; ``pd.NA`` where there is none.
        kind: The type of the field.
    """
    import pandas as pd

    if kind in _TEXTS:
        texts = [presentable(x) if isinstance(x, str) else pd.NA for x in values]
        return pd.Series(texts, dtype=pd.StringDtype("python"))
    if kind in _DTYPES:
        fits = _FITS[_DTYPES[kind]]
        return pd.Series([x if fits(x) else pd.NA for x in values], dtype=_DTYPES[kind])
    if kind in _MOMENTS:
        return _moments(values, kind)
    return pd.Series([presentable(value) for value in values], dtype=object)


def presentable(value: Any) -> Any:
    """Write half of a surrogate pair as its escape: nothing could print it.

    All other texts stay as they are.
    """
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            return value.encode("utf-8", "backslashreplace").decode()
        return value
    if isinstance(value, dict):
        return {presentable(key): presentable(each) for key, each in value.items()}
    if isinstance(value, list):
        return [presentable(each) for each in value]
    return value


def _moments(values: Sequence[Any], kind: str) -> pd.Series[Any]:
    import numpy as np
    import pandas as pd

    texts = [x.removesuffix("Z") if isinstance(x, str) else "NaT" for x in values]
    column = pd.Series(np.array(texts, dtype=_MOMENTS[kind]))
    return column.dt.tz_localize("UTC") if kind == "DateTime" else column


_FITS: Final[dict[str, Callable[[Any], bool]]] = {
    "Float64": lambda x: isinstance(x, int | float) and not isinstance(x, bool),
    "Int64": lambda x: type(x) is int and -(2**63) <= x < 2**63,
    "boolean": lambda x: isinstance(x, bool),
}
