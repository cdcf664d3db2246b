"""The changes of tasks are stored beside their outcomes, and read by field and loss."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dmc_widgets.model.alike_changes import ReplacedChanges, ReplacedValues
from dmc_widgets.model.change import FieldChange, ItemChange
from dmc_widgets.model.outcome import Outcome, OutcomeKind
from dmc_widgets.model.outcome_runs import OutcomeRuns
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


def test_changes_of_the_same_fields_are_counted_as_single_ones(
    stored: tuple[Workspace, int],
) -> None:
    workspace, task = stored
    names = ReplacedValues("name_i18n.de_DE", ["Alt", "Eins"], ["Neu", "Zwei"])
    sizes = ReplacedValues("size", [1, 2], [3, 4])
    changes = ReplacedChanges("Guest", "1.0.", [10, 11], [names, sizes], [5, 6])
    outcomes = OutcomeRuns.alike(OutcomeKind.UPDATED, ["F", "G"], changes)

    workspace.outcomes.add(task, OutcomeBatch(7, outcomes), [])

    assert workspace.changes.count_fields(task) == {
        "name_i18n.de_DE": FieldCount(4, 0),
        "size": FieldCount(2, 0),
        "vat": FieldCount(2, 2),
    }
    (last,) = workspace.changes.read(task, field="size", after=7)
    assert (last.key, last.change.fields) == ("G", (FieldChange("size", 2, 4),))
    workspace.close()


def test_changes_go_with_their_task(stored: tuple[Workspace, int]) -> None:
    workspace, task = stored

    workspace.tasks.discard(task)

    assert workspace.changes.is_empty(task)
    workspace.close()


def test_a_page_of_single_changes_is_found_wherever_it_is(
    stored: tuple[Workspace, int],
) -> None:
    """Pages of any size, one after another, are all changes in their order."""
    workspace, task = stored
    changes = workspace.changes

    def keys(**choice: Any) -> list[tuple[str, str]]:
        everything = [
            (record.key, change.field)
            for record in changes.read(task, **choice)
            for change in record.change.fields
        ]
        for size in (1, 2, 3, 10):
            pages = [
                changes.page(task, offset, size, **choice)
                for offset in range(0, len(everything) + size, size)
            ]
            found = [(record.key, one.field) for page in pages for record, one in page]
            assert found == everything
        assert changes.count(task, **choice) == len(everything)
        return everything

    renamed, vat = "name_i18n.de_DE", "vat"
    assert keys() == [("C", renamed), ("C", vat), ("D", renamed), ("E", vat)]
    assert keys(field="name_i18n") == [("C", renamed), ("D", renamed)]
    assert keys(lost=True) == [("C", vat), ("E", vat)]
    assert keys(field="state") == []


def test_fields_of_a_part_are_counted_alone(stored: tuple[Workspace, int]) -> None:
    workspace, task = stored

    assert workspace.changes.count_fields(task, 1, 4) == {
        "name_i18n.de_DE": FieldCount(1, 0),
        "vat": FieldCount(1, 1),
    }
    assert workspace.changes.count_fields(task, 5) == {
        "name_i18n.de_DE": FieldCount(1, 0),
        "vat": FieldCount(1, 1),
    }
