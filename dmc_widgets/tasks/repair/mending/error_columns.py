"""The columns that a file of failed records has beside those of the original."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson

from .failed_records import FailedRecord

_PREFIXES: Final = ("error", "dmcError", "dmcFailure")
_RECORD: Final = "Record"


@dataclass(frozen=True, slots=True)
class ErrorColumns:
    """The names of the columns that say which record a row is, and why it failed.

    Attributes:
        prefix: How all of them begin: ``error`` unless the original has such columns.
    """

    prefix: str = _PREFIXES[0]

    @property
    def record(self) -> str:
        """The column of the record's number; rows are recognised by it."""
        return self.prefix + _RECORD

    @property
    def part(self) -> str:
        """The column of the entity type, in a task of several."""
        return f"{self.prefix}EntityType"

    @property
    def text(self) -> str:
        """The column of the text of a record that cannot be read."""
        return f"{self.prefix}Text"

    def names(self, *, parts: bool, texts: bool) -> list[str]:
        """Return all names, in their order."""
        optional = ((self.part, parts), (self.text, texts))
        return [
            self.record,
            *(f"{self.prefix}{name}" for name in ("Code", "Field", "Value", "Message")),
            *(name for name, is_there in optional if is_there),
        ]

    def values(self, failed: FailedRecord) -> dict[str, Any]:
        """Return the values of the columns for a record."""
        problem, position = failed.failure.problem, failed.position
        values = {
            self.record: position.number,
            f"{self.prefix}Code": problem.code,
            f"{self.prefix}Field": problem.field,
            f"{self.prefix}Value": _rejected_value(problem.value),
            f"{self.prefix}Message": problem.message,
        }
        if position.title:
            values[self.part] = position.title
        if failed.raw:
            values[self.text] = failed.raw
        return values

    def strip(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Return a row without these columns."""
        own = set(self.names(parts=True, texts=True))
        return {name: value for name, value in row.items() if name not in own}


def choose_error_columns(columns: Collection[str]) -> ErrorColumns:
    """Return error columns with names that none of *columns* has."""
    for prefix in _PREFIXES:
        chosen = ErrorColumns(prefix)
        if not set(chosen.names(parts=True, texts=True)).intersection(columns):
            return chosen
    return ErrorColumns(_PREFIXES[-1])


def find_error_columns(columns: Iterable[str]) -> ErrorColumns | None:
    """Return the error columns that a file has; None if it has none any more."""
    names = set(columns)
    for prefix in reversed(_PREFIXES):
        if ErrorColumns(prefix).record in names:
            return ErrorColumns(prefix)
    return None


def _rejected_value(value: str | None) -> Any:
    """Return a rejected text without the quotes of JSON; other values as JSON."""
    if value == "null":
        return None
    if value is None or not value.startswith('"'):
        return value
    try:
        return orjson.loads(value)
    except orjson.JSONDecodeError:
        return value
