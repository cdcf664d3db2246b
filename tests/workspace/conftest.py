"""Every test of the workspace runs with each database that a workspace can have."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from dmc_widgets.workspace import database_choice
from dmc_widgets.workspace.database_choice import DatabaseChoice
from tests.postgresql import create_database


@pytest.fixture(scope="session")
def postgresql_url() -> str:
    """The address of a database for the workspaces of all tests."""
    return create_database()


@pytest.fixture(autouse=True, params=["file", "postgresql"])
def database_kind(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> str:
    """Let each folder name a schema; tests marked *own_file* are about the file."""
    kind: str = request.param
    if kind == "postgresql":
        if request.node.get_closest_marker("own_file"):
            pytest.skip("It is about the file of a workspace.")
        url = request.getfixturevalue("postgresql_url")

        def choose(folder: Path) -> DatabaseChoice:
            name = hashlib.sha256(str(folder).encode()).hexdigest()[:16]
            return DatabaseChoice(url, f"w{name}")

        monkeypatch.setattr(database_choice, "read_choice", choose)
    return kind
