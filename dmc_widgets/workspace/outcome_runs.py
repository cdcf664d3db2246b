"""The outcomes of consecutive records as runs: most are equal but for their keys."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, Final, NamedTuple, overload

import orjson

from ..model.outcome import Outcome, OutcomeKind


class OutcomeRun(NamedTuple):
    """Consecutive records with equal outcomes.

    Attributes:
        kind: What happened to them.
        note: The code of the note that they have; empty for none.
        number: How many they are.
    """

    kind: OutcomeKind
    note: str
    number: int


class OutcomeRuns(Sequence[Outcome]):
    """The outcomes of some records, without their problems; made when asked for.

    Args:
        runs: The outcomes in the order of the records.
        keys: The external reference codes of the records; empty if none has one.
    """

    __slots__ = ("keys", "runs")

    def __init__(self, runs: Sequence[OutcomeRun], keys: Sequence[str] = ()) -> None:
        self.runs = runs
        self.keys = keys

    @classmethod
    def of(cls, outcomes: Sequence[Outcome]) -> OutcomeRuns:
        """Return outcomes as runs."""
        if isinstance(outcomes, cls):
            return outcomes
        runs = [
            OutcomeRun(kind, note, len([*group]))
            for (kind, note), group in groupby((x.kind, x.note) for x in outcomes)
        ]
        keys = [outcome.key for outcome in outcomes]
        return cls(runs, keys if any(keys) else ())

    @classmethod
    def skipped(cls, number: int) -> OutcomeRuns:
        """Return the outcomes of records that were not tried."""
        return cls([OutcomeRun(OutcomeKind.SKIPPED, "", number)])

    @classmethod
    def unpack(cls, number: int, payload: bytes | None) -> OutcomeRuns:
        """Return the outcomes of a row of the workspace; None stands for skipped."""
        if payload is None:
            return cls.skipped(number)
        runs, keys = orjson.loads(payload)
        return cls([OutcomeRun(_KINDS[kind], *rest) for kind, *rest in runs], keys)

    def pack(self) -> bytes:
        """Return what a row of the workspace holds."""
        return orjson.dumps([[[*run] for run in self.runs], self.keys])

    @property
    def kinds(self) -> set[OutcomeKind]:
        """What happened to the records, each kind once."""
        return {run.kind for run in self.runs}

    def count(self, value: object) -> int:
        """Return how many outcomes are of a kind, or equal another outcome."""
        if isinstance(value, OutcomeKind):
            return sum(run.number for run in self.runs if run.kind is value)
        return sum(outcome == value for outcome in self)

    def __len__(self) -> int:
        return sum(run.number for run in self.runs)

    def __iter__(self) -> Iterator[Outcome]:
        place = 0
        for kind, note, number in self.runs:
            for key in self.keys[place : place + number] or [""] * number:
                yield Outcome(kind, key, None, note)
            place += number

    @overload
    def __getitem__(self, place: int) -> Outcome: ...
    @overload
    def __getitem__(self, place: slice) -> list[Outcome]: ...
    def __getitem__(self, place: int | slice) -> Outcome | list[Outcome]:
        if isinstance(place, slice):
            return [*self][place]
        wanted = place if place >= 0 else len(self) + place
        before = 0
        for kind, note, number in self.runs:
            if before <= wanted < before + number:
                key = self.keys[wanted] if self.keys else ""
                return Outcome(kind, key, None, note)
            before += number
        raise IndexError(place)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and [*self] == [*other]

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return repr([*self])


_KINDS: Final = {kind.value: kind for kind in OutcomeKind}


def pack_outcomes_as_runs(connection: sqlite3.Connection) -> None:
    """Pack the outcomes of a workspace that has one element a record."""
    places = connection.execute(
        "SELECT task_id, first_index FROM outcome WHERE payload IS NOT NULL"
    ).fetchall()
    where = "WHERE task_id = ? AND first_index = ?"
    for place in map(tuple[Any, ...], places):
        (payload,) = connection.execute(
            f"SELECT payload FROM outcome {where}",  # noqa: S608
            place,
        ).fetchone()
        outcomes = [
            Outcome(_KINDS[kind], key, None, note)
            for kind, key, note in orjson.loads(payload)
        ]
        connection.execute(
            f"UPDATE outcome SET payload = ? {where}",  # noqa: S608
            [OutcomeRuns.of(outcomes).pack(), *place],
        )
