"""The bench runs: it is tried with a few records, and says nothing of speed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.skipif(sys.platform == "win32", reason="each turn is a fork")
def test_every_step_of_ours_stands_beside_the_bare_loop(tmp_path: Path) -> None:
    told = tmp_path / "told.json"
    options = ["--alone", "--records", "30", "--turns", "2", "--shapes", "rich,xlsx"]

    subprocess.run(
        [sys.executable, "-m", "tests.bench.bench", "moving", *options, "--json", told],
        cwd=Path(__file__).parents[2],
        check=True,
        capture_output=True,
    )

    shapes = json.loads(told.read_text())["shapes"]
    assert list(shapes) == ["rich", "xlsx"]
    for shape in shapes.values():
        steps = shape["steps"]
        assert list(steps) == ["import", "update of all", "the same again", "export"]
        for sides in steps.values():
            assert list(sides) == ["dmc_widgets", "bare loop"]
            assert [len(side["turns"]) for side in sides.values()] == [2, 2]
