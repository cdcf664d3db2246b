"""A disk that is full at any moment: a clear error, and the task goes on after it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.kills.full_disk import run_with_small_disk


@pytest.mark.parametrize(
    ("place", "seed"), [("target", 1), ("workspace", 4), ("server", 5)]
)
def test_import_goes_on_once_there_is_room(
    place: str, seed: int, tmp_path: Path
) -> None:
    """``python -m tests.kills.full_disk`` says how to try other seeds."""
    faults = run_with_small_disk(tmp_path, place, seed)
    if faults is None:
        pytest.skip("this machine does not let its users mount a small disk")
    assert faults == ""
