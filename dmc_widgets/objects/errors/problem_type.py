"""What a fault is: a code, a text with places to fill in, and where the text is from.

The faults themselves stand in two tables, :mod:`.entry_catalogue` and
:mod:`.document_catalogue`; :mod:`.catalogue` joins them and finds one by what Liferay
says. Nothing else in these rules makes a Problem.
"""

from __future__ import annotations

from enum import Enum, StrEnum

from ...model.outcome import Problem


class TextSource(StrEnum):
    """Whose words a text is in."""

    LIFERAY = "liferay"
    OURS = "ours"


LIFERAY = TextSource.LIFERAY
OURS = TextSource.OURS


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
        value: str | None = None,
        /,
        *,
        cause: str = "",
        **parts: object,
    ) -> Problem:
        """Report that it has happened.

        Args:
            field: The field at fault, or empty.
            value: The rejected value, as JSON text.
            cause: Sentences about what was met and what would put it right. They
                stand before the text, which stays to the letter.
            **parts: What the names in the text stand for.
        """
        problem = Problem(self.code, self.text.format(**parts), field, value)
        return problem.with_cause(cause)
