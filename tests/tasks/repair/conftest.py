"""Tasks run in the process of the test, which saves the start of a worker each."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.inline_tasks import tasks_in_this_process


@pytest.fixture(autouse=True)
def _in_this_process() -> Iterator[None]:
    with tasks_in_this_process():
        yield
