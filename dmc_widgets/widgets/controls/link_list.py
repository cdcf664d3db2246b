"""Groups of links with a search box, such as the index of an installation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import traitlets
from traitlets import Bool, List, Unicode

from ...languages import lazy
from .control import Control, read_scripts, read_styles


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkItem:
    """A link.

    Attributes:
        key: What *on_link* is called with.
        label: Its text.
        detail: A short text at its end, such as a number.
        hint: A text that is searched and shown under the pointer, such as its name.
        icon: The icon as SVG of ours, or empty.
        href: Its address, which can be copied and opened in another window.
        current: It leads to what is in view.
    """

    key: str
    label: str
    detail: str = ""
    hint: str = ""
    icon: str = ""
    href: str = ""
    current: bool = False


@dataclass(frozen=True, slots=True)
class LinkGroup:
    """Links under a heading."""

    title: str
    items: Sequence[LinkItem]


class LinkList(Control):
    """Groups of links; the page searches them without asking the kernel.

    Args:
        label: The name of the list, for screen readers.
        traits: Initial values of the attributes.

    Attributes:
        label: The name of the list.
        groups: The groups with their links.
        searchable: There is a search box.
        search_label: The label of the search box.
        empty_text: The text where there are no links.
        on_link: Called with the key of a link that is followed.
    """

    _esm = read_scripts("elements.js", "link_list.js")
    _css = read_styles("link_list.css")

    label = Unicode().tag(sync=True)
    groups: Any = List().tag(sync=True)
    searchable = Bool().tag(sync=True)
    search_label = Unicode(lazy("Search")).tag(sync=True)
    empty_text = Unicode(lazy("Nothing was found.")).tag(sync=True)

    on_link = traitlets.Callable(None, allow_none=True)

    def __init__(self, label: str, **traits: Any) -> None:
        super().__init__(label=label, **traits)

    def show(self, groups: Sequence[LinkGroup]) -> None:
        """Show other links; those that are equal are not sent again."""
        self.groups = [
            {"title": group.title, "items": [asdict(item) for item in group.items]}
            for group in groups
        ]

    def handle_message(
        self, content: dict[str, Any], _buffers: list[memoryview]
    ) -> None:
        """Handle a message of the script."""
        if content.get("kind") == "link" and self.on_link is not None:
            self.on_link(str(content.get("key")))
