"""Problem types: a code, a text with placeholders, and the source of the text.

The types are members of two tables, :mod:`.entry_problem_types` and
:mod:`.document_problem_types`. :mod:`.catalogue` joins them and recognises a type in
what Liferay says. Every problem that the rules report is made by a type, so that code
and text always belong together.
"""

from __future__ import annotations

from enum import Enum, StrEnum
from typing import Final

from ...model.outcome import Problem
from ..text import format_json


class TextSource(StrEnum):
    """Whose words a text is in."""

    LIFERAY = "liferay"
    OURS = "ours"


LIFERAY = TextSource.LIFERAY
OURS = TextSource.OURS

_NO_VALUE: Final = object()


class ProblemType(Enum):
    """Base of the tables. A member is a tuple of what ``__init__`` takes.

    Args:
        code: For programs; its meaning is in :data:`.catalogue.CODES`.
        text: With ``{names}`` of what differs from case to case.
        source: Liferay's text, or ours where Liferay has none or none is known.
        *exceptions: The classes that Liferay throws with it, one a kind of thing;
            none where none is known.
    """

    def __init__(
        self,
        code: str,
        text: str,
        source: TextSource,
        *exceptions: str,
    ) -> None:
        self.code = code
        self.text = text
        self.source = source
        self.exceptions = exceptions

    def problem(
        self,
        field: str = "",
        value: object = _NO_VALUE,
        /,
        *,
        cause: str = "",
        **parts: object,
    ) -> Problem:
        """Return a problem of this type.

        >>> EntryProblemType.INVALID_VALUE.problem("age", [1]).as_liferay
        'The value is invalid for object field "age"'

        Args:
            field: The field at fault, or empty. The text may name it as ``{field}``.
            value: The rejected value, which reports show as JSON; left out where
                there is none, or where a report must not show it.
            cause: Sentences in our own words about what was met and what would put
                it right. They come before the text, which stays to the letter.
            **parts: The values of the other placeholders in the text.
        """
        shown = None if value is _NO_VALUE else format_json(value)
        message = self.text.format(**{"field": field} | parts)
        return Problem(self.code, message, field, shown).with_cause(cause)
