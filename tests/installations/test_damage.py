"""Damaged bytes in a database name the database and the entry, whatever meets them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from dmc_widgets.errors import Refused
from dmc_widgets.installations.sql import SqlInstallation
from dmc_widgets.ports import Query
from dmc_widgets.testing.samples import (
    DEFINITIONS,
    PARTIAL,
    PICKLIST,
    read,
    ticket,
    type_named,
    write,
)
from tests.installations.databases import Place, open_at

pytestmark = pytest.mark.each_database

REMEDY = (
    "Something other than this program has changed the database. Restore it from "
    "a backup, or delete what is named here and import it again."
)


@pytest.fixture
def desk(place: Place) -> Iterator[SqlInstallation]:
    installation = open_at(place, "desk")
    write(installation, "ListTypeDefinition", PICKLIST)
    write(installation, "ObjectDefinition", *DEFINITIONS)
    write(installation, "C_Ticket", ticket("T-1"), ticket("T-2"), ticket("T-3"))
    yield installation
    installation.close()


def damage(place: Place, *codes: str, body: bytes = b'{"title":"cut o') -> None:
    for code in codes:
        place.rows("UPDATE entry SET body = ? WHERE erc = ?", body, code)


def entry_id(place: Place, code: str) -> int:
    (found,) = place.rows("SELECT id FROM entry WHERE erc = ?", code)
    return int(found[0])


@pytest.mark.parametrize(
    "act",
    [
        pytest.param(lambda desk: read(desk, "C_Ticket"), id="read"),
        pytest.param(
            lambda desk: desk.fetch(type_named(desk, "C_Ticket"), ["T-2"]), id="fetch"
        ),
        pytest.param(
            lambda desk: write(desk, "C_Ticket", ticket("T-2", title="new")), id="write"
        ),
        pytest.param(
            lambda desk: write(
                desk, "C_Ticket", ticket("T-2", title="new"), policy=PARTIAL
            ),
            id="write-partly",
        ),
        pytest.param(
            lambda desk: list(
                desk.read(
                    type_named(desk, "C_Ticket"), Query(filter="title eq 'anything'")
                )
            ),
            id="filter",
        ),
    ],
)
def test_a_damaged_entry_is_named(
    desk: SqlInstallation, place: Place, act: Callable[[SqlInstallation], object]
) -> None:
    damage(place, "T-2")

    with pytest.raises(Refused) as caught:
        act(desk)

    assert caught.value.installation == "desk"
    assert caught.value.reason == (
        f"The stored bytes of the entry 'T-2' (id {entry_id(place, 'T-2')}) of Ticket "
        f"are damaged. {REMEDY}"
    )


def test_several_damaged_entries_are_counted(
    desk: SqlInstallation, place: Place
) -> None:
    write(desk, "C_Ticket", *(ticket(f"X-{number}") for number in range(3)))
    damage(place, "T-1", "T-3", "X-0", "X-2", body=b"\xff\x00")

    with pytest.raises(Refused, match="of 4 entries are damaged: 'T-1'") as caught:
        read(desk, "C_Ticket")

    assert " and 1 more. Something" in caught.value.reason


def test_sound_entries_stay_readable(desk: SqlInstallation, place: Place) -> None:
    damage(place, "T-2")

    found = desk.fetch(type_named(desk, "C_Ticket"), ["T-1", "T-3"])

    assert set(found) == {"T-1", "T-3"}


def test_a_damaged_document_is_named(desk: SqlInstallation, place: Place) -> None:
    place.rows("UPDATE document SET body = ? WHERE kind LIKE 'List%'", b"x")

    with pytest.raises(Refused, match="The stored bytes of the document '") as caught:
        read(desk, "ListTypeDefinition")

    assert "of ListTypeDefinition are damaged. Something" in caught.value.reason
