"""A task stops at its error limit, and says how many records are in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from dmc_widgets.center import Center
from dmc_widgets.errors import InvalidPlan
from dmc_widgets.model.plan import Action, ImportPlan
from dmc_widgets.model.run_options import RunOptions
from dmc_widgets.model.strategies import Policy
from dmc_widgets.model.task import Counts, TaskStatus
from tests.tasks.conftest import RunImport

pytestmark = [pytest.mark.usefixtures("in_this_process"), pytest.mark.each_database]


def limited(limit: str) -> ImportPlan:
    return ImportPlan(
        entity_type="Ticket",
        policy=Policy(error_strategy="continue"),
        options=RunOptions(error_limit=limit),
        name="test",
    )


def tickets(number: int, bad_every: int) -> list[dict[str, Any]]:
    """Return records of which every *bad_every*-th lacks its required title."""
    return [
        {
            "externalReferenceCode": f"T-{n}",
            "title": None if n % bad_every == 0 else "A",
        }
        for n in range(1, number + 1)
    ]


@pytest.mark.parametrize(
    ("limit", "bad_every", "counts", "message"),
    [
        (
            "15",
            10,
            Counts(created=180, failed=20, skipped=1_000),
            "Stopped at the error limit (15 failed records): 20 of 200 records failed. "
            "180 records are in the target. 1,000 records after them were not tried.",
        ),
        (
            "4%",
            20,
            Counts(created=95, failed=5, skipped=1_100),
            "Stopped at the error limit (more than 4 % of the records failed): 5 of "
            "100 records failed. 95 records are in the target. 1,100 records after "
            "them were not tried.",
        ),
    ],
    ids=["number", "share"],
)
def test_import_stops_at_its_limit(
    run_import: RunImport, limit: str, bad_every: int, counts: Counts, message: str
) -> None:
    task = run_import(tickets(1_200, bad_every), limited(limit))

    assert (task.status, task.counts) == (TaskStatus.FAILED, counts)
    assert task.error == message


def test_import_within_its_limit_completes(run_import: RunImport) -> None:
    task = run_import(tickets(1_200, 100), limited("13,1%"))

    assert task.status is TaskStatus.PARTIALLY_COMPLETED
    assert task.counts == Counts(created=1_188, failed=12)


def test_facade_takes_a_limit_which_alone_continues_on_errors(
    center: Center, tmp_path: Path
) -> None:
    path = tmp_path / "tickets.csv"
    lines = ["externalReferenceCode,title", *(f"T-{n}," for n in range(150))]
    path.write_text("\n".join(lines), encoding="utf-8")
    task = center.import_file("target", "Ticket", path, error_limit=7)

    assert task.counts == Counts(failed=100, skipped=50)
    assert task.status is TaskStatus.FAILED


def test_what_was_written_is_taken_back_at_the_limit_where_wished(
    center: Center, tmp_path: Path
) -> None:
    """By a task of its own; the records that were there before stay."""
    center.import_frame("target", "Ticket", pd.DataFrame(tickets(3, 10)))
    path = tmp_path / "tickets.json"
    path.write_text(json.dumps(tickets(400, 10)), encoding="utf-8")
    task = center.import_file("target", "Ticket", path, error_limit=15, at_limit="undo")

    assert task.error.endswith("What was written is taken back by a task of its own.")
    undo = center.tasks.wait(task.id + 1, timeout_s=60)
    assert (undo.action, undo.name) == (Action.UNDO, f"Undo of {task.name}")
    assert undo.status is TaskStatus.COMPLETED
    with center.installations.connect("target") as target:
        codes = [item["externalReferenceCode"] for item in target.read("Ticket")]
    assert codes == ["T-1", "T-2", "T-3"]


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        (
            {"at_limit": "undo"},
            "What was written is to be undone at the error limit, but there is none. "
            "Give one, such as 50 or 2%.",
        ),
        (
            {"at_limit": "undo", "error_limit": 5, "journal": False},
            "What was written is to be undone at the error limit, but no journal is "
            "kept. Keep one, or leave what was written.",
        ),
    ],
    ids=["no-limit", "no-journal"],
)
def test_undo_at_the_limit_needs_a_limit_and_a_journal(
    center: Center, tmp_path: Path, choices: dict[str, Any], message: str
) -> None:
    path = tmp_path / "tickets.json"
    path.write_text(json.dumps(tickets(1, 10)), encoding="utf-8")
    with pytest.raises(InvalidPlan) as caught:
        center.import_file("target", "Ticket", path, **choices)
    assert str(caught.value) == message
