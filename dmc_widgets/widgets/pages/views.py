"""A page with several views, one of which is shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import ipywidgets as ipw

from ...states.dashboard_session import DashboardSession
from ...states.dashboard_state import DashboardPage
from ..parts.form_inputs import set_visible


class ViewStack(ipw.VBox):
    """Shows the one of its views that the state of the page names.

    Args:
        session: The session of the dashboard.
        views: The widgets by view.
        first_inputs: What gets the keyboard focus in a view.
        above: Widgets above all views.
        below: Widgets below them.

    Attributes:
        views: The widgets by view.
    """

    def __init__(
        self,
        session: DashboardSession,
        views: Mapping[DashboardPage, ipw.Widget],
        first_inputs: Mapping[DashboardPage, ipw.Widget],
        *,
        above: Sequence[ipw.Widget] = (),
        below: Sequence[ipw.Widget] = (),
    ) -> None:
        self.session, self.views = session, dict(views)
        self._first_inputs = dict(first_inputs)
        for widget in self._first_inputs.values():
            widget.add_class("dmc-first")
        super().__init__([*above, *self.views.values(), *below])
        self.add_class("dmc-stack")
        session.dashboard.observe(lambda _change: self._show_view(), "page")
        self._show_view()

    @property
    def is_open(self) -> bool:
        """Return True if one of the views is in view."""
        return self.session.dashboard.page in self.views

    def _show_view(self) -> None:
        in_view = self.session.dashboard.page
        for view, widget in self.views.items():
            set_visible(widget, view is in_view)
        if in_view in self._first_inputs:
            self._first_inputs[in_view].focus()  # or it stays on a hidden widget
