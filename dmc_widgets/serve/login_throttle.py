"""Slows down the guessing of passwords, without locking a user out for long."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

WINDOW_S: Final = 10 * 60
BY_ADDRESS: Final = 10
"""So many wrong passwords from one address in ten minutes are answered."""

BY_NAME: Final = 30
"""So many for one name, from wherever: more, since it would lock the user out."""

_MOST_KEYS: Final = 10_000


class LoginThrottle:
    """Counts wrong passwords by address and by name.

    Args:
        clock: A monotonic clock, in seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures: OrderedDict[tuple[str, str], list[float]] = OrderedDict()

    def wait_s(self, address: str, name: str) -> int:
        """Return how many seconds to wait before another try; 0 for none."""
        waits = (
            self._wait(("address", address), BY_ADDRESS),
            self._wait(("name", name), BY_NAME),
        )
        return max(waits)

    def note_failure(self, address: str, name: str) -> None:
        """Count a wrong password. Call it before the password is checked.

        So many tries at the same moment count as well; :meth:`forgive` takes back the
        one that was right.
        """
        for key in (("address", address), ("name", name)):
            self._failures.setdefault(key, []).append(self._clock())
            self._failures.move_to_end(key)
        while len(self._failures) > _MOST_KEYS:
            self._failures.popitem(last=False)

    def forgive(self, address: str, name: str) -> None:
        """Take back the failure of a password that was right."""
        for key in (("address", address), ("name", name)):
            times = self._failures.get(key)
            if times:
                times.pop()

    def _wait(self, key: tuple[str, str], limit: int) -> int:
        now = self._clock()
        times = [at for at in self._failures.get(key, []) if now - at < WINDOW_S]
        if not times:
            self._failures.pop(key, None)
            return 0
        self._failures[key] = times[-limit:]
        if len(times) < limit:
            return 0
        return int(times[-limit] + WINDOW_S - now) + 1
