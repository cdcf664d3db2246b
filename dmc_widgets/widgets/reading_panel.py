"""How a table is read: what was found, and the choice of something else."""

from __future__ import annotations

from typing import Any

import ipywidgets as ipw

from ..model.reading import ENCODINGS, ReadingOptions
from ..states.import_state import ImportState
from ..states.session import Session, read_again
from .guard import Guard
from .wiring import choice_field, classed, show

_DELIMITERS = {",": "Comma", ";": "Semicolon", "\t": "Tab", "|": "Vertical bar"}
_QUOTES = {'"': "Double quote", "'": "Single quote"}


class ReadingPanel(ipw.VBox):
    """Shown while a CSV or Excel file is there; a choice reads the file again."""

    def __init__(self, session: Session, guard: Guard) -> None:
        self._state: ImportState = session.import_form
        self.delimiter = choice_field("Delimiter")
        self.enclosing = choice_field("Enclosing Character")
        self.encoding = choice_field("Encoding")
        self.headers = ipw.Checkbox(
            description="File Contains Headers", value=True, indent=False
        )
        self._cells = (self.delimiter, self.enclosing, self.encoding)
        self._filling = False

        def read(_change: Any) -> None:
            if not self._filling:
                guard.carry_out(read_again, session, self._chosen())

        for each in self._cells:
            each.observe(read, "chosen")
        self.headers.observe(read, "value")
        self._state.observe(self._fill, ["file_format", "found", "reading"])
        super().__init__([*self._cells, self.headers])
        classed(self, "dmc-reading")
        self._fill(None)

    def _chosen(self) -> ReadingOptions:
        return ReadingOptions(
            delimiter=self.delimiter.chosen,
            enclosing_character=self.enclosing.chosen,
            encoding=self.encoding.chosen,
            sheet=self._state.reading.sheet,
            headers=self.headers.value,
        )

    def _fill(self, _change: Any) -> None:
        state = self._state
        self._filling = True
        found, chosen = state.found, state.reading
        for field, names, detected, value in (
            (self.delimiter, _DELIMITERS, found.delimiter, chosen.delimiter),
            (
                self.enclosing,
                _QUOTES,
                found.enclosing_character,
                chosen.enclosing_character,
            ),
            (
                self.encoding,
                {each: each for each in ENCODINGS},
                found.encoding,
                chosen.encoding,
            ),
        ):
            field.chosen = value
            field.offer(_options(names, detected, value))
        self.headers.value = chosen.headers
        show(self, state.file_format in {"CSV", "XLSX"})
        for field in self._cells:
            show(field, state.file_format == "CSV")
        self._filling = False


def _options(
    names: dict[str, str], detected: str, chosen: str
) -> list[tuple[str, str]]:
    known = names if not chosen else {**names, chosen: names.get(chosen, chosen)}
    automatic = "Detected"
    if detected and not chosen:
        automatic = f"Detected: {names.get(detected, detected)}"
    return [(automatic, ""), *((label, value) for value, label in known.items())]
