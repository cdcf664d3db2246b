"""How often Python looks for garbage that refers to itself."""

from __future__ import annotations

import atexit
import gc
from typing import Final

RELAXED: Final = (100_000, 20, 100)
"""The thresholds of the collector; the usual ones are 700, 10 and 10."""


def relax_garbage_collector() -> None:
    """Collect garbage cycles less often in this process, and not at its end.

    Modules are many objects that never become garbage, and records are many and have
    no cycles. With the usual thresholds the collector would visit each module dozens of
    times while a command loads, and each batch dozens of times while it is imported. At
    the end it would visit all of them, to free memory that the system frees anyway.
    """
    gc.set_threshold(*RELAXED)
    atexit.register(gc.freeze)
