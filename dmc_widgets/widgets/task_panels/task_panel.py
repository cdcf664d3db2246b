"""What a view of a task is: a card below the progress of the task."""

from __future__ import annotations

import ipywidgets as ipw

from ...languages import gettext as _
from ...model.task import Task
from ...states.dashboard_session import DashboardSession
from ..parts.form_inputs import add_classes, button, heading, set_visible, spacer
from ..parts.guard import Guard


class TaskPanel(ipw.VBox):
    """A card about the task in view, which is shown where it has something to say.

    There is one of each kind for the whole dashboard; subclasses build all their
    widgets at once, and only change values later.

    Args:
        session: The session, whose task is in view.
        guard: Runs the actions of the person, and shows their errors.

    Attributes:
        title: The title of the card.
        is_folded: The content is hidden until somebody opens it, and not read before.
    """

    title = ""
    is_folded = False

    def __init__(self, session: DashboardSession, guard: Guard) -> None:
        self.session, self.guard = session, guard
        self._waiting: tuple[Task, bool] | None = None
        content = self.build()
        if not self.is_folded:
            super().__init__([heading(self.title), *content])
        else:
            self.toggle = button(
                _("Show"), "link", tooltip=_("Show {title}").format(title=self.title)
            )
            self.toggle.on_click(lambda _button: self.fold(not self.is_folded))
            bar = ipw.HBox([heading(self.title), spacer(), self.toggle])
            self.content = ipw.VBox(content)
            set_visible(self.content, False)
            super().__init__([add_classes(bar, "dmc-panel-bar"), self.content])
        self.add_class("dmc-card")
        self.add_class("dmc-task-panel")

    def fold(self, is_folded: bool) -> None:
        """Hide or show the content; what it shows is read now if it was not before."""
        if is_folded == self.is_folded:
            return
        self.is_folded = is_folded
        self.toggle.description = _("Show") if is_folded else _("Hide")
        self.toggle.tooltip = f"{self.toggle.description} {self.title}"
        set_visible(self.content, not is_folded)
        if not is_folded and self._waiting is not None:
            task, is_other = self._waiting
            self._waiting = None
            self.guard.run(lambda: self.show_task(task, is_other=is_other))

    def follow(self, task: Task, *, is_other: bool) -> None:
        """Show the present state of *task*, or keep it for when the panel is opened."""
        if self.is_folded:
            is_new = is_other or (self._waiting is not None and self._waiting[1])
            self._waiting = (task, is_new)
        else:
            self.show_task(task, is_other=is_other)

    def format_note(self, task: Task) -> str:
        """Return what stands beside the title in the list of sections: a number."""
        del task
        return ""

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
