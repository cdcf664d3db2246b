"""Drafts: an import in progress outlives its page, and ends with its run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from dmc_widgets.center import Center
from dmc_widgets.errors import UnknownName
from dmc_widgets.states.actions.drafts import discard_draft, open_draft
from dmc_widgets.states.dashboard_session import DashboardSession
from dmc_widgets.states.dashboard_state import DashboardPage
from dmc_widgets.states.drafts.draft_state import ELSEWHERE
from dmc_widgets.tasks.pruning import prune_workspace
from dmc_widgets.widgets.dashboard import Dashboard
from dmc_widgets.widgets.parts.guard import Guard
from tests.widgets.test_import_form import BICYCLE, bicycle

Upload = Callable[[str, Any], None]


@pytest.fixture(autouse=True)
def _no_drafts(center: Center) -> None:
    for draft in center.drafts.list():
        center.drafts.discard(draft.id)


def begin(page: Dashboard, upload: Upload) -> Any:
    page.task_list.new.choose("import")
    form = page.pages[DashboardPage.IMPORT]
    upload("bicycles.json", [bicycle(901, cost="7.5")])
    form.inputs["entity"].value = BICYCLE
    page.session.import_form.connect("price", "cost")
    form.inputs["stop_on_error"].value = False
    form.open_step("mapping")
    return form


def reload(center: Center) -> Dashboard:
    session = DashboardSession(center)
    session.load()
    return Dashboard(session, Guard(session.dashboard))


def test_draft_brings_everything_back_after_a_reload(
    page: Dashboard, upload: Upload, center: Center
) -> None:
    """The file, the mapping, the strategies and the step; and it can be run."""
    begin(page, upload)
    page.session.draft.save()
    number = page.session.draft.number

    again = reload(center)
    open_draft(again.session, number)

    state = again.session.import_form
    assert (state.file_name, state.entity) == ("bicycles.json", BICYCLE)
    assert state.pairs["price"].source == "cost"
    assert state.stop_on_error is False
    assert again.session.import_path.step == "mapping"
    form = again.pages[DashboardPage.IMPORT]
    assert (form.upload.state, form.upload.file_name) == ("done", "bicycles.json")
    form.review.click()
    assert again.session.dashboard.page is DashboardPage.PREVIEW
    again.pages[DashboardPage.PREVIEW].start.click()
    assert again.session.task.task is not None
    assert center.tasks.wait(again.session.task.task.id).counts.created == 1
    assert center.drafts.list() == []


def test_drafts_are_offered_and_discarded_after_a_question(
    page: Dashboard, upload: Upload, center: Center
) -> None:
    begin(page, upload)
    path = page.session.file.path if page.session.file else None
    again = reload(center)
    page.session.draft.save()
    again.task_list.new.choose("import")

    drafts = again.pages[DashboardPage.IMPORT].drafts
    (row,) = drafts.rows.children
    title, _, discard, _keep, sure, _go_on = row.children
    assert "bicycles.json → Bicycle in Sample source" in title.value
    assert sure.layout.display == "none"
    discard.click()
    assert sure.layout.display is None
    sure.click()

    assert center.drafts.list() == []
    assert drafts.layout.display == "none"
    assert path is not None
    assert not path.exists()
    with pytest.raises(UnknownName):
        open_draft(again.session, 999)


def test_last_change_wins_and_both_pages_are_told(
    page: Dashboard, upload: Upload, center: Center
) -> None:
    begin(page, upload)
    page.session.draft.save()
    number = page.session.draft.number
    again = reload(center)
    open_draft(again.session, number)

    again.session.import_form.name = "Second"
    again.session.draft.save()
    page.session.import_form.name = "First"
    page.session.draft.save()

    assert center.drafts.get(number).values["plan"]["name"] == "First"
    message = page.session.dashboard.message
    assert message is not None
    assert message.text == ELSEWHERE


def test_an_empty_form_leaves_no_draft_and_a_discarded_one_leaves_the_form(
    page: Dashboard, upload: Upload, center: Center
) -> None:
    page.task_list.new.choose("import")
    page.session.draft.save()
    assert center.drafts.list() == []

    begin(page, upload)
    page.session.draft.save()
    discard_draft(page.session)

    assert center.drafts.list() == []
    assert page.session.dashboard.page is DashboardPage.LISTS
    assert page.session.import_form.file_name == ""


def test_old_drafts_are_pruned(page: Dashboard, upload: Upload, center: Center) -> None:
    begin(page, upload)
    page.session.draft.save()

    later = "9999-01-01T00:00:00.000Z"
    shown = prune_workspace(center._workspace, later, dry_run=True)
    assert (shown.drafts, len(center.drafts.list())) == (1, 1)
    assert "1 draft of a form" in shown.summary
    prune_workspace(center._workspace, later)
    assert center.drafts.list() == []


def test_draft_has_an_address_at_which_it_opens(
    page: Dashboard, upload: Upload, center: Center
) -> None:
    begin(page, upload)
    number = page.session.draft.number
    assert page.session.dashboard.address == f"import/{number}"
    page.session.draft.save()

    again = reload(center)
    again.session.go(f"import/{number}")

    assert again.session.import_form.file_name == "bicycles.json"
    assert again.session.dashboard.page is DashboardPage.IMPORT
    assert again.session.dashboard.address == f"import/{number}"
    again.session.go("import/99999")
    assert again.missing.layout.display is None


def test_a_draft_leaves_the_form_of_the_other_kind_as_one_draft(
    page: Dashboard, upload: Upload, center: Center
) -> None:
    """Both forms work on one installation.

    A draft of another one must not change the form that is not in view, nor leave its
    contents behind without their draft.
    """
    begin(page, upload)
    page.session.draft.save()
    imported = page.session.draft.number
    page.open_new("export")
    page.session.export_form.entity = BICYCLE
    page.session.export_draft.save()
    exported = page.session.export_draft.number

    open_draft(page.session, imported)
    page.session.go("export")
    assert page.session.export_form.entity == BICYCLE
    page.session.export_form.filter = "price gt 10"
    page.session.export_draft.save()
    assert {x.id for x in center.drafts.list()} == {imported, exported}
    assert center.drafts.get(exported).values["choices"]["filter"] == "price gt 10"

    page.session.select_installation("Sample target")  # as the person does here
    page.session.go("import")
    assert page.session.import_form.file_name == ""
    page.session.import_form.name = "Another"
    page.session.draft.save()
    assert {x.id for x in center.drafts.list()} == {imported, exported}
    kept = center.drafts.get(imported)
    assert (kept.installation, kept.file_name) == ("Sample source", "bicycles.json")

    open_draft(page.session, imported)  # back on the first installation
    assert page.session.import_form.file_name == "bicycles.json"
    assert page.session.export_form.entity == ""
    page.session.export_form.format = "JSON"
    page.session.export_draft.save()
    assert {x.id for x in center.drafts.list()} == {imported, exported}
    assert center.drafts.get(exported).installation == "Sample target"
