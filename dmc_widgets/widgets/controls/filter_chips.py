"""A row of chips with counts, of which one is chosen."""

from __future__ import annotations

from collections.abc import Iterable

from traitlets import List, Unicode

from .control import Control, read_scripts, read_styles


class FilterChips(Control):
    """Chips that filter what stands below them; the first one shows all of it.

    >>> chips = FilterChips("Outcome")
    >>> chips.set_chips([("", "All", 100), ("failed", "failed", 3)])
    >>> chips.observe(print, "chosen")

    Args:
        label: The name of the group, for screen readers.

    Attributes:
        chosen: The key of the chosen chip.
        chips: The key, the text and the count of each chip.
    """

    _esm = read_scripts("elements.js", "filter_chips.js")
    _css = read_styles("filter_chips.css")

    label = Unicode().tag(sync=True)
    chosen = Unicode().tag(sync=True)
    chips = List(List()).tag(sync=True)

    def __init__(self, label: str) -> None:
        super().__init__(label=label)

    def set_chips(self, chips: Iterable[tuple[str, str, int]]) -> None:
        """Replace the chips; a choice that is gone becomes the first one."""
        self.chips = [list(chip) for chip in chips]
        keys = [chip[0] for chip in self.chips]
        if self.chosen not in keys:
            self.chosen = keys[0] if keys else ""
