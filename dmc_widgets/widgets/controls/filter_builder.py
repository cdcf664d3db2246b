"""Rows of conditions on the fields of records, each with the input of its type."""

from __future__ import annotations

from typing import Any

import traitlets
from traitlets import Bool, Dict, List, Unicode

from .control import Control, read_scripts, read_styles


class FilterBuilder(Control):
    """Conditions: a field, an operator and a value each; all or any of them hold.

    Attributes:
        label: What the conditions are for, for screen readers.
        fields: Dictionaries with the texts *name*, *label* and *kind* and with
            *choices*, pairs of a key and its name.
        operators: By kind, triples of an operator, its words and whether it takes a
            value.
        rows: Dictionaries with the texts *field* and *operator* and the list *values*.
        any_of: One condition is enough.
        on_change: Called with all rows and whether one is enough.
        on_add: Called to add a row.
    """

    _esm = read_scripts("elements.js", "filter_builder.js")
    _css = read_styles("filter_builder.css")

    label = Unicode().tag(sync=True)
    fields = List(Dict()).tag(sync=True)
    operators = Dict().tag(sync=True)
    rows = List(Dict()).tag(sync=True)
    any_of = Bool(False).tag(sync=True)

    on_change = traitlets.Callable(lambda _rows, _any_of: None)
    on_add = traitlets.Callable(lambda: None)

    def focus(self) -> None:
        """Focus the first input without a value, else the button that adds a row."""
        self.send({"kind": "focus"})

    def handle_message(
        self, content: dict[str, Any], _buffers: list[memoryview]
    ) -> None:
        """Handle a message of the script."""
        match content:
            case {"kind": "change", "rows": list(rows), "any_of": bool(any_of)}:
                self.on_change(rows, any_of)
            case {"kind": "add"}:
                self.on_add()
