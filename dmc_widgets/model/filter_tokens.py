"""The words of a filter, each with its place."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Final, NamedTuple

from ..errors import InvalidQuery
from .filter_expression import Value

LONGEST: Final = 100_000
"""Characters of a filter. Servers take some thousand, in the line of a request."""

_TOKEN: Final = re.compile(
    r"""
      (?P<text>'(?:[^']|'')*+')
    | (?P<moment>[0-9]{4}-[0-9]{2}-[0-9]{2}
        (?:T[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?
           (?:Z|[+-][0-9]{2}:[0-9]{2})?)?)(?![\w.:+-])
    | (?P<number>[+-]?(?:[0-9]{1,300}(?:\.[0-9]{1,300})?)(?:[eE][+-]?[0-9]{1,3})?)
        (?![\w.+-])
    | (?P<name>[^\W\d]\w*(?:/[^\W\d]\w*)*)
    | (?P<sign>[(),:])
    | (?P<end>$)
    """,
    re.VERBOSE,
)
_BLANK: Final = re.compile(r"\s*")
_CONSTANTS: Final[dict[str, bool | None]] = {"true": True, "false": False, "null": None}


def invalid_filter(reason: str, position: int = 0) -> InvalidQuery:
    """Make the error of a filter; *position* counts characters from 1."""
    return InvalidQuery("filter", reason, position)


class Token(NamedTuple):
    """A word: its *kind* is text, moment, number, name, sign or end."""

    kind: str
    text: str
    position: int

    @property
    def is_constant(self) -> bool:
        """It is one of the names that stand for a value."""
        return self.kind == "name" and self.text in _CONSTANTS

    @property
    def shown(self) -> str:
        """The word for messages, which quote no more of it than needed."""
        if self.kind == "end":
            return "the end"
        cut = self.text if len(self.text) <= 30 else f"{self.text[:30]}…"
        return repr(cut)


def tokens_of(text: str) -> list[Token]:
    """Cut *text* into words, the last of them its end.

    Raises:
        InvalidQuery: It is too long, or something in it is no word.
    """
    if len(text) > LONGEST:
        reason = f"it has {len(text):,} characters, and {LONGEST:,} are allowed."
        raise invalid_filter(reason)
    found: list[Token] = []
    at = 0
    while not found or found[-1].kind != "end":
        start = at + len(_blank(text, at))
        match = _TOKEN.match(text, start)
        if match is None:
            raise _no_word(text, start)
        found.append(Token(str(match.lastgroup), match.group(), start + 1))
        at = match.end()
    return found


def value_of(token: Token) -> Value:
    """Read the value that a word stands for.

    Raises:
        InvalidQuery: It looks like a day or a moment, and the calendar has none such.
    """
    if token.kind == "text":
        return token.text[1:-1].replace("''", "'")
    if token.kind == "number":
        whole = token.text.lstrip("+-").isdecimal()
        return int(token.text) if whole else Decimal(token.text)
    if token.kind == "name":
        return _CONSTANTS[token.text]
    try:
        if len(token.text) == 10:
            return date.fromisoformat(token.text)
        return datetime.fromisoformat(token.text)
    except ValueError as exc:
        reason = f"{token.text} is not in the calendar."
        raise invalid_filter(reason, token.position) from exc


def _blank(text: str, at: int) -> str:
    match = _BLANK.match(text, at)
    return match.group() if match else ""


def _no_word(text: str, start: int) -> InvalidQuery:
    if text[start] == "'":
        reason = "the text that begins here has no closing quotation mark."
        return invalid_filter(reason, start + 1)
    found = text[start : start + 20].split(maxsplit=1)[0]
    reason = (
        f"{found!r} is no word of a filter. Texts stand in single quotation marks: 'x'."
    )
    return invalid_filter(reason, start + 1)
