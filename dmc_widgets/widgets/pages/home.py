"""The page *Home*: three ways in, what runs, what needs attention, what is there."""

from __future__ import annotations

import ipywidgets as ipw

from ...states.dashboard_session import DashboardSession
from ...states.dashboard_state import DashboardPage
from ..icons import render_icon
from ..parts.form_inputs import add_classes, heading, html
from ..parts.guard import Guard

_WAYS = (
    ("import", "import", "Import a File", "CSV, Excel, JSON or a package, mapped."),
    ("export", "export", "Export", "Entries and definitions into a file."),
    ("migrate", "migrate", "Move Between Installations", "Without a file, in order."),
)


class HomePage(ipw.VBox):
    """What people see first."""

    def __init__(self, session: DashboardSession, _guard: Guard) -> None:
        self._session = session
        self.ways = html(_render_ways(), "dmc-ways-frame")
        super().__init__([heading("Home", 1), self.ways])
        add_classes(self, "dmc-stack")

    def open_page(self, _parts: tuple[str, ...]) -> None:
        """Load the latest tasks."""
        self._session.dashboard.page = DashboardPage.HOME


def _render_ways() -> str:
    ways = "".join(
        f'<a class="dmc-way" href="#/{address}">{render_icon(icon)}'
        f"<strong>{title}</strong><span>{text}</span></a>"
        for address, icon, title, text in _WAYS
    )
    return f'<div class="dmc-ways">{ways}</div>'
