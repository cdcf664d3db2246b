"""Writer of filters: from an expression to the text that the parser reads back."""

from __future__ import annotations

from datetime import UTC, datetime

from .filter_expression import (
    FUNCTIONS,
    And,
    AnyOf,
    Comparison,
    Expression,
    LiteralValue,
    Not,
    OneOf,
    Or,
)


def write_filter(expression: Expression | None) -> str:
    """Return an expression as a text; empty for None, which everything meets.

    >>> write_filter(parse_filter("( price gt 7 )and not(kind eq 'city')"))
    "price gt 7 and not (kind eq 'city')"
    """
    match expression:
        case None:
            return ""
        case AnyOf(path, variable, condition):
            return f"{path.name}/any({variable}:{write_filter(condition)})"
        case Not(condition):
            return f"not ({write_filter(condition)})"
        case And(conditions):
            return " and ".join(map(_write_operand, conditions))
        case Or(conditions):
            return " or ".join(map(_write_operand, conditions))
    return _write_comparison(expression)


def _write_comparison(expression: Comparison | OneOf) -> str:
    name = expression.path.name
    if isinstance(expression, OneOf):
        values = (write_literal(literal.value) for literal in expression.literals)
        return f"{name} in ({','.join(values)})"
    operator, value = expression.operator, write_literal(expression.literal.value)
    if operator in FUNCTIONS:
        return f"{operator}({name},{value})"
    return f"{name} {operator} {value}"


def write_literal(value: LiteralValue) -> str:
    """Return a value as a filter states it.

    >>> write_literal("O'Neill")
    "'O''Neill'"
    """
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _write_operand(condition: Expression) -> str:
    text = write_filter(condition)
    return f"({text})" if isinstance(condition, And | Or) else text
