"""The views of a task, each in a module of its own.

A new view is a module with a :class:`TaskPanel`, and a line in the tuple below. Every
page of a task shows it, below the progress of the task.
"""

from __future__ import annotations

import ipywidgets as ipw

from ...languages import gettext as _
from ...languages import resolve
from ...model.task import Task
from ...states.dashboard_session import TASK_PAGES, DashboardSession
from ..controls import SectionNav, section_class
from ..parts.form_inputs import set_visible
from ..parts.guard import Guard
from ..parts.task_buttons import observe_task
from .changes import ChangesPanel
from .charts import ChartsPanel
from .comparison import ComparisonPanel
from .failures import FailuresPanel
from .history import HistoryPanel
from .kept_records import KeptRecordsPanel
from .log import LogPanel
from .mapping import MappingPanel
from .outcomes import OutcomesPanel
from .repair import RepairPanel
from .task_panel import TaskPanel
from .verification import VerificationPanel
from .workers import WorkersPanel

__all__ = ["TASK_PANELS", "TaskPanel", "TaskPanels"]

TASK_PANELS: tuple[type[TaskPanel], ...] = (
    ChartsPanel,
    FailuresPanel,
    RepairPanel,
    KeptRecordsPanel,
    ChangesPanel,
    VerificationPanel,
    OutcomesPanel,
    MappingPanel,
    WorkersPanel,
    LogPanel,
    ComparisonPanel,
    HistoryPanel,
)
"""All views of a task, from top to bottom."""


class TaskPanels(ipw.VBox):
    """All views of the task in view that have something to say.

    Attributes:
        panels: The panel of each class.
    """

    def __init__(self, session: DashboardSession, guard: Guard) -> None:
        self._session = session
        self.panels = {panel: panel(session, guard) for panel in TASK_PANELS}
        self._shown: dict[type[TaskPanel], int] = {}
        self.nav = SectionNav(label=_("Sections of the Task"), on_open=self._open)
        for panel in self.panels.values():
            panel.add_class(section_class(_section_key(panel)))
        observe_task(session, self._show_task)
        super().__init__([self.nav, *self.panels.values()])
        session.dashboard.observe(lambda _change: self._follow_page(), "page")
        self._follow_page()

    def _follow_page(self) -> None:
        set_visible(self, self._session.dashboard.page in TASK_PAGES)

    def _show_task(self, task: Task) -> None:
        offered = []
        for kind, panel in self.panels.items():
            is_offered = panel.is_offered(task)
            set_visible(panel, is_offered)
            if is_offered:
                panel.follow(task, is_other=self._shown.get(kind) != task.id)
                self._shown[kind] = task.id
                offered.append(panel)
        self.nav.show(
            (_section_key(panel), resolve(panel.title), panel.format_note(task))
            for panel in offered
        )

    def _open(self, key: str) -> None:
        """Open a folded panel before the page moves to it."""
        for panel in self.panels.values():
            if _section_key(panel) == key and panel.is_folded:
                panel.fold(False)


def _section_key(panel: TaskPanel) -> str:
    return type(panel).__name__.removesuffix("Panel").lower()
