"""The lists of the workspace as pages: tasks and templates."""

from __future__ import annotations

import ipywidgets as ipw

from ...languages import gettext as _
from ...model.task import Task
from ...states.dashboard_session import DashboardSession
from ...states.dashboard_state import DashboardPage
from ..forms.task_list import TaskList
from ..forms.template_list import TemplateList
from ..parts.form_inputs import add_classes, heading
from ..parts.guard import Guard


def _task_address(task: Task) -> str:
    return f"#/tasks/{task.id}"


class TaskListPage(ipw.VBox):
    """The list of tasks."""

    def __init__(self, session: DashboardSession, guard: Guard) -> None:
        self._session = session
        self.list = TaskList(session, guard, _task_address)
        self.views = {DashboardPage.LISTS: self.list}
        super().__init__([heading(_("Tasks"), 1), self.list])
        add_classes(self, "dmc-stack")

    def open_page(self, _parts: tuple[str, ...]) -> None:
        """Load the tasks."""
        self._session.show_lists()


class TemplateListPage(ipw.VBox):
    """The list of templates."""

    def __init__(self, session: DashboardSession, guard: Guard) -> None:
        self._session = session
        self.list = TemplateList(session, guard)
        self.views = {DashboardPage.TEMPLATES: self.list}
        super().__init__([heading(_("Templates"), 1), self.list])
        add_classes(self, "dmc-stack")

    def open_page(self, _parts: tuple[str, ...]) -> None:
        """Load the templates."""
        self._session.load_templates()
        self._session.dashboard.page = DashboardPage.TEMPLATES
