"""What a server tells of a document besides what it was sent."""

from __future__ import annotations

from typing import Any

import pytest

from dmc_widgets.objects.comparison.differences import is_equivalent

SENT = {
    "name": "Bicycle",
    "objectFields": [{"name": "frame", "required": True}],
    "objectRelationships": [{"name": "repairs", "externalReferenceCode": "R"}],
}
STORED = {
    "name": "Bicycle",
    "objectActions": [],
    "objectFields": [{"name": "frame", "required": True, "unique": True, "id": 7}],
    "objectRelationships": [
        {
            "name": "repairs",
            "externalReferenceCode": "R",
            "objectField": {"name": "r_repairs_c_bicycleId"},
            "reverse": False,
        }
    ],
}


@pytest.mark.parametrize(
    ("sent", "is_told"),
    [
        pytest.param({}, True, id="the same"),
        pytest.param({"objectViews": []}, True, id="an empty list"),
        pytest.param({"objectFields": []}, False, id="a field less"),
        pytest.param(
            {"objectFields": [{"name": "frame", "required": False}]},
            False,
            id="a field changed",
        ),
        pytest.param(
            {"objectFields": [*SENT["objectFields"], {"name": "colour"}]},
            False,
            id="a field more",
        ),
        pytest.param(
            {"objectRelationships": [{"name": "repairs"}]}, True, id="no code"
        ),
        pytest.param(
            {
                "objectRelationships": [
                    {"name": "repairs", "externalReferenceCode": "S"}
                ]
            },
            False,
            id="another code",
        ),
        pytest.param({"label": {"en_US": "Bicycle"}}, False, id="a label more"),
    ],
)
def test_only_stated_properties_can_change_a_document(
    sent: dict[str, Any], *, is_told: bool
) -> None:
    assert is_equivalent({**SENT, **sent}, STORED) is is_told


@pytest.mark.parametrize(
    ("name", "key"),
    [
        pytest.param("objectFields", "name", id="fields"),
        pytest.param("listTypeEntries", "key", id="picklist entries"),
    ],
)
def test_elements_are_matched_by_their_identity(name: str, key: str) -> None:
    elements = [{key: "a", "label": "A"}, {key: "b", "label": "B"}]

    assert is_equivalent({name: elements}, {name: elements[::-1]})
    assert not is_equivalent({"other": elements}, {"other": elements[::-1]})


def test_rules_are_matched_by_their_name_in_the_first_language() -> None:
    rules = [{"name": {"en_US": each}, "script": each} for each in "ab"]

    assert is_equivalent(
        {"objectValidationRules": rules}, {"objectValidationRules": rules[::-1]}
    )


@pytest.mark.parametrize(
    ("sent", "stored", "is_told"),
    [
        ({"active": True}, {"active": True, "status": {"code": 0}}, True),
        ({"engine": "ddm"}, {"engine": "ddm", "engineLabel": "Expression"}, True),
        ({"engine": "ddm"}, {"engine": "ddm", "outputType": "fullValidation"}, True),
        (
            {"engine": "ddm"},
            {"engine": "ddm", "outputType": "partialValidation"},
            False,
        ),
        ({}, {"edge": True}, False),
        ({"edge": False}, {"edge": True}, False),
        ({"unique": False}, {"unique": True}, False),
        ({"unique": False}, {}, True),
    ],
)
def test_value_that_returns_to_its_default_is_a_change(
    sent: dict[str, Any], stored: dict[str, Any], *, is_told: bool
) -> None:
    assert is_equivalent(sent, stored) is is_told
