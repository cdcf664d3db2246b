"""Login throttling: recent wrong passwords are counted, so that none can be guessed.

They are counted by user and address: guessing a user's password from one address
locks out neither other users nor that user at another address. While the throttle is
closed the password is not checked, or the response would reveal when it is right.
"""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from typing import Final

_MAX_USER_LENGTH: Final = 254
"""The length of the longest mail address."""

_MAX_TRACKED: Final = 10_000
"""Pairs of user and address that are counted; a new one replaces the oldest."""


class LoginThrottle:
    """Counts wrong passwords by user and address.

    Args:
        max_failures: The number of wrong passwords that are allowed.
        window_s: The period, in seconds, in which they are allowed.
        clock: A monotonic clock, in seconds.
    """

    def __init__(
        self,
        max_failures: int,
        window_s: float = 60.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._max_failures = max_failures
        self._window_s = window_s
        self._clock = clock
        self._failures: OrderedDict[tuple[str, str], deque[float]] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._failures)

    def wait_s(self, user: str, address: str) -> float:
        """Return how many seconds the user has to wait at this address; 0 for none."""
        with self._lock:
            times = self._failures.get(_throttle_key(user, address))
            if times is None or len(times) < self._max_failures:
                return 0.0
            return max(0.0, times[0] + self._window_s - self._clock())

    def record_failure(self, user: str, address: str) -> None:
        """Count a wrong password."""
        with self._lock:
            key = _throttle_key(user, address)
            times = self._failures.pop(key, None)
            if times is None:
                times = deque(maxlen=self._max_failures)
            times.append(self._clock())
            self._failures[key] = times
            if len(self._failures) > _MAX_TRACKED:
                self._failures.popitem(last=False)


def retry_after_header(wait_s: float) -> dict[str, str]:
    """Return the header that tells the client how long to wait."""
    return {"Retry-After": str(math.ceil(wait_s))}


def _throttle_key(user: str, address: str) -> tuple[str, str]:
    return user[:_MAX_USER_LENGTH], address
