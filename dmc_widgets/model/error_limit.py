"""Error limits: how many failed records end a task that continues on errors."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from ..errors import InvalidPlan
from .representation import ValueDisplay

FIRST_PERCENT_CHECK: Final = 100
"""A share of failed records is looked at once so many records were tried."""

_PARTS: Final = re.compile(r"[,;\s]*(?P<number>\d+(?:\.\d+)?)\s*(?P<sign>%?)[,;\s]*")


class LimitAction(StrEnum):
    """What becomes of what a task has written when it reaches its error limit."""

    KEEP = "keep"
    UNDO = "undo"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ErrorLimit(ValueDisplay):
    """How many records may fail before a task stops.

    >>> ErrorLimit.parse("50, 2%")
    ErrorLimit(records=50, percent=2.0, undo=False)

    Attributes:
        records: The task stops when so many records have failed; 0 for no such limit.
        percent: It stops when more than this share of the tried records has failed,
            from the hundredth record on; 0 for no such limit.
        undo: What was written is undone when the limit is reached; otherwise it stays.

    Raises:
        InvalidPlan: There is neither limit, or a number is out of its range.
    """

    records: int = 0
    percent: float = 0.0
    undo: bool = False

    def __post_init__(self) -> None:
        is_number = type(self.records) is int and self.records >= 0
        is_share = type(self.percent) in {int, float} and 0 <= self.percent < 100
        if not is_number or not is_share or not (self.records or self.percent):
            raise InvalidPlan(_explain(f"{self.records!r}, {self.percent!r}%"))
        if type(self.undo) is not bool:
            reason = f"The choice 'undo' is {self.undo!r}. Give True or False."
            raise InvalidPlan(reason)

    @classmethod
    def parse(cls, value: str | int, *, undo: bool = False) -> ErrorLimit:
        """Return the limit that a number or a text states: ``50``, ``2%``, ``50,2%``.

        Raises:
            InvalidPlan: The text is of another form.
        """
        text = str(value).strip()
        found: dict[str, float] = {}
        position = 0
        while position < len(text):
            match = _PARTS.match(text, position)
            if match is None or match["sign"] in found:
                raise InvalidPlan(_explain(text))
            found[match["sign"]] = float(match["number"])
            position = match.end()
        records = found.get("", 0.0)
        if type(value) is bool or not records.is_integer():
            raise InvalidPlan(_explain(text))
        return cls(records=int(records), percent=found.get("%", 0.0), undo=undo)

    def is_reached(self, failed: int, tried: int) -> bool:
        """Return True if *failed* of *tried* records are too many."""
        if self.records and failed >= self.records:
            return True
        is_checked = bool(self.percent) and tried >= FIRST_PERCENT_CHECK
        return is_checked and failed * 100 > self.percent * tried

    def __str__(self) -> str:
        parts = [str(self.records)] if self.records else []
        return ",".join([*parts, f"{self.percent:g}%"] if self.percent else parts)

    @property
    def title(self) -> str:
        """The limit in words: ``50 failed records or more than 2 % of all``."""
        noun = "failed record" if self.records == 1 else "failed records"
        number = f"{self.records:,} {noun}" if self.records else ""
        of_what = "of all" if self.records else "of the records failed"
        share = f"more than {self.percent:g} % {of_what}" if self.percent else ""
        return " or ".join(filter(None, (number, share)))

    def as_dict(self) -> dict[str, Any]:
        """Return plain data that :func:`error_limit_from_dict` reads back."""
        return {"records": self.records, "percent": self.percent, "undo": self.undo}


def error_limit_from_dict(data: Mapping[str, Any] | None) -> ErrorLimit | None:
    """Build the limit that *as_dict* wrote; None for none."""
    return ErrorLimit(**data) if data else None


def _explain(text: str) -> str:
    return (
        f"The error limit {text!r} is neither a number of records nor a share of them. "
        "Give a number above 0, a percentage below 100, or both, such as 50, 2% or "
        "50,2%."
    )
