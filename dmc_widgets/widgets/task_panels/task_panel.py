"""What a view of a task is: a card below the progress of the task."""

from __future__ import annotations

import ipywidgets as ipw

from ...model.task import Task
from ...states.dashboard_session import DashboardSession
from ..parts.form_inputs import heading
from ..parts.guard import Guard


class TaskPanel(ipw.VBox):
    """A card about the task in view, which is shown where it has something to say.

    There is one of each kind for the whole dashboard; subclasses build all their
    widgets at once, and only change values later.

    Args:
        session: The session, whose task is in view.
        guard: Runs the actions of the person, and shows their errors.
    """

    title = ""

    def __init__(self, session: DashboardSession, guard: Guard) -> None:
        self.session, self.guard = session, guard
        super().__init__([heading(self.title), *self.build()])
        self.add_class("dmc-card")
        self.add_class("dmc-task-panel")

    def build(self) -> list[ipw.Widget]:
        """Build the widgets below the title."""
        raise NotImplementedError

    def is_offered(self, task: Task) -> bool:
        """Return True if the panel has something to say about *task* now."""
        raise NotImplementedError

    def show_task(self, task: Task, *, is_other: bool) -> None:
        """Show the present state of *task*.

        Called up to four times a second while the task runs, only if the panel is
        offered. *is_other* is True where the panel has shown another task before, or
        none.
        """
        raise NotImplementedError
