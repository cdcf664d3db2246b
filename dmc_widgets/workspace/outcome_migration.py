"""The outcomes of workspaces that were made before outcomes were kept as runs."""

from __future__ import annotations

import sqlite3
from typing import Any, Final

import orjson

from ..model.outcome import Outcome, OutcomeKind
from ..model.outcome_runs import OutcomeRuns

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
