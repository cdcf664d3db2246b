"""A database that another program writes to: requests fail, tasks wait."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from dmc_widgets.sandbox import context
from dmc_widgets.storage.sqlite_lock import LockWait
from tests.sandbox.conftest import DEFINITIONS, definition, run_sandbox, wait_for_task
from tests.sandbox.test_task_recovery import start_import
from tests.tasks.worker.test_busy_database import locked


def test_busy_database_fails_requests_and_delays_tasks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(context, "REQUEST_WAITING", LockWait(limit_s=0.5))
    database = tmp_path / "ferns.db"
    with run_sandbox(database) as sandbox, sandbox.client() as client:
        client.post(DEFINITIONS, json=definition("Fern"))
        with locked(database, seconds=2.5):
            task = start_import(client, 3)
            began = time.monotonic()
            refused = client.post("/o/c/ferns", json={"title": "Royal"})
            waited = time.monotonic() - began
            listed = client.get("/o/c/ferns")
        done = wait_for_task(client, task)

    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "1")
    assert refused.json()["title"] in {
        "Another program is writing to the database.",
        "Other requests and tasks are writing to the database.",
    }
    assert waited < 2.0
    assert listed.json()["totalCount"] == 0  # reading waits for nobody
    assert (done["executeStatus"], done["processedItemsCount"]) == ("COMPLETED", 3)


def test_waiting_task_does_not_delay_shutdown(tmp_path: Path) -> None:
    """The task runs again at the next start."""
    database = tmp_path / "ferns.db"
    with run_sandbox(database) as first, first.client() as client:
        client.post(DEFINITIONS, json=definition("Fern"))
        with locked(database, seconds=3):
            task = start_import(client, 3)
            time.sleep(0.5)
            began = time.monotonic()
            first.context.engine.close()
            took = time.monotonic() - began
    with run_sandbox(database) as second, second.client() as client:
        done = wait_for_task(client, task)

    assert took < 1.0
    assert (done["executeStatus"], done["processedItemsCount"]) == ("COMPLETED", 3)
