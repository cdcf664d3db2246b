"""Filter, sort order and search over items in memory: definitions, picklists, folders.

They are few, so no database has to know their properties.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final

from ...model.query.filter_expression import Operator
from ...model.query.filter_parser import parse_filter
from ...model.query.sort_order import parse_sort
from ..fields.localized import DEFAULT_LANGUAGE
from ..names import get_translation
from .conditions import Conditions, build_condition
from .filter_fields import (
    LABELS,
    FilterField,
    FilterFields,
    Relationship,
    ValueKind,
)

Item = Mapping[str, Any]
Test = Callable[[Any], bool]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class ItemQuery:
    """A filter, a sort order and a search, compiled for one kind of items.

    Args:
        fields: The fields of the items.
        filter: An OData expression, or empty.
        sort: Such as ``name:asc``, or empty.
        search: A text, or empty.

    Raises:
        InvalidQuery: The filter or the sort order is invalid.
        NotSupported: A field cannot be used for filtering or sorting.
        UnknownName: The field does not exist.
    """

    def __init__(
        self,
        fields: FilterFields,
        *,
        filter: str = "",
        sort: str = "",
        search: str = "",
    ) -> None:
        self._fields = fields
        expression = parse_filter(filter)
        conditions = _ItemConditions(_value_of)
        self._passes: Test | None = None
        if expression is not None:
            self._passes = build_condition(expression, self._fields, conditions)
        self._keys = [
            (self._fields.get(key.name), key.descending) for key in parse_sort(sort)
        ]
        self._search = search.casefold().strip()

    @property
    def is_plain(self) -> bool:
        """True if all items pass, in their order."""
        return self._passes is None and not self._keys and not self._search

    def apply(self, items: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        """Yield the items that pass; sorting holds all of them in memory."""
        passing: Iterable[dict[str, Any]] = (e for e in items if self._takes(e))
        if self._keys:
            passing = list(passing)
            for field, descending in reversed(self._keys):
                passing.sort(key=partial(_order, field), reverse=descending)
        yield from passing

    def _takes(self, item: Item) -> bool:
        if self._passes is not None and not self._passes(item):
            return False
        return not self._search or any(
            self._search in str(_value_of(field, item) or "").casefold()
            for field in self._fields.searched
        )


class _ItemConditions:
    """Conditions as functions of an item; see :class:`~.conditions.Conditions`."""

    def __init__(self, value_of: Callable[[FilterField, Any], Any]) -> None:
        self._value_of = value_of

    def compare(self, field: FilterField, operator_: Operator, value: Any, /) -> Test:
        compare: Callable[[Any, Any], bool] = _COMPARE[operator_]

        def test(item: Any) -> bool:
            return compare(self._value_of(field, item), value)

        return test

    def one_of(self, field: FilterField, values: Sequence[Any], /) -> Test:
        accepted = frozenset(values)
        return lambda item: self._value_of(field, item) in accepted

    def any_of(
        self, field: FilterField, build: Callable[[Conditions[Test]], Test], /
    ) -> Test:
        passes = build(_ItemConditions(lambda _field, element: element))
        return lambda item: any(map(passes, self._value_of(field, item) or ()))

    def related(
        self, relationship: Relationship, _build: Callable[[Conditions[Test]], Test], /
    ) -> Test:
        message = f"Documents have no relationship to entries: {relationship}"
        raise ValueError(message)  # their fields lead to none

    def negate(self, condition: Test, /) -> Test:
        return lambda item: not condition(item)

    def all_hold(self, conditions: Sequence[Test], /) -> Test:
        return lambda item: all(condition(item) for condition in conditions)

    def some_hold(self, conditions: Sequence[Test], /) -> Test:
        return lambda item: any(condition(item) for condition in conditions)


def _order(field: FilterField, item: Item) -> tuple[bool, Any]:
    """Return a sort key: no value comes first, and case is ignored."""
    value = _value_of(field, item)
    return value is not None, value.casefold() if isinstance(value, str) else value


def _value_of(field: FilterField, item: Item) -> Any:
    """Return the item's value if it is of the field's kind; else its blank value."""
    name, _, part = field.name.partition("/")
    value = item.get(name)
    if name == "status" and isinstance(value, Mapping):
        value = value.get(part or "code")
    if name in LABELS or isinstance(value, Mapping):
        language = item.get("defaultLanguageId") or DEFAULT_LANGUAGE
        value = get_translation(value, str(language)) or None
    if field.kind is ValueKind.TIME:
        value = _milliseconds(value)
    is_bool = isinstance(value, bool)
    expected = _TYPES[field.kind]
    if isinstance(value, expected) and is_bool == (field.kind is ValueKind.BOOLEAN):
        return value
    return field.blank


def _milliseconds(value: Any) -> int | None:
    """Read a time as an installation writes it."""
    if not isinstance(value, str):
        return None
    return (datetime.fromisoformat(value) - _EPOCH) // timedelta(milliseconds=1)


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    return lambda value, limit: value is not None and compare(value, limit)


_COMPARE: Final[Mapping[Operator, Callable[[Any, Any], bool]]] = {
    Operator.EQUAL: operator.eq,
    Operator.NOT_EQUAL: operator.ne,
    Operator.GREATER: _ordered(operator.gt),
    Operator.AT_LEAST: _ordered(operator.ge),
    Operator.LESS: _ordered(operator.lt),
    Operator.AT_MOST: _ordered(operator.le),
    Operator.CONTAINS: _ordered(operator.contains),
    Operator.STARTS_WITH: _ordered(str.startswith),
    Operator.ENDS_WITH: _ordered(str.endswith),
}
_TYPES: Final[Mapping[ValueKind, type | tuple[type, ...]]] = {
    ValueKind.BOOLEAN: bool,
    ValueKind.ID: int,
    ValueKind.NUMBER: (int, float),
    ValueKind.TEXT: str,
    ValueKind.TIME: int,
}
"""The kinds of values that documents have."""
