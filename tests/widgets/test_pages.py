"""Pages at their addresses, without a browser."""

from __future__ import annotations

import re
import time
from dataclasses import replace

import pytest

from dmc_widgets.center import Center
from dmc_widgets.model.plan import ExportPlan
from dmc_widgets.model.task import TaskStatus
from dmc_widgets.states.dashboard_state import DashboardPage
from dmc_widgets.widgets.dashboard import Dashboard
from dmc_widgets.widgets.icons import ICON_NAMES, render_icon
from dmc_widgets.widgets.pages import PAGES, PageSpec, find_page


def shown(page: Dashboard) -> list[str]:
    built = page.pages.built.items()
    return [spec.title for spec, widget in built if widget.layout.display != "none"]


def go(page: Dashboard, address: str) -> None:
    """Move there as the browser does, by Back or from a bookmark."""
    page.navigation.simulate_message({"kind": "go", "address": address})


def opens(page: Dashboard, address: str) -> None:
    """Click on a link."""
    page.navigation.simulate_message({"kind": "open", "address": address})


@pytest.mark.parametrize("spec", PAGES, ids=lambda spec: spec.title)
def test_every_page_can_be_built_and_has_an_icon(
    page: Dashboard, spec: PageSpec
) -> None:
    """Its module loads when it is opened, and not before."""
    widget = page.pages.build(spec)

    assert callable(widget.open_page)
    assert spec.icon in ICON_NAMES
    assert render_icon(spec.icon).startswith("<svg ")


def test_only_home_is_built_at_first(page: Dashboard) -> None:
    assert [spec.title for spec in page.pages.built] == ["Home"]
    assert page.navigation.place == {"address": "", "current": "", "replaced": False}
    assert page.navigation.title == "Home · Data Migration Center"


@pytest.mark.parametrize(
    ("address", "title", "view"),
    [
        ("", "Home", DashboardPage.HOME),
        ("tasks", "Tasks", DashboardPage.LISTS),
        ("templates", "Templates", DashboardPage.TEMPLATES),
        ("import", "Import", DashboardPage.IMPORT),
        ("export", "Export", DashboardPage.EXPORT),
        ("migrate", "Migrate", DashboardPage.MIGRATION),
        ("verify", "Verify", DashboardPage.VERIFICATION),
        ("settings", "Settings", DashboardPage.SETTINGS),
    ],
)
def test_page_opens_at_its_address(
    page: Dashboard, address: str, title: str, view: DashboardPage
) -> None:
    go(page, "settings")
    go(page, address)

    assert shown(page) == [title]
    assert page.session.dashboard.page is view
    assert page.navigation.place["address"] == address
    assert page.navigation.title == f"{title} · Data Migration Center"


@pytest.mark.parametrize(
    "address", ["nothing", "tasks/1/2", "settings/x", "tasks/99999", "tasks/<b>", "%"]
)
def test_unknown_address_is_named_as_text_and_leads_home(
    page: Dashboard, address: str
) -> None:
    go(page, address)

    assert shown(page) == []
    assert page.missing.layout.display is None
    assert "<b>" not in page.missing.reason.value
    assert page.session.dashboard.message is None
    opens(page, "")
    assert shown(page) == ["Home"]
    assert page.missing.layout.display == "none"


def test_task_opens_by_its_id(page: Dashboard, center: Center) -> None:
    plan = ExportPlan(entity_type="Customer", name="To be linked")
    task = center.tasks.start_export("Sample source", plan)

    go(page, f"tasks/{task.id}")

    assert shown(page) == ["Task"]
    assert "To be linked" in page.pages[DashboardPage.TASK].details.value
    go(page, "tasks")
    go(page, f"tasks/{task.id}")
    assert page.session.dashboard.page is DashboardPage.TASK


def test_back_leads_to_a_form_as_it_was_and_a_link_to_an_empty_one(
    page: Dashboard,
) -> None:
    opens(page, "export")
    form = page.pages[DashboardPage.EXPORT]
    form.inputs["search"].value = "Pony"

    go(page, "tasks")
    go(page, "export")
    assert form.inputs["search"].value == "Pony"
    opens(page, "export")
    assert form.inputs["search"].value == ""


def test_kernel_remembers_pages_where_the_browser_does_not(page: Dashboard) -> None:
    """In JupyterLab, by two buttons."""
    for address in ("tasks", "export"):
        opens(page, address)

    def steps(kind: str) -> str:
        page.navigation.simulate_message({"kind": kind})
        return page.session.dashboard.address

    assert [steps("back"), steps("back"), steps("back")] == ["tasks", "", ""]
    assert [steps("forward"), steps("forward"), steps("forward")] == [
        "tasks",
        "export",
        "export",
    ]


def test_address_below_a_page_that_takes_none_is_unknown() -> None:
    assert find_page("tasks") is not None
    assert find_page("settings/2") is None
    assert find_page("objects%2Fx") is None


def test_home_names_what_needs_attention_and_links_to_it(
    page: Dashboard, center: Center
) -> None:
    plan = ExportPlan(entity_type="Customer", name="<b>Odd</b>")
    task = center.tasks.start_export("Sample source", plan)
    failed = replace(task, status=TaskStatus.FAILED)

    page.session.home.latest = page.session.home.waiting = (failed,)

    home = page.pages[DashboardPage.HOME]
    link = f'<a href="#/tasks/{failed.id}"><bdi>&lt;b&gt;Odd&lt;/b&gt;</bdi></a>'
    assert link in home.latest.value
    assert link in home.waiting.value
    assert "See why it stopped" in home.waiting.value
    assert "Sample target" in home.installations.value


def test_page_that_comes_back_says_what_has_ended(
    page: Dashboard, center: Center
) -> None:
    before = time.time()
    plan = ExportPlan(entity_type="Customer", name="Meanwhile")
    center.tasks.wait(center.tasks.start_export("Sample source", plan).id, timeout_s=60)

    page.heartbeat.simulate_message({"kind": "back", "since": before - 1})

    message = page.session.dashboard.message
    assert message is not None
    # Other tests' tasks may have ended within the same second.
    one, more = r"the task Meanwhile has ended: Completed", r"\d+ tasks have ended"
    assert re.fullmatch(rf"Meanwhile ({one}|{more})\.", message.text)
    page.session.dashboard.message = None
    page.heartbeat.simulate_message({"kind": "back", "since": time.time() + 60})
    assert page.session.dashboard.message is None
