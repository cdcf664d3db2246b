"""A steady pulse on the kernel's own loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

_PERIOD_S = 0.25


class Poller:
    """Calls *tick* four times a second.

    Callbacks may come on any thread; the pulse comes on one. Without a loop,
    as in a plain script or a test, it stays silent, and *tick* may be called
    by hand.

    Args:
        tick: Returns soon and raises nothing.
        period_s: Seconds between two calls.
    """

    def __init__(self, tick: Callable[[], None], period_s: float = _PERIOD_S) -> None:
        self._tick = tick
        self._period_s = period_s
        self._task: asyncio.Task[None] | None = None

    def start(self) -> bool:
        """Begin; say whether there is a loop to run on."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return False
        self._task = loop.create_task(self._run())
        return True

    def stop(self) -> None:
        """End. Harmless where it never began."""
        if self._task is not None:
            self._task.cancel()

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(self._period_s)
            self._tick()
