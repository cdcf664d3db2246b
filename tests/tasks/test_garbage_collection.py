"""Reference cycles are looked for rarely during a task, and as before afterwards."""

from __future__ import annotations

import gc
from contextlib import ExitStack

from dmc_widgets.storage.garbage_collection import rare_collections


def test_a_batch_of_records_does_not_start_a_collection() -> None:
    before = gc.get_threshold()
    with rare_collections():
        started = gc.get_stats()[0]["collections"]
        records = [{"number": number} for number in range(20_000)]
        assert gc.get_stats()[0]["collections"] == started

    assert len(records) == 20_000
    assert gc.get_threshold() == before
    assert gc.get_freeze_count() == 0


def test_collections_that_are_off_stay_off() -> None:
    before = gc.get_threshold()
    gc.set_threshold(0)
    try:
        with rare_collections():
            assert gc.get_threshold()[0] == 0
    finally:
        gc.set_threshold(*before)


def test_the_last_of_several_tasks_in_one_process_restores_what_was_before() -> None:
    """Two threads of a worker of a cluster may import at the same time."""
    before = gc.get_threshold()
    with ExitStack() as first, ExitStack() as second:
        first.enter_context(rare_collections())
        second.enter_context(rare_collections())
        first.close()
        assert gc.get_threshold() != before
        assert gc.get_freeze_count()

    assert gc.get_threshold() == before
    assert gc.get_freeze_count() == 0
