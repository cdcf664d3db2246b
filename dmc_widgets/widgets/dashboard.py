"""The dashboard: a header, the pages, the latest message, and a poller."""

from __future__ import annotations

from typing import Any

import ipywidgets as ipw

from .. import open_center
from ..states.dashboard_session import DashboardSession
from ..states.dashboard_state import DashboardMessage, DashboardPage, DashboardState
from .controls import Heartbeat
from .forms.export_form import ExportForm
from .forms.import_form import ImportForm
from .forms.installation_picker import InstallationPicker
from .forms.migration_form import MigrationForm
from .forms.preview_panel import PreviewPanel
from .forms.task_list import TaskList
from .forms.task_pages import EXPORT_RUN, IMPORT_RUN, MIGRATION_RUN, RunPanel, TaskPage
from .forms.template_list import TemplateList
from .forms.verification_form import VerificationForm
from .parts.form_inputs import add_classes, heading, html, set_visible
from .parts.guard import Guard
from .parts.poller import Poller
from .parts.task_buttons import ActionQuestion, TaskActionBar
from .settings import SettingsPage
from .task_panels import TaskPanels
from .theme import render_alert, style_widget

_TITLE = "Data Migration Center"
_PICKER_PAGES = frozenset({DashboardPage.EXPORT})
_PAIR_PAGES = frozenset({DashboardPage.MIGRATION, DashboardPage.VERIFICATION})
_IDLE_TICKS = 8  # while no task runs the list is refreshed every two seconds


class MessageBox(ipw.HBox):
    """The latest message, until the person or the next action dismisses it."""

    def __init__(self, state: DashboardState) -> None:
        self.text = html("")
        self.close_button = add_classes(
            ipw.Button(description="×", tooltip="Close the message"), "dmc-close"
        )
        self.close_button.on_click(lambda _button: setattr(state, "message", None))
        super().__init__([self.text, self.close_button])
        add_classes(self, "dmc-toasts")
        state.observe(lambda change: self._follow(change["new"]), "message")
        self._follow(state.message)

    def _follow(self, message: DashboardMessage | None) -> None:
        self.text.value = _render_message(message) if message else ""
        set_visible(self, message is not None)


class Dashboard(ipw.VBox):
    """All pages of the dashboard; one of them is in view.

    Args:
        session: The center and the states.
        guard: Shows the errors of all callbacks.
    """

    def __init__(self, session: DashboardSession, guard: Guard) -> None:
        self.session, self._guard = session, guard
        self.picker = InstallationPicker(session, guard)
        self.task_list = TaskList(session, guard)
        self.template_list = TemplateList(session, guard)
        self.settings = SettingsPage(session, guard)
        self.task_actions = TaskActionBar(session, guard)
        self.task_panels = TaskPanels(session, guard)
        self.question = ActionQuestion(session, guard)
        self.pages = self._build_pages()
        self._first_inputs = self._list_first_inputs()
        for widget in self._first_inputs.values():
            widget.add_class("dmc-first")
        self._ticks = 0
        self.poller = Poller(self.tick)
        session.dashboard.observe(lambda _change: self._show_page(), "page")
        self._show_page()
        self.message = MessageBox(session.dashboard)
        parts = [
            _build_header(),
            self.message,
            self.question,
            self.picker,
            *self.pages.values(),
            self.task_panels,
            Heartbeat(),
        ]
        super().__init__([style_widget(), *parts])
        self.add_class("dmc-page")

    def tick(self) -> None:
        """Copy the current state of the workspace into the states, for the poller."""
        self._ticks += 1
        is_busy = any(not task.status.is_final for task in self.session.tasks.tasks)
        is_busy = is_busy or self.session.background.is_busy
        is_idle = self.session.dashboard.page is DashboardPage.LISTS and not is_busy
        if is_idle and self._ticks % _IDLE_TICKS:
            return
        with self._guard:
            self.session.refresh()

    def _build_pages(self) -> dict[DashboardPage, Any]:
        session, guard, actions = self.session, self._guard, self.task_actions
        add = self.picker.add.opener
        preview = PreviewPanel(session, guard)
        return {
            DashboardPage.LISTS: _build_tabs(
                self.task_list, self.template_list, self.settings
            ),
            DashboardPage.EXPORT: ExportForm(session, guard),
            DashboardPage.EXPORTING: RunPanel(session, guard, actions, EXPORT_RUN),
            DashboardPage.IMPORT: ImportForm(session, guard, preview),
            DashboardPage.PREVIEW: preview,
            DashboardPage.IMPORTING: RunPanel(session, guard, actions, IMPORT_RUN),
            DashboardPage.MIGRATION: MigrationForm(session, guard, add),
            DashboardPage.MIGRATING: RunPanel(session, guard, actions, MIGRATION_RUN),
            DashboardPage.VERIFICATION: VerificationForm(session, guard, add),
            DashboardPage.TASK: TaskPage(session, guard, actions),
        }

    def _list_first_inputs(self) -> dict[DashboardPage, ipw.Widget]:
        """Return the widget that gets the keyboard focus on each page."""
        return {
            DashboardPage.LISTS: self.task_list.new.button,
            DashboardPage.EXPORT: self.picker.choice,
            DashboardPage.EXPORTING: self.pages[DashboardPage.EXPORTING].leave,
            DashboardPage.IMPORT: self.pages[DashboardPage.IMPORT],
            DashboardPage.PREVIEW: self.pages[DashboardPage.PREVIEW],
            DashboardPage.IMPORTING: self.pages[DashboardPage.IMPORTING].leave,
            DashboardPage.MIGRATION: self.pages[DashboardPage.MIGRATION].source,
            DashboardPage.MIGRATING: self.pages[DashboardPage.MIGRATING].leave,
            DashboardPage.VERIFICATION: self.pages[DashboardPage.VERIFICATION].source,
            DashboardPage.TASK: self.pages[DashboardPage.TASK].back,
        }

    def _show_page(self) -> None:
        page = self.session.dashboard.page
        for name, widget in self.pages.items():
            set_visible(widget, name is page)
        set_visible(self.picker, page in _PICKER_PAGES | _PAIR_PAGES)
        set_visible(self.picker.row, page in _PICKER_PAGES)
        self._first_inputs[page].focus()  # or the focus stays on a hidden widget


def _build_tabs(*pages: ipw.Widget) -> ipw.Tab:
    titles = ["Import and Export", "Templates", "Settings"]
    return add_classes(ipw.Tab(pages, titles=titles), "dmc-tabs")


def dashboard() -> ipw.Widget:
    """Return the dashboard over the workspace of the environment.

    It never raises: if the workspace cannot be opened the page shows the error.
    """
    state = DashboardState()
    page: ipw.Widget | None = None
    guard = Guard(state)
    with guard:
        session = DashboardSession(open_center(), state)
        session.load()
        page = Dashboard(session, guard)
        page.poller.start()
    if page is not None:
        return page
    message = state.message or DashboardMessage(
        "The dashboard could not be opened.", "danger"
    )
    parts = [style_widget(), _build_header(), html(_render_message(message))]
    return add_classes(ipw.VBox(parts), "dmc-page")


def _build_header() -> ipw.HBox:
    return add_classes(ipw.HBox([heading(_TITLE, 1)]), "dmc-header")


def _render_message(message: DashboardMessage) -> str:
    is_error = message.kind == "danger"
    text = f"Error: {message.text}" if is_error else message.text
    return str(render_alert(text, message.kind))
