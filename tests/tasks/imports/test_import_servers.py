"""Imports into a server, which read the next batch while one is written."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dmc_widgets.center import Center
from dmc_widgets.installations.secret_store import PASSWORD
from dmc_widgets.model.access import Access
from dmc_widgets.model.task import Counts, Task, TaskStatus
from dmc_widgets.workspace import Workspace
from tests.sandbox.conftest import DEFINITIONS, SETTINGS, run_sandbox
from tests.tasks.conftest import TICKET


@pytest.fixture
def target(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """A server that holds the empty object Ticket."""
    monkeypatch.setenv(PASSWORD, SETTINGS.password)
    with run_sandbox(tmp_path / "server.db") as server:
        with server.client() as client:
            client.post(DEFINITIONS, json=TICKET).raise_for_status()
        Center(workspace).installations.add(
            "target", server.url, Access(user=SETTINGS.user)
        )
        yield "target"


def lines(number: int, bad: int = 0) -> bytes:
    """Make records; the one with the number *bad* lacks its title."""
    made: list[dict[str, Any]] = [
        {"externalReferenceCode": f"T-{index}", "title": f"Ticket {index}"}
        for index in range(1, number + 1)
    ]
    if bad:
        del made[bad - 1]["title"]
    return b"".join(json.dumps(each).encode() + b"\n" for each in made)


def test_every_record_of_many_batches_is_imported(
    run_import: Callable[..., Task],
) -> None:
    task = run_import(lines(3500), name="tickets.jsonl")

    assert (task.status, task.error) == (TaskStatus.COMPLETED, "")
    assert task.counts == Counts(created=3500)
    assert task.progress.done == task.progress.of


def test_records_read_ahead_of_a_failure_are_skipped(
    run_import: Callable[..., Task],
) -> None:
    """Though they were ready to be sent."""
    task = run_import(lines(3500, bad=1003), name="tickets.jsonl")

    assert task.status is TaskStatus.FAILED
    assert task.counts == Counts(created=1002, failed=1, skipped=2497)
    assert task.error == (
        'Record 1003: No value was provided for required object field "title". '
        "Records 1 to 1002 stay imported. 2,497 records after it were not tried."
    )


def test_records_before_a_damaged_place_reach_the_server(
    run_import: Callable[..., Task],
) -> None:
    whole = b"[" + lines(1500).replace(b"}\n", b"},")
    task = run_import(whole[:-30], name="tickets.json")

    assert task.status is TaskStatus.FAILED
    assert task.error_code == "file-broken"
    assert task.counts == Counts(created=1499)
