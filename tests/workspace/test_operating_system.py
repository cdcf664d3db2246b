"""The branches of Linux, macOS and Windows, all run here by substitution."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import time
from pathlib import Path, PureWindowsPath
from typing import Any

import pytest

from dmc_widgets.storage.operating_system import (
    can_fork,
    can_link,
    detached_options,
    kernel_transport,
    make_console_safe,
    replace_file,
    sqlite_url_path,
    user_name_of_id,
)

pytestmark = pytest.mark.own_file  # nothing here asks the database

ROOT = Path(__file__).parents[2] / "dmc_widgets"


@pytest.mark.parametrize("system", ["linux", "darwin"])
def test_posix_worker_has_a_session_of_its_own(system: str) -> None:
    assert detached_options(system) == {"start_new_session": True}
    assert kernel_transport(system) == "ipc"


def test_windows_worker_has_neither_console_nor_its_signals() -> None:
    """DETACHED_PROCESS, CREATE_NEW_PROCESS_GROUP and CREATE_NO_WINDOW, by number."""
    assert detached_options("win32") == {"creationflags": 0x08000208}
    assert kernel_transport("win32") == "tcp"


def test_workers_are_forked_on_linux_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Elsewhere every worker is a process that its caller starts."""
    from dmc_widgets.tasks.worker import fork_server

    systems = {system: can_fork(system) for system in ("linux", "darwin", "win32")}
    assert systems == {"linux": True, "darwin": False, "win32": False}

    monkeypatch.setattr(fork_server, "can_fork", lambda: can_fork("win32"))
    server = fork_server.ForkServer()
    server.prepare()
    assert [server.fork_worker(["w", "1"], 0) for _ in range(2)] == [None, None]
    assert server.pid is None


def test_worker_is_started_with_the_options_of_the_system(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from dmc_widgets.tasks.worker import launcher

    started: list[dict[str, Any]] = []

    class Child:
        pid = 7

        def poll(self) -> int:
            return 0

    def start(_command: list[str], **options: Any) -> Child:
        started.append(options)
        return Child()

    monkeypatch.setattr(subprocess, "Popen", start)
    monkeypatch.setattr(launcher, "detached_options", lambda: detached_options("win32"))
    monkeypatch.setattr(launcher, "_workers", [])

    assert launcher._start_process(["w", "1"], io.BytesIO()) == 7
    assert started[0]["creationflags"] == 0x08000208
    assert "start_new_session" not in started[0]


def test_busy_file_of_windows_is_replaced_once_it_is_free(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A scanner for viruses has it open for a moment."""
    source, target = tmp_path / "new", tmp_path / "old"
    source.write_text("new")
    target.write_text("old")
    tries: list[Path] = []
    replace = Path.replace

    def refuse_twice(path: Path, other: Path) -> Path:
        tries.append(path)
        if len(tries) < 3:
            raise PermissionError(13, "used by another process")
        return replace(path, other)

    monkeypatch.setattr(Path, "replace", refuse_twice)
    monkeypatch.setattr(time, "sleep", lambda _seconds: None)

    with pytest.raises(PermissionError):
        replace_file(source, target, "linux")
    replace_file(source, target, "win32")
    assert target.read_text() == "new"


def test_address_of_a_database_has_slashes_and_the_drive() -> None:
    path: Any = PureWindowsPath(r"C:\\Users\\Ada Lovelace\\data.db")

    assert sqlite_url_path(path, "win32") == "C:/Users/Ada Lovelace/data.db"
    assert sqlite_url_path(Path("/srv/data.db"), "linux") == "/srv/data.db"


def test_user_without_a_name_has_a_number_where_there_are_numbers() -> None:
    assert user_name_of_id("win32") == "unknown user"
    assert user_name_of_id().startswith("user ")


def test_console_of_one_byte_characters_prints_marks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    written = io.BytesIO()
    console = io.TextIOWrapper(written, encoding="cp1252")
    monkeypatch.setattr(sys, "stdout", console)
    with pytest.raises(UnicodeEncodeError):
        console.write("日本")

    make_console_safe("win32")
    console.write("日本\n")
    console.flush()

    assert written.getvalue() == b"??\n"


@pytest.mark.parametrize(
    "call",
    [
        "os.fork(",
        "os.getuid(",
        "os.geteuid(",
        "os.killpg(",
        "os.setsid(",
        "os.getpgid(",
        "os.statvfs(",
        "import fcntl",
        "import resource",
        "import pwd",
        "start_new_session",
        "SIGKILL",
        "SIGHUP",
    ],
)
def test_calls_of_one_system_are_in_one_place(call: str) -> None:
    """Besides the server that forks workers, which runs on Linux only and says so."""
    places = {
        str(path.relative_to(ROOT))
        for path in ROOT.rglob("*.py")
        if call in path.read_text(encoding="utf-8")
    }

    assert places <= {
        "storage/operating_system.py",
        "storage/private_files.py",  # asks whether there is os.getuid
        "tasks/worker/fork_server.py",
    }


def test_only_own_files_are_linked_and_none_on_windows(tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.touch()
    facts = own.stat()
    others = os.stat_result([*facts[:4], facts.st_uid + 1, *facts[5:]])

    assert can_link(facts, "linux")
    assert can_link(facts, "darwin")
    assert not can_link(others, "linux")
    assert not can_link(tmp_path.stat(), "linux")
    assert not can_link(facts, "win32")
