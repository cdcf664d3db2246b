"""Names of 300 characters without a blank: they break, and push nothing out of view."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import expect

from dmc_widgets import ExportPlan, ImportPlan
from dmc_widgets.center import Center
from tests.browser.conftest import SCREENSHOTS
from tests.browser.person import CUSTOMER, SOURCE, WINDOW, Person

pytestmark = pytest.mark.browser

LONG = "Nordwestdeutschland" * 15 + "Nordwestdeutsch"

# What is wider than the page, or than the frame or the box that it stands in.
_TOO_WIDE = """() => {
  const found = [];
  if (document.documentElement.scrollWidth > innerWidth) found.push('the page');
  for (const element of document.querySelectorAll('.dmc-page *')) {
    const box = element.getBoundingClientRect();
    if (!box.width || element.closest('.dmc-hidden-text')) continue;
    const name = `${element.tagName} ${element.className} ${Math.round(box.right)}`;
    if (box.right > innerWidth + 1) found.push(name);
    const style = getComputedStyle(element);
    if (!['auto', 'visible'].includes(style.overflowX)) continue;
    if (style.display !== 'inline' && element.scrollWidth > element.clientWidth + 1)
      found.push(`${name}: ${element.scrollWidth} of ${element.clientWidth}`);
  }
  return found;
}"""


def nothing_is_too_wide(person: Person, name: str) -> None:
    assert len(LONG) == 300
    assert person.page.viewport_size == WINDOW
    person.page.screenshot(path=SCREENSHOTS / f"long-{name}.png")
    assert person.page.evaluate(_TOO_WIDE) == [], name


@pytest.fixture(scope="module")
def long_names(center: Center, workspace: Path) -> None:
    """A task and a template of each kind, with names that do not fit."""
    file = workspace.parent / "failing.json"
    file.write_text(json.dumps([{"name": LONG, "email": "a@example.com"}]))
    exported = ExportPlan(entity_type="Customer", name=LONG)
    center.tasks.wait(center.tasks.start_export(SOURCE, exported).id, timeout_s=60)
    imported = ImportPlan(entity_type="Customer", name=LONG)
    name = f"{LONG[:240]}.json"
    task = center.tasks.start_import(SOURCE, imported, file, file_name=name)
    assert center.tasks.wait(task.id, timeout_s=60).counts.failed == 1
    center.templates.save(LONG[:75], exported)
    center.templates.save(LONG[:74], imported)


@pytest.mark.usefixtures("long_names")
def test_lists_show_every_column(visitor: Person) -> None:
    visitor.opens_page("Tasks")
    page = visitor.page
    visitor.opens_page("Tasks")
    row = page.get_by_role("row").filter(has_text=LONG).first
    expect(row).to_be_visible()
    for column in page.get_by_role("columnheader").locator("visible=true").all():
        expect(column).to_be_in_viewport(ratio=1)
    nothing_is_too_wide(visitor, "tasks")
    row.get_by_role("button").last.click()
    nothing_is_too_wide(visitor, "menu")
    page.keyboard.press("Escape")

    row.get_by_role("link", name=LONG, exact=True).click()
    visitor.sees("Task Details")
    nothing_is_too_wide(visitor, "task")
    visitor.button("Back").click()

    visitor.opens_page("Templates")
    for column in page.get_by_role("columnheader").locator("visible=true").all():
        expect(column).to_be_in_viewport(ratio=1)
    nothing_is_too_wide(visitor, "templates")
    visitor.field("Select all on this page").check()
    visitor.button("Delete").click()
    nothing_is_too_wide(visitor, "deleting")


@pytest.mark.usefixtures("long_names")
def test_import_form_fits_with_a_long_file_and_long_columns(visitor: Person) -> None:
    """The mapping table, its editor, the preview and the task that it becomes."""
    page = visitor.page
    record = {
        "externalReferenceCode": LONG[:75],
        "name": LONG[:280],
        "email": f"{LONG[:240]}@example.com",
        LONG: LONG,
        f"{LONG}-other": 1,
    }
    visitor.opens("Import File", SOURCE)
    visitor.field("Name").fill(LONG)
    visitor.field("Entity Type").select_option(label=CUSTOMER)
    visitor.field("Template").select_option(index=1)
    visitor.uploads(f"{LONG[:240]}.json", json.dumps([record]).encode())
    nothing_is_too_wide(visitor, "file")
    visitor.goes_to("Mapping")
    visitor.sees("3 of 16 fields are filled.")
    nothing_is_too_wide(visitor, "import")

    chooser = page.locator(".dmc-grid select").locator("visible=true").first
    chooser.select_option(label=LONG)
    nothing_is_too_wide(visitor, "mapping")
    page.get_by_role("button", name="Edit", exact=False).locator(
        "visible=true"
    ).first.click()
    expect(page.get_by_role("dialog")).to_be_visible()
    nothing_is_too_wide(visitor, "editor")
    page.keyboard.press("Escape")

    visitor.button("Review Changes").click()
    visitor.sees("Long values are cut here")
    nothing_is_too_wide(visitor, "preview")


@pytest.mark.usefixtures("long_names")
def test_export_form_fits_with_a_long_template(visitor: Person) -> None:
    visitor.opens("Export File", SOURCE)
    visitor.field("Entity Type").select_option(label=CUSTOMER)
    visitor.field("Template").select_option(index=1)
    nothing_is_too_wide(visitor, "export")
    visitor.goes_to("Fields")
    email = visitor.page.get_by_role("cell", name="email", exact=True)
    expect(email.locator("visible=true")).to_be_visible()
    nothing_is_too_wide(visitor, "export")
