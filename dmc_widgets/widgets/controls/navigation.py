"""The control that leads from page to page, and keeps the address of the browser."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import traitlets

from ...languages import LANGUAGES, current_language, resolve
from ...languages import gettext as _
from ..icons import render_icon
from .control import Control, read_scripts, read_styles


@dataclass(frozen=True, slots=True)
class NavigationLink:
    """A link of the navigation.

    Attributes:
        address: The address of the page.
        title: The word beside the icon.
        icon: The name of the icon.
        group: The links of a group stand together.
    """

    address: str
    title: str
    icon: str
    group: str


class Navigation(Control):
    """Links to all pages; Back, Forward, reloading and bookmarks of a browser.

    Under Voilà the address of the page stands in the address bar, after ``#/``. In
    JupyterLab that belongs to Lab, so that the control has buttons of its own there.

    Args:
        links: The links, in their order.
        on_go: Called with the address that the browser has moved to.
        on_open: Called with the address of a link that was clicked.
        on_step: Called with -1 for the previous page of the history, 1 for the next.
        on_languages: Called with the languages that the browser prefers, as tags, when
            the page is drawn and when the person chooses one.

    Attributes:
        place: The address in view, the link that it belongs to, and whether it takes
            the place of the one before it in the history.
        title: The title of the window.
        workspace: What is being looked at, below the links.
        languages: The tags and the names of the languages that can be chosen.
    """

    _esm = read_scripts("elements.js", "navigation.js")
    _css = read_styles("navigation.css")

    items: Any = traitlets.List().tag(sync=True)
    icons = traitlets.Dict().tag(sync=True)
    brand = traitlets.Unicode().tag(sync=True)
    place = traitlets.Dict().tag(sync=True)
    title = traitlets.Unicode().tag(sync=True)
    workspace = traitlets.Unicode().tag(sync=True)
    languages: Any = traitlets.List().tag(sync=True)

    def __init__(
        self,
        links: Sequence[NavigationLink],
        *,
        on_go: Callable[[str], object],
        on_open: Callable[[str], object],
        on_step: Callable[[int], object],
        on_languages: Callable[[list[str]], object],
    ) -> None:
        self._on_go, self._on_open, self._on_step = on_go, on_open, on_step
        self._on_languages = on_languages
        in_use = current_language()
        super().__init__(
            brand=_("Data Migration Center"),
            items=[
                {
                    "address": link.address,
                    "title": resolve(link.title),
                    "icon": render_icon(link.icon),
                    "group": resolve(link.group),
                }
                for link in links
            ],
            languages=[
                (language.code, language.name)
                for language in LANGUAGES
                if language.is_offered or language == in_use
            ],
            icons={name: render_icon(name) for name in ("menu", "back", "forward")},
        )
        self.add_class("dmc-navigation")

    def show_place(self, address: str, current: str, *, is_replaced: bool) -> None:
        """Show where the page is.

        Args:
            address: The address in view.
            current: The address of the link that it belongs to.
            is_replaced: It takes the place of the one before it in the history.
        """
        self.place = {"address": address, "current": current, "replaced": is_replaced}

    def handle_message(
        self, content: dict[str, Any], _buffers: list[memoryview]
    ) -> None:
        """Handle a message of the script."""
        kind, address = content.get("kind"), str(content.get("address", ""))
        if kind == "go":
            self._on_go(address)
        elif kind == "open":
            self._on_open(address)
        elif kind in {"back", "forward"}:
            self._on_step(-1 if kind == "back" else 1)
        elif kind == "languages":
            self._on_languages([str(code) for code in content.get("codes", ())])
