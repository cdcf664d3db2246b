"""A verification finds what the target does not hold as it was sent."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dmc_widgets.center import Center
from dmc_widgets.errors import NotSupported
from dmc_widgets.installations import connect
from dmc_widgets.model.outcome import OutcomeKind
from dmc_widgets.model.plan import ImportPlan, VerificationPlan
from dmc_widgets.model.run_options import RunOptions
from dmc_widgets.model.strategies import ErrorStrategy, Policy, UpdateStrategy
from dmc_widgets.model.task import Task, TaskStatus
from dmc_widgets.model.verification import Mismatch, MismatchKind, ValueDifference
from dmc_widgets.ports import Batch
from dmc_widgets.tasks.installation_access import find_entity_type
from dmc_widgets.tasks.worker.runner import run_task
from dmc_widgets.workspace import Workspace
from tests.tasks.conftest import RunImport

pytestmark = pytest.mark.each_database

ERC = "externalReferenceCode"

TICKETS = [
    {ERC: f"T-{number}", "title": f"Ticket {number}", "priority": number}
    for number in range(1, 6)
]

Change = Callable[..., None]
Verify = Callable[[Task], Task]


@pytest.fixture
def change(workspace: Workspace, target: str) -> Change:
    """Write entries past all tasks, as somebody else would."""

    def write(*items: dict[str, Any]) -> None:
        installation = connect(workspace.connections.get(target).url)
        entity_type = find_entity_type(installation.entity_types(), "Ticket")
        policy = Policy(update_strategy=UpdateStrategy.PARTIAL_UPDATE)
        batch = Batch(task=str(items), number=1, items=items, policy=policy)
        outcomes = installation.write(entity_type, batch)
        installation.close()
        assert {outcome.kind for outcome in outcomes} <= {
            OutcomeKind.CREATED,
            OutcomeKind.UPDATED,
        }

    return write


@pytest.fixture
def verify(workspace: Workspace, center: Center) -> Verify:
    """Verify a task in this process."""

    def run(subject: Task) -> Task:
        plan = VerificationPlan(task=subject.id, name="verification")
        task = workspace.tasks.add(subject.installation, plan)
        run_task(workspace, task.id)
        return center.tasks.get(task.id)

    return run


def _mismatches(center: Center, task: Task) -> list[Mismatch]:
    report = center.tasks.verification(task)
    assert report is not None
    return list(report.iter_mismatches())


def test_an_import_verifies_itself(run_import: RunImport, center: Center) -> None:
    task = run_import(TICKETS)

    report = center.tasks.verification(task)
    assert report is not None
    assert report.summary == "5 items are in target as expected."
    (part,) = report.result.parts
    assert (part.title, part.expected, part.equal, part.found) == ("C_Ticket", 5, 5, 5)
    assert part.fields == ("priority", "title")
    assert part.expected_digest == part.actual_digest != ""
    assert task.notes == ()


def test_no_digest_is_made_where_it_is_turned_off(
    run_import: RunImport, center: Center, workspace: Workspace
) -> None:
    key = center.installations.entity_type("target", "Ticket").key
    plan = ImportPlan(entity_type=key, name="x", options=RunOptions(verify=False))

    task = run_import(TICKETS, plan)

    assert center.tasks.verification(task) is None
    assert workspace.digests.find(task.id, 1) == []


@pytest.mark.parametrize("has_digests", [True, False])
def test_what_was_changed_since_is_listed_field_by_field(
    run_import: RunImport,
    center: Center,
    change: Change,
    verify: Verify,
    has_digests: bool,
) -> None:
    """Records of which no digest was made are read again from the file."""
    key = center.installations.entity_type("target", "Ticket").key
    options = RunOptions(verify=has_digests)
    task = run_import(TICKETS, ImportPlan(entity_type=key, name="x", options=options))
    change({ERC: "T-2", "title": "Other", "priority": None})
    change({ERC: "T-9", "title": "Another's"})

    found = verify(task)

    assert found.status is TaskStatus.PARTIALLY_COMPLETED
    assert (found.counts.unchanged, found.counts.failed) == (4, 1)
    assert found.notes == ("5 items expected in target: 1 different.",)
    assert _mismatches(center, found) == [
        Mismatch(
            MismatchKind.DIFFERENT,
            "C_Ticket",
            "T-2",
            record=2,
            fields=(
                ValueDifference("title", "Ticket 2", "Other"),
                ValueDifference("priority", 2, None),
            ),
        )
    ]
    assert _mismatches(center, task) == _mismatches(center, found)


def test_only_the_fields_that_were_sent_count(
    run_import: RunImport, center: Center, change: Change, verify: Verify
) -> None:
    change(*TICKETS)
    key = center.installations.entity_type("target", "Ticket").key
    policy = Policy(update_strategy=UpdateStrategy.PARTIAL_UPDATE)
    titles = [{ERC: "T-1", "title": "New"}, {ERC: "T-2", "priority": 7}]
    task = run_import(titles, ImportPlan(entity_type=key, name="x", policy=policy))
    change({ERC: "T-1", "priority": 99}, {ERC: "T-2", "title": "Changed"})

    assert verify(task).status is TaskStatus.COMPLETED

    change({ERC: "T-2", "priority": 8})
    assert [x.key for x in _mismatches(center, verify(task))] == ["T-2"]


def test_the_last_record_of_an_entry_counts(
    run_import: RunImport, center: Center
) -> None:
    task = run_import([*TICKETS, {ERC: "T-1", "title": "Last", "priority": 1}])

    report = center.tasks.verification(task)
    assert report is not None
    (part,) = report.result.parts
    assert (part.expected, part.equal, part.superseded) == (5, 5, 1)


def test_failed_records_are_not_expected(run_import: RunImport, center: Center) -> None:
    key = center.installations.entity_type("target", "Ticket").key
    policy = Policy(error_strategy=ErrorStrategy.CONTINUE)
    records = [*TICKETS, {ERC: "T-6", "title": None}]

    task = run_import(records, ImportPlan(entity_type=key, name="x", policy=policy))

    report = center.tasks.verification(task)
    assert task.counts.failed == 1
    assert report is not None
    assert report.result.expected == 5


def test_records_without_a_code_are_verified_by_the_generated_one(
    run_import: RunImport, center: Center, change: Change, verify: Verify
) -> None:
    task = run_import([{"title": "New"}])
    code = center.tasks.outcomes(task)[ERC][0]
    change({ERC: code, "title": "Changed"})

    (mismatch,) = _mismatches(center, verify(task))

    assert mismatch.fields == (ValueDifference("title", "New", "Changed"),)


def test_a_file_that_is_gone_does_not_hide_a_mismatch(
    run_import: RunImport,
    center: Center,
    change: Change,
    verify: Verify,
) -> None:
    task = run_import(TICKETS)
    change({ERC: "T-3", "title": "Changed"})
    center.tasks.file(task).unlink()

    (mismatch,) = _mismatches(center, verify(task))

    assert (mismatch.key, mismatch.fields) == ("T-3", ())
    assert mismatch.note.startswith("What was sent cannot be shown")


@pytest.mark.parametrize(
    ("title", "is_known"), [("Ticket 3", True), ("Tampered", False)]
)
def test_a_note_says_where_the_file_holds_other_values_now(
    run_import: RunImport,
    center: Center,
    change: Change,
    verify: Verify,
    *,
    title: str,
    is_known: bool,
) -> None:
    """The file, like the source of a migration, may hold other values by now."""
    task = run_import(TICKETS)
    change({ERC: "T-3", "title": "Changed"})
    file = center.tasks.file(task)
    file.write_text(file.read_text().replace("Ticket 3", title))

    (mismatch,) = _mismatches(center, verify(task))

    (field,) = mismatch.fields
    assert (field.expected, field.actual) == (title, "Changed")
    assert (mismatch.note == "") is is_known


def test_a_definition_is_verified_by_the_rules_of_its_import(
    run_import: RunImport, center: Center, verify: Verify
) -> None:
    key = center.installations.entity_type("target", "ObjectDefinition").key
    body = {
        ERC: "NOTE",
        "name": "Note",
        "label": {"en_US": "Note"},
        "pluralLabel": {"en_US": "Notes"},
        "scope": "company",
        "objectFields": [
            {
                "businessType": "Text",
                "DBType": "String",
                "name": "text",
                "label": {"en_US": "Text"},
            }
        ],
    }
    task = run_import([body], ImportPlan(entity_type=key, name="x"))
    assert verify(task).status is TaskStatus.COMPLETED

    other = {**body, "label": {"en_US": "Memo"}}
    run_import([other], ImportPlan(entity_type=key, name="y"))
    (mismatch,) = _mismatches(center, verify(task))

    assert mismatch.fields == (ValueDifference("label.en_US", "Note", "Memo"),)


def test_what_has_written_nothing_cannot_be_verified(
    run_import: RunImport, center: Center, verify: Verify
) -> None:
    found = verify(run_import(TICKETS))

    with pytest.raises(NotSupported) as caught:
        center.tasks.verify(found)

    assert str(caught.value) == (
        f"Task {found.id} (Verification) has written nothing to an installation. "
        "Verify a finished import or migration."
    )


def test_a_report_is_a_page_and_a_json_file(
    run_import: RunImport,
    center: Center,
    change: Change,
    verify: Verify,
    tmp_path: Path,
) -> None:
    task = run_import(TICKETS)
    change({ERC: "T-4", "title": "<b>&"})
    report = center.tasks.verification(verify(task))
    assert report is not None

    report.save(tmp_path / "report.html")
    report.save(tmp_path / "report.json")

    page = (tmp_path / "report.html").read_text()
    assert "<td>&lt;b&gt;&amp;</td>" in page
    assert "<b>&" not in page
    assert "5 items expected in target: 1 different." in page
    data = json.loads((tmp_path / "report.json").read_text())
    assert data["isEqual"] is False
    assert data["parts"][0]["different"] == 1
    assert data["mismatches"][0]["fields"] == [
        {"field": "title", "expected": "Ticket 4", "actual": "<b>&"}
    ]
    assert list(report.mismatches()["actual"]) == ["<b>&"]


def test_a_pruned_task_is_not_called_as_expected(
    run_import: RunImport, center: Center
) -> None:
    task = run_import(TICKETS)
    center.prune("2999-01-01")

    with pytest.raises(NotSupported) as caught:
        center.tasks.verify(task)

    assert str(caught.value).startswith(f"What task {task.id} has written was pruned")
