"""What an import would do with some items, told without doing it.

A checker asks the installation what the rules need to know (definitions, picklists,
what is stored under some external reference codes) and decides by the rules that
the import goes by. It works with any installation, and writes to none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from ...model.outcome import Outcome, Problem
from ...ports import Item


class ItemCheck(NamedTuple):
    """An item after a look at its values alone.

    Attributes:
        values: Those that passed, by field; None where the field is emptied.
        problems: Of the others, as many as can be told apart.
    """

    values: Mapping[str, Any]
    problems: Sequence[Problem]


class Checker(Protocol):
    """The rules of one entity type in one installation."""

    def type_of(self, name: str) -> str:
        """Name the type of a field; empty where there is no such field."""
        ...

    def related_fields(self, field: str) -> frozenset[str]:
        """Name the fields of an item that a problem's *field* speaks of."""
        ...

    def look(self, item: Item) -> ItemCheck:
        """Judge what can be judged from the item alone."""
        ...

    def outcomes(self, items: Sequence[Item]) -> list[Outcome]:
        """Say what would become of each item, if they were written in this order.

        An item meets what is stored and what those before it have made. One that
        fails holds up nothing: what comes after it is judged as well.

        Raises:
            InstallationError: The installation does not say what is stored.
        """
        ...
