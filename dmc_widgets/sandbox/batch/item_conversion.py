"""Conversion of an item to Liferay's class ``ObjectEntry``, as its reader does it.

The engine converts the properties that the class declares; everything else is a field
of the object and is left to the object's own rules. A text for a list or for an object
is never parsed: ``keywords`` in one cell of CSV fails, whatever the cell holds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import Any, Final

from ...model.entity_type import OBJECT_ENTRY, EntityType
from ...model.outcome import Problem
from ...ports import Item
from ..responses import UNCONVERTIBLE_VALUE

Conversion = Callable[[Any], str]
"""Returns why a value cannot be converted; an empty text if it can."""

_PACKAGE: Final = "com.liferay.object.rest.dto.v1_0."
_SOURCE: Final = "\n at [Source: UNKNOWN; byte offset: #UNKNOWN]"
_ELEMENT: Final = " (through reference chain: java.lang.Object[][{}])"
_HAS_CREATOR: Final = " (although at least one Creator exists)"
_WHOLE: Final = re.compile(r"[+-]?[0-9]{1,18}", re.ASCII)
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9:.]+(Z|[+-][0-9:]+)?)?")
_NO_DATE: Final = (
    "not a valid representation (error: Failed to parse Date value '{0}': Cannot parse "
    'date "{0}": not compatible with any of standard forms '
    "(\"yyyy-MM-dd'T'HH:mm:ss.SSSX\", \"yyyy-MM-dd'T'HH:mm:ss.SSS\", "
    '"EEE, dd MMM yyyy HH:mm:ss zzz", "yyyy-MM-dd"))'
)


def find_unconvertible_value(entity_type: EntityType, item: Item) -> Problem | None:
    """Return the first value of an entry that its class cannot hold; None without."""
    if entity_type.class_name != OBJECT_ENTRY:
        return None
    for name, convert in _CONVERSIONS.items():
        value = item.get(name)
        if value is None:
            continue
        reason = convert(value)
        if reason:
            return Problem(UNCONVERTIBLE_VALUE, reason, name)
    return None


def _convert_text(value: Any) -> str:
    return _unexpected("java.lang.String", value) if _is_nested(value) else ""


def _convert_number(value: Any) -> str:
    kind = "java.lang.Long"
    if isinstance(value, bool) or _is_nested(value):
        return _unexpected(kind, value)
    text = str(value).strip()
    if not isinstance(value, str) or not text or _WHOLE.fullmatch(text):
        return ""
    return _malformed(kind, value, f"not a valid `{kind}` value")


def _convert_date(value: Any) -> str:
    kind = "java.util.Date"
    if isinstance(value, bool) or _is_nested(value):
        return _unexpected(kind, value)
    if not isinstance(value, str) or _is_date(value.strip()):
        return ""
    return _malformed(kind, value, _NO_DATE.format(value))


def _is_date(text: str) -> bool:
    if not text or text.removeprefix("-").isdecimal():
        return True  # milliseconds since 1970
    if text.endswith(" GMT"):
        text, form = text.removesuffix(" GMT"), "%a, %d %b %Y %H:%M:%S"
        return _is_parsed(partial(datetime.strptime, text, form))
    return bool(_DATE.fullmatch(text)) and _is_parsed(
        partial(datetime.fromisoformat, text)
    )


def _is_parsed(parse: Callable[[], object]) -> bool:
    try:
        parse()
    except ValueError:
        return False
    return True


def _convert_object(kind: str) -> Conversion:
    def convert(value: Any) -> str:
        if isinstance(value, Mapping):
            return ""
        if isinstance(value, str):
            return _no_constructor(kind, value, _HAS_CREATOR)
        return _unexpected(kind, value)

    return convert


def _convert_list(kind: str, convert_element: Conversion) -> Conversion:
    def convert(value: Any) -> str:
        if isinstance(value, list):
            return next(_element_faults(value), "")
        if isinstance(value, str):
            return _no_constructor(f"{kind}[]", value, "")
        return _unexpected(f"{kind}[]", value)

    def _element_faults(elements: list[Any]) -> Iterator[str]:
        for place, element in enumerate(elements):
            fault = "" if element is None else convert_element(element)
            if fault:
                yield fault + _ELEMENT.format(place)

    return convert


def _no_constructor(kind: str, value: str, remark: str) -> str:
    return (
        f"Cannot construct instance of `{kind}`{remark}: no String-argument "
        f"constructor/factory method to deserialize from String value ('{value}')"
        f"{_SOURCE}"
    )


def _malformed(kind: str, value: str, fault: str) -> str:
    return (
        f'Cannot deserialize value of type `{kind}` from String "{value}": '
        f"{fault}{_SOURCE}"
    )


def _unexpected(kind: str, value: Any) -> str:
    noun, token = _describe_token(value)
    return (
        f"Cannot deserialize value of type `{kind}` from {noun} value "
        f"(token `JsonToken.{token}`){_SOURCE}"
    )


def _describe_token(value: Any) -> tuple[str, str]:
    if isinstance(value, Mapping):
        return "Object", "START_OBJECT"
    if isinstance(value, list):
        return "Array", "START_ARRAY"
    if isinstance(value, bool):
        return "Boolean", f"VALUE_{value}".upper()
    if isinstance(value, int):
        return "Integer", "VALUE_NUMBER_INT"
    return "Floating-point", "VALUE_NUMBER_FLOAT"


def _is_nested(value: Any) -> bool:
    return isinstance(value, (Mapping, list))


_CONVERSIONS: Final[Mapping[str, Conversion]] = {
    "auditEvents": _convert_list(
        f"{_PACKAGE}AuditEvent", _convert_object(f"{_PACKAGE}AuditEvent")
    ),
    "creator": _convert_object(f"{_PACKAGE}Creator"),
    "dateCreated": _convert_date,
    "dateModified": _convert_date,
    "externalReferenceCode": _convert_text,
    "id": _convert_number,
    "keywords": _convert_list("java.lang.String", _convert_text),
    "permissions": _convert_list(
        "com.liferay.portal.vulcan.permission.Permission",
        _convert_object("com.liferay.portal.vulcan.permission.Permission"),
    ),
    "scopeKey": _convert_text,
    "status": _convert_object(f"{_PACKAGE}Status"),
    "taxonomyCategoryBriefs": _convert_list(
        f"{_PACKAGE}TaxonomyCategoryBrief",
        _convert_object(f"{_PACKAGE}TaxonomyCategoryBrief"),
    ),
    "taxonomyCategoryIds": _convert_list("java.lang.Long", _convert_number),
}
"""The properties that the class declares, with the conversion to the type of each."""
