"""What an import would make of some records, before anything is written.

What is wrong with a plan for a file, before anything starts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

from ..errors import InvalidPlan
from .outcome import OutcomeKind, Problem
from .record import Record


class SamplingMethod(StrEnum):
    """Which records of a file were taken."""

    FIRST = "first"
    BY_POSITION = "by place"
    BY_NUMBER = "by number"


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleExtent:
    """How much of a file was read for a preview.

    Attributes:
        sampling: Which records were taken.
        shown: How many there are.
        records_read: How many were read to find them.
        bytes_read: Of the file, not packed.
        records_about: How many the file holds: exactly if *complete*, else
            estimated by its size; None where that says nothing.
        complete: The file holds no more than was read.
    """

    sampling: SamplingMethod
    shown: int
    records_read: int
    bytes_read: int
    records_about: int | None
    complete: bool

    def sentence(self, name: str) -> str:
        """Say which records of the file called *name* are shown."""
        if self.complete and self.shown == self.records_about:
            only = {
                0: f"There are no records in {name}.",
                1: f"Shown is the only record of {name}.",
            }
            return only.get(
                self.shown, f"Shown are all {self.shown:,} records of {name}."
            )
        records = f"{self.shown:,}{self._of()} records"
        if self.sampling is SamplingMethod.FIRST:
            return f"Shown are the first {records} of {name}."
        if self.sampling is SamplingMethod.BY_POSITION or self.complete:
            return f"Shown are {records} from all over {name}."
        read = f"among the first {self.records_read:,}"
        return f"Shown are {records} of {name}, from {read}."

    def _of(self) -> str:
        if self.records_about is None:
            return ""
        about = "" if self.complete else "about "
        return f" of {about}{self.records_about:,}"


class FieldProblem(NamedTuple):
    """Why a record would fail, and beside which field to say so.

    Attributes:
        target: The target field; empty where it concerns the whole record.
        problem: As the import would report it.
    """

    target: str
    problem: Problem

    @property
    def text(self) -> str:
        """Which field is at fault, and why, in one line."""
        field = self.target or self.problem.field
        message = self.problem.message
        return f"{field}: {message}" if field else message


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewedRecord:
    """One record, and what an import would make of it.

    Attributes:
        number: Of the record in the file, from 1; of one that was found by its
            place, the byte at which it begins, from 1.
        source: The record; None where there is none to be read.
        target: Values by target field, after mapping and checks. A field that is
            not there was left out, or has a fault.
        faults: Why it would fail; empty unless it would.
        expected: What would become of it.
    """

    number: int
    source: Record | None
    target: Mapping[str, Any]
    faults: tuple[FieldProblem, ...] = ()
    expected: OutcomeKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """Some records of a file, and what an import would make of them.

    Attributes:
        name: Of the file.
        extent: Which records these are.
        records: By their place in the file.
        fields: Every field of the file's records that were read.
        types: The target fields that are filled, by name, and the type of each.
        sources: The field of the file that fills a target field; a target that
            is filled in another way is not there.
        warnings: What the import would be started with as notes.
        notes: What is known because the file was read whole, such as lines that are
            skipped.
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
        """How many records would come to what."""
        return Counter(record.expected for record in self.records)

    @property
    def sentence(self) -> str:
        """Which records these are, in a sentence."""
        return self.extent.sentence(self.name)


@dataclass(frozen=True, slots=True)
class PlanCheck:
    """The result of holding a plan against the file that it is for.

    Attributes:
        problems: Sentences, the most important first; the import does not start
            with one.
        warnings: Sentences that people read before the start, and that the task
            keeps as notes.
    """

    problems: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    def require_startable(self) -> None:
        """Refuse the plan if it has a problem.

        Raises:
            InvalidPlan: It has; the error holds all of them.
        """
        if self.problems:
            raise InvalidPlan(" ".join(self.problems))
