"""What a task changed, in a sentence, as rows, as CSV and as a frame."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from dmc_widgets.center import Center, TaskHandle
from dmc_widgets.model.change import FieldChange, ItemChange
from dmc_widgets.model.outcome import Outcome, OutcomeKind
from dmc_widgets.model.plan import ImportPlan, MigrationPlan, Plan
from dmc_widgets.model.task import Counts, TaskPart, TaskStatus
from dmc_widgets.workspace import Workspace
from dmc_widgets.workspace.outcomes import OutcomeBatch

IMPORT = ImportPlan(entity_type="C_Ticket", name="x", dry_run=True)
LOST = FieldChange("vat", "=DE1", None)
STATE = FieldChange("state", {"key": "open"}, {"key": "closed"})


def updated(key: str, *fields: FieldChange) -> Outcome:
    return Outcome(OutcomeKind.UPDATED, key, change=ItemChange(fields, "guest"))


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "w")


def add_task(workspace: Workspace, plan: Plan) -> TaskHandle:
    task = workspace.tasks.add("Target", plan)
    first = [updated("A", LOST), Outcome(OutcomeKind.CREATED, "B", change=ItemChange())]
    workspace.outcomes.add(task.id, OutcomeBatch(1, first), [])
    second = OutcomeBatch(3, [updated("C", STATE, LOST), updated("D", STATE)])
    workspace.outcomes.add(task.id, second, [])
    if isinstance(plan, MigrationPlan):
        counts = Counts(created=1, updated=1)
        parts = [
            TaskPart(
                entity_type=name,
                status=TaskStatus.COMPLETED,
                counts=counts,
                first=at,
            )
            for name, at in (("C_Ticket", 1), ("C_Note", 3))
        ]
        workspace.tasks.report_parts(task.id, parts)
    return Center(workspace).task(task.id)


def test_losses_are_named_first(workspace: Workspace) -> None:
    task = add_task(workspace, IMPORT)

    assert Center(workspace).tasks.describe_changes(task.id) == (
        "2 records would lose vat; 2 records would change state."
    )


def test_a_run_says_what_it_has_changed_in_which_entity_type(
    workspace: Workspace,
) -> None:
    task = add_task(workspace, MigrationPlan(source="A", name="x"))

    assert Center(workspace).tasks.describe_changes(task.id) == (
        "1 record lost vat of C_Ticket; 1 record lost vat of C_Note; "
        "2 records changed state of C_Note."
    )


def test_a_frame_has_a_line_for_each_changed_field(workspace: Workspace) -> None:
    frame = add_task(workspace, IMPORT).changes()

    assert list(frame.columns) == [
        *("itemIndex", "outcome", "externalReferenceCode", "scopeKey"),
        *("field", "old", "new", "lost"),
    ]
    assert frame["itemIndex"].tolist() == [1, 3, 3, 4]
    assert frame["lost"].tolist() == [True, False, True, False]
    assert frame["new"].tolist()[1] == {"key": "closed"}


def test_changes_are_filtered_by_field_and_loss(workspace: Workspace) -> None:
    task = add_task(workspace, MigrationPlan(source="A", name="x"))

    assert task.changes(field="state")["itemIndex"].tolist() == [1, 2]
    assert task.changes(lost=True)["entityType"].tolist() == ["C_Ticket", "C_Note"]
    (first, *_) = task.iter_changes(lost=True)
    assert (first.number, first.part, first.erc, first.site) == (
        *(1, "C_Ticket", "A", "guest"),
    )


def test_csv_holds_json_values_and_no_formula(workspace: Workspace) -> None:
    task = add_task(workspace, IMPORT)

    lines = b"".join(Center(workspace).tasks.changes_csv(task.id)).decode()
    assert lines.splitlines() == [
        "itemIndex,entityType,outcome,externalReferenceCode,scopeKey,field,old,new,lost",
        "1,,updated,A,guest,vat,'=DE1,,true",
        '3,,updated,C,guest,state,"{""key"":""open""}","{""key"":""closed""}",false',
        "3,,updated,C,guest,vat,'=DE1,,true",
        '4,,updated,D,guest,state,"{""key"":""open""}","{""key"":""closed""}",false',
    ]


def test_what_was_not_recorded_is_not_called_no_change(workspace: Workspace) -> None:
    """A run without a journal has changed something, and it cannot be said what."""
    tasks = Center(workspace).tasks
    texts = []
    for counts in (Counts(updated=3), Counts(unchanged=3)):
        task = workspace.tasks.add("Target", IMPORT)
        workspace.tasks.finish(
            replace(task, status=TaskStatus.COMPLETED, counts=counts)
        )
        texts.append(tasks.describe_no_changes(task.id))

    assert texts == [
        "It was not recorded what this task changed in stored items.",
        "No stored value changes.",
    ]
