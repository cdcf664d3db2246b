"""Numbers as they are written in the language in use."""

from __future__ import annotations

from .choice import current_language


def format_number(number: int) -> str:
    """Return a whole number with its thousands grouped: ``12,400``, ``12.400``."""
    return format_decimal(number, 0)


def format_decimal(number: float, decimals: int) -> str:
    """Return a number with so many decimals: ``1,240.5``, ``1.240,5``."""
    language = current_language()
    whole, _, rest = f"{abs(number):,.{decimals}f}".partition(".")
    is_short = len(whole.replace(",", "")) < language.grouped_from
    whole = whole.replace(",", "" if is_short else language.group)
    sign = "-" if number < 0 else ""
    return f"{sign}{whole}{language.decimal}{rest}" if rest else f"{sign}{whole}"
