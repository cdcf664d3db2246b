"""A task stops at its error limit, and says how many records are in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dmc_widgets.center import Center
from dmc_widgets.model.plan import ImportPlan
from dmc_widgets.model.run_options import RunOptions
from dmc_widgets.model.strategies import Policy
from dmc_widgets.model.task import Counts, TaskStatus
from tests.tasks.conftest import RunImport


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
