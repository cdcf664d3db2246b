"""A real sandbox on a free port, and clients that authenticate with it."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx2
import pytest
import uvicorn

from dmc_widgets.sandbox import Settings
from dmc_widgets.sandbox.context import AppContext
from dmc_widgets.sandbox.server import server_config
from tests.factories import definition as new_definition
from tests.installations.databases import FilePlace, Place, new_place

ENGINE = "/o/headless-batch-engine/v1.0"
DEFINITIONS = "/o/object-admin/v1.0/object-definitions"
PICKLISTS = "/o/headless-admin-list-type/v1.0/list-type-definitions"
ENTRY = "com.liferay.object.rest.dto.v1_0.ObjectEntry"

SITES = ("north", "north/east", "south", "Other")
SETTINGS = Settings(
    password="correct horse",
    read_only_user="reader@liferay.com",
    read_only_password="battery staple",
    client_secret="client secret",
    token_seconds=600,
)


@dataclass(frozen=True)
class SandboxServer:
    """A running sandbox."""

    url: str
    context: AppContext

    def client(self, user: str = SETTINGS.user, password: str = "") -> httpx2.Client:
        credentials = user, password or SETTINGS.password
        return httpx2.Client(base_url=self.url, auth=credentials, timeout=30)


@contextmanager
def run_sandbox(
    database: Path, settings: Settings = SETTINGS, sites: Sequence[str] = SITES
) -> Iterator[SandboxServer]:
    """Serve *database* until the block ends, in a thread of this process."""
    context = AppContext.open(database, settings)
    for site in sites:
        context.store.installation.add_site(site)
    listening = socket.create_server(("127.0.0.1", 0))
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    config = server_config(
        context, log_config=None, log_level=None, lifespan="off", access_log=True
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        yield SandboxServer(f"http://127.0.0.1:{listening.getsockname()[1]}", context)
    finally:
        server.should_exit = True
        thread.join(20)
        context.close()
        listening.close()


def settings_at(place: Place) -> Settings:
    """Return the settings of a sandbox that serves the installation at a place."""
    return replace(SETTINGS, store="" if isinstance(place, FilePlace) else place.url)


@pytest.fixture(scope="module")
def sandbox(
    storage: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SandboxServer]:
    """One server for the tests of a file; each of them uses objects of its own."""
    path = tmp_path_factory.mktemp("sandbox") / "sandbox.db"
    with (
        new_place(storage, path) as place,
        run_sandbox(path, settings_at(place)) as server,
    ):
        yield server


@pytest.fixture(scope="module")
def client(sandbox: SandboxServer) -> Iterator[httpx2.Client]:
    with sandbox.client() as client:
        yield client


def definition(name: str, **others: Any) -> dict[str, Any]:
    """Return a definition with a required text, a number and a date."""
    return new_definition(
        name,
        field("title", "Text", required=True),
        field("amount", "Integer"),
        field("due", "Date"),
        **others,
    )


def field(name: str, business_type: str, **others: Any) -> dict[str, Any]:
    return {
        "businessType": business_type,
        "label": {"en_US": name},
        "name": name,
        **others,
    }


Define = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def define(client: httpx2.Client) -> Define:
    """Publish an object through the API, and return it."""

    def post(name: str, **others: Any) -> dict[str, Any]:
        response = client.post(DEFINITIONS, json=definition(name, **others))
        assert response.status_code == 200, response.text
        created: dict[str, Any] = response.json()
        return created

    return post


def wait_for_task(client: httpx2.Client, task: dict[str, Any]) -> dict[str, Any]:
    """Wait for an import task to end."""
    for _ in range(600):
        state: dict[str, Any] = client.get(f"{ENGINE}/import-task/{task['id']}").json()
        if state["executeStatus"] in {"COMPLETED", "FAILED"}:
            return state
        time.sleep(0.02)
    pytest.fail(f"The task does not end: {state}")
