"""The rows of a value table: each value of the file, and the value it is mapped to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ...center.mapping_editing import ValueSuggestion
from ...languages import gettext as _
from ...languages import ngettext
from ...model.field_mapping import ABSENT
from ...model.record import Record
from ...model.value_conversion import value_table_key

MAX_VALUE_ROWS: Final = 200
"""A table with more rows is not filled in by hand."""


@dataclass(frozen=True, slots=True)
class ValueRow:
    """One source value and the value it is mapped to.

    Attributes:
        source: The source value as text.
        count: The number of sampled records that have it.
        target: The target value; ``ABSENT`` if the source value is not mapped.
        suggestion: The suggestion for it, or None.
    """

    source: str
    count: int
    target: Any = ABSENT
    suggestion: ValueSuggestion | None = None

    @property
    def is_suggested(self) -> bool:
        """True if the target is the suggested one."""
        return self.suggestion is not None and self.suggestion.key == self.target

    @property
    def is_open(self) -> bool:
        """True if the value is not mapped and there is a suggestion for it."""
        return self.target is ABSENT and self.suggestion is not None


def count_values(
    records: Iterable[Record], get_value: Callable[[Record], Any], *, split: bool
) -> Counter[str]:
    """Count the values of the records, as the texts by which a value table finds them.

    Args:
        records: The sampled records.
        get_value: Returns the value of a record.
        split: Read a text as a list of texts, separated by commas.
    """
    counts: Counter[str] = Counter()
    for record in records:
        value = get_value(record)
        if split and isinstance(value, str):
            value = [part.strip() for part in value.split(",")]
        for part in value if isinstance(value, list) else [value]:
            text = value_table_key(part)
            if text is not None and text.strip():
                counts[text] += 1
    return counts


def build_value_rows(
    counts: Counter[str],
    table: Mapping[str, Any],
    suggestions: Iterable[ValueSuggestion],
) -> tuple[ValueRow, ...]:
    """Build the rows: sampled values by frequency, then the other values of *table*.

    Args:
        counts: The sampled values and their frequency.
        table: The mapped values; ``ABSENT`` for values that a person unmapped.
        suggestions: The suggestions for the sampled values.
    """
    frequent = [value for value, _ in counts.most_common(MAX_VALUE_ROWS)]
    others = [value for value in table if value not in set(frequent)]
    by_source = {suggestion.source: suggestion for suggestion in suggestions}
    return tuple(
        ValueRow(value, counts[value], table.get(value, ABSENT), by_source.get(value))
        for value in [*frequent, *others]
    )


def format_unmapped(rows: Iterable[ValueRow], distinct_values: int) -> str:
    """Summarize in a sentence how many of the sampled values are not mapped.

    Args:
        rows: The rows of the table.
        distinct_values: The number of different values in the sampled records.
    """
    if not distinct_values:
        return _("The sampled records hold no value here.")
    mapped = sum(1 for row in rows if row.count and row.target is not ABSENT)
    unmapped = distinct_values - mapped
    if not unmapped:
        return _("All {count} sampled values are mapped.").format(count=distinct_values)
    sentence = ngettext(
        "{count} of {total} values is not mapped.",
        "{count} of {total} values are not mapped.",
        unmapped,
    ).format(count=unmapped, total=distinct_values)
    if distinct_values <= MAX_VALUE_ROWS:
        return sentence
    listed = _("The {count} most frequent are listed.").format(count=MAX_VALUE_ROWS)
    return f"{sentence} {listed}"
