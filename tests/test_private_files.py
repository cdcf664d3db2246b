"""Whatever the umask: what is written is for its owner alone."""

from __future__ import annotations

import os
import re
import sqlite3
import stat
import time
import zipfile
from base64 import b64encode
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest

import dmc_widgets as dmc
from dmc_widgets.errors import Refused
from dmc_widgets.storage.private_files import (
    append_private,
    make_private_folder,
    open_private,
    restrict_path,
    write_atomically,
)
from dmc_widgets.workspace import Workspace
from tests.cli.driver import Driver, customer, jsonl
from tests.sandbox.conftest import (
    DEFINITIONS,
    ENGINE,
    ENTRY,
    definition,
    field,
    wait_for_task,
)
from tests.sandbox.conftest import run_sandbox as serve

pytestmark = pytest.mark.skipif(os.name != "posix", reason="modes are of POSIX")


@pytest.fixture(autouse=True, params=[0o000, 0o077], ids=oct)
def umask(request: pytest.FixtureRequest) -> Iterator[None]:
    before = os.umask(request.param)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def open_to_others(folder: Path) -> list[str]:
    """Return what below *folder* has another mode than 0700 and 0600."""
    return [
        f"{mode(path):o} {path.relative_to(folder)}"
        for path in folder.rglob("*")
        if mode(path) != (0o700 if path.is_dir() else 0o600)
    ]


def wait_until_closed(database: Path) -> None:
    """Wait for the worker: a task ends a moment before its process does."""
    for _ in range(300):
        if not database.with_name(f"{database.name}-wal").exists():
            return
        time.sleep(0.1)


def test_the_commands_write_private_files(tmp_path: Path) -> None:
    """Workspace, databases, tasks, logs, reports, exports and mapping files."""
    tmp_path.chmod(0o755)
    records = tmp_path / "records"
    records.mkdir(0o700)
    file = jsonl(records / "a.jsonl", customer(1), {"name": "no e-mail"}, customer(2))
    file.chmod(0o600)
    out = tmp_path / "out"
    out.mkdir(0o700)
    (out / "export.zip").write_text("what was there before")
    run = Driver(tmp_path / "new" / "workspace")
    steps = [
        (0, "export", "Sample source", "Customer", "-o", out / "export.zip"),
        (0, "mapping", "Sample source", "Customer", file, "-o", out / "map.yaml"),
        (3, "import", "Sample source", "Customer", file, "--on-error", "continue"),
        (0, "report", "2", "-o", out / "failed.csv"),
        (0, "export-package", "Sample source", "Customer", "-o", out / "package.zip"),
        (0, "connect", "Mine", f"sqlite:///{out}/mine.db"),
        (0, "migrate", "Sample source", "Mine", "Customer", "--with-needed"),
    ]

    for status, *command in steps:
        done = run(*command)
        assert done.exit_code == status, done.output

    wait_until_closed(out / "mine.db")
    assert sorted(path.name for path in out.iterdir()) == [
        "export.zip",
        "failed.csv",
        "map.yaml",
        "mine.db",
        "package.zip",
    ]
    assert {path.name for path in (tmp_path / "new/workspace").iterdir()} >= {
        "sample",
        "tasks",
        "workspace.db",
    }
    assert list((tmp_path / "new/workspace/tasks").rglob("*.log"))
    assert open_to_others(tmp_path) == []
    assert mode(tmp_path) == 0o755


def test_python_writes_private_files(tmp_path: Path) -> None:
    """An upload, a mapping file, a task and the contents of attachments."""
    file = customers_csv(tmp_path / "given.csv")
    workspace = tmp_path / "workspace"
    with dmc.open_center(workspace) as center:
        upload = center.files.new_upload("../../evil.csv", len(file.read_bytes()))
        upload.append(0, file.read_bytes())
        assert open_to_others(workspace) == []
        plan = dmc.ImportPlan(entity_type="Customer")
        came = upload.finish()
        task = center.tasks.start_import(
            "Sample source", plan, came, file_name=upload.name
        )
        center.tasks.wait(task.id)
        task = center.tasks.start_import("Sample source", plan, file, consume=True)
        assert center.tasks.wait(task.id).counts.total == 1
        mapping = tmp_path / "mapping.json"
        mapping.write_text("{}")
        center.mappings.write(dmc.Mapping(), mapping)

        assert mode(mapping) == 0o600
        assert open_to_others(workspace) == []
    assert not list(tmp_path.parent.rglob("evil.csv"))


