"""The dashboard's notebook in JupyterLab: it says what it is, and moves records."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from dmc_widgets.center import Center
from tests.browser.conftest import SCREENSHOTS, wait_for_port
from tests.browser.person import WINDOW, Person

pytestmark = pytest.mark.browser

NAME = "data_migration_center.ipynb"
NOTEBOOK = Path(__file__).parents[2] / "notebooks" / NAME
PORT = 8961


@pytest.fixture(scope="module")
def lab_url(tmp_path_factory: pytest.TempPathFactory, workspace: Path) -> Iterator[str]:
    """The notebook alone in a JupyterLab with no settings of this machine."""
    folder = tmp_path_factory.mktemp("lab")
    shutil.copy(NOTEBOOK, folder / NAME)
    own = {f"JUPYTER_{kind}_DIR": str(folder / kind) for kind in ("CONFIG", "RUNTIME")}
    options = [
        *("--no-browser", f"--port={PORT}", "--IdentityProvider.token=secret"),
        *("--allow-root", f"--ServerApp.root_dir={folder}"),
        *(f"--LabApp.user_settings_dir={folder}", f"--LabApp.workspaces_dir={folder}"),
    ]
    server = subprocess.Popen(
        [sys.executable, "-m", "jupyterlab", *options],
        env={**os.environ, **own, "DMC_WORKSPACE": str(workspace)},
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for_port(server, PORT)
        yield f"http://127.0.0.1:{PORT}/doc/tree/{NAME}?token=secret"
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=30)


@pytest.fixture
def person(browser: Browser, lab_url: str, tmp_path: Path) -> Iterator[Person]:
    """Somebody who has opened the notebook and run it."""
    context = browser.new_context(viewport=WINDOW)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    try:
        page.goto(lab_url, timeout=120_000)
        run_cells(page)
        yield Person(page, tmp_path)
    finally:
        page.screenshot(path=SCREENSHOTS / "jupyterlab.png")
        context.close()
    assert errors == []


def run_cells(page: Page) -> None:
    """Run the text and the cell below it, as the text says."""
    idle = page.get_by_text("Python 3 (ipykernel) | Idle")
    expect(idle).to_be_visible(timeout=60_000)
    page.get_by_role("paragraph").filter(has_text="Run it with").click()
    for _ in range(2):
        page.keyboard.press("Shift+Enter")
    home = page.get_by_role("heading", level=1, name="Home").locator("visible=true")
    expect(home).to_be_visible(timeout=60_000)


def test_file_is_imported_in_a_notebook(person: Person, center: Center) -> None:
    """From the file to the result, with the same words as in the dashboard."""
    told = person.page.get_by_role("heading", level=2, name="Take it apart")
    expect(told).to_have_count(1)

    person.opens_page("Import")
    record = {
        "externalReferenceCode": "LAB-1",
        "frameNumber": "LAB-1",
        "kind": "road",
        "model": "Lab",
    }
    person.uploads("bicycles.json", json.dumps([record]).encode())
    person.sees("Bicycle: 4 of 4 names in the file are its fields")
    person.runs_import()
    expect(person.button("Close")).to_be_visible(timeout=30_000)

    (task,) = center.tasks.list()
    assert (task.status, task.counts.created) == ("Completed", 1)
    person.button("Close").click()
    person.sees("bicycles")
