"""Drafts of exports: a form in progress comes back, on Home and at its address."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from dmc_widgets.center import Center
from dmc_widgets.model.task import Task, TaskStatus
from dmc_widgets.states.actions.drafts import open_draft
from dmc_widgets.states.dashboard_state import DashboardPage
from dmc_widgets.widgets.dashboard import Dashboard
from tests.widgets.test_drafts import reload
from tests.widgets.test_export_form import BICYCLE


@pytest.fixture(autouse=True)
def _no_drafts(center: Center) -> None:
    for draft in center.drafts.list():
        center.drafts.discard(draft.id)


def begin(page: Dashboard) -> Any:
    page.open_new("export")
    form = page.pages[DashboardPage.EXPORT]
    form.inputs["entity"].value = BICYCLE
    form.inputs["format"].value = "JSON"
    form.table.selected = ("model", "price")
    form.inputs["filter"].value = "price gt"
    form.open_step("records")
    page.session.export_draft.save()
    return form


def test_an_export_comes_back_as_it_was_left(
    page: Dashboard, center: Center, finish: Callable[[], Task]
) -> None:
    """A filter that cannot be read yet and the step, too; its run ends the draft."""
    begin(page)
    number = page.session.export_draft.number
    assert page.session.dashboard.address == f"export/{number}"
    assert center.drafts.get(number).title == "Bicycle → JSON"

    again = reload(center)
    again.session.go(f"export/{number}")

    state = again.session.export_form
    assert (state.entity, state.format, state.filter) == (BICYCLE, "JSON", "price gt")
    assert state.selected == ("model", "price")
    assert again.session.export_path.step == "records"
    open_draft(page.session, number)
    page.session.export_form.filter = "price gt 2000"
    page.pages[DashboardPage.EXPORT].export.click()
    assert finish().status is TaskStatus.COMPLETED
    assert center.drafts.list() == []


def test_home_lists_the_forms_in_progress(page: Dashboard, center: Center) -> None:
    """Continuing leads to the form, discarding asks before."""
    begin(page)
    page.session.go("")

    drafts = page.pages[DashboardPage.HOME].drafts
    (row,) = drafts.rows.children
    title, _, discard, keep, sure, go_on = row.children
    assert "Bicycle → JSON in Sample source" in title.value
    assert "Export · " in title.value
    go_on.click()
    assert page.session.dashboard.page is DashboardPage.EXPORT
    page.session.go("")
    discard.click()
    assert (keep.layout.display, go_on.layout.display) == (None, "none")
    sure.click()

    assert center.drafts.list() == []
    assert drafts.layout.display == "none"
    assert page.session.export_form.entity == ""


def test_an_applied_template_is_no_draft(page: Dashboard, center: Center) -> None:
    """There is nothing in it that is not kept already."""
    page.open_new("export")
    page.session.export_form.entity = BICYCLE
    page.session.export_form.template = "Weekly"
    page.session.export_draft.save()

    assert center.drafts.list() == []
