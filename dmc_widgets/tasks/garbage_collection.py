"""Python's search for reference cycles, while many records pass."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_ALLOCATIONS: Final = 50_000
"""More objects than a batch has at a time. Python searches after 700 as it is started,
which is several times a batch, and in vain: records have no cycles."""


@contextmanager
def rare_collections() -> Iterator[None]:
    """Search rarely until the block ends, and not among what is loaded by now."""
    allocations, *others = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(max(allocations, _ALLOCATIONS) if allocations else 0, *others)
    try:
        yield
    finally:
        gc.set_threshold(allocations, *others)
        gc.unfreeze()