def customers_csv(path: Path) -> Path:
    path.write_text("name,email\nAda,ada@example.com\n")
    return path


def test_the_sandbox_writes_private_files(tmp_path: Path) -> None:
    """Its database, its tasks, what is uploaded, and the contents of attachments."""
    folder = tmp_path / "served"
    folder.mkdir(0o700)
    settings = [
        {"name": "acceptedFileExtensions", "value": "pdf"},
        {"name": "fileSource", "value": "userComputer"},
        {"name": "maximumFileSize", "value": 1},
    ]
    scan = field("scan", "Attachment", objectFieldSettings=settings)
    content = BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("a.jsonl", '{"title": "A"}\n{"due": "never"}\n')

    with serve(folder / "stage.db") as server, server.client() as client:
        rose = definition("Rose")
        rose["objectFields"].append(scan)
        assert client.post(DEFINITIONS, json=rose).status_code == 200
        file = {"name": "a.pdf", "fileBase64": b64encode(b"xxx").decode()}
        entry = {"title": "B", "scan": file}
        assert client.post("/o/c/roses", json=entry).status_code == 200
        url = f"{ENGINE}/import-task/{ENTRY}?taskItemDelegateName=C_Rose"
        parts = {"file": ("../../../evil.zip", content.getvalue())}
        wait_for_task(client, client.post(url, files=parts).json())
        raw = {"Content-Type": "application/json"}
        wait_for_task(client, client.post(url, content=b"[]", headers=raw).json())

        assert open_to_others(folder) == []
        assert {path.name for path in folder.iterdir()} >= {
            "stage.db",
            "stage.db.files",
            "stage.db.sandbox",
        }


def test_what_an_earlier_version_made_is_tightened(tmp_path: Path) -> None:
    """A workspace, an embedded database and their companions, when they are opened."""
    workspace, mine = tmp_path / "workspace", tmp_path / "mine.db"
    with dmc.open_center(workspace) as center:
        center.installations.add("Mine", f"sqlite:///{mine}")
    (tmp_path / "mine.db.files").mkdir()
    (workspace / "tasks" / "1").mkdir(parents=True)
    (workspace / "tasks" / "1" / "exported.zip").write_bytes(b"x")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("somebody points here")
    elsewhere.chmod(0o644)
    (workspace / "tasks" / "link").symlink_to(elsewhere)
    for path in (workspace, mine, *workspace.rglob("*"), tmp_path / "mine.db.files"):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() else 0o644)

    with dmc.open_center(workspace) as center:
        center.installations.entity_types("Mine")
        (workspace / "tasks" / "link").unlink()
        assert open_to_others(workspace) == []

    assert mode(workspace) == 0o700
    assert mode(mine) == 0o600
    assert mode(tmp_path / "mine.db.files") == 0o700
    assert mode(elsewhere) == 0o644


def test_a_folder_with_other_things_in_it_stays_as_it_is(tmp_path: Path) -> None:
    """`dmc --workspace .` in a project: the project is not ours."""
    project = tmp_path / "project"
    (project / "tasks").mkdir(parents=True)
    (project / "tasks" / "plan.txt").write_text("mine")
    (project / "README").write_text("mine")
    for path in (project, project / "tasks"):
        path.chmod(0o755)
    for path in (project / "README", project / "tasks" / "plan.txt"):
        path.chmod(0o644)

    for _ in range(2):
        Workspace(project).close()

    assert mode(project) == 0o755
    assert mode(project / "tasks") == 0o755
    assert mode(project / "README") == 0o644
    assert mode(project / "tasks" / "plan.txt") == 0o644
    assert mode(project / "workspace.db") == 0o600


