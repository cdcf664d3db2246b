"""The outcomes of consecutive records as runs: most are equal but for their keys."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Final, NamedTuple, overload

from .change import ItemChange
from .outcome import Outcome, OutcomeKind, make_outcomes


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
        changes: What each record did to its item; empty if nothing is known of any.
    """

    __slots__ = ("changes", "keys", "runs")

    def __init__(
        self,
        runs: Sequence[OutcomeRun],
        keys: Sequence[str] = (),
        changes: Sequence[ItemChange | None] = (),
    ) -> None:
        self.runs = runs
        self.keys = keys
        self.changes = changes

    @classmethod
    def alike(
        cls,
        kind: OutcomeKind,
        keys: Sequence[str],
        changes: Sequence[ItemChange | None] = (),
    ) -> OutcomeRuns:
        """Return outcomes of one kind that have neither a problem nor a note."""
        runs = [OutcomeRun(kind, "", len(keys))] if keys else []
        return cls(runs, keys, changes)

    @classmethod
    def of(cls, outcomes: Sequence[Outcome]) -> OutcomeRuns:
        """Return outcomes as runs, without their changes."""
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
        # `import dmc_widgets` is to cost next to nothing.
        import orjson

        if payload is None:
            return cls.skipped(number)
        runs, keys = orjson.loads(payload)
        return cls([OutcomeRun(_KINDS[kind], *rest) for kind, *rest in runs], keys)

    def pack(self) -> bytes:
        """Return what a row of the workspace holds."""
        import orjson

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
            end = place + number
            keys = self.keys[place:end] or [""] * number
            outcomes = make_outcomes(kind, keys, self.changes[place:end] or None)
            yield from (
                (one._replace(note=note) for one in outcomes) if note else outcomes
            )
            place = end

    @overload
    def __getitem__(self, place: int) -> Outcome: ...
    @overload
    def __getitem__(self, place: slice) -> list[Outcome]: ...
    def __getitem__(self, place: int | slice) -> Outcome | list[Outcome]:
        if isinstance(place, slice):
            return [*self][place] if range(*place.indices(len(self))) else []
        wanted = place if place >= 0 else len(self) + place
        before = 0
        for kind, note, number in self.runs:
            if before <= wanted < before + number:
                key = self.keys[wanted] if self.keys else ""
                change = self.changes[wanted] if self.changes else None
                return Outcome(kind, key, None, note, change)
            before += number
        raise IndexError(place)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and [*self] == [*other]

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return repr([*self])


def list_keys(outcomes: Sequence[Outcome]) -> Sequence[str]:
    """Return the external reference code of each record; empty for one without."""
    if isinstance(outcomes, OutcomeRuns):
        return outcomes.keys or [""] * len(outcomes)
    return [outcome.key for outcome in outcomes]


def count_kinds(outcomes: Iterable[Outcome]) -> Counter[OutcomeKind]:
    """Return how many records had each kind of outcome."""
    if not isinstance(outcomes, OutcomeRuns):
        kinds = [outcome.kind for outcome in outcomes]
        return Counter({kind: kinds.count(kind) for kind in set(kinds)})
    counts: Counter[OutcomeKind] = Counter()
    for run in outcomes.runs:
        counts[run.kind] += run.number
    return counts


def count_notes(outcomes: Iterable[Outcome]) -> Counter[str]:
    """Return how many records had each note."""
    if not isinstance(outcomes, OutcomeRuns):
        return Counter([outcome.note for outcome in outcomes if outcome.note])
    counts: Counter[str] = Counter()
    for run in outcomes.runs:
        if run.note:
            counts[run.note] += run.number
    return counts


_KINDS: Final = {kind.value: kind for kind in OutcomeKind}
