"""Values that a server cannot read, and what is sent for them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from dmc_widgets.installations.liferay.payload import ValueConverter
from dmc_widgets.model.entity_type import EntityType
from dmc_widgets.model.outcome import Problem
from dmc_widgets.objects.entries.entity_type import build_entry_entity_type

HUES: dict[str, Any] = {
    "externalReferenceCode": "HUES",
    "listTypeEntries": [
        {"key": "red", "name": "Red", "name_i18n": {"de-DE": "Rot"}},
        {"key": "navy", "name": "Blue"},
        {"key": "sky", "name": "Blue"},
    ],
}
HUE = {"listTypeDefinitionExternalReferenceCode": "HUES"}


def field(name: str, business_type: str, **others: Any) -> dict[str, Any]:
    return {"name": name, "businessType": business_type, **others}


LAMP: EntityType = build_entry_entity_type(
    {
        "name": "Lamp",
        "objectFields": [
            field("title", "Text"),
            field("hue", "Picklist", **HUE),
            field("hues", "MultiselectPicklist", **HUE),
            field("scan", "Attachment"),
            field("secret", "Encrypted"),
            field(
                "r_room_c_roomId",
                "Relationship",
                objectDefinitionExternalReferenceCode1="ROOM",
            ),
        ],
    },
    {"HUES": HUES},
    names={"ROOM": "Room"},
)


@pytest.mark.parametrize(
    ("item", "sent"),
    [
        ({"title": 1e17}, {"title": "100000000000000000"}),
        ({"title": Decimal("1.50")}, {"title": "1.50"}),
        ({"title": True}, {"title": "true"}),
        ({"hue": {"name": "Rot"}}, {"hue": {"key": "red"}}),
        (
            {"hue": {"key": "new", "name": "New"}},
            {"hue": {"key": "new", "name": "New"}},
        ),
        ({"hue": "new"}, {"hue": "new"}),
        ({"hue": 7}, {"hue": "7"}),
        ({"hue": {"key": None}}, {"hue": None}),
        ({"hues": [{"name": "Red"}, None, "x"]}, {"hues": [{"key": "red"}, "x"]}),
        ({"hues": "red, navy"}, {"hues": "red, navy"}),
        ({"scan": {"id": 5}}, {"scan": {"id": 5}}),
        ({"secret": "hush"}, {"secret": "hush"}),
        ({"secret": ""}, {"secret": ""}),
        ({"r_room_c_roomERC": 5}, {"r_room_c_roomERC": "5"}),
        ({"room": {"id": 5}}, {"r_room_c_roomId": 5}),
        ({"room": {"externalReferenceCode": "R"}}, {"r_room_c_roomERC": "R"}),
        (
            {"room": {"externalReferenceCode": "R", "floor": 3}, "r_room_c_roomId": 5},
            {"r_room_c_roomERC": "R"},
        ),
        ({"status": {"label": "draft"}}, {"status": {"code": 2}}),
        ({"status": "approved"}, {"status": {"code": 0}}),
        (
            {"status": {"code": 2, "label": "draft"}},
            {"status": {"code": 2, "label": "draft"}},
        ),
        ({"status": None, "hue": None}, {"status": None, "hue": None}),
    ],
    ids=repr,
)
def test_values_are_sent_in_the_form_of_the_server(
    item: dict[str, Any], sent: dict[str, Any]
) -> None:
    """Keys are left to the server, whose picklist may have new entries by now."""
    assert ValueConverter(LAMP).convert(dict(item)) == sent


@pytest.mark.parametrize(
    ("item", "code", "name"),
    [
        ({"hue": {"name": "Green"}}, "list-type-entry", "hue"),
        ({"hue": {"name": "Blue"}}, "list-type-entry", "hue"),
        ({"hue": {}}, "invalid-value", "hue"),
        ({"hues": [{"name": "Green"}]}, "list-type-entry", "hues"),
        ({"scan": {}}, "invalid-value", "scan"),
        ({"scan": {"name": "a.pdf"}}, "invalid-value", "scan"),
        ({"secret": "  "}, "invalid-value", "secret"),
        ({"title": ["a"]}, "invalid-value", "title"),
        ({"room": {}}, "invalid-value", "room"),
        ({"room": {"name": "Hall"}}, "invalid-value", "room"),
        ({"status": {"code": 3}}, "object-entry-status", "status"),
    ],
    ids=repr,
)
def test_value_that_the_server_would_lose_is_refused(
    item: dict[str, Any], code: str, name: str
) -> None:
    problem = ValueConverter(LAMP).convert(item)

    assert isinstance(problem, Problem)
    assert (problem.code, problem.field) == (code, name)
