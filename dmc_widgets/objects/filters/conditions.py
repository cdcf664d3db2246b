"""Turns a filter into conditions, and checks its fields and values.

:func:`build_condition` walks an expression and builds its parts with an implementation
of :class:`Conditions`: SQL for entries, functions of an item for documents. So every
installation refuses the same filters with the same messages.

As in OData, null is neither larger nor smaller than anything: a comparison with a field
that has no value is false, except ``ne``, and its ``not`` is true. A comparison with a
field of related entries is true if any of them meets it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final, Protocol, TypeVar

from ...model.outcome import Problem
from ...model.query.filter_expression import (
    FUNCTIONS,
    And,
    AnyOf,
    Comparison,
    Expression,
    FieldPath,
    Literal,
    Not,
    OneOf,
    Operator,
    Or,
)
from ...model.query.filter_parser import invalid_filter
from ..fields.date import build_date_time_check
from ..fields.number import format_decimal, parse_decimal
from ..fields.relationship import ParentRelationship
from ..names import ERC
from .filter_fields import (
    MAX_RELATIONSHIPS,
    FieldTarget,
    FilterField,
    FilterFields,
    RelatedEntries,
    Relationship,
    ValueKind,
)

_C = TypeVar("_C")

Comparable = str | int | float | bool | None
"""A literal in the form in which the values of a field are stored."""

_EQUALITY: Final = frozenset({Operator.EQUAL, Operator.NOT_EQUAL})
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MIDNIGHT: Final = "T00:00:00.000Z"
_EXAMPLES: Final = {
    ValueKind.TEXT: "a text in single quotation marks, such as 'x'",
    ValueKind.ID: "a number such as 7",
    ValueKind.NUMBER: "a number such as 7",
    ValueKind.DECIMAL: "a number such as 2.5",
    ValueKind.BOOLEAN: "true or false",
    ValueKind.DAY: "a day such as 2024-01-05",
    ValueKind.MOMENT: "a moment such as 2024-01-05T15:00:00Z",
    ValueKind.CLOCK: "a time such as 2024-01-05T15:00:00",
    ValueKind.TIME: "a moment such as 2024-01-05T15:00:00Z",
}


class Conditions(Protocol[_C]):
    """Builds conditions of some type.

    Values have been converted to a kind that the field can be compared with; for
    equality they may be None.
    """

    def compare(self, field: FilterField, operator: Operator, value: Any, /) -> _C:
        """The field compares with the value by the operator."""
        ...

    def one_of(self, field: FilterField, values: Sequence[Any], /) -> _C:
        """The field has one of the values, none of which is None."""
        ...

    def any_of(
        self, field: FilterField, build: Callable[[Conditions[_C]], _C], /
    ) -> _C:
        """An element meets the condition that *build* makes.

        *build* receives conditions in which the field stands for the element.
        """
        ...

    def related(
        self, relationship: Relationship, build: Callable[[Conditions[_C]], _C], /
    ) -> _C:
        """A related entry meets the condition that *build* makes.

        *build* receives conditions on the fields of the related entry.
        """
        ...

    def negate(self, condition: _C, /) -> _C:
        """The condition does not hold."""
        ...

    def all_hold(self, conditions: Sequence[_C], /) -> _C:
        """All conditions hold."""
        ...

    def some_hold(self, conditions: Sequence[_C], /) -> _C:
        """At least one condition holds."""
        ...


def build_condition(
    expression: Expression, fields: FilterFields, conditions: Conditions[_C]
) -> _C:
    """Turn a filter into a condition.

    Raises:
        InvalidQuery: A field cannot be compared with a value.
        NotSupported: Filters cannot use a field.
        UnknownName: The field does not exist.
    """
    condition: _C = _Builder(fields, conditions).build(expression)
    return condition


@dataclass(frozen=True, slots=True)
class _Variable:
    """The variable of the lambda that surrounds a condition.

    Attributes:
        name: The name; within the condition every path begins with it.
        element: The list, where the variable stands for its elements; None where it
            stands for related entries.
    """

    name: str
    element: FilterField | None = None


class _Builder:
    """Walks an expression.

    Args:
        fields: The fields that paths may lead to.
        conditions: Builds the conditions on these fields.
        variable: The variable of the lambda around the expression, if there is one.
        depth: The number of relationships that lead to the fields.
    """

    def __init__(
        self,
        fields: FilterFields,
        conditions: Conditions[_C],
        variable: _Variable | None = None,
        depth: int = 0,
    ) -> None:
        self._fields = fields
        self._conditions: Conditions[Any] = conditions
        self._variable = variable
        self._depth = depth

    def build(self, expression: Expression) -> Any:
        if isinstance(expression, And):
            parts = [self.build(condition) for condition in expression.conditions]
            return self._conditions.all_hold(parts)
        if isinstance(expression, Or):
            parts = [self.build(condition) for condition in expression.conditions]
            return self._conditions.some_hold(parts)
        if isinstance(expression, Not):
            return self._conditions.negate(self.build(expression.condition))
        if isinstance(expression, AnyOf):
            return self._any_of(expression)
        if isinstance(expression, OneOf):
            return self._one_of(expression)
        return self._compared(expression)

    def _compared(self, comparison: Comparison) -> Any:
        related, field = self._single(comparison.path)
        operator, literal = comparison.operator, comparison.literal
        if operator in FUNCTIONS and field.kind is not ValueKind.TEXT:
            reason = f"{operator} is for texts, and {field.name!r} is none."
            raise invalid_filter(reason, comparison.path.position)
        ordered = operator not in _EQUALITY
        if ordered and (literal.value is None or field.kind is ValueKind.BOOLEAN):
            reason = f"{field.name!r} and this value can be compared by eq and ne only."
            raise invalid_filter(reason, literal.position)
        if related and field.name == ERC and not ordered and not literal.value:
            related, field = _parent_code(related, field)
        value = convert_literal(field, literal)
        return _within(
            self._conditions,
            related,
            lambda conditions: conditions.compare(field, operator, value),
        )

    def _one_of(self, expression: OneOf) -> Any:
        related, field = self._single(expression.path)
        values = [convert_literal(field, literal) for literal in expression.literals]
        present = [value for value in dict.fromkeys(values) if value is not None]

        def build(conditions: Conditions[Any]) -> Any:
            parts = [conditions.one_of(field, present)] if present else []
            if None in values:
                parts.append(conditions.compare(field, Operator.EQUAL, None))
            return parts[0] if len(parts) == 1 else conditions.some_hold(parts)

        return _within(self._conditions, related, build)

    def _any_of(self, expression: AnyOf) -> Any:
        related, field = self._resolve(expression.path)
        if field is None:
            return self._any_related(expression, related)
        if field.listed:
            variable = _Variable(expression.variable, field)
            return _within(
                self._conditions,
                related,
                lambda conditions: _Builder(_NO_FIELDS, conditions, variable).build(
                    expression.condition
                ),
            )
        if not field.many:
            reason = f"{field.name!r} is not a list, so any does not apply to it."
            raise invalid_filter(reason, expression.path.position)
        variable = _Variable(expression.variable, field)

        def build(elements: Conditions[Any]) -> Any:
            inner = _Builder(_NO_FIELDS, elements, variable)
            return inner.build(expression.condition)

        return _within(
            self._conditions,
            related,
            lambda conditions: conditions.any_of(field, build),
        )

    def _any_related(
        self, expression: AnyOf, related: tuple[RelatedEntries, ...]
    ) -> Any:
        """Build the condition that one related entry meets all of a lambda."""
        fields, variable = related[-1].load(), _Variable(expression.variable)
        depth = self._depth + len(related)
        return _within(
            self._conditions,
            related,
            lambda conditions: _Builder(fields, conditions, variable, depth).build(
                expression.condition
            ),
        )

    def _single(
        self, path: FieldPath
    ) -> tuple[tuple[RelatedEntries, ...], FilterField]:
        related, field = self._resolve(path)
        if field is None:
            reason = (
                f"{path.name!r} is a relationship. Write {path.name}/field eq …, with "
                "a field of the related entries."
            )
            raise invalid_filter(reason, path.position)
        is_element = self._variable is not None and self._variable.element is field
        if field.many and not is_element:
            reason = f"{field.name!r} is a list. Write {path.name}/any(x:x eq …)."
            raise invalid_filter(reason, path.position)
        return related, field

    def _resolve(self, path: FieldPath) -> FieldTarget:
        name, variable = path.name, self._variable
        if variable is not None:
            first, slash, rest = name.partition("/")
            is_element = variable.element is not None
            if first != variable.name or bool(slash) is is_element:
                known = variable.name if is_element else f"{variable.name}/field"
                reason = f"the condition within any may speak of {known} only."
                raise invalid_filter(reason, path.position)
            if variable.element is not None:
                return FieldTarget((), variable.element)
            name = rest
        target = self._fields.resolve(name)
        if self._depth + len(target.related) > MAX_RELATIONSHIPS:
            reason = f"it leads over more than {MAX_RELATIONSHIPS} relationships."
            raise invalid_filter(reason, path.position)
        return target


_NO_FIELDS: Final = FilterFields({}, {})


def _within(
    conditions: Conditions[Any],
    related: Sequence[RelatedEntries],
    build: Callable[[Conditions[Any]], Any],
) -> Any:
    """Build a condition on the entries that some relationships lead to."""
    if not related:
        return build(conditions)
    return conditions.related(
        related[0].relationship, lambda inner: _within(inner, related[1:], build)
    )


def _parent_code(
    related: tuple[RelatedEntries, ...], field: FilterField
) -> tuple[tuple[RelatedEntries, ...], FilterField]:
    """Return the child's own field for the code of its parent, if there is one.

    ``owner/externalReferenceCode eq ''`` finds the entries without a parent, which no
    condition on parents would find.
    """
    relationship = related[-1].relationship
    if not isinstance(relationship, ParentRelationship):
        return related, field
    name = relationship.erc_name
    return related[:-1], FilterField(name=name, kind=ValueKind.TEXT, blank="")


def convert_literal(field: FilterField, literal: Literal) -> Comparable:
    """Convert a literal to what the field's values are compared with.

    Times of the installation are milliseconds since the epoch. Other days and moments
    are texts in their stored form, which sort in the order of the calendar.

    Raises:
        InvalidQuery: The literal is not a value of the field's kind.
    """
    if literal.value is None:
        return field.blank
    converted = _CONVERSIONS[field.kind](literal.value)
    if converted is None:
        reason = f"{field.name!r} is compared with {_EXAMPLES[field.kind]}."
        raise invalid_filter(reason, literal.position)
    return converted


def _text(value: object) -> str | None:
    if not isinstance(value, str):
        return None
    try:
        value.encode()
    except UnicodeEncodeError:  # half of a surrogate pair, which nothing equals
        return None
    return value


def _number(value: object) -> int | float | None:
    if type(value) is int and -(2**63) <= value < 2**63:
        return value
    exact = _exact(value)
    return None if exact is None else float(exact)


def _id(value: object) -> int | float | None:
    """Read a number or a text of digits: ids in Liferay's filters are texts."""
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value[:20])  # no id is longer
    return _number(value)


