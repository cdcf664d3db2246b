"""A control that turns a box of widgets into a modal dialog."""

from __future__ import annotations

from typing import Any

import traitlets
from traitlets import Bool, Unicode

from .control import Control, read_scripts, read_styles


class Dialog(Control):
    """Shows and hides the box of the class ``dmc-dialog`` that contains it.

    The box is shown above the page and keeps the keyboard focus. It exists from the
    beginning, as every widget of a page has to; only its content changes. The control
    takes no space itself.

    Attributes:
        is_open: The box is in view, above the page, and has the focus.
        label: The name of the dialog, for screen readers.
        on_escape: Called when the person presses the key Escape.
    """

    _esm = read_scripts("elements.js", "dialog.js")
    _css = read_styles("dialog.css")

    is_open = Bool().tag(sync=True)
    label = Unicode().tag(sync=True)

    on_escape = traitlets.Callable(lambda: None)

    def handle_message(
        self, content: dict[str, Any], _buffers: list[memoryview]
    ) -> None:
        """Handle a message of the script."""
        if content.get("kind") == "escape":
            self.on_escape()
