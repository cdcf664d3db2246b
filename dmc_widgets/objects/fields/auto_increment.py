"""AutoIncrement fields: numbers that entries get one after the other.

Rules of Liferay's AutoIncrementObjectFieldBusinessType (docs/liferay/objects.md, Fields and Values):
an entry without a value gets prefix, number and suffix; a value of its own has to
keep prefix and suffix, and to be no less than the initial value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ...model.outcome import Problem
from ..errors.entry_problems import invalid_value
from ..text import quote_value, scalar_text

DIGITS_LIMIT: Final = 18
"""More digits might not fit into the 64 bits that a counter has."""

_AFFIX: Final = re.compile(r"[A-Za-z0-9 \-/:,.()\[\]{}#$%+]{0,50}")


@dataclass(frozen=True, slots=True, kw_only=True)
class AutoIncrement:
    """How the values of an AutoIncrement field are made.

    Attributes:
        name: Of the field.
        prefix: Stands in front of each number.
        suffix: Stands behind it.
        first: The least number, which the first entry gets.
        width: Digits of the initial value; smaller numbers are filled with zeros.
    """

    name: str
    prefix: str = ""
    suffix: str = ""
    first: int = 1
    width: int = 1

    @classmethod
    def of(cls, name: str, settings: Mapping[str, Any]) -> AutoIncrement:
        """Read the settings of a field; without an initial value it is 1."""
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
        """Write the value that has this number."""
        return f"{self.prefix}{number:0{self.width}d}{self.suffix}"

    def number(self, value: Any) -> int | None:
        """Return the number in a value; None if it is none of this field's."""
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
    """Build the check of an entry's own value; a blank one is no value."""
    numbering = AutoIncrement.of(name, settings)

    def check(value: Any) -> str | Problem | None:
        text = scalar_text(value)
        if text is not None and not text.strip():
            return None
        if text is None or numbering.number(text) is None:
            return invalid_value(name, value, _own_value(name, value, numbering))
        return text

    return check


def _own_value(name: str, value: Any, numbering: AutoIncrement) -> str:
    return (
        f'{quote_value(value)} is not a number of the field "{name}", whose first one '
        f'is "{numbering.text(numbering.first)}".'
    )


def is_initial_value(text: str) -> bool:
    """Whether *text* is a number that a counter holds, zeros in front included."""
    return text.isascii() and text.isdecimal() and len(text) <= DIGITS_LIMIT


def is_affix(value: Any) -> bool:
    """Whether *value* may be a prefix or suffix: 50 characters of a few kinds."""
    return _AFFIX.fullmatch(_text(value)) is not None


def _text(value: Any) -> str:
    return "" if value is None else str(value)
