"""The lines of a value table: what a file holds, and what it becomes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ...model.field_mapping import ABSENT
from ...model.record import Record
from ...model.value_conversion import value_table_key
from ...tasks.imports.mapping_suggestions import ValueSuggestion

MAX_VALUE_ROWS: Final = 200
"""More kinds of values than these are no table that a person fills in."""


@dataclass(frozen=True, slots=True)
class ValueRow:
    """One source value and what it becomes.

    Attributes:
        source: As text.
        count: How often the sampled records hold it.
        target: Its value; ``ABSENT`` where it is not mapped.
        guess: What is suggested for it.
    """

    source: str
    count: int
    target: Any = ABSENT
    guess: ValueSuggestion | None = None

    @property
    def is_guessed(self) -> bool:
        """What was suggested is what it becomes."""
        return self.guess is not None and self.guess.key == self.target


def count_values(
    records: Iterable[Record], value_of: Callable[[Record], Any], *, split: bool
) -> Counter[str]:
    """Count what the records hold, as the texts that a value table goes by.

    Args:
        records: The sampled ones.
        value_of: Gives a record's value.
        split: A text is a list of texts, separated by commas.
    """
    found: Counter[str] = Counter()
    for record in records:
        value = value_of(record)
        if split and isinstance(value, str):
            value = [each.strip() for each in value.split(",")]
        for each in value if isinstance(value, list) else [value]:
            text = value_table_key(each)
            if text is not None and text.strip():
                found[text] += 1
    return found


def value_lines(
    counted: Counter[str],
    table: Mapping[str, Any],
    guesses: Iterable[ValueSuggestion],
) -> tuple[ValueRow, ...]:
    """Lay out the lines: sampled values by their number, then the others of *table*.

    Args:
        counted: The sampled values.
        table: What they become; ``ABSENT`` for those that a person took out.
        guesses: What is suggested.
    """
    sampled = [value for value, _ in counted.most_common(MAX_VALUE_ROWS)]
    shown = set(sampled)
    others = [each for each in table if each not in shown]
    suggested = {guess.source: guess for guess in guesses}
    return tuple(
        ValueRow(x, counted[x], table.get(x, ABSENT), suggested.get(x))
        for x in [*sampled, *others]
    )


def format_unmapped(lines: Iterable[ValueRow], kinds: int) -> str:
    """Say how many of the sampled values have no target.

    Args:
        lines: Of the table.
        kinds: Different values among the sampled records.
    """
    if not kinds:
        return "The sampled records hold no value here."
    left = kinds - sum(1 for x in lines if x.count and x.target is not ABSENT)
    if not left:
        return f"All {kinds} sampled values are mapped."
    verb = "is" if left == 1 else "are"
    shown = (
        f" The {MAX_VALUE_ROWS} most frequent are listed."
        if kinds > MAX_VALUE_ROWS
        else ""
    )
    return f"{left} of {kinds} values {verb} not mapped.{shown}"
