"""What stands in a file, before anything is made of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .outcome import Problem

Record = dict[str, Any]
"""Source field names and values as read. A number with more digits than a float
holds is a :class:`~decimal.Decimal`. Its place is its ordinal in the file."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A place in a file where a record should be and something else is.

    Attributes:
        problem: Why, with line and column or byte where they help.
        text: The beginning of what stands there, for the report.
    """

    problem: Problem
    text: str = ""
