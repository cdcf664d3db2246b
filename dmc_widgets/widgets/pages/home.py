"""The page *Home*: three ways in, what runs, what needs attention, what is there."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

import ipywidgets as ipw

from ...center.browsing import describe_place
from ...center.installations import Connection
from ...languages import gettext as _
from ...languages import lazy
from ...model.task import Task, TaskStatus
from ...states.dashboard_session import DashboardSession
from ...states.dashboard_state import DashboardPage
from ...states.installations import InstallationCheck
from ...states.model_words import translate_word
from ...states.navigation.home_state import describe_next_step
from ...states.task_list_state import STATUS_KINDS
from ...states.task_state import (
    compute_percent,
    format_action,
    format_entity_types,
    format_records,
)
from ..forms.steps.draft_list import DraftList
from ..icons import render_icon
from ..parts.form_inputs import (
    add_classes,
    call_on_change,
    card,
    heading,
    html,
    set_visible,
)
from ..parts.guard import Guard
from ..parts.installation_badge import KIND_ICONS, render_installation_badge
from ..theme import render_badge, render_time

_WAYS = (
    (
        "import",
        "import",
        lazy("Import a File"),
        lazy(
            "CSV, Excel, Parquet, JSON or a package. Each change is shown before it is "
            "written."
        ),
    ),
    (
        "export",
        "export",
        lazy("Export"),
        lazy(
            "Entries, definitions and picklists into a file, all or those of a filter."
        ),
    ),
    (
        "migrate",
        "migrate",
        lazy("Move Between Installations"),
        lazy(
            "Without a file: definitions first, then entries, parents before children."
        ),
    ),
)
_FIRST_STEPS = lazy(
    "<p>Nothing was moved in this workspace yet. <em>Sample source</em> holds made-up "
    "bicycles, customers and repairs; <em>Sample target</em> is empty. Both are files "
    "of your own, so that you can try everything.</p>"
    '<p><a href="#/migrate">Move the samples into the empty installation</a>, or '
    '<a href="#/export">export the customers</a> and import the file again.</p>'
)


class HomePage(ipw.VBox):
    """What people see first.

    Attributes:
        first_steps: What to try, in a workspace without tasks.
        waiting: The tasks that a person has to do something about.
        latest: The newest tasks, with a live bar for each that runs.
        installations: The installations of the workspace.
        drafts: The forms in progress.
    """

    def __init__(self, session: DashboardSession, guard: Guard) -> None:
        self._session = session
        self.first_steps = html(_(_FIRST_STEPS), "dmc-first-steps")
        self.waiting, self.latest = html(""), html("")
        self.installations = html("")
        self.drafts = DraftList(session, guard)
        self._cards = [
            card(_("Try It"), self.first_steps),
            card(_("Needs Attention"), self.waiting),
            card(_("Latest Tasks"), self.latest),
            card(_("Installations"), self.installations),
        ]
        ways = html(_render_ways(), "dmc-ways-frame")
        columns = add_classes(ipw.GridBox(self._cards), "dmc-home")
        call_on_change(session.home, ["latest", "waiting"], self._show_tasks)
        call_on_change(session.dashboard, "installations", self._show_installations)
        checks = session.installation_checks
        call_on_change(checks, "checks", self._show_installations)
        session.pulses.append(self._ask_installations)
        self._show_tasks()
        self._show_installations()
        super().__init__([heading(_("Home"), 1), ways, self.drafts, columns])
        add_classes(self, "dmc-stack")

    def open_page(self, _parts: tuple[str, ...]) -> None:
        """Load the latest tasks, and the forms in progress."""
        self._session.drafts.load()
        self._session.home.load(self._session.center)
        self._session.dashboard.page = DashboardPage.HOME

    def _ask_installations(self) -> None:
        """Ask whether they answer, once the page is there; it never waits for them."""
        checks, dashboard = self._session.installation_checks, self._session.dashboard
        if dashboard.page is DashboardPage.HOME:
            checks.ask_again([one.name for one in dashboard.installations])
            checks.take()

    def _show_tasks(self) -> None:
        state = self._session.home
        self.latest.value = _render_tasks(state.latest)
        self.waiting.value = _render_waiting(state.waiting)
        first_steps, waiting, latest, _installations = self._cards
        set_visible(first_steps, not state.latest)
        set_visible(latest, bool(state.latest))
        set_visible(waiting, bool(state.waiting))

    def _show_installations(self) -> None:
        checks = self._session.installation_checks.checks
        rows = "".join(
            _render_installation(connection, checks.get(connection.name))
            for connection in self._session.dashboard.installations
        )
        self.installations.value = f'<ul class="dmc-home-list">{rows}</ul>'


def _render_installation(
    connection: Connection, check: InstallationCheck | None
) -> str:
    place = describe_place(connection.url)
    name = f"<bdi>{escape(place.name)}</bdi>"
    facts = [escape(translate_word(place.kind)), name]
    if check is not None and check.at:
        facts += [escape(check.reason or check.text), render_time(check.at)]
    return (
        f"<li>{render_icon(KIND_ICONS[place.kind])}"
        f"<span><strong><bdi>{escape(connection.name)}</bdi></strong>"
        f"<small>{' · '.join(facts)}</small></span>"
        f"{render_installation_badge(check)}</li>"
    )


def _render_ways() -> str:
    ways = "".join(
        f'<a class="dmc-way" href="#/{address}">{render_icon(icon)}'
        f"<strong>{escape(_(title))}</strong><span>{escape(_(text))}</span></a>"
        for address, icon, title, text in _WAYS
    )
    return f'<div class="dmc-ways">{ways}</div>'


def _render_tasks(tasks: Iterable[Task]) -> str:
    rows = "".join(_render_task(task) for task in tasks)
    label = escape(_("All tasks"))
    more = f'<p><a href="#/tasks">{label}</a></p>'
    return f'<ul class="dmc-home-list">{rows}</ul>{more}'


def _render_task(task: Task) -> str:
    facts = [
        format_action(task),
        format_entity_types(task),
        format_records(task.counts.total) if task.counts.total else "",
    ]
    text = " · ".join([*map(escape, filter(None, facts)), render_time(task.created)])
    return (
        f"<li><span>{_render_link(task)}<small>{text}</small>{_render_bar(task)}</span>"
        f"{render_badge(translate_word(task.status), STATUS_KINDS[task.status])}</li>"
    )


def _render_waiting(tasks: Iterable[Task]) -> str:
    rows = "".join(
        f"<li><span>{_render_link(task)}"
        f"<small>{escape(_(describe_next_step(task)))}</small></span>"
        f"{render_badge(translate_word(task.status), STATUS_KINDS[task.status])}</li>"
        for task in tasks
    )
    return f'<ul class="dmc-home-list">{rows}</ul>'


def _render_link(task: Task) -> str:
    return f'<a href="#/tasks/{task.id}"><bdi>{escape(task.name)}</bdi></a>'


def _render_bar(task: Task) -> str:
    """Render the progress of a task that runs; without a known total it moves."""
    if task.status.is_final:
        return ""
    is_known = task.progress.of and task.status is not TaskStatus.QUEUED
    value = f' value="{compute_percent(task)}"' if is_known else ""
    label = escape(_("Progress of {name}").format(name=task.name), quote=True)
    return (
        f'<progress class="dmc-progress" max="100"{value} aria-label="{label}">'
        "</progress>"
    )
