"""A center over a workspace with the sample installations, and a page on it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from dmc_widgets import open_center
from dmc_widgets.center import Center
from dmc_widgets.model.task import Task
from dmc_widgets.states.dashboard_session import DashboardSession
from dmc_widgets.states.dashboard_state import DashboardPage
from dmc_widgets.widgets.dashboard import Dashboard
from dmc_widgets.widgets.parts.guard import Guard


@pytest.fixture(scope="module")
def center(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Center]:
    with open_center(tmp_path_factory.mktemp("workspace")) as opened:
        yield opened


@pytest.fixture
def page(center: Center) -> Dashboard:
    """A dashboard as a fresh page shows it; tests beat its pulse by hand."""
    session = DashboardSession(center)
    session.load()
    return Dashboard(session, Guard(session.dashboard))


@pytest.fixture
def finish(page: Dashboard) -> Callable[[], Task]:
    """Beat the pulse until the task in view has ended, and return it."""

    def run() -> Task:
        end = time.monotonic() + 30
        while time.monotonic() < end:
            page.tick()
            task = page.session.task.task
            if task is not None and task.status.is_final:
                return task
            time.sleep(0.02)
        message = f"not finished: {page.session.task.task}"
        raise TimeoutError(message)

    return run


@pytest.fixture
def upload(page: Dashboard) -> Callable[[str, Any], None]:
    """Send a file to the import form as the browser does: bytes, or JSON values."""

    def send(name: str, content: Any) -> None:
        data = content if isinstance(content, bytes) else json.dumps(content).encode()
        page.pages[DashboardPage.IMPORT].upload.simulate_upload(name, data)

    return send
