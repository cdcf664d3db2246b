"""Definitions, picklists and folders in the database, and what their changes do."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import orjson
import pytest
from sqlalchemy import Connection, insert, select

from dmc_widgets.installations.sql.database.engine import Database
from dmc_widgets.installations.sql.database.tables import (
    document,
    entry,
    relationship,
    unique_value,
)
from dmc_widgets.installations.sql.document_reader import (
    count_items,
    entity_types,
    fetch_items,
    picklist_bodies,
    read_items,
)
from dmc_widgets.installations.sql.document_writer import DocumentWriter
from dmc_widgets.model.outcome import Outcome, OutcomeKind
from dmc_widgets.model.strategies import Policy
from dmc_widgets.objects.documents.change_set import DEFINITION, PICKLIST
from tests.installations.databases import Place

pytestmark = pytest.mark.each_database

Item = dict[str, Any]

T1 = 1_709_618_828_000
T2 = 1_709_618_888_000


@pytest.fixture
def database(place: Place) -> Iterator[Database]:
    opened = Database("test", place.dialect())
    yield opened
    opened.close()


@pytest.fixture
def connection(database: Database) -> Iterator[Connection]:
    with database.writing() as writing:
        yield writing


def field(name: str, **more: Any) -> Item:
    label = {"en_US": name.capitalize()}
    return {"name": name, "businessType": "Text", "label": label, **more}


def ticket(**more: Any) -> Item:
    return {
        "externalReferenceCode": "TICKET",
        "label": {"en_US": "Ticket"},
        "name": "Ticket",
        "objectFields": [field("title"), field("notes")],
        "pluralLabel": {"en_US": "Tickets"},
        "scope": "company",
        "status": {"code": 0},
        **more,
    }


TO_CARDS = {
    "label": {"en_US": "Cards"},
    "name": "cards",
    "objectDefinitionExternalReferenceCode2": "CARD",
    "objectDefinitionName2": "Card",
    "type": "oneToMany",
}
PARENT = ticket(objectRelationships=[TO_CARDS])
CHILD = ticket(externalReferenceCode="CARD", name="Card")


def write(connection: Connection, *items: Item, now_ms: int = T1) -> list[Outcome]:
    catalog = DocumentWriter(connection, now_ms=now_ms, new_key=lambda: "generated")
    return [catalog.write_item(DEFINITION, item, Policy()) for item in items]


def read(connection: Connection, kind: str = DEFINITION) -> list[Item]:
    return list(read_items(connection, kind))


def test_what_is_written_is_read_as_an_export(connection: Connection) -> None:
    (outcome,) = write(connection, ticket())

    (exported,) = read(connection)
    assert outcome == Outcome(OutcomeKind.CREATED, "TICKET")
    assert exported["id"] == 1
    assert exported["dateCreated"] == exported["dateModified"] == "2024-03-05T06:07:08Z"
    assert exported["restContextPath"] == "/o/c/tickets"
    assert [field["name"] for field in exported["objectFields"]][-2:] == [
        "title",
        "notes",
    ]


def test_an_update_keeps_id_and_creation_date(connection: Connection) -> None:
    write(connection, ticket())

    (outcome,) = write(connection, ticket(enableComments=True), now_ms=T2)

    (exported,) = read(connection)
    assert outcome.kind is OutcomeKind.UPDATED
    assert (exported["id"], exported["enableComments"]) == (1, True)
    assert exported["dateCreated"] == "2024-03-05T06:07:08Z"
    assert exported["dateModified"] == "2024-03-05T06:08:08Z"


def test_what_is_unchanged_is_not_written(connection: Connection) -> None:
    write(connection, ticket())

    (outcome,) = write(connection, ticket(), now_ms=T2)

    assert outcome == Outcome(OutcomeKind.UNCHANGED, "TICKET")
    assert read(connection)[0]["dateModified"] == "2024-03-05T06:07:08Z"


def test_numbers_longer_than_a_float_do_not_make_a_document_change(
    connection: Connection,
) -> None:
    item = ticket(objectViews=[{"weight": Decimal("0.12345678901234567890")}])

    kinds = [outcome.kind for outcome in write(connection, item, item)]

    assert kinds == [OutcomeKind.CREATED, OutcomeKind.UNCHANGED]


@pytest.mark.parametrize(
    "value", [2**70, "\ud800", Decimal("NaN")], ids=["huge", "surrogate", "no number"]
)
def test_a_value_that_json_cannot_hold_fails_its_record_only(
    connection: Connection, value: Any
) -> None:
    bad, good = write(connection, ticket(panelAppOrder=value), ticket())

    assert (bad.kind, good.kind) == (OutcomeKind.FAILED, OutcomeKind.CREATED)
    assert bad.problem is not None
    assert bad.problem.code == "invalid-value"
    assert bad.problem.message.startswith(
        "The record holds a value that cannot be stored"
    )


def test_a_refused_record_leaves_nothing_behind(connection: Connection) -> None:
    (outcome,) = write(connection, ticket(objectRelationships=[TO_CARDS], scope=None))

    assert outcome.kind is OutcomeKind.FAILED
    assert outcome.key == "TICKET"
    assert outcome.problem is not None
    assert outcome.problem.message == "Scope is null"
    assert connection.execute(select(document)).all() == []


def test_a_placeholder_is_stored_and_not_given_out(connection: Connection) -> None:
    (outcome,) = write(connection, PARENT)

    assert outcome == Outcome(OutcomeKind.CREATED, "TICKET", note="placeholder")
    assert [definition["name"] for definition in read(connection)] == ["Ticket"]
    assert list(fetch_items(connection, DEFINITION, ["TICKET", "CARD", "NONE"])) == [
        "TICKET"
    ]
    assert count_items(connection, DEFINITION) == 1


def test_a_placeholder_is_filled_under_its_own_id(connection: Connection) -> None:
    write(connection, PARENT, ticket(externalReferenceCode="OTHER", name="Other"))

    (outcome,) = write(connection, CHILD, now_ms=T2)

    assert outcome.kind is OutcomeKind.CREATED
    found = [
        (definition["id"], definition["name"], definition["dateCreated"])
        for definition in read(connection)
    ]
    assert found == [
        (1, "Ticket", "2024-03-05T06:07:08Z"),
        (2, "Card", "2024-03-05T06:08:08Z"),
        (3, "Other", "2024-03-05T06:07:08Z"),
    ]


def test_a_placeholder_gives_way_although_names_are_unique(
    connection: Connection,
) -> None:
    write(connection, PARENT, ticket(externalReferenceCode="OTHER", name="Card"))

    names = connection.execute(select(document.c.erc, document.c.name)).all()
    assert sorted(map(tuple, names)) == [
        ("CARD", "CARD"),
        ("OTHER", "Card"),
        ("TICKET", "Ticket"),
    ]


def add_entry(connection: Connection, definition_id: int, erc: str, body: Item) -> int:
    values = {
        "definition_id": definition_id,
        "erc": erc,
        "status": 0,
        "body": orjson.dumps(body, option=orjson.OPT_SORT_KEYS),
        "created": T1,
        "modified": T1,
    }
    statement = insert(entry).values(values).returning(entry.c.id)
    number: int = connection.execute(statement).scalar_one()
    return number


def bodies(connection: Connection, definition_id: int) -> dict[str, Item]:
    query = select(entry.c.erc, entry.c.body).where(
        entry.c.definition_id == definition_id
    )
    return {erc: orjson.loads(body) for erc, body in connection.execute(query)}


def test_a_deleted_field_leaves_every_entry_of_its_definition(
    connection: Connection,
) -> None:
    write(connection, ticket(), ticket(externalReferenceCode="OTHER", name="Other"))
    full = {"notes": "n", "title": "t"}
    numbers = [add_entry(connection, 1, f"E{n}", full) for n in range(1200)]
    add_entry(connection, 1, "BARE", {"title": "t"})
    other = add_entry(connection, 2, "E0", full)
    for definition_id, number in ((1, numbers[0]), (2, other)):
        for name in ("title", "notes"):
            row = {
                "definition_id": definition_id,
                "scope": "",
                "field": name,
                "value": "v",
                "entry_id": number,
            }
            connection.execute(insert(unique_value).values(row))

    write(connection, ticket(objectFields=[field("title")]))

    assert set(map(str, bodies(connection, 1).values())) == {"{'title': 't'}"}
    assert len(bodies(connection, 1)) == 1201
    assert bodies(connection, 2) == {"E0": full}
    left = connection.execute(
        select(unique_value.c.definition_id, unique_value.c.field)
    ).all()
    assert sorted(map(tuple, left)) == [(1, "title"), (2, "notes"), (2, "title")]


def test_a_deleted_relationship_leaves_the_childs_entries(
    connection: Connection,
) -> None:
    write(connection, CHILD, PARENT)
    number = add_entry(
        connection, 1, "C1", {"r_cards_c_ticketERC": "T1", "title": "card"}
    )
    link = {
        "entry_id": number,
        "field": "r_cards_c_ticketId",
        "parent_definition_id": 2,
        "parent_erc": "T1",
    }
    connection.execute(insert(relationship).values(link))

    write(connection, ticket())

    assert bodies(connection, 1) == {"C1": {"title": "card"}}
    assert connection.execute(select(relationship)).all() == []


def test_a_changed_picklist_changes_nothing_else(connection: Connection) -> None:
    catalog = DocumentWriter(connection, now_ms=T1)
    color = field(
        "color",
        businessType="Picklist",
        listTypeDefinitionExternalReferenceCode="COLORS",
    )
    catalog.write_item(DEFINITION, ticket(objectFields=[color]), Policy())
    add_entry(connection, 1, "E1", {"color": "red"})
    before = read(connection)

    outcome = DocumentWriter(connection, now_ms=T2).write_item(
        PICKLIST,
        {"externalReferenceCode": "COLORS", "name": "Colors", "listTypeEntries": []},
        Policy(),
    )

    assert outcome == Outcome(OutcomeKind.CREATED, "COLORS")
    assert read(connection) == before
    assert bodies(connection, 1) == {"E1": {"color": "red"}}


def test_keys_of_a_named_picklist_count_before_it_comes(connection: Connection) -> None:
    color = field(
        "color",
        businessType="Picklist",
        listTypeDefinitionExternalReferenceCode="COLORS",
        objectFieldSettings=[{"name": "defaultValue", "value": "red"}],
    )

    write(connection, ticket(objectFields=[color]))

    entries = picklist_bodies(connection)["COLORS"]["listTypeEntries"]
    assert entries == [{"key": "red", "name": "red"}]
    assert read(connection, PICKLIST) == []


def test_entity_types_are_documents_and_published_objects_by_label(
    connection: Connection,
) -> None:
    draft = ticket(externalReferenceCode="D", name="Draft", status={"code": 2})
    write(connection, ticket(novelty={"a": 1}), draft)

    found = entity_types(connection)

    alone = [kind for kind in found if not kind.part_of]
    assert found[: len(alone)] == alone
    assert [kind.label for kind in alone] == [
        "ListTypeDefinition (v1.0 - Liferay Headless Admin List Type)",
        "ObjectDefinition (v1.0 - Liferay Object Admin REST)",
        "ObjectFolder (v1.0 - Liferay Object Admin REST)",
        "Ticket (v1.0 - Liferay Object REST)",
    ]
    assert "novelty" in [field.name for field in found[1].fields]


def test_a_definition_of_one_transaction_is_seen_by_the_next(
    database: Database,
) -> None:
    with database.writing() as first:
        write(first, ticket())

    with database.writing() as second:
        assert write(second, ticket())[0].kind is OutcomeKind.UNCHANGED
