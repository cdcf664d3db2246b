"""What a filter says: OData expressions as values.

:func:`~.filter_parser.parse_filter` makes them from a text. They know nothing of
fields and types; :mod:`dmc_widgets.objects.filters.conditions` evaluates them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

LiteralValue = str | int | Decimal | bool | date | datetime | None
"""What a literal may be. A moment without a zone has none here, either."""


class Operator(StrEnum):
    """How a field and a value are compared, in OData's words."""

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
        name: As it was written.
        position: Of its first character, from 1, for messages.
    """

    name: str
    position: int


@dataclass(frozen=True, slots=True)
class Literal:
    """A value as it was written, and where."""

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
        path: Of the list.
        variable: Names the element in *condition*.
        condition: Speaks of the element and of nothing else.
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
