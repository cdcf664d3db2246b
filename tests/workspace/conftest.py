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


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test with both databases unless it is marked *own_file*."""
    is_own_file = metafunc.definition.get_closest_marker("own_file")
    if "database_kind" in metafunc.fixturenames and not is_own_file:
        kinds = ["file", "postgresql"]
        metafunc.parametrize("database_kind", kinds, indirect=True)


@pytest.fixture(autouse=True)
def database_kind(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> str:
    """Let each folder name a schema of its own in PostgreSQL."""
    kind: str = getattr(request, "param", "file")
    if kind == "postgresql":
        url = request.getfixturevalue("postgresql_url")

        def choose(folder: Path) -> DatabaseChoice:
            name = hashlib.sha256(str(folder).encode()).hexdigest()[:16]
            return DatabaseChoice(url, f"w{name}")

        monkeypatch.setattr(database_choice, "read_choice", choose)
    return kind
