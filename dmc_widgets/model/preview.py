"""Previews and checks of an import, before anything is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Final, NamedTuple

from ..errors import InvalidPlan
from .outcome import OutcomeKind, Problem
from .reason import Reason
from .record import Record
from .representation import ValueDisplay, html_table


class SamplingMethod(StrEnum):
    """How the records of a sample were taken from a file."""

    FIRST = "first"
    BY_POSITION = "by place"
    BY_NUMBER = "by number"


WHOLE_FILE: Final = (
    "There are no records in {name}.",
    "Shown is the only record of {name}.",
    "Shown are all {shown} records of {name}.",
)
"""Of a file with no record, with one, and with more."""

FIRST_RECORDS: Final = (
    "Shown are the first {shown} records of {name}.",
    "Shown are the first {shown} of {number} records of {name}.",
    "Shown are the first {shown} of about {number} records of {name}.",
)
"""Of a file whose records are not known, counted, or estimated."""

FROM_ALL_OVER: Final = (
    "Shown are {shown} records from all over {name}.",
    "Shown are {shown} of {number} records from all over {name}.",
    "Shown are {shown} of about {number} records from all over {name}.",
)
FROM_THE_FIRST: Final = (
    "Shown are {shown} records of {name}, from among the first {read}.",
    "Shown are {shown} of {number} records of {name}, from among the first {read}.",
    "Shown are {shown} of about {number} records of {name}, from among the first "
    "{read}.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleExtent:
    """The part of a file that was read for a preview.

    Attributes:
        sampling: How the records were taken.
        shown: The number of records.
        records_read: The number of records that were read to find them.
        bytes_read: The bytes that were read of the unpacked file.
        records_about: The number of records in the file: exact if *complete*, else
            estimated by its size; None where that is not possible.
        complete: The file holds no more than was read.
    """

    sampling: SamplingMethod
    shown: int
    records_read: int
    bytes_read: int
    records_about: int | None
    complete: bool

    def sentence(self, name: str) -> Reason:
        """Return which records of the file called *name* are shown, as a sentence."""
        if self.complete and self.shown == self.records_about:
            template = WHOLE_FILE[min(self.shown, 2)]
            return Reason(template, shown=self.shown, name=name)
        if self.sampling is SamplingMethod.FIRST:
            templates = FIRST_RECORDS
        elif self.sampling is SamplingMethod.BY_POSITION or self.complete:
            templates = FROM_ALL_OVER
        else:
            templates = FROM_THE_FIRST
        values: dict[str, int | str]
        values = {"shown": self.shown, "read": self.records_read, "name": name}
        if self.records_about is None:
            return Reason(templates[0], **values)
        template = templates[1 if self.complete else 2]
        return Reason(template, **values, number=self.records_about)


class FieldProblem(NamedTuple):
    """Why a record would fail, and the field to which the problem belongs.

    Attributes:
        target: The target field; empty where it concerns the whole record.
        problem: The problem as the import would report it.
    """

    target: str
    problem: Problem

    @property
    def text(self) -> str:
        """The field and the message, in one line."""
        field = self.target or self.problem.field
        message = self.problem.message
        return f"{field}: {message}" if field else message


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewedRecord:
    """One record, and its result in an import.

    Attributes:
        number: The number of the record in the file, from 1; in a sample by position
            the byte at which the record begins, from 1.
        source: The record; None where it cannot be read.
        target: Values by target field, after mapping and checks. A missing field was
            left out, or has a problem.
        faults: Why it would fail; empty if it would not.
        expected: The outcome that the import would have.
    """

    number: int
    source: Record | None
    target: Mapping[str, Any]
    faults: tuple[FieldProblem, ...] = ()
    expected: OutcomeKind


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Preview:
    """Some records of a file, and their results in an import.

    Attributes:
        name: The name of the file.
        extent: How the records were taken from it.
        records: The records, by their position in the file.
        fields: Every field of the file's records that were read.
        types: The target fields that are filled, by name, and the type of each.
        sources: The field of the file that fills a target field; a target that
            is filled in another way is not there.
        warnings: Sentences that the import would keep as notes.
        notes: Sentences that are known because the whole file was read, such as the
            number of skipped lines.
    """

    name: str
    extent: SampleExtent
    records: tuple[PreviewedRecord, ...]
    fields: tuple[str, ...]
    types: Mapping[str, str]
    sources: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def counts(self) -> Mapping[OutcomeKind, int]:
        """The number of records by expected outcome."""
        return Counter(record.expected for record in self.records)

    @property
    def sentence(self) -> Reason:
        """Which records are shown, as a sentence."""
        return self.extent.sentence(self.name)

    def __repr__(self) -> str:
        counts = ", ".join(f"{n} {kind.value}" for kind, n in self.counts.items())
        return f"<Preview of {self.name!r}: {counts or 'no records'}>"

    def _repr_html_(self) -> str:
        rows = (
            (
                record.number,
                record.expected.value,
                *(record.target.get(name, "") for name in self.types),
                " ".join(fault.problem.message for fault in record.faults),
            )
            for record in self.records
        )
        columns = ("Record", "Expected", *self.types, "Problems")
        return html_table(self.sentence, columns, rows)


@dataclass(frozen=True, slots=True, repr=False)
class PlanCheck(ValueDisplay):
    """The result of checking a plan against its file.

    Attributes:
        problems: Sentences, the most important first. An import with a problem does
            not start.
        warnings: Sentences that people read before the start, and that the task
            keeps as notes.
        deletions: What the import would delete, with numbers, and what allows it. It
            keeps the import from starting, and a preview only warns of it.
    """

    problems: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    deletions: tuple[str, ...] = ()

    def require_startable(self) -> None:
        """Refuse the plan if it has a problem.

        Raises:
            InvalidPlan: It has at least one; the error holds all of them.
        """
        problems = (*self.problems, *self.deletions)
        if problems:
            raise InvalidPlan(" ".join(problems))

    def without_question(self) -> PlanCheck:
        """Return the check of a plan that deletes nothing: it warns of deletions."""
        warnings = (*self.warnings, *self.deletions)
        return replace(self, warnings=warnings, deletions=())
