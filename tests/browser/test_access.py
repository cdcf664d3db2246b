"""Every page and every step of a form is usable by everybody, in both themes.

One browser walks through all of them. With DMC_SCREENSHOTS=FOLDER it keeps a picture of
each in three widths and both themes.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page, expect

from dmc_widgets import ExportPlan, ImportPlan
from dmc_widgets.center import Center
from tests.browser.person import BICYCLE, DEFINITION, SOURCE, TARGET, WINDOW, Person

pytestmark = pytest.mark.browser

PICTURES = os.environ.get("DMC_SCREENSHOTS", "")
WIDTHS = (420, 1280, 1920)
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
FILE = b"frameNumber;model;kind\nF-1;Pony;road\nF-2;Elbe;tandem\n"
PAGES = {
    "tasks": "Tasks",
    "tasks/2": "Task",
    "": "Home",
    "tasks/1": "Task",
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


def serious(page: Page, place: str) -> Iterator[str]:
    """Find what is serious on a page; the theme matters to colours alone."""
    for theme in THEMES:
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        page.wait_for_timeout(200)  # colours change in a moment
        keep_pictures(page, place, theme)
        rules: Any = None if theme == "light" else ["color-contrast"]
        for violation in page.evaluate(RUN, rules):
            yield f"{place or 'home'}, {theme}: {violation}"


def keep_pictures(page: Page, place: str, theme: str) -> None:
    if not PICTURES:
        return
    folder = Path(PICTURES)
    folder.mkdir(parents=True, exist_ok=True)
    name = place.replace("/", "-").replace(" ", "-") or "home"
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_timeout(400)
        page.screenshot(path=folder / f"{name}-{width}-{theme}.png")
    page.set_viewport_size(WINDOW)


def test_nothing_serious_on_any_page_in_both_themes(
    person: Person, center: Center
) -> None:
    """The rules are those of axe-core, of the impacts *serious* and *critical*."""
    exported = center.tasks.start_export(
        SOURCE, ExportPlan(entity_type=DEFINITION[:16])
    )
    exported = center.tasks.wait(exported.id, timeout_s=60)
    plan = ImportPlan(entity_type=DEFINITION[:16], name="Definitions")
    file = center.tasks.file(exported.id)
    center.tasks.wait(center.tasks.start_import(TARGET, plan, file).id, timeout_s=60)
    page = person.page
    found: list[str] = []
    page.evaluate(AXE_SCRIPT)

    for address, title in PAGES.items():
        page.evaluate("address => { location.hash = `#/${address}`; }", address)
        expect(page).to_have_title(f"{title} · Data Migration Center", timeout=30_000)
        page.wait_for_timeout(300)
        found += serious(page, address)
    person.opens("Import File", SOURCE)
    person.uploads("bicycles.csv", FILE)
    for step in ("File", "Target", "Mapping"):
        person.goes_to(step)
        if step == "Target":
            person.field("Entity Type").select_option(label=BICYCLE)
        found += serious(page, f"import {step}")
    person.button("Review Changes").click()
    person.sees("Long values are cut here")
    found += serious(page, "import Changes")

    assert found == [], "\n".join(found)
