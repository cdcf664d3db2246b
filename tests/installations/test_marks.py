"""Marks keep the outcomes of a batch, whole and small."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmc_widgets.installations.sql.batch_marks import (
    pack_outcomes,
    read_mark,
    unpack_outcomes,
    write_mark,
)
from dmc_widgets.installations.sql.database.engine import Database
from dmc_widgets.model.alike_changes import AddedChanges
from dmc_widgets.model.change import FieldChange, ItemChange
from dmc_widgets.model.outcome import GENERATED_KEY, Outcome, OutcomeKind, Problem
from dmc_widgets.model.outcome_runs import OutcomeRun, OutcomeRuns
from tests.installations.databases import Place

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
PROBLEMS = st.builds(Problem, TEXTS, TEXTS, TEXTS, st.none() | TEXTS)
VALUES = st.none() | st.booleans() | st.integers(-5, 5) | TEXTS | st.lists(TEXTS)
CHANGES = st.builds(
    ItemChange,
    st.lists(st.builds(FieldChange, TEXTS, VALUES, VALUES), max_size=3).map(tuple),
    TEXTS,
    TEXTS,
    st.none() | st.dictionaries(TEXTS, VALUES, max_size=2),
)
OUTCOMES = st.builds(
    Outcome,
    st.sampled_from(OutcomeKind),
    TEXTS,
    st.none() | PROBLEMS,
    st.sampled_from(["", GENERATED_KEY]),
    st.none() | CHANGES,
)


@given(st.lists(OUTCOMES, max_size=20))
def test_outcomes_come_back_as_they_went(outcomes: list[Outcome]) -> None:
    assert unpack_outcomes(pack_outcomes(outcomes)) == outcomes


@given(st.sampled_from(OutcomeKind), st.lists(TEXTS), st.sampled_from(["", "note"]))
def test_outcomes_as_runs_come_back_as_they_went(
    kind: OutcomeKind, keys: list[str], note: str
) -> None:
    changes = AddedChanges("site", "1.0.", range(len(keys)))
    runs = OutcomeRuns([OutcomeRun(kind, note, len(keys))], keys, changes)

    assert unpack_outcomes(pack_outcomes(runs)) == [*runs]
    assert pack_outcomes(runs) == pack_outcomes([*runs])


def test_a_record_without_trouble_costs_its_key_and_a_letter() -> None:
    outcomes = [Outcome(OutcomeKind.CREATED, "T-1"), Outcome(OutcomeKind.UPDATED, "T")]

    assert pack_outcomes(outcomes) == b'{"kinds":"cu","keys":["T-1","T"]}'


@pytest.mark.each_database
def test_a_mark_is_of_one_task_and_one_number(place: Place) -> None:
    database = Database("marks", place.dialect())
    outcomes = [Outcome(OutcomeKind.SKIPPED, "T-1")]

    with database.writing() as connection:
        write_mark(connection, ("task", 2), outcomes, 1)
    with database.reading() as connection:
        found = [
            read_mark(connection, task, number)
            for task, number in [("task", 2), ("task", 1), ("other", 2)]
        ]
    database.close()

    assert found == [outcomes, None, None]
