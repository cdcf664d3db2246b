"""How a table is read: what was found, and the choice of something else."""

from __future__ import annotations

from html import escape
from typing import Any

import ipywidgets as ipw

from ...model.encoding_names import COMMON_ENCODINGS
from ...model.reading_options import Escapes, ReadingOptions, ShortRows
from ...states.dashboard_session import DashboardSession, reread_file
from ...states.import_state import ImportState
from ..parts.elements import (
    add_classes,
    choice_field,
    combo_field,
    html,
    set_visible,
    text_field,
)
from ..parts.guard import Guard
from ..theme import render_alert

_DELIMITERS = {",": "Comma", ";": "Semicolon", "\t": "Tab", "|": "Vertical bar"}
_QUOTES = {'"': "Double quote", "'": "Single quote"}
_SHORT_ROWS = [("Fail", None), ("Filled with empty values", ShortRows.EMPTY)]
_ESCAPES: dict[Escapes | None, str] = {
    Escapes.KEEP: "Keep every character",
    Escapes.UNDO: "Undo those of an export",
}
_OTHER = "\0"
"""Chosen where none of the usual delimiters is; no file is written with it."""


class ReadingPanel(ipw.VBox):
    """Shown while a CSV or Excel file is there; a choice reads the file again."""

    def __init__(self, session: DashboardSession, guard: Guard) -> None:
        self._session, self._guard = session, guard
        self._state: ImportState = session.import_form
        self.sheet = choice_field("Sheet")
        self.delimiter = choice_field("Delimiter")
        self.other = text_field("Other Delimiter", continuous_update=False)
        self.enclosing = choice_field("Enclosing Character")
        self.encoding = combo_field(
            "Encoding", COMMON_ENCODINGS, continuous_update=False
        )
        self.skip_lines = add_classes(
            ipw.BoundedIntText(description="Lines above the Table", max=1_000_000),
            "dmc-field",
        )
        self.short_rows = choice_field("Short Rows", _SHORT_ROWS)
        self.escapes = choice_field("Escaped Values")
        self.headers = ipw.Checkbox(
            description="File Contains Headers", value=True, indent=False
        )
        self.warnings = html("")
        self.fault = html("", "dmc-error")
        self._cells = (
            *(self.delimiter, self.enclosing, self.encoding),
            *(self.short_rows, self.escapes),
        )
        self._filling = False
        self._observe()
        parts = [self.sheet, self.delimiter, self.other, self.enclosing, self.encoding]
        parts += [self.skip_lines, self.short_rows, self.escapes]
        super().__init__([*parts, self.headers, self.fault, self.warnings])
        add_classes(self, "dmc-reading")
        self._fill(None)

    def _observe(self) -> None:
        for each in (self.sheet, self.enclosing, self.short_rows, self.escapes):
            each.observe(self._read, "chosen")
        self.delimiter.observe(self._choose_delimiter, "chosen")
        for each in (self.other, self.encoding, self.skip_lines, self.headers):
            each.observe(self._read, "value")
        self._state.observe(
            self._fill,
            [
                *("file_format", "found", "reading", "sheets"),
                *("reading_fault", "warnings"),
            ],
        )

    def _choose_delimiter(self, change: Any) -> None:
        if change["new"] == _OTHER:
            set_visible(self.other, True)
            self.other.focus()  # nothing is read before it is written
        else:
            self._read(change)

    def _read(self, _change: Any) -> None:
        if self._filling:
            return
        with self._guard:
            options = self._chosen()  # refuses a delimiter that is none
            self._guard.carry_out(reread_file, self._session, options)
        self._fill(None)

    def _chosen(self) -> ReadingOptions:
        delimiter = self.delimiter.chosen
        return ReadingOptions(
            delimiter=self.other.value if delimiter == _OTHER else delimiter,
            enclosing_character=self.enclosing.chosen,
            encoding=self.encoding.value.strip(),
            sheet=self.sheet.chosen,
            headers=self.headers.value,
            skip_lines=self.skip_lines.value,
            short_rows=self.short_rows.chosen,
            escapes=self.escapes.chosen,
        )

    def _fill(self, _change: Any) -> None:
        state = self._state
        self._filling = True
        found, chosen = state.found, state.reading
        is_other = bool(chosen.delimiter) and chosen.delimiter not in _DELIMITERS
        delimiters = _build_options(_DELIMITERS, found.delimiter, "")
        self.delimiter.offer([*delimiters, ("Another…", _OTHER)])
        self.delimiter.chosen = _OTHER if is_other else chosen.delimiter
        self.other.value = chosen.delimiter if is_other else ""
        sheets = {sheet.name: sheet.label for sheet in state.sheets}
        default_sheet = next((x.name for x in state.sheets if x.is_default), "")
        for field, names, detected, value in (
            (
                self.enclosing,
                _QUOTES,
                found.enclosing_character,
                chosen.enclosing_character,
            ),
            (self.sheet, sheets, default_sheet, chosen.sheet),
        ):
            field.chosen = value
            field.offer(_build_options(names, detected, value))
        self.encoding.value = chosen.encoding
        self.encoding.placeholder = _format_detected(found.encoding)
        self._fill_rows(chosen, found)
        self.warnings.value = "".join(
            render_alert(x, "warning") for x in state.warnings
        )
        self.fault.value = (
            f'<span role="alert">{escape(state.reading_fault)}</span>'
            if state.reading_fault
            else ""
        )
        self._show(is_other=is_other)
        self._filling = False

    def _fill_rows(self, chosen: ReadingOptions, found: ReadingOptions) -> None:
        self.headers.value = chosen.headers
        self.skip_lines.value = chosen.skip_lines
        self.short_rows.chosen = chosen.short_rows
        escapes = chosen.escapes
        detected = (
            _ESCAPES[Escapes(found.escapes or Escapes.KEEP)] if escapes is None else ""
        )
        options = [(label, value) for value, label in _ESCAPES.items()]
        self.escapes.offer([(_format_detected(detected), None), *options])
        self.escapes.chosen = escapes

    def _show(self, *, is_other: bool) -> None:
        state = self._state
        set_visible(self, state.file_format in {"CSV", "XLSX"})
        for field in self._cells:
            set_visible(field, state.file_format == "CSV")
        set_visible(self.other, state.file_format == "CSV" and is_other)
        set_visible(self.sheet, len(state.sheets) > 1)


def _build_options(
    names: dict[str, str], detected: str, chosen: str
) -> list[tuple[str, str]]:
    known = names if not chosen else {**names, chosen: names.get(chosen, chosen)}
    automatic = _format_detected("" if chosen else names.get(detected, detected))
    return [(automatic, ""), *((label, value) for value, label in known.items())]


def _format_detected(detected: str) -> str:
    return f"Detected: {detected}" if detected else "Detected"
