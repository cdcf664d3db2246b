"""Records that the mapping cannot use fail in their place, as values."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from dmc_widgets.center import Center
from dmc_widgets.errors import InvalidPlan
from dmc_widgets.model.mapping import mapping_from_dict
from dmc_widgets.model.plan import ImportPlan
from dmc_widgets.model.strategies import ErrorStrategy, Policy
from dmc_widgets.model.task import Counts, Task, TaskStatus
from dmc_widgets.tasks import error_budget

RunImport = Callable[..., Task]

RECORDS: list[Any] = [
    {"code": "A", "rank": "1.000"},
    {"code": "B", "rank": "high"},
    5,
    {"code": "C", "rank": ""},
]
NO_NUMBER = (
    "The field 'priority' got \"high\"; the mapping expects a number like 1.234,5."
)


def plan(error_strategy: ErrorStrategy, title: str = '"Ticket " + code') -> ImportPlan:
    fields = {
        "externalReferenceCode": "code",
        "title": {"expression": title},
        "priority": {"source": "rank", "number": {"decimal": ",", "grouping": "."}},
    }
    return ImportPlan(
        entity_type="Ticket",
        name="test",
        mapping=mapping_from_dict({"fields": fields}),
        policy=Policy(error_strategy=error_strategy),
    )


@pytest.mark.parametrize("size", [1, 2, 1000])
def test_unmappable_records_fail_with_their_number(
    center: Center, run_import: RunImport, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setattr(error_budget, "_BATCH_RECORDS", size)
    task = run_import(json.dumps(RECORDS).encode(), plan(ErrorStrategy.CONTINUE))

    assert (task.status, task.counts) == (
        TaskStatus.PARTIALLY_COMPLETED,
        Counts(created=2, failed=2),
    )
    failed, unreadable = center.tasks.failures(task.id)
    assert (failed.index, unreadable.index) == (2, 3)
    assert (failed.problem.code, failed.problem.field) == ("mapping-error", "priority")
    assert (failed.problem.message, failed.problem.value) == (NO_NUMBER, '"high"')
    assert json.loads(failed.item) == RECORDS[1]


@pytest.mark.parametrize("size", [1, 2, 1000])
def test_first_unmappable_record_stops_the_task(
    run_import: RunImport, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setattr(error_budget, "_BATCH_RECORDS", size)
    task = run_import(json.dumps(RECORDS).encode(), plan(ErrorStrategy.STOP))

    assert task.counts == Counts(created=1, failed=1, skipped=2)
    assert task.error == (
        f"Record 2: {NO_NUMBER} Record 1 stays imported. "
        "2 records after it were not tried."
    )


def test_malformed_expression_is_refused_before_the_task(
    center: Center, tmp_path: Path
) -> None:
    path = tmp_path / "tickets.json"
    path.write_text(json.dumps(RECORDS[:1]))

    with pytest.raises(InvalidPlan, match=r"^The expression of the field 'title' "):
        center.tasks.start_import("target", plan(ErrorStrategy.STOP, "code +"), path)

    assert center.tasks.list() == []


@pytest.mark.parametrize("same_names", [False, True])
def test_unknown_target_field_is_refused_by_import_and_preview(
    center: Center, tmp_path: Path, *, same_names: bool
) -> None:
    path = tmp_path / "tickets.json"
    path.write_text(json.dumps(RECORDS[:1]))
    fields = {"title": "code", "titel": "code"}
    mapping = mapping_from_dict({"fields": fields, "same_names": same_names})
    slip = ImportPlan(entity_type="Ticket", mapping=mapping)
    reason = r"^C_Ticket has no field 'titel' to import into\. Known: title, "

    with pytest.raises(InvalidPlan, match=reason):
        center.tasks.start_import("target", slip, path)
    with pytest.raises(InvalidPlan, match=reason):
        center.files.preview("target", slip, path)


def test_mapped_fields_without_any_record_are_named(
    run_import: RunImport,
) -> None:
    """Those with a default for that are meant to be missing now and then."""
    fields = {
        "title": "code",
        "priority": "ranc",
        "externalReferenceCode": {"source": "key.code", "if_missing": "T"},
        "keywords": "day.of.the.week",
    }
    slip = ImportPlan(
        entity_type="Ticket", mapping=mapping_from_dict({"fields": fields})
    )

    task = run_import(json.dumps(RECORDS[:1]).encode(), slip)

    assert task.counts == Counts(created=1)
    assert task.notes == (
        "No record had these fields, so nothing was filled from them: "
        "day.of.the.week, ranc.",
    )


def test_preview_shows_why_a_record_cannot_be_mapped(
    center: Center, tmp_path: Path
) -> None:
    path = tmp_path / "tickets.json"
    path.write_text(json.dumps(RECORDS[:2]))
    head = center.files.read_head(path)

    frame = center.files.preview("target", plan(ErrorStrategy.STOP), head)

    assert frame["result", "problems"].tolist() == ["", f"priority: {NO_NUMBER}"]
    assert frame["result", "expected"].tolist() == ["created", "failed"]
    assert frame["target", "priority"].tolist() == [1000, pd.NA]
    assert frame["target", "title"].tolist() == ["Ticket A", "Ticket B"]
