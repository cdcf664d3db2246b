"""Wrong passwords of late, so that nobody finds one out by trying.

They are counted by user and address: whoever guesses at one user keeps nobody else
out, and not that user either, at another place. While one has to wait, the right
password is not looked at, or it could be told from the wrong ones.
"""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from typing import Final

_MAX_USER_LENGTH: Final = 254  # as a mail address
_MAX_TRACKED: Final = 10_000  # users and addresses; those not heard of for longest go


class LoginThrottle:
    """Counts wrong guesses.

    Args:
        most: So many are heard,
        within_s: in so many seconds.
        clock: Seconds that only grow.
    """

    def __init__(
        self,
        most: int,
        within_s: float = 60.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._most = most
        self._within_s = within_s
        self._clock = clock
        self._wrong: OrderedDict[tuple[str, str], deque[float]] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._wrong)

    def wait_s(self, user: str, address: str) -> float:
        """Return how long nothing that this user says from there is heard."""
        with self._lock:
            times = self._wrong.get(_throttle_key(user, address))
            if times is None or len(times) < self._most:
                return 0.0
            return max(0.0, times[0] + self._within_s - self._clock())

    def note(self, user: str, address: str) -> None:
        """Count a wrong guess."""
        with self._lock:
            key = _throttle_key(user, address)
            found = self._wrong.pop(key, None)
            times = deque(maxlen=self._most) if found is None else found
            times.append(self._clock())
            self._wrong[key] = times
            if len(self._wrong) > _MAX_TRACKED:
                self._wrong.popitem(last=False)


def retry_after_header(wait_s: float) -> dict[str, str]:
    """Make the header that says how long to wait."""
    return {"Retry-After": str(math.ceil(wait_s))}


def _throttle_key(user: str, address: str) -> tuple[str, str]:
    return user[:_MAX_USER_LENGTH], address
