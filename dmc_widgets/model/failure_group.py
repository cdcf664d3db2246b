"""Groups of failed records: those that failed for the same value of the same field."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from .representation import html_fields

LAST_RECORD = (1 << 63) - 1
"""Above the number of any record: the end of what has none."""


class FailureGroup(NamedTuple):
    """Failed records of a task with the same problem.

    Attributes:
        number: How many records there are.
        code: The code of the problem.
        field: The field at fault; empty where it is the whole record.
        value: The rejected value, as JSON text; None where there is none.
        message: The message of one of the records.
    """

    number: int
    code: str
    field: str
    value: str | None
    message: str

    def _repr_html_(self) -> str:
        return html_fields(self)


class FailureFilter(NamedTuple):
    """Which failed records of a task are meant.

    Attributes:
        code: The code of their problem; empty for all.
        field: The field at fault; only counts with a code.
        text: A text in the record or in the message; empty for all.
        first: The number of the first record, counted through the task.
        last: The number of the last one.
        among: Only records with these numbers; None for all.
        besides: No records with these numbers.
    """

    code: str = ""
    field: str = ""
    text: str = ""
    first: int = 1
    last: int = LAST_RECORD
    among: Collection[int] | None = None
    besides: Collection[int] = ()

    def _repr_html_(self) -> str:
        return html_fields(self)


ALL_FAILURES = FailureFilter()
"""All failed records of a task."""
