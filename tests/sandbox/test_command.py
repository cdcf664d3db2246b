"""``dmc sandbox``: a process that serves until a signal ends it."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import httpx2
import pytest
import uvicorn
from typer.testing import CliRunner

from dmc_widgets.cli import app
from dmc_widgets.sandbox.server import TerminationSignal
from tests.sandbox.conftest import DEFINITIONS, ENGINE, ENTRY, definition

DMC = Path(sys.executable).parent / "dmc"


def test_command_prints_address_and_ends_on_ctrl_c(tmp_path: Path) -> None:
    """Missing secrets are generated, and printed once."""
    command = [str(DMC), "sandbox", "--db", "stage.db", "--port", "0"]
    command += ["--read-only-user", "reader"]
    environment = {**os.environ, "DMC_SANDBOX_PASSWORD": "from outside"}
    process = subprocess.Popen(
        command,
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        printed = [process.stdout.readline() for _ in range(7)]
        url = printed[0].split()[-1]
        names = [re.split(r"\s{2,}", line.strip())[0] for line in printed[1:]]
        response = httpx2.get(
            url.rstrip("/") + DEFINITIONS,
            auth=("test@liferay.com", "from outside"),
            timeout=30,
        )
    finally:
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=30)

    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/", url)
    assert printed[2] == "  password       from outside\n"
    assert names[:2] == ["user", "password"]
    assert names[2:4] == ["client id", "client secret"]
    assert printed[5] == "  read-only user reader\n"
    assert response.status_code == 200
    assert (tmp_path / "stage.db").is_file()
    assert (tmp_path / "stage.db.sandbox").is_dir()
    assert output == ""
    assert "Traceback" not in errors
    assert f"GET {DEFINITIONS} 200" in errors


def start(folder: Path, *options: str, **more: str) -> subprocess.Popen[str]:
    """Start a sandbox; the caller reads its first lines."""
    return subprocess.Popen(
        [str(DMC), "sandbox", "--db", "stage.db", "--port", "0", *options],
        cwd=folder,
        env={**os.environ, "DMC_SANDBOX_PASSWORD": "from outside", **more},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_files_are_complete_after_sigterm(tmp_path: Path) -> None:
    """A copy of the database and of its folder is complete without a log."""
    process = start(tmp_path)
    try:
        assert process.stdout is not None
        url = process.stdout.readline().split()[-1].rstrip("/")
        auth = ("test@liferay.com", "from outside")
        client = httpx2.Client(base_url=url, auth=auth, timeout=30)
        with client:
            assert client.post(DEFINITIONS, json=definition("Fern")).status_code == 200
            assert client.post("/o/c/ferns", json={"title": "x"}).status_code == 200
            done = client.post(
                f"{ENGINE}/export-task/{ENTRY}/JSON",
                params={"taskItemDelegateName": "C_Fern"},
            )
            assert done.status_code == 200
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=60)
    finally:
        process.kill()
    copied = tmp_path / "copy"
    copied.mkdir()
    tasks = Path("stage.db.sandbox") / "tasks.db"
    for name in (Path("stage.db"), tasks):
        shutil.copy(tmp_path / name, copied / name.name)

    assert process.returncode == 128 + signal.SIGTERM
    assert not list(tmp_path.rglob("*-wal"))
    with closing(sqlite3.connect(copied / "stage.db")) as connection:
        assert connection.execute("SELECT count(*) FROM entry").fetchone() == (1,)
    with closing(sqlite3.connect(copied / "tasks.db")) as connection:
        assert connection.execute("SELECT count(*) FROM task").fetchone() == (1,)


def test_a_signal_before_the_server_runs_ends_it() -> None:
    """Nothing is raised where the signal arrives; an exception could be lost there."""

    async def answer(_scope: object, _receive: object, _send: object) -> None:
        raise AssertionError

    termination = TerminationSignal()
    termination(signal.SIGTERM, None)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(answer, lifespan="off"))
        with pytest.raises(SystemExit, match="143"):
            termination.run(server, listening)


def test_secret_on_the_command_line_gives_a_warning(tmp_path: Path) -> None:
    """A secret from the environment gives none."""
    process = start(tmp_path, "--password", "typed", DMC_SANDBOX_CLIENT_SECRET="s")
    try:
        assert process.stdout is not None
        process.stdout.readline()
    finally:
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=60)

    assert errors.splitlines()[0] == (
        "Warning: Other users of this machine can see what follows --password. Set the "
        "environment variable DMC_SANDBOX_PASSWORD instead."
    )
    assert "client-secret" not in errors


def test_site_option_adds_sites(tmp_path: Path) -> None:
    process = start(tmp_path, "--site", "north")
    try:
        assert process.stdout is not None
        process.stdout.readline()
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)

    with closing(sqlite3.connect(tmp_path / "stage.db")) as connection:
        keys = connection.execute("SELECT key FROM site ORDER BY key").fetchall()
    assert keys == [("Global",), ("Guest",), ("north",)]


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["--db", "nowhere/x.db"], 2, "Create it first."),
        (["--host", "203.0.113.1", "--port", "0"], 2, "Choose another port or host."),
        (["--max-body", "0"], 2, "--max-body"),
        (["--client-scope", "C_Ticket"], 2, "'C_Ticket' is not a scope."),
    ],
    ids=["folder", "address", "size", "scope"],
)
def test_invalid_option_is_reported(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    status: int,
    message: str,
) -> None:
    """The command ends before it serves anything."""
    monkeypatch.chdir(tmp_path)

    result = CliRunner().invoke(app, ["sandbox", *arguments], prog_name="dmc")

    assert result.exit_code == status
    assert message in result.output


def test_missing_extra_is_reported_with_the_remedy(tmp_path: Path) -> None:
    """The rest of the command line works without a web server."""
    script = (
        "import sys; sys.modules['starlette'] = sys.modules['uvicorn'] = None\n"
        "sys.argv = ['dmc', 'sandbox']\n"
        "from dmc_widgets.cli import main; main()"
    )

    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )

    assert done.returncode == 2
    assert done.stderr == (
        "Error: The sandbox needs a web server, which is not installed. "
        'Install it: pip install "dmc-widgets[sandbox]".\n'
    )
