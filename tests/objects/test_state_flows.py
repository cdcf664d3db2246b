"""State picklists: the flow of a field, and which changes it allows."""

from __future__ import annotations

from typing import Any

import pytest

from dmc_widgets.model.outcome import Problem
from dmc_widgets.objects.fields.picklist import check_transition, parse_state_flow
from tests.objects.memory_documents import MemoryDocuments, text_field, ticket

FLOW = {
    "objectStates": [
        {"key": "open", "objectStateTransitions": [{"key": "busy"}]},
        {
            "key": "busy",
            "objectStateTransitions": [{"key": "open"}, {"key": "closed"}],
        },
        {"key": "closed", "objectStateTransitions": []},
    ]
}


@pytest.mark.parametrize(
    "stated",
    [None, "", {}, {"objectStates": []}, {"objectStates": None}, ["open"], "open"],
)
def test_field_without_a_flow_has_no_flow(stated: Any) -> None:
    assert parse_state_flow(stated) is None


def test_flow_lists_the_states_that_may_follow() -> None:
    assert parse_state_flow(FLOW) == {
        "open": frozenset({"busy"}),
        "busy": frozenset({"open", "closed"}),
        "closed": frozenset(),
    }


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("open", "busy"),
        ("busy", "open"),
        ("busy", "closed"),
        ("closed", "closed"),
        (None, "closed"),
        ("closed", None),
    ],
)
def test_transition_of_the_flow_and_no_change_are_allowed(
    before: str | None, after: str | None
) -> None:
    flow = parse_state_flow(FLOW) or {}

    assert check_transition([("s", flow)], {"s": before}, {"s": after}) is None


@pytest.mark.parametrize(
    ("before", "after"), [("open", "closed"), ("closed", "open"), ("new", "open")]
)
def test_any_other_change_is_refused(before: str, after: str) -> None:
    flow = parse_state_flow(FLOW) or {}

    assert check_transition([("s", flow)], {"s": before}, {"s": after}) == Problem(
        "invalid-object-state-transition",
        f"Object state ID {before} cannot be transitioned to object state ID {after}",
        "s",
        f'"{after}"',
    )


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"defaultValue": "open"}, None),
        (
            {
                "objectFieldSettings": [
                    {"name": "defaultValueType", "value": "inputAsValue"},
                    {"name": "defaultValue", "value": "open"},
                ]
            },
            None,
        ),
        (
            {},
            "The settings defaultValue, defaultValueType are required for object "
            "field title",
        ),
    ],
)
def test_state_needs_a_default_value(
    changes: dict[str, Any], message: str | None
) -> None:
    field = text_field(
        businessType="Picklist",
        listTypeDefinitionExternalReferenceCode="STATES",
        state=True,
        required=True,
        **changes,
    )
    decision = MemoryDocuments().change(ticket(objectFields=[field]))

    assert (decision.message if isinstance(decision, Problem) else None) == message
