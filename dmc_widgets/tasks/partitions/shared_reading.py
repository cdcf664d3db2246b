"""Have several workers read back what a target holds, for a verification."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final

from ...errors import WorkersLost
from ...model.entity_type import EntityType
from ...model.plan import ImportPlan
from ..course import CourseRecorder
from ..verification.stored_entries import PAGE_SIZE, EntryPage, OpenReader, SentGroup
from .messages import (
    Reading,
    ReadingDone,
    StepTaken,
    WorkerFailed,
    WorkerLost,
    WorkerStarted,
    WorkerStopped,
)
from .worker_group import WorkerGroup, WorkerPool, raisable

_WAIT_S: Final = 0.1
_READING_RECORDS: Final = 4_000
"""So many that messages cost little beside the reading."""

_AHEAD: Final = 2
"""What a worker has to read at a time: the next is there when one is done."""

_WINDOW: Final = 4
"""How much a worker is ahead of what is not read yet, and has to come before."""

_MAX_LOST: Final = 5
"""How many workers may be lost, with nothing read in between, before it fails."""


def share_reading(
    pool: WorkerPool, course: CourseRecorder, advance: Callable[[], None]
) -> OpenReader:
    """Return what opens readers of a target whose work is given to workers.

    Args:
        pool: The workers; they begin with the first reading.
        course: Notes what becomes of them.
        advance: Called a few times a second; it may end the reading by an exception.
    """

    def open_reader(entity_type: EntityType, plan: ImportPlan) -> SharedReading:
        lazy = plan.policy.lazy_references
        return SharedReading(
            pool, course, advance, entity_type.key, lazy_references=lazy
        )

    return open_reader


class SharedReading:
    """Gives the reading of a target to workers; what they find comes in order.

    A :class:`~..verification.stored_entries.StoredReader`. What a lost worker had to
    read is read by another one.

    Args:
        pool: The workers.
        course: Notes what becomes of them.
        advance: Called a few times a second; it may end the reading by an exception.
        entity_type: The key of the entity type that is read.
        lazy_references: Its entries were written with lazy references.

    Attributes:
        page: How many entries a page has; workers divide it if it holds large files.
    """

    page = PAGE_SIZE

    def __init__(
        self,
        pool: WorkerPool,
        course: CourseRecorder,
        advance: Callable[[], None],
        entity_type: str,
        *,
        lazy_references: bool,
    ) -> None:
        self._read_with = (entity_type, lazy_references)
        self._pool = pool
        self._course = course
        self._advance = advance
        self._number = 0
        self._readings: dict[int, Any] = {}
        self._found: dict[int, Sequence[Any]] = {}
        self._given: dict[str, set[int]] = {}
        self._again: deque[int] = deque()
        self._lost = 0

    def find_unequal(
        self, groups: Iterable[SentGroup]
    ) -> Iterator[tuple[SentGroup, Sequence[int]]]:
        """Yield each group with the places of its records that differ, in order.

        Raises:
            InstallationError: The target does not answer.
            NotSupported: The cluster does not answer.
            WorkersLost: Workers have ended again and again.
        """
        for some, places in self._read(_join_groups(groups)):
            yield from zip(some, places, strict=True)

    def digest_pages(
        self, pages: Iterator[EntryPage]
    ) -> Iterator[tuple[EntryPage, list[bytes | None]]]:
        """Yield each page with the digests of what is stored, None for no entry.

        Raises:
            InstallationError: The target does not answer.
            NotSupported: The cluster does not answer.
            WorkersLost: Workers have ended again and again.
        """
        for page, digests in self._read(pages):
            yield page, [*digests]

    def _read(self, wanted: Iterator[Any]) -> Iterator[tuple[Any, Sequence[Any]]]:
        """Yield what is to be read, with what was found, in the same order."""
        group = self._pool.open()
        for name in group.names:  # they have nothing else to do now
            self._given.setdefault(name, set())
        if not self._given:  # those of the import may be lost
            group.start_worker()
        while True:
            self._give_out(group, wanted)
            if self._given and not self._readings:
                return
            first = next(iter(self._readings), 0)
            if first in self._found:
                yield self._readings.pop(first), self._found.pop(first)
            else:
                self._receive(group)
                self._advance()

    def _give_out(self, group: WorkerGroup, wanted: Iterator[Any]) -> None:
        """Give each worker something to read, and then something to go on with."""
        for number_of_readings in range(_AHEAD):
            for name, given in self._given.items():
                if len(given) > number_of_readings:
                    continue
                number = self._next(wanted)
                if number is None:
                    return
                given.add(number)
                what = self._readings[number]
                group.send(name, Reading(number, what, *self._read_with))

    def _next(self, wanted: Iterator[Any]) -> int | None:
        if self._again:
            return self._again.popleft()
        if len(self._readings) >= _WINDOW * len(self._given):
            return None
        what = next(wanted, None)
        if what is None:
            return None
        self._number += 1
        self._readings[self._number] = what
        return self._number

    def _receive(self, group: WorkerGroup) -> None:
        for name, message in group.receive(_WAIT_S):
            match message:
                case WorkerStarted():
                    self._given.setdefault(name, set())
                case ReadingDone(number, found):
                    self._lost = 0
                    self._given[name].discard(number)
                    self._found[number] = found
                case StepTaken(kind, detail):
                    self._course.add_step(kind, f"{name}: {detail}")
                case WorkerFailed(error):
                    raise raisable(error)
                case WorkerLost() | WorkerStopped():
                    self._replace(group, name)

    def _replace(self, group: WorkerGroup, name: str) -> None:
        """Have another worker read what a lost one has not.

        Raises:
            WorkersLost: Too many workers were lost.
        """
        self._lost += 1
        if self._lost > _MAX_LOST:
            instead = "verify the task"
            raise WorkersLost(self._lost, "the verification", instead)
        self._course.add_step(
            "worker",
            f"{name or 'A worker'} ended before the verification did; another one goes "
            "on.",
        )
        self._again.extend(sorted(self._given.pop(name, ())))
        group.start_worker()


def _join_groups(groups: Iterable[SentGroup]) -> Iterator[list[SentGroup]]:
    """Yield groups, as many at a time as a worker has to read."""
    joined: list[SentGroup] = []
    number = 0
    for group in groups:
        joined.append(group)
        number += len(group.keys)
        if number >= _READING_RECORDS:
            yield joined
            joined, number = [], 0
    if joined:
        yield joined
