"""Two installations side by side: each difference is taken over or left."""

from __future__ import annotations

from html import escape
from typing import Any

import ipywidgets as ipw

from ...languages import format_number, lazy
from ...languages import gettext as _
from ...states.actions.comparing import apply_differences, compare_installations
from ...states.comparing.comparison_state import ComparisonState
from ...states.dashboard_session import DashboardSession
from ...states.type_names import format_type_name
from ..controls import Column, PagedTable
from ..parts.confirmation import Confirmation
from ..parts.difference_panel import DifferencePanel
from ..parts.form_inputs import (
    add_classes,
    button,
    button_bar,
    call_on_change,
    card,
    choice_field,
    html,
    link_traits,
    set_visible,
)
from ..parts.guard import Guard
from ..parts.table_rows import ListRows

_HELP = lazy(
    "Select what the second installation takes over from the first. Everything else "
    "stays as it is. Dry Run shows what would change, and writes nothing."
)


_COUNT_COLUMNS = (
    Column("label", lazy("Entity Type")),
    Column("source", lazy("From"), align="end", width="110px"),
    Column("target", lazy("Into"), align="end", width="110px"),
    Column("difference", lazy("Difference"), align="end", width="110px"),
)


class CompareForm(ipw.VBox):
    """Compares two installations, and applies single differences.

    Args:
        session: The session.
        guard: Shows the errors of callbacks.
        state: The choices.
    """

    def __init__(
        self, session: DashboardSession, guard: Guard, state: ComparisonState
    ) -> None:
        self._session, self._guard, self._state = session, guard, state
        self.source = choice_field(_("From"), [("", "")])
        self.target = choice_field(_("Into"), [("", "")])
        self.kind = choice_field(_("Kind"), [(_("All Kinds"), "")])
        self.entity = choice_field(_("Name"), [(_("All"), "")])
        link_traits(state, {"source": self.source, "target": self.target})
        link_traits(state, {"kind": self.kind, "entity": self.entity})
        self.compare = button(_("Compare"), "primary")
        self.swap = button(_("Swap"))
        self.status = html("", "dmc-help")
        self.panel = DifferencePanel(state, find=state.shown)
        self.counts = _build_count_table(state)
        self.entries = card(_("Entries"), self.counts)
        self.dry_run, self.apply = button(_("Dry Run")), button(_("Apply…"), "primary")
        self.question = Confirmation(_("Delete and Apply"), self._apply_with_deletions)
        self._wire()
        pair = ipw.HBox([self.source, self.swap, self.target, self.compare])
        self.filters = ipw.HBox([self.kind, self.entity])
        self.bar = button_bar(self.dry_run, self.apply)
        super().__init__(
            [
                html(_HELP, "dmc-help"),
                add_classes(pair, "dmc-browser-filter", "dmc-card"),
                self.status,
                add_classes(self.filters, "dmc-browser-filter"),
                self.panel,
                self.question,
                self.bar,
                self.entries,
            ]
        )
        self._show()

    def _wire(self) -> None:
        session, guard, state = self._session, self._guard, self._state
        self.compare.on_click(guard.on_click(compare_installations, session, state))
        self.swap.on_click(guard.on_click(self._swap))
        self.dry_run.on_click(guard.on_click(self._start_dry_run))
        self.apply.on_click(guard.on_click(self._ask))
        names = ["source", "target", "differences", "merge_choices", "is_comparing"]
        call_on_change(state, names, self._show)
        call_on_change(state, ["kind", "entity"], self.panel.restart)
        call_on_change(state, "counts", self._show_counts)
        self._show_counts()
        call_on_change(state, ["kind", "differences"], self._list_filters)
        call_on_change(session.dashboard, "installations", self._list_installations)
        call_on_change(session.background, "is_busy", self._end_comparison)
        self._list_installations()

    def _show_counts(self) -> None:
        set_visible(self.entries, bool(self._state.counts))
        self.counts.restart()

    def _list_installations(self) -> None:
        names = [x.name for x in self._session.dashboard.installations]
        for field in (self.source, self.target):
            field.set_options([("", ""), *((name, name) for name in names)])

    def _list_filters(self) -> None:
        self.kind.set_options(self._state.kind_options())
        self.entity.set_options(self._state.entity_options())

    def _swap(self) -> None:
        state = self._state
        with state.hold_trait_notifications():
            state.source, state.target = state.target, state.source

    def _show(self) -> None:
        state = self._state
        self.status.value = f'<p role="status">{escape(state.describe())}</p>'
        self.compare.disabled = state.is_comparing or not state.can_compare
        self.swap.disabled = not (state.source or state.target)
        has_some = bool(state.differences)
        set_visible(self.filters, has_some)
        set_visible(self.bar, has_some)
        self.dry_run.disabled = self.apply.disabled = not state.accepted
        self.question.hide()

    def _end_comparison(self) -> None:
        if not self._session.background.is_busy:
            self._state.is_comparing = False

    def _start_dry_run(self) -> None:
        apply_differences(
            self._session, self._state, allow_deletions=True, dry_run=True
        )

    def _ask(self) -> None:
        question = self._state.describe_removals()
        if question:
            self.question.ask(question)
        else:
            apply_differences(self._session, self._state)

    def _apply_with_deletions(self) -> None:
        self.question.hide()
        self._guard.run(self._apply_all)

    def _apply_all(self) -> None:
        apply_differences(self._session, self._state, allow_deletions=True)


def _build_count_table(state: ComparisonState) -> PagedTable:
    return PagedTable(
        ListRows(lambda _query: state.counts, _build_count_row),
        _COUNT_COLUMNS,
        label=_("Entries"),
        dense=True,
        empty_text=_("Neither of them has objects."),
    )


def _build_count_row(found: tuple[str, int | None, int | None]) -> dict[str, Any]:
    name, source, target = found
    difference = (target or 0) - (source or 0)
    sign = "+" if difference > 0 else ""
    return {
        "key": name,
        "strong": True,
        "label": format_type_name(name),
        "source": "–" if source is None else format_number(source),
        "target": "–" if target is None else format_number(target),
        "difference": f"{sign}{format_number(difference)}" if difference else "",
    }
