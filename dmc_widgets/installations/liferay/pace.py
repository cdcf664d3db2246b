"""When to look at a task: often enough to meet its end soon, and no more often.

Batches of one task are alike, so the next one takes about as long as the last. It is
looked at for the first time shortly before it should have ended, and then as often as
fits its length. Of the first one nothing is known but how far it has come, where the
server tells that.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final

_GROWTH: Final = 1.25
"""A task that has ended is met after a fifth of the time that it took, at most."""

_SHARE: Final = 0.8
"""Of what the last one took. Were it all, a look that came late would put off all
those behind it."""

_PART: Final = 10
"""Looks in the time that the last one took."""

_LEAST: Final = 0.05
"""Of the time that has gone by: a server that has come nearly to the end may rest
there for long."""


class Pace:
    """Pauses between looks at tasks of one kind, which follow each other.

    Args:
        shortest_s: Before the first look at a task of which nothing is known.
        longest_s: Between two looks.
    """

    def __init__(self, shortest_s: float, longest_s: float) -> None:
        self._shortest_s = shortest_s
        self._longest_s = longest_s
        self._last_s = 0.0

    def pauses(self) -> Iterator[float]:
        """Yield the seconds to wait before each look at a task, without an end."""
        first_s = max(self._last_s * _SHARE, self._shortest_s)
        yield min(first_s, self._longest_s)
        pause_s = self._last_s / _PART or self._shortest_s * _GROWTH
        while True:
            yield min(pause_s, self._longest_s)
            pause_s *= _GROWTH

    def took(self, seconds: float) -> None:
        """Note how long a task took until its end was seen."""
        self._last_s = seconds


def expected_s(gone_s: float, done: int, total: int) -> float:
    """Say in how many seconds a task should end.

    Args:
        gone_s: Since it began.
        done: How many of its items it has been through.
        total: How many it has; 0 where nobody knows.

    Returns:
        Infinity where nothing can be said.
    """
    if not 0 < done < total:
        return math.inf
    return gone_s * max((total - done) / done, _LEAST)
