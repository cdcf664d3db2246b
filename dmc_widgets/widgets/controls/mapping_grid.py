"""The mapping table: one widget for any number of fields.

A widget a cell would be thousands for a large definition, and a list of the file's
fields in each of them millions of options. Here rows are data, and a list is filled
when it is opened.
"""

from __future__ import annotations

from typing import Any

import anywidget
import traitlets
from traitlets import Dict, List, Unicode

from .control import read_script, read_style


class MappingGrid(anywidget.AnyWidget):
    """A line a field, with a list of the file's fields and a button to say more.

    Args:
        traits: First values of the attributes.

    Attributes:
        rows: Dictionaries with the texts *key*, *name*, *note*, *group*, *source*,
            *label* (what the list shows for a source that is not among *sources*),
            *words*, *reason* and *preview*, and the truth values *filled*,
            *required*, *missing*, *doubtful* and *failed*. Rows of a group stand
            together.
        sources: The fields of the file.
        labels: What the list shows for those of them that have no name.
        summary: Stands beside the search.
        on_choose: Called with a row's key and a source field, or an empty text.
        on_edit: Called with a row's key.
    """

    _esm = read_script("elements.js", "mapping_grid.js")
    _css = read_style("mapping_grid.css")

    rows = List(Dict()).tag(sync=True)
    sources = List(Unicode()).tag(sync=True)
    labels = Dict().tag(sync=True)
    summary = Unicode().tag(sync=True)

    on_choose = traitlets.Callable(lambda _key, _source: None)
    on_edit = traitlets.Callable(lambda _key: None)

    def __init__(self, **traits: Any) -> None:
        super().__init__(**traits)
        self.on_msg(self._on_message)

    def focus_row(self, key: str) -> None:
        """Bring the row of *key* into view and focus its list."""
        self.send({"kind": "lead", "key": key})

    def _on_message(
        self, _widget: object, content: dict[str, Any], _buffers: object
    ) -> None:
        match content:
            case {"kind": "choose", "key": str(key), "source": str(source)}:
                if source != "\0":  # what stood there was chosen again
                    self.on_choose(key, source)
            case {"kind": "edit", "key": str(key)}:
                self.on_edit(key)
