"""A measure: one line of the table of what the design allows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from tests.bench.measuring import say

_WIDTH: Final = 94

_UNITS: Final = {"x": "{:.2f} x", "s": "{:.2f} s", "MB": "{:,.0f} MB", "%": "{:+.0%}"}


@dataclass(frozen=True, slots=True)
class Measure:
    """One line of the table.

    Attributes:
        what: What is measured.
        bar: The most that is allowed, or the least if *is_least*.
        figure: What was measured.
        unit: ``x`` the other side, ``s``, ``MB``, or ``%`` more.
        spread: How far the turns of the side with the larger spread lie apart, as a
            part of their median; None for a figure of one turn.
        is_least: More is better.
    """

    what: str
    bar: float
    figure: float
    unit: str
    spread: float | None = None
    is_least: bool = False

    @property
    def is_met(self) -> bool:
        """Whether the figure stays within the bar."""
        if self.is_least:
            return self.figure >= self.bar
        return self.figure <= self.bar

    def __str__(self) -> str:
        spelled = _UNITS[self.unit]
        spread = "" if self.spread is None else f"{self.spread:.0%}"
        verdict = "met" if self.is_met else "not met"
        bar = f"{'>' if self.is_least else '<'} {spelled.format(self.bar)}"
        figures = f"{spelled.format(self.figure):>10} {bar:>10}"
        return f"{self.what:<{_WIDTH}}{figures} {spread:>7}   {verdict}"


def print_measures(measures: Iterable[Measure]) -> list[Measure]:
    """Print a table, each line as soon as it is measured; return the measures."""
    say(f"\n{'measure':<{_WIDTH}}{'measured':>10} {'bar':>10} {'spread':>7}   verdict")
    taken = []
    for measure in measures:
        say(str(measure))
        taken.append(measure)
    return taken
