"""The page *Compare*: two installations side by side."""

from __future__ import annotations

import ipywidgets as ipw

from ...languages import gettext as _
from ...states.comparing.comparison_state import ComparisonState
from ...states.dashboard_session import DashboardSession
from ...states.installations.changed_installations import read_sides, rename_sides
from ..forms.compare_form import CompareForm
from ..parts.form_inputs import add_classes, call_on_change, heading
from ..parts.guard import Guard


class ComparePage(ipw.VBox):
    """The comparison of two installations at ``compare/SOURCE/TARGET``.

    Attributes:
        form: The form.
    """

    def __init__(self, session: DashboardSession, guard: Guard) -> None:
        self._session, self._state = session, ComparisonState()
        self.form = CompareForm(session, guard, self._state)
        super().__init__([heading(_("Compare"), 1), self.form])
        add_classes(self, "dmc-stack")
        call_on_change(session.dashboard, "renamed", self._rename)

    def _rename(self) -> None:
        """Follow a rename; what was found and chosen stays."""
        sides = read_sides(self._state, self._session.dashboard.renamed)
        kept = ("differences", "merge_choices", "counts", "kind", "entity")
        rename_sides(self._state, sides, *(kept if sides else ()))

    def open_page(self, parts: tuple[str, ...]) -> None:
        """Show the comparison as it was left, or select two installations.

        Raises:
            UnknownName: There is no such installation.
        """
        for name in parts:
            _ = self._session.center.installations[name]
        if len(parts) == 2:
            self._state.source, self._state.target = parts
        elif not self._state.source:
            names = [x.name for x in self._session.dashboard.installations]
            first, second, *_ = [*names, "", ""]
            self._state.source, self._state.target = first, second
