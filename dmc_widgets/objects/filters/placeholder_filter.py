"""Recognises filters that ask for placeholders, which are left out otherwise."""

from __future__ import annotations

from typing import Final

from ...model.query.filter_expression import (
    And,
    AnyOf,
    Comparison,
    Expression,
    Not,
    OneOf,
    Operator,
    Or,
)
from ..entries.system_properties import EMPTY

PLACEHOLDER_FILTER: Final = f"status eq {EMPTY}"
"""A filter for the entries that have only been named so far."""

_STATUS: Final = frozenset({"status", "status/code"})


def asks_for_placeholders(
    expression: Expression | None, names: frozenset[str] = _STATUS
) -> bool:
    """Return True if a filter compares the status with *empty*: ``status eq 9``.

    ``status ne 2`` does not ask for them: who leaves out drafts means entries.

    Args:
        expression: The filter; None for all entries.
        names: The names under which the filter has the status.
    """
    if isinstance(expression, Comparison):
        is_equality = expression.operator is Operator.EQUAL
        is_empty = expression.literal.value == EMPTY
        return is_equality and is_empty and expression.path.name in names
    if isinstance(expression, OneOf):
        values = [literal.value for literal in expression.literals]
        return expression.path.name in names and EMPTY in values
    if isinstance(expression, AnyOf):
        variable = frozenset({expression.variable})
        is_status = expression.path.name in names
        return is_status and asks_for_placeholders(expression.condition, variable)
    if isinstance(expression, Not):
        return False
    if isinstance(expression, And | Or):
        return any(asks_for_placeholders(part, names) for part in expression.conditions)
    return False
