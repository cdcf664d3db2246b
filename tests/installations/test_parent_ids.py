"""A parent's code and an id beside it: the code counts, and a contradiction is told."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dmc_widgets.installations.sql import SqlInstallation
from dmc_widgets.model.outcome import NOTES, OTHER_PARENT_ID, Outcome
from dmc_widgets.testing.samples import (
    CREATED,
    DEFINITIONS,
    PICKLIST,
    UNCHANGED,
    read,
    ticket,
    write,
)
from tests.installations.databases import Place, open_at

pytestmark = pytest.mark.each_database


@pytest.fixture
def desk(place: Place) -> Iterator[SqlInstallation]:
    installation = open_at(place, "desk")
    write(installation, "ListTypeDefinition", PICKLIST)
    write(installation, "ObjectDefinition", *DEFINITIONS)
    people = [{"externalReferenceCode": code, "fullName": code} for code in "AB"]
    write(installation, "C_Person", *people)
    yield installation
    installation.close()


def ids(desk: SqlInstallation, entity: str = "C_Person") -> dict[str, int]:
    return {entry["externalReferenceCode"]: entry["id"] for entry in read(desk, entity)}


def owners(desk: SqlInstallation) -> list[str]:
    items = read(desk, "C_Ticket", "r_owner_c_personERC")
    return [item["r_owner_c_personERC"] for item in items]


def test_an_id_of_another_parent_is_told_and_the_code_followed(
    desk: SqlInstallation,
) -> None:
    other = {"r_owner_c_personERC": "A", "r_owner_c_personId": ids(desk)["B"]}

    first = write(desk, "C_Ticket", ticket("T", **other))
    again = write(desk, "C_Ticket", ticket("T", **other))

    assert first == [Outcome(CREATED, "T", note=OTHER_PARENT_ID)]
    assert again == [Outcome(UNCHANGED, "T", note=OTHER_PARENT_ID)]
    assert owners(desk) == ["A"]
    assert (
        NOTES[OTHER_PARENT_ID]
        .format(count="1 record")
        .startswith("1 record named a parent by its external reference code")
    )


def test_a_nested_parent_and_an_id_of_another_are_told(desk: SqlInstallation) -> None:
    link = {
        "owner": {"externalReferenceCode": "A"},
        "r_owner_c_personId": str(ids(desk)["B"]),
    }

    assert write(desk, "C_Ticket", ticket("T", **link))[0].note == OTHER_PARENT_ID


def test_an_id_of_the_same_parent_or_of_none_is_nothing_to_tell(
    desk: SqlInstallation,
) -> None:
    write(desk, "C_Ticket", ticket("T"))
    beside = [ids(desk)["A"], ids(desk, "C_Ticket")["T"], 0, "", 10**9, 2**70, "x"]

    outcomes = write(
        desk,
        "C_Ticket",
        *(
            ticket(f"T-{number}", r_owner_c_personERC="A", r_owner_c_personId=stated)
            for number, stated in enumerate(beside)
        ),
    )

    assert [outcome.note for outcome in outcomes] == [""] * 7
    assert owners(desk) == ["", *"AAAAAAA"]
