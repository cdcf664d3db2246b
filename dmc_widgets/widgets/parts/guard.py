"""The one place where an error becomes something that the person reads."""

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
    """A context that no error leaves, and that one thread is in at a time.

    *state* holds what is to be said of an error.

    An error of ours says by itself what happened. Any other is a mistake in
    the program: it is logged with its traceback, and shown as unexpected.
    """

    def __init__(self, state: DashboardState) -> None:
        self._state = state
        # Callbacks and the poller may come on different threads, even at once.
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
        told = self._state.message
        # The poller meets a lasting error four times a second.
        if not isinstance(exc, DmcError) and (told is None or told.text != text):
            _log.error("The dashboard met an unexpected error.", exc_info=exc)
        self._state.report_error(text)
        return True

    def carry_out(self, action: Callable[..., object], *args: Any) -> None:
        """Do what the person asked for; what was said before is settled."""
        self._state.message = None
        with self:
            action(*args)

    def on_click(
        self, action: Callable[..., object], *args: Any
    ) -> Callable[[object], None]:
        """Return a callback for a button that carries out *action*."""
        return lambda _button: self.carry_out(action, *args)
