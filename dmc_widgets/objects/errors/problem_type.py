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
    """Who wrote the text of a problem type."""

    LIFERAY = "liferay"
    OURS = "ours"


LIFERAY = TextSource.LIFERAY
OURS = TextSource.OURS

_NO_VALUE: Final = object()


class ProblemType(Enum):
    """Base of the tables; a member is a tuple of the arguments of ``__init__``.

    Args:
        code: The code, for programs. :data:`.catalogue.RECORD_CODES` has its meaning.
        text: The message, with ``{names}`` as placeholders.
        source: Whether the text is Liferay's, or ours where Liferay has none or it is
            unknown.
        *exceptions: The classes that Liferay throws with the text, one for each kind
            of thing that it concerns; none where they are unknown.
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
