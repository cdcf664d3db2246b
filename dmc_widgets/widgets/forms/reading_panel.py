"""The reading options of a table: what was detected, and other choices."""

from __future__ import annotations

from html import escape
from typing import Any

import ipywidgets as ipw

from ...formats import FORMATS
from ...languages import gettext as _
from ...languages import lazy
from ...model.encoding_names import COMMON_ENCODINGS
from ...model.reading_options import Escapes, ReadingOptions, ShortRows
from ...states.actions.imports import reread_file
from ...states.dashboard_session import DashboardSession
from ...states.import_state import ImportState
from ..parts.form_inputs import (
    add_classes,
    checkbox,
    choice_field,
    combo_field,
    html,
    number_field,
    set_visible,
    text_field,
)
from ..parts.guard import Guard
from ..theme import render_alert

_DELIMITERS = {
    ",": lazy("Comma"),
    ";": lazy("Semicolon"),
    "\t": lazy("Tab"),
    "|": lazy("Vertical bar"),
}
_QUOTES = {'"': lazy("Double quote"), "'": lazy("Single quote")}
_SHORT_ROWS = [
    (lazy("Fail"), None),
    (lazy("Filled with empty values"), ShortRows.EMPTY),
]
_ESCAPES: dict[Escapes | None, str] = {
    Escapes.KEEP: lazy("Keep every character"),
    Escapes.UNDO: lazy("Undo those of an export"),
}
_OTHER = "\0"
"""Stands for a delimiter that is not one of the usual ones; no file uses it."""


class ReadingPanel(ipw.VBox):
    """Visible while there is a CSV or Excel file; a change reads the file again."""

    def __init__(self, session: DashboardSession, guard: Guard) -> None:
        self._session, self._guard = session, guard
        self._state: ImportState = session.import_form
        self.sheet = choice_field(_("Sheet"))
        self.delimiter = choice_field(_("Delimiter"))
        self.other = text_field(_("Other Delimiter"), continuous_update=False)
        self.enclosing = choice_field(_("Enclosing Character"))
        self.encoding = combo_field(
            _("Encoding"), COMMON_ENCODINGS, continuous_update=False
        )
        self.skip_lines = number_field(_("Lines above the Table"), most=1_000_000)
        self.short_rows = choice_field(_("Short Rows"), _SHORT_ROWS)
        self.escapes = choice_field(_("Escaped Values"))
        self.headers = checkbox(_("File Contains Headers"), value=True)
        self.warnings = html("")
        self.problem = html("", "dmc-error")
        self._csv_inputs = (
            *(self.delimiter, self.enclosing, self.encoding),
            *(self.short_rows, self.escapes),
        )
        self._is_showing = False
        self._observe()
        parts = [self.sheet, self.delimiter, self.other, self.enclosing, self.encoding]
        parts += [self.skip_lines, self.short_rows, self.escapes]
        super().__init__([*parts, self.headers, self.problem, self.warnings])
        add_classes(self, "dmc-reading")
        self._show_options(None)

    def _observe(self) -> None:
        for choice in (self.sheet, self.enclosing, self.short_rows, self.escapes):
            choice.observe(self._reread, "selected")
        self.delimiter.observe(self._select_delimiter, "selected")
        for field in (self.other, self.encoding, self.skip_lines, self.headers):
            field.observe(self._reread, "value")
        self._state.observe(
            self._show_options,
            [
                *("file_format", "detected_reading", "reading", "sheets"),
                *("reading_problem", "warnings"),
            ],
        )

    def _select_delimiter(self, change: Any) -> None:
        if change["new"] == _OTHER:
            set_visible(self.other, True)
            self.other.focus()  # the file is read when the delimiter is typed
        else:
            self._reread(change)

    def _reread(self, _change: Any) -> None:
        if self._is_showing:
            return
        with self._guard:
            options = self._selected_options()  # may refuse the delimiter
            self._guard.run(reread_file, self._session, options)
        self._show_options(None)

    def _selected_options(self) -> ReadingOptions:
        delimiter = self.delimiter.selected
        return ReadingOptions(
            delimiter=self.other.value if delimiter == _OTHER else delimiter,
            enclosing_character=self.enclosing.selected,
            encoding=self.encoding.value.strip(),
            sheet=self.sheet.selected,
            headers=self.headers.value,
            skip_lines=self.skip_lines.value,
            short_rows=self.short_rows.selected,
            escapes=self.escapes.selected,
        )

    def _show_options(self, _change: Any) -> None:
        state = self._state
        self._is_showing = True
        detected, selected = state.detected_reading, state.reading
        is_other = bool(selected.delimiter) and selected.delimiter not in _DELIMITERS
        delimiters = _build_options(_DELIMITERS, detected.delimiter, "")
        self.delimiter.set_options([*delimiters, (_("Another…"), _OTHER)])
        self.delimiter.selected = _OTHER if is_other else selected.delimiter
        self.other.value = selected.delimiter if is_other else ""
        sheets = {sheet.name: sheet.label for sheet in state.sheets}
        default_sheet = next((x.name for x in state.sheets if x.is_default), "")
        for field, names, detected_value, value in (
            (
                self.enclosing,
                _QUOTES,
                detected.enclosing_character,
                selected.enclosing_character,
            ),
            (self.sheet, sheets, default_sheet, selected.sheet),
        ):
            field.selected = value
            field.set_options(_build_options(names, detected_value, value))
        self.encoding.value = selected.encoding
        self.encoding.placeholder = _format_detected(detected.encoding)
        self._show_row_options(selected, detected)
        self.warnings.value = "".join(
            render_alert(warning, "warning") for warning in state.warnings
        )
        self.problem.value = (
            f'<span role="alert">{escape(state.reading_problem)}</span>'
            if state.reading_problem
            else ""
        )
        self._show_inputs(is_other=is_other)
        self._is_showing = False

    def _show_row_options(
        self, selected: ReadingOptions, detected: ReadingOptions
    ) -> None:
        self.headers.value = selected.headers
        self.skip_lines.value = selected.skip_lines
        self.short_rows.selected = selected.short_rows
        escapes = selected.escapes
        detected_label = ""
        if escapes is None:
            detected_label = _ESCAPES[Escapes(detected.escapes or Escapes.KEEP)]
        options = [(label, value) for value, label in _ESCAPES.items()]
        self.escapes.set_options([(_format_detected(detected_label), None), *options])
        self.escapes.selected = escapes

    def _show_inputs(self, *, is_other: bool) -> None:
        state = self._state
        format_ = FORMATS.get(state.file_format)
        options = format_.info.reading_options if format_ else frozenset()
        set_visible(self, bool(options))
        for field in self._csv_inputs:
            set_visible(field, "delimiter" in options)
        set_visible(self.other, "delimiter" in options and is_other)
        set_visible(self.sheet, len(state.sheets) > 1)


def _build_options(
    names: dict[str, str], detected: str, selected: str
) -> list[tuple[str, str]]:
    labels = names
    if selected:
        labels = {**names, selected: names.get(selected, selected)}
    automatic = _format_detected("" if selected else names.get(detected, detected))
    return [(automatic, ""), *((label, value) for value, label in labels.items())]


def _format_detected(detected: str) -> str:
    return (
        _("Detected: {detected}").format(detected=detected)
        if detected
        else _("Detected")
    )
