"""Values by which parents are looked up: alike whoever wrote them, and as literals.

``7``, ``7.0`` and ``"7"`` are the same for a number field, and a picklist's key is the
same as its entry. What cannot be a value of the field is None, and leads nowhere.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from ..model.outcome import Problem
from ..objects.date_types import date_check, date_time_check
from ..objects.number_types import canonical, exact_number
from ..objects.scalar_text import scalar_text

LookupValue = str | bool
"""Numbers are canonical texts, so that every digit counts."""

_LONGEST: Final = 1_000
"""Characters of a value. No filter of 4,000 takes much more, doubled quotes included;
LongText holds such, and nobody looks up by them."""

_MOST_DIGITS: Final = 60


class Form(NamedTuple):
    """How values of a type are read, and written into a filter."""

    read: Callable[[Any], LookupValue | None]
    write: Callable[[LookupValue], str]


def form_for(type_: str) -> Form | None:
    """Return the form of a field's type; None where nothing can be looked up by it."""
    return _FORMS.get(type_)


def _text(value: Any) -> str | None:
    if isinstance(value, dict):
        value = value.get("key")
    text = scalar_text(value)
    if not text or len(text) > _LONGEST:
        return None
    try:
        text.encode()
    except UnicodeEncodeError:  # half of a surrogate pair, which no field holds
        return None
    return None if "\0" in text else text


def _number(value: Any) -> str | None:
    if isinstance(value, bool):
        return None
    exact = exact_number(value)
    text = "" if exact is None else canonical(exact)
    return text if 0 < len(text) <= _MOST_DIGITS else None


def _boolean(value: Any) -> bool | None:
    if isinstance(value, str):
        return {"true": True, "false": False}.get(value.strip().lower())
    return value if isinstance(value, bool) else None


def _day(value: Any) -> str | None:
    return _kept(date_check("")(value))


def _moment(value: Any) -> str | None:
    return _kept(date_time_check("", as_entered=False)(value))


def _kept(checked: str | Problem | None) -> str | None:
    return None if isinstance(checked, Problem) else checked


def _quoted(value: LookupValue) -> str:
    doubled = str(value).replace("'", "''")
    return f"'{doubled}'"


_TEXT: Final = Form(_text, _quoted)
_NUMBER: Final = Form(_number, str)
_FORMS: Final = {
    "AutoIncrement": _TEXT,
    "Boolean": Form(_boolean, json.dumps),
    "Date": Form(_day, str),
    "DateTime": Form(_moment, str),
    "Decimal": _NUMBER,
    "EmailAddress": _TEXT,
    "Integer": _NUMBER,
    "LongInteger": _NUMBER,
    "LongText": _TEXT,
    "PhoneNumber": _TEXT,
    "Picklist": _TEXT,
    "PrecisionDecimal": _NUMBER,
    "RichText": _TEXT,
    "Text": _TEXT,
    "integer": _NUMBER,
    "string": _TEXT,
}
