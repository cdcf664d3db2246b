"""The languages that there are."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """A language of the dashboard.

    Attributes:
        code: Its tag as in HTML and HTTP: ``de``.
        name: Its own name for itself: ``Deutsch``.
        group: What stands between the thousands of a number.
        decimal: What stands before the decimals of a number.
        grouped_from: The fewest digits of a number whose thousands are grouped.
        is_rtl: It is written from right to left.
        is_offered: People can choose it; False for a pseudo language.
    """

    code: str
    name: str
    group: str = ","
    decimal: str = "."
    grouped_from: int = 4
    is_rtl: bool = False
    is_offered: bool = True

    @property
    def direction(self) -> str:
        """The value of ``dir`` in HTML."""
        return "rtl" if self.is_rtl else "ltr"


ENGLISH = Language(code="en", name="English")
MARKED = Language(code="en-XA", name="[English]", is_offered=False)
MIRRORED = Language(
    code="ar-XB", name="English, mirrored", is_rtl=True, is_offered=False
)

LANGUAGES = (
    ENGLISH,
    Language(code="de", name="Deutsch", group=".", decimal=","),
    Language(code="es", name="Español", group=".", decimal=",", grouped_from=5),
    MARKED,
    MIRRORED,
)
"""All languages, in the order of the choice.

The last two are the pseudo languages that browsers and CLDR know by these tags: *en-XA*
puts translated texts in brackets, which shows those that cannot be translated, and
*ar-XB* is English in a layout from right to left.
"""
