"""Connecting to servers: who signs in, where the secret is kept, what is shown."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backends.fail import Keyring as NoKeyring

import dmc_widgets as dmc
from dmc_widgets.errors import NotSupported
from tests.cli.driver import Driver, customer, jsonl
from tests.installations.canned_server import DEFINITIONS, Answer, Request, canned
from tests.installations.old_server import TICKETS
from tests.installations.test_liferay_auth import MemoryKeyring
from tests.sandbox.conftest import SETTINGS, SandboxServer, run_sandbox

USER = ("--user", SETTINGS.user)


def contents(folder: Path) -> bytes:
    """Read all files in a process of its own.

    To close a database's file gives up the locks that SQLite holds on it for this
    process, and then another one may write what this one still reads.
    """
    read = "find . -type f -exec cat {} +"
    return subprocess.run(
        ["sh", "-c", read], cwd=folder, check=True, capture_output=True
    ).stdout


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxServer]:
    with run_sandbox(tmp_path_factory.mktemp("server") / "sandbox.db") as found:
        yield found


@pytest.fixture
def ring(monkeypatch: pytest.MonkeyPatch) -> Iterator[MemoryKeyring]:
    monkeypatch.delenv("DMC_PASSWORD", raising=False)
    before = keyring.get_keyring()
    ring = MemoryKeyring()
    keyring.set_keyring(ring)
    yield ring
    keyring.set_keyring(before)


@pytest.fixture
def password(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where worker processes find it, too."""
    monkeypatch.setenv("DMC_PASSWORD", SETTINGS.password)


@pytest.mark.usefixtures("password")
def test_what_moves_between_files_moves_to_a_server(
    run: Driver, sandbox: SandboxServer, tmp_path: Path
) -> None:
    """The same commands, tasks in processes of their own, and a secret that stays."""
    connected = run("connect", "Server", sandbox.url, *USER)
    assert connected.output == f"Connected Server ({sandbox.url}): 10 entity types.\n"

    for entity in ("ObjectFolder", "ListTypeDefinition", "ObjectDefinition"):
        file = tmp_path / f"{entity}.zip"
        run("export", "Sample source", entity, "-o", file)
        done = run("import", "Server", entity, file)
        assert done.exit_code == 0, done.output
    file = tmp_path / "customers.zip"
    run("export", "Sample source", "Customer", "-o", file, "--format", "JSONL")
    done = run("import", "Server", "Customer", file)
    back = run("export", "Server", "Customer", "-o", tmp_path / "back.zip")

    assert done.exit_code == 0, done.output
    assert back.exit_code == 0, back.output
    task = run.listing("tasks")[1]
    assert (task["status"], task["created"], task["failed"]) == ("Completed", 800, 0)
    kept = contents(run.workspace)
    assert SETTINGS.password.encode() not in kept
    assert SETTINGS.user.encode() in kept


def test_a_wrong_password_is_told_and_nothing_is_remembered(
    run: Driver, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DMC_PASSWORD", "wrong")

    refused = run("connect", "Nobody", sandbox.url, *USER)

    assert refused.exit_code == 1
    assert refused.output == (
        f"Error: {sandbox.url}: The user 'test@liferay.com' could not sign in. "
        "Check the name and the secret.\n"
    )
    assert "Nobody" not in run("installations").output


def test_a_password_in_an_address_moves_to_the_keyring(
    run: Driver, sandbox: SandboxServer, ring: MemoryKeyring
) -> None:
    host = sandbox.url.removeprefix("http://")
    url = f"http://test%40liferay.com:{SETTINGS.password.replace(' ', '%20')}@{host}"

    connected = run("connect", "Kept", url)

    assert connected.exit_code == 0, connected.output
    assert ring.kept == {("dmc_widgets", f"Kept ({sandbox.url})"): SETTINGS.password}
    assert {"name": "Kept", "url": sandbox.url} in run.listing("installations")
    assert run("entities", "Kept").exit_code == 0


def test_a_password_that_nothing_can_keep_is_refused(
    sandbox: SandboxServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DMC_PASSWORD", raising=False)
    before = keyring.get_keyring()
    keyring.set_keyring(NoKeyring())  # type: ignore[no-untyped-call]
    access = dmc.Access(user=SETTINGS.user)
    with (
        dmc.open_center(tmp_path / "workspace") as center,
        pytest.raises(NotSupported, match="no keyring here"),
    ):
        center.installations.add("Server", sandbox.url, access, SETTINGS.password)

    with dmc.open_center(tmp_path / "workspace") as center:
        assert "Server" not in [
            installation.name for installation in center.installations.list()
        ]
    keyring.set_keyring(before)


def test_a_server_opens_without_a_workspace(sandbox: SandboxServer) -> None:
    with dmc.connect(
        sandbox.url,
        client_id=SETTINGS.client_id,
        client_secret=SETTINGS.client_secret,
    ) as opened:
        names = {entity_type.name for entity_type in opened.entity_types()}

    assert names >= {"ListTypeDefinition", "ObjectDefinition", "ObjectFolder"}


def test_an_import_that_a_server_keeps_waiting_is_cancelled_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A batch that never ends holds up nobody who has had enough."""
    monkeypatch.setenv("DMC_PASSWORD", "any")
    running = threading.Event()
    task = {"id": 1, "executeStatus": "STARTED", "processedItemsCount": 0}

    def answering(request: Request) -> Answer:
        if request.path == DEFINITIONS:
            return Answer({"items": [TICKETS], "lastPage": 1, "totalCount": 1})
        if request.path.endswith("/import-task/1"):
            running.set()
            return Answer(task)
        if request.method == "POST":
            return Answer(task)
        if "by-external-reference-code" in request.path or "openapi" in request.path:
            return Answer({"status": "NOT_FOUND"}, 404)
        return Answer({"items": [], "lastPage": 1, "totalCount": 0})

    file = jsonl(tmp_path / "a.jsonl", customer(1, title="a"))
    with canned(answering) as server, dmc.open_center(tmp_path / "w") as center:
        center.installations.add("Slow", server.url, dmc.Access(user="ada"))
        plan = dmc.ImportPlan(entity_type="Ticket")
        started = center.tasks.start_import("Slow", plan, file)
        assert running.wait(30)
        began = time.monotonic()
        center.tasks.cancel(started.id)
        ended = center.tasks.wait(started.id, timeout_s=10)
        seconds = time.monotonic() - began

    assert (ended.status, ended.counts.unknown) == ("Cancelled", 1)
    assert seconds < 1.5
