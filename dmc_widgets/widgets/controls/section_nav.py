"""The sections of a long page: a list of links that lead to them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import traitlets
from traitlets import List, Unicode

from ...languages import lazy
from .control import Control, read_scripts, read_styles


class SectionNav(Control):
    """Leads to the sections of the page; it stays in view while the page is scrolled.

    A section is any widget of the class :func:`section_class` returns for its key.

    Args:
        traits: Initial values of the attributes.

    Attributes:
        label: What the sections belong to, for screen readers.
        sections: The key, the label and a short note of each section.
        on_open: Called with the key of a section before the page moves there.
    """

    _esm = read_scripts("elements.js", "section_nav.js")
    _css = read_styles("section_nav.css")

    label = Unicode(lazy("Sections")).tag(sync=True)
    sections: Any = List().tag(sync=True)

    on_open = traitlets.Callable(None, allow_none=True)

    def show(self, sections: Iterable[tuple[str, str, str]]) -> None:
        """Show other sections; nothing is sent if they are the same."""
        self.sections = [list(section) for section in sections]

    def handle_message(
        self, content: dict[str, Any], _buffers: list[memoryview]
    ) -> None:
        """Handle a message of the script."""
        match content:
            case {"kind": "open", "key": str(key)} if self.on_open is not None:
                self.on_open(key)


def section_class(key: str) -> str:
    """Return the CSS class of the section with this key."""
    return f"dmc-section-{key}"
