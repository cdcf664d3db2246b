"""``dmc sandbox``: a process that serves until it is told to end."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest
from typer.testing import CliRunner

from dmc_widgets.cli import app
from tests.sandbox.conftest import DEFINITIONS

DMC = Path(sys.executable).parent / "dmc"


def test_it_says_where_it_is_and_ends_on_ctrl_c(tmp_path: Path) -> None:
    """Secrets that are not given are made, and printed once."""
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
        shown = [process.stdout.readline() for _ in range(7)]
        url = shown[0].split()[-1]
        names = [re.split(r"\s{2,}", each.strip())[0] for each in shown[1:]]
        answer = httpx2.get(
            url.rstrip("/") + DEFINITIONS,
            auth=("test@liferay.com", "from outside"),
            timeout=30,
        )
    finally:
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=30)

    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/", url)
    assert shown[2] == "  password       from outside\n"
    assert names[:2] == ["user", "password"]
    assert names[2:4] == ["client id", "client secret"]
    assert shown[5] == "  read-only user reader\n"
    assert answer.status_code == 200
    assert (tmp_path / "stage.db").is_file()
    assert (tmp_path / "stage.db.sandbox").is_dir()
    assert output == ""
    assert "Traceback" not in errors
    assert f"GET {DEFINITIONS} 200" in errors


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["--db", "nowhere/x.db"], 2, "Make it first."),
        (["--host", "203.0.113.1", "--port", "0"], 2, "Choose another port or host."),
        (["--max-body", "0"], 2, "--max-body"),
        (["--client-scope", "C_Ticket"], 2, "'C_Ticket' is no scope."),
    ],
    ids=["folder", "address", "size", "scope"],
)
def test_a_wrong_option_is_told(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    status: int,
    message: str,
) -> None:
    """Before anything is served."""
    monkeypatch.chdir(tmp_path)

    result = CliRunner().invoke(app, ["sandbox", *arguments], prog_name="dmc")

    assert result.exit_code == status
    assert message in result.output


def test_without_its_extra_it_says_what_to_install(tmp_path: Path) -> None:
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
