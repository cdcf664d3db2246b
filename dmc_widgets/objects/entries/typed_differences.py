"""What differs between typed entries and those that come in their place."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import attrgetter, ne
from typing import Any, Protocol

from msgspec import UNSET

from ...model.alike_changes import ReplacedValues
from ...model.change import FieldChange, new_field_change


class NamedField(Protocol):
    """A field of typed entries, as far as it is compared."""

    @property
    def name(self) -> str:
        """The name of the field."""
        ...

    @property
    def get(self) -> attrgetter[Any]:
        """Returns the value that an entry has."""
        ...


def find_replaced(
    fields: Iterable[NamedField], stored: Sequence[Any], entries: Sequence[Any]
) -> list[ReplacedValues] | None:
    """Return the fields that differ, if all entries differ in the same ones.

    Returns:
        None if some entries differ in a field and others do not, or if one of the
        values is empty.
    """
    replaced = []
    for field in fields:
        before = list(map(field.get, stored))
        after = list(map(field.get, entries))
        if before == after:
            continue
        if not (all(before) and all(after) and all(map(ne, before, after))):
            return None
        replaced.append(ReplacedValues(field.name, before, after))
    return replaced


def find_differences(
    fields: Iterable[NamedField], stored: Sequence[Any], entries: Sequence[Any]
) -> list[list[FieldChange]]:
    """Return for each entry the values that differ from the stored ones."""
    found: list[list[FieldChange]] = [[] for _ in entries]
    for field in fields:
        before = list(map(field.get, stored))
        after = list(map(field.get, entries))
        if before == after:
            continue
        for place, (old, new) in enumerate(zip(before, after, strict=True)):
            if old != new:
                was = None if old is UNSET else old
                now = None if new is UNSET else new
                found[place].append(new_field_change((field.name, was, now)))
    return found
