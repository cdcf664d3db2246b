"""The bench runs: it is tried with a few records, and says nothing of speed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.skipif(sys.platform == "win32", reason="each turn is a fork")
def test_every_step_of_ours_stands_beside_the_bare_loop(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    options = [
        "--alone",
        "--records",
        "30",
        "--turns",
        "2",
        "--shapes",
        "rich,parquet",
    ]

    subprocess.run(
        [
            sys.executable,
            "-m",
            "tests.bench.bench",
            "moving",
            *options,
            "--json",
            report,
        ],
        cwd=Path(__file__).parents[2],
        check=True,
        capture_output=True,
    )

    shapes = json.loads(report.read_text())["shapes"]
    assert list(shapes) == ["rich", "parquet"]
    for shape in shapes.values():
        steps = shape["steps"]
        assert list(steps) == ["import", "update of all", "the same again", "export"]
        for sides in steps.values():
            assert list(sides) == ["dmc_widgets", "bare loop"]
            assert [len(side["turns"]) for side in sides.values()] == [2, 2]


@pytest.mark.skipif(sys.platform == "win32", reason="each turn is a fork")
def test_measures_stand_in_the_json_with_bar_and_verdict(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    options = ["--records", "20", "--turns", "1", "--json", str(report)]

    subprocess.run(
        [sys.executable, "-m", "tests.bench.bench", "measures", *options],
        cwd=Path(__file__).parents[2],
        check=True,
        capture_output=True,
    )

    measures = json.loads((tmp_path / "report-measures.json").read_text())["measures"]
    by_name = {measure["what"]: measure for measure in measures}
    start = by_name["task of one record, a further one, wall time"]
    assert (start["bar"], start["unit"]) == (0.3, "s")
    assert start["met"] is (start["figure"] <= 0.3)
    assert "export of 1 wide entries, xlsx, 10 fields beside all 100" in by_name
