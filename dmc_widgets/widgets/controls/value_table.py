"""The table of source values and their targets: its rows are data, not widgets."""

from __future__ import annotations

from typing import Any

import traitlets
from traitlets import Dict, List, Unicode

from .control import Control, read_scripts, read_styles


class ValueTable(Control):
    """A row for each value of the file, with a list or an input for its target.

    Attributes:
        rows: Dictionaries with the texts *source*, *target* (empty: not mapped) and
            *note*, the number *count*, and the boolean *doubtful*.
        choices: Pairs of a target and its label; without any, targets are typed.
        on_map: Called with a source value and the target that was typed or selected.
        on_add: Called with a source value that should get a row.
    """

    _esm = read_scripts("elements.js", "value_table.js")
    _css = read_styles("value_table.css")

    rows = List(Dict()).tag(sync=True)
    choices = List(List(Unicode())).tag(sync=True)

    on_map = traitlets.Callable(lambda _source, _target: None)
    on_add = traitlets.Callable(lambda _source: None)

    def handle_message(
        self, content: dict[str, Any], _buffers: list[memoryview]
    ) -> None:
        """Handle a message of the script."""
        match content:
            case {"kind": "map", "source": str(source), "target": str(target)}:
                self.on_map(source, target)
            case {"kind": "add", "source": str(source)}:
                self.on_add(source)
