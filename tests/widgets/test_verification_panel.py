"""The page of a task shows what its verification has found, and starts another one."""

from __future__ import annotations

from collections.abc import Callable

from dmc_widgets.center import Center
from dmc_widgets.languages import using_language
from dmc_widgets.model.plan import Action, MigrationPlan, Selection
from dmc_widgets.model.task import Task, TaskStatus
from dmc_widgets.states.dashboard_state import DashboardPage
from dmc_widgets.widgets.dashboard import Dashboard
from dmc_widgets.widgets.task_panels.verification import VerificationPanel

CUSTOMER = "com.liferay.object.rest.dto.v1_0.ObjectEntry#C_Customer"


def _panel(page: Dashboard) -> VerificationPanel:
    panel = page.task_panels.panels[VerificationPanel]
    assert isinstance(panel, VerificationPanel)
    return panel


def _migrate(center: Center) -> Task:
    plan = MigrationPlan(
        source="Sample source",
        selection=Selection(
            entity_types=CUSTOMER,
            with_needed=True,
            filters={CUSTOMER: "loyaltyPoints gt 990"},
        ),
    )
    return center.tasks.wait(center.tasks.start_migration("Sample target", plan).id)


def test_a_task_shows_its_verification_and_can_be_verified_again(
    page: Dashboard, center: Center, finish: Callable[[], Task]
) -> None:
    task = _migrate(center)
    assert task.status is TaskStatus.COMPLETED, task.error
    page.session.open_task(task.id)
    panel = _panel(page)
    assert "as expected" in panel.summary.value
    assert panel.layout.display is None
    assert panel.table.layout.display == "none"
    assert "Customer" in [row["part"] for row in panel.counts.page["rows"]]

    page.task_actions.buttons["Verify"].click()
    found = finish()

    assert found.action is Action.VERIFICATION
    assert found.status is TaskStatus.COMPLETED
    page.session.open_task(task.id)
    assert f"Task {found.id}" in panel.summary.value


def test_states_are_chosen_in_the_language_in_use(page: Dashboard) -> None:
    panel = _panel(page)

    with using_language("de"):
        panel.build()

    labels = [label for label, _ in panel.kind.options]
    assert labels == ["Alle", "Abweichend", "Fehlend", "Überzählig"]


def test_a_migration_is_backed_up_first_and_the_backup_restored(
    page: Dashboard, center: Center, finish: Callable[[], Task]
) -> None:
    form = page.session.migration_form
    page.session.dashboard.page = DashboardPage.MIGRATION
    form.entity_types = tuple(center.installations.entity_types("Sample source"))
    form.source, form.target, form.selected = (
        "Sample source",
        "Sample target",
        (CUSTOMER,),
    )
    form.stop_on_error = False
    page.pages[DashboardPage.MIGRATION].inputs["back_up"].value = True
    page.pages[DashboardPage.MIGRATION].migrate.click()
    task = finish()

    (note,) = [note for note in task.notes if note.startswith("Backup ")]
    backup = next(x for x in center.tasks.list() if x.action is Action.BACKUP)
    assert note.startswith(f"Backup {backup.id} was made before anything was written")
    page.session.open_task(backup.id)
    page.task_actions.buttons["Restore"].click()
    assert "Bring the" in page.question.text.value
    page.question.confirm.click()
    restored = finish()
    assert restored.status is TaskStatus.COMPLETED, restored.error
    assert isinstance(restored.plan, MigrationPlan)
    assert restored.plan.source == f"Backup {backup.id}"
