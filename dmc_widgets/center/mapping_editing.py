"""Functions for editing a mapping, without an installation or a workspace.

The forms use these while a person maps fields: suggestions, trying one field mapping
on a record, checking for gaps, and mapping files.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..model.entity_type import EntityType
from ..model.field_mapping import ABSENT, FieldMapping
from ..model.mapping import Mapping
from ..model.outcome import Problem
from ..model.record import Record
from ..tasks.imports.expressions import compile_expression
from ..tasks.imports.file_head import FileHead
from ..tasks.imports.mapping_files import write_mapping
from ..tasks.imports.mapping_suggestions import (
    SAME_NAME,
    USED_BEFORE,
    Suggestion,
    ValueSuggestion,
    suggest_mapping,
    suggest_values,
)
from ..tasks.imports.parent_lookups import lookup_field_names
from ..tasks.imports.preflight import empty_file_message, near_misses
from ..tasks.imports.record_matching import match_field_choices

__all__ = [
    "SAME_NAME",
    "USED_BEFORE",
    "FileHead",
    "Suggestion",
    "ValueSuggestion",
    "compile_field_mapping",
    "empty_file_message",
    "lookup_field_names",
    "match_field_choices",
    "near_misses",
    "suggest_mapping",
    "suggest_values",
    "write_mapping",
]


def compile_field_mapping(
    pair: FieldMapping, entity_type: EntityType
) -> Callable[[Record], Any | Problem]:
    """Compile one field mapping into a function of a record.

    Returns:
        A function that returns the value of the field, ``ABSENT``, or the problem.

    Raises:
        InvalidPlan: The expression of the field mapping cannot be read.
    """
    map_record = Mapping((pair,)).compile(entity_type, compile_expression)

    def map_field(record: Record) -> Any | Problem:
        item = map_record(record)
        return item if isinstance(item, Problem) else item.get(pair.target, ABSENT)

    return map_field
