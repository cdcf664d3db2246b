"""Opening the export form and starting an export."""

from __future__ import annotations

from ...center.reruns import plan_as_new
from ...model.plan import ExportPlan
from ..dashboard_session import DashboardSession, require_no_problem
from ..dashboard_state import DashboardPage


def open_export_form(session: DashboardSession) -> None:
    """Open an empty export form.

    Raises:
        InstallationError: The current installation does not answer. The form is open,
            so that another one can be selected.
    """
    session.leave_export()
    session.dashboard.page = DashboardPage.EXPORT
    session.load_entity_types()


def change_export(session: DashboardSession, step: str) -> None:
    """Open the form with the choices of the export in view, at a step of it.

    What is started from there is a new task.

    Raises:
        InstallationError: Its installation does not answer.
    """
    task = session.task.task
    if task is None or not isinstance(task.plan, ExportPlan):
        return
    session.change_installation(task.installation)
    open_export_form(session)
    plan = plan_as_new(task.plan)
    assert isinstance(plan, ExportPlan)
    session.export_form.load_plan(plan)
    session.export_path.open_step(step)


def start_export(session: DashboardSession) -> None:
    """Start the export that the form describes, and follow its task.

    A second click arrives when the page has moved on, and does nothing.

    Raises:
        InvalidPlan: The form is not complete.
        DmcError: The center refuses the export.
    """
    if session.dashboard.page is not DashboardPage.EXPORT:
        return
    form = session.export_form
    require_no_problem(form.problems)
    task = session.center.tasks.start_export(
        session.dashboard.installation, form.plan()
    )
    session.export_draft.discard()
    session.open_task(task.id, DashboardPage.EXPORTING)
