"""Examples of filters and orders, built from the fields of an entity type."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from ..model.entity_type import EntityType, Field

_NUMBERS: Final = frozenset({"Decimal", "Integer", "LongInteger", "PrecisionDecimal"})
_TEXTS: Final = frozenset({"EmailAddress", "LongText", "PhoneNumber", "Text"})
_DATES: Final = frozenset({"Date", "DateTime"})


def build_filter_examples(entity_type: EntityType | None) -> tuple[str, ...]:
    """Build up to three filters for the records of an entity type.

    The first joins two conditions if there are fields of two kinds.
    """
    if entity_type is None:
        return ()
    joined = [*_comparison_examples(_custom_fields(entity_type))][:2]
    others = [*_function_examples(_custom_fields(entity_type))]
    first = (" and ".join(joined),) if joined else ()
    return (*first, *others[:2]) or ("externalReferenceCode eq 'A-1'",)


def build_sort_example(entity_type: EntityType | None) -> str:
    """Build an order for the records of an entity type; empty without one."""
    if entity_type is None:
        return ""
    fields = _custom_fields(entity_type)
    text = _first_of_types(fields, _TEXTS | {"string"})
    number = _first_of_types(fields, _NUMBERS | _DATES)
    orders = [f"{text}:asc"] if text else []
    orders += [f"{number}:desc"] if number else []
    return ",".join(orders) or "dateCreated:desc"


def _custom_fields(entity_type: EntityType) -> Sequence[Field]:
    """Return the custom fields of an entity type; if it has none, all its fields."""
    custom = [
        field for field in entity_type.fields if field.custom and not field.read_only
    ]
    own = [field for field in custom if not field.parent]
    plain = [field for field in own if not field.any_of_group]
    localized = [field for field in own if field.type in _TEXTS]
    if custom:
        return plain + [field for field in localized if field not in plain]
    return [field for field in entity_type.fields if not field.read_only]


def _comparison_examples(fields: Sequence[Field]) -> Iterator[str]:
    number = _first_of_types(fields, _NUMBERS)
    if number:
        yield f"{number} gt 500"
    for field in fields:
        if field.type == "Picklist" and field.choices:
            yield f"{field.name} eq '{field.choices[0][0]}'"
            break
    boolean = _first_of_types(fields, frozenset({"Boolean", "boolean"}))
    if boolean:
        yield f"{boolean} eq true"


def _function_examples(fields: Sequence[Field]) -> Iterator[str]:
    text = _first_of_types(fields, _TEXTS) or _name_field(fields)
    if text:
        yield f"contains({text},'7')"
    date = _first_of_types(fields, _DATES)
    if date:
        yield f"{date} ne null"


def _name_field(fields: Sequence[Field]) -> str:
    """Return the name of definitions, picklists and folders."""
    return next(
        (field.name for field in fields if field.name == "name" and not field.custom),
        "",
    )


def _first_of_types(fields: Sequence[Field], types: frozenset[str]) -> str:
    return next((field.name for field in fields if field.type in types), "")
