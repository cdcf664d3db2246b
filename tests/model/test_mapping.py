"""What a mapping makes of a record, and what keeps an import from starting."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from dmc_widgets.errors import InvalidPlan
from dmc_widgets.model.entity_type import EntityType, Field
from dmc_widgets.model.mapping import (
    FieldMapping,
    Mapping,
    missing_fields,
    unmapped_required_fields,
)
from dmc_widgets.model.strategies import ImportStrategy, Policy, UpdateStrategy

TICKET = EntityType(
    name="C_Ticket",
    label="Ticket (v1.0 - Liferay Object REST)",
    class_name="com.liferay.object.rest.dto.v1_0.ObjectEntry",
    delegate="C_Ticket",
    fields=(
        Field(name="externalReferenceCode"),
        Field(name="id", type="integer", read_only=True),
        Field(name="r_owner_c_personERC", any_of_group="owner", required=True),
        Field(name="r_owner_c_personId", any_of_group="owner", required=True),
        Field(name="title", required=True),
    ),
)

MUST_MAP = "You must map at least one field and all required fields before continuing."
NO_OWNER = "Nothing fills: 'r_owner_c_personERC' or 'r_owner_c_personId'"
NO_COLOUR = "C_Ticket has no field 'colour' to import into."
KNOWN = "Known: r_owner_c_personERC, r_owner_c_personId, title, externalReferenceCode."


@pytest.mark.parametrize(
    ("mapping", "record", "item"),
    [
        pytest.param(
            Mapping((FieldMapping("subject", "title"),)),
            {"subject": "Leak", "other": 1},
            {"title": "Leak"},
            id="a-renamed-field-and-nothing-else",
        ),
        pytest.param(
            Mapping((FieldMapping("subject", "title"),)),
            {},
            {},
            id="absence-stays-absence",
        ),
        pytest.param(
            Mapping((FieldMapping("subject", "title"),)),
            {"subject": None},
            {"title": None},
            id="null-stays-null",
        ),
        pytest.param(
            Mapping((FieldMapping("a", "title"), FieldMapping("a", "note"))),
            {"a": "x"},
            {"title": "x", "note": "x"},
            id="one-source-for-two-targets",
        ),
        pytest.param(
            Mapping(same_names=True),
            {"title": "Leak", "id": 7, "colour": "red"},
            {"title": "Leak"},
            id="same-names-leave-out-the-unknown-and-the-read-only",
        ),
        pytest.param(
            Mapping((FieldMapping("subject", "title"),), same_names=True),
            {"subject": "Leak", "title": "old", "externalReferenceCode": "T-1"},
            {"title": "Leak", "externalReferenceCode": "T-1"},
            id="a-pair-wins-over-the-same-name",
        ),
    ],
)
def test_a_mapping_makes_an_item_of_a_record(
    mapping: Mapping, record: dict[str, Any], item: dict[str, Any]
) -> None:
    assert mapping.compile(TICKET)(record) == item


def test_an_open_entity_type_keeps_what_it_does_not_list() -> None:
    """No part of a definition is lost, but what the installation sets is."""
    definition = EntityType(
        name="ObjectDefinition",
        label="ObjectDefinition",
        class_name="d",
        fields=(Field(name="name"), Field(name="id", read_only=True)),
        open=True,
    )
    record = {"name": "Ticket", "id": 4, "somethingNew": [1]}

    assert Mapping(same_names=True).compile(definition)(record) == {
        "name": "Ticket",
        "somethingNew": [1],
    }


@pytest.mark.parametrize(
    ("mapping", "problems"),
    [
        pytest.param(
            Mapping(), (f"{MUST_MAP} {NO_OWNER}, 'title'.",), id="nothing-mapped"
        ),
        pytest.param(
            Mapping((FieldMapping("a", "title"),)),
            (f"{MUST_MAP} {NO_OWNER}.",),
            id="a-group-unmapped",
        ),
        pytest.param(
            Mapping(
                (FieldMapping("a", "title"), FieldMapping("b", "r_owner_c_personERC"))
            ),
            (),
            id="one-member-of-a-group-is-enough",
        ),
        pytest.param(
            Mapping(
                (
                    FieldMapping("a", "title"),
                    FieldMapping("b", "r_owner_c_personId"),
                    FieldMapping("c", "colour"),
                )
            ),
            (f"{NO_COLOUR} {KNOWN}",),
            id="an-unknown-target",
        ),
        pytest.param(
            Mapping((FieldMapping("c", "colour"),), same_names=True),
            (f"{NO_COLOUR} {KNOWN}",),
            id="an-unknown-target-beside-same-names",
        ),
        pytest.param(Mapping(same_names=True), (), id="same-names-are-judged-later"),
    ],
)
def test_problems_keep_an_import_from_starting(
    mapping: Mapping, problems: tuple[str, ...]
) -> None:
    assert mapping.problems(TICKET) == problems


def test_unmapped_fields_are_named() -> None:
    assert unmapped_required_fields(TICKET, ["title"]) == (
        "r_owner_c_personERC",
        "r_owner_c_personId",
    )


def test_a_target_is_filled_once() -> None:
    with pytest.raises(InvalidPlan) as caught:
        Mapping((FieldMapping("a", "title"), FieldMapping("b", "title")))

    assert str(caught.value) == "The field 'title' is mapped twice. Keep one of them."


def test_a_source_field_may_hold_an_equals_sign() -> None:
    assert FieldMapping.parse("a=b=title") == FieldMapping("a=b", "title")


@pytest.mark.parametrize("text", ["title", "=title", "title=", "="])
def test_half_a_pair_is_refused(text: str) -> None:
    with pytest.raises(InvalidPlan) as caught:
        FieldMapping.parse(text)

    assert str(caught.value) == (
        f"{text!r} is not a mapping. Write SOURCE=TARGET, such as title=name."
    )


NEEDY = replace(
    TICKET,
    fields=(
        Field(name="externalReferenceCode"),
        Field(name="owner", required=True, stays=True),
        Field(name="state", required=True, has_default=True),
        Field(name="title", required=True),
    ),
)


@pytest.mark.parametrize(
    ("import_strategy", "update_strategy", "needed"),
    [
        ("INSERT", "UPDATE", ("owner", "title")),
        ("INSERT", "PARTIAL_UPDATE", ("owner", "title")),
        ("UPSERT", "UPDATE", ("owner", "title")),
        ("UPSERT", "PARTIAL_UPDATE", ()),
        ("UPDATE", "UPDATE", ("title",)),
        ("UPDATE", "PARTIAL_UPDATE", ()),
    ],
)
def test_the_strategies_decide_what_a_record_needs(
    import_strategy: str, update_strategy: str, needed: tuple[str, ...]
) -> None:
    """Overwriting keeps relationships; a default value fills what is left out."""
    policy = Policy(
        import_strategy=ImportStrategy(import_strategy),
        update_strategy=UpdateStrategy(update_strategy),
    )

    assert missing_fields(NEEDY, ["externalReferenceCode"], policy) == needed
