"""The action that shows what a task has brought, where it is now."""

from __future__ import annotations

from ...languages import gettext as _
from ...languages import lazy
from ...model.entity_type import OBJECT_ENTRY, simple_name
from ...model.plan import ImportPlan, MigrationPlan
from ...model.task import Task
from ..dashboard_session import DashboardSession
from ..dashboard_state import DashboardPage
from .task_action import TaskAction


def _has_written(task: Task) -> bool:
    plan = task.plan
    is_run = isinstance(plan, (ImportPlan, MigrationPlan)) and not plan.dry_run
    return is_run and task.status.is_final and task.counts.successful > 0


def entry_address(task: Task) -> tuple[str, ...]:
    """Return the address, below ``objects``, of what a task has written."""
    key = task.plan.entity_type if isinstance(task.plan, ImportPlan) else ""
    is_entries = key.startswith(OBJECT_ENTRY)
    return (task.installation, *((simple_name(key),) if is_entries else ()))


def _show(session: DashboardSession, task: Task) -> None:
    session.go("objects", *entry_address(task))
    if session.dashboard.page is not DashboardPage.OTHER:  # a widget that stands alone
        text = _(
            "The dashboard shows them on the page Objects of {installation}."
        ).format(installation=task.installation)
        session.dashboard.report_success(text)


SEE_ENTRIES = TaskAction(
    label=lazy("See the Entries"), is_offered=_has_written, run=_show
)
