"""Which key of a picklist a value probably means: sure ones, doubtful ones, none."""

from __future__ import annotations

from pathlib import Path

import pytest

from dmc_widgets import open_center
from dmc_widgets.model.entity_type import Field
from dmc_widgets.tasks.imports.mapping_suggestions import (
    ValueSuggestion,
    suggest_values,
)

KIND = Field(
    name="kind",
    type="Picklist",
    choices=(
        ("road", "Rennrad"),
        ("city", "City Bike"),
        ("mountain", "Mountain"),
        ("a1", "Twin"),
        ("a2", "Twin"),
        ("inProgress", "In Progress"),
    ),
)


@pytest.mark.parametrize(
    ("value", "key", "reason", "doubtful"),
    [
        pytest.param("road", "road", "same as the key", False, id="key"),
        pytest.param("Rennrad", "road", "same as the name", False, id="name"),
        pytest.param(
            "CITY-BIKE", "city", "same but for case and punctuation", False, id="folded"
        ),
        pytest.param(
            "in progress",
            "inProgress",
            "same but for case and punctuation",
            False,
            id="key-and-name-alike",
        ),
        pytest.param("Montain", "mountain", "87 % similar", True, id="similar"),
        pytest.param(" road ", "road", "same as the key", False, id="spaces"),
    ],
)
def test_value_gets_the_key_that_it_means(
    value: str, key: str, reason: str, doubtful: bool
) -> None:
    found = suggest_values(KIND, [value])

    assert found == (ValueSuggestion(value, key, reason, doubtful),)


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("Twin", id="two-keys-of-one-name"),
        pytest.param("Lastenrad", id="nothing-like-it"),
        pytest.param("rad", id="too-short-to-guess"),
        pytest.param("", id="empty"),
    ],
)
def test_ambiguous_value_gets_no_suggestion(value: str) -> None:
    assert suggest_values(KIND, [value]) == ()


def test_a_field_without_choices_suggests_nothing() -> None:
    assert suggest_values(Field(name="title"), ["road"]) == ()


def test_choices_of_a_picklist_are_part_of_its_field(tmp_path: Path) -> None:
    """In the order of the picklist, each key with its name."""
    center = open_center(tmp_path)
    bicycle = center.installations.entity_type("Sample source", "Bicycle")
    kind = next(field for field in bicycle.fields if field.name == "kind")

    assert kind.choices[:2] == (("city", "City"), ("trekking", "Trekking"))
    found = center.mappings.suggest_values(kind, ["Trekking", "Citty"])
    assert [(each.source, each.key, each.doubtful) for each in found] == [
        ("Trekking", "trekking", False),
        ("Citty", "city", True),
    ]
    center.close()
