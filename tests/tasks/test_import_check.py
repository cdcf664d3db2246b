"""The one check of an import plan, through which every face goes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dmc_widgets.center import Center
from dmc_widgets.errors import InvalidPlan
from dmc_widgets.model.mapping import FieldMapping, Mapping
from dmc_widgets.model.plan import ImportPlan
from dmc_widgets.model.plan_check import PlanCheck
from dmc_widgets.tasks.head import FileHead

NO_REQUIRED = (
    "You must map at least one field and all required fields before continuing."
)


def test_a_plan_without_faults_has_no_problems(center: Center, tmp_path: Path) -> None:
    path = tmp_path / "tickets.json"
    path.write_text(json.dumps([{"title": "Leak"}]))

    check = center.check_import("target", ImportPlan(entity_type="Ticket"), path)

    assert check == PlanCheck()


def test_what_the_check_refuses_neither_starts_nor_is_previewed(
    center: Center, tmp_path: Path
) -> None:
    path = tmp_path / "tickets.json"
    path.write_text(json.dumps([{"title": "Leak", "priority": 1}]))
    mapping = Mapping((FieldMapping("priority", "priority"),))
    plan = ImportPlan(entity_type="Ticket", mapping=mapping)
    head = center.read_head(path)

    assert NO_REQUIRED in center.check_import("target", plan, head).problems[0]
    for refuse in (center.start_import, center.look_ahead, center.preview):
        with pytest.raises(InvalidPlan, match="all required fields"):
            refuse("target", plan, path)
    assert center.tasks() == []


def test_warnings_are_previewed_and_stay_as_notes_of_the_task(
    center: Center, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def warn(_head: FileHead) -> tuple[str, ...]:
        return ("Look twice.",)

    monkeypatch.setattr("dmc_widgets.tasks.import_check._warnings", warn)
    path = tmp_path / "tickets.json"
    path.write_text(json.dumps([{"externalReferenceCode": "T", "title": "Leak"}]))
    plan = ImportPlan(entity_type="Ticket")

    assert center.check_import("target", plan, path).warnings == ("Look twice.",)
    assert center.preview("target", plan, path).attrs["warnings"] == ["Look twice."]
    task = center.start_import("target", plan, path)
    assert task.notes == ("Look twice.",)
    assert center.wait(task.id, timeout_s=60).notes == ("Look twice.",)
