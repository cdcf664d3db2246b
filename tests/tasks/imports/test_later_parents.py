"""Parents that come later in the same file are linked once they are there."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dmc_widgets.center import Center
from dmc_widgets.installations import connect
from dmc_widgets.installations.secret_store import PASSWORD
from dmc_widgets.model.access import Access
from dmc_widgets.model.mapping import Mapping, mapping_from_dict
from dmc_widgets.model.plan import ImportPlan, UndoPlan
from dmc_widgets.model.run_options import RunOptions
from dmc_widgets.model.strategies import Policy
from dmc_widgets.model.task import Counts, Task, TaskStatus
from dmc_widgets.tasks import error_budget
from dmc_widgets.tasks.imports import later_parents
from dmc_widgets.tasks.repair.running import repair_start
from dmc_widgets.tasks.worker.runner import run_task
from dmc_widgets.testing.samples import field, write
from dmc_widgets.workspace import Workspace
from tests.factories import definition
from tests.installations.databases import new_place
from tests.sandbox.conftest import SETTINGS, run_sandbox

RunImport = Callable[..., Task]

ERC = "externalReferenceCode"
BOSS = "r_boss_c_workerERC"
WORKER = definition(
    "Worker",
    field("name", "Text", required=True),
    field("email", "Text"),
    objectRelationships=[
        {
            "name": "boss",
            "label": {"en_US": "Boss"},
            "type": "oneToMany",
            "deletionType": "disassociate",
            "objectDefinitionExternalReferenceCode1": "WORKER",
            "objectDefinitionExternalReferenceCode2": "WORKER",
        }
    ],
)


@pytest.fixture
def target(
    request: pytest.FixtureRequest,
    workspace: Workspace,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[str]:
    """An installation with one worker, Z."""
    monkeypatch.setenv(PASSWORD, SETTINGS.password)
    path = tmp_path / "target.db"
    kind = getattr(request, "param", "embedded")
    with new_place("postgresql" if kind == "postgresql" else "sqlite", path) as place:
        installation = connect(place.url)
        write(installation, "ObjectDefinition", WORKER)
        write(installation, "C_Worker", {ERC: "Z", "name": "Zoe", "email": "z"})
        installation.close()
        if kind != "server":
            workspace.connections.put("target", place.url)
            yield "target"
            return
        with run_sandbox(path) as sandbox:
            Center(workspace).installations.add(
                "target", sandbox.url, Access(user=SETTINGS.user)
            )
            yield "target"


everywhere = pytest.mark.parametrize(
    "target", ["embedded", "server", "postgresql"], indirect=True
)


def worker(code: str, boss: str = "", **more: Any) -> dict[str, Any]:
    return {ERC: code, "name": code.lower(), **({BOSS: boss} if boss else {}), **more}


def plan(**policy: Any) -> ImportPlan:
    return ImportPlan(entity_type="Worker", policy=Policy(**policy), name="test")


def bosses(center: Center) -> dict[str, str]:
    with center.installations.connect("target") as opened:
        fields = [ERC, BOSS]
        return {x[ERC]: x[BOSS] for x in opened.read("Worker", fields=fields)}


def problems(center: Center, task: Task) -> list[tuple[int, str]]:
    return [(x.index, x.problem.code) for x in center.tasks.failures(task.id)]


@everywhere
@pytest.mark.parametrize(("error_strategy", "size"), [("stop", 2), ("continue", 1000)])
def test_children_may_come_before_their_parents(
    center: Center,
    run_import: RunImport,
    monkeypatch: pytest.MonkeyPatch,
    error_strategy: str,
    size: int,
) -> None:
    """In one batch or in several; grandchildren, too; each record counts once."""
    monkeypatch.setattr(error_budget, "_BATCH_RECORDS", size)
    records = [
        worker("A", "B"),
        worker("B", "C"),
        worker("D", "Z"),
        worker("C"),
        worker("E", "C"),
    ]

    task = run_import(records, plan(error_strategy=error_strategy))

    assert (task.status, task.error) == (TaskStatus.COMPLETED, "")
    assert task.counts == Counts(created=5)
    expected = {"Z": "", "A": "B", "B": "C", "C": "", "D": "Z", "E": "C"}
    assert bosses(center) == expected
    again = run_import(records, plan(error_strategy=error_strategy))
    assert again.counts == Counts(unchanged=5)


@everywhere
def test_later_parents_are_taken_back_with_their_records(
    center: Center, run_import: RunImport
) -> None:
    """Z is updated, and later gets B as its boss, which is new: one undo ends both."""
    task = run_import([worker("Z", "B", email="new"), worker("B", "Z")], plan())
    assert task.counts == Counts(created=1, updated=1)
    assert bosses(center) == {"Z": "B", "B": "Z"}

    tasks = center._workspace.tasks
    taking_back = UndoPlan(task=task.id, entity_type="Worker", name="undo")
    undo = tasks.add("target", taking_back)
    run_task(center._workspace, undo.id)

    assert tasks.get(undo.id).counts == Counts(updated=2)
    with center.installations.connect("target") as opened:
        found = opened.read("Worker", fields=[ERC, "name", "email", BOSS])
        assert list(found) == [{ERC: "Z", "name": "Zoe", "email": "z", BOSS: ""}]


@pytest.mark.parametrize("strategy", ["INSERT", "UPSERT"])
def test_any_order_of_a_file_gives_the_same(
    center: Center,
    run_import: RunImport,
    monkeypatch: pytest.MonkeyPatch,
    strategy: str,
) -> None:
    """Sixty in an order that a seed decides, in small batches; the first has a boss."""
    records = [worker("W0", "W59")]
    records += [worker(f"W{n}", f"W{n // 3}") for n in range(1, 60)]
    random.Random(13).shuffle(records)
    monkeypatch.setattr(error_budget, "_LIMITED_BATCH_RECORDS", 7)
    chosen = plan(import_strategy=strategy, error_strategy="continue")

    task = run_import(records, replace(chosen, options=RunOptions(error_limit="1")))

    assert task.counts == Counts(created=60)
    found = bosses(center)
    assert found["W0"] == "W59"
    assert all(found[f"W{n}"] == f"W{n // 3}" for n in range(1, 60))


def test_parents_that_are_looked_up_may_come_later(
    center: Center, run_import: RunImport
) -> None:
    """By the value of another of their fields."""
    fields = {
        ERC: ERC,
        "name": "name",
        "email": "email",
        BOSS: {"source": "boss", "lookup": "email", "if_missing": None},
    }
    chosen = replace(plan(), mapping=mapping_from_dict({"fields": fields}))
    records = [
        {**worker("A"), "email": "a", "boss": "b"},
        {**worker("B"), "email": "b", "boss": "z"},
    ]

    task = run_import(records, chosen)

    assert task.counts == Counts(created=2), problems(center, task)
    assert bosses(center) == {"Z": "", "A": "B", "B": "Z"}


@everywhere
def test_parents_that_never_come_fail_their_records(
    center: Center, run_import: RunImport
) -> None:
    """One that is missing and one that fails; the others are in."""
    records = [
        worker("A", "NOBODY"),
        worker("B", "C"),
        worker("C", name=""),
        worker("F", "G"),
        worker("G"),
    ]

    task = run_import(records, plan(error_strategy="continue"))

    assert task.counts == Counts(created=2, failed=3)
    missing = "no-such-related-object-entry"
    expected = [(1, missing), (2, missing), (3, "required")]
    assert problems(center, task) == expected
    assert bosses(center) == {"Z": "", "F": "G", "G": ""}


@everywhere
def test_records_that_are_parents_of_each_other_come_in(
    center: Center, run_import: RunImport, workspace: Workspace
) -> None:
    """Circles of one to three, what hangs on them, and a deep chain, in one round.

    What the first of a circle leaves out is linked at the end, so that the same file
    changes nothing any more; a dry run shows the same, and its run does just that.
    """
    circles = {"A": "A", "B": "C", "C": "B", "D": "E", "E": "F", "F": "D", "G": "F"}
    chain = {f"N{n}": f"N{n + 1}" for n in range(9)} | {"N9": ""}
    records = [worker(*pair) for pair in (circles | chain).items()]
    shown = run_import(records, replace(plan(), dry_run=True))
    assert bosses(center) == {"Z": ""}

    chosen = replace(plan(), options=RunOptions(as_shown=shown.id))
    task = run_import(records, chosen)

    assert (task.status, task.error) == (TaskStatus.COMPLETED, "")
    assert task.counts == shown.counts == Counts(created=len(records))
    assert bosses(center) == {"Z": "", **circles, **chain}
    report = center.tasks.verification(task.id)
    assert report is not None
    assert report.result.mismatches == 0
    rounds = workspace.repairs.begin_within(task, []).number
    assert rounds == 2, "one round for all that waited, and this one"
    assert run_import(records, plan()).counts == Counts(unchanged=len(records))


def test_a_record_may_be_its_own_parent_among_others_in_order(
    center: Center, run_import: RunImport
) -> None:
    """Its parent is not before it either; where it is there, nothing is to be done."""
    records = [worker("A"), worker("B", "A"), worker("C", "C"), worker("D", "Z")]

    task = run_import(records, plan())

    assert task.counts == Counts(created=4)
    assert bosses(center) == {"Z": "", "A": "", "B": "A", "C": "C", "D": "Z"}
    assert run_import(records, plan()).counts == Counts(unchanged=4)


def test_an_import_that_stops_says_who_waited(
    center: Center, run_import: RunImport, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are no reason to stop, neither then nor when the record is retried.

    Record 1 comes along when record 3 was mended, and so do those that were not tried.
    """
    records = [
        worker("A", "C"),
        worker("B"),
        worker("X", name=""),
        worker("D", "C"),
        worker("C"),
    ]

    task = run_import(records, plan())

    assert task.counts == Counts(created=1, failed=2, skipped=2)
    assert problems(center, task) == [(1, "parent-comes-later"), (3, "required")]
    assert task.error.startswith("Record 3: No value was provided")
    assert bosses(center) == {"Z": "", "B": ""}

    monkeypatch.setattr(
        repair_start, "launch_worker", lambda workspace, x: run_task(workspace, x.id)
    )
    mended = center.repair.replace(task, {"name": {"": "Xenia"}})
    task = center.tasks.get(center.repair.start(task, mended).id)

    assert problems(center, task) == []
    assert (task.status, task.counts) == (TaskStatus.COMPLETED, Counts(created=5))
    expected = {"A": "C", "B": "", "C": "", "D": "C", "X": "", "Z": ""}
    assert bosses(center) == expected


