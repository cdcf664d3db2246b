"""Marks of batches: written with the data, so that a second attempt is harmless."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple
from itertools import repeat
from typing import Any, Final

import orjson
from sqlalchemy import Connection, bindparam, insert, select

from ...model.change import unpack_changes
from ...model.change_dumping import dump_changes
from ...model.outcome import Outcome, OutcomeKind, Problem
from ...model.outcome_runs import OutcomeRuns, count_notes, list_keys
from .database.tables import batch_mark

_LETTERS: Final = {
    OutcomeKind.CREATED: "c",
    OutcomeKind.UPDATED: "u",
    OutcomeKind.UNCHANGED: "=",
    OutcomeKind.SKIPPED: "s",
    OutcomeKind.FAILED: "f",
    OutcomeKind.UNKNOWN: "?",
}
_KINDS: Final = {letter: kind for kind, letter in _LETTERS.items()}

# Every batch needs these statements, so they are built once.
_MARK: Final = select(batch_mark.c.outcomes).where(
    batch_mark.c.task == bindparam("of_task"),
    batch_mark.c.number == bindparam("of_number"),
)
_NEW_MARK: Final = insert(batch_mark)


def read_mark(connection: Connection, task: str, number: int) -> list[Outcome] | None:
    """Return the outcomes in a batch's mark; None if the batch was never written."""
    packed = connection.execute(_MARK, {"of_task": task, "of_number": number}).scalar()
    return None if packed is None else unpack_outcomes(packed)


def write_mark(
    connection: Connection,
    batch: tuple[str, int],
    outcomes: Sequence[Outcome],
    now_ms: int,
) -> None:
    """Record that the *batch* (task and number) was written, with its outcomes."""
    task, number = batch
    values = {
        "task": task,
        "number": number,
        "outcomes": pack_outcomes(outcomes),
        "written": now_ms,
    }
    connection.execute(_NEW_MARK, values)


def pack_outcomes(outcomes: Sequence[Outcome]) -> bytes:
    """Serialize outcomes: a letter and a key each; problems, notes, changes if any."""
    if isinstance(outcomes, OutcomeRuns) and not count_notes(outcomes):
        return _pack_runs(outcomes)
    columns = zip(*outcomes, strict=True) if outcomes else repeat((), 5)
    kinds, keys, problems, notes, changes = map(list, columns)
    is_one = kinds.count(kinds[0]) == len(kinds) if kinds else False
    letters = (
        _LETTERS[kinds[0]] * len(kinds) if is_one else map(_LETTERS.__getitem__, kinds)
    )
    packed: dict[str, Any] = {"kinds": "".join(letters), "keys": keys}
    if any(changes):
        packed["changes"] = orjson.Fragment(dump_changes(changes))
    if any(problems):
        packed["problems"] = [
            (index, *astuple(problem))
            for index, problem in enumerate(problems)
            if problem is not None
        ]
    if any(notes):
        packed["notes"] = [(index, note) for index, note in enumerate(notes) if note]
    return orjson.dumps(packed, default=str)


def _pack_runs(outcomes: OutcomeRuns) -> bytes:
    """Do what :func:`pack_outcomes` does, for runs without notes."""
    letters = [_LETTERS[run.kind] * run.number for run in outcomes.runs]
    packed: dict[str, Any] = {"kinds": "".join(letters), "keys": list_keys(outcomes)}
    if any(outcomes.changes):
        packed["changes"] = orjson.Fragment(dump_changes(outcomes.changes))
    return orjson.dumps(packed)


def unpack_outcomes(packed: bytes) -> list[Outcome]:
    """Read what :func:`pack` wrote."""
    data = orjson.loads(packed)
    problems = {index: Problem(*parts) for index, *parts in data.get("problems", ())}
    notes = dict(data.get("notes", ()))
    changes = unpack_changes(data.get("changes") or [None] * len(data["keys"]))
    return [
        Outcome(_KINDS[letter], key, problems.get(index), notes.get(index, ""), change)
        for index, (letter, key, change) in enumerate(
            zip(data["kinds"], data["keys"], changes, strict=True)
        )
    ]
