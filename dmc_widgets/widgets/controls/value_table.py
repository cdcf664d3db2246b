"""The table of source values and what they become: rows are data, not widgets."""

from __future__ import annotations

from typing import Any

import anywidget
import traitlets
from traitlets import Dict, List, Unicode

from .control import read_script, read_style


class ValueTable(anywidget.AnyWidget):
    """A line a value of the file, with a list or an input for its target.

    Args:
        traits: First values of the attributes.

    Attributes:
        rows: Dictionaries with the texts *source*, *target* (empty: not mapped) and
            *note*, the number *count*, and *doubtful*.
        choices: Pairs of a target and its label; without any, targets are typed.
        on_map: Called with a source value and what was typed or chosen for it.
        on_add: Called with a source value that is to get a line.
    """

    _esm = read_script("elements.js", "value_table.js")
    _css = read_style("value_table.css")

    rows = List(Dict()).tag(sync=True)
    choices = List(List(Unicode())).tag(sync=True)

    on_map = traitlets.Callable(lambda _source, _target: None)
    on_add = traitlets.Callable(lambda _source: None)

    def __init__(self, **traits: Any) -> None:
        super().__init__(**traits)
        self.on_msg(self._on_message)

    def _on_message(
        self, _widget: object, content: dict[str, Any], _buffers: object
    ) -> None:
        match content:
            case {"kind": "map", "source": str(source), "target": str(target)}:
                self.on_map(source, target)
            case {"kind": "add", "source": str(source)}:
                self.on_add(source)