def _decimal(value: object) -> str | None:
    exact = _exact(value)
    return None if exact is None else format_decimal(exact)


def _exact(value: object) -> Decimal | None:
    is_number = isinstance(value, int | Decimal) and not isinstance(value, bool)
    return parse_decimal(value) if is_number else None


def _boolean(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _moment(value: object) -> str | None:
    return _stored_moment(value, as_entered=False)


def _clock(value: object) -> str | None:
    return _stored_moment(value, as_entered=True)


def _stored_moment(value: object, *, as_entered: bool) -> str | None:
    text = value.isoformat() if isinstance(value, date) else value
    if not isinstance(text, str):
        return None
    stored = build_date_time_check("", as_entered=as_entered)(text)
    return None if isinstance(stored, Problem) else stored


def _day(value: object) -> str | None:
    """Write midnight as the day alone, which sorts before the moments of the day."""
    moment = _moment(value)
    return None if moment is None else moment.removesuffix(_MIDNIGHT)


def _time(value: object) -> int | None:
    moment = _moment(value)
    if moment is None:
        return None
    return (datetime.fromisoformat(moment) - _EPOCH) // timedelta(milliseconds=1)


_CONVERSIONS: Final[Mapping[ValueKind, Callable[[object], Comparable]]] = {
    ValueKind.TEXT: _text,
    ValueKind.ID: _id,
    ValueKind.NUMBER: _number,
    ValueKind.DECIMAL: _decimal,
    ValueKind.BOOLEAN: _boolean,
    ValueKind.DAY: _day,
    ValueKind.MOMENT: _moment,
    ValueKind.CLOCK: _clock,
    ValueKind.TIME: _time,
}
