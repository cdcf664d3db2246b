"""The grid of a preview: records with a few columns, or with hundreds.

Only the columns in view are drawn, because a page of 30,000 cells takes seconds.
"""

from __future__ import annotations

from typing import Any

import traitlets
from traitlets import Dict, List, Unicode

from ...languages import lazy
from .control import Control, read_scripts, read_styles


class PreviewGrid(Control):
    """Records with their number, code and verdict pinned, and filters above them.

    Attributes:
        columns: Dictionaries with the texts *name*, *title*, *source* and *editor*
            (``text``, ``number``, ``date`` or ``choice``), and the list *choices* of
            pairs of a value and its label.
        rows: Dictionaries as :func:`.preview_rows` builds them.
        place: What the number of a record is: ``Record`` or ``Byte``.
        on_mend: Called with the number of a row, the name of a column, and the value
            that is to take the place of the one in the file.
    """

    _esm = read_scripts("elements.js", "preview_grid.js")
    _css = read_styles("preview_grid.css")

    columns = List(Dict()).tag(sync=True)
    rows = List(Dict()).tag(sync=True)
    place = Unicode(lazy("Record")).tag(sync=True)

    on_mend = traitlets.Callable(lambda _row, _column, _value: None)

    def handle_message(
        self, content: dict[str, Any], _buffers: list[memoryview]
    ) -> None:
        """Handle a message of the script."""
        match content:
            case {
                "kind": "mend",
                "row": int(row),
                "column": str(column),
                "value": str(value),
            }:
                self.on_mend(row, column, value)
