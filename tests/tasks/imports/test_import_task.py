"""What an import task does with records, strategies and faults."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dmc_widgets.center import Center
from dmc_widgets.installations import connect
from dmc_widgets.model.mapping import FieldMapping, Mapping
from dmc_widgets.model.plan import ImportPlan
from dmc_widgets.model.strategies import (
    ErrorStrategy,
    ImportStrategy,
    Policy,
    UpdateStrategy,
)
from dmc_widgets.model.task import Counts, Task, TaskStatus
from dmc_widgets.ports import Batch
from dmc_widgets.tasks import error_budget
from dmc_widgets.tasks.task_files import original_path
from dmc_widgets.tasks.worker.runner import run_task
from dmc_widgets.workspace import Workspace
from dmc_widgets.workspace.file_transfer import copy_into_workspace

pytestmark = pytest.mark.each_database

RunImport = Callable[..., Task]

KEY = "com.liferay.object.rest.dto.v1_0.ObjectEntry#C_Ticket"
CONTINUE = Policy(error_strategy=ErrorStrategy.CONTINUE)

NO_TITLE = 'No value was provided for required object field "title"'


def ticket(number: int, **fields: Any) -> dict[str, Any]:
    return {"externalReferenceCode": f"T-{number}", "title": f"Leak {number}", **fields}


def plan(policy: Policy, mapping: Mapping | None = None) -> ImportPlan:
    mapping = mapping or Mapping(same_names=True)
    return ImportPlan(entity_type=KEY, name="test", policy=policy, mapping=mapping)


def stored(center: Center) -> dict[str, tuple[str, int | None]]:
    from dmc_widgets.installations import connect
    from dmc_widgets.ports import Query

    installation = connect(center.installations.list()[0].url)
    items = installation.read(
        center.installations.entity_type("target", "Ticket"), Query()
    )
    found = {
        item["externalReferenceCode"]: (item["title"], item["priority"])
        for item in items
    }
    installation.close()
    return found


def test_new_records_are_created(center: Center, run_import: RunImport) -> None:
    task = run_import([ticket(1), ticket(2, priority=5)])

    assert (task.status, task.counts) == (TaskStatus.COMPLETED, Counts(created=2))
    assert stored(center) == {"T-1": ("Leak 1", None), "T-2": ("Leak 2", 5)}


def test_second_import_of_a_file_changes_nothing(run_import: RunImport) -> None:
    run_import([ticket(1), ticket(2)])
    task = run_import([ticket(1), ticket(2)])

    assert (task.status, task.counts) == (TaskStatus.COMPLETED, Counts(unchanged=2))


@pytest.mark.parametrize(
    ("policy", "counts", "after"),
    [
        pytest.param(
            Policy(),
            Counts(created=1, updated=1),
            {"T-1": ("New", None), "T-2": ("Leak 2", None)},
            id="upsert-overwrite-empties-what-is-absent",
        ),
        pytest.param(
            Policy(update_strategy=UpdateStrategy.PARTIAL_UPDATE),
            Counts(created=1, updated=1),
            {"T-1": ("New", 5), "T-2": ("Leak 2", None)},
            id="upsert-changed-fields-keeps-what-is-absent",
        ),
        pytest.param(
            Policy(
                import_strategy=ImportStrategy.INSERT,
                error_strategy=ErrorStrategy.CONTINUE,
            ),
            Counts(created=1, failed=1),
            {"T-1": ("Leak 1", 5), "T-2": ("Leak 2", None)},
            id="only-add-refuses-the-existing",
        ),
        pytest.param(
            Policy(
                import_strategy=ImportStrategy.UPDATE,
                error_strategy=ErrorStrategy.CONTINUE,
            ),
            Counts(updated=1, failed=1),
            {"T-1": ("New", None)},
            id="only-update-refuses-the-missing",
        ),
    ],
)
def test_strategies_decide_outcomes(
    center: Center,
    run_import: RunImport,
    policy: Policy,
    counts: Counts,
    after: dict[str, Any],
) -> None:
    run_import([ticket(1, priority=5)])
    task = run_import([ticket(1, title="New"), ticket(2)], plan(policy))

    assert task.counts == counts
    assert stored(center) == after


def test_the_first_bad_record_stops_the_task(
    center: Center, run_import: RunImport
) -> None:
    """Records before it stay; those after it are reported as not tried."""
    task = run_import([ticket(1), ticket(2), ticket(3, title=None), ticket(4)])

    assert (task.status, task.counts) == (
        TaskStatus.FAILED,
        Counts(created=2, failed=1, skipped=1),
    )
    assert task.error == (
        f"Record 3: {NO_TITLE}. Records 1 to 2 stay imported. "
        "1 record after it was not tried."
    )
    assert sorted(stored(center)) == ["T-1", "T-2"]


def test_every_failed_record_is_reported_with_its_number(
    center: Center, run_import: RunImport
) -> None:
    records = [ticket(1, title=None), ticket(2), ticket(3, priority="high")]
    task = run_import(records, plan(CONTINUE))

    assert (task.status, task.counts) == (
        TaskStatus.PARTIALLY_COMPLETED,
        Counts(created=1, failed=2),
    )
    told = [
        (
            failure.index,
            failure.problem.field,
            failure.problem.message,
            json.loads(failure.item),
        )
        for failure in center.tasks.failures(task.id)
    ]
    assert told == [
        (1, "title", NO_TITLE, records[0]),
        (
            3,
            "priority",
            '"high" in the field "priority" is not a whole number. '
            "Object entry value exceeds integer field allowed size",
            records[2],
        ),
    ]


def test_failed_record_is_reported_with_every_digit(
    workspace: Workspace, run_import: RunImport
) -> None:
    """An integer of any size is one more value, and ends no task."""
    task = run_import([{"title": "", "big": 10**30}, ticket(2)], plan(CONTINUE))

    (failure,) = workspace.outcomes.failures(task.id)
    assert task.counts == Counts(created=1, failed=1)
    assert failure.item == ('{"title":"","big":1000000000000000000000000000000}')


def test_task_with_only_failed_records_fails(run_import: RunImport) -> None:
    task = run_import([ticket(1, title=None)], plan(CONTINUE))

    assert (task.status, task.counts) == (TaskStatus.FAILED, Counts(failed=1))


def test_invalid_record_fails_with_its_number(
    center: Center, run_import: RunImport
) -> None:
    """Liferay's reader would end here without a word."""
    content = json.dumps([ticket(1), 5, None, ticket(2)]).encode()
    task = run_import(content, plan(CONTINUE))

    assert task.counts == Counts(created=2, failed=2)
    assert [failure.index for failure in center.tasks.failures(task.id)] == [2, 3]
    assert sorted(stored(center)) == ["T-1", "T-2"]


