"""What reads many entries reads one state: a batch is in it wholly or not at all."""

from __future__ import annotations

import io
import json
import time
import zipfile
from base64 import b64decode, b64encode
from collections.abc import Callable, Sequence
from operator import length_hint
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from dmc_widgets.center import Center
from dmc_widgets.errors import InstallationError
from dmc_widgets.installations import connect
from dmc_widgets.installations.sql import (
    SandboxInstallation,
    open_for_server,
    open_sqlite,
)
from dmc_widgets.installations.sql import entry_reader as entries
from dmc_widgets.installations.sql.entry_reader import EntryReader
from dmc_widgets.model.plan import (
    ExportPlan,
    MigrationPlan,
    PackagePlan,
    Plan,
    Selection,
)
from dmc_widgets.model.record import LargeText
from dmc_widgets.model.strategies import Policy, UpdateStrategy
from dmc_widgets.model.task import TaskStatus
from dmc_widgets.objects.entries.item_builder import EntryRow
from dmc_widgets.ports import Batch, Item, Query
from dmc_widgets.tasks.installation_access import find_entity_type
from dmc_widgets.tasks.worker.runner import run_task
from dmc_widgets.testing.samples import field
from dmc_widgets.workspace import Workspace
from tests.sandbox.conftest import ENGINE, ENTRY, run_sandbox
from tests.tasks.migration.test_migration_task import definition, link

ERC = "externalReferenceCode"
BOSS, TEAM = "r_boss_c_personERC", "r_team_c_teamERC"
PEOPLE = [f"P{number}" for number in range(7)]
PARTIAL = Policy(update_strategy=UpdateStrategy.PARTIAL_UPDATE)
DEFINITIONS = [
    definition(
        "Person",
        link("boss", "PERSON", "TEAM"),
        fields=[
            field(
                "photo",
                "Attachment",
                settings={
                    "acceptedFileExtensions": "txt",
                    "fileSource": "userComputer",
                    "maximumFileSize": 100,
                },
            )
        ],
    ),
    definition("Team", link("team", "TEAM", "PERSON")),
]


def person(code: str, state: str, team: str) -> Item:
    content = b64encode(f"{code} {state} ".encode() * 10_000).decode()
    photo = {ERC: f"F-{code}", "name": f"{code}.txt", "fileBase64": content}
    return {ERC: code, "title": state, TEAM: team, "photo": photo}


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """People in team T1 whose boss is P0; everything says *before*."""
    path = tmp_path / "source.db"
    put(path, "ObjectDefinition", DEFINITIONS, Policy())
    put(path, "Team", [{ERC: "T1", "title": "before"}, {ERC: "T2", "title": "before"}])
    put(path, "Person", [person(code, "before", "T1") for code in PEOPLE])
    put(path, "Team", [{ERC: "T1", BOSS: "P0"}])
    return path


def put(path: Path, name: str, items: Sequence[Item], policy: Policy = PARTIAL) -> None:
    installation = open_sqlite(path, "writer")
    entity_type = find_entity_type(installation.entity_types(), name)
    batch = Batch(task=json.dumps(items), number=1, items=items, policy=policy)
    outcomes = installation.write(entity_type, batch)
    installation.close()
    assert [outcome.problem for outcome in outcomes] == [None] * len(items)


def change_all(path: Path) -> None:
    """Change and add people in one batch, and the teams in another."""
    codes = [*PEOPLE, "P7", "P8"]
    put(path, "Person", [person(code, "after", "T2") for code in codes])
    put(path, "Team", [{ERC: "T1", "title": "after", BOSS: "P5"}])


