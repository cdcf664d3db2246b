"""What makes a box of widgets a dialog: the top layer, and the keyboard kept in it."""

from __future__ import annotations

from typing import Any

import anywidget
import traitlets
from traitlets import Bool, Unicode

from .control import read_script, read_style


class Dialog(anywidget.AnyWidget):
    """Put into a box of the class ``dmc-dialog``, it shows and hides that box.

    The box is there from the beginning, as every widget of a page has to be; only
    what it holds changes. It takes no room by itself.

    Args:
        traits: First values of the attributes.

    Attributes:
        shown: The box is in view, above the page, and has the focus.
        label: What the dialog is, for those who cannot see it.
        on_escape: Called when the person leaves it by the key Escape.
    """

    _esm = read_script("dialog.js")
    _css = read_style("dialog.css")

    shown = Bool().tag(sync=True)
    label = Unicode().tag(sync=True)

    on_escape = traitlets.Callable(lambda: None)

    def __init__(self, **traits: Any) -> None:
        super().__init__(**traits)
        self.on_msg(self._on_message)

    def _on_message(
        self, _widget: object, content: dict[str, Any], _buffers: object
    ) -> None:
        if content.get("kind") == "escape":
            self.on_escape()