def test_a_database_of_another_program_stays_as_it_is(tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    with sqlite3.connect(other) as connection:
        connection.execute("CREATE TABLE theirs (a)")
    connection.close()
    other.chmod(0o644)

    with pytest.raises(Refused, match="tables of another program"):
        dmc.connect(f"sqlite:///{other}")

    assert mode(other) == 0o644


def test_a_folder_that_everybody_shares_stays_as_it_is(tmp_path: Path) -> None:
    """Like `/tmp`, which is root's."""
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o1777)

    restrict_path(shared)

    assert mode(shared) == 0o1777


def test_a_file_is_made_anew_and_not_written_into(tmp_path: Path) -> None:
    """Another user may have put a link, or a file of theirs, under its name."""
    victim, target = tmp_path / "victim", tmp_path / "out.zip"
    victim.write_text("mine")
    (tmp_path / "out.zip.part").symlink_to(victim)
    target.write_text("older")
    target.chmod(0o666)

    write_atomically(target, [b"new ", b"content"])
    with open_private(tmp_path / "link") as file:
        file.write(b"x")

    assert victim.read_text() == "mine"
    assert target.read_bytes() == b"new content"
    assert mode(target) == 0o600
    assert not (tmp_path / "out.zip.part").exists()


def test_what_is_no_file_is_written_into(tmp_path: Path) -> None:
    """As with `-o /dev/stdout`."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)

    write_atomically(pipe, [b"through"])

    assert os.read(reader, 100) == b"through"
    os.close(reader)
    assert pipe.is_fifo()


def test_a_log_that_is_there_is_tightened_and_continued(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_bytes(b"one ")
    log.chmod(0o644)

    with append_private(log) as file:
        file.write(b"two")

    assert log.read_bytes() == b"one two"
    assert mode(log) == 0o600


def test_missing_folders_are_made_and_others_left(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)

    make_private_folder(tmp_path / "a" / "b")
    make_private_folder(tmp_path / "a" / "b")

    assert open_to_others(tmp_path) == []
    assert mode(tmp_path) == 0o755
    (tmp_path / "a" / "file").write_bytes(b"")
    with pytest.raises(FileExistsError):
        make_private_folder(tmp_path / "a" / "file")


PACKAGE = Path(dmc.__file__).parent
WRITES = re.compile(
    r"\.mkdir\(|makedirs\(|\.touch\(|write_text\(|write_bytes\(|copyfile\(|shutil\.copy2?\("
    r"|os\.open\(|mkstemp\(|NamedTemporaryFile\(|sqlite3\.connect\("
    r"|(?<!fd)open\([^)\n]*\"[rwax+b]*[wax+][rwax+b]*\""
)
# Modules that create files themselves, and why these are private all the same.
KNOWN = {
    "center/templates.py": ["write_text("],  # an example in a docstring
    "widgets/parts/bulk_bar.py": ["open("],  # into a zip that is open
    "formats/zip_writer.py": ["open("],  # into a zip that is open
    "installations/sql/database/content_store.py": [
        ".mkdir(",
        "mkstemp(",
        "os.open(",
    ],  # 0700, 0600
    "storage/sqlite.py": ["sqlite3.connect("],  # the file is created before
    "tasks/worker/fork_server.py": ["os.open("],  # the null device
    "workspace/server_files.py": ["os.open("],  # to read
    "workspace/emergency_record.py": ["open("],  # of a file that exists
    "workspace/file_transfer.py": ["copyfile(", "open("],  # into a private file
}


def test_files_are_created_by_the_storage_package() -> None:
    """Every exception is listed with its reason."""
    found: dict[str, list[str]] = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        name = path.relative_to(PACKAGE).as_posix()
        for match in WRITES.finditer(path.read_text(encoding="utf-8")):
            call = match[0].partition("(")[0] + "("
            found.setdefault(name, []).append(call)
    del found["storage/private_files.py"]

    assert {name: sorted(set(calls)) for name, calls in found.items()} == KNOWN
