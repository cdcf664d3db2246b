"""What every test may count on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dmc_widgets.tasks import worker


@pytest.fixture(scope="session", autouse=True)
def workers_end() -> Iterator[None]:
    """Wait for the worker processes: a task ends a moment before its process does."""
    yield
    for child in worker._children:
        child.wait(timeout=30)
