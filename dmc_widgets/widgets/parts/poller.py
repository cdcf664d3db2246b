"""Calls a function again and again while a page is open."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

_PERIOD_S = 0.25


class Poller:
    """Calls a function four times a second on the event loop of the kernel.

    Without a running loop, as in a plain script or a test, the function is not called;
    it can be called directly.

    Args:
        tick: The function; it has to return soon and must not raise.
        period_s: The number of seconds between two calls.
    """

    def __init__(self, tick: Callable[[], None], period_s: float = _PERIOD_S) -> None:
        self._tick = tick
        self._period_s = period_s
        self._task: asyncio.Task[None] | None = None

    def start(self) -> bool:
        """Start polling; return False if there is no running loop."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return False
        self._task = loop.create_task(self._run())
        return True

    def stop(self) -> None:
        """Stop polling. Harmless if it never started."""
        if self._task is not None:
            self._task.cancel()

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(self._period_s)
            self._tick()
