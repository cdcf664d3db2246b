"""One workspace with the sample data for all tests of the command line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import dmc_widgets as dmc
from dmc_widgets.center import Center
from tests.cli.driver import Driver


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Driver:
    """Name the workspace; the first command makes it."""
    return Driver(tmp_path_factory.mktemp("cli") / "workspace")


@pytest.fixture(scope="session")
def center(run: Driver) -> Iterator[Center]:
    with dmc.open_center(run.workspace) as opened:
        yield opened


@pytest.fixture(scope="session")
def target(run: Driver, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Make an installation with the definitions of the sample and no entries."""
    folder: Path = tmp_path_factory.mktemp("target")
    run("connect", "Target", f"sqlite:///{folder}/target.db")
    for entity in ("ObjectFolder", "ListTypeDefinition", "ObjectDefinition"):
        file = folder / f"{entity}.zip"
        assert run("export", "Sample source", entity, "-o", file).exit_code == 0
        assert run("import", "Target", entity, file).exit_code == 0
    return "Target"