def test_invalid_record_stops_the_task_under_stop(
    center: Center, run_import: RunImport
) -> None:
    task = run_import(json.dumps([ticket(1), 5, ticket(2)]).encode())

    assert (task.status, task.counts) == (
        TaskStatus.FAILED,
        Counts(created=1, failed=1, skipped=1),
    )
    assert sorted(stored(center)) == ["T-1"]


@pytest.mark.parametrize("policy", [Policy(), CONTINUE], ids=["stop", "continue"])
def test_records_before_a_damaged_place_are_imported(
    center: Center, run_import: RunImport, policy: Policy
) -> None:
    content = json.dumps([ticket(1), ticket(2), ticket(3)]).encode()[:-30]
    task = run_import(content, plan(policy))

    assert (task.status, task.counts) == (TaskStatus.FAILED, Counts(created=2))
    assert task.error_code == "file-broken"
    assert sorted(stored(center)) == ["T-1", "T-2"]


def test_a_renamed_field_is_mapped(center: Center, run_import: RunImport) -> None:
    mapping = Mapping(
        (
            FieldMapping("code", "externalReferenceCode"),
            FieldMapping("subject", "title"),
        )
    )
    task = run_import(
        [{"code": "T-9", "subject": "Smoke", "title": "not this"}],
        plan(Policy(), mapping),
    )

    assert task.counts == Counts(created=1)
    assert task.notes == ()
    assert stored(center) == {"T-9": ("Smoke", None)}


def test_records_without_a_code_get_one_with_a_note(
    run_import: RunImport,
) -> None:
    task = run_import([{"title": "One"}, {"title": "Two"}])

    assert task.counts == Counts(created=2)
    assert task.notes == (
        "2 records had no external reference code and got a new one, so importing "
        "the same file again adds such records again.",
    )


def test_unknown_fields_are_named(run_import: RunImport) -> None:
    task = run_import([ticket(1, colour="red", id=17)])

    assert task.notes == (
        "C_Ticket has no fields of these names, so they are left out: colour.",
    )


def test_empty_array_completes(run_import: RunImport) -> None:
    task = run_import([])

    assert (task.status, task.counts) == (TaskStatus.COMPLETED, Counts())
    assert task.progress.percent == 100


