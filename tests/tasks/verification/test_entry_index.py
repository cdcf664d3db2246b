"""The index of what a target should hold: paged through while entries are marked."""

from __future__ import annotations

from contextlib import closing

from dmc_widgets.tasks.verification.entry_index import (
    EntryIndex,
    EntryState,
    IndexedEntry,
)


def count_steps(number: int) -> int:
    """Return how many hundred steps SQLite takes to page through that many entries."""
    steps = 0

    def count() -> int:
        nonlocal steps
        steps += 1
        return 0

    with closing(EntryIndex()) as index:
        entries = (
            IndexedEntry("", f"E-{n:06}", n, ("a",), b"d") for n in range(number)
        )
        index.add(entries)
        index._connection.set_progress_handler(count, 100)
        for _site, page in index.pages(EntryState.OPEN, lambda: 100):
            index.mark(EntryState.EQUAL, [("", entry.key) for entry in page])
        index._connection.set_progress_handler(None, 0)
        assert index.count(EntryState.EQUAL) == number
    return steps


def test_cost_of_an_entry_does_not_grow_with_their_number() -> None:
    assert count_steps(8_000) < 5 * count_steps(2_000)
