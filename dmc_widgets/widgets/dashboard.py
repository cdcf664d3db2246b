"""The whole page: a header, the forms, and what there is to say."""

from __future__ import annotations

from typing import Any

import ipywidgets as ipw

from .. import open_center
from ..states.dashboard_state import DashboardState, Message, Page
from ..states.session import Session
from .controls import Heartbeat
from .export_form import ExportForm
from .forms_style import forms_style
from .guard import Guard
from .import_form import ImportForm
from .installation_picker import InstallationPicker
from .migration_form import MigrationForm
from .poller import Poller
from .preview_panel import PreviewPanel
from .run_panel import EXPORTING, IMPORTING, MIGRATING, RunPanel
from .task_list import TaskList
from .task_page import TaskPage
from .template_list import TemplateList
from .theme import alert, style_widget
from .wiring import classed, heading, html, show

_TITLE = "Data Migration Center"
_IDLE_TICKS = 8  # while nothing runs the list is looked at every two seconds


class MessageBox(ipw.HBox):
    """The latest message, until the person or the next action settles it."""

    def __init__(self, state: DashboardState) -> None:
        self.text = html("")
        self.close_button = classed(
            ipw.Button(description="×", tooltip="Close the message"), "dmc-close"
        )
        self.close_button.on_click(lambda _button: setattr(state, "message", None))
        super().__init__([self.text, self.close_button])
        classed(self, "dmc-toasts")
        state.observe(lambda change: self._follow(change["new"]), "message")
        self._follow(state.message)

    def _follow(self, message: Message | None) -> None:
        self.text.value = _message(message) if message else ""
        show(self, message is not None)


class Dashboard(ipw.VBox):
    """Every page of the dashboard, one of them in view.

    Args:
        session: The center and the states.
        guard: Catches what goes wrong in any callback.
    """

    def __init__(self, session: Session, guard: Guard) -> None:
        self.session, self._guard = session, guard
        self.picker = InstallationPicker(session, guard)
        self.task_list = TaskList(session, guard)
        self.template_list = TemplateList(session, guard)
        self.pages = self._open_pages()
        self._first = self._first_stops()
        for each in self._first.values():
            each.add_class("dmc-first")
        self._ticks = 0
        self.poller = Poller(self.tick)
        session.dashboard.observe(lambda _change: self._turn(), "page")
        self._turn()
        self.message = MessageBox(session.dashboard)
        parts = [
            _header(),
            self.message,
            self.picker,
            *self.pages.values(),
            Heartbeat(),
        ]
        super().__init__([style_widget(), forms_style(), *parts])
        self.add_class("dmc-page")

    def tick(self) -> None:
        """Copy what the workspace knows now into the states; the poller's pulse."""
        self._ticks += 1
        busy = any(not task.status.is_final for task in self.session.tasks.tasks)
        waits = self.session.dashboard.page is Page.LISTS and not busy
        if waits and self._ticks % _IDLE_TICKS:
            return
        with self._guard:
            self.session.refresh()

    def _open_pages(self) -> dict[Page, Any]:
        session, guard = self.session, self._guard
        preview = PreviewPanel(session, guard)
        return {
            Page.LISTS: _tabs(self.task_list, self.template_list),
            Page.EXPORT: ExportForm(session, guard),
            Page.EXPORTING: RunPanel(session, guard, EXPORTING),
            Page.IMPORT: ImportForm(session, guard, preview),
            Page.PREVIEW: preview,
            Page.IMPORTING: RunPanel(session, guard, IMPORTING),
            Page.MIGRATION: MigrationForm(session, guard),
            Page.MIGRATING: RunPanel(session, guard, MIGRATING),
            Page.TASK: TaskPage(session, guard),
        }

    def _first_stops(self) -> dict[Page, ipw.Widget]:
        """Return where the keyboard begins on each page."""
        return {
            Page.LISTS: self.task_list.new.button,
            Page.EXPORT: self.picker.choice,
            Page.EXPORTING: self.pages[Page.EXPORTING].leave,
            Page.IMPORT: self.picker.choice,
            Page.PREVIEW: self.pages[Page.PREVIEW].cancel,
            Page.IMPORTING: self.pages[Page.IMPORTING].leave,
            Page.MIGRATION: self.pages[Page.MIGRATION].source,
            Page.MIGRATING: self.pages[Page.MIGRATING].leave,
            Page.TASK: self.pages[Page.TASK].back,
        }

    def _turn(self) -> None:
        page = self.session.dashboard.page
        for each, widget in self.pages.items():
            show(widget, each is page)
        show(self.picker, page in {Page.EXPORT, Page.IMPORT})
        self._first[page].focus()  # else the keyboard stays on what is hidden now


def _tabs(tasks: ipw.Widget, templates: ipw.Widget) -> ipw.Tab:
    titles = ["Import and Export", "Templates"]
    return classed(ipw.Tab([tasks, templates], titles=titles), "dmc-tabs")


def dashboard() -> ipw.Widget:
    """Return the dashboard over the workspace of the environment.

    It never raises: a workspace that cannot be used becomes a page that says so.
    """
    state = DashboardState()
    page: ipw.Widget | None = None
    guard = Guard(state)
    with guard:
        session = Session(open_center(), state)
        session.begin()
        page = Dashboard(session, guard)
        page.poller.start()
    if page is not None:
        return page
    told = state.message or Message("The dashboard could not be opened.", "danger")
    broken = ipw.VBox([style_widget(), forms_style(), _header(), html(_message(told))])
    return classed(broken, "dmc-page")


def _header() -> ipw.HBox:
    return classed(ipw.HBox([heading(_TITLE, 1)]), "dmc-header")


def _message(message: Message) -> str:
    danger = message.kind == "danger"
    text = f"Error: {message.text}" if danger else message.text
    return str(alert(text, message.kind))
