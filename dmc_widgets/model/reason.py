"""The reason of a suggestion: a text in English that a page can say in its language."""

from __future__ import annotations

from typing import Any


class Reason(str):
    """A text with holes, which is an ordinary text in English, filled.

    >>> Reason("{number} of {total} columns are its fields", number=7, total=8)
    '7 of 8 columns are its fields'

    Attributes:
        template: The text with its holes.
        values: What fills them: numbers, and texts of others.
    """

    template: str
    values: dict[str, int | str]

    def __new__(cls, template: str, **values: int | str) -> Reason:
        """Fill the holes, numbers with commas between their thousands."""
        shown = {
            name: f"{value:,}" if isinstance(value, int) else value
            for name, value in values.items()
        }
        reason = super().__new__(cls, template.format(**shown))
        reason.template, reason.values = template, values
        return reason

    def __getnewargs_ex__(self) -> tuple[tuple[str], dict[str, Any]]:
        """Be pickled as the template and what fills it."""
        return (self.template,), self.values
