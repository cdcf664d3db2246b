"""How many items a query finds, of how many."""

from __future__ import annotations

from dataclasses import dataclass

from ...model.representation import ValueDisplay


@dataclass(frozen=True, slots=True, repr=False)
class MatchCount(ValueDisplay):
    """The number of items that a query finds, and the number of all.

    >>> print(staging.count_matches("Customer", filter="newsletter eq true").text)
    1,240 of 20,000 records match

    Attributes:
        matching: The number of items that the query finds.
        total: The number of items without filter and search.
    """

    matching: int
    total: int

    @property
    def text(self) -> str:
        """The two numbers in words."""
        verb = "matches" if self.matching == 1 else "match"
        noun = "record" if self.total == 1 else "records"
        return f"{self.matching:,} of {self.total:,} {noun} {verb}"
