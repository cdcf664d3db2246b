"""The rows of the mapping table of the import form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from ...center.mapping_editing import (
    SAME_NAME,
    USED_BEFORE,
    Suggestion,
    compile_field_mapping,
)
from ...errors import InvalidPlan
from ...model.entity_type import EntityType, Field
from ...model.field_mapping import ABSENT, FieldMapping
from ...model.outcome import Problem
from ...model.record import Record, is_part
from ..model_words import shown_label, translate_reason
from .mapping_text import describe_mapping, format_json


@dataclass(frozen=True, slots=True)
class MappingSample:
    """What a mapping is tried on.

    Attributes:
        entity_type: The entity type that the records are imported into.
        sources: The fields of the file.
        records: The first records of the file.
        labels: Labels of sources that have no name in the file, such as ``Column 1``.
    """

    entity_type: EntityType
    sources: tuple[str, ...] = ()
    records: tuple[Record, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)


class MappingRow(NamedTuple):
    """One row of the mapping table.

    Attributes:
        field: The destination field.
        source: The source field that fills it, or empty.
        preview: The value from the first record, as JSON text; if the mapping cannot
            use that record, the reason.
        is_missing: The field is required and not mapped, and the gap is to be shown.
        reason: Why the source was suggested; empty for the same name, and if the
            person or a template chose the source.
        doubtful: The person should check the suggestion.
        summary: The rest of the field mapping in a few words: ``constant 'import'``.
        is_source_absent: The file has no such source field; a default replaces it.
        failed: *preview* is a problem.
        score: How certain the suggestion is, from 0 to 1; 0 without one.
        is_remembered: An earlier import has suggested it.
    """

    field: Field
    source: str
    preview: str
    is_missing: bool
    reason: str = ""
    doubtful: bool = False
    summary: str = ""
    is_source_absent: bool = False
    failed: bool = False
    score: float = 0.0
    is_remembered: bool = False


def build_mapping_row(
    field: Field,
    pair: FieldMapping | None,
    sample: MappingSample,
    *,
    suggestion: Suggestion | None,
    is_missing: bool,
) -> MappingRow:
    """Build the row of a destination field.

    Args:
        field: The destination field.
        pair: The field mapping that fills it, or None.
        sample: What the preview is computed from.
        suggestion: The suggestion for the field, or None.
        is_missing: Mark the field as a gap.
    """
    if pair is None:
        return MappingRow(field, "", "", is_missing)
    preview, failed = _preview_first_record(pair, sample)
    row = MappingRow(
        field,
        pair.source,
        preview,
        is_missing,
        summary=describe_mapping(pair),
        failed=failed,
        is_source_absent=pair.has_source
        and bool(sample.sources)
        and pair.source not in sample.sources,
    )
    if suggestion is None or suggestion.source != pair.source:
        return row
    if suggestion.reason == SAME_NAME:
        return row
    return row._replace(
        reason=translate_reason(suggestion.reason),
        is_remembered=suggestion.reason == USED_BEFORE,
        doubtful=suggestion.doubtful,
        score=suggestion.score,
    )


def list_target_fields(
    entity_type: EntityType | None, other_names: Iterable[str]
) -> tuple[Field, ...]:
    """List the destination fields of an entity type, required ones first.

    Args:
        entity_type: The entity type; without one there are no fields.
        other_names: Names in the file and in a mapping, which an open entity type
            takes in addition to its own fields.
    """
    if entity_type is None:
        return ()
    if not entity_type.open:
        return entity_type.import_fields
    own_names = {field.name for field in entity_type.fields}
    names = set(other_names) - own_names
    additional = sorted(name for name in names if not is_part(name, names | own_names))
    return (*entity_type.import_fields, *(Field(name=name) for name in additional))


def get_distinct_label(field: Field) -> str:
    """Return the label of *field* if it says more than the name, or an empty text."""
    label = shown_label(field)
    is_same = label.replace(" ", "").casefold() == field.name.casefold()
    return "" if is_same else label


def _preview_first_record(
    pair: FieldMapping, sample: MappingSample
) -> tuple[str, bool]:
    """Return the value from the first record as text, and whether that is a problem."""
    if not sample.records:
        return "", False
    record = sample.records[0]
    if pair.is_renaming:  # fast path: most are, in tables of hundreds of fields
        text = format_json(record[pair.source]) if pair.source in record else ""
        return text, False
    try:
        value = compile_field_mapping(pair, sample.entity_type)(record)
    except InvalidPlan as exc:
        return str(exc), True
    if isinstance(value, Problem):
        return value.message, True
    return ("" if value is ABSENT else format_json(value)), False
