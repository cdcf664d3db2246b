"""The fields that a condition may be about, and what it may say of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Final, NamedTuple

from ...languages import lazy
from ...model.entity_type import EntityType, Field
from ..model_words import shown_label

_SYSTEM_TIMES: Final = frozenset({"dateCreated", "dateModified"})
_KEYWORDS: Final = "keywords"


class ConditionKind(StrEnum):
    """What is compared; it decides on the operators and on the input of the value."""

    TEXT = "text"
    NUMBER = "number"
    DAY = "day"
    MOMENT = "moment"
    BOOLEAN = "boolean"
    PICKLIST = "picklist"
    KEYS = "keys"
    WORDS = "words"
    ERC = "code"


class ConditionOperator(StrEnum):
    """What a condition says; the value is the word of OData where there is one."""

    EQUAL = "eq"
    NOT_EQUAL = "ne"
    GREATER = "gt"
    AT_LEAST = "ge"
    LESS = "lt"
    AT_MOST = "le"
    CONTAINS = "contains"
    OMITS = "omits"
    STARTS_WITH = "startswith"
    ENDS_WITH = "endswith"
    ONE_OF = "in"
    HAS = "any"
    LACKS = "none"
    EMPTY = "empty"
    FILLED = "filled"


WITHOUT_VALUE: Final = frozenset({ConditionOperator.EMPTY, ConditionOperator.FILLED})
"""Operators that say all without a value."""

_O = ConditionOperator
_EITHER: Final = {_O.EMPTY: lazy("has no value"), _O.FILLED: lazy("has a value")}
_IS: Final = {
    _O.EQUAL: lazy("is"),
    _O.NOT_EQUAL: lazy("is not"),
    _O.ONE_OF: lazy("is one of"),
}
_TIMES: Final = {
    _O.EQUAL: lazy("is"),
    _O.NOT_EQUAL: lazy("is not"),
    _O.GREATER: lazy("is after"),
    _O.AT_LEAST: lazy("is on or after"),
    _O.LESS: lazy("is before"),
    _O.AT_MOST: lazy("is on or before"),
    **_EITHER,
}
_LISTS: Final = {_O.HAS: lazy("include"), _O.LACKS: lazy("do not include")}
OPERATORS: Final[Mapping[ConditionKind, Mapping[ConditionOperator, str]]] = {
    ConditionKind.TEXT: {
        _O.CONTAINS: lazy("contains"),
        _O.OMITS: lazy("does not contain"),
        **_IS,
        _O.STARTS_WITH: lazy("starts with"),
        _O.ENDS_WITH: lazy("ends with"),
        **_EITHER,
    },
    ConditionKind.NUMBER: {
        _O.EQUAL: lazy("is"),
        _O.NOT_EQUAL: lazy("is not"),
        _O.GREATER: lazy("is greater than"),
        _O.AT_LEAST: lazy("is at least"),
        _O.LESS: lazy("is less than"),
        _O.AT_MOST: lazy("is at most"),
        _O.ONE_OF: lazy("is one of"),
        **_EITHER,
    },
    ConditionKind.DAY: _TIMES,
    ConditionKind.MOMENT: _TIMES,
    ConditionKind.BOOLEAN: {_O.EQUAL: lazy("is")},
    ConditionKind.PICKLIST: {**_IS, **_EITHER},
    ConditionKind.KEYS: _LISTS,
    ConditionKind.WORDS: _LISTS,
    ConditionKind.ERC: {**_IS, **_EITHER},
}
"""The operators of each kind with their words; the first one is offered first."""

_KINDS: Final = {
    "Boolean": ConditionKind.BOOLEAN,
    "Date": ConditionKind.DAY,
    "DateTime": ConditionKind.MOMENT,
    "Decimal": ConditionKind.NUMBER,
    "Integer": ConditionKind.NUMBER,
    "LongInteger": ConditionKind.NUMBER,
    "MultiselectPicklist": ConditionKind.KEYS,
    "Picklist": ConditionKind.PICKLIST,
    "PrecisionDecimal": ConditionKind.NUMBER,
    "boolean": ConditionKind.BOOLEAN,
    "integer": ConditionKind.NUMBER,
    **dict.fromkeys(
        [
            *("AutoIncrement", "EmailAddress", "LongText", "PhoneNumber"),
            *("RichText", "Text", "string"),
        ],
        ConditionKind.TEXT,
    ),
}


class FilterableField(NamedTuple):
    """A field that a condition may be about.

    Attributes:
        name: Its name in filters.
        label: Its label for people.
        kind: What is compared.
        choices: Pairs of a key and its name; empty for all but picklists.
    """

    name: str
    label: str
    kind: ConditionKind
    choices: tuple[tuple[str, str], ...] = ()


def list_filterable_fields(
    entity_type: EntityType | None,
) -> tuple[FilterableField, ...]:
    """Return the fields of an entity type that conditions may be about.

    Those of the object itself come first. A relationship is one field, compared by the
    external reference code.
    """
    if entity_type is None:
        return ()
    found = [*_find_fields(entity_type)]
    own = [one for field, one in found if field.custom or field.parent]
    others = [one for field, one in found if not (field.custom or field.parent)]
    return (*own, *others)


def _find_fields(entity_type: EntityType) -> Iterator[tuple[Field, FilterableField]]:
    relationships = {field.label for field in entity_type.fields if field.parent}
    for field in entity_type.export_fields:
        if field.parent:
            if field.name.endswith("ERC"):
                yield field, _make_field(field, ConditionKind.ERC)
        elif field.name in _SYSTEM_TIMES:
            yield field, _make_field(field, ConditionKind.MOMENT)
        elif field.name == _KEYWORDS:
            yield field, _make_field(field, ConditionKind.WORDS)
        elif field.type in _KINDS and not _repeats(field, relationships):
            yield field, _make_field(field, _KINDS[field.type])


def _repeats(field: Field, relationships: set[str]) -> bool:
    """Return True for the short name of a relationship's code: ``ownerERC``."""
    return field.name.endswith("ERC") and field.label in relationships


def _make_field(field: Field, kind: ConditionKind) -> FilterableField:
    label = shown_label(field)
    return FilterableField(field.name, label, kind, field.choices)
