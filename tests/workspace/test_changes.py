"""The changes of tasks are stored beside their outcomes, and read by field and loss."""

from __future__ import annotations

from pathlib import Path

import pytest

from dmc_widgets.model.change import FieldChange, ItemChange
from dmc_widgets.model.outcome import Outcome, OutcomeKind
from dmc_widgets.model.plan import ImportPlan
from dmc_widgets.workspace import Workspace
from dmc_widgets.workspace.changes import FieldCount
from dmc_widgets.workspace.outcomes import OutcomeBatch


def _updated(key: str, *fields: FieldChange) -> Outcome:
    change = ItemChange(fields, "Guest", f"of {key}", {"was": key})
    return Outcome(OutcomeKind.UPDATED, key, change=change)


_LOST = FieldChange("vat", "DE1", None)
_RENAMED = FieldChange("name_i18n.de_DE", "Alt", "Neu")


@pytest.fixture
def stored(tmp_path: Path) -> tuple[Workspace, int]:
    workspace = Workspace(tmp_path / "w")
    task = workspace.tasks.add("Target", ImportPlan(entity_type="C_Ticket", name="x"))
    created = Outcome(OutcomeKind.CREATED, "A", change=ItemChange())
    unchanged = Outcome(OutcomeKind.UNCHANGED, "B")
    batches = [
        OutcomeBatch(1, [created, unchanged, _updated("C", _RENAMED, _LOST)]),
        OutcomeBatch(4, [unchanged]),
        OutcomeBatch(5, [_updated("D", _RENAMED), _updated("E", _LOST)]),
    ]
    for batch in batches:
        workspace.outcomes.add(task.id, batch, [])
    return workspace, task.id


def test_changes_are_read_in_order_from_any_place_and_backwards(
    stored: tuple[Workspace, int],
) -> None:
    workspace, task = stored
    read = workspace.changes.read

    assert [(each.index, each.key) for each in read(task)] == [
        (1, "A"),
        (3, "C"),
        (5, "D"),
        (6, "E"),
    ]
    assert [each.index for each in read(task, after=1)] == [3, 5, 6]
    assert [each.index for each in read(task, after=5)] == [6]
    assert [each.index for each in read(task, backwards=True)] == [6, 5, 3, 1]
    assert [each.index for each in read(task, backwards=True, after=5)] == [3, 1]
    first = next(read(task, after=1))
    assert first.kind is OutcomeKind.UPDATED
    assert first.change == ItemChange((_RENAMED, _LOST), "Guest", "of C", {"was": "C"})
    workspace.close()


def test_changes_are_selected_by_field_and_by_loss(
    stored: tuple[Workspace, int],
) -> None:
    workspace, task = stored
    read = workspace.changes.read

    assert [(each.key, each.change.fields) for each in read(task, lost=True)] == [
        ("C", (_LOST,)),
        ("E", (_LOST,)),
    ]
    assert [each.key for each in read(task, field="name_i18n")] == ["C", "D"]
    assert list(read(task, field="name")) == []
    assert list(read(task, field="name_i18n", lost=True)) == []
    assert workspace.changes.count_fields(task) == {
        "name_i18n.de_DE": FieldCount(2, 0),
        "vat": FieldCount(2, 2),
    }
    workspace.close()


def test_changes_go_with_their_task(stored: tuple[Workspace, int]) -> None:
    workspace, task = stored

    workspace.tasks.discard(task)

    assert workspace.changes.is_empty(task)
    workspace.close()
