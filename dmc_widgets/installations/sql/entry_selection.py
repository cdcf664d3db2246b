"""Which entries a query wants, and in which order, as parts of a statement.

Every value of a filter is a parameter. Conditions are true or false and never NULL,
so that ``not`` means what OData says.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, literal, not_, or_, select, true

from ...model.filter_expression import FUNCTIONS, Operator
from ...model.filter_parser import parse_filter
from ...model.sorting import SortKey, invalid_sort, parse_sort
from ...objects.entries import EntryRules
from ...objects.entry_faults import ERC
from ...objects.filter_fields import (
    FilterField,
    FilterFields,
    Kind,
    entry_filter_fields,
)
from ...objects.filtering import Conditions, build_condition
from ...objects.sites import site_key
from ...ports import Query
from .engine import Dialect
from .entry_columns import EntryColumns
from .tables import entry

Condition = ColumnElement[bool]

_ORDERED: Final[Mapping[Operator, Callable[[Any, Any], Condition]]] = {
    Operator.GREATER: operator.gt,
    Operator.AT_LEAST: operator.ge,
    Operator.LESS: operator.lt,
    Operator.AT_MOST: operator.le,
}


@dataclass(frozen=True, slots=True)
class Selection:
    """What to select of the table of entries.

    Attributes:
        condition: Of the entries, their definition and site included.
        order: To sort by before the id; empty for the order of creation.
        all_sites: The entries are of every site.
    """

    condition: Condition
    order: tuple[ColumnElement[Any], ...]
    all_sites: bool


def scope_of(rules: EntryRules, scope: str) -> str:
    """Return the scope of entries: the key of the site, or none at all."""
    return "" if rules.company_scoped else site_key(scope)


def select_entries(rules: EntryRules, dialect: Dialect, query: Query) -> Selection:
    """Understand a query for a definition's entries.

    Raises:
        InvalidQuery: The filter or the order cannot be understood.
        NotSupported: Nobody can filter or sort by a field.
        UnknownName: A field is not there.
    """
    fields = entry_filter_fields(rules)
    all_sites = not rules.company_scoped and not query.scope
    scope = None if all_sites else scope_of(rules, query.scope)
    columns = EntryColumns(rules, dialect, scope)
    parts = [entry.c.definition_id == rules.definition_id]
    if scope is not None:
        parts.append(entry.c.scope == scope)
    expression = parse_filter(query.filter)
    if expression is not None:
        conditions = _SqlConditions(dialect, columns.value, columns)
        parts.append(build_condition(expression, fields, conditions))
    if query.search.strip():
        parts.append(_search(fields, columns, dialect, query.search))
    keys = parse_sort(query.sort)
    order = tuple(_order(key, fields, columns, dialect) for key in keys)
    return Selection(and_(*parts), order, all_sites)


def _search(
    fields: FilterFields, columns: EntryColumns, dialect: Dialect, text: str
) -> Condition:
    wanted = text.strip().casefold()
    found = [
        dialect.holds(dialect.folded(columns.value(each)), Operator.CONTAINS, wanted)
        for each in fields.searched
    ]
    return or_(*found)


def _order(
    key: SortKey, fields: FilterFields, columns: EntryColumns, dialect: Dialect
) -> ColumnElement[Any]:
    field = fields.get(key.name)
    if field.many:
        reason = f"{field.name!r} is a list, and lists have no order."
        raise invalid_sort(reason)
    value = _exactly(field, columns.value(field), dialect)
    if field.kind is Kind.TEXT:
        value = dialect.folded(value)
    if key.descending:
        return value.desc().nulls_last()
    return value.asc().nulls_first()


def _exactly(
    field: FilterField, value: ColumnElement[Any], dialect: Dialect
) -> ColumnElement[Any]:
    return dialect.exact(value) if field.kind is Kind.DECIMAL else value


class _SqlConditions:
    """Conditions of SQL; see :class:`~dmc_widgets.objects.filtering.Conditions`.

    Args:
        dialect: Of the database.
        value_of: Gives a field's value: of the entry, or of a list's element.
        columns: Give the elements of lists.
    """

    def __init__(
        self,
        dialect: Dialect,
        value_of: Callable[[FilterField], ColumnElement[Any]],
        columns: EntryColumns,
    ) -> None:
        self._dialect = dialect
        self._value_of = value_of
        self._columns = columns

    def compared(
        self, field: FilterField, operator_: Operator, value: Any, /
    ) -> Condition:
        kept = _exactly(field, self._value_of(field), self._dialect)
        if operator_ is Operator.EQUAL:
            equal = kept.is_not_distinct_from(value)
            return and_(*self._columns.among_uniques(field, [value]), equal)
        if operator_ is Operator.NOT_EQUAL:
            return kept.is_distinct_from(value)
        if operator_ in FUNCTIONS:
            return and_(kept.is_not(None), self._dialect.holds(kept, operator_, value))
        return and_(kept.is_not(None), _ORDERED[operator_](kept, value))

    def one_of(self, field: FilterField, values: Sequence[Any], /) -> Condition:
        known = self._columns.among_uniques(field, values)
        if field.name == ERC:  # every entry has one, and the index holds it as it is
            return and_(*known)
        kept = _exactly(field, self._value_of(field), self._dialect)
        return and_(*known, kept.is_not(None), self._dialect.among(kept, values))

    def any_of(
        self, field: FilterField, build: Callable[[Conditions[Condition]], Condition], /
    ) -> Condition:
        source, element = self._columns.elements(field)
        inner = _SqlConditions(self._dialect, lambda _: element, self._columns)
        found = select(literal(1)).select_from(source).where(build(inner))
        return found.exists()

    def negated(self, condition: Condition, /) -> Condition:
        return not_(condition)

    def all_hold(self, conditions: Sequence[Condition], /) -> Condition:
        return and_(true(), *conditions)

    def some_hold(self, conditions: Sequence[Condition], /) -> Condition:
        return or_(*conditions)
