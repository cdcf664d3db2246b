"""The dashboard: the navigation, the page in view, the latest message, and a poller."""

from __future__ import annotations

import os
from functools import partial
from typing import Any

import ipywidgets as ipw

from .. import open_center
from ..errors import UnknownName
from ..languages import (
    VARIABLE,
    choose_language,
    current_language,
    lazy,
    resolve,
    set_language,
)
from ..languages import gettext as _
from ..states.dashboard_session import DashboardSession
from ..states.dashboard_state import DashboardMessage, DashboardPage, DashboardState
from ..states.installations.changed_installations import follow_installations
from .controls import (
    Heartbeat,
    LocalTimes,
    Navigation,
    NavigationLink,
    build_account_bar,
)
from .pages import PAGES, PageSpec, PageViews, find_page
from .pages.missing import MISSING_TITLE, MissingPage
from .parts.form_inputs import add_classes, heading, html, set_visible
from .parts.guard import Guard
from .parts.poller import Poller
from .theme import render_alert, style_widget

_TITLE = lazy("Data Migration Center")
_LISTS = frozenset({DashboardPage.HOME, DashboardPage.LISTS})
_IDLE_TICKS = 8  # while no task runs the list is refreshed every two seconds


class MessageBox(ipw.HBox):
    """The latest message, until the person or the next action dismisses it."""

    def __init__(self, state: DashboardState) -> None:
        self.text = html("")
        self.close_button = add_classes(
            ipw.Button(description="×", tooltip=_("Close the message")), "dmc-close"
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
    """All pages of the dashboard; the one at the address of the session is in view.

    Args:
        session: The center and the states.
        guard: Shows the errors of all callbacks.

    Attributes:
        pages: The widget of each view; a page is built when it is first needed.
    """

    def __init__(self, session: DashboardSession, guard: Guard) -> None:
        super().__init__()
        add_classes(self, "dmc-page", "dmc-center")
        self._build(session, guard)

    def _build(self, session: DashboardSession, guard: Guard) -> None:
        """Build all parts, in the language in use."""
        self.session, self._guard = session, guard
        session.drafts.is_kept = True
        session.pulses.append(partial(follow_installations, session))
        self.pages = PageViews(session, guard)
        self.navigation = Navigation(
            [*_list_links()],
            on_go=lambda address: guard.run(self._go, address),
            on_open=lambda address: guard.run(self.open_new, address),
            on_step=lambda step: guard.run(self._step, step),
            on_languages=lambda codes: guard.run(self._speak, codes),
        )
        self.missing = MissingPage()
        set_visible(self.missing, False)
        self._history, self._place = [session.dashboard.address], 0
        self._ticks = 0
        self.poller = Poller(self.tick)
        self.message = MessageBox(session.dashboard)
        account = build_account_bar()
        top = [account] if account else []
        parts = [*top, self.message, self.missing]
        self.main = add_classes(ipw.VBox(parts), "dmc-main")
        session.dashboard.observe(lambda _change: self._follow_address(), "address")
        session.dashboard.observe(lambda _change: self._show_title(), "title")
        self._follow_address()
        self.heartbeat = Heartbeat(
            lambda since: guard.run(session.report_return, since)
        )
        parts = [style_widget(), self.navigation, self.main, self.heartbeat]
        self.children = [*parts, LocalTimes()]

    def _speak(self, codes: list[str]) -> None:
        """Begin anew in the language that the browser prefers, unless it is in use.

        A server that knows the browser has set it before; see ``dmc_widgets.serve``.
        """
        language = choose_language(codes)
        if language == current_language():
            return
        set_language(language.code)
        before = self.session.dashboard
        state = DashboardState(address=before.address)
        session = DashboardSession(self.session.center, state)
        session.load()
        self.poller.stop()
        self._build(session, Guard(state))
        self.poller.start()

    @property
    def task_list(self) -> Any:
        """Return the list of tasks."""
        return self.pages[DashboardPage.LISTS]

    @property
    def template_list(self) -> Any:
        """Return the list of templates."""
        return self.pages[DashboardPage.TEMPLATES]

    @property
    def settings(self) -> Any:
        """Return the settings of the workspace."""
        return self.pages[DashboardPage.SETTINGS]

    @property
    def task_actions(self) -> Any:
        """Return the buttons of the actions on the task in view."""
        return self._build_page(DashboardPage.TASK).actions

    @property
    def task_panels(self) -> Any:
        """Return the views of the task in view."""
        return self._build_page(DashboardPage.TASK).panels

    @property
    def question(self) -> Any:
        """Return the question of an action on the task in view."""
        return self._build_page(DashboardPage.TASK).question

    @property
    def picker(self) -> Any:
        """Return the choice of the installation above the form in view."""
        in_view = self.session.dashboard.page
        is_import = in_view in {DashboardPage.IMPORT, DashboardPage.PREVIEW}
        form = DashboardPage.IMPORT if is_import else DashboardPage.EXPORT
        return self._build_page(form).picker

    def open_new(self, address: str) -> None:
        """Open the page at an address as a link does: a form begins anew."""
        self._go(address)
        found = find_page(address)
        if found is None or found[1]:
            return
        page = self.pages.build(found[0])
        if hasattr(page, "open_new"):
            page.open_new()

    def tick(self) -> None:
        """Copy the current state of the workspace into the states, for the poller."""
        self._ticks += 1
        tasks = (*self.session.tasks.tasks, *self.session.home.latest)
        is_busy = any(not task.status.is_final for task in tasks)
        is_busy = is_busy or self.session.background.is_busy
        is_idle = self.session.dashboard.page in _LISTS and not is_busy
        if is_idle and self._ticks % _IDLE_TICKS:
            return
        with self._guard:
            self.session.refresh()

    def _build_page(self, view: DashboardPage) -> Any:
        return self.pages.build(next(spec for spec in PAGES if view in spec.views))

    def _go(self, address: str) -> None:
        self.session.dashboard.go(address)

    def _step(self, step: int) -> None:
        """Go to the previous or the next page of the history, where it has one."""
        place = self._place + step
        if 0 <= place < len(self._history):
            self._place = place
            self._go(self._history[place])

    def _follow_address(self) -> None:
        """Open the page at the address; whatever fails, its error shows on a page."""
        address = self.session.dashboard.address
        self._remember(address)
        found = find_page(address)
        if found is None:
            self._show_missing(address)
            return
        with self._guard:
            self._open(address, *found)

    def _remember(self, address: str) -> None:
        """Add an address to the history, unless it is where the history stands."""
        if self._history[self._place] == address:
            return
        if not self.session.dashboard.is_replaced:
            self._place += 1
        self._history[self._place :] = [address]

    def _open(self, address: str, spec: PageSpec, parts: tuple[str, ...]) -> None:
        """Show a page, and let it show what stands at the address.

        It is in view before, so that people see what it could not load. A page may
        also lead on to another address, which is in view then.
        """
        state = self.session.dashboard
        page = self.pages.build(spec)
        state.title = resolve(spec.title)
        self._show(page, spec)
        try:
            page.open_page(parts)
        except UnknownName as exc:
            self._show_missing(address, str(exc))
        finally:
            is_in_view = state.address == address and page.layout.display != "none"
            if is_in_view and state.page not in spec.views:
                state.page = spec.views[0]

    def _show_missing(self, address: str, reason: str = "") -> None:
        state = self.session.dashboard
        state.title = _(MISSING_TITLE)
        self.missing.explain(address, reason)
        self._show(self.missing, None)
        state.page = DashboardPage.OTHER

    def _show(self, page: Any, spec: PageSpec | None) -> None:
        """Bring one page into view, and its link in the navigation."""
        state = self.session.dashboard
        self.navigation.show_place(
            state.address, spec.path if spec else "-", is_replaced=state.is_replaced
        )
        if page not in self.main.children:
            self.main.children = [*self.main.children, page]
        for widget in (self.missing, *self.pages.built.values()):
            set_visible(widget, widget is page)

    def _show_title(self) -> None:
        self.navigation.title = f"{self.session.dashboard.title} · {resolve(_TITLE)}"


def dashboard() -> ipw.Widget:
    """Return the dashboard over the workspace of the environment.

    It never raises: if the workspace cannot be opened the page shows the error.
    """
    set_language(os.environ.get(VARIABLE, ""))
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
        _("The dashboard could not be opened."), "danger"
    )
    parts = [
        style_widget(),
        heading(resolve(_TITLE), 1),
        html(_render_message(message)),
    ]
    return add_classes(ipw.VBox(parts), "dmc-page")


def _render_message(message: DashboardMessage) -> str:
    is_error = message.kind == "danger"
    text = message.text
    if is_error:
        text = _("Error: {message}").format(message=message.text)
    return str(render_alert(text, message.kind))


def _list_links() -> list[NavigationLink]:
    return [
        NavigationLink(spec.path, spec.title, spec.icon, spec.group)
        for spec in PAGES
        if spec.group
    ]
