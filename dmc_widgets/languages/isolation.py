"""Isolate the writing direction of names that are put into messages.

A Hebrew or Arabic name in an English sentence would reorder the words beside it, and a
control character in a name would reorder the rest of the sentence. So every value that
is put into a message is isolated, as ``<bdi>`` does in HTML. Labels, tooltips and other
plain texts take no markup, so Unicode's isolate characters are used (UAX 9).
"""

from __future__ import annotations

import re
from typing import Any, Final

from .choice import current_language

_FIRST_STRONG, _POP, _REPLACEMENT = "\u2068", "\u2069", "\ufffd"
_OVERRIDES: Final = re.compile("[\u202d\u202e]")
_ISOLATES: Final = re.compile("[\u2066-\u2069]")
# The scripts that are written from right to left, and the controls. The script
# ``elements.js`` has the same list.
_ACTS_FROM_LEFT: Final = re.compile(
    "[\u0590-\u08ff\u200f\u202a-\u202e\u2066-\u2069\ufb1d-\ufdff\ufe70-\ufeff"
    "\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
_ACTS_FROM_RIGHT: Final = re.compile(r"[^\W\d_]|[\u200e\u202a-\u202e\u2066-\u2069]")


class Message(str):
    """A message in the language in use, which isolates what is put into it."""

    __slots__ = ()

    def format(self, *values: object, **named: object) -> str:
        """Return the message with its holes filled; see :func:`isolate`."""
        return super().format(
            *map(_isolate_text, values),
            **{name: _isolate_text(value) for name, value in named.items()},
        )


def isolate(text: str) -> str:
    """Return a text so that it does not reorder the sentence that it is put into.

    A text that cannot do so in the language in use is returned as it is. Overrides of
    the direction make a name look like another one, and are shown as U+FFFD.

    >>> isolate("Ada")
    'Ada'
    >>> isolate("\u05d0\u05d3\u05d4")  # doctest: +SKIP
    '\u2068\u05d0\u05d3\u05d4\u2069'
    """
    acts = _ACTS_FROM_RIGHT if current_language().is_rtl else _ACTS_FROM_LEFT
    if not acts.search(text):
        return text
    text = _OVERRIDES.sub(_REPLACEMENT, text)
    if not _is_balanced(text):
        text = _ISOLATES.sub(_REPLACEMENT, text)
    return f"{_FIRST_STRONG}{text}{_POP}"


def _isolate_text(value: Any) -> Any:
    return isolate(format(value)) if isinstance(value, str) else value


def _is_balanced(text: str) -> bool:
    """Return True if each isolate within the text ends within it."""
    depth = 0
    for found in _ISOLATES.findall(text):
        depth += -1 if found == _POP else 1
        if depth < 0:
            return False
    return depth == 0
