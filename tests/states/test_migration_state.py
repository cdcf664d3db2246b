"""What the migration form lacks, and the plan that it comes to."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dmc_widgets.model.entity_type import (
    OBJECT_ENTRY,
    OBJECT_FOLDER,
    EntityType,
    Field,
)
from dmc_widgets.model.plan import MigrationPlan, Selection, plan_from_dict
from dmc_widgets.model.strategies import ErrorStrategy, Policy
from dmc_widgets.states.migration_state import MigrationState

FOLDER = EntityType(name="ObjectFolder", label="Folder", class_name=OBJECT_FOLDER)
TICKET = EntityType(
    name="C_Ticket", label="Ticket", class_name=OBJECT_ENTRY, delegate="C_Ticket"
)


@pytest.fixture
def state() -> MigrationState:
    return MigrationState(
        source="A", target="B", entity_types=(FOLDER, TICKET), selected=(TICKET.key,)
    )


@pytest.mark.parametrize(
    ("traits", "problem"),
    [
        ({"source": ""}, "Please select the installation to take from."),
        ({"target": ""}, "Please select the installation to bring into."),
        (
            {"target": "A"},
            "Source and target are the same installation. Please select another one.",
        ),
        ({"selected": ()}, "Please select at least one entity type."),
    ],
)
def test_first_missing_choice_is_the_problem(
    state: MigrationState, traits: dict[str, object], problem: str
) -> None:
    """One thing at a time, the first to be done first."""
    assert not state.problems

    for name, value in traits.items():
        setattr(state, name, value)

    assert state.problems == (problem,)


def test_choices_make_a_plan(state: MigrationState) -> None:
    """The dry run differs from the run in nothing else."""
    state.stop_on_error = False
    state.match_names = state.allow_deletions = True
    state.name = "Friday"
    state.sites = "Guest, north,"
    chosen = Selection(
        entity_types=(TICKET.key,), with_needed=True, sites=("Guest", "north")
    )
    policy = Policy(error_strategy=ErrorStrategy.CONTINUE)

    plan = MigrationPlan(
        source="A",
        selection=chosen,
        policy=policy,
        match_names=True,
        allow_deletions=True,
        name="Friday",
    )
    assert state.plan() == plan
    assert state.plan(dry_run=True) == replace(plan, dry_run=True)
    assert plan_from_dict(plan.as_dict()) == plan


def test_keys_are_chosen_for_one_entity_type_after_the_other(
    state: MigrationState,
) -> None:
    """They go with entity types that do not move any more."""
    email = Field(name="email", type="Text", label="E-mail", custom=True)
    person = replace(TICKET, name="C_Person", delegate="C_Person", fields=(email,))
    ticket = replace(TICKET, fields=(replace(email, name="number", label=""),))
    state.entity_types = (FOLDER, ticket, person)
    state.selected = (ticket.key, FOLDER.key, person.key)

    assert state.match_entity_options() == [
        ("Ticket", ticket.key),
        ("Person", person.key),
    ]
    assert (state.match_field_options(), state.describe_match_keys()) == ([], "")
    state.match_entity = person.key
    assert state.match_field_options() == [("E-mail (email)", "email")]
    state.match_fields = ("email",)
    state.match_entity = ticket.key
    assert not state.match_fields
    state.match_fields = ("number",)
    assert state.describe_match_keys() == "Person by email, Ticket by number"
    assert state.plan().match == (("C_Person", ("email",)), ("C_Ticket", ("number",)))
    state.match_entity = person.key
    assert state.match_fields == ("email",)
    state.selected = (ticket.key,)
    assert [state.match_entity, *state.match_fields] == [""]
    assert state.plan().match == (("C_Ticket", ("number",)),)


def test_changing_the_source_deselects_unknown_entity_types(
    state: MigrationState,
) -> None:
    """And what was compared is of other installations."""
    state.differences = ()
    state.source = "C"
    state.entity_types = (FOLDER,)

    assert state.selected == ()
    assert state.differences is None


def test_entity_types_are_found_by_name_and_label(state: MigrationState) -> None:
    """Whatever the case."""
    assert state.find_entity_types("tick") == (TICKET,)
    assert state.find_entity_types(" FOLD ") == (FOLDER,)
    assert state.find_entity_types("") == (FOLDER, TICKET)


def test_definitions_are_listed_before_all_entries(state: MigrationState) -> None:
    """Else they would be lost among the objects of a large installation."""
    state.entity_types = (TICKET, FOLDER)

    assert state.find_entity_types("") == (FOLDER, TICKET)
