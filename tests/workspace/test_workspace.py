"""The workspace keeps what it was given, and says clearly when it cannot."""

from __future__ import annotations

import errno
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from dmc_widgets.errors import (
    DiskFull,
    FileUnreadable,
    InvalidPlan,
    NameTaken,
    UnknownName,
    WorkspaceUnusable,
)
from dmc_widgets.model.access import Access
from dmc_widgets.model.entity_type import OBJECT_DEFINITION
from dmc_widgets.model.mapping import FieldMapping
from dmc_widgets.model.outcome import Outcome, OutcomeKind, Problem
from dmc_widgets.model.plan import Action, ExportPlan, ImportPlan
from dmc_widgets.model.task import Counts, Progress, TaskStatus
from dmc_widgets.model.value_conversion import NumberFormat
from dmc_widgets.workspace import Connection, Failure, Workspace, default_path
from dmc_widgets.workspace.database import _MIGRATIONS, translate_error
from dmc_widgets.workspace.file_transfer import copy_into_workspace
from dmc_widgets.workspace.mapping_history import MAX_PAIRS
from dmc_widgets.workspace.outcomes import OutcomeBatch
from dmc_widgets.workspace.repairs import RepairRound

EXPORT = ExportPlan(entity_type="x.ObjectEntry#C_Ticket", name="March", format="CSV")
IMPORT = ImportPlan(entity_type="x.ObjectEntry#C_Ticket", name="April")


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    opened = Workspace(tmp_path / "workspace")
    yield opened
    opened.close()


def test_the_folder_is_that_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DMC_WORKSPACE", "/somewhere")

    assert default_path() == Path("/somewhere")


def test_connections_keep_their_order_and_take_a_new_address(
    workspace: Workspace,
) -> None:
    workspace.connections.put("staging", "sqlite:///a.db")
    workspace.connections.put("live", "sqlite:///b.db")
    workspace.connections.put("staging", "sqlite:///c.db")

    assert workspace.connections.all() == [
        Connection("staging", "sqlite:///c.db"),
        Connection("live", "sqlite:///b.db"),
    ]


def test_a_connection_keeps_who_signs_in(workspace: Workspace) -> None:
    access = Access(client_id="dmc", ca_file="/srv/ca.pem", at_once=2)
    workspace.connections.put("live", "https://liferay.example.com", access)

    assert workspace.connections.get("live").access == access


@pytest.mark.own_file
def test_a_workspace_of_an_older_version_keeps_its_connections(tmp_path: Path) -> None:
    """Those of then are of files, where nobody signs in."""
    connection = sqlite3.connect(tmp_path / "workspace.db", isolation_level=None)
    for step in _MIGRATIONS[:2]:
        connection.executescript(str(step))
    connection.execute("PRAGMA user_version = 2")
    connection.execute("INSERT INTO installation VALUES ('old', 'sqlite:///a.db', 't')")
    connection.close()
    workspace = Workspace(tmp_path)

    found = workspace.connections.all()
    workspace.close()

    assert found == [Connection("old", "sqlite:///a.db", Access())]


@pytest.mark.own_file
def test_a_repair_that_an_older_version_began_goes_on(tmp_path: Path) -> None:
    """Its round is the first of the repair, as far as that is known."""
    step = next(n for n, x in enumerate(_MIGRATIONS) if "COLUMN missing" in str(x))
    connection = sqlite3.connect(tmp_path / "workspace.db", isolation_level=None)
    for migration in _MIGRATIONS[:step]:
        if callable(migration):
            migration(connection)
        else:
            connection.executescript(migration)
    connection.execute(f"PRAGMA user_version = {step}")
    connection.execute("PRAGMA foreign_keys = OFF")
    connection.execute("INSERT INTO repair_round VALUES (7, 2, 30, 'Failed', 'e', 1)")
    connection.close()
    workspace = Workspace(tmp_path)

    found = workspace.repairs.open_round(7)
    workspace.close()

    assert found == RepairRound(2, 30, TaskStatus.FAILED, "e", first=2, missing=0)


