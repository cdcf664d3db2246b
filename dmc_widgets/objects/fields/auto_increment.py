"""AutoIncrement fields: consecutive numbers of entries.

The rules are those of Liferay's AutoIncrementObjectFieldBusinessType: an entry without
a value gets prefix, number and suffix; a stated value must have the same prefix and
suffix, and a number of at least the initial value. See docs/liferay/objects.md, Fields.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ...model.outcome import Problem
from ..errors.entry_problems import invalid_value
from ..text import format_scalar, quote_value

DIGITS_LIMIT: Final = 18
"""More digits might not fit into the 64 bits that a counter has."""

_AFFIX: Final = re.compile(r"[A-Za-z0-9 \-/:,.()\[\]{}#$%+]{0,50}")


@dataclass(frozen=True, slots=True, kw_only=True)
class AutoIncrement:
    """The format of the values of an AutoIncrement field.

    Attributes:
        name: The name of the field.
        prefix: The text before each number.
        suffix: The text after each number.
        first: The smallest number, which the first entry gets.
        width: The number of digits; shorter numbers are padded with zeros.
    """

    name: str
    prefix: str = ""
    suffix: str = ""
    first: int = 1
    width: int = 1

    @classmethod
    def of(cls, name: str, settings: Mapping[str, Any]) -> AutoIncrement:
        """Read the settings of a field; the initial value defaults to 1."""
        stated = _text(settings.get("initialValue"))
        initial = stated if is_initial_value(stated) else "1"
        return cls(
            name=name,
            prefix=_text(settings.get("prefix")),
            suffix=_text(settings.get("suffix")),
            first=int(initial),
            width=len(initial),
        )

    def text(self, number: int) -> str:
        """Return the value for a number."""
        return f"{self.prefix}{number:0{self.width}d}{self.suffix}"

    def number(self, value: Any) -> int | None:
        """Return the number in a value; None if the format or the number is invalid."""
        if not isinstance(value, str):
            return None
        if not (value.startswith(self.prefix) and value.endswith(self.suffix)):
            return None
        digits = value[len(self.prefix) : len(value) - len(self.suffix)]
        if not is_initial_value(digits) or int(digits) < self.first:
            return None
        return int(digits)


def build_auto_increment_check(
    name: str, settings: Mapping[str, Any]
) -> Callable[[Any], str | Problem | None]:
    """Build the check of a stated value; a blank text counts as absent."""
    numbering = AutoIncrement.of(name, settings)

    def check(value: Any) -> str | Problem | None:
        text = format_scalar(value)
        if text is not None and not text.strip():
            return None
        if text is None or numbering.number(text) is None:
            return invalid_value(name, value, _explain_invalid(name, value, numbering))
        return text

    return check


def _explain_invalid(name: str, value: Any, numbering: AutoIncrement) -> str:
    return (
        f'{quote_value(value)} is not a number of the field "{name}", whose first one '
        f'is "{numbering.text(numbering.first)}".'
    )


def is_initial_value(text: str) -> bool:
    """Return True for a number that a counter can hold, leading zeros included."""
    return text.isascii() and text.isdecimal() and len(text) <= DIGITS_LIMIT


def is_affix(value: Any) -> bool:
    """Return True for a valid prefix or suffix: up to 50 allowed characters."""
    return _AFFIX.fullmatch(_text(value)) is not None


def _text(value: Any) -> str:
    return "" if value is None else str(value)
