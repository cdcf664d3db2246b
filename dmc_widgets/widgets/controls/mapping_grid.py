"""The grid of the mapping table: one widget for any number of fields.

One widget for each cell would be thousands for a large definition, and a list of the
file's fields in each of them millions of options. Here rows are data, and a list is
filled when it is opened.
"""

from __future__ import annotations

from typing import Any

import traitlets
from traitlets import Dict, List, Unicode

from .control import Control, read_scripts, read_styles


class MappingGrid(Control):
    """A row for each field, with a list of the file's fields and an edit button.

    Attributes:
        rows: Dictionaries with the texts *key*, *name*, *note*, *group*, *source*,
            *label* (the option for a source that is not among *sources*), *summary*,
            *reason* and *preview*, the number *score* (from 0 to 1; 0 for none), and
            the booleans *filled*, *required*, *missing*,
            *doubtful*, *failed* and *remembered*. Rows of a group are consecutive.
        sources: The fields of the file.
        labels: Labels of the sources that have no name in the file.
        columns: The fields of the file: dictionaries with the texts *name* and
            *label*, and the lists *samples* and *targets*.
        summary: A text beside the search.
        on_choose: Called with the key of a row and a source field, or an empty text.
        on_edit: Called with the key of a row.
        on_forget: Called with the key of a row whose source was used before.
    """

    _esm = read_scripts("elements.js", "mapping_grid.js")
    _css = read_styles("mapping_grid.css")

    rows = List(Dict()).tag(sync=True)
    sources = List(Unicode()).tag(sync=True)
    labels = Dict().tag(sync=True)
    columns = List(Dict()).tag(sync=True)
    summary = Unicode().tag(sync=True)

    on_choose = traitlets.Callable(lambda _key, _source: None)
    on_edit = traitlets.Callable(lambda _key: None)
    on_forget = traitlets.Callable(lambda _key: None)

    def focus_row(self, key: str) -> None:
        """Scroll to the row of *key* and focus its list."""
        self.send({"kind": "focus", "key": key})

    def handle_message(
        self, content: dict[str, Any], _buffers: list[memoryview]
    ) -> None:
        """Handle a message of the script."""
        match content:
            case {"kind": "choose", "key": str(key), "source": str(source)}:
                if source != "\0":  # the current choice was selected again
                    self.on_choose(key, source)
            case {"kind": "edit", "key": str(key)}:
                self.on_edit(key)
            case {"kind": "forget", "key": str(key)}:
                self.on_forget(key)
