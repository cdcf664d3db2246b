"""The differences between a source and a target, to be accepted or left one by one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import ipywidgets as ipw

from ...center.installations import format_difference_value
from ...languages import gettext as _
from ...languages import lazy, resolve
from ...objects.comparison.difference_paths import difference_path
from ...objects.comparison.differences import ChangeType, Difference
from ...states.comparing.comparison_state import KIND_LABELS
from ...states.policy_state import ALIKE, PolicyState
from ..controls import Column, PagedTable
from ..theme import render_alert
from .form_inputs import call_on_change, card, html, set_visible
from .table_rows import ListRows

_MERGE_HELP = lazy(
    "Merge Records accepts the selected differences, and leaves the others as the "
    "target has them. A part that only the target has goes where it is selected, and "
    "that has to be allowed."
)
_COLUMNS = (
    Column("difference", lazy("Difference"), kind="path"),
    Column("change", lazy("Change"), kind="status"),
    Column("source", lazy("Source"), kind="long"),
    Column("target", lazy("Target"), kind="long"),
)
_KEPT = Column("kept", lazy("Kept Because"), kind="long")
_CHANGE_KINDS = {
    ChangeType.ADDED: "success",
    ChangeType.REMOVED: "danger",
    ChangeType.CHANGED: "warning",
}


class DifferencePanel(ipw.VBox):
    """A card with the differences of a state; it is hidden until they are compared.

    Args:
        state: The state of the form, with its differences and strategies.
        find: Returns the differences to show, of which kinds are named by their
            labels; None for all of the state.

    Attributes:
        table: All differences, for reading.
        choices: The same with check boxes, which *Merge Records* needs.
    """

    def __init__(
        self,
        state: PolicyState,
        find: Callable[[], Sequence[Difference]] | None = None,
    ) -> None:
        self._state = state
        self._find_all = find or (lambda: state.differences or ())
        self._is_page = find is not None
        self.table = self._build_table(selectable=False)
        self.choices = self._build_table(selectable=True)
        self.alike = html(render_alert(ALIKE, "success"))
        self.help = html(_MERGE_HELP, "dmc-help")
        super().__init__(
            [card(_("Differences"), self.alike, self.help, self.table, self.choices)]
        )
        call_on_change(self.choices, "selected", self._accept)
        call_on_change(state, "merge_choices", self._select)
        call_on_change(
            state, ["differences", "update_strategy", "import_strategy"], self._show
        )
        self._show()

    def restart(self) -> None:
        """Show the first page of the differences again."""
        for table in (self.table, self.choices):
            table.restart()

    def _build_table(self, *, selectable: bool) -> PagedTable:
        return PagedTable(
            ListRows(self._find, self._build_row),
            _COLUMNS,
            label=_("Differences"),
            searchable=True,
            search_label=_("Search Differences"),
            selectable=selectable,
        )

    def _find(self, query: str) -> list[Difference]:
        """Return the differences that match *query*."""
        pattern = query.strip().casefold()
        return [
            difference
            for difference in self._find_all()
            if pattern in f"{difference.name} {difference.path}".casefold()
        ]

    def _build_row(self, difference: Difference) -> dict[str, Any]:
        row = _build_row(difference)
        if self._is_page:  # there a kind is chosen by its label, too
            path = row["difference"].removeprefix(f"{difference.kind}:")
            label = resolve(KIND_LABELS.get(difference.kind, difference.kind))
            row["difference"] = f"{label}: {path}"
        return row

    def _show(self) -> None:
        differences, merges = self._state.differences, self._state.merges
        set_visible(self, differences is not None)
        set_visible(self.alike, not differences)
        set_visible(self.help, bool(differences) and merges and not self._is_page)
        set_visible(self.table, bool(differences) and not merges)
        set_visible(self.choices, bool(differences) and merges)
        is_any_kept = any(difference.kept for difference in differences or ())
        columns = [*_COLUMNS, _KEPT] if is_any_kept else _COLUMNS
        for table in (self.table, self.choices):
            table.show_columns(columns)
            table.restart()
        self._select()

    def _select(self) -> None:
        self.choices.selected = self._state.accepted

    def _accept(self) -> None:
        if set(self.choices.selected) != set(self._state.accepted):
            self._state.accept(self.choices.selected)


def _build_row(difference: Difference) -> dict[str, Any]:
    is_gone = not difference.path and difference.change is ChangeType.REMOVED
    return {
        "key": difference_path(difference),
        "difference": difference_path(difference),
        "selectable": not is_gone,  # no migration deletes a document
        "type": difference.kind,
        "name": difference.name,
        "change": (difference.change.value, _CHANGE_KINDS[difference.change]),
        "path": difference.path,
        "source": format_difference_value(difference.source),
        "target": format_difference_value(difference.target),
        "kept": difference.kept or "",
    }
