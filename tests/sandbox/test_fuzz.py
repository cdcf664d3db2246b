"""No request is answered by 500; the long run is ``tests/sandbox/fuzz.py``."""

from __future__ import annotations

from pathlib import Path

from tests.sandbox.conftest import SETTINGS, run_sandbox
from tests.sandbox.fuzz import create_samples, fuzz


def test_no_request_is_answered_by_500(tmp_path: Path) -> None:
    """A few requests to some operations, the same ones in each run."""
    with run_sandbox(tmp_path / "fuzz.db", SETTINGS) as sandbox:
        create_samples(sandbox)
        counts = fuzz(sandbox, 80, seed=20, sample=20)

    assert counts.total() >= 60
    assert {200, 400, 404} <= counts.keys()
