"""Tasks are found, sorted and selected by keyboard, and a task shows what it did."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import expect

from dmc_widgets.center import Center
from dmc_widgets.model.plan import ImportPlan
from dmc_widgets.model.task import Counts, Progress, TaskStatus
from dmc_widgets.workspace import Workspace
from tests.browser.conftest import SCREENSHOTS
from tests.browser.person import SOURCE, Person

pytestmark = pytest.mark.browser

NAMES = [f"Week {number:02}" for number in range(1, 25)]


@pytest.fixture(scope="module", autouse=True)
def weeks(center: Center, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Imports of 24 weeks that are in the list only, and one that was carried out."""
    workspace: Workspace = center._workspace
    for number, name in enumerate(NAMES):
        status = TaskStatus.FAILED if number % 4 == 0 else TaskStatus.COMPLETED
        plan = ImportPlan(entity_type="x.ObjectEntry#C_BillingAccount", name=name)
        task = workspace.tasks.add(SOURCE, plan, f"week-{number}.csv")
        workspace.tasks.start(task.id, time.time() - 30 - number)
        progress = Progress(1, 1, time.time() - 30 - number, time.time())
        counts = Counts(created=100, failed=number)
        ended = replace(task, status=status, counts=counts, progress=progress)
        workspace.tasks.finish(ended)
    path: Path = tmp_path_factory.mktemp("files") / "people.csv"
    lines = [
        f"P-{number},Person {number},p{number}@example.com" for number in range(99)
    ]
    path.write_text("\n".join(["externalReferenceCode,name,email", *lines, "P-X,X,"]))
    plan = ImportPlan(entity_type="Customer", name="People of today")
    center.tasks.wait(center.tasks.start_import(SOURCE, plan, path).id, timeout_s=60)


def names_in_view(person: Person) -> list[str]:
    return person.page.locator(".dmc-tasks .dmc-table-follow").all_inner_texts()


def test_tasks_are_found_sorted_and_deleted_by_keyboard(
    visitor: Person, center: Center
) -> None:
    visitor.opens_page("Tasks")
    page, keyboard = visitor.page, visitor.page.keyboard
    search = page.get_by_role("searchbox", name="Search Tasks")
    search.fill("billing account week")
    expect(page.get_by_text("1–20 of 24")).to_be_visible(timeout=30_000)

    page.get_by_role("button", name="Status", exact=True).last.press("ArrowDown")
    menu = page.get_by_role("menu").locator("visible=true")
    expect(menu.get_by_role("menuitemradio", name="All")).to_be_focused()
    keyboard.press("f")
    expect(menu.get_by_role("menuitemradio", name="Failed")).to_be_focused()
    keyboard.press("Enter")
    expect(page.get_by_text("1–6 of 6")).to_be_visible(timeout=30_000)
    failed = page.locator(".dmc-tasks th").get_by_role("button", name="Failed")
    failed.press("Enter")
    expect(page.locator(".dmc-tasks th[aria-sort=ascending]")).to_have_text("Failed")
    failed.press("Enter")
    first = page.locator(".dmc-tasks .dmc-table-follow").first
    expect(first).to_have_text("Week 21", timeout=30_000)
    page.screenshot(path=SCREENSHOTS / "task-list.png")

    page.get_by_label("Select Week 21", exact=True).press("Space")
    keyboard.press("Shift+ArrowDown")
    expect(page.get_by_text("2 selected").first).to_be_visible(timeout=30_000)
    deleting = page.locator(".dmc-bulk").get_by_role(
        "button", name="Delete", exact=True
    )
    deleting.press("Enter")
    confirm = page.get_by_role("button", name="Delete", exact=True).locator(
        "visible=true"
    )
    visitor.sees("Delete 2 tasks with their files")
    confirm.last.press("Enter")
    visitor.sees("Tasks that were deleted: 2.")
    assert names_in_view(visitor) == ["Week 13", "Week 09", "Week 05", "Week 01"]
    assert len(center.tasks.list("billing week")) == 22

    page.get_by_role("button", name="Remove the filter Status").press("Enter")
    expect(page.get_by_text("1–20 of 22")).to_be_visible(timeout=30_000)
    search.fill("")
    expect(page.locator(".dmc-tasks time").first).to_have_attribute(
        "datetime", re.compile(r"\d{4}-\d\d-\d\dT.*Z")
    )


def test_page_of_a_task_shows_what_it_did(visitor: Person) -> None:
    visitor.opens_page("Tasks")
    page = visitor.page
    page.get_by_role("searchbox", name="Search Tasks").fill("people today")
    page.get_by_role("link", name="People of today").click()
    expect(page).to_have_url(re.compile(r"#/tasks/\d+$"), timeout=30_000)
    visitor.sees("Mend the failed records below")
    chart = page.get_by_role("img", name=re.compile("100 records after"))
    expect(chart).to_be_visible(timeout=30_000)
    table = page.locator(".dmc-chart-table").first
    table.get_by_text("Show as Table").click()
    expect(table.get_by_role("columnheader", name="created")).to_be_visible()

    sections = page.get_by_role("navigation", name="Sections of the Task")
    sections.get_by_role("button", name="Log").press("Enter")
    expect(page.get_by_role("heading", name="Log")).to_be_focused()
    log = page.get_by_role("table", name="Log")
    expect(log.get_by_text("queued the task.")).to_be_visible(timeout=30_000)
    for name, width in (("wide", 1280), ("narrow", 420)):
        page.set_viewport_size({"width": width, "height": 900})
        page.screenshot(path=SCREENSHOTS / f"task-page-{name}.png")
        wide = "document.documentElement.scrollWidth - innerWidth"
        assert page.evaluate(wide) <= 0


def test_a_call_is_copied_with_and_without_the_clipboard(visitor: Person) -> None:
    """Where the browser does not give it, the text is selected, ready for Ctrl+C."""
    visitor.opens_page("Tasks")
    page = visitor.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("searchbox", name="Search Tasks").fill("people today")
    page.get_by_role("link", name="People of today").click()
    copy = visitor.button("Copy as Python").first  # failed records have their own
    copy.click()
    text = page.get_by_role("textbox", name="Copy as Python").locator("visible=true")
    visitor.sees("Copied to the clipboard.")
    assert page.evaluate("navigator.clipboard.readText()") == text.input_value()
    copy.press("Escape")
    expect(text).to_have_count(0)

    page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: null })")
    copy.click()
    visitor.sees("Press Ctrl+C to copy the selected text.")
    expect(text).to_be_focused()
    selected = text.evaluate("x => x.value.slice(x.selectionStart, x.selectionEnd)")
    assert selected == text.input_value()
    assert "center.import_file(" in selected
    page.keyboard.press("Escape")
    expect(copy).to_be_focused()
