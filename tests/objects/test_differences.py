"""Where definitions differ: by what identifies an element, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from dmc_widgets.objects.comparison.differences import (
    ChangeType,
    Difference,
    find_differences,
)
from dmc_widgets.objects.comparison.erc_matching import match_by_name
from dmc_widgets.objects.documents.change_set import DEFINITION, PICKLIST

DUE = {"businessType": "Date", "name": "due"}


def ticket(**properties: Any) -> dict[str, Any]:
    return {
        "externalReferenceCode": "TICKET",
        "name": "Ticket",
        "id": 7,
        "dateModified": "2026-01-01T00:00:00Z",
        "label": {"en_US": "Ticket"},
        "objectFields": [
            {"name": "title", "businessType": "Text", "required": True, "id": 1},
            {"name": "due", "businessType": "Date", "type": "Date"},
        ],
        **properties,
    }


def found(source: dict[str, Any], target: dict[str, Any]) -> list[tuple[Any, ...]]:
    return [
        (difference.change, difference.path, difference.source, difference.target)
        for difference in find_differences(DEFINITION, [source], [target])
    ]


def test_server_set_properties_are_not_a_difference() -> None:
    """Ids, dates, orders of fields, null, false and empty texts say nothing."""
    other = ticket(
        id=99,
        dateModified="2025-05-05T00:00:00Z",
        description=None,
        panelCategoryKey="",
        enableComments=False,
        objectLayouts=[],
        objectFields=[
            {"name": "due", "businessType": "Date", "localized": False, "id": 12},
            {"name": "title", "businessType": "Text", "required": True},
            {"name": "creator", "businessType": "Text", "system": True},
        ],
    )

    assert found(ticket(), other) == []


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        pytest.param(
            {"label": {"en_US": "Issue"}},
            [(ChangeType.CHANGED, "label.en_US", "Ticket", "Issue")],
            id="a-label",
        ),
        pytest.param(
            {"enableComments": True},
            [(ChangeType.CHANGED, "enableComments", False, True)],
            id="a-switch-against-its-default",
        ),
        pytest.param(
            {"objectFields": [{"name": "title", "businessType": "Text"}]},
            [
                (ChangeType.ADDED, "objectFields.due", DUE, None),
                (ChangeType.ADDED, "objectFields.title.required", True, None),
            ],
            id="a-field-that-is-missing-and-one-that-is-laxer",
        ),
        pytest.param(
            {"objectRelationships": [{"name": "owner", "type": "oneToMany"}]},
            [
                (
                    ChangeType.REMOVED,
                    "objectRelationships",
                    None,
                    {"owner": {"name": "owner", "type": "oneToMany"}},
                )
            ],
            id="a-relationship-that-only-the-target-has",
        ),
    ],
)
def test_difference_has_its_path_and_both_values(
    target: dict[str, Any], expected: list[tuple[Any, ...]]
) -> None:
    """The change says what would make the target like the source."""
    assert found(ticket(), ticket(**target)) == expected


def test_field_in_a_relationship_is_compared_as_fields_are() -> None:
    """Servers give it out there, too, with a code that each of them makes."""

    def owner(code: str, label: str) -> dict[str, Any]:
        field = {"externalReferenceCode": code, "label": label, "type": code}
        return ticket(objectRelationships=[{"name": "owner", "objectField": field}])

    assert found(owner("A", "Owner"), owner("B", "Owner")) == []
    assert found(owner("A", "Owner"), owner("A", "Holder")) == [
        (
            ChangeType.CHANGED,
            "objectRelationships.owner.objectField.label",
            "Owner",
            "Holder",
        )
    ]


def test_settings_are_compared_by_their_name() -> None:
    """A list of names and values is a table; its order says nothing."""
    counter = {"name": "showCounter", "value": True}
    short, long = ({"name": "maxLength", "value": each} for each in ("10", "20"))

    def title(*settings: dict[str, Any]) -> dict[str, Any]:
        return ticket(
            objectFields=[{"name": "title", "objectFieldSettings": [*settings]}]
        )

    assert found(title(counter, short), title(short, counter)) == []
    assert found(title(counter, short), title(long, counter)) == [
        (
            ChangeType.CHANGED,
            "objectFields.title.objectFieldSettings.maxLength.value",
            "10",
            "20",
        )
    ]


def test_documents_are_matched_by_code_and_else_by_name() -> None:
    """An object that was made by hand on both sides is the same object."""
    low, high = ({"key": each, "name": each.title()} for each in ("low", "high"))
    both = [low, high]
    source: list[dict[str, Any]] = [
        {"externalReferenceCode": "A", "name": "Levels", "listTypeEntries": both},
        {"externalReferenceCode": "B", "name": "Colours"},
    ]
    target: list[dict[str, Any]] = [
        {"externalReferenceCode": "X", "name": "Levels", "listTypeEntries": [low]},
        {"externalReferenceCode": "C", "name": "Sizes"},
    ]

    assert list(find_differences(PICKLIST, source, target)) == [
        Difference(kind=PICKLIST, name="Colours", key="B", change=ChangeType.ADDED),
        Difference(
            kind=PICKLIST,
            name="Levels",
            key="A",
            change=ChangeType.CHANGED,
            path="externalReferenceCode",
            source="A",
            target="X",
        ),
        Difference(
            kind=PICKLIST,
            name="Levels",
            key="A",
            change=ChangeType.ADDED,
            path="listTypeEntries.high",
            source={"key": "high", "name": "High"},
        ),
        Difference(kind=PICKLIST, name="Sizes", key="C", change=ChangeType.REMOVED),
    ]


def codes_of(found: Iterable[Difference]) -> list[tuple[Any, ...]]:
    return [(each.name, each.path, each.source, each.target) for each in found]


def test_exchanged_names_are_reported_as_differences() -> None:
    """Not as two objects of which every field was renamed."""
    due = {"name": "due", "businessType": "Date"}
    source = [ticket(), ticket(externalReferenceCode="B", name="Case")]
    target = [
        ticket(externalReferenceCode="B"),
        ticket(externalReferenceCode="TICKET", name="Case", objectFields=[due]),
    ]

    assert codes_of(find_differences(DEFINITION, source, target)) == [
        ("Case", "externalReferenceCode", "B", "TICKET"),
        (
            "Case",
            "objectFields.title",
            {"name": "title", "businessType": "Text", "required": True},
            None,
        ),
        ("Ticket", "externalReferenceCode", "TICKET", "B"),
    ]


def test_different_code_is_one_difference_wherever_it_is_referenced() -> None:
    """Fields and relationships that name the object are as they should be."""
    source = [ticket(objectRelationships=[subtask("TICKET")])]
    target = [ticket(externalReferenceCode="X", objectRelationships=[subtask("X")])]
    codes = match_by_name(
        {DEFINITION: source, PICKLIST: []}, {DEFINITION: target, PICKLIST: []}
    )

    assert codes_of(find_differences(DEFINITION, source, target, codes)) == [
        ("Ticket", "externalReferenceCode", "TICKET", "X")
    ]


def subtask(code: str) -> dict[str, Any]:
    return {"name": "subtask", "objectDefinitionExternalReferenceCode2": code}
