"""Each of a hundred planted differences is found, and none where there is none."""

from __future__ import annotations

import random
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from dmc_widgets.installations import connect
from dmc_widgets.installations.secret_store import PASSWORD
from dmc_widgets.installations.sql import open_for_server
from dmc_widgets.model.access import Access
from dmc_widgets.model.outcome import OutcomeKind
from dmc_widgets.model.plan import MigrationPlan, Plan, VerificationPlan
from dmc_widgets.model.strategies import Policy, UpdateStrategy
from dmc_widgets.model.task import Task, TaskStatus
from dmc_widgets.model.verification import Mismatch, MismatchKind
from dmc_widgets.ports import Batch, Installation, Item, Query
from dmc_widgets.tasks import samples
from dmc_widgets.tasks.installation_access import find_entity_type
from dmc_widgets.tasks.samples import write_sample_data
from dmc_widgets.tasks.worker.runner import run_task
from dmc_widgets.testing.samples import field, write
from dmc_widgets.workspace import Workspace
from tests.factories import definition
from tests.sandbox.conftest import SETTINGS, run_sandbox

ERC = "externalReferenceCode"
PATCH = Policy(update_strategy=UpdateStrategy.PARTIAL_UPDATE)

Planted = dict[tuple[str, str], tuple[MismatchKind, str]]

CHANGES: dict[str, tuple[tuple[str, Callable[[Item], object]], ...]] = {
    "C_Customer": (
        ("name", lambda item: f"{item['name']}."),
        ("loyaltyPoints", lambda item: (item["loyaltyPoints"] or 0) + 1),
        ("keywords", lambda _item: ["planted"]),
        ("newsletter", lambda item: not item["newsletter"]),
        ("customerSince", lambda _item: "1999-01-02"),
        ("lastVisit", lambda _item: "2001-02-03T04:05:06.789Z"),
    ),
    "C_Bicycle": (
        ("model", lambda item: f"{item['model']} "),
        ("weight", lambda item: (item["weight"] or 0) + 0.001),
        ("price", lambda item: float(item["price"] or 0) + 0.01),
        ("r_bicycles_c_customerERC", lambda _item: "CUSTOMER-00080"),
    ),
    "C_Repair": (
        ("title", lambda item: f"{item['title']}\N{COMBINING ACUTE ACCENT}"),
        ("workMinutes", lambda item: (item["workMinutes"] or 0) + 1),
        ("report", lambda _item: "<p>planted</p>"),
        ("warranty", lambda item: not item["warranty"]),
    ),
}

SCAN = definition(
    "Scan",
    field(
        "file",
        "Attachment",
        settings={
            "acceptedFileExtensions": "txt",
            "fileSource": "userComputer",
            "maximumFileSize": 1,
        },
    ),
)


def scan(number: int, content: bytes, name: str = "a.txt") -> Item:
    file = {"name": name, "fileBase64": b64encode(content).decode()}
    return {ERC: f"SCAN-{number}", "file": file}


PLANTED_SCANS = [
    *(scan(number, b"Content %d" % number) for number in range(5)),
    *(scan(number, b"content %d" % number, "b.txt") for number in range(5, 10)),
]
"""Files of the same name and size with another content, and under another name."""


@pytest.fixture(params=["embedded", "server"])
def target(
    request: pytest.FixtureRequest,
    workspace: Workspace,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Path]:
    """The database of *target*, which is opened as a file or through a server."""
    for name, number in (("CUSTOMERS", 80), ("BICYCLES", 120), ("REPAIRS", 150)):
        monkeypatch.setattr(samples, name, number)
    monkeypatch.setenv(PASSWORD, SETTINGS.password)
    source = f"sqlite:///{tmp_path / 'source.db'}"
    with closing(connect(source)) as installation:
        write_sample_data(installation)
        write(installation, "ObjectDefinition", SCAN)
        scans = [scan(number, b"content %d" % number) for number in range(12)]
        write(installation, "C_Scan", *scans)
    workspace.connections.put("source", source)
    path = tmp_path / "target.db"
    with ExitStack() as stack:
        if request.param == "server":
            server = stack.enter_context(run_sandbox(path))
            access = Access(user=SETTINGS.user)
            workspace.connections.put("target", server.url, access)
        else:
            workspace.connections.put("target", f"sqlite:///{path}")
        yield path


