"""A search box with filters beside it; each filter that is set can be removed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from traitlets import Dict, List, Unicode

from ...languages import lazy, resolve
from .control import Control, read_scripts, read_styles

FilterOption = tuple[str, str, int | None]
"""A value, its label, and how many items have it; None where that is not known."""


class FilterBar(Control):
    """A search box and filters, each with a menu of values.

    >>> bar = FilterBar({"status": "Status"}, label="Search Tasks")
    >>> bar.set_options("status", [("Failed", "Failed", 3)])
    >>> bar.observe(print, ["query", "chosen"])

    Args:
        filters: The label of each filter by its key, from left to right.
        traits: Initial values of the attributes.

    Attributes:
        label: The label of the search box.
        placeholder: What an empty search box says.
        query: What was typed, as it is.
        chosen: The value of each filter that is set, by its key.
    """

    _esm = read_scripts("elements.js", "table_menu.js", "filter_bar.js")
    _css = read_styles("table_menu.css", "filter_bar.css")

    label = Unicode(lazy("Search")).tag(sync=True)
    placeholder = Unicode().tag(sync=True)
    query = Unicode().tag(sync=True)
    chosen = Dict().tag(sync=True)
    filters = List(Dict()).tag(sync=True)

    def __init__(self, filters: Mapping[str, str], **traits: Any) -> None:
        described = [
            {"key": key, "label": resolve(label), "options": []}
            for key, label in filters.items()
        ]
        super().__init__(filters=described, **traits)

    def set_options(self, key: str, options: Iterable[FilterOption]) -> None:
        """Replace the values of a filter; the chosen value stays."""
        self.set_all_options({key: options})

    def set_all_options(self, options: Mapping[str, Iterable[FilterOption]]) -> None:
        """Replace the values of several filters at once."""
        listed = {
            key: [list(option) for option in values] for key, values in options.items()
        }
        self.filters = [
            {**one, "options": listed.get(one["key"], one["options"])}
            for one in self.filters
        ]

    def choose(self, key: str, value: str) -> None:
        """Set a filter; an empty value removes it."""
        others = {name: old for name, old in self.chosen.items() if name != key}
        self.chosen = {**others, key: value} if value else others
