"""Every page, every step of a form and every dialog is usable by everybody.

One browser walks through all of them. A picture of each, in three widths and both
themes, is in ``screenshots/pages`` afterwards.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page, expect

from dmc_widgets import ExportPlan, ImportPlan
from dmc_widgets.center import Center
from dmc_widgets.model.task import Counts, Progress
from dmc_widgets.serve.html_pages import sign_in_form
from dmc_widgets.tasks.worker.liveness import identify_process
from dmc_widgets.workspace import Workspace
from tests.browser.conftest import SCREENSHOTS
from tests.browser.person import BICYCLE, DEFINITION, SOURCE, TARGET, WINDOW, Person

pytestmark = pytest.mark.browser

PICTURES = SCREENSHOTS / "pages"
WIDTHS = (420, 1280, 1920)
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
FILE = b"frameNumber;model;kind\nF-1;Pony;road\nF-2;Elbe;tandem\n"
PAGES = {
    "tasks": "Tasks",
    "tasks/2": "Task",
    "": "Home",
    "tasks/1": "Task",
    "tasks/3": "Task",
    "tasks/4": "Task",
    "templates": "Templates",
    "export": "Export",
    "migrate": "Migrate",
    "verify": "Verify",
    "objects/Sample source": "Objects",
    "compare": "Compare",
    "objects/Sample source/C_Customer": "Objects",
    "installations": "Installations",
    "nowhere": "Page Not Found",
    "settings": "Settings",
}
"""The addresses and titles of the pages; the title tells that a page is there."""
RUN = """rules => axe.run(document, {
  resultTypes: ["violations"],
  ...(rules ? { runOnly: { type: "rule", values: rules } } : {}),
}).then(({ violations }) => violations
  .filter(({ impact }) => impact === "serious" || impact === "critical")
  .flatMap(({ id, nodes }) => nodes.map(({ target, html }) =>
    `${id}: ${target.join(" ")} ${html.slice(0, 160)}`)))"""


# The fields of a dialog are in front of a page that cannot be reached.
_TITLES = (
    "[...document.querySelectorAll('h1')].filter((x) => x.checkVisibility()).length"
)


def serious(page: Page, place: str) -> Iterator[str]:
    """Find what is serious on a page; the theme matters to colours alone."""
    if page.evaluate(_TITLES) != 1:
        yield f"{place or 'home'}: not one h1"
    for theme in THEMES:
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        page.wait_for_timeout(200)  # colours change in a moment
        keep_pictures(page, place, theme)
        rules: Any = None if theme == "light" else ["color-contrast"]
        for violation in page.evaluate(RUN, rules):
            yield f"{place or 'home'}, {theme}: {violation}"


def keep_pictures(page: Page, place: str, theme: str) -> None:
    """Keep a picture in each width, as it is drawn two frames later."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    name = place.replace("/", "-").replace(" ", "-") or "home"
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        page.evaluate(_DRAWN)
        path = PICTURES / f"{name}-{width}-{theme}.jpg"
        page.screenshot(path=path, type="jpeg", quality=80)
    page.set_viewport_size(WINDOW)


_DRAWN = """() => new Promise((done) =>
  requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 60))))"""


@pytest.fixture
def tasks(center: Center, tmp_path: Path) -> None:
    """An export, an import, one with failed records, and one that runs."""
    exported = center.tasks.start_export(
        SOURCE, ExportPlan(entity_type=DEFINITION[:16])
    )
    exported = center.tasks.wait(exported.id, timeout_s=60)
    plan = ImportPlan(entity_type=DEFINITION[:16], name="Definitions")
    file = center.tasks.file(exported.id)
    center.tasks.wait(center.tasks.start_import(TARGET, plan, file).id, timeout_s=60)
    failing = tmp_path / "failing.json"
    failing.write_text(
        json.dumps([{"name": "Ada", "email": 7}, {"email": "b@b.example"}])
    )
    plan = ImportPlan(entity_type="Customer", name="People")
    task = center.tasks.start_import(SOURCE, plan, failing)
    center.tasks.wait(task.id, timeout_s=60)
    workspace: Workspace = center._workspace
    running = workspace.tasks.add(SOURCE, plan, "people.csv")
    own = identify_process(os.getpid())
    workspace.tasks.assign(running.id, own)
    workspace.tasks.start(running.id, time.time() - 60, own)
    progress = Progress(40, 100, time.time() - 60, time.time())
    workspace.tasks.report(running.id, Counts(created=40), progress)


@pytest.mark.usefixtures("tasks")
def test_nothing_serious_on_any_page_in_both_themes(person: Person) -> None:
    """The rules are those of axe-core, of the impacts *serious* and *critical*."""
    page = person.page
    found: list[str] = []
    page.evaluate(AXE_SCRIPT)

    for address, title in PAGES.items():
        page.evaluate("address => { location.hash = `#/${address}`; }", address)
        expect(page).to_have_title(f"{title} · Data Migration Center", timeout=30_000)
        page.wait_for_timeout(300)
        found += serious(page, address)
    found += walk_questions(person)
    found += walk_import(person)
    found += walk_sign_in(page)

    assert found == [], "\n".join(found)


def walk_questions(person: Person) -> Iterator[str]:
    """Menus, forms and questions that open on a page."""
    page = person.page
    person.opens_page("Tasks")
    person.button("New").click()
    expect(page.get_by_role("menu").locator("visible=true")).to_be_visible()
    yield from serious(page, "tasks menu")
    page.keyboard.press("Escape")
    person.opens_page("Installations")
    person.button("Add Installation").click()
    expect(person.field("Installation Name")).to_be_visible()
    yield from serious(page, "installations adding")
    person.button("Cancel").click()
    person.button("Remove").first.click()
    expect(person.button("Cancel")).to_be_visible()
    yield from serious(page, "installations removing")
    page.evaluate("location.hash = '#/tasks/2'")
    person.button("Undo").click()
    expect(person.button("Do Nothing")).to_be_visible()
    yield from serious(page, "task undo")


def walk_import(person: Person) -> Iterator[str]:
    """The steps of the import, and the dialog that says how a field is filled."""
    page = person.page
    person.opens("Import File", SOURCE)
    person.uploads("bicycles.csv", FILE)
    for step in ("File", "Target", "Mapping"):
        person.goes_to(step)
        if step == "Target":
            person.field("Entity Type").select_option(label=BICYCLE)
        yield from serious(page, f"import {step}")
    person.button("Edit kind").click()
    expect(person.field("Filled From")).to_be_visible()
    yield from serious(page, "import dialog")
    page.keyboard.press("Escape")
    person.button("Review Changes").click()
    person.sees("Long values are cut here")
    yield from serious(page, "import Changes")


def walk_sign_in(page: Page) -> Iterator[str]:
    """What the server of a team shows to those who are not in."""
    forms = {
        "sign-in": sign_in_form("/", "", "", has_names=True),
        "sign-in-again": sign_in_form("/", "Wrong password.", "ada", has_names=True),
    }
    for name, content in forms.items():
        page.set_content(content)
        page.evaluate(AXE_SCRIPT)
        yield from serious(page, name)
