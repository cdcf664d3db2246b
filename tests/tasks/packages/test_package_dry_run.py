"""The dry run of a package says of every file what its import then does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dmc_widgets.center import Center, launching
from dmc_widgets.errors import InvalidPlan
from dmc_widgets.installations.secret_store import PASSWORD
from dmc_widgets.model.access import Access
from dmc_widgets.model.task import Task
from dmc_widgets.tasks.packages.report import PackageReport, PackageStep
from dmc_widgets.tasks.worker.package_tasks import run_package_tasks
from dmc_widgets.workspace import Workspace
from tests.sandbox.conftest import SETTINGS, run_sandbox
from tests.tasks.migration.test_migration_name_matches import fill
from tests.tasks.migration.test_migration_task import (
    GRADE,
    KIND_FIELD,
    KINDS,
    definition,
    link,
)
from tests.tasks.packages.batch_files import (
    SUFFIX,
    batch_file,
    import_package,
    write_package,
)

ERC = "externalReferenceCode"
TILL = definition(
    "Till", link("bills", "TILL", "BILL"), fields=[{**GRADE, "required": True}]
)
BILL = definition(
    "Bill", link("tags", "BILL", "TILL", "manyToMany"), fields=[KIND_FIELD]
)
STORED_TILL = definition("Till")
CONTINUE = {"importStrategy": "ON_ERROR_CONTINUE"}
FILES: dict[str, bytes] = {
    f"01-kinds{SUFFIX}": batch_file("ListTypeDefinition", [KINDS]),
    f"02-definitions{SUFFIX}": batch_file(
        "ObjectDefinition",
        [{**definition("Lost"), "label": None}, TILL, BILL],
        CONTINUE,
    ),
    # T-0 has no grade, which its definition requires by now; T-1 is stored already.
    f"03-tills{SUFFIX}": batch_file(
        "Till",
        [{ERC: "T-0"}, {ERC: "T-1", "grade": "A"}, {ERC: "T-2", "grade": "B"}],
        CONTINUE,
    ),
    f"04-bills{SUFFIX}": batch_file(
        "Bill",
        [
            {
                ERC: "B-1",
                "kind": "a",
                "r_bills_c_tillERC": "T-2",
                "tags": [{ERC: "T-1"}],
            },
            {ERC: "B-2", "r_bills_c_tillERC": "T-0"},
            {ERC: "B-3", "kind": "none"},
        ],
        CONTINUE,
    ),
    f"05-lost{SUFFIX}": batch_file("Lost", [{ERC: "L-1"}]),
    f"06-labels{SUFFIX}": batch_file(
        "ObjectDefinition", [{**BILL, "label": {"en_US": "Invoice"}}]
    ),
    f"07-bills{SUFFIX}": batch_file("Bill", [{ERC: "B-1", "title": "Paid"}]),
    f"08-other{SUFFIX}": batch_file("Other", [{ERC: "O-1"}]),
    f"09-roles{SUFFIX}": batch_file("Role", [{"name": "Cashier"}]),
}


@pytest.fixture(params=["embedded", "served"])
def target(
    request: pytest.FixtureRequest,
    workspace: Workspace,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Workspace]:
    """A *target* that holds one till, of which nothing is required."""
    path = tmp_path / "target.db"
    fill(path, {"ObjectDefinition": [STORED_TILL], "Till": [{ERC: "T-1"}]})

    def carry_out(opened: Workspace, *tasks: Task) -> None:
        run_package_tasks(opened, [task.id for task in tasks])

    monkeypatch.setattr(launching, "launch_worker", carry_out)
    if request.param == "embedded":
        workspace.connections.put("target", f"sqlite:///{path}")
        yield workspace
        return
    monkeypatch.setenv(PASSWORD, SETTINGS.password)
    with run_sandbox(path) as server:
        access = Access(user=SETTINGS.user)
        workspace.connections.put("target", server.url, access)
        yield workspace


def is_embedded(workspace: Workspace) -> bool:
    return workspace.connections.get("target").url.startswith("sqlite")


def fates(workspace: Workspace, report: PackageReport) -> list[Any]:
    """Of each file its status, and of each record what became of it."""
    return [
        (step.file, step.status, *_records(workspace, step), step.left_out)
        for step in report
    ]


def _records(workspace: Workspace, step: PackageStep) -> tuple[Any, ...]:
    if step.task is None or not step.task.counts.total:
        return (), ()
    number = step.task.id
    outcomes = [
        (outcome.kind, outcome.key)
        for batch in workspace.outcomes.read(number)
        for outcome in batch.outcomes
    ]
    problems = [
        (failure.index, failure.problem.code, failure.problem.message)
        for failure in workspace.outcomes.failures(number)
    ]
    return outcomes, problems


def test_dry_run_of_a_package_agrees_with_its_import(
    target: Workspace, tmp_path: Path
) -> None:
    """Entries meet the definitions, and the failures, of files before them.

    The import of all files in one worker agrees as well as that of one after another.
    """
    center = Center(target)
    folder = write_package(tmp_path / "package", FILES)

    def stored() -> list[Any]:
        with center.installations.connect("target") as opened:
            tills = [dict(item) for item in opened.read("Till")]
            return [*(x.name for x in opened.entity_types()), *tills]

    before = stored()
    shown = center.import_package("target", folder, dry_run=True)
    assert stored() == before
    if is_embedded(target):
        done = import_package(target, folder)
    else:
        steps = center.tasks.start_package_import("target", folder)
        ended = [replace(x, task=x.task and center.tasks.get(x.task)) for x in steps]
        done = PackageReport(tuple(ended))

    assert fates(target, shown) == fates(target, done)
    assert [step.status for step in shown] == [
        *("Completed", "Partially Completed", "Partially Completed"),
        *("Partially Completed", "Failed", "Completed", "Completed", "Failed"),
        "Left Out",
    ]
    assert (
        shown.summary == "9 files: 3 would be imported, 1 left out (1 item), 5 failed."
    )
    lost = shown.steps[4]
    cause = "02-definitions failed (Label is null for locale English (United States))"
    assert any(cause in note for note in (lost.reason, *lost.notes))
    updated = shown.steps[2].task
    assert updated is not None
    assert center.tasks.describe_changes(updated) == ("1 record would change grade.")


def test_dry_run_is_not_resumed(workspace: Workspace, tmp_path: Path) -> None:
    with pytest.raises(InvalidPlan, match="A dry run begins anew"):
        Center(workspace).import_package("x", tmp_path, dry_run=True, resume=True)


@pytest.mark.parametrize("target", ["embedded"], indirect=True)
def test_a_damaged_file_fails_like_in_an_import(
    target: Workspace, tmp_path: Path
) -> None:
    """Its task ends, and the objects that it has before the damage are known."""
    kinds = f"01-kinds{SUFFIX}"
    many = batch_file("ObjectDefinition", [TILL, *[{"name": "Lost"}] * 1500], CONTINUE)
    files = {kinds: FILES[kinds], f"02-definitions{SUFFIX}": many[:-10]}
    folder = write_package(tmp_path / "package", files)
    center = Center(target)

    shown = center.import_package("target", folder, dry_run=True)

    assert fates(target, shown) == fates(target, import_package(target, folder))
    assert [step.status for step in shown] == ["Completed", "Failed"]
    assert all(task.status.is_final for task in center.tasks.list())
