"""The lines of the mapping table, as the import form shows them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ...errors import InvalidPlan
from ...model.entity_type import EntityType, Field
from ...model.field_mapping import ABSENT, FieldMapping
from ...model.mapping import Mapping as FieldMappings
from ...model.outcome import Problem
from ...model.record import Record, is_part
from ...tasks.imports.expressions import compile_expression
from ...tasks.imports.mapping_suggestions import SAME_NAME, Suggestion
from .mapping_text import describe_mapping, format_json


@dataclass(frozen=True, slots=True)
class MappingSample:
    """What a mapping is made for.

    Attributes:
        entity_type: The target.
        sources: The fields of the file.
        records: The first ones.
        labels: What people call sources that have no name, such as ``Column 1``.
    """

    entity_type: EntityType
    sources: tuple[str, ...] = ()
    records: tuple[Record, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)


class MappingRow(NamedTuple):
    """One line of the mapping table.

    Attributes:
        field: The destination.
        source: The source field that fills it, or empty.
        preview: What it gets from the first record, as JSON text; where the
            mapping cannot use that record, why.
        missing: It has to be mapped, is not, and the person has been told.
        reason: Why the source was suggested; empty for the same name, and where
            the person or a template chose.
        doubtful: The person should look at the suggestion.
        words: What else there is to the mapping: ``constant 'import'``.
        lacking: The file has no such source field; a default fills in.
        failed: *preview* is a problem.
    """

    field: Field
    source: str
    preview: str
    missing: bool
    reason: str = ""
    doubtful: bool = False
    words: str = ""
    lacking: bool = False
    failed: bool = False


def build_mapping_row(
    field: Field,
    pair: FieldMapping | None,
    sampled: MappingSample,
    *,
    suggested: Suggestion | None,
    missing: bool,
) -> MappingRow:
    """Lay out the line of *field*.

    Args:
        field: The destination.
        pair: What fills it now, if anything does.
        sampled: What the preview comes from.
        suggested: What was suggested for it.
        missing: To be marked as a gap.
    """
    if pair is None:
        return MappingRow(field, "", "", missing)
    preview, failed = _preview_first_record(pair, sampled)
    row = MappingRow(
        field,
        pair.source,
        preview,
        missing,
        words=describe_mapping(pair),
        failed=failed,
        lacking=pair.has_source
        and bool(sampled.sources)
        and pair.source not in sampled.sources,
    )
    told = suggested is not None and suggested.source == pair.source
    if suggested is None or not told or suggested.reason == SAME_NAME:
        return row
    return row._replace(reason=suggested.reason, doubtful=suggested.doubtful)


def compile_field_mapping(
    pair: FieldMapping, entity_type: EntityType
) -> Callable[[Record], Any | Problem]:
    """Build the function that gives what *pair* makes of a record.

    Returns:
        A function that gives the value, ``ABSENT`` or the problem.

    Raises:
        InvalidPlan: The expression is none.
    """
    make = FieldMappings((pair,)).compile(entity_type, compile_expression)

    def step(record: Record) -> Any | Problem:
        made = make(record)
        return made if isinstance(made, Problem) else made.get(pair.target, ABSENT)

    return step


def list_target_fields(
    chosen: EntityType | None, others: Iterable[str]
) -> tuple[Field, ...]:
    """Return what may be filled: the fields of the type, required first.

    A type that is kept as it comes has the *others* of file and mapping besides.
    """
    if chosen is None:
        return ()
    if not chosen.open:
        return chosen.import_fields
    known = {field.name for field in chosen.fields}
    names = set(others) - known
    further = sorted(name for name in names if not is_part(name, names | known))
    return (*chosen.import_fields, *(Field(name=each) for each in further))


def get_distinct_label(field: Field) -> str:
    """Return the label of *field* where it says more than the name does."""
    alike = field.label.replace(" ", "").casefold() == field.name.casefold()
    return "" if alike else field.label


def _preview_first_record(
    pair: FieldMapping, sampled: MappingSample
) -> tuple[str, bool]:
    if not sampled.records:
        return "", False
    first = sampled.records[0]
    if pair.is_renaming:  # most are, in tables of hundreds
        return (format_json(first[pair.source]) if pair.source in first else ""), False
    try:
        made = compile_field_mapping(pair, sampled.entity_type)(first)
    except InvalidPlan as exc:
        return str(exc), True
    if isinstance(made, Problem):
        return made.message, True
    return ("" if made is ABSENT else format_json(made)), False
