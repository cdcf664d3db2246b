"""The check of mended records, before they are tried again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from .outcome import Problem
from .representation import html_table
from .task import Counts, RecordPosition

_SHOWN: Final = 50


@dataclass(frozen=True, slots=True)
class CheckedProblem:
    """Why a record would fail again.

    Attributes:
        index: The number of the record in the task, from 1.
        position: Its number in the file, or among the items of its part.
        problem: The problem.
    """

    index: int
    position: RecordPosition
    problem: Problem


@dataclass(frozen=True, slots=True)
class RepairCheck:
    """What would become of records if they were tried again.

    Attributes:
        counts: The number of records by the outcome that they would have.
        problems: Why some would fail again, in the order of the records: all problems
            of a record, the one that the task would report first.
        notes: What a person should know besides.
    """

    counts: Counts = Counts()
    problems: tuple[CheckedProblem, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def failed(self) -> int:
        """The number of records that would fail again."""
        return self.counts.failed

    def __repr__(self) -> str:
        return f"RepairCheck({self.counts.summary})"

    def _repr_html_(self) -> str:
        rows = (
            (str(x.position), x.problem.field, x.problem.value or "", x.problem.message)
            for x in self.problems[:_SHOWN]
        )
        columns = ("Record", "Field", "Value", "Message")
        return html_table(self.counts.summary, columns, rows)
