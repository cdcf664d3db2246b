"""The details page of a task, and the panels that follow a task after its start."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from html import escape
from typing import Final

import ipywidgets as ipw

from ...languages import gettext as _
from ...languages import lazy
from ...model.plan import is_dry_run
from ...model.task import Task
from ...states.actions.exports import change_export
from ...states.actions.imports import change_import
from ...states.dashboard_session import DashboardSession
from ...states.dashboard_state import DashboardPage
from ...states.paths.import_path import FORM_STEPS, ImportPath
from ...states.task_list_state import TaskDownload
from ...states.task_state import describe_source
from ...states.toolkit.calls import task_code
from ..controls import CodeButtons, Stepper, section_class
from ..parts.form_inputs import (
    add_classes,
    button,
    button_bar,
    card,
    form_title,
    html,
    set_visible,
    spacer,
)
from ..parts.guard import Guard
from ..parts.task_buttons import (
    TaskActionBar,
    TaskDownloads,
    observe_task,
)
from ..parts.task_view import (
    TaskProgress,
    render_advice,
    render_details,
    render_task_title,
)
from .steps.path_parts import build_stepper

_ALL_DOWNLOADS = {item: item.value for item in TaskDownload}


class TaskPage(ipw.VBox):
    """The details of a task, which may still be running.

    Args:
        session: The session, whose task is in view.
        guard: Shows errors.
        actions: The buttons of the actions on the task.
    """

    def __init__(
        self, session: DashboardSession, guard: Guard, actions: TaskActionBar
    ) -> None:
        self.details, self.progress = html("", "dmc-facts"), TaskProgress()
        self.title, self.advice = html(""), html("")
        self.downloads = TaskDownloads(session, _ALL_DOWNLOADS)
        self.back = button(_("Back"))
        self.back.on_click(guard.on_click(session.show_lists))
        observe_task(session, self._show_task, DashboardPage.TASK)
        bar = ipw.HBox([self.back, spacer(), self.downloads])
        steps = add_classes(ipw.VBox([self.advice, actions]), "dmc-next-steps")
        parts = [self.title, self.progress, steps]
        summary = add_classes(ipw.VBox(parts), "dmc-card", section_class("overview"))
        self.code = CodeButtons(partial(task_code, session))
        task = card(_("Task Details"), self.details, self.code)
        super().__init__([add_classes(bar, "dmc-toolbar"), summary, task])

    def _show_task(self, task: Task) -> None:
        self.title.value = render_task_title(task)
        self.advice.value = render_advice(task)
        self.details.value = render_details(task)
        self.progress.show_task(task)
        self.downloads.show_task(task)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPanelTexts:
    """The texts of one kind of run panel, and its page.

    Attributes:
        page: The page that the panel is on.
        form: The page of the form that started the task.
        title: The title of the panel.
        leave: The label of the button that goes back to the list.
        downloads: The downloads offered at the end, and their labels.
    """

    page: DashboardPage
    form: DashboardPage
    title: str
    leave: str
    downloads: Mapping[TaskDownload, str]


EXPORT_RUN = RunPanelTexts(
    page=DashboardPage.EXPORTING,
    form=DashboardPage.EXPORT,
    title=lazy("Export File"),
    leave=lazy("Back to the List"),
    downloads={TaskDownload.EXPORTED_FILE: lazy("Download")},
)
MIGRATION_RUN = RunPanelTexts(
    page=DashboardPage.MIGRATING,
    form=DashboardPage.MIGRATION,
    title=lazy("Migration"),
    leave=lazy("Close"),
    downloads={TaskDownload.ERROR_REPORT: TaskDownload.ERROR_REPORT.value},
)
IMPORT_RUN = RunPanelTexts(
    page=DashboardPage.IMPORTING,
    form=DashboardPage.PREVIEW,
    title=lazy("Import File"),
    leave=lazy("Close"),
    downloads={TaskDownload.ERROR_REPORT: TaskDownload.ERROR_REPORT.value},
)


class RunPanel(ipw.VBox):
    """Follows a task that was just started, to its end.

    Args:
        session: The session, whose task is in view.
        guard: Shows errors.
        actions: The buttons of the actions on the task.
        texts: The texts of the panel.
    """

    def __init__(
        self,
        session: DashboardSession,
        guard: Guard,
        actions: TaskActionBar,
        texts: RunPanelTexts,
    ) -> None:
        self._session, self._texts = session, texts
        self.file, self.progress = html("", "dmc-mono"), TaskProgress()
        self.leave = button(texts.leave)
        self.leave.on_click(guard.on_click(self._leave))
        self.details = button(_("Task Details"), "link")
        self.details.on_click(guard.on_click(self._open_details))
        self.change = button(_("Back to the Mapping"))
        self.change.on_click(guard.on_click(change_import, session))
        set_visible(self.change, False)
        self.downloads = TaskDownloads(session, texts.downloads)
        observe_task(session, self._show_task, texts.page)
        last = (self.change, self.leave)
        bar = button_bar(self.details, self.downloads, actions, *last)
        parts = [form_title(texts.title), self.file, self.progress, bar]
        panel = add_classes(ipw.VBox(parts), "dmc-card", "dmc-run")
        build = _STEPS.get(texts.page)
        steps = [build(session, guard)] if build else []
        super().__init__([*steps, panel])
        add_classes(self, "dmc-stack")

    @property
    def _is_import(self) -> bool:
        return self._texts.page is DashboardPage.IMPORTING

    def _leave(self) -> None:
        """Go back to the lists; after a dry run, to the form, where the run starts."""
        task = self._session.task.task
        has_form = self._texts.form is not DashboardPage.PREVIEW or self._session.file
        if task is not None and is_dry_run(task.plan) and has_form:
            self._session.dashboard.page = self._texts.form
        else:
            self._session.show_lists()

    def _open_details(self) -> None:
        if self._session.task.task:
            self._session.open_task(self._session.task.task.id)

    def _show_task(self, task: Task) -> None:
        self.file.value = escape(
            describe_source(task) or self._session.center.task(task).file_name
        )
        self.progress.show_task(task)
        self.downloads.show_task(task)
        set_visible(self.change, self._is_import and ImportPath.can_change(task))


def build_import_steps(session: DashboardSession, guard: Guard) -> Stepper:
    """Return the steps of the import whose task is in view."""

    def open_step(key: str) -> None:
        if key in FORM_STEPS:
            change_import(session, key)
        elif session.file is not None:
            session.dashboard.page = DashboardPage.PREVIEW

    path, label = session.import_path, _("Steps of the Import")
    return build_stepper(path, guard, label, open_step, lambda _blocker: None)


def build_export_steps(session: DashboardSession, guard: Guard) -> Stepper:
    """Return the steps of the export whose task is in view."""

    def open_step(key: str) -> None:
        change_export(session, key)

    path, label = session.export_path, _("Steps of the Export")
    return build_stepper(path, guard, label, open_step, lambda _blocker: None)


_STEPS: Final = {
    DashboardPage.EXPORTING: build_export_steps,
    DashboardPage.IMPORTING: build_import_steps,
}
"""How the steps are built of what is started at the end of a path."""