def test_an_unknown_connection_is_answered_with_the_known_ones(
    workspace: Workspace,
) -> None:
    workspace.connections.put("staging", "sqlite:///a.db")

    with pytest.raises(UnknownName) as caught:
        workspace.connections.get("live")

    assert str(caught.value) == (
        "There is no installation named 'live'. Known: staging."
    )


def test_a_template_keeps_everything_but_the_name_of_the_task(
    workspace: Workspace,
) -> None:
    kept = workspace.templates.add(" Friday ", EXPORT)

    assert (kept.id, kept.name) == (1, "Friday")
    assert kept.plan == ExportPlan(entity_type=EXPORT.entity_type, format="CSV")
    assert workspace.templates.all(Action.EXPORT) == [kept]
    assert workspace.templates.all(Action.IMPORT) == []


def test_a_template_name_is_taken_once_and_free_after_deletion(
    workspace: Workspace,
) -> None:
    workspace.templates.add("Friday", EXPORT)
    with pytest.raises(NameTaken):
        workspace.templates.add("Friday", IMPORT)
    workspace.templates.delete("Friday")
    workspace.templates.add("Friday", IMPORT)

    assert workspace.templates.get("Friday").plan == ImportPlan(
        entity_type=IMPORT.entity_type
    )


def test_task_ids_grow_and_are_never_given_twice(workspace: Workspace) -> None:
    first = workspace.tasks.add("staging", EXPORT)
    workspace.tasks.discard(first.id)
    second = workspace.tasks.add("staging", IMPORT, "a.json")

    assert (first.id, second.id) == (1, 2)
    assert (second.name, second.action, second.entity_type) == (
        "April",
        Action.IMPORT,
        "C_Ticket",
    )
    assert (second.status, second.original_file) == (TaskStatus.QUEUED, "a.json")


def test_a_task_is_begun_by_one_process_only(workspace: Workspace) -> None:
    task = workspace.tasks.add("staging", IMPORT)

    assert workspace.tasks.start(task.id, 1000.0)
    assert not workspace.tasks.start(task.id, 1001.0)


def test_progress_is_seen_by_another_process(workspace: Workspace) -> None:
    task = workspace.tasks.add("staging", IMPORT)
    workspace.tasks.start(task.id, 1000.0)
    workspace.tasks.report(
        task.id, Counts(created=5, failed=1), Progress(7, 9, 1000.0, 1002.0)
    )
    other = Workspace(workspace.path)
    seen = other.tasks.get(task.id)
    other.close()

    assert seen.counts == Counts(created=5, failed=1)
    assert seen.progress == Progress(7, 9, 1000.0, 1002.0)


@pytest.mark.parametrize(
    ("keyword", "found"),
    [
        ("", [1, 2, 3]),
        ("mar", [1]),
        ("c_ticket", [1, 2]),
        ("100%", []),
        ("_", [1, 2]),
        ("Object Definition", [3]),
        ("objectdefinition", [3]),
        ("liferay", []),
        ("rest.dto", []),
    ],
)
def test_a_keyword_finds_names_and_entity_types(
    workspace: Workspace, keyword: str, found: list[int]
) -> None:
    workspace.tasks.add("staging", EXPORT)
    workspace.tasks.add("staging", IMPORT)
    definitions = ExportPlan(entity_type=OBJECT_DEFINITION, name="All")
    workspace.tasks.add("staging", definitions)

    assert [task.id for task in workspace.tasks.all(keyword)] == found


def test_outcomes_come_back_in_order_with_their_failures(workspace: Workspace) -> None:
    task = workspace.tasks.add("staging", IMPORT)
    problem = Problem("required", "No value", "title", None)
    failure = Failure(2, problem, '{"id":2}')
    outcomes = [
        Outcome(OutcomeKind.CREATED, "T-1"),
        Outcome(OutcomeKind.FAILED, "", problem),
    ]
    for _ in range(2):  # a batch that is recorded twice counts once
        workspace.outcomes.add(task.id, OutcomeBatch(1, outcomes), [failure])
    workspace.outcomes.add_skipped(task.id, 3, 2)

    assert list(workspace.outcomes.read(task.id)) == [
        OutcomeBatch(
            1, [Outcome(OutcomeKind.CREATED, "T-1"), Outcome(OutcomeKind.FAILED)]
        ),
        OutcomeBatch(3, [Outcome(OutcomeKind.SKIPPED)] * 2),
    ]
    assert workspace.outcomes.failures(task.id) == [failure]


