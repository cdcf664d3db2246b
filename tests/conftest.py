"""What every test may count on."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from dmc_widgets.tasks.worker import launcher as launching
from tests.object_store import ObjectStore, run_object_store
from tests.postgresql import begin_session

if TYPE_CHECKING:
    from tests.installations.databases import NewPlace, Place

pytest.register_assert_rewrite("dmc_widgets.testing")

# The same examples in every run, however slow the machine; for others:
# --hypothesis-profile=default
settings.register_profile("house", derandomize=True, deadline=None)
settings.load_profile("house")


def pytest_configure() -> None:
    """Give each process of a parallel run a workspace of its own for the notebooks.

    They share a PostgreSQL server, which the first of them that needs it starts.
    """
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if not worker:
        begin_session()
    workspace = os.environ.get("DMC_WORKSPACE")
    if worker and workspace:
        os.environ["DMC_WORKSPACE"] = f"{workspace}/{worker}"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what a module marked *each_database* stores with each kind of database."""
    marked = metafunc.definition.get_closest_marker
    stores = "storage" in metafunc.fixturenames
    if stores and marked("each_database") and not marked("own_file"):
        from tests.installations.databases import KINDS  # with SQLAlchemy

        metafunc.parametrize("storage", KINDS, indirect=True, scope="module")


@pytest.fixture(scope="module")
def storage(request: pytest.FixtureRequest) -> str:
    """The kind of database that the installations of a test are in."""
    return str(getattr(request, "param", "sqlite"))


@pytest.fixture
def new_place(storage: str, tmp_path: Path) -> Iterator[NewPlace]:
    """Give places for installations of a test."""
    from tests.installations import databases

    numbers = itertools.count(1)
    with ExitStack() as places:
        yield lambda: places.enter_context(
            databases.new_place(storage, tmp_path / f"place{next(numbers)}.db")
        )


@pytest.fixture
def place(new_place: NewPlace) -> Place:
    """The place of a test's installation."""
    return new_place()


@pytest.fixture(scope="module")
def in_this_process() -> Iterator[None]:
    """Let the tasks of a module run in this process."""
    from tests.inline_tasks import tasks_in_this_process  # most tests start none

    with tasks_in_this_process():
        yield


@pytest.fixture(scope="session", autouse=True)
def workers_end() -> Iterator[None]:
    """Wait for the worker processes: a task ends a moment before its process does."""
    yield
    for child in launching._workers:
        child.wait(timeout=30)


@pytest.fixture(scope="session")
def object_store() -> Iterator[ObjectStore]:
    """An S3 server on this machine, whose credentials the environment holds."""
    with run_object_store() as store:
        yield store
