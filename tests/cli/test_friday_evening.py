"""A Friday evening: from staging into production, which is killed in the middle.

Two servers with different pasts, by command line alone: compare, backup, dry run,
merge, resume, repair, verify, undo. More entries: ``DMC_EVENING_ENTRIES=20000``.
"""

from __future__ import annotations

import csv
import os
import shutil
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from dmc_widgets.installations.secret_store import PASSWORD
from dmc_widgets.model.task import Task
from dmc_widgets.tasks.worker.runner import run_task
from dmc_widgets.workspace import Workspace
from tests.cli.driver import ERC, Driver
from tests.cli.evening import (
    count_entries,
    document_differences,
    fill_production,
    fill_staging,
    held,
)
from tests.kills.killed_server import ServerProcess
from tests.sandbox.conftest import SETTINGS, run_sandbox

NUMBER = int(os.environ.get("DMC_EVENING_ENTRIES", "400"))
CLIENTS = NUMBER * 3 // 4
MERGE = (
    *("migrate", "Staging", "Production"),
    *("ListTypeDefinition", "ObjectDefinition", "Client", "Order"),
    *("--update-strategy", "MERGE", "--on-error", "continue"),
)


@pytest.fixture(autouse=True)
def _in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Save the start of a worker for each task."""

    def run(workspace: Workspace, task: Task) -> None:
        run_task(workspace, task.id)

    for module in (
        "center.launching",
        "center.resuming",
        "tasks.repair.running.repair_start",
    ):
        monkeypatch.setattr(f"dmc_widgets.{module}.launch_worker", run)
    monkeypatch.setenv(PASSWORD, SETTINGS.password)


def passes(dmc: Driver, *arguments: Any, status: int = 0) -> str:
    """Run a command, and return what it says."""
    result = dmc(*arguments)
    assert result.exit_code == status, result.output
    return result.output


def prepare(dmc: Driver, *addresses: str) -> None:
    """Connect both, compare them, back production up, and rehearse."""
    for name, address in zip(("Staging", "Production"), addresses, strict=True):
        passes(dmc, "installation", "add", name, address, "--user", SETTINGS.user)
    compared = passes(dmc, "compare", "Staging", "Production", status=3)
    for name in ("phone", "vatNumber", "vip", "legacy"):
        assert name in compared
    passes(dmc, "backup", "Production", "Client", "Order")
    foreseen = passes(dmc, *MERGE, "--dry-run", status=3)
    assert f"{CLIENTS - 101:,} created, 100 updated, 1 failed" in foreseen
    assert "ids and dates" not in foreseen
    assert "2 records would fail." in foreseen


def migrate_until_killed(dmc: Driver, victim: ServerProcess, database: Path) -> None:
    """Merge staging into production, which is killed among the clients."""
    said = passes(dmc, *MERGE, status=1)
    assert "It went away while" in said
    assert "dmc resume 3" in said
    assert victim.is_dead
    assert count_entries(database) < NUMBER


def mend_the_address(dmc: Driver, file: Path) -> None:
    """Give the client another address; its order, which failed with it, comes along."""
    passes(dmc, "failures", 3, "-o", file)
    with file.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [(row[ERC], row["errorField"]) for row in rows] == [
        ("C7", "email"),
        ("O6", "r_orders_c_clientERC"),
    ]
    rows[0]["email"] = "c7b@example.com"
    with file.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    said = passes(dmc, "retry", 3, file)
    assert "Completed" in said
    assert "only spelled in another way" not in said


def test_production_survives_the_evening(tmp_path: Path) -> None:
    """Nothing is lost, nothing is doubled."""
    staging, production = tmp_path / "staging.db", tmp_path / "production.db"
    fill_staging(staging, NUMBER)
    fill_production(production)
    untouched = Path(shutil.copy(production, tmp_path / "untouched.db"))
    before, wanted = held(production), held(staging)
    dmc, victim = Driver(tmp_path / "workspace"), ServerProcess(production)
    with run_sandbox(staging) as source, ExitStack() as stack:
        stack.callback(victim.kill)
        victim.start(dies=True)  # not before the migration writes
        prepare(dmc, source.url, victim.url)
        assert held(production) == before
        assert document_differences(production, untouched) == []
        migrate_until_killed(dmc, victim, production)
        victim.start()
        passes(dmc, "resume", 3, status=3)
        mend_the_address(dmc, tmp_path / "failures.csv")
        passes(dmc, "verify", 3, "-o", tmp_path / "report.html")
        after = held(production)
        assert after["C_Client"].keys() == wanted["C_Client"].keys() | {"OWN"}
        assert after["C_Order"] == wanted["C_Order"]
        merged = after["C_Client"]["C150"]
        assert (merged["vatNumber"], merged["phone"]) == ("VAT150", "+49 150")
        assert merged["name"] == "Client 150"
        assert after["C_Client"]["OWN"]["level"]["key"] == "legacy"
        passes(dmc, "undo", 3)
    assert held(production) == before
    assert document_differences(production, untouched) == []
