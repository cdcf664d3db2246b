"""Undo of tasks that wrote to a server, over real HTTP."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dmc_widgets.center import Center, resuming
from dmc_widgets.errors import InvalidPlan, NotSupported
from dmc_widgets.installations import connect
from dmc_widgets.installations.liferay.installation import LiferayInstallation
from dmc_widgets.installations.liferay.relationships import LinkWriter
from dmc_widgets.installations.secret_store import PASSWORD
from dmc_widgets.model.access import Access
from dmc_widgets.model.change import FieldChange
from dmc_widgets.model.mapping import Values
from dmc_widgets.model.outcome import Outcome, OutcomeKind, Problem
from dmc_widgets.model.plan import (
    ImportPlan,
    MigrationPlan,
    Selection,
    UndoPlan,
    is_dry_run,
)
from dmc_widgets.model.run_options import RunOptions
from dmc_widgets.model.strategies import ErrorStrategy, Policy, UpdateStrategy
from dmc_widgets.model.task import Counts, Task, TaskStatus
from dmc_widgets.ports import Batch, Installation, Item, Query
from dmc_widgets.tasks.imports import file_chunks
from dmc_widgets.tasks.imports.batch_comparison import BatchComparison
from dmc_widgets.tasks.imports.record_writer import RecordWriter
from dmc_widgets.tasks.installation_access import find_entity_type, open_connection
from dmc_widgets.tasks.task_files import original_path
from dmc_widgets.tasks.task_run import TaskRun
from dmc_widgets.tasks.undo import server_undo
from dmc_widgets.tasks.undo.before_images import WrittenBatch, add_changes
from dmc_widgets.tasks.worker.runner import run_task
from dmc_widgets.workspace import Workspace
from dmc_widgets.workspace.file_transfer import copy_into_workspace
from tests.factories import write_json
from tests.sandbox.conftest import SETTINGS, run_sandbox
from tests.tasks.conftest import KEY
from tests.tasks.gallery import PICKLIST, PICTURE, ROOM, field

ERC = "externalReferenceCode"
_DATED = {"actions", "dateCreated", "dateModified", "id"}


def _write(opened: Installation, name: str, items: list[Item]) -> None:
    entity_type = find_entity_type(opened.entity_types(), name)
    policy = Policy(error_strategy=ErrorStrategy.CONTINUE)
    batch = Batch(task=f"setup {name} {items}", number=1, items=items, policy=policy)
    outcomes = opened.write(entity_type, batch)
    assert [x.problem for x in outcomes] == [None] * len(items)


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Center]:
    """A gallery on the server *server*; *bare* is a server without objects.

    Each test leaves the gallery as it was, or uses codes of its own.
    """
    folder = tmp_path_factory.mktemp("servers")
    workspace = Workspace(folder / "w")
    with pytest.MonkeyPatch.context() as patch, closing(workspace):
        patch.setenv(PASSWORD, SETTINGS.password)
        patch.setenv("DMC_ENCRYPTION_KEY", KEY)
        workspace.save_setting("furnished", "yes")
        center = Center(workspace)
        with (
            run_sandbox(folder / "server.db") as server,
            run_sandbox(folder / "bare.db") as bare,
        ):
            access = Access(user=SETTINGS.user)
            center.installations.add("server", server.url, access)
            center.installations.add("bare", bare.url, access)
            opened = server.context.store.installation
            _write(opened, "ListTypeDefinition", [PICKLIST])
            _write(opened, "ObjectDefinition", [PICTURE, ROOM])
            rooms = {"R-1": "Hall", "R-2": "Attic"}
            _write(opened, "Room", [{ERC: x, "name": rooms[x]} for x in rooms])
            _write(opened, "Picture", [_SEA])
            yield center


_SEA: Item = {
    ERC: "P-1",
    "title": "Sea",
    "code": "A",
    "rank": 7,
    "secret": "hush",
    "scan": {"fileBase64": "aGVsbG8=", "name": "a.png"},
    "caption_i18n": {"de_DE": "Wellen", "en_US": "Waves"},
    "colour": "red",
    "tones": ["red", "blue"],
    "keywords": ["blue"],
    "shownIn": [{ERC: "R-1"}],
    "r_pictures_c_roomERC": "R-1",
}


def _open(center: Center, name: str) -> LiferayInstallation:
    opened = open_connection(center._workspace.connections.get(name))
    assert isinstance(opened, LiferayInstallation)
    return opened


def _state(center: Center, installation: str) -> dict[str, Any]:
    """Return everything an export holds, without ids and dates."""
    opened = _open(center, installation)
    state = {}
    for entity_type in opened.entity_types():
        if not entity_type.part_of:
            items = [_bare(x) for x in opened.read(entity_type, Query())]
            state[entity_type.name] = sorted(items, key=lambda x: str(x.get(ERC)))
    opened.close()
    return state


def _bare(value: Any) -> Any:
    if isinstance(value, list):
        return [_bare(one) for one in value]
    if isinstance(value, dict):
        return {
            k: _bare(v)
            for k, v in value.items()
            if k not in _DATED and not k.endswith("Id")
        }
    return value


def _import(
    center: Center, path: Path, items: list[Item], name: str = "Picture", **others: Any
) -> Task:
    workspace = center._workspace
    opened = _open(center, "server")
    key = find_entity_type(opened.entity_types(), name).key
    opened.close()
    policy = Policy(error_strategy=ErrorStrategy.CONTINUE)
    plan = ImportPlan(entity_type=key, name="test", policy=policy, **others)
    file = write_json(path / "pictures.json", items)
    task = workspace.tasks.add("server", plan, file.name)
    copy_into_workspace(file, original_path(workspace, task), consume=False)
    run_task(workspace, task.id)
    return workspace.tasks.get(task.id)


def _undo(center: Center, task: Task, *, dry_run: bool = False) -> Task:
    workspace = center._workspace
    plan = UndoPlan(
        task=task.id, entity_type=task.plan.entity_type, name="undo", dry_run=dry_run
    )
    undo = workspace.tasks.add(task.installation, plan)
    run_task(workspace, undo.id)
    return workspace.tasks.get(undo.id)


_CHANGED: list[Item] = [
    {
        ERC: "P-1",
        "title": "Flood",
        "code": "C",
        "secret": "hush",
        "scan": {"fileBase64": "d29ybGQ=", "name": "b.png"},
        "caption_i18n": {"en_US": "Flood", "es_ES": "Mar"},
        "shownIn": [{ERC: "R-2"}],
        "r_pictures_c_roomERC": "R-2",
    },
    {ERC: "P-2", "title": "Sky", "code": "A", "r_pictures_c_roomERC": "R-1"},
]
"""P-2 takes over a unique value of P-1."""


def test_import_and_undo_leave_a_server_as_it_was(
    servers: Center, tmp_path: Path
) -> None:
    before = _state(servers, "server")
    task = _import(servers, tmp_path, _CHANGED)
    after = _state(servers, "server")
    assert task.counts == Counts(created=1, updated=1)
    changes = {r.key: r.change.fields for r in servers._workspace.changes.read(task.id)}
    assert changes["P-2"] == ()
    expected = [
        FieldChange("title", "Sea", "Flood"),
        FieldChange("rank", 7, None),
        FieldChange("caption_i18n.de_DE", "Wellen", None),
        FieldChange("scan.name", "a.png", "b.png"),
        FieldChange("shownIn", ["R-1"], ["R-2"]),
        FieldChange("r_pictures_c_roomERC", "R-1", "R-2"),
    ]
    assert [x for x in expected if x not in changes["P-1"]] == []

    rehearsal = _undo(servers, task, dry_run=True)
    assert (rehearsal.counts, _state(servers, "server")) == (Counts(updated=2), after)
    undo = _undo(servers, task)
    assert (undo.status, undo.counts) == (TaskStatus.COMPLETED, Counts(updated=2))
    assert _state(servers, "server") == before
    again = _undo(servers, undo)
    assert again.counts == Counts(created=1, updated=1)
    assert _state(servers, "server") == after
    assert _undo(servers, again).counts == Counts(updated=2)
    assert _state(servers, "server") == before


def test_what_others_did_since_stays_and_is_named(
    servers: Center, tmp_path: Path
) -> None:
    items = [{ERC: code, "title": "New", "code": code} for code in ("S-1", "S-2")]
    task = _import(servers, tmp_path, items)
    opened = _open(servers, "server")
    _write(opened, "Picture", [{ERC: "S-2", "title": "Mine", "code": "S-2"}])
    opened.close()

    undo = _undo(servers, task)

    assert [x[2:] for x in servers.tasks.undone_records(undo.id)] == [
        ("S-2", "kept", "changed or deleted since by somebody else"),
        ("S-1", "reversed", "deleted"),
    ]


def test_secrets_stay_as_they_are_and_are_named(
    servers: Center, tmp_path: Path
) -> None:
    """A former secret is kept nowhere in clear, and one that stays is not touched."""
    opened = _open(servers, "server")
    first = {"title": "Old", "secret": "hush"}
    codes = ("E-1", "E-2", "E-3", "E-4")
    _write(opened, "Picture", [{ERC: x, "code": x, **first} for x in codes])
    changed = [
        {ERC: "E-1", "code": "E-1", "title": "New", "secret": "hush"},
        {ERC: "E-2", "code": "E-2", "title": "New", "secret": "other"},
        {ERC: "E-3", "code": "E-3", "title": "Old", "secret": "other"},
        {ERC: "E-4", "code": "E-4", "title": "New"},
        {ERC: "E-5", "code": "E-5", "title": "New", "secret": "new"},
    ]
    task = _import(servers, tmp_path, changed)
    changes = servers._workspace.changes
    fields = {x.key: x.change.fields for x in changes.read(task.id)}
    assert fields["E-1"] == (FieldChange("title", "Old", "New"),)
    assert fields["E-3"] == (FieldChange("secret", "***", "***"),)
    assert fields["E-4"][:1] == (FieldChange("secret", "***", None),)

    undo = _undo(servers, task)
    words = "values of Encrypted fields, which are not kept"
    assert [x[2:] for x in servers.tasks.undone_records(undo.id)] == [
        ("E-5", "reversed", "deleted"),
        ("E-4", "reversed", f"restored, except for {words}"),
        ("E-3", "kept", words),
        ("E-2", "reversed", f"restored, except for {words}"),
        ("E-1", "reversed", "restored"),
    ]
    entries = find_entity_type(opened.entity_types(), "Picture")
    found = opened.fetch(entries, [*codes, "E-5"])
    opened.close()
    assert {key: (x["title"], x["secret"]) for key, x in found.items()} == {
        "E-1": ("Old", "hush"),
        "E-2": ("Old", "other"),
        "E-3": ("Old", "other"),
        "E-4": ("Old", None),
    }
    again = _undo(servers, undo)
    assert [*servers.tasks.undone_records(again.id)][-1][2:] == (
        "E-5",
        "reversed",
        f"brought back, except for {words}",
    )
    kept = list(changes._database.rows("SELECT payload FROM change"))
    assert [
        x for x in kept if b"hush" in x["payload"] or b"other" in x["payload"]
    ] == []


def test_created_parents_that_others_name_since_stay(
    servers: Center, tmp_path: Path
) -> None:
    rooms = [{ERC: "R-3", "name": "Loft"}, {ERC: "R-4", "name": "Cellar"}]
    task = _import(servers, tmp_path, rooms, name="Room")
    opened = _open(servers, "server")
    picture = {ERC: "P-9", "title": "Mine", "code": "Z", "r_pictures_c_roomERC": "R-4"}
    _write(opened, "Picture", [picture])
    opened.close()

    undo = _undo(servers, task)

    assert [x[2:4] for x in servers.tasks.undone_records(undo.id)] == [
        ("R-4", "kept"),
        ("R-3", "reversed"),
    ]
    rooms = _state(servers, "server")["C_Room"]
    assert [x[ERC] for x in rooms] == ["R-1", "R-2", "R-4"]


def test_parts_are_taken_back_unless_somebody_has_filled_them(
    servers: Center, tmp_path: Path
) -> None:
    before = _state(servers, "server")
    parent: Item = {"objectDefinitionExternalReferenceCode": "PICTURE"}
    fields = [
        parent | field(name, "Text", objectFieldSettings=[])
        for name in ("era", "style", "mail")
    ]
    fields[2] |= {"businessType": "EmailAddress", "label": {"en_US": "E-mail"}}
    task = _import(servers, tmp_path, fields, name="ObjectField")
    assert task.counts == Counts(created=2, updated=1)
    opened = _open(servers, "server")
    picture = {ERC: "F-1", "title": "Mine", "code": "F-1", "style": "Modern"}
    _write(opened, "Picture", [picture])

    undo = _undo(servers, task)
    assert [x[2:4] for x in servers.tasks.undone_records(undo.id)] == [
        ("PICTURE/mail", "reversed"),
        ("PICTURE/style", "kept"),
        ("PICTURE/era", "reversed"),
    ]
    entity_types = opened.entity_types()
    opened.remove(find_entity_type(entity_types, "Picture"), ["F-1"])
    opened.remove(find_entity_type(entity_types, "ObjectField"), ["PICTURE/style"])
    opened.close()
    assert _state(servers, "server") == before


def test_records_that_were_stored_but_failed_on_a_link_are_taken_back(
    servers: Center, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = _state(servers, "server")
    refuse = Problem("refused", "No.", "shownIn")
    monkeypatch.setattr(LinkWriter, "_apply_change", lambda *_: refuse)
    task = _import(servers, tmp_path, _CHANGED)
    monkeypatch.undo()
    assert (task.counts.failed, task.counts.created) == (1, 1)

    assert _undo(servers, task).counts == Counts(updated=2)
    assert _state(servers, "server") == before


def test_batches_that_overlap_are_taken_back_one_after_the_other(
    servers: Center, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second batch is read while the first one is being written."""
    monkeypatch.setattr(file_chunks, "batch_records", lambda _: 1)
    before = _state(servers, "server")
    names = ("Loft", "Cellar", "Cave")
    rooms = [{ERC: "R-1", "name": name} for name in names]
    rooms += [{ERC: "R-7", "name": name} for name in names]
    task = _import(servers, tmp_path, rooms, name="Room")
    assert task.counts == Counts(created=1, updated=5)
    changes = [x.change.fields for x in servers._workspace.changes.read(task.id)]
    assert [x for each in changes for x in each] == [
        FieldChange("name", "Hall", "Loft"),
        FieldChange("name", "Loft", "Cellar"),
        FieldChange("name", "Cellar", "Cave"),
        FieldChange("name", "Loft", "Cellar"),
        FieldChange("name", "Cellar", "Cave"),
    ]

    assert _undo(servers, task, dry_run=True).counts == Counts(updated=6)
    assert _undo(servers, task).counts == Counts(updated=6)
    assert _state(servers, "server") == before


