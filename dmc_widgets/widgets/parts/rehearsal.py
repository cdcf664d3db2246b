"""The dry run of the choices in a migration form, and the run that follows it."""

from __future__ import annotations

from html import escape

import ipywidgets as ipw

from ...languages import gettext as _
from ...languages import resolve
from ...model.task import Task
from ...states.actions.migrations import find_rehearsal
from ...states.actions.tasks import request_action
from ...states.dashboard_session import DashboardSession
from ...states.dashboard_state import DashboardPage
from ...states.migration_state import MigrationState
from ...states.task_actions.run_as_shown import MIGRATE_AS_SHOWN
from ...states.task_state import format_headline
from ..theme import render_time
from .form_inputs import button, button_bar, card, html, set_visible
from .guard import Guard


class RehearsalPanel(ipw.VBox):
    """What the dry run of exactly these choices has shown; hidden without one.

    Args:
        session: The session.
        guard: Shows errors.
        state: The choices of the form.

    Attributes:
        migrate: Starts exactly what the dry run has shown.
        show: Opens the dry run.
    """

    def __init__(
        self, session: DashboardSession, guard: Guard, state: MigrationState
    ) -> None:
        self._session, self._state = session, state
        self._task: Task | None = None
        self.text = html("")
        self.migrate = button(resolve(MIGRATE_AS_SHOWN.label), "primary")
        self.show = button(_("See the Dry Run"))
        self.migrate.on_click(guard.on_click(self._migrate))
        self.show.on_click(guard.on_click(self._show))
        bar = button_bar(self.show, self.migrate)
        super().__init__([card(_("Dry Run"), self.text, bar)])
        state.observe(lambda _change: self._update())
        session.dashboard.observe(lambda _change: self._follow(), "page")
        session.pulses.append(self._follow)
        self._follow()

    def _follow(self) -> None:
        """Read the dry run again until it has ended."""
        number, *_rest = self._state.rehearsal or (0,)
        task = self._task
        is_known = task is not None and task.id == number and task.status.is_final
        is_in_view = self._session.dashboard.page is DashboardPage.MIGRATION
        if number and is_in_view and not is_known:
            self._task = find_rehearsal(self._session)
            self._update()

    def _update(self) -> None:
        """Show the dry run while the choices are those that it was made with."""
        task = self._task
        is_shown = task is not None and self._state.is_rehearsed
        set_visible(self, is_shown)
        if task is None or not is_shown:
            return
        set_visible(self.migrate, MIGRATE_AS_SHOWN.is_offered(task))
        outcome = escape(format_headline(task))
        if task.status.is_final:
            outcome += f" {escape(task.counts.summary)}, {render_time(task.modified)}."
        said = escape(_("With exactly these settings:"))
        self.text.value = f"<p>{said} {outcome}</p>"

    def _migrate(self) -> None:
        if self._task is not None:
            request_action(self._session, self._task.id, MIGRATE_AS_SHOWN.label)

    def _show(self) -> None:
        if self._task is not None:
            self._session.open_task(self._task.id)