@pytest.mark.own_file
def test_a_file_that_is_no_database_is_refused_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "workspace.db"
    path.write_bytes(b"Dear diary, " * 100)

    with pytest.raises(WorkspaceUnusable) as caught:
        Workspace(tmp_path)

    assert str(caught.value) == (
        f"{path}: this is not a workspace database. Choose another workspace folder."
    )
    assert path.read_bytes() == b"Dear diary, " * 100


@pytest.mark.own_file
def test_a_newer_workspace_is_refused(tmp_path: Path) -> None:
    Workspace(tmp_path).close()
    connection = sqlite3.connect(tmp_path / "workspace.db")
    connection.execute("PRAGMA user_version = 99")
    connection.close()

    with pytest.raises(WorkspaceUnusable) as caught:
        Workspace(tmp_path)

    assert str(caught.value) == (
        f"{tmp_path / 'workspace.db'}: this workspace was written by a newer version "
        f"(step 99, known here: {len(_MIGRATIONS)}). Update dmc-widgets."
    )


@pytest.mark.own_file
def test_an_older_workspace_is_upgraded_and_keeps_what_it_holds(
    tmp_path: Path,
) -> None:
    connection = sqlite3.connect(tmp_path / "workspace.db")
    connection.executescript(str(_MIGRATIONS[0]))
    connection.execute("INSERT INTO setting VALUES ('furnished', 'yes')")
    connection.execute("PRAGMA user_version = 1")
    connection.commit()
    connection.close()

    upgraded = Workspace(tmp_path)
    upgraded.mappings.remember("C_Ticket", [FieldMapping("Titel", "title")])

    assert upgraded.setting("furnished") == "yes"
    assert upgraded.mappings.recall("C_Ticket") == (FieldMapping("Titel", "title"),)
    upgraded.close()


def test_many_threads_may_make_the_same_workspace_at_once(tmp_path: Path) -> None:
    ready = threading.Barrier(12)

    def open_it(_number: int) -> list[Connection]:
        ready.wait()
        with closing(Workspace(tmp_path / "new")) as opened:
            return opened.connections.all()

    with ThreadPoolExecutor(12) as pool:
        assert list(pool.map(open_it, range(12))) == [[]] * 12


def test_used_mappings_come_back_by_entity_type_the_latest_first(
    workspace: Workspace,
) -> None:
    """What is used again becomes the latest; the older ones stay."""
    workspace.mappings.remember("a", [FieldMapping("Titel", "title")])
    workspace.mappings.remember("a", [FieldMapping("Betreff", "title")])
    workspace.mappings.remember("b", [FieldMapping("x", "y")])
    workspace.mappings.remember("a", [FieldMapping("Titel", "title")])
    workspace.mappings.remember("a", [])

    assert workspace.mappings.recall("a") == (
        FieldMapping("Titel", "title"),
        FieldMapping("Betreff", "title"),
    )
    assert workspace.mappings.recall("c") == ()


def test_used_mappings_keep_how_a_source_is_read_and_no_value_of_a_record(
    workspace: Workspace,
) -> None:
    price = FieldMapping("Preis", "price", format=NumberFormat(",", "."), if_empty=7)
    owner = FieldMapping("Mail", "r_owner_c_personERC", lookup="email")
    state = FieldMapping("Status", "state", values=(("offen", "open"),))

    workspace.mappings.remember("a", [price, owner, state])

    assert workspace.mappings.recall("a") == (
        FieldMapping("Status", "state"),
        owner,
        FieldMapping("Preis", "price", format=NumberFormat(",", ".")),
    )


def test_used_mappings_do_not_grow_without_end(workspace: Workspace) -> None:
    pairs = [FieldMapping(f"s{n}", "t") for n in range(MAX_PAIRS + 2)]
    workspace.mappings.remember("b", pairs[:1])
    workspace.mappings.remember("a", pairs)

    kept = workspace.mappings.recall("a")
    assert (len(kept), kept[0].source, kept[-1].source) == (1000, "s1001", "s2")
    assert len(workspace.mappings.recall("b")) == 1


