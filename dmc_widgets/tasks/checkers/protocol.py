"""The protocol of checkers, which predict what an import would do with some items.

A checker asks the installation what the rules need to know (definitions, picklists,
what is stored under some external reference codes) and decides by the rules of the
import. It works with any installation, and writes to none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from ...model.outcome import Outcome, Problem
from ...ports import Item


class ItemCheck(NamedTuple):
    """An item after the checks of its values.

    Attributes:
        values: The values that passed, by field; None for an emptied field.
        problems: The problems of the other values.
    """

    values: Mapping[str, Any]
    problems: Sequence[Problem]


class Checker(Protocol):
    """The rules of one entity type in one installation."""

    def type_of(self, name: str) -> str:
        """Return the type of a field; an empty text if there is no such field."""
        ...

    def related_fields(self, field: str) -> frozenset[str]:
        """Return the fields of an item that a problem with *field* concerns."""
        ...

    def check_values(self, item: Item) -> ItemCheck:
        """Check what can be checked from the item alone."""
        ...

    def predict_outcomes(self, items: Sequence[Item]) -> list[Outcome]:
        """Return the outcome of each item if they were written in this order.

        An item meets what is stored and what the items before it have created. A
        failure does not end the prediction for the items after it.

        Raises:
            InstallationError: The installation does not answer.
        """
        ...
