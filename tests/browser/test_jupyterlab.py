"""The dashboard's notebook in JupyterLab: it says what it is, and moves records."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from dmc_widgets.center import Center
from tests.browser.conftest import SCREENSHOTS, wait_for_port
from tests.browser.person import BICYCLE, SOURCE, TARGET, WINDOW, Person

pytestmark = pytest.mark.browser

NAME = "data_migration_center.ipynb"
NOTEBOOK = Path(__file__).parents[2] / "notebooks" / NAME
PORT = 8961
# A panel beside another one, on a small screen.
NARROW = 520
PAGES = ("Home", "Tasks", "Templates", "Installations", "Objects", "Compare", "Migrate")
# JupyterLab's own: it does not find what it asks for at the start.
_OF_JUPYTERLAB = re.compile("Failed to load resource|Unsatisfied version")
_ERROR = re.compile(r"\[[EC] (?!.*received signal 15)|Traceback|ERROR")
_TOO_WIDE = """() => [
  ...document.querySelectorAll('.jp-OutputArea-output, .dmc-center, .dmc-card')]
  .filter((box) => box.clientWidth && box.scrollWidth > box.clientWidth + 1)
  .map((box) => `${box.className} ${box.scrollWidth} ${box.clientWidth}`)"""


@pytest.fixture(scope="module")
def lab_url(tmp_path_factory: pytest.TempPathFactory, workspace: Path) -> Iterator[str]:
    """The notebook alone in a JupyterLab with no settings of this machine.

    Neither the server nor a kernel may have logged an error at the end.
    """
    folder = tmp_path_factory.mktemp("lab")
    shutil.copy(NOTEBOOK, folder / NAME)
    own = {f"JUPYTER_{kind}_DIR": str(folder / kind) for kind in ("CONFIG", "RUNTIME")}
    options = [
        *("--no-browser", f"--port={PORT}", "--IdentityProvider.token=secret"),
        *("--allow-root", f"--ServerApp.root_dir={folder}"),
        *(f"--LabApp.user_settings_dir={folder}", f"--LabApp.workspaces_dir={folder}"),
    ]
    log = folder / "log"
    with log.open("wb") as errors:
        server = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *options],
            env={**os.environ, **own, "DMC_WORKSPACE": str(workspace)},
            stderr=errors,
        )
    try:
        wait_for_port(server, PORT)
        yield f"http://127.0.0.1:{PORT}/doc/tree/{NAME}?token=secret"
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=30)
    said = log.read_text().splitlines()
    assert [line for line in said if _ERROR.match(line)] == []


@pytest.fixture(scope="module")
def lab_page(browser: Browser, lab_url: str) -> Iterator[Page]:
    """The notebook, which was run; at the end no error is in the console."""
    context = browser.new_context(viewport=WINDOW)
    page = context.new_page()
    errors: list[str] = []

    def take(message: ConsoleMessage) -> None:
        if message.type == "error" and not _OF_JUPYTERLAB.search(message.text):
            errors.append(message.text)

    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", take)
    try:
        page.goto(lab_url, timeout=120_000)
        run_cells(page)
        yield page
    finally:
        page.screenshot(path=SCREENSHOTS / "jupyterlab.png")
        context.close()
    assert errors == []


@pytest.fixture
def person(lab_page: Page, tmp_path: Path) -> Person:
    """Somebody who has opened the notebook and run it."""
    return Person(lab_page, tmp_path)


def run_cells(page: Page) -> None:
    """Run the text and the cell below it, as the text says."""
    idle = page.get_by_text("Python 3 (ipykernel) | Idle")
    expect(idle).to_be_visible(timeout=60_000)
    page.get_by_role("paragraph").filter(has_text="Run it with").click()
    for _ in range(2):
        page.keyboard.press("Shift+Enter")
    home = page.get_by_role("heading", level=1, name="Home").locator("visible=true")
    expect(home).to_be_visible(timeout=60_000)
    # JupyterLab asks about its news, in front of whatever stands there.
    page.get_by_role("alert").get_by_role("button", name="No", exact=True).click()


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


def test_entries_are_exported_in_a_notebook(person: Person) -> None:
    """The whole path of the form: source, fields, records, run, and the file."""
    person.opens("Export", SOURCE)
    person.field("Entity Type").select_option(label=BICYCLE)
    person.goes_to("Fields")
    person.field("Select weight").uncheck()
    person.goes_to("Records")
    person.button("Add Condition").click()
    for part, choice in (("Field", "Kind"), ("Comparison", "is"), ("Value", "Cargo")):
        person.field(f"{part} of condition 1").select_option(label=choice)
    person.sees("of 1,201 records match")
    person.button("Export").click()
    person.sees("Your file has been generated and is ready to download.")
    with zipfile.ZipFile(person.downloads("Download")) as archive:
        text = archive.read("export.csv").decode()
    items = [*csv.DictReader(io.StringIO(text))]
    assert {item["kind.key"] for item in items} == {"cargo"}
    assert "weight" not in items[0]
    person.button("Back to the List").click()


def test_entries_are_migrated_and_taken_back_in_a_notebook(
    person: Person, center: Center
) -> None:
    """Dry run, run and undo, in the same page."""
    person.opens_page("Migrate")
    person.field("From").select_option(label=SOURCE)
    person.field("To").select_option(label=TARGET)
    box = person.page.get_by_role("checkbox", name="Repair").locator("visible=true")
    box.click()
    person.button("Dry Run").click()
    person.sees("The dry run is done. Nothing was written.")
    person.button("Migrate Now").click()
    person.sees("The migration completed successfully.")
    assert center.tasks.list()[-1].counts.created > 2_500
    person.button("Undo").click()
    person.sees("created items are deleted")
    person.button("Undo").first.click()
    person.sees("The task was taken back.")


def test_every_page_comes_up_in_a_narrow_panel_too(
    person: Person, center: Center
) -> None:
    page = person.page
    center.migrate(SOURCE, TARGET, ["Repair"], with_needed=True, dry_run=True)
    for width in (WINDOW["width"], NARROW):
        page.set_viewport_size({"width": width, "height": 900})
        for name in PAGES:
            person.opens_page(name)
            fits(person, f"{name}-{width}")
        person.opens_page("Tasks")
        page.locator(".dmc-tasks .dmc-table-follow").first.click()
        person.sees("Task Details")
        fits(person, f"task-{width}")


def fits(person: Person, name: str) -> None:
    """Nothing is cut off, and no error is shown."""
    person.page.screenshot(path=SCREENSHOTS / f"jupyterlab-{name.lower()}.png")
    assert person.page.evaluate(_TOO_WIDE) == [], name
    expect(person.page.locator(".dmc-danger[role=alert]:visible")).to_have_count(0)
