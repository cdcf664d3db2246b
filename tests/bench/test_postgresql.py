"""The bench of PostgreSQL runs: it is tried with a few records."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.postgresql import find_programs


@pytest.mark.skipif(
    shutil.which("psql") is None or find_programs(Path("none")) is None,
    reason="It needs psql, and a server of its own.",
)
def test_imports_stand_beside_copy_and_merge(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    options = ["--records", "30", "--turns", "1", "--json", str(report)]

    subprocess.run(
        [sys.executable, "-m", "tests.bench.bench", "postgresql", *options],
        cwd=Path(__file__).parents[2],
        check=True,
        capture_output=True,
    )

    table = json.loads(report.with_stem("report-postgresql").read_text())
    assert table["machine"]["server"].startswith("PostgreSQL ")
    steps = table["shapes"]["rich"]["steps"]
    assert [step for step, sides in steps.items() if sides] == [
        "import",
        "update of all",
        "the same again",
    ]
    assert list(steps["import"]) == [
        "dmc_widgets",
        "dmc_widgets, unverified",
        r"psql \copy, merge",
        r"psql \copy, changes",
    ]