def test_a_file_in_the_folders_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")

    with pytest.raises(WorkspaceUnusable) as caught:
        Workspace(tmp_path / "taken")

    assert str(caught.value) == (
        f"{tmp_path / 'taken'}: File exists. Check the folder and its permissions."
    )


def test_an_upload_arrives_piece_by_piece(workspace: Workspace) -> None:
    upload = workspace.new_upload("../../etc/passwd", 5)

    assert upload.append(0, b"abc") == 3
    assert upload.append(0, b"abc") == 3  # sent again because the answer was lost
    assert upload.append(3, b"de") == 5
    path = upload.finish()
    assert path.read_bytes() == b"abcde"
    assert path.parent == workspace.path / "uploads"


def test_an_empty_upload_is_a_file(workspace: Workspace) -> None:
    assert workspace.new_upload("empty.json", 0).finish().read_bytes() == b""


@pytest.mark.parametrize(("offset", "data"), [(1, b"a"), (0, b"abcdef")])
def test_a_piece_out_of_place_is_refused(
    workspace: Workspace, offset: int, data: bytes
) -> None:
    upload = workspace.new_upload("a.json", 5)

    with pytest.raises(InvalidPlan) as caught:
        upload.append(offset, data)

    assert str(caught.value) == (
        "a.json: the upload broke off at byte 0. Choose the file again."
    )
    upload.abort()
    assert list((workspace.path / "uploads").iterdir()) == []


def test_half_an_upload_is_no_file(workspace: Workspace) -> None:
    upload = workspace.new_upload("a.json", 5)
    upload.append(0, b"ab")

    with pytest.raises(InvalidPlan) as caught:
        upload.finish()

    assert str(caught.value) == ("a.json: 2 of 5 bytes arrived. Choose the file again.")


def test_a_file_that_does_not_fit_is_refused_before_its_first_byte(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "large.json"
    source.write_bytes(b"x")
    free = shutil._ntuple_diskusage(10**9, 10**9, 1000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: free)

    with pytest.raises(DiskFull) as caught:
        copy_into_workspace(
            source, workspace.path / "tasks" / "1" / "original", consume=False
        )

    assert str(caught.value) == (
        f"{workspace.path / 'tasks' / '1'}: "
        "the file needs 0.0 MB, and 0.0 MB are free. "
        "Free some space, or choose a workspace on another disk."
    )


def test_a_disk_that_fills_up_leaves_no_half_file(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "large.json"
    source.write_bytes(b"x" * 1000)
    target = workspace.path / "tasks" / "1" / "original"

    def half(_source: Path, part: Path) -> Any:
        part.write_bytes(b"x" * 500)
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(shutil, "copyfile", half)

    with pytest.raises(DiskFull) as caught:
        copy_into_workspace(source, target, consume=False)

    assert str(caught.value) == (
        f"{target.parent}: the disk is full, or the file is larger than allowed here. "
        "Free some space, or choose a workspace on another disk."
    )
    assert list(target.parent.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("missing.json", "the file does not exist. Give the path of a file."),
        (".", "this is a folder, not a file. Give the path of a file."),
    ],
)
def test_only_a_file_is_taken(
    workspace: Workspace, tmp_path: Path, name: str, reason: str
) -> None:
    source = tmp_path / name

    with pytest.raises(FileUnreadable) as caught:
        copy_into_workspace(source, workspace.path / "x" / "original", consume=False)

    assert str(caught.value) == f"{source}: {reason}"


def test_a_disk_without_any_room_is_named_as_such(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite calls it an error of input and output where it cannot even begin."""
    fault = sqlite3.OperationalError("disk I/O error")
    fault.sqlite_errorname = "SQLITE_IOERR_SHMSIZE"
    path = tmp_path / "workspace.db"
    usual = translate_error(fault, path)
    monkeypatch.setattr(
        shutil, "disk_usage", lambda _path: shutil._ntuple_diskusage(1, 1, 0)
    )

    assert isinstance(usual, WorkspaceUnusable)
    assert isinstance(translate_error(fault, path), DiskFull)
