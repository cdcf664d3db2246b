"""Groups of failed records: those that failed for the same value of the same field."""

from __future__ import annotations

from typing import NamedTuple


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
