"""A button that opens a menu."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from traitlets import List, Unicode

from .control import Control, read_scripts, read_styles


class MenuButton(Control):
    """A button with a menu, which mouse, arrow keys and first letters work in.

    Esc closes the menu, and the button has the focus again.

    >>> MenuButton("New", [("export", "Export File")], print).choose("export")
    export

    Args:
        label: The text of the button.
        items: The key and the text of each item, from top to bottom.
        on_choose: Called with the key of the chosen item.
    """

    _esm = read_scripts("elements.js", "table_menu.js", "menu_button.js")
    _css = read_styles("table_menu.css", "menu_button.css")

    label = Unicode().tag(sync=True)
    items = List(List()).tag(sync=True)

    def __init__(
        self,
        label: str,
        items: Sequence[tuple[str, str]],
        on_choose: Callable[[str], object],
    ) -> None:
        self._on_choose = on_choose
        super().__init__(label=label, items=[list(item) for item in items])

    def choose(self, key: str) -> None:
        """Choose an item, as a click does; a key of no item does nothing."""
        if any(key == known for known, _ in self.items):
            self._on_choose(key)

    def handle_message(
        self, content: dict[str, Any], _buffers: list[memoryview]
    ) -> None:
        """Handle a message of the script."""
        if content.get("kind") == "choose":
            self.choose(str(content.get("key", "")))
