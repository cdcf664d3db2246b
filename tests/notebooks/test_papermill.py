"""The tours take other parameters through papermill, as their first cells say."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import dmc_widgets as dmc

TOUR = Path(__file__).parents[2] / "notebooks" / "tour_data_engineer.ipynb"


@pytest.mark.slow
def test_papermill_runs_a_tour_with_other_parameters(tmp_path: Path) -> None:
    """The command of the tour, with a folder that outlives it, does what it says."""
    output, workspace = tmp_path / "out.ipynb", tmp_path / "workspace"
    parameters = ["-p", "factor", "1.1", "-p", "workspace", str(workspace)]
    subprocess.run(
        [sys.executable, "-m", "papermill", TOUR, output, *parameters],
        check=True,
        cwd=tmp_path,
        capture_output=True,
    )

    cells = json.loads(output.read_text("utf-8"))["cells"]
    tags = [cell["metadata"].get("tags", []) for cell in cells]
    assert ["injected-parameters"] in tags, "the tour has no cell of parameters"
    assert [x for cell in cells for x in cell.get("outputs", ()) if "ename" in x] == []

    with dmc.open_center(workspace) as center:
        first = min(center.tasks.list(), key=lambda task: task.id)
        changes = center.task(first.id).changes()
    assert len(changes) > 10
    ratios = [float(str(row.new)) / float(str(row.old)) for row in changes.itertuples()]
    assert ratios == pytest.approx([1.1] * len(ratios), rel=1e-4)
