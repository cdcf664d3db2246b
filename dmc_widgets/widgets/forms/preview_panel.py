"""The preview of an import: some records as they are read and as they would be written.

A cell shows the value that would be imported. If the file has another value, that comes
first; if the value would be refused, the reason is below it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from html import escape
from types import MappingProxyType
from typing import Final

import ipywidgets as ipw

from ...languages import format_number, lazy
from ...languages import gettext as _
from ...model.outcome import OutcomeKind
from ...model.preview import Preview
from ...states.actions.imports import preview_import, start_import
from ...states.actions.mappings import replace_value
from ...states.dashboard_session import DashboardSession
from ...states.dashboard_state import DashboardPage
from ...states.mapping.mapping_rows import get_distinct_label
from ...states.mapping.mending import ValueEditor, can_replace_values, find_editor
from ...states.mapping.preview_rows import (
    preview_columns,
    preview_place,
    preview_rows,
)
from ...states.model_words import translate_reason
from ...states.paths.import_path import FORM_STEPS
from ...states.toolkit.calls import import_code
from ..controls import CodeButtons, PreviewGrid
from ..parts.form_inputs import (
    ChoiceField,
    button,
    call_on_change,
    card,
    choice_field,
    form_title,
    html,
)
from ..parts.guard import Guard
from ..theme import render_alert
from .steps.path_parts import build_footer, build_stepper

_OUTCOME_TEXTS: Final = {
    OutcomeKind.CREATED: lazy("would be created"),
    OutcomeKind.UPDATED: lazy("would be updated"),
    OutcomeKind.UNCHANGED: lazy("would stay as they are"),
    OutcomeKind.FAILED: lazy("would fail"),
}
_MEND_HELP = lazy(
    "A value with a problem can be mended here: the new one takes its place wherever "
    "this field of the file has it, as the mapping then says."
)
_FIRST_RECORDS, _SPREAD_RECORDS = (
    lazy("The first records"),
    lazy("Records from all over the file"),
)


class PreviewPanel(ipw.VBox):
    """Shows the preview of the import, and starts the import."""

    def __init__(self, session: DashboardSession, guard: Guard) -> None:
        self._session = session
        self.choices, self.limit = html(""), html("", "dmc-help")
        self.warnings = html("")
        self.sample: ChoiceField = choice_field(
            _("Show"), [(_FIRST_RECORDS, False), (_SPREAD_RECORDS, True)]
        )
        self.grid = PreviewGrid(on_mend=lambda *mend: guard.run(self._mend, *mend))
        self.stepper = build_stepper(
            session.import_path,
            guard,
            _("Steps of the Import"),
            self._open_step,
            _ignore,
        )
        self.cancel = button(_("Back"))
        self.dry_run = button(_("Dry Run"))
        self.start = button(_("Start Import"), "primary")
        self.cancel.on_click(guard.on_click(self._close))
        self.dry_run.on_click(guard.on_click(self._start_dry_run))
        self.start.on_click(guard.on_click(start_import, session))
        call_on_change(self.sample, "value", guard.on_change(self._show_preview))
        self.code = CodeButtons(partial(import_code, session))
        bar = build_footer(self.cancel, self.dry_run, self.start)
        preview = card(
            _("Preview"),
            self.choices,
            self.warnings,
            self.sample,
            self.limit,
            html(_MEND_HELP, "dmc-help"),
            self.grid,
        )
        self._preview: Preview | None = None
        title = form_title(_("Import"))
        super().__init__([title, self.stepper, preview, bar, self.code])

    def load(self) -> None:
        """Load the preview, and bring the panel into view.

        Raises:
            InvalidPlan: The form is not complete.
            DmcError: The installation does not answer, or the file is gone.
        """
        self._show_preview()
        self._session.dashboard.page = DashboardPage.PREVIEW

    def focus(self) -> None:
        """Focus the step in view, from where Tab leads into it."""
        self.stepper.focus()

    def _open_step(self, key: str) -> None:
        if key in FORM_STEPS:
            self._session.import_path.open_step(key)
            self._close()

    def _show_preview(self) -> None:
        preview = preview_import(self._session, sample=self.sample.value)
        self.choices.value = _render_choices(self._session)
        self.warnings.value = "".join(
            render_alert(warning, "warning") for warning in preview.warnings
        )
        self.limit.value = escape(format_limits(preview))
        form = self._session.import_form
        self._preview = preview
        titles = {field.name: get_distinct_label(field) for field in form.fields}
        editors = {
            field.name: find_editor(field)
            for field in form.fields
            if can_replace_values(form.pairs.get(field.name), field)
        }
        show_preview(self.grid, preview, form.source_labels, titles, editors)

    def _mend(self, row: int, column: str, value: str) -> None:
        """Replace a value of the file wherever it stands, and preview again."""
        if self._preview is None or row >= len(self._preview.records):
            return
        replace_value(self._session, self._preview.records[row], column, value)
        self._show_preview()

    def _start_dry_run(self) -> None:
        start_import(self._session, dry_run=True)

    def _close(self) -> None:
        self._session.dashboard.page = DashboardPage.IMPORT


def _ignore(_blocker: object) -> None:
    """Lead nowhere: the preview is shown only once nothing is missing."""


def format_limits(preview: Preview) -> str:
    """Format which records are shown, their outcomes, and the limits of the preview."""
    parts = [translate_reason(preview.sentence), format_counts(preview)]
    if not preview.extent.complete:
        parts.append(_("The import takes all records."))
    parts += preview.notes
    parts.append(_("Long values are cut here, not in the import."))
    return " ".join(filter(None, parts))


def _render_choices(session: DashboardSession) -> str:
    form = session.import_form
    label = form.entity_type.label if form.entity_type else form.entity
    parts = [_(form.import_strategy.label)]
    if form.import_strategy != "INSERT":
        parts.append(_(form.update_strategy.label))
    parts.append(_("Stop on Error") if form.stop_on_error else _("Continue on Error"))
    if form.lazy_references:
        parts.append(_("Lazy References"))
    target = escape(
        _("{label} in {installation}").format(
            label=label, installation=session.dashboard.installation
        )
    )
    return f"<p><strong>{target}</strong><br>{escape(' · '.join(parts))}</p>"


def show_preview(
    grid: PreviewGrid,
    preview: Preview,
    labels: Mapping[str, str],
    titles: Mapping[str, str] | None = None,
    editors: Mapping[str, ValueEditor] = MappingProxyType({}),
) -> None:
    """Show a preview in a grid.

    Args:
        grid: The grid.
        preview: The preview of some records.
        labels: Labels of the source fields that have no name in the file.
        titles: Labels of the target fields that say more than their names.
        editors: How values are replaced in the grid, by the names of the fields that
            may be.
    """
    with grid.hold_sync():
        grid.place = preview_place(preview)
        grid.columns = preview_columns(preview, labels, titles or {}, editors)
        grid.rows = preview_rows(preview, editors)


def format_counts(preview: Preview) -> str:
    """Format the number of previewed records by expected outcome."""
    counts = [
        f"{format_number(preview.counts[kind])} {words}"
        for kind, words in _OUTCOME_TEXTS.items()
        if preview.counts[kind]
    ]
    return _("Of these, {names}.").format(names=", ".join(counts)) if counts else ""
