"""The call that tries mended records again: it runs, and brings them in."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

import dmc_widgets as dmc
from dmc_widgets.center.calls import render_call, render_command, retry_call
from dmc_widgets.cli import app

pytestmark = pytest.mark.usefixtures("in_this_process")


@pytest.fixture(scope="module")
def center(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dmc.Center]:
    with dmc.open_center(tmp_path_factory.mktemp("retries")) as opened:
        yield opened


@pytest.mark.parametrize("way", ["python", "command"])
def test_a_retry_mends_what_was_mended_for_many(
    way: str, center: dmc.Center, tmp_path: Path
) -> None:
    path = tmp_path / "kinds.csv"
    kinds = ["-tandem", "Rad's $1", "-tandem", f"{way}bike"]
    rows = [f"{way} {n},{way}-{n},{kind}" for n, kind in enumerate(kinds)]
    path.write_text("\n".join(["model,frameNumber,kind", *rows]))
    task = center.import_file("Sample source", "Bicycle", path, on_error="continue")
    assert task.counts.failed == 4
    replace = {"kind": {"-tandem": "road", "Rad's $1": "cargo"}}
    call = retry_call(task.id, replace, {"kind": [f"{way}bike"]})

    if way == "python":
        exec(render_call(call), {"center": center, "dmc": dmc})
    else:
        _, *words = shlex.split(render_command(call, center.workspace_path))
        ended = CliRunner().invoke(app, words)
        assert ended.exit_code == 0, ended.output

    assert task.refresh().counts == dmc.Counts(created=4)
