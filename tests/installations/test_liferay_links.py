"""Many-to-many links at a server: never within an item, and right on every attempt."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from dmc_widgets.installations.addresses import address_of
from dmc_widgets.installations.caller import Caller
from dmc_widgets.installations.liferay import open_liferay
from dmc_widgets.installations.liferay.batches import plan_batch
from dmc_widgets.model.access import Access
from dmc_widgets.objects.secrets import Secret
from dmc_widgets.ports import Batch, Installation, Item
from tests.installations.contract import (
    CONTINUE,
    CREATED,
    DEFINITIONS,
    FAILED,
    PICKLIST,
    UPDATED,
    kinds,
    read,
    ticket,
    told,
    type_named,
    write,
)
from tests.sandbox.conftest import SETTINGS, served

CALLER = Caller(access=Access(user=SETTINGS.user), secret=Secret(SETTINGS.password))


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Installation]:
    """A server with the objects Person and Ticket, and two tickets."""
    with served(tmp_path / "sandbox.db") as sandbox:
        opened = open_liferay(address_of(sandbox.url), CALLER)
        write(opened, "ListTypeDefinition", PICKLIST)
        write(opened, "ObjectDefinition", *DEFINITIONS)
        write(opened, "C_Ticket", ticket("T-1"), ticket("T-2", notes="kept"))
        yield opened
        opened.close()


def person(code: str, *watched: str) -> Item:
    return {"externalReferenceCode": code, "fullName": "Ada", "watched": list(watched)}


def people(*items: Item) -> Batch:
    return Batch(task="people", number=1, items=items, policy=CONTINUE)


def watched(desk: Installation) -> list[list[str]]:
    found = read(desk, "C_Person", "watched")
    return [[x["externalReferenceCode"] for x in each["watched"]] for each in found]


def test_no_item_is_sent_with_its_links(desk: Installation) -> None:
    """A server would store the entry that is named anew, with nothing in it."""
    plan = plan_batch(people(person("P-1", "T-1")), type_named(desk, "C_Person"))

    (ready,) = plan.parts[0].items
    assert orjson.loads(ready.line) == {
        "externalReferenceCode": "P-1",
        "fullName": "Ada",
    }


def test_links_that_are_gone_are_ended_and_others_left_alone(
    desk: Installation,
) -> None:
    """A list takes the place of the links that are there."""
    write(desk, "C_Person", person("P-1", "T-1"), person("P-2", "T-1", "T-2"))

    changed = write(desk, "C_Person", person("P-1", "T-2"), person("P-2"))

    assert kinds(changed) == [UPDATED, UPDATED]
    assert watched(desk) == [["T-2"], []]
    assert [each["notes"] for each in read(desk, "C_Ticket", "notes")] == [None, "kept"]


def test_a_batch_that_is_taken_up_again_has_the_same_outcomes(
    desk: Installation,
) -> None:
    """Even if an entry that was lacking has come meanwhile."""
    persons = type_named(desk, "C_Person")
    write(desk, "C_Person", person("P-3", "T-1"))
    batch = people(
        person("P-1", "T-2"), person("P-2", "T-9"), person("P-3", "T-2", "T-1")
    )
    first = desk.write(persons, batch)
    write(desk, "C_Ticket", ticket("T-9"))

    second = desk.write(persons, batch)

    assert kinds(first) == kinds(second) == [CREATED, FAILED, UPDATED]
    assert told(first[1])[0] == told(second[1])[0] == "no-such-related-object-entry"
    assert watched(desk) == [["T-1", "T-2"], ["T-2"]]


def test_links_lost_on_the_way_are_made_by_the_next_attempt(
    desk: Installation,
) -> None:
    """The entry was stored, and then nobody made its links."""
    persons = type_named(desk, "C_Person")
    batch = people(person("P-1", "T-1"))
    first = desk.write(persons, batch)
    write(desk, "C_Ticket", ticket("T-1", watched=[]))

    second = desk.write(persons, batch)

    assert kinds(first) == kinds(second) == [CREATED]
    assert watched(desk) == [["T-1"]]
