"""Conditions in rows, and the filter that they make: both ways."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Final, NamedTuple

from ...errors import InvalidQuery
from ...languages import gettext as _
from ...languages import lazy, resolve
from ...model.query.filter_expression import (
    And,
    AnyOf,
    Comparison,
    Expression,
    FieldPath,
    Literal,
    LiteralValue,
    Not,
    OneOf,
    Operator,
    Or,
)
from ...model.query.filter_parser import parse_filter
from ...model.query.filter_writer import write_filter
from .filterable_fields import (
    OPERATORS,
    WITHOUT_VALUE,
    ConditionKind,
    ConditionOperator,
    FilterableField,
)

_VARIABLE: Final = "x"
_DECIMAL_PLACES: Final = 300
_LISTS: Final = frozenset({ConditionKind.KEYS, ConditionKind.WORDS})


class Condition(NamedTuple):
    """One row: what a field is to be like.

    Attributes:
        field: The name of the field.
        operator: What is said of it.
        values: The values as texts: one, several for *one of*, or none.
    """

    field: str
    operator: ConditionOperator
    values: tuple[str, ...] = ()


class ConditionList(NamedTuple):
    """Conditions that all hold or, with *any_of*, of which one holds."""

    conditions: tuple[Condition, ...] = ()
    any_of: bool = False


class IncompleteCondition(Exception):
    """A condition cannot be used yet; the text says what is missing."""


Fields = Mapping[str, FilterableField]


def write_conditions(rows: ConditionList, fields: Iterable[FilterableField]) -> str:
    """Return the filter that conditions make; empty without any.

    Raises:
        IncompleteCondition: A value is missing, or is of another kind.
    """
    known = {field.name: field for field in fields}
    made = [_make_expression(condition, known) for condition in rows.conditions]
    if len(made) < 2:
        return write_filter(made[0] if made else None)
    return write_filter(Or(tuple(made)) if rows.any_of else And(tuple(made)))


def read_conditions(
    text: str, fields: Iterable[FilterableField]
) -> ConditionList | None:
    """Return the conditions that make a filter; None if no rows can say the same."""
    try:
        expression = parse_filter(text)
    except InvalidQuery:
        return None
    if expression is None:
        return ConditionList()
    known = {field.name: field for field in fields}
    is_joined = isinstance(expression, And | Or)
    parts: Sequence[Expression] = (expression,)
    if isinstance(expression, And | Or):
        parts = expression.conditions
    read = [_read_expression(part, known) for part in parts]
    conditions = tuple(condition for condition in read if condition is not None)
    if len(conditions) < len(read):
        return None
    return ConditionList(conditions, is_joined and isinstance(expression, Or))


def _make_expression(condition: Condition, fields: Fields) -> Expression:
    field = fields.get(condition.field)
    if field is None:
        message = _("There is no field {name} to filter by.").format(
            name=condition.field
        )
        raise IncompleteCondition(message)
    path, operator = FieldPath(field.name, 1), condition.operator
    if operator in WITHOUT_VALUE:
        is_empty = operator is ConditionOperator.EMPTY
        compared = Operator.EQUAL if is_empty else Operator.NOT_EQUAL
        blank = "" if field.kind is ConditionKind.ERC else None
        return Comparison(path, compared, Literal(blank, 1))
    literals = tuple(
        Literal(_parse_value(text, field), 1)
        for text in condition.values
        if text.strip()
    )
    if not literals:
        message = _("Nothing is entered yet for {label}.").format(label=field.label)
        raise IncompleteCondition(message)
    if operator is ConditionOperator.ONE_OF:
        return OneOf(path, literals)
    if field.kind in _LISTS:
        element = FieldPath(_VARIABLE, 1)
        has_value = Comparison(element, Operator.EQUAL, literals[0])
        found = AnyOf(path, _VARIABLE, has_value)
        return found if operator is ConditionOperator.HAS else Not(found)
    if operator is ConditionOperator.OMITS:
        return Not(Comparison(path, Operator.CONTAINS, literals[0]))
    return Comparison(path, Operator(operator.value), literals[0])


def _parse_value(text: str, field: FilterableField) -> LiteralValue:
    parse = _PARSERS.get(field.kind)
    if parse is None:
        return text
    try:
        return parse(text.strip())
    except (KeyError, ValueError, InvalidOperation):
        message = resolve(_EXPECTED[field.kind]).format(value=text, label=field.label)
        raise IncompleteCondition(message) from None


def _parse_number(text: str) -> LiteralValue:
    number = Decimal(text)
    if not number.is_finite() or abs(number.adjusted()) >= _DECIMAL_PLACES:
        raise ValueError(text)
    return int(number) if number == number.to_integral_value() else number


def _parse_boolean(text: str) -> LiteralValue:
    return {"true": True, "false": False}[text]


def _parse_moment(text: str) -> LiteralValue:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


_PARSERS: Final[Mapping[ConditionKind, Callable[[str], LiteralValue]]] = {
    ConditionKind.NUMBER: _parse_number,
    ConditionKind.BOOLEAN: _parse_boolean,
    ConditionKind.DAY: date.fromisoformat,
    ConditionKind.MOMENT: _parse_moment,
}
_EXPECTED: Final = {
    ConditionKind.NUMBER: lazy("{label} is a number; {value} is none."),
    ConditionKind.BOOLEAN: lazy("{label} is true or false; {value} is neither."),
    ConditionKind.DAY: lazy("{label} is a day such as 2024-01-05; {value} is none."),
    ConditionKind.MOMENT: lazy("{label} is a moment; {value} is none."),
}


def _read_expression(expression: Expression, fields: Fields) -> Condition | None:
    match expression:
        case Comparison(path, operator, literal):
            return _read_comparison(
                fields.get(path.name), ConditionOperator(operator.value), literal.value
            )
        case OneOf(path, literals):
            values = [literal.value for literal in literals]
            return _read_values(fields.get(path.name), ConditionOperator.ONE_OF, values)
        case AnyOf():
            return _read_list(expression, fields, ConditionOperator.HAS)
        case Not(AnyOf() as condition):
            return _read_list(condition, fields, ConditionOperator.LACKS)
        case Not(Comparison(path, Operator.CONTAINS, literal)):
            return _read_values(
                fields.get(path.name), ConditionOperator.OMITS, [literal.value]
            )
    return None


def _read_comparison(
    field: FilterableField | None, operator: ConditionOperator, value: LiteralValue
) -> Condition | None:
    if field is None:
        return None
    blank = "" if field.kind is ConditionKind.ERC else None
    if value == blank and operator in {
        ConditionOperator.EQUAL,
        ConditionOperator.NOT_EQUAL,
    }:
        is_empty = operator is ConditionOperator.EQUAL
        operator = ConditionOperator.EMPTY if is_empty else ConditionOperator.FILLED
        return Condition(field.name, operator) if _allows(field, operator) else None
    return _read_values(field, operator, [value])


def _read_list(
    expression: AnyOf, fields: Fields, operator: ConditionOperator
) -> Condition | None:
    match expression.condition:
        case Comparison(path, Operator.EQUAL, literal) if (
            path.name == expression.variable
        ):
            field = fields.get(expression.path.name)
            return _read_values(field, operator, [literal.value])
    return None


def _read_values(
    field: FilterableField | None,
    operator: ConditionOperator,
    values: Sequence[LiteralValue],
) -> Condition | None:
    if field is None or not _allows(field, operator):
        return None
    texts = [_format_value(value, field.kind) for value in values]
    if not all(texts):
        return None
    return Condition(field.name, operator, tuple(text for text in texts if text))


def _allows(field: FilterableField, operator: ConditionOperator) -> bool:
    return operator in OPERATORS[field.kind]


def _format_value(value: LiteralValue, kind: ConditionKind) -> str:
    """Return a value as the input of its kind holds it; empty if it cannot."""
    is_number = isinstance(value, int | Decimal) and not isinstance(value, bool)
    if kind is ConditionKind.NUMBER:
        return str(value) if is_number else ""
    if kind is ConditionKind.BOOLEAN:
        return str(value).lower() if isinstance(value, bool) else ""
    if kind is ConditionKind.MOMENT:
        return _format_moment(value)
    if kind is ConditionKind.DAY:
        is_day = isinstance(value, date) and not isinstance(value, datetime)
        return value.isoformat() if is_day and isinstance(value, date) else ""
    return value if isinstance(value, str) and value.strip() else ""


def _format_moment(value: LiteralValue) -> str:
    if not isinstance(value, datetime) or value.tzinfo is None:
        return ""
    return value.astimezone(UTC).replace(tzinfo=None).isoformat()
