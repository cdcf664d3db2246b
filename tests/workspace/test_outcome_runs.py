"""Outcomes are kept as runs, and come back as they were."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmc_widgets.model.change import ItemChange
from dmc_widgets.model.outcome import GENERATED_KEY, Outcome, OutcomeKind
from dmc_widgets.model.outcome_runs import (
    OutcomeRun,
    OutcomeRuns,
    count_kinds,
    count_notes,
    list_keys,
)
from dmc_widgets.workspace import Workspace
from dmc_widgets.workspace.database import _MIGRATIONS
from dmc_widgets.workspace.outcome_migration import pack_outcomes_as_runs

pytestmark = pytest.mark.own_file  # packing is the same in each database

OUTCOMES = st.lists(
    st.builds(
        Outcome,
        st.sampled_from(OutcomeKind),
        st.sampled_from(["", "A", "B", "skipped"]),
        st.none(),
        st.sampled_from(["", GENERATED_KEY]),
        st.none(),
    )
)


@given(outcomes=OUTCOMES, cut=st.slices(9))
def test_runs_are_the_same_outcomes(outcomes: list[Outcome], cut: slice) -> None:
    packed = OutcomeRuns.of(outcomes).pack()

    runs = OutcomeRuns.unpack(len(outcomes), packed)

    assert [*runs] == outcomes == runs
    assert len(runs) == len(outcomes)
    assert runs[cut] == outcomes[cut]
    assert [runs[place] for place in range(-len(outcomes), len(outcomes))] == (
        outcomes + outcomes
    )
    assert runs.kinds == {outcome.kind for outcome in outcomes}


def test_runs_know_the_changes_of_their_records() -> None:
    changes = [ItemChange(site="one"), None, ItemChange(site="two")]
    runs = OutcomeRuns.alike(OutcomeKind.UPDATED, ["A", "B", "C"], changes)

    assert [*runs] == [
        Outcome(OutcomeKind.UPDATED, "A", None, "", changes[0]),
        Outcome(OutcomeKind.UPDATED, "B"),
        Outcome(OutcomeKind.UPDATED, "C", None, "", changes[2]),
    ]
    assert runs[2].change == changes[2]
    assert runs[1:] == [*runs][1:]


def test_each_run_has_the_changes_of_its_own_records() -> None:
    changes = [ItemChange(site="one"), ItemChange(site="two"), None]
    kinds = OutcomeKind.CREATED, OutcomeKind.UPDATED, OutcomeKind.UNCHANGED
    runs = OutcomeRuns([OutcomeRun(x, "", 1) for x in kinds], ["A", "B", "C"], changes)

    assert [outcome.change for outcome in runs] == changes
    assert [runs[place].change for place in range(3)] == changes


@given(outcomes=OUTCOMES)
def test_runs_are_counted_as_their_outcomes_are(outcomes: list[Outcome]) -> None:
    runs = OutcomeRuns.of(outcomes)

    assert count_kinds(runs) == count_kinds(outcomes)
    assert count_notes(runs) == count_notes(outcomes)
    assert [*list_keys(runs)] == list_keys(outcomes)


def test_equal_outcomes_take_the_room_of_their_keys() -> None:
    created = [Outcome(OutcomeKind.CREATED, f"T-{n}") for n in range(3)]

    assert OutcomeRuns.of(created).pack() == b'[[["created","",3]],["T-0","T-1","T-2"]]'
    assert OutcomeRuns.skipped(1000).pack() == b'[[["skipped","",1000]],[]]'
    with pytest.raises(IndexError):
        OutcomeRuns.of(created)[3]


def test_outcomes_of_an_older_workspace_become_runs(tmp_path: Path) -> None:
    """They had one element a record; those of skipped records had none."""
    step = _MIGRATIONS.index(pack_outcomes_as_runs)
    old = orjson.dumps([["created", "A", ""], ["failed", "", ""]])
    with closing(
        sqlite3.connect(tmp_path / "workspace.db", isolation_level=None)
    ) as connection:
        for migration in _MIGRATIONS[:step]:
            if callable(migration):
                migration(connection)
            else:
                connection.executescript(migration)
        connection.execute(f"PRAGMA user_version = {step}")
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("INSERT INTO outcome VALUES (7, 1, 2, ?)", [old])
        connection.execute("INSERT INTO outcome VALUES (7, 3, 9, NULL)")

    with closing(Workspace(tmp_path)) as workspace:
        batches = [*workspace.outcomes.read(7)]
        found = workspace.outcomes.find(7, 1), workspace.outcomes.find(7, 11)

    assert [[*batch.outcomes] for batch in batches] == [
        [Outcome(OutcomeKind.CREATED, "A"), Outcome(OutcomeKind.FAILED)],
        [Outcome(OutcomeKind.SKIPPED)] * 9,
    ]
    assert found == (batches[0].outcomes[0], Outcome(OutcomeKind.SKIPPED))
