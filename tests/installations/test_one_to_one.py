"""One-to-one relationships: a parent has one child, and children may move."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dmc_widgets.installations.sql import SqlInstallation
from dmc_widgets.ports import Item
from dmc_widgets.testing.samples import (
    CREATED,
    FAILED,
    PARTIAL,
    UNCHANGED,
    UPDATED,
    failure_of,
    field,
    kinds,
    read,
    write,
)
from tests.factories import definition
from tests.installations.databases import Place, open_at

pytestmark = pytest.mark.each_database

NOTE = field("note", "Text")

BADGE: Item = {
    "name": "badge",
    "label": {"en_US": "Badge"},
    "type": "oneToOne",
    "deletionType": "prevent",
    "objectDefinitionExternalReferenceCode1": "PERSON",
    "objectDefinitionExternalReferenceCode2": "BADGE",
}
VIOLATION = (
    "one-to-one-constraint-violation",
    "r_badge_c_personId",
    "One to one constraint violation for O_20096_Badge.r_badge_c_personId_ "
    "with value A",
)


def badge(code: str, owner: str | None, **more: object) -> Item:
    return {"externalReferenceCode": code, "r_badge_c_personERC": owner, **more}


@pytest.fixture
def desk(place: Place) -> Iterator[SqlInstallation]:
    installation = open_at(place, "desk")
    person = definition("Person", NOTE, objectRelationships=[BADGE])
    write(installation, "ObjectDefinition", person, definition("Badge", NOTE))
    people = [{"externalReferenceCode": code} for code in "AB"]
    assert kinds(write(installation, "C_Person", *people)) == [CREATED] * 2
    yield installation
    installation.close()


def owners(desk: SqlInstallation) -> dict[str, str]:
    items = read(desk, "C_Badge", "externalReferenceCode", "r_badge_c_personERC")
    return {e["externalReferenceCode"]: e["r_badge_c_personERC"] for e in items}


def test_a_second_child_of_a_parent_is_refused_within_a_batch(
    desk: SqlInstallation,
) -> None:
    outcomes = write(desk, "C_Badge", badge("1", "A"), badge("2", "A"))

    assert kinds(outcomes) == [CREATED, FAILED]
    assert failure_of(outcomes[1]) == VIOLATION


def test_a_second_child_of_a_parent_is_refused_in_a_later_batch(
    desk: SqlInstallation,
) -> None:
    write(desk, "C_Badge", badge("1", "A"))
    (person_id,) = (
        entry["id"]
        for entry in read(desk, "C_Person")
        if entry["externalReferenceCode"] == "A"
    )

    by_code = write(desk, "C_Badge", badge("2", "A"))
    by_id = write(
        desk, "C_Badge", {"externalReferenceCode": "2", "r_badge_c_personId": person_id}
    )
    nested = write(
        desk,
        "C_Badge",
        {"externalReferenceCode": "2", "badge": {"externalReferenceCode": "A"}},
    )

    assert [failure_of(each) for each in (*by_code, *by_id, *nested)] == [VIOLATION] * 3
    assert owners(desk) == {"1": "A"}


def test_a_child_may_be_written_again_and_may_move(desk: SqlInstallation) -> None:
    write(desk, "C_Badge", badge("1", "A"))

    outcomes = write(
        desk,
        "C_Badge",
        badge("1", "A"),
        badge("1", "A", note="n"),
        badge("1", "B"),
        badge("2", "A"),
    )

    assert kinds(outcomes) == [UNCHANGED, UPDATED, UPDATED, CREATED]
    assert owners(desk) == {"1": "B", "2": "A"}


def test_a_patch_keeps_the_parent_and_its_place(desk: SqlInstallation) -> None:
    write(desk, "C_Badge", badge("1", "A"))

    patch: Item = {"externalReferenceCode": "1", "note": "n"}
    assert kinds(write(desk, "C_Badge", patch, policy=PARTIAL)) == [UPDATED]
    assert failure_of(*write(desk, "C_Badge", badge("2", "A"))) == VIOLATION


def test_many_children_may_have_no_parent(desk: SqlInstallation) -> None:
    outcomes = write(desk, "C_Badge", badge("1", None), badge("2", None))

    assert kinds(outcomes) == [CREATED] * 2


def test_a_relationship_that_goes_takes_its_constraint_along(
    desk: SqlInstallation, place: Place
) -> None:
    write(desk, "C_Badge", badge("1", "A"))

    write(desk, "ObjectDefinition", definition("Person", NOTE, objectRelationships=[]))

    assert place.rows("SELECT * FROM unique_value") == []


def test_a_relationship_keeps_its_type_and_its_constraint(
    desk: SqlInstallation,
) -> None:
    """Liferay changes the label and the deletion type of a relationship only."""
    write(desk, "C_Badge", badge("1", "A"))
    many = BADGE | {"type": "oneToMany"}

    write(
        desk, "ObjectDefinition", definition("Person", NOTE, objectRelationships=[many])
    )

    assert kinds(write(desk, "C_Badge", badge("2", "A"))) == [FAILED]
