"""What of an item an installation cannot take, as values.

A server refuses a whole item for one property that it does not know. Items are fitted
before they are sent, and what was left out is reported: how often, and where.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Loss:
    """A value that was left out of an item.

    Attributes:
        path: The path of its property, such as ``objectFields[].localized``.
        value: What was left out. Never empty: without a value nothing is lost.
        is_value: The property is known, but takes other values only.
    """

    path: str
    value: Any = field(default=None, compare=False)
    is_value: bool = False

    @property
    def title(self) -> str:
        """What was left out, without its place among others of its kind."""
        return f"{self.path} {self.value}" if self.is_value else self.path


@dataclass(frozen=True, slots=True)
class FittedItem:
    """An item without what an installation cannot take, and what was left out.

    Attributes:
        item: The item that the installation takes.
        losses: The values that were left out.
    """

    item: dict[str, Any]
    losses: tuple[Loss, ...] = ()


class LossCounter:
    """Counts what is left out of the items of one entity type.

    Args:
        defaults: The values that properties have where an item does not state them.
            Leaving out such a value changes nothing, so it is counted apart.
    """

    def __init__(self, defaults: Mapping[str, Any]) -> None:
        self._defaults = defaults
        self._lost: Counter[str] = Counter()
        self._idle: Counter[str] = Counter()

    def add(self, losses: Iterable[Loss]) -> None:
        """Count what was left out of an item."""
        for loss in losses:
            is_idle = (
                loss.path in self._defaults and self._defaults[loss.path] == loss.value
            )
            (self._idle if is_idle else self._lost)[loss.title] += 1

    def describe(self, kind: str, target: str) -> list[str]:
        """Return the notes on what was left out: losses first, then default values.

        Args:
            kind: The name of the entity type.
            target: What does not know it, such as ``Liferay 7.4.3.112``.
        """
        notes = []
        if self._lost:
            notes.append(
                f"{target} does not know all of {kind}, so this is left out: "
                f"{_format_counts(self._lost)}."
            )
        if self._idle:
            notes.append(
                f"Also left out of {kind}, without a loss, since the values are the "
                f"defaults: {_format_counts(self._idle)}."
            )
        return notes


def _format_counts(counts: Counter[str]) -> str:
    return ", ".join(f"{title} ({number})" for title, number in sorted(counts.items()))