@pytest.mark.parametrize("size", [1, 2, 3])
def test_batch_size_does_not_change_outcomes(
    center: Center,
    run_import: RunImport,
    monkeypatch: pytest.MonkeyPatch,
    size: int,
) -> None:
    monkeypatch.setattr(error_budget, "_BATCH_RECORDS", size)
    records = [ticket(n, title=None if n in {2, 5} else "x") for n in range(1, 8)]
    task = run_import(records, plan(CONTINUE))
    frame = center.tasks.outcomes(task.id)

    assert task.counts == Counts(created=5, failed=2)
    assert frame["itemIndex"].tolist() == [1, 2, 3, 4, 5, 6, 7]
    assert frame["outcome"].tolist() == [
        "created",
        "failed",
        "created",
        "created",
        "failed",
        "created",
        "created",
    ]
    assert frame["field"].tolist() == ["", "title", "", "", "title", "", ""]


def test_replaced_database_file_stops_the_task(
    run_import: RunImport, tmp_path: Path, workspace: Workspace
) -> None:
    workspace.connections.put("target", f"sqlite:///{tmp_path / 'letter.db'}")
    (tmp_path / "letter.db").write_text("Dear diary, " * 100)
    plan_ = ImportPlan(entity_type=KEY, name="test")

    task = run_import([ticket(1)], plan_)

    assert (task.status, task.counts) == (TaskStatus.FAILED, Counts())
    assert task.error_code == "refused"
    assert (tmp_path / "letter.db").read_text() == "Dear diary, " * 100


def test_outcomes_of_other_records_are_not_accepted(
    workspace: Workspace, center: Center, tmp_path: Path
) -> None:
    """A batch under the same mark held fewer records."""
    records = [{"externalReferenceCode": c, "title": c} for c in "ABC"]
    path = tmp_path / "tickets.json"
    path.write_text(json.dumps(records))
    kind = center.installations.entity_type("target", "Ticket")
    plan = ImportPlan(entity_type=kind.key, name="test")
    task = workspace.tasks.add("target", plan, path.name)
    copy_into_workspace(path, original_path(workspace, task), consume=False)
    mark = workspace.tasks.mark(task.id)
    installation = connect(workspace.connections.get("target").url)
    earlier = Batch(task=mark, number=1, items=records[:2], policy=Policy())
    installation.write(kind, earlier)
    installation.close()

    run_task(workspace, task.id)

    done = center.tasks.get(task.id)
    assert (done.status, done.counts) == (TaskStatus.FAILED, Counts(unknown=3))
    assert done.error == (
        "target: It answered for other records while 3 records were written; what "
        "became of them is not known. Try again later."
    )


def test_columns_of_the_same_name_are_numbered(
    run_import: RunImport, center: Center
) -> None:
    """A name with invisible characters is the name that it shows."""
    data = "\u200bexternalReferenceCode,Name,Name\nT-1,first,second\n".encode()
    pairs = (
        FieldMapping("externalReferenceCode", "externalReferenceCode"),
        FieldMapping("Name (2)", "title"),
    )

    task = run_import(data, plan(Policy(), Mapping(pairs)), name="tickets.csv")

    assert task.status is TaskStatus.COMPLETED, task.error
    assert stored(center) == {"T-1": ("second", None)}


def test_unreadable_line_is_reported_with_its_text(
    run_import: RunImport, workspace: Workspace
) -> None:
    data = b'externalReferenceCode,title\nT-1,"Leak"s\nT-2,Drip\n'

    task = run_import(data, plan(CONTINUE), name="tickets.csv")

    (failure,) = workspace.outcomes.failures(task.id)
    assert failure.item == 'T-1,"Leak"s'
    assert "Line 2" in failure.problem.message


def test_lines_of_delimiters_only_are_skipped_and_counted(
    run_import: RunImport, center: Center
) -> None:
    """They used to become entries without a single value."""
    data = b"externalReferenceCode,title\r\nT-1,Leak\r\n,\r\nT-2,Drip\r\n,\r\n"

    task = run_import(data, name="tickets.csv")

    assert task.status is TaskStatus.COMPLETED
    assert task.counts == Counts(created=2)
    assert stored(center) == {"T-1": ("Leak", None), "T-2": ("Drip", None)}
    assert task.notes == ("2 lines without any value were skipped.",)


def test_stopped_import_keeps_the_notes_of_its_file(
    run_import: RunImport,
) -> None:
    lines = ["externalReferenceCode,title,colour", "T-1,a,red", ",,", "T-2,,red", "x"]

    task = run_import("\n".join(lines).encode(), plan(Policy()), name="tickets.csv")

    assert task.status is TaskStatus.FAILED
    assert task.notes == (
        "C_Ticket has no fields of these names, so they are left out: colour.",
        "1 line without any value was skipped.",
    )