def test_changes_of_a_batch_are_known_after_a_crash(
    servers: Center, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker dies after the server has written a batch, and before its record."""
    before = _state(servers, "server")
    workspace = servers._workspace
    with monkeypatch.context() as patch:
        patch.setattr(BatchComparison, "add_changes", _die)
        patch.setattr(RecordWriter, "_recover_oldest", lambda _: None)
        patch.setattr(TaskRun, "_count_pending", lambda _: None)
        task = _import(servers, tmp_path, _CHANGED)
    assert _state(servers, "server") != before
    assert [x.first_index for x in workspace.outcomes.pending(task.id)] == [1]
    with workspace._database.transaction() as connection:
        connection.execute(
            "UPDATE task SET status = 'Queued', counts = '{}' WHERE id = ?", [task.id]
        )
    run_task(workspace, task.id)

    resumed = workspace.tasks.get(task.id)
    assert resumed.counts == Counts(created=1, updated=1)
    assert _undo(servers, resumed).counts == Counts(updated=2)
    assert _state(servers, "server") == before


def test_migration_of_definitions_and_picklists_is_taken_back(servers: Center) -> None:
    workspace = servers._workspace
    before = _state(servers, "bare")
    chosen = Selection(entity_types=("Picture",), with_needed=True)
    plan = MigrationPlan(source="server", selection=chosen, name="test")
    task = workspace.tasks.add("bare", plan)
    run_task(workspace, task.id)
    task = workspace.tasks.get(task.id)
    assert (task.status, task.error) == (TaskStatus.COMPLETED, "")
    moved = _state(servers, "bare")

    undo = _undo(servers, task)

    kept = [x for x in servers.tasks.undone_records(undo.id) if x.bucket != "reversed"]
    assert (undo.status, undo.error, kept) == (TaskStatus.COMPLETED, "", [])
    assert _state(servers, "bare") == before
    _undo(servers, undo)
    for picture in moved["C_Picture"]:
        picture["secret"] = None  # nothing keeps it
    assert _state(servers, "bare") == moved


def test_an_undo_that_was_killed_knows_what_it_has_taken_back(
    servers: Center, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker dies after the server has deleted, and before that is recorded."""
    before = _state(servers, "server")
    task = _import(servers, tmp_path, _CHANGED)
    workspace = servers._workspace
    plan = UndoPlan(task=task.id, entity_type=task.plan.entity_type, name="undo")
    undo = workspace.tasks.add("server", plan)
    with monkeypatch.context() as patch:
        patch.setattr(server_undo, "_settle", _die)
        run_task(workspace, undo.id)
    assert _state(servers, "server") == before
    with workspace._database.transaction() as connection:
        connection.execute(
            "UPDATE task SET status = 'Queued', counts = '{}' WHERE id = ?", [undo.id]
        )
    run_task(workspace, undo.id)

    undone = workspace.tasks.get(undo.id)
    assert (undone.status, undone.counts) == (TaskStatus.COMPLETED, Counts(updated=2))
    again = _undo(servers, undone)
    assert again.counts == Counts(created=1, updated=1)
    assert _undo(servers, again).counts == Counts(updated=2)


def _die(*_: object) -> None:
    raise RuntimeError


def test_without_a_journal_nothing_is_read_and_nothing_can_be_undone(
    servers: Center, tmp_path: Path
) -> None:
    task = _import(servers, tmp_path, _CHANGED, options=RunOptions(journal=False))
    assert servers._workspace.changes.is_empty(task.id)
    with pytest.raises(NotSupported, match="it kept no journal"):
        servers.tasks.undo(task)


_NAMES = {"R-1": "Barn", "R-9": "Shed"}


def _import_rooms(center: Center, folder: Path) -> Task:
    rooms = [{ERC: code, "name": name} for code, name in _NAMES.items()]
    return _import(center, folder, rooms, name="Room")


def _run_what_was_shown(center: Center, folder: Path) -> Task:
    dry_run = _migrate_rooms(center, folder, dry_run=True)
    assert dry_run.status is TaskStatus.COMPLETED
    return _migrate_rooms(center, folder, options=RunOptions(as_shown=dry_run.id))


def _migrate_rooms(center: Center, _folder: Path, **others: Any) -> Task:
    """Migrate the rooms of *bare*, which are called otherwise, into *server*."""
    workspace = center._workspace
    policy = Policy(
        error_strategy=ErrorStrategy.CONTINUE, update_strategy=UpdateStrategy.MERGE
    )
    chosen = Selection(entity_types=("C_Room",))
    plan = MigrationPlan(source="bare", selection=chosen, name="test", policy=policy)
    task = workspace.tasks.add("server", replace(plan, **others))
    run_task(workspace, task.id)
    return workspace.tasks.get(task.id)


@pytest.fixture(scope="module")
def two_pasts(servers: Center, tmp_path_factory: pytest.TempPathFactory) -> Center:
    """Give *bare* the rooms of *server* under other names, and one more."""
    workspace = servers._workspace
    chosen = Selection(entity_types=("C_Room",), with_needed=True)
    plan = MigrationPlan(source="server", selection=chosen, name="test")
    task = workspace.tasks.add("bare", plan)
    run_task(workspace, task.id)
    file = tmp_path_factory.mktemp("rooms") / "rooms.jsonl"
    lines = (f'{{"{ERC}": "{x}", "name": "{_NAMES[x]}"}}\n' for x in _NAMES)
    file.write_text("".join(lines))
    assert servers.import_file("bare", "Room", file).counts.successful == 2
    return servers


@pytest.mark.parametrize("write", [_import_rooms, _migrate_rooms, _run_what_was_shown])
def test_what_was_there_before_the_server_went_away_comes_back(
    two_pasts: Center,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    write: Any,
) -> None:
    """The server has written a batch, and does not live to say so."""
    workspace = two_pasts._workspace
    before = _state(two_pasts, "server")
    with monkeypatch.context() as patch:
        patch.setattr(BatchComparison, "add_changes", _go_away)
        task = write(two_pasts, tmp_path)
    assert (task.status, task.error_code) == (TaskStatus.FAILED, "unreachable")
    assert task.counts.unknown
    assert _state(two_pasts, "server") != before
    with pytest.raises(InvalidPlan, match="Resume the task first"):
        two_pasts.tasks.undo(task)
    monkeypatch.setattr(resuming, "launch_worker", _run_here)

    resumed = two_pasts.tasks.resume(task.id)

    resumed = workspace.tasks.get(resumed.id)
    assert (resumed.status, resumed.error) == (TaskStatus.COMPLETED, "")
    assert (resumed.counts.created, resumed.counts.updated) == (1, 1)
    assert _undo(two_pasts, resumed).counts == Counts(updated=2)
    assert _state(two_pasts, "server") == before


def _go_away(
    self: BatchComparison,
    _first: int,
    items: Sequence[Values],
    written: Sequence[Outcome],
) -> Sequence[Outcome]:
    if is_dry_run(self._run.task.plan):
        return written
    return [Outcome(OutcomeKind.UNKNOWN)] * len(items)


def _run_here(workspace: Workspace, task: Task) -> None:
    run_task(workspace, task.id)


def test_a_created_item_changes_nothing_that_was_there(tmp_path: Path) -> None:
    """A worker that was killed may have left half of a definition behind."""
    with closing(connect(f"sqlite:///{tmp_path / 'any.db'}")) as opened:
        definitions = find_entity_type(opened.entity_types(), "ObjectDefinition")
    place = ("", "FERN")
    half, whole = {ERC: "FERN", "active": False}, {ERC: "FERN", "active": True}
    batch = WrittenBatch(definitions, [whole])
    created = [Outcome(OutcomeKind.CREATED, "FERN")]
    (found,) = add_changes(batch, {place: half}, {place: whole}, created)

    assert found.change is not None
    assert (found.change.fields, found.change.before) == ((), None)
