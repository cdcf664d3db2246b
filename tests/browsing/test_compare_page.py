"""The page that compares two installations, and applies what is selected."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dmc_widgets import open_center
from dmc_widgets.center import Center
from dmc_widgets.model.entity_type import OBJECT_ENTRY
from dmc_widgets.model.plan import ImportPlan
from dmc_widgets.model.task import Counts, Task, TaskStatus
from dmc_widgets.objects.comparison.difference_paths import difference_path
from dmc_widgets.objects.comparison.differences import ChangeType, Difference
from dmc_widgets.states.comparing.comparison_state import ComparisonState
from dmc_widgets.states.dashboard_session import DashboardSession
from dmc_widgets.states.task_actions.see_entries import SEE_ENTRIES
from dmc_widgets.widgets.pages.compare import ComparePage
from dmc_widgets.widgets.pages.installations import InstallationsPage
from dmc_widgets.widgets.pages.objects import ObjectsPage, object_address
from dmc_widgets.widgets.parts.guard import Guard

SOURCE, TARGET = "Sample source", "Empty"


@pytest.fixture(scope="module")
def center(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Center]:
    folder: Path = tmp_path_factory.mktemp("workspace")
    with open_center(folder) as opened:
        opened.installations.add(TARGET, f"sqlite:///{folder / 'empty.db'}")
        yield opened


@pytest.fixture
def session(center: Center) -> DashboardSession:
    session = DashboardSession(center)
    session.load()
    return session


def _await(session: DashboardSession, is_done: Callable[[], object]) -> None:
    end = time.monotonic() + 60
    while not is_done():
        assert time.monotonic() < end, session.dashboard.message
        session.refresh()
        time.sleep(0.01)


@pytest.fixture
def page(session: DashboardSession) -> ComparePage:
    page = ComparePage(session, Guard(session.dashboard))
    page.open_page((SOURCE, TARGET))
    page.form.compare.click()
    _await(session, lambda: page.form.panel.choices.page["total"])
    return page


def test_nothing_is_selected_at_first(page: ComparePage) -> None:
    """What is applied is what a person has chosen."""
    assert page.form.apply.disabled
    assert "8 differences, 0 selected" in page.form.status.value


def test_entries_are_counted_on_both_sides(page: ComparePage) -> None:
    rows = page.form.counts.page["rows"]
    assert [(x["label"], x["source"], x["target"], x["difference"]) for x in rows] == [
        ("Bicycle", "1,200", "–", "-1,200"),
        ("Customer", "800", "–", "-800"),
        ("Repair", "2,500", "–", "-2,500"),
    ]
    page.form.swap.click()
    assert page.form.entries.layout.display == "none"


def test_differences_are_shown_by_kind_and_name(page: ComparePage) -> None:
    """Among hundreds, those of one picklist are found."""
    page.form.kind.value = "ListTypeDefinition"
    assert page.form.panel.choices.page["total"] == 4
    page.form.entity.value = "Services"
    assert page.form.panel.choices.page["total"] == 1
    page.form.kind.value = ""
    assert page.form.panel.choices.page["total"] == 8


def test_what_is_selected_is_applied_as_a_task(
    page: ComparePage, session: DashboardSession
) -> None:
    """One picklist comes, and nothing else."""
    page.form.kind.value, page.form.entity.value = "ListTypeDefinition", "Services"
    (row,) = page.form.panel.choices.page["rows"]
    page.form.panel.choices.selected = (row["key"],)
    assert not page.form.apply.disabled
    page.form.apply.click()
    _await(session, lambda: session.task.task)
    assert session.task.task is not None
    session.center.task(session.task.task).wait()

    with session.center.installations.connect(TARGET) as target:
        catalogue = target.catalogue()
    assert [x.name for x in catalogue.picklists] == ["Services"]
    assert catalogue.objects == ()


def test_deletions_are_asked_for_with_their_numbers() -> None:
    """What only the target has goes only where a person says so."""
    state = ComparisonState(source="Empty", target="Target")
    removed = Difference(
        kind="ObjectDefinition",
        key="CUSTOMER",
        name="Customer",
        change=ChangeType.REMOVED,
        path="objectFields.city",
        source=None,
        target={"name": "city"},
    )
    state.take((removed,))
    assert state.describe_removals() == ""
    state.accept([difference_path(removed)])
    assert state.describe_removals() == (
        "1 part that only Target has will be deleted, with the values of entries "
        "there: ObjectDefinition:Customer.objectFields.city. Delete them?"
    )


def test_a_finished_import_leads_to_its_entries(session: DashboardSession) -> None:
    """The last step of an import is to look at what it brought."""
    plan = ImportPlan(entity_type=f"{OBJECT_ENTRY}#C_Repair")
    done = Task(
        id=7,
        plan=plan,
        installation=SOURCE,
        status=TaskStatus.COMPLETED,
        counts=Counts(created=2),
        name="March",
        author="ada",
        created="2026-03-01T09:30:00Z",
        modified="2026-03-01T09:30:00Z",
    )
    assert SEE_ENTRIES.is_offered(done)
    SEE_ENTRIES.run(session, done)
    assert session.dashboard.address == "objects/Sample%20source/C_Repair"


def test_the_pages_open_at_their_addresses(session: DashboardSession) -> None:
    """Links of tasks and of the list of installations lead there."""
    objects = ObjectsPage(session, Guard(session.dashboard))
    objects.open_page((SOURCE, "C_Repair"))
    _await(session, lambda: objects.browser.browsing.state.entry_type)
    assert object_address(SOURCE, "C_Repair") == "objects/Sample%20source/C_Repair"

    objects.browser.panels["object"].export.click()
    assert session.export_form.entity.endswith("#C_Repair")

    installations = InstallationsPage(session, Guard(session.dashboard))
    installations.open_page(())
    assert installations.list.checks.checks[SOURCE].status == "asking"
    installations.list.rows[SOURCE].buttons["Browse"].click()
    assert session.dashboard.address == "objects/Sample%20source"