def _run(workspace: Workspace, plan: Plan) -> Task:
    task = workspace.tasks.add("target", plan)
    run_task(workspace, task.id)
    return workspace.tasks.get(task.id)


def _plant(path: Path) -> Planted:
    """Change 80 entries, delete 10, and add 10."""
    rng = random.Random(13)
    planted: Planted = {}
    with closing(open_for_server(path, "planting")) as opened:
        for name, changes in CHANGES.items():
            entity_type = find_entity_type(opened.entity_types(), name)
            items = {x[ERC]: x for x in opened.read(entity_type, Query())}
            number = {"C_Customer": 25, "C_Bicycle": 20, "C_Repair": 25}[name]
            changed = rng.sample(sorted(items), number)
            batch = []
            for place, key in enumerate(changed):
                field, change = changes[place % len(changes)]
                batch.append({ERC: key, field: change(items[key])})
                planted[name, key] = (MismatchKind.DIFFERENT, field)
            _write(opened, name, batch)
        _write(opened, "C_Scan", PLANTED_SCANS)
        planted |= {
            ("C_Scan", x[ERC]): (MismatchKind.DIFFERENT, "file") for x in PLANTED_SCANS
        }
        repairs = find_entity_type(opened.entity_types(), "C_Repair")
        keys = [x[ERC] for x in opened.read(repairs, Query(fields=(ERC,)))]
        gone = [key for key in keys if ("C_Repair", key) not in planted][:10]
        named = [{ERC: key} for key in gone]
        opened.delete(repairs, Batch(task="d", number=1, items=named, policy=PATCH))
        planted |= {("C_Repair", key): (MismatchKind.MISSING, "") for key in gone}
        new = [f"NEW-{number}" for number in range(10)]
        people = [{ERC: key, "name": key, "email": f"{key}@example.com"} for key in new]
        _write(opened, "C_Customer", people)
        planted |= {("C_Customer", key): (MismatchKind.SURPLUS, "") for key in new}
    return planted


def _write(opened: Installation, name: str, items: list[Item]) -> None:
    entity_type = find_entity_type(opened.entity_types(), name)
    batch = Batch(task=f"{name} {items[0]}", number=1, items=items, policy=PATCH)
    outcomes = opened.write(entity_type, batch)
    assert {outcome.kind for outcome in outcomes} <= {
        OutcomeKind.CREATED,
        OutcomeKind.UPDATED,
    }, [outcome.problem for outcome in outcomes if outcome.problem]


def _found(workspace: Workspace, task: Task) -> Planted:
    return {
        (x.part.removesuffix(" (relationships)"), x.key): (x.kind, _field(x))
        for x in workspace.verifications.iter_mismatches(task.id)
    }


def _field(mismatch: Mismatch) -> str:
    """Return the one field that differs; of a file, several parts may."""
    names = {x.field.partition(".")[0] for x in mismatch.fields}
    return names.pop() if len(names) == 1 else ""


def test_each_planted_difference_is_found_and_nothing_else(
    workspace: Workspace, target: Path
) -> None:
    moved = _run(workspace, MigrationPlan(source="source", name="migration"))
    assert (moved.status, moved.error) == (TaskStatus.COMPLETED, "")
    itself = workspace.verifications.get(moved.id)
    assert itself is not None
    assert (itself.mismatches, itself.unverified) == (0, 0), itself.summary
    both = VerificationPlan(source="source", name="both")
    assert _found(workspace, _run(workspace, both)) == {}

    planted = _plant(target)

    assert len(planted) == 100
    by_comparison = _run(workspace, both)
    assert _found(workspace, by_comparison) == planted
    assert by_comparison.counts.failed == 100
    of_task = _run(workspace, VerificationPlan(task=moved.id, name="task"))
    expected = {
        key: value
        for key, value in planted.items()
        if value[0] is not MismatchKind.SURPLUS
    }
    assert _found(workspace, of_task) == expected