@pytest.fixture
def changed_meanwhile(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Change everything once the first page of people has been read."""
    build = EntryReader.items
    changed: list[bool] = []

    def items(
        self: EntryReader, connection: Connection, rows: Sequence[EntryRow]
    ) -> list[Item]:
        found = build(self, connection, rows)
        if not changed and any(row.erc == "P1" for row in rows):
            changed.append(True)
            change_all(source)
        return found

    monkeypatch.setattr(entries, "PAGE", 2)
    monkeypatch.setattr(EntryReader, "items", items)


def run(workspace: Workspace, name: str, plan: Plan) -> Path | None:
    task = workspace.tasks.add(name, plan)
    run_task(workspace, task.id)
    done = workspace.tasks.get(task.id)
    assert (done.status, done.error) == (TaskStatus.COMPLETED, "")
    assert done.progress.done == done.progress.of
    return Center(workspace).tasks.file(task.id) if done.exported_file else None


def key(path: Path, name: str) -> str:
    installation = connect(f"sqlite:///{path}")
    found = find_entity_type(installation.entity_types(), name).key
    installation.close()
    return found


def text_of(photo: Any) -> str:
    content = photo["fileBase64"]
    whole = content.whole() if isinstance(content, LargeText) else content
    return b64decode(whole).decode()[:9].strip()


def summary(items: Sequence[Item]) -> list[tuple[str, ...]]:
    return [(x[ERC], x["title"], x[TEAM], text_of(x["photo"])) for x in items]


BEFORE = [(code, "before", "T1", f"{code} before") for code in PEOPLE]


@pytest.mark.parametrize(
    ("sort", "expected"), [("", BEFORE), (f"{ERC}:desc", BEFORE[::-1])]
)
@pytest.mark.usefixtures("changed_meanwhile")
def test_an_export_holds_one_state(
    workspace: Workspace,
    source: Path,
    sort: str,
    expected: list[tuple[str, ...]],
) -> None:
    """Contents of attachments and the number of entries included."""
    workspace.connections.put("source", f"sqlite:///{source}")
    plan = ExportPlan(entity_type=key(source, "Person"), sort=sort, name="test")

    exported = run(workspace, "source", plan)

    assert exported is not None
    with zipfile.ZipFile(exported) as archive:
        found = json.loads(archive.read(archive.namelist()[0]))
    assert summary(found) == expected


@pytest.mark.usefixtures("changed_meanwhile")
def test_a_package_holds_one_state(workspace: Workspace, source: Path) -> None:
    """Its last file, with links that close a circle, was read last."""
    workspace.connections.put("source", f"sqlite:///{source}")

    package = run(workspace, "source", PackagePlan(name="test"))

    assert package is not None
    with zipfile.ZipFile(package) as archive:
        files = [json.loads(archive.read(name)) for name in archive.namelist()]
    items = [item for file in files for item in file["items"]]
    assert {item["title"] for item in items if "title" in item} == {"before"}
    assert {item[BOSS] for item in items if item.get(BOSS)} == {"P0"}
    assert {item[TEAM] for item in items if item.get(TEAM)} == {"T1"}


@pytest.mark.usefixtures("changed_meanwhile")
def test_a_migration_reads_one_state_in_all_its_passes(
    workspace: Workspace, source: Path, tmp_path: Path
) -> None:
    for name in ("source", "target"):
        workspace.connections.put(name, f"sqlite:///{tmp_path / name}.db")
    plan = MigrationPlan(source="source", selection=Selection(), name="test")

    run(workspace, "target", plan)

    people, teams = stored(tmp_path / "target.db")
    assert summary(people) == BEFORE
    assert teams == [("T1", "before", "P0"), ("T2", "before", "")]
    people, _ = stored(source)
    assert {person["title"] for person in people} == {"after"}


def stored(path: Path) -> tuple[list[Item], list[tuple[str, str, str]]]:
    installation = connect(f"sqlite:///{path}")
    types = installation.entity_types()
    people = list(installation.read(find_entity_type(types, "Person"), Query()))
    teams = [
        (each[ERC], each["title"], each[BOSS] or "")
        for each in installation.read(find_entity_type(types, "Team"), Query())
    ]
    for each in people:
        text_of(each["photo"])
    installation.close()
    return people, teams


@pytest.mark.usefixtures("changed_meanwhile")
def test_a_task_of_the_sandbox_exports_one_state(source: Path) -> None:
    with run_sandbox(source) as sandbox, sandbox.client() as client:
        answer = client.post(
            f"{ENGINE}/export-task/{ENTRY}/JSON",
            params={"taskItemDelegateName": "C_Person"},
        )
        path = f"{ENGINE}/export-task/{answer.json()['id']}"
        while (task := client.get(path).json())["executeStatus"] != "COMPLETED":
            assert task["executeStatus"] in {"INITIAL", "STARTED"}
            time.sleep(0.02)
        content = client.get(f"{path}/content").content
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            items = json.loads(archive.read(archive.namelist()[0]))

    assert [item["title"] for item in items] == ["before"] * 7
    assert task["totalItemsCount"] == 7


def test_reading_in_python_sees_one_state(
    source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(entries, "PAGE", 2)
    installation = connect(f"sqlite:///{source}")
    people = find_entity_type(installation.entity_types(), "Person")
    items = installation.read(people, Query())

    first = next(items)
    change_all(source)

    assert summary([first, *items]) == BEFORE
    installation.close()


@pytest.fixture
def desk(source: Path) -> Callable[[], SandboxInstallation]:
    return lambda: open_for_server(source, "desk")


def test_a_snapshot_does_not_change(
    desk: Callable[[], SandboxInstallation], source: Path
) -> None:
    """Whatever is asked of it, and however often."""
    installation = desk()
    people = find_entity_type(installation.entity_types(), "Person")
    with installation.snapshot() as snapshot:
        change_all(source)

        assert snapshot.fetch(people, ["P1", "P7"])["P1"]["title"] == "before"
        assert "P7" not in snapshot.fetch(people, ["P7"])
        assert length_hint(snapshot.read(people, Query())) == 7
        assert snapshot.page(people, Query(), 1, 1).total == 7
        assert len(list(snapshot.read(people, Query()))) == 7
        with pytest.raises(ValueError, match="for reading only"):
            snapshot.write(people, Batch(task="t", number=1, items=[], policy=PARTIAL))
    assert installation.page(people, Query(), 1, 1).total == 9
    installation.close()


def test_reader_does_not_block_writers_and_the_log_shrinks(
    source: Path,
) -> None:
    """The log grows by what is written during the reading, and shrinks afterwards."""
    log = source.with_name("source.db-wal")
    installation = open_sqlite(source, "desk")
    kinds = find_entity_type(installation.entity_types(), "Team")
    with installation.snapshot():
        for number in range(3):
            items = [
                {ERC: f"X{number}-{each}", "title": "x" * 250} for each in range(1_000)
            ]
            put(source, "Team", items)
        grown = log.stat().st_size
    installation.write(kinds, Batch(task="w", number=1, items=[], policy=PARTIAL))
    installation.close()

    assert grown > 500_000
    assert not log.exists()  # the last one to close the file takes it in


def test_errors_within_a_snapshot_are_installation_errors(source: Path) -> None:
    installation = open_sqlite(source, "desk")
    with (
        pytest.raises(InstallationError, match="desk: The database holds other"),
        installation.snapshot() as snapshot,
        snapshot._database.reading() as connection,
    ):
        connection.exec_driver_sql("SELECT * FROM nowhere")
    installation.close()