@everywhere
def test_a_dry_run_says_what_the_run_does(
    center: Center, run_import: RunImport
) -> None:
    """Record by record."""
    records = [worker("A", "B"), worker("X", "NOBODY"), worker("B", "Z")]
    chosen = plan(error_strategy="continue")

    def run(*, dry_run: bool) -> Any:
        task = run_import(records, replace(chosen, dry_run=dry_run))
        columns = ["itemIndex", "outcome", "externalReferenceCode", "code"]
        return center.tasks.outcomes(task.id)[columns].to_dict("records")

    shown = run(dry_run=True)
    assert bosses(center) == {"Z": ""}
    assert [row["outcome"] for row in shown] == ["created", "failed", "created"]
    assert run(dry_run=False) == shown


def test_files_with_their_parents_first_are_read_once(
    center: Center, run_import: RunImport, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is postponed, and what the target has is asked for."""
    monkeypatch.setattr(error_budget, "_BATCH_RECORDS", 2)
    monkeypatch.setattr(later_parents, "open_source", None)
    records = [worker("A", "Z"), worker("B", "A"), worker("C", "A"), worker("D", "Z")]

    task = run_import(records, plan())

    assert task.counts == Counts(created=4), center.tasks.failures(task.id)


def test_a_renamed_field_is_a_parent_too(center: Center, run_import: RunImport) -> None:
    """The mapping decides what names the parent."""
    mapping = Mapping([f"id={ERC}", "name=name", f"boss={BOSS}"])
    records = [
        {"id": "A", "name": "a", "boss": "B"},
        {"id": "B", "name": "b", "boss": None},
    ]

    task = run_import(records, replace(plan(), mapping=mapping))

    assert task.counts == Counts(created=2)
    assert bosses(center) == {"Z": "", "A": "B", "B": ""}
