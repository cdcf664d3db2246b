"""The page of a task, at its id: while it runs after its start, and at any time."""

from __future__ import annotations

from ...errors import UnknownName
from ...states.dashboard_session import TASK_PAGES, DashboardSession
from ...states.dashboard_state import DashboardPage
from ..forms.task_pages import (
    EXPORT_RUN,
    IMPORT_RUN,
    MIGRATION_RUN,
    RunPanel,
    TaskPage,
)
from ..parts.guard import Guard
from ..parts.task_buttons import ActionQuestion, TaskActionBar
from ..task_panels import TaskPanels
from .views import ViewStack


class TaskDetailsPage(ViewStack):
    """A task, its actions, and all that there is to see of it.

    Attributes:
        actions: The buttons of the actions on the task.
        question: The question of an action.
        panels: The views of the task below its details.
    """

    def __init__(self, session: DashboardSession, guard: Guard) -> None:
        self.actions = TaskActionBar(session, guard)
        self.question = ActionQuestion(session, guard)
        self.panels = TaskPanels(session, guard)
        task = TaskPage(session, guard, self.actions)
        panels = {
            texts.page: RunPanel(session, guard, self.actions, texts)
            for texts in (EXPORT_RUN, IMPORT_RUN, MIGRATION_RUN)
        }
        leaving = {view: panel.leave for view, panel in panels.items()}
        super().__init__(
            session,
            {DashboardPage.TASK: task, **panels},
            {DashboardPage.TASK: task.back, **leaving},
            above=[self.question],
            below=[self.panels],
        )
        session.task.announce()

    def open_page(self, parts: tuple[str, ...]) -> None:
        """Show the task whose id is the last part of the address.

        Raises:
            UnknownName: There is no such task.
        """
        (name,) = parts
        current = self.session.task.task
        if not (name.isascii() and name.isdigit() and len(name) < 16):
            raise UnknownName(kind="task", name=name)
        is_shown = current is not None and current.id == int(name)
        if not is_shown or self.session.dashboard.page not in TASK_PAGES:
            self.session.open_task(int(name))
