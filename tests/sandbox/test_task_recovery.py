"""Tasks of the batch engine that are interrupted or fail."""

from __future__ import annotations

import errno
import resource
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx2
import orjson
import pytest

from dmc_widgets.errors import Refused
from dmc_widgets.model.outcome import Outcome
from dmc_widgets.sandbox.batch import endpoints
from dmc_widgets.sandbox.database import SandboxDatabase
from dmc_widgets.storage.sqlite import DISK_FULL
from tests.sandbox.conftest import (
    DEFINITIONS,
    ENGINE,
    ENTRY,
    SandboxServer,
    definition,
    run_sandbox,
    wait_for_task,
)


def start_import(client: httpx2.Client, number: int) -> dict[str, Any]:
    """Start an import of entries."""
    lines = b"\n".join(orjson.dumps({"title": str(index)}) for index in range(number))
    response = client.post(
        f"{ENGINE}/import-task/{ENTRY}",
        params={"taskItemDelegateName": "C_Fern"},
        content=lines,
        headers={"Content-Type": "application/x-ndjson"},
    )
    assert response.status_code == 200, response.text
    task: dict[str, Any] = response.json()
    return task


def all_tasks(sandbox: SandboxServer) -> list[tuple[str, int]]:
    rows = sandbox.context.database.rows("SELECT status, processed FROM task")
    return [(row["status"], row["processed"]) for row in rows]


def test_shutdown_waits_for_one_batch_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rest is written after a restart."""
    database = tmp_path / "ferns.db"
    with run_sandbox(database) as first, first.client() as client:
        client.post(DEFINITIONS, json=definition("Fern"))
        store, begun, may_end = (
            first.context.engine.store,
            threading.Event(),
            threading.Event(),
        )
        write = store.write

        def slow(*arguments: Any) -> Sequence[Outcome]:
            begun.set()
            may_end.wait(10)
            return write(*arguments)

        monkeypatch.setattr(store, "write", slow)
        task = start_import(client, 1500)
        assert begun.wait(10)
        closing = threading.Thread(target=first.context.engine.close)
        closing.start()
        threading.Timer(0.2, may_end.set).start()
        closing.join(10)

        assert all_tasks(first) == [("STARTED", 500)]

    with run_sandbox(database) as second, second.client() as client:
        assert wait_for_task(client, task)["executeStatus"] == "COMPLETED"
        assert client.get("/o/c/ferns").json()["totalCount"] == 1500


def test_task_with_missing_file_fails(tmp_path: Path) -> None:
    database = tmp_path / "ferns.db"
    with run_sandbox(database) as first, first.client() as client:
        client.post(DEFINITIONS, json=definition("Fern"))
        task = wait_for_task(client, start_import(client, 1))
        with (
            first.context.database.transaction() as connection
        ):  # as if it had ended here
            connection.execute("UPDATE task SET status = 'INITIAL'")
        (first.context.database.folder / f"import-{task['id']}.zip").unlink()

    with run_sandbox(database) as second, second.client() as client:
        task = wait_for_task(client, task)

    assert task["executeStatus"] == "FAILED"
    assert task["errorMessage"] == "The content of the task is missing"


def test_unexpected_exception_fails_the_task_without_details(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> Sequence[Outcome]:
        message = "secret"
        raise RuntimeError(message)

    with run_sandbox(tmp_path / "ferns.db") as sandbox, sandbox.client() as client:
        client.post(DEFINITIONS, json=definition("Fern"))
        monkeypatch.setattr(sandbox.context.engine.store, "write", broken)
        task = wait_for_task(client, start_import(client, 1))

    assert task["executeStatus"] == "FAILED"
    assert task["errorMessage"].startswith("java.lang.Error: sandbox import ")
    assert "secret" not in orjson.dumps(task).decode()


def test_task_fails_where_the_disk_has_no_room_for_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Clients are told; with more room, the next start runs the task again."""
    database = tmp_path / "ferns.db"
    reason = "The disk is full. " * 1_000
    with run_sandbox(database) as first, first.client() as client:
        client.post(DEFINITIONS, json=definition("Fern"))
        tasks = first.context.database

        def fill(*_: Any) -> Sequence[Outcome]:
            pages = tasks.rows("PRAGMA page_count")[0][0]
            tasks.run(f"PRAGMA max_page_count = {pages}")
            raise Refused(database.name, reason)

        monkeypatch.setattr(first.context.engine.store, "write", fill)
        failed = wait_for_task(client, start_import(client, 3))
        recorded = all_tasks(first)

    with run_sandbox(database) as second, second.client() as client:
        done = wait_for_task(client, failed)

    assert (failed["executeStatus"], recorded) == ("FAILED", [("STARTED", 0)])
    assert "The disk is full." in failed["errorMessage"]
    assert (done["executeStatus"], done["processedItemsCount"]) == ("COMPLETED", 3)


def test_end_of_a_task_is_recorded_once_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client may send what is missing again: the failed task runs no more."""
    database = tmp_path / "ferns.db"
    with run_sandbox(database) as sandbox, sandbox.client() as client:
        client.post(DEFINITIONS, json=definition("Fern"))
        tasks = sandbox.context.database

        def fill(*_: Any) -> Sequence[Outcome]:
            tasks.run(
                f"PRAGMA max_page_count = {tasks.rows('PRAGMA page_count')[0][0]}"
            )
            raise Refused(database.name, "The disk is full. " * 1_000)

        with monkeypatch.context() as patch:
            patch.setattr(sandbox.context.engine.store, "write", fill)
            wait_for_task(client, start_import(client, 3))
        tasks.run("PRAGMA max_page_count = 1000000")
        wait_for_task(client, start_import(client, 3))

        assert all_tasks(sandbox) == [("FAILED", 0), ("COMPLETED", 3)]


def test_database_closes_on_a_full_disk(tmp_path: Path) -> None:
    """What was written is in the log, and there at the next start."""
    names = [f"field{number}" for number in range(3_000)]
    database = SandboxDatabase(tmp_path)
    ids = database.part_ids("ObjectField", "FERN", names)
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (16 * 1024, usual[1]))
    try:
        database.close()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)
    again = SandboxDatabase(tmp_path)

    assert again.part_ids("ObjectField", "FERN", names) == ids
    again.close()


def test_full_disk_is_not_the_fault_of_a_request(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither that of an upload nor that of an entry."""

    def fill(*_: Any) -> Any:
        raise OSError(errno.ENOSPC, "No space left on device")

    full = Refused("ferns.db", DISK_FULL)

    def refuse(*_: Any) -> Any:
        raise full

    with run_sandbox(tmp_path / "ferns.db") as sandbox, sandbox.client() as client:
        client.post(DEFINITIONS, json=definition("Fern"))
        with monkeypatch.context() as patch:
            patch.setattr(endpoints, "open_private", fill)
            patch.setattr(sandbox.context.store, "write", refuse)
            upload = client.post(
                f"{ENGINE}/import-task/{ENTRY}",
                params={"taskItemDelegateName": "C_Fern"},
                content=b"{}",
                headers={"Content-Type": "application/x-ndjson"},
            )
            entry = client.post("/o/c/ferns", json={"title": "Royal"})
        later = client.post("/o/c/ferns", json={"title": "Royal"})

    assert (upload.status_code, entry.status_code) == (507, 507)
    assert (
        upload.json()
        == entry.json()
        == {
            "status": "INSUFFICIENT_STORAGE",
            "title": "The disk is full. Make room and start again.",
        }
    )
    assert later.status_code == 200
