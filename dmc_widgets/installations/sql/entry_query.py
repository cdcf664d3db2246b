"""Compile queries for entries: conditions and orders as parts of a statement.

Every value of a filter is a parameter. Conditions are true or false and never NULL,
so that ``not`` means what OData says. A condition on related entries is a subquery that
begins at one entry and follows indexes, so that its cost grows with the entries that
are looked at and not with their square.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    TableValuedAlias,
    and_,
    func,
    literal,
    not_,
    or_,
    select,
    true,
)

from ...model.query.filter_expression import FUNCTIONS, Operator
from ...model.query.filter_parser import parse_filter
from ...model.query.sort_order import SortKey, invalid_sort, parse_sort
from ...objects.entries.system_properties import CATEGORY_BRIEFS, CATEGORY_IDS, site_key
from ...objects.entries.validation import EntryRules
from ...objects.fields.many_to_many import ManyToManyRelationship
from ...objects.fields.relationship import ParentRelationship
from ...objects.filters.conditions import Conditions, build_condition
from ...objects.filters.filter_fields import (
    FilterField,
    FilterFields,
    RelatedEntries,
    RelatedRules,
    Relationship,
    ValueKind,
    creator_values,
    entry_filter_fields,
)
from ...objects.filters.placeholder_filter import asks_for_placeholders
from ...objects.names import ERC, SCOPE_KEY, relationship_field_name
from ...ports import Query
from .database.dialect import Dialect, JsonType
from .database.tables import entry, entry_link, unique_value
from .database.tables import relationship as table_of_parents
from .placeholders import NO_PLACEHOLDER

_TICK_MS: Final = 1000
"""Items hold times to the second, and comparisons use the same precision."""

_JSON_TYPES: Final = {
    ValueKind.BOOLEAN: JsonType.BOOLEAN,
    ValueKind.ID: JsonType.NUMBER,
    ValueKind.NUMBER: JsonType.NUMBER,
}
"""How values stand in JSON; decimals and times are texts."""

EntryTable = FromClause
"""The table of entries, or an alias of it."""


def _own_columns(table: EntryTable) -> dict[str, ColumnElement[Any]]:
    return {
        ERC: table.c.erc,
        SCOPE_KEY: table.c.scope,
        "dateCreated": table.c.created - table.c.created % _TICK_MS,
        "dateModified": table.c.modified - table.c.modified % _TICK_MS,
        "id": table.c.id,
        "status": table.c.status,
        "status/code": table.c.status,
    }


class EntryColumns:
    """Expressions for the values of fields in a row of the table of entries.

    Names of fields come from the definition; where they stand in a statement, they
    are parameters of it.

    Args:
        rules: The rules of the definition.
        dialect: The dialect of the database.
        scope: The scope of the entries; None for every scope.
        table: The table of entries, or the alias that related entries are read from.

    Attributes:
        rules: The rules of the definition.
        table: The table.
    """

    def __init__(
        self,
        rules: EntryRules,
        dialect: Dialect,
        scope: str | None = None,
        table: EntryTable = entry,
    ) -> None:
        self._dialect = dialect
        self._scope = scope
        self.rules = rules
        self.table = table
        self._definition_id = rules.definition_id
        self._uniques = frozenset(rules.uniques)
        names = {name: literal(value) for name, value in creator_values().items()}
        self._known: dict[str, ColumnElement[Any]] = {**_own_columns(table), **names}
        links = rules.links
        self._parent_ids = {link.id_name: link for link in links}
        self._parent_codes = {link.erc_name: link.erc_name for link in links}
        self._parent_codes |= {
            f"{link.nested_name}ERC": link.erc_name for link in links
        }

    def value(self, field: FilterField) -> ColumnElement[Any]:
        """Return the value of a field; NULL if it has none."""
        if field.name in self._known:
            return self._known[field.name]
        if field.name in self._parent_codes:
            code = self._dialect.value(
                self.table.c.body, self._parent_codes[field.name]
            )
            return func.coalesce(code, "")
        if field.name in self._parent_ids:
            return self._parent_id(self._parent_ids[field.name])
        name = field.name.removesuffix("/key")
        type_ = _JSON_TYPES.get(field.kind, JsonType.TEXT)
        stored = self._dialect.value(self.table.c.body, name, type_)
        if field.kind is ValueKind.BOOLEAN:
            return func.coalesce(stored, literal(value=False))
        return stored

    def among_uniques(
        self, field: FilterField, values: Sequence[Any]
    ) -> list[ColumnElement[bool]]:
        """Return conditions that use an index of unique values, if there is one.

        A filter by such values is how parents are looked up, and what is there of a
        batch, among any number of entries. The index of unique fields holds texts
        that are not blank.
        """
        if field.name == ERC:
            return [self.table.c.id.in_(self._ids_by_erc(values))]
        indexed = field.name in self._uniques and field.kind is ValueKind.TEXT
        texts = [value for value in values if isinstance(value, str) and value.strip()]
        if not indexed or field.many or len(texts) < len(values):
            return []
        indexed_texts = list(map(self._dialect.index_text, texts))
        owners = (
            select(unique_value.c.entry_id)
            .where(unique_value.c.definition_id == self._definition_id)
            .where(unique_value.c.field == field.name)
            .where(self._dialect.among(unique_value.c.value, indexed_texts))
        )
        return [self.table.c.id.in_(owners)]

    def _ids_by_erc(self, values: Sequence[Any]) -> Select[Any]:
        """Select ids by themselves: sorted by id, SQLite would look at every entry."""
        known = entry.alias()
        ids = select(known.c.id).where(known.c.definition_id == self._definition_id)
        if self._scope is not None:
            ids = ids.where(known.c.scope == self._scope)
        return ids.where(self._dialect.among(known.c.erc, values))

    def elements(
        self, field: FilterField
    ) -> tuple[TableValuedAlias, ColumnElement[Any]]:
        """Return the elements of a list: the table to select from, and their value."""
        if field.name == CATEGORY_IDS:
            source = self._dialect.elements(self.table.c.body, CATEGORY_BRIEFS)
            return source, self._dialect.value(
                source.c.value, "taxonomyCategoryId", JsonType.NUMBER
            )
        source = self._dialect.elements(self.table.c.body, field.name)
        return source, source.c.value

    def _parent_id(self, link: ParentRelationship) -> ColumnElement[Any]:
        if link.parent is None or link.system:
            return literal(0)
        parent = entry.alias()
        own = self.table.c
        scope = literal("") if link.parent.company_scoped else own.scope
        parent_id = (
            select(parent.c.id)
            .where(parent.c.definition_id == link.parent.id)
            .where(parent.c.scope == scope)
            .where(parent.c.erc == self._dialect.value(own.body, link.erc_name))
            .scalar_subquery()
            .correlate(self.table)
        )
        return func.coalesce(parent_id, 0)


Condition = ColumnElement[bool]

_ORDERED: Final[Mapping[Operator, Callable[[Any, Any], Condition]]] = {
    Operator.GREATER: operator.gt,
    Operator.AT_LEAST: operator.ge,
    Operator.LESS: operator.lt,
    Operator.AT_MOST: operator.le,
}


@dataclass(frozen=True, slots=True)
class EntrySelection:
    """The entries to select from the table.

    Attributes:
        condition: The condition of entries, including definition and site.
        order: The expressions to sort by before the id; empty to sort by id alone.
        all_sites: The entries belong to any site.
        whole: The conditions of the definition and of the site, where they select all
            but placeholders; None where others select among those.
    """

    condition: Condition
    order: tuple[ColumnElement[Any], ...]
    all_sites: bool
    whole: tuple[Condition, Condition] | None = None


def entry_scope(rules: EntryRules, scope: str) -> str:
    """Return the scope of entries: the key of the site, or an empty text."""
    return "" if rules.company_scoped else site_key(scope)


def compile_query(
    rules: EntryRules, dialect: Dialect, query: Query, related_rules: RelatedRules
) -> EntrySelection:
    """Compile a query for a definition's entries.

    Args:
        rules: The rules of the definition.
        dialect: The dialect of the database.
        query: The query.
        related_rules: Returns the rules of the entries that a relationship leads to.

    Raises:
        InvalidQuery: The filter or the sort order is not valid.
        NotSupported: A field cannot be used in filters or sort orders.
        UnknownName: A field does not exist.
    """
    related_rules = cache(related_rules)  # a filter may name a relationship often
    fields = entry_filter_fields(rules, related_rules)
    all_sites = not rules.company_scoped and not query.scope
    scope = None if all_sites else entry_scope(rules, query.scope)
    columns = EntryColumns(rules, dialect, scope)
    site = true() if scope is None else entry.c.scope == scope
    whole = (entry.c.definition_id == rules.definition_id, site)
    parts: list[Condition] = [*whole]
    expression = parse_filter(query.filter)
    if not asks_for_placeholders(expression):
        parts.append(NO_PLACEHOLDER)
    if expression is not None:
        conditions = _SqlConditions(dialect, columns.value, columns, related_rules)
        parts.append(build_condition(expression, fields, conditions))
    if query.search.strip():
        parts.append(_search(fields, columns, dialect, query.search))
    keys = parse_sort(query.sort)
    orders = _Orders(fields, columns, dialect, related_rules)
    order = tuple(orders.compile(key) for key in keys)
    is_whole = expression is None and not query.search.strip()
    condition = and_(*parts)
    return EntrySelection(condition, order, all_sites, whole if is_whole else None)


def _search(
    fields: FilterFields, columns: EntryColumns, dialect: Dialect, text: str
) -> Condition:
    folded_text = text.strip().casefold()
    conditions = [
        dialect.holds(
            dialect.folded(columns.value(field)), Operator.CONTAINS, folded_text
        )
        for field in fields.searched
    ]
    return or_(*conditions)


class _Orders:
    """Compiles the keys of a sort order.

    Args:
        fields: The fields of the entries.
        columns: Their columns.
        dialect: The dialect of the database.
        related_rules: Returns the rules of the entries that a relationship leads to.
    """

    def __init__(
        self,
        fields: FilterFields,
        columns: EntryColumns,
        dialect: Dialect,
        related_rules: RelatedRules,
    ) -> None:
        self._fields = fields
        self._columns = columns
        self._dialect = dialect
        self._related_rules = related_rules

    def compile(self, key: SortKey) -> ColumnElement[Any]:
        """Return the expression to sort by.

        Of several related entries the first one in the order counts.
        """
        related, field = self._fields.resolve(key.name)
        if field is None:
            reason = f"{key.name!r} is a relationship. Name a field: {key.name}/field."
            raise invalid_sort(reason)
        if field.many:
            reason = f"{key.name!r} is a list, and lists have no order."
            raise invalid_sort(reason)
        if related:
            value = self._related_value(related, field, descending=key.descending)
        else:
            value = self._value(self._columns, field)
        if key.descending:
            return value.desc().nulls_last()
        return value.asc().nulls_first()

    def _value(self, columns: EntryColumns, field: FilterField) -> ColumnElement[Any]:
        value = _exact(field, columns.value(field), self._dialect)
        is_text = field.kind is ValueKind.TEXT
        return self._dialect.folded(value) if is_text else value

    def _related_value(
        self,
        related: Sequence[RelatedEntries],
        field: FilterField,
        *,
        descending: bool,
    ) -> ColumnElement[Any]:
        columns, tables, conditions = self._columns, [], []
        for step in related:
            rules = self._related_rules(step.relationship)
            other = EntryColumns(rules, self._dialect, table=entry.alias())
            link, joins = join_related(step.relationship, columns, other)
            tables += [link, other.table]
            conditions += joins
            columns = other
        first = func.max if descending else func.min
        value = (
            select(first(self._value(columns, field)))
            .select_from(*tables)
            .where(*conditions)
            .correlate(self._columns.table)
            .scalar_subquery()
        )
        return _exact(field, value, self._dialect)  # the subquery loses the collation


def join_related(
    relationship: Relationship, own: EntryColumns, other: EntryColumns
) -> tuple[FromClause, list[Condition]]:
    """Join entries with those that a relationship leads to.

    Args:
        relationship: The relationship, seen from *own*.
        own: The columns of the entries that the relationship begins at.
        other: The columns of the related entries.

    Returns:
        The table between the two, and the conditions of the join.
    """
    if isinstance(relationship, ManyToManyRelationship):
        return _join_linked(relationship, own, other)
    link = table_of_parents.alias()
    if isinstance(relationship, ParentRelationship):
        parent, child, field = other, own, relationship.id_name
    else:
        parent, child = own, other
        field = relationship_field_name(relationship.name, own.rules.short_name)
    conditions = [
        link.c.entry_id == child.table.c.id,
        link.c.field == field,
        link.c.parent_definition_id == parent.rules.definition_id,
        link.c.parent_erc == parent.table.c.erc,
        other.table.c.definition_id == other.rules.definition_id,
    ]
    if parent.rules.company_scoped:
        conditions.append(parent.table.c.scope == "")
    else:
        conditions.append(parent.table.c.scope == child.table.c.scope)
    return link, conditions


def _join_linked(
    relationship: ManyToManyRelationship, own: EntryColumns, other: EntryColumns
) -> tuple[FromClause, list[Condition]]:
    link = entry_link.alias()
    here, there = link.c.entry1_id, link.c.entry2_id
    if relationship.reverse:
        here, there = there, here
    scope = "" if other.rules.company_scoped else own.table.c.scope
    return link, [
        link.c.name == relationship.name,
        here == own.table.c.id,
        there == other.table.c.id,
        other.table.c.definition_id == other.rules.definition_id,
        other.table.c.scope == scope,
    ]


def _exact(
    field: FilterField, value: ColumnElement[Any], dialect: Dialect
) -> ColumnElement[Any]:
    return dialect.exact(value) if field.kind is ValueKind.DECIMAL else value


class _SqlConditions:
    """Implement :class:`~dmc_widgets.objects.filters.conditions.Conditions` in SQL.

    Args:
        dialect: The dialect of the database.
        value_of: Returns the value of a field, or of an element of a list.
        columns: The columns, for the elements of lists.
        related_rules: Returns the rules of the entries that a relationship leads to.
    """

    def __init__(
        self,
        dialect: Dialect,
        value_of: Callable[[FilterField], ColumnElement[Any]],
        columns: EntryColumns,
        related_rules: RelatedRules,
    ) -> None:
        self._dialect = dialect
        self._value_of = value_of
        self._columns = columns
        self._related_rules = related_rules

    def compare(
        self, field: FilterField, operator_: Operator, value: Any, /
    ) -> Condition:
        kept = _exact(field, self._value_of(field), self._dialect)
        if operator_ in FUNCTIONS:
            return and_(kept.is_not(None), self._dialect.holds(kept, operator_, value))
        parameter = self._dialect.parameter(value, kept.type)
        if operator_ is Operator.EQUAL:
            equal = kept.is_not_distinct_from(parameter)
            return and_(*self._columns.among_uniques(field, [value]), equal)
        if operator_ is Operator.NOT_EQUAL:
            return kept.is_distinct_from(parameter)
        return and_(kept.is_not(None), _ORDERED[operator_](kept, parameter))

    def one_of(self, field: FilterField, values: Sequence[Any], /) -> Condition:
        known = self._columns.among_uniques(field, values)
        if field.name == ERC:  # every entry has one, and the index holds it as it is
            return and_(*known)
        stored = _exact(field, self._value_of(field), self._dialect)
        return and_(*known, stored.is_not(None), self._dialect.among(stored, values))

    def any_of(
        self, field: FilterField, build: Callable[[Conditions[Condition]], Condition], /
    ) -> Condition:
        source, element = self._columns.elements(field)
        inner = _SqlConditions(
            self._dialect, lambda _: element, self._columns, self._related_rules
        )
        elements = select(literal(1)).select_from(source).where(build(inner))
        return elements.exists()

    def related(
        self,
        relationship: Relationship,
        build: Callable[[Conditions[Condition]], Condition],
        /,
    ) -> Condition:
        rules = self._related_rules(relationship)
        other = EntryColumns(rules, self._dialect, table=entry.alias())
        link, joins = join_related(relationship, self._columns, other)
        inner = _SqlConditions(self._dialect, other.value, other, self._related_rules)
        return (
            select(literal(1))
            .select_from(link, other.table)
            .where(*joins, build(inner))
            .correlate(self._columns.table)
            .exists()
        )

    def negate(self, condition: Condition, /) -> Condition:
        return not_(condition)

    def all_hold(self, conditions: Sequence[Condition], /) -> Condition:
        return and_(true(), *conditions)

    def some_hold(self, conditions: Sequence[Condition], /) -> Condition:
        return or_(*conditions)
