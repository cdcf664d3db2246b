"""What one field mapping makes of the sampled records, before anything is imported."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

from ...center.mapping_editing import compile_field_mapping
from ...languages import gettext as _
from ...model.entity_type import Field
from ...model.field_mapping import ABSENT, FieldMapping, compile_source, is_empty
from ...model.outcome import Problem
from ...model.record import Record
from ...objects.fields.field_rules import FieldRules, compile_check
from ...objects.fields.picklist import Choices
from .mapping_rows import MappingSample
from .mapping_text import format_json

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


class FieldPreviewRow(NamedTuple):
    """What the field mapping makes of one record.

    Attributes:
        number: The number of the record, from 1.
        before: The source value as JSON text; empty if there is none.
        after: The result as JSON text; empty if there is none.
        problem: Why there is no result, or empty.
    """

    number: int
    before: str
    after: str
    problem: str


def preview_field_mapping(
    pair: FieldMapping, sample: MappingSample
) -> tuple[FieldPreviewRow, ...]:
    """Apply *pair* to every record of the sample.

    Raises:
        InvalidPlan: The expression of *pair* cannot be read.
    """
    map_field = compile_field_mapping(pair, sample.entity_type)
    fields = {field.name: field for field in sample.entity_type.fields}
    field = fields.get(pair.target, Field(name=pair.target))
    check = None if pair.lookup else _compile_type_check(field)
    return tuple(
        _build_row(number, record, pair, _check_value(map_field(record), check))
        for number, record in enumerate(sample.records, 1)
    )


def format_preview_summary(rows: Sequence[FieldPreviewRow], lookup: str) -> str:
    """Summarize in a sentence how many of the records the mapping can use.

    Args:
        rows: The preview of all records of the sample.
        lookup: The field that a parent is looked up by, or empty.
    """
    failed = [row for row in rows if row.problem]
    if not rows:
        return ""
    if not failed and lookup:
        return _(
            "The parent is found by its {lookup}. The preview before the import "
            "shows whether there is one."
        ).format(lookup=lookup)
    if not failed:
        return _("The mapping can use all {count} records that were looked at.").format(
            count=len(rows)
        )
    first = failed[0]
    return _(
        "The mapping cannot use {count} of the {total} records that were "
        "looked at. Record {number}: {problem}"
    ).format(
        count=len(failed), total=len(rows), number=first.number, problem=first.problem
    )


def _compile_type_check(field: Field) -> Callable[[Any], Any] | None:
    """Return the check that the type of a field implies, or None if there is none.

    Limits of the definition, and rules that need an installation, are checked by the
    preview before the import.
    """
    if field.type in _CHECKED_TYPES or field.choices:
        rules = FieldRules(
            name=field.name, type=field.type, picklist=Choices.of_field(field)
        )
        return compile_check(rules)
    return None


def _check_value(value: Any, check: Callable[[Any], Any] | None) -> Any:
    """Return the problem that the check finds in a value, or the value."""
    if check is None or value is ABSENT or value is None or isinstance(value, Problem):
        return value
    result = check(value)
    return result if isinstance(result, Problem) else value


def _build_row(
    number: int, record: Record, pair: FieldMapping, value: Any
) -> FieldPreviewRow:
    source_value = compile_source(pair.source)(record) if pair.source else ABSENT
    before = "" if source_value is ABSENT else format_json(source_value)
    if isinstance(value, Problem):
        return FieldPreviewRow(number, before, "", value.message)
    after = "" if value is ABSENT else format_json(value)
    if after and pair.lookup and not is_empty(value):  # an empty value has no parent
        after = f"{pair.lookup} = {after}"
    return FieldPreviewRow(number, before, after, "")
