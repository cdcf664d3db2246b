"""What a field takes, as far as its type alone tells."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from ...model.entity_type import Field
from ...objects.fields.field_rules import FieldRules, compile_check
from ...objects.fields.picklist import Choices

_CHECKED_TYPES: Final = frozenset(
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


def get_value_check(field: Field) -> Callable[[Any], Any] | None:
    """Return the check of the field's values; None where its type does not tell.

    Limits that a definition sets, and what only an installation knows, are left to
    the preview before the import.
    """
    if field.type in _CHECKED_TYPES or field.choices:
        rules = FieldRules(
            name=field.name, type=field.type, picklist=Choices.of_field(field)
        )
        return compile_check(rules)
    return None
