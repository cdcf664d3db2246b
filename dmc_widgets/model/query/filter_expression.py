"""Filters: OData expressions as values.

:func:`~.filter_parser.parse_filter` makes them from a text. They know neither
fields nor types; :mod:`dmc_widgets.objects.filters.conditions` evaluates them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

LiteralValue = str | int | Decimal | bool | date | datetime | None
"""The value of a literal. A moment without a zone stays without one."""


class Operator(StrEnum):
    """The comparisons of a field with a value, in OData's words."""

    EQUAL = "eq"
    NOT_EQUAL = "ne"
    GREATER = "gt"
    AT_LEAST = "ge"
    LESS = "lt"
    AT_MOST = "le"
    CONTAINS = "contains"
    STARTS_WITH = "startswith"
    ENDS_WITH = "endswith"


FUNCTIONS = frozenset({Operator.CONTAINS, Operator.STARTS_WITH, Operator.ENDS_WITH})
"""Written ``contains(field,'text')``, and for texts only."""


@dataclass(frozen=True, slots=True)
class FieldPath:
    """A field, or a part of one: ``title``, ``status/code``.

    Attributes:
        name: The name as it was written.
        position: The position of its first character, from 1, for messages.
    """

    name: str
    position: int


@dataclass(frozen=True, slots=True)
class Literal:
    """A value as it was written, and its position."""

    value: LiteralValue
    position: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """``amount gt 7``, ``contains(title,'x')``."""

    path: FieldPath
    operator: Operator
    literal: Literal


@dataclass(frozen=True, slots=True)
class OneOf:
    """``state in ('open','new')``: the field has one of some values."""

    path: FieldPath
    literals: tuple[Literal, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """``keywords/any(k:k eq 'a')``: an element of a list meets a condition.

    Attributes:
        path: The field that holds the list.
        variable: The name of the element in *condition*.
        condition: A condition on the element and on nothing else.
    """

    path: FieldPath
    variable: str
    condition: Expression


@dataclass(frozen=True, slots=True)
class Not:
    """The condition does not hold."""

    condition: Expression


@dataclass(frozen=True, slots=True)
class And:
    """All of the conditions hold; there are at least two."""

    conditions: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """At least one of the conditions holds; there are at least two."""

    conditions: tuple[Expression, ...]


Expression = Comparison | OneOf | AnyOf | Not | And | Or
