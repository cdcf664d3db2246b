"""Drafts of migrations and verifications: forms over two installations come back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dmc_widgets.center import Center
from dmc_widgets.model.merge_choices import MergeChoices
from dmc_widgets.model.strategies import ImportStrategy, UpdateStrategy
from dmc_widgets.model.task import Task, TaskStatus
from dmc_widgets.states.actions.drafts import open_draft
from dmc_widgets.states.actions.installations import rename_installation
from dmc_widgets.states.dashboard_state import DashboardPage
from dmc_widgets.states.drafts.drafted_forms import describe_draft
from dmc_widgets.widgets.dashboard import Dashboard
from tests.widgets.test_drafts import reload
from tests.widgets.test_export_form import BICYCLE
from tests.widgets.test_migration_form import REPAIR

SETTINGS: dict[str, Any] = {
    "name": "Friday",
    "sites": "Guest, north",
    "with_needed": False,
    "match_names": True,
    "stop_on_error": False,
    "import_strategy": ImportStrategy.UPSERT,
    "update_strategy": UpdateStrategy.MERGE,
    "lazy_references": True,
    "allow_deletions": True,
    "back_up": True,
    "verify": False,
    "undo_at_limit": True,
}


@pytest.fixture(autouse=True)
def _no_drafts(center: Center) -> None:
    for draft in center.drafts.list():
        center.drafts.discard(draft.id)


def begin(page: Dashboard, address: str = "migrate") -> Any:
    page.open_new(address)
    form = page.pages[DashboardPage(page.session.dashboard.page)]
    form.types.selected = (BICYCLE, REPAIR)
    return form


def save(page: Dashboard) -> int:
    page.session.migration_draft.save()
    return page.session.migration_draft.number


def test_a_migration_comes_back_with_all_its_choices(
    page: Dashboard, center: Center
) -> None:
    """Also with a limit that cannot be read yet, and from source to target."""
    begin(page)
    state = page.session.migration_form
    for name, value in SETTINGS.items():
        setattr(state, name, value)
    state.error_limit = "many"
    state.match_entity = BICYCLE
    state.match_fields = ("model",)
    state.merge_choices = MergeChoices(leave="Bicycle.label")
    number = save(page)
    assert page.session.dashboard.address == f"migrate/{number}"

    again = reload(center)
    again.session.go(f"migrate/{number}")

    restored = again.session.migration_form
    assert (restored.source, restored.target) == ("Sample source", "Sample target")
    assert restored.selected == (BICYCLE, REPAIR)
    assert {name: getattr(restored, name) for name in SETTINGS} == SETTINGS
    assert restored.error_limit == "many"
    assert restored.match_keys == {"C_Bicycle": ("model",)}
    assert restored.merge_choices == MergeChoices(leave="Bicycle.label")
    assert again.session.dashboard.address == f"migrate/{number}"
    form = again.pages[DashboardPage.MIGRATION]
    assert form.source.value == "Sample source"
    assert form.types.selected == (BICYCLE, REPAIR)
    again.session.go("migrate/99999")
    assert again.missing.layout.display is None


def test_a_dry_run_stays_with_its_draft_and_the_run_ends_it(
    page: Dashboard, center: Center, finish: Callable[[], Task]
) -> None:
    form = begin(page)
    save(page)
    form.dry_run.click()
    rehearsed = finish()
    number = save(page)
    assert center.drafts.get(number).values["rehearsal"] == rehearsed.id

    again = reload(center)
    open_draft(again.session, number)
    assert again.session.migration_form.is_rehearsed
    again.session.open_task(rehearsed.id)
    panel = page.pages[DashboardPage.MIGRATING]
    panel.leave.click()
    assert page.session.dashboard.address == f"migrate/{number}"
    form.rehearsal.migrate.click()

    assert finish().status is TaskStatus.COMPLETED
    assert center.drafts.list() == []
    assert page.session.migration_draft.number == 0


def test_a_migration_that_is_started_ends_its_draft(
    page: Dashboard, center: Center, finish: Callable[[], Task]
) -> None:
    form = begin(page)
    save(page)
    form.migrate.click()

    assert center.drafts.list() == []
    assert finish().status is TaskStatus.COMPLETED


def test_home_names_both_installations_and_discards(
    page: Dashboard, center: Center
) -> None:
    begin(page)
    save(page)
    page.session.go("")

    (row,) = page.pages[DashboardPage.HOME].drafts.rows.children
    title, _, discard, _keep, sure, go_on = row.children
    text = "Bicycle and 1 more from Sample source to Sample target"
    assert text in title.value
    assert "Migration · " in title.value
    go_on.click()
    assert page.session.dashboard.page is DashboardPage.MIGRATION
    assert page.session.migration_form.selected == (BICYCLE, REPAIR)
    page.session.go("")
    discard.click()
    sure.click()

    assert center.drafts.list() == []
    assert not page.session.migration_form.selected


def test_two_installations_alone_are_no_draft(page: Dashboard, center: Center) -> None:
    """An empty form has them already."""
    page.open_new("migrate")
    page.session.migration_form.target = ""
    save(page)

    assert center.drafts.list() == []


def test_a_new_form_leaves_the_draft_for_later(page: Dashboard, center: Center) -> None:
    begin(page)
    number = save(page)
    page.open_new("migrate")

    assert not page.session.migration_form.selected
    assert page.session.dashboard.address == "migrate"
    assert [draft.id for draft in center.drafts.list()] == [number]


def test_installations_that_are_gone_leave_the_other_choices(
    page: Dashboard, center: Center
) -> None:
    """Those of the source come back as soon as another one is selected."""
    begin(page)
    page.session.migration_form.match_entity = BICYCLE
    page.session.migration_form.match_fields = ("model",)
    number = save(page)
    draft = center.drafts.get(number)
    draft.values.update(source="Gone", target="Gone, too")
    center.drafts.save(draft)

    again = reload(center)
    again.session.go(f"migrate/{number}")

    state = again.session.migration_form
    assert (state.source, state.target) == ("", "")
    message = again.session.dashboard.message
    assert message is not None
    assert "Gone" in message.text
    again.pages[DashboardPage.MIGRATION].source.selected = "Sample source"
    assert state.selected == (BICYCLE, REPAIR)
    assert state.match_keys == {"C_Bicycle": ("model",)}


def test_a_verification_is_kept_until_it_is_started(
    page: Dashboard, center: Center, finish: Callable[[], Task]
) -> None:
    begin(page, "verify")
    page.session.verification_form.name = "Friday"
    page.session.verification_form.match_entity = BICYCLE
    page.session.verification_form.match_fields = ("model",)
    page.session.verification_draft.save()
    number = page.session.verification_draft.number
    assert page.session.dashboard.address == f"verify/{number}"

    again = reload(center)
    again.session.go(f"verify/{number}")

    state = again.session.verification_form
    assert (state.source, state.target) == ("Sample source", "Sample target")
    assert (state.selected, state.name) == ((BICYCLE, REPAIR), "Friday")
    assert state.match_keys == {"C_Bicycle": ("model",)}
    page.pages[DashboardPage.VERIFICATION].verify.click()
    assert center.drafts.list() == []
    finish()


def test_drafts_follow_an_installation_that_is_renamed(
    page: Dashboard, center: Center
) -> None:
    begin(page)
    number = save(page)
    page.session.go("")
    rename_installation(page.session, "Sample target", "Production")

    draft = center.drafts.get(number)
    assert describe_draft(draft) == (
        "Bicycle and 1 more from Sample source to Production"
    )
    rename_installation(page.session, "Production", "Sample target")


def test_another_open_page_follows_a_renamed_installation(
    page: Dashboard, center: Center, tmp_path: Path
) -> None:
    """Its forms, its address and its choices stay; a removed one is not offered."""
    other = reload(center)
    other.open_new("migrate")
    form = other.pages[DashboardPage.MIGRATION]
    form.types.selected = (BICYCLE,)
    state = other.session.migration_form
    state.merge_choices = MergeChoices(leave="Bicycle.label")
    comparison = reload(center)
    comparison.session.go("compare/Sample%20source/Sample%20target")
    objects = reload(center)
    objects.session.go("objects/Sample%20target/C_Bicycle")
    objects.session.tasks.installation = "Sample target"

    rename_installation(page.session, "Sample target", "Middle")
    rename_installation(page.session, "Middle", "Production")
    center.installations.add("Another", f"sqlite:///{tmp_path}/a.db")
    for seen in (other, comparison, objects):
        seen.session.refresh()

    assert (state.source, state.target) == ("Sample source", "Production")
    assert form.inputs["target"].selected == "Production"
    assert state.selected == (BICYCLE,)
    assert state.merge_choices == MergeChoices(leave="Bicycle.label")
    assert comparison.session.dashboard.address == "compare/Sample%20source/Production"
    assert objects.session.dashboard.address == "objects/Production/C_Bicycle"
    assert objects.session.tasks.installation == "Production"
    for seen in (other, comparison, objects):
        names = [x.name for x in seen.session.dashboard.installations]
        assert names == ["Sample source", "Production", "Another"]

    rename_installation(objects.session, "Production", "Sample target")
    center.installations.remove("Another")
    other.session.refresh()
    assert state.target == "Sample target"
    assert "Another" not in [label for label, _ in form.inputs["target"].options]
