"""The one place where an error becomes a message that the person reads."""

from __future__ import annotations

import logging
from collections.abc import Callable
from threading import RLock
from types import TracebackType
from typing import Any

from ...errors import DmcError
from ...states.dashboard_state import DashboardState

_log = logging.getLogger(__name__)


class Guard:
    """A context that catches every error, and that only one thread enters at a time.

    An error of ours explains itself. Any other error is a mistake in the program: it
    is logged with its traceback, and shown as unexpected.

    Args:
        state: Receives the message about an error.
    """

    def __init__(self, state: DashboardState) -> None:
        self._state = state
        # Callbacks and the poller may run on different threads, even at once.
        self._lock = RLock()

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        exc: BaseException | None,
        _traceback: TracebackType | None,
    ) -> bool:
        self._lock.release()
        if not isinstance(exc, Exception):
            return False
        text = str(exc) if isinstance(exc, DmcError) else f"Unexpected Error: {exc!r}"
        previous = self._state.message
        is_new = previous is None or previous.text != text
        # The poller repeats a lasting error four times a second.
        if not isinstance(exc, DmcError) and is_new:
            _log.error("The dashboard met an unexpected error.", exc_info=exc)
        self._state.report_error(text)
        return True

    def run(self, action: Callable[..., object], *args: Any) -> None:
        """Run an action of the person; the previous message is dismissed."""
        self._state.message = None
        with self:
            action(*args)

    def on_change(
        self, action: Callable[..., object], *args: Any
    ) -> Callable[[], None]:
        """Return a callback without arguments that runs *action*."""
        return lambda: self.run(action, *args)

    def on_click(
        self, action: Callable[..., object], *args: Any
    ) -> Callable[[object], None]:
        """Return a button callback that runs *action*."""
        return lambda _button: self.run(action, *args)
