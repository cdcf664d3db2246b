"""What a field takes, as far as its type alone tells."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from ..model.entity import Field
from ..objects.choice_types import Choices
from ..objects.field_types import FieldRules, check_for

_CHECKED: Final = frozenset(
    [
        "Boolean",
        "Date",
        "DateTime",
        "Decimal",
        "Integer",
        "LongInteger",
        "LongText",
        "PrecisionDecimal",
        "Text",
    ]
)


def value_check(field: Field) -> Callable[[Any], Any] | None:
    """Return the check of the field's values; None where its type does not tell.

    Limits that a definition sets, and what only an installation knows, are left to
    the preview before the import.
    """
    if field.type in _CHECKED or field.choices:
        rules = FieldRules(
            name=field.name, type=field.type, picklist=Choices.of_field(field)
        )
        return check_for(rules)
    return None
