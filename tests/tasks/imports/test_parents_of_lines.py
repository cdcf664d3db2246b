"""Lines that name parents of the same object end as the records of these lines."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Any, Final

import pytest

from dmc_widgets.center import Center, resuming
from dmc_widgets.installations import connect
from dmc_widgets.model.line_items import LineItems
from dmc_widgets.model.plan import ImportPlan
from dmc_widgets.model.strategies import ErrorStrategy, Policy, UpdateStrategy
from dmc_widgets.model.task import TaskStatus
from dmc_widgets.ports import Query
from dmc_widgets.tasks import error_budget
from dmc_widgets.tasks.imports.line_reading import LineReading
from dmc_widgets.tasks.installation_access import find_entity_type
from dmc_widgets.tasks.task_files import original_path
from dmc_widgets.tasks.worker.runner import run_task
from dmc_widgets.workspace import Workspace
from dmc_widgets.workspace.file_identity import identify_file
from dmc_widgets.workspace.workers import NO_WORKER
from tests.factories import definition
from tests.tasks.gallery import ERC, field, write
from tests.tasks.interrupted_worker import Interruption, Killed

Lines = list[dict[str, Any]]


def _relationship(name: str) -> dict[str, Any]:
    return {
        "name": name,
        "label": {"en_US": name},
        "type": "oneToMany",
        "deletionType": "disassociate",
        "objectDefinitionExternalReferenceCode1": "ENTRY",
        "objectDefinitionExternalReferenceCode2": "ENTRY",
    }


ENTRY = definition(
    "Entry",
    field("title", "Text"),
    field("amount", "Integer", "Integer"),
    objectRelationships=[_relationship("near"), _relationship("far")],
)
NEAR, FAR = "r_near_c_entryERC", "r_far_c_entryERC"
CONTINUE: Final = Policy(
    error_strategy=ErrorStrategy.CONTINUE, update_strategy=UpdateStrategy.PARTIAL_UPDATE
)
BATCH: Final = 20
COUNT: Final = 300

ODD: Final[list[dict[str, Any]]] = [
    {NEAR: "E-299"},  # comes later
    {NEAR: "NOBODY"},
    {NEAR: "OLD"},  # is in the target
    {NEAR: ""},
    {NEAR: " "},
    {NEAR: 7},
    {NEAR: "a\0b"},
    {NEAR: "\ud800"},
    {FAR: {ERC: "E-0"}},
    {"near": {ERC: "E-0"}},
    {"near": None},
    {"r_near_c_entryId": 1},
    {"r_near_c_entryId": 1, NEAR: "E-2"},
    {"amount": "no number"},
    {"title": "\ud800"},
]


def _make_lines(random: Random, rate: float) -> Lines:
    """Make lines whose parents mostly come first; a few of them are odd."""
    lines: Lines = []
    for n in range(COUNT):
        line: dict[str, Any] = {ERC: f"E-{n}", "title": f"Title {n}", "amount": n}
        line[NEAR] = f"E-{random.randrange(n)}" if n else None
        if random.random() < 0.5:
            line[FAR] = random.choice([None, "", "OLD", line[NEAR]])
        if random.random() < rate:
            line |= random.choice(ODD)
        if random.random() < rate / 4:
            line |= {NEAR: f"E-{n}"}  # its own parent
        if random.random() < rate / 4:
            line |= {ERC: f"E-{n // 2}"}
        lines.append(line)
    return lines


class _Target:
    """An installation with one entry, and a workspace."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self._url = f"sqlite:///{folder / 'target.db'}"
        with closing(connect(self._url)) as installation:
            write(installation, "ObjectDefinition", ENTRY)
            write(installation, "C_Entry", {ERC: "OLD", "title": "Old"})
        self.workspace = Workspace(folder / "workspace")
        self.workspace.connections.put("target", self._url)

    def add(self, lines: Lines, policy: Policy = CONTINUE) -> int:
        plan = ImportPlan(entity_type="C_Entry", name="x", policy=policy)
        task = self.workspace.tasks.add("target", plan, "entries.jsonl")
        file = original_path(self.workspace, task)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("\n".join(map(json.dumps, lines)))
        self.workspace.tasks.identify_file(task.id, identify_file(file))
        return task.id

    def ended(self, task_id: int) -> dict[str, Any]:
        """Return what is to be seen of a task that has ended."""
        workspace = self.workspace
        task = workspace.tasks.get(task_id)
        batches = workspace.outcomes.read(task_id)
        verification = workspace.verifications.get(task_id)
        return {
            "status": (task.status, task.error, task.counts, task.notes),
            "outcomes": [outcome for batch in batches for outcome in batch.outcomes],
            "failures": list(workspace.outcomes.failures(task_id)),
            "verified": verification and verification.parts[0].equal,
            "stored": self._stored(),
        }

    def _stored(self) -> list[Any]:
        with closing(connect(self._url)) as installation:
            entity_type = find_entity_type(installation.entity_types(), "C_Entry")
            query = Query(fields=(ERC, "title", "amount", NEAR, FAR))
            return list(installation.read(entity_type, query))


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The number of lines that the target has read, batch by batch."""
    read, sizes = LineReading.read, list[int]()

    def count(self: LineReading, *records: Any) -> LineItems | None:
        items = read(self, *records)
        sizes.append(0 if items is None else len(items))
        return items

    monkeypatch.setattr(error_budget, "_BATCH_RECORDS", BATCH)
    monkeypatch.setattr("dmc_widgets.tasks.imports.line_reading._PAUSE", 1)
    monkeypatch.setattr(LineReading, "read", count)
    return sizes


@pytest.mark.parametrize("seed", range(12))
def test_they_end_as_their_records(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, taken: list[int], seed: int
) -> None:
    """Of two imports the second one updates; parents may come later, fail or miss."""
    random = Random(seed)
    rate = random.choice([0, 0.01, 0.02, 0.1])
    files = [_make_lines(random, rate) for _ in range(2)]
    ended = []
    for way in ("lines", "records"):
        if way == "records":
            monkeypatch.setattr(LineReading, "read", lambda *_: None)
        target = _Target(tmp_path / way)
        tasks = [target.add(lines) for lines in files]
        for task in tasks:
            run_task(target.workspace, task)
        ended.append([target.ended(task) for task in tasks])
        target.workspace.close()

    first, second = ended
    for one, other in zip(first, second, strict=True):
        for name, value in one.items():
            assert value == other[name], name
    assert rate or sum(taken) == 2 * (COUNT - BATCH), taken


def test_parents_first_are_taken_from_lines_with_ids_beside(
    tmp_path: Path, taken: list[int]
) -> None:
    """As exports have them; the codes count."""
    target = _Target(tmp_path / "target")
    lines: Lines = [
        {
            ERC: f"E-{n}",
            "title": f"Title {n}",
            NEAR: f"E-{n // 2}" if n else "",
            "r_near_c_entryId": 4_711 + n if n else 0,
        }
        for n in range(3 * BATCH)
    ]

    task = target.add(lines, Policy())
    run_task(target.workspace, task)

    ended = target.workspace.tasks.get(task)
    assert (ended.status, ended.counts.created) == (TaskStatus.COMPLETED, 3 * BATCH)
    assert taken == [0, BATCH, BATCH]
    target.workspace.close()


def test_a_batch_that_another_worker_has_begun_is_read_as_records(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, taken: list[int]
) -> None:
    """What it has refused stays so, though a parent may be there by now."""
    target = _Target(tmp_path / "target")
    lines: Lines = [
        {ERC: f"E-{n}", "title": f"Title {n}", NEAR: "OLD"} for n in range(3 * BATCH)
    ]
    task = target.add(lines, Policy())
    die = Interruption(target.workspace, monkeypatch)
    die.arrange(2, before_outcomes=True)
    with pytest.raises(Killed):
        run_task(target.workspace, task)
    assert taken == [0, BATCH]
    monkeypatch.setattr(resuming, "launch_worker", lambda x, one: run_task(x, one.id))
    target.workspace.tasks.assign(task, NO_WORKER)

    Center(target.workspace).tasks.resume(task)

    ended = target.workspace.tasks.get(task)
    assert (ended.status, ended.counts.created) == (TaskStatus.COMPLETED, 3 * BATCH)
    assert len(taken) == len([0, BATCH, 0]), "the second batch was not read again"
    target.workspace.close()
