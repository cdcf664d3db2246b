"""Running a task again, and comparing two tasks."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dmc_widgets.center import Center
from dmc_widgets.errors import NotSupported
from dmc_widgets.model.plan import ImportPlan, UndoPlan
from dmc_widgets.model.task import Counts, TaskStatus
from dmc_widgets.workspace import Workspace

pytestmark = pytest.mark.each_database


def write(path: Path, *records: dict[str, Any]) -> Path:
    path.write_text(json.dumps(records), encoding="utf-8")
    return path


def ticket(code: str, title: str | None = "A") -> dict[str, Any]:
    return {"externalReferenceCode": code, "title": title}


def test_import_runs_again_with_its_file_and_its_plan(
    center: Center, tmp_path: Path
) -> None:
    """The file that the task was started with, although it was changed meanwhile."""
    path = write(tmp_path / "tickets.json", ticket("T-1"), ticket("T-2"))
    first = center.import_file("target", "Ticket", path, on_error="continue")
    write(path, ticket("T-9"))
    again = center.tasks.wait(center.tasks.run_again(first.id), timeout_s=60)

    assert (first.counts, again.counts) == (Counts(created=2), Counts(unchanged=2))
    plan = first.state.plan
    assert isinstance(plan, ImportPlan)
    assert again.plan == replace(plan, name=again.name)
    assert (again.original_file, again.id) == ("tickets.json", first.id + 1)

    comparison = center.tasks.compare(first.id, again)
    assert [name for name, _, _ in comparison.plans] == ["name"]
    assert comparison.counts == (Counts(created=2), Counts(unchanged=2))
    records = comparison.records
    assert records["itemIndex"].tolist() == [1, 2]
    assert records["outcome"].tolist() == ["created"] * 2
    assert records["outcome_2"].tolist() == ["unchanged"] * 2
    assert comparison.summary == (
        "2 records have another outcome: 2 created → unchanged."
    )
    assert b"".join(comparison.csv_chunks()).splitlines() == [
        b"itemIndex,outcome,code,field,message,outcome_2,code_2,field_2,message_2",
        b"1,created,,,,unchanged,,,",
        b"2,created,,,,unchanged,,,",
    ]


def test_tasks_of_other_files_are_compared_by_code(
    center: Center, tmp_path: Path
) -> None:
    one = write(tmp_path / "one.json", ticket("T-1"), ticket("T-2"), ticket("T-3"))
    two = write(tmp_path / "two.json", ticket("T-3"), ticket("T-1", "B"))
    first = center.import_file("target", "Ticket", one)
    second = center.import_file(
        "target", "Ticket", two, update_strategy="PARTIAL_UPDATE"
    )
    comparison = center.tasks.compare(first.id, second.id)

    assert ("updateStrategy", "UPDATE", "PARTIAL_UPDATE") in comparison.plans
    assert {
        (row.externalReferenceCode, row.outcome, row.outcome_2)
        for row in comparison.records.itertuples()
    } == {
        ("T-1", "created", "updated"),
        ("T-2", "created", ""),
        ("T-3", "created", "unchanged"),
    }
    assert comparison.select(0) is comparison.records
    number = comparison.transitions.index(("created", "", 1)) + 1
    assert comparison.select(number)["externalReferenceCode"].tolist() == ["T-2"]
    assert "1 created → not in it" in comparison.summary


def test_records_with_the_same_code_are_compared_one_by_one(
    center: Center, tmp_path: Path
) -> None:
    """The second of a code with the second, not each with each."""
    one = write(tmp_path / "one.json", *[ticket("T-1", title) for title in "ABC"])
    two = write(tmp_path / "two.json", *[ticket("T-1", title) for title in "CBA"])
    first, second = (center.import_file("target", "Ticket", x) for x in (one, two))
    comparison = center.tasks.compare(first.id, second.id)

    assert first.counts == Counts(created=1, updated=2)
    assert comparison.transitions == (("created", "unchanged", 1),)


def test_undo_and_tasks_at_work_are_not_run_again(
    center: Center, workspace: Workspace
) -> None:
    task = workspace.tasks.add("target", UndoPlan(task=1, name="A"))
    assert task.status is TaskStatus.QUEUED
    with pytest.raises(NotSupported) as caught:
        center.tasks.run_again(task)
    assert str(caught.value).endswith(
        "cannot be run again. Choose an export, import, migration or verification that "
        "has ended."
    )
