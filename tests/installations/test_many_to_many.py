"""Many-to-many relationships: links of entries, seen and changed from both sides."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import orjson
import pytest
from sqlalchemy import Connection, event
from sqlalchemy.engine import Engine

from dmc_widgets.formats import FORMATS
from dmc_widgets.installations.sql import SandboxInstallation, SqlInstallation
from dmc_widgets.model.entity_type import Field
from dmc_widgets.model.plan import ExportPlan
from dmc_widgets.model.reading_options import Escapes, ReadingOptions
from dmc_widgets.ports import Batch, ExportHeader, Item, Query
from dmc_widgets.tasks.exports.export_task import select_fields
from dmc_widgets.testing.samples import (
    CONTINUE,
    CREATED,
    FAILED,
    INSERT,
    PARTIAL,
    UNCHANGED,
    UPDATED,
    failure_of,
    field,
    kinds,
    read,
    type_named,
    write,
)
from tests.factories import definition
from tests.installations.databases import Place, file_of, open_at
from tests.installations.older_databases import set_back

pytestmark = pytest.mark.each_database

NOTE = field("note", "Text")

TOPICS: Item = {
    "name": "topics",
    "label": {"en_US": "Topics"},
    "type": "manyToMany",
    "deletionType": "disassociate",
    "objectDefinitionExternalReferenceCode1": "BOOK",
    "objectDefinitionExternalReferenceCode2": "TOPIC",
}
SEQUELS = TOPICS | {
    "name": "sequels",
    "objectDefinitionExternalReferenceCode2": "BOOK",
}


JSON = FORMATS["JSON"]


def book(code: str, **more: object) -> Item:
    return {"externalReferenceCode": code, **more}


topic = book


def refs(*codes: str) -> list[Item]:
    return [{"externalReferenceCode": code} for code in codes]


@pytest.fixture
def desk(place: Place) -> Iterator[SqlInstallation]:
    installation = open_at(place, "desk")
    books = definition("Book", NOTE, objectRelationships=[TOPICS, SEQUELS])
    assert kinds(
        write(installation, "ObjectDefinition", books, definition("Topic", NOTE))
    ) == [CREATED, CREATED]
    topics = [topic(code) for code in ("art", "code", "tea")]
    assert kinds(write(installation, "C_Topic", *topics)) == [CREATED] * 3
    yield installation
    installation.close()


def links(desk: SqlInstallation, entity: str, name: str) -> dict[str, list[str]]:
    items = read(desk, entity, "externalReferenceCode", name)
    return {
        item["externalReferenceCode"]: [
            each["externalReferenceCode"] for each in item[name]
        ]
        for item in items
    }


def book_topics(desk: SqlInstallation) -> dict[str, list[str]]:
    return links(desk, "C_Book", "topics")


def test_both_sides_offer_the_relationship_as_a_list(desk: SqlInstallation) -> None:
    def offered(entity: str) -> Field:
        fields = type_named(desk, entity).fields
        return next(field for field in fields if field.name == "topics")

    assert (offered("C_Book").type, offered("C_Book").description) == (
        "array",
        "External reference codes of entries of C_Topic",
    )
    assert offered("C_Topic").description == (
        "External reference codes of entries of C_Book"
    )


@pytest.mark.parametrize(
    ("entity", "expected"),
    [("C_Book", {"sequels", "topics"}), ("C_Topic", set())],
)
def test_only_the_side_that_declares_it_tells_its_links_unasked(
    desk: SqlInstallation, entity: str, expected: set[str]
) -> None:
    """Else neither side's export could be imported first."""
    entity_type = type_named(desk, entity)
    all_fields = select_fields(ExportPlan(entity_type=entity), entity_type, JSON)
    asked = ExportPlan(entity_type=entity, fields=("topics",))

    assert {field.name for field in all_fields} & {"sequels", "topics"} == expected
    assert [field.name for field in select_fields(asked, entity_type, JSON)] == [
        "topics"
    ]


def test_a_link_is_seen_from_both_sides_in_the_order_of_codes(
    desk: SqlInstallation,
) -> None:
    outcomes = write(
        desk,
        "C_Book",
        book("B1", topics=refs("tea", "art")),
        book("B2", topics=refs("art")),
    )

    assert kinds(outcomes) == [CREATED, CREATED]
    assert book_topics(desk) == {"B1": ["art", "tea"], "B2": ["art"]}
    assert links(desk, "C_Topic", "topics") == {
        "art": ["B1", "B2"],
        "code": [],
        "tea": ["B1"],
    }
    found = desk.fetch(type_named(desk, "C_Book"), ["B1"])
    assert found["B1"]["topics"] == refs("art", "tea")


def test_the_other_side_links_too_and_the_first_side_is_then_unchanged(
    desk: SqlInstallation,
) -> None:
    write(desk, "C_Book", book("B1"), book("B2"))

    from_topic = write(desk, "C_Topic", topic("code", topics=refs("B2", "B1")))

    assert kinds(from_topic) == [UPDATED]
    assert book_topics(desk) == {"B1": ["code"], "B2": ["code"]}
    again = write(desk, "C_Book", book("B1", topics=refs("code")))
    assert kinds(again) == [UNCHANGED]
    assert kinds(write(desk, "C_Topic", topic("code", topics=[]))) == [UPDATED]
    assert book_topics(desk) == {"B1": [], "B2": []}


@pytest.mark.parametrize(
    "stated",
    [
        pytest.param(refs("art", "tea"), id="objects"),
        pytest.param(["art", "tea"], id="texts"),
        pytest.param("art,tea", id="cell"),
        pytest.param(' tea , "art"', id="cell-with-blanks-and-quotes"),
        pytest.param(["tea", "art", "tea", *refs("art")], id="twice"),
        pytest.param(
            [
                {"externalReferenceCode": "art", "id": 99, "note": "n", "status": {}},
                {"externalReferenceCode": "tea", "actions": {}},
            ],
            id="nested-entries",
        ),
    ],
)
def test_entries_may_be_named_in_several_ways(
    desk: SqlInstallation, stated: Any
) -> None:
    outcomes = write(desk, "C_Book", book("B1", topics=stated))

    assert kinds(outcomes) == [CREATED], failure_of(outcomes[0])
    assert book_topics(desk) == {"B1": ["art", "tea"]}


def test_an_entry_may_be_named_by_its_id_where_there_is_no_code(
    desk: SqlInstallation,
) -> None:
    ids = {e["externalReferenceCode"]: e["id"] for e in read(desk, "C_Topic")}
    write(desk, "C_Book", book("B1"))
    (book_id,) = (entry["id"] for entry in read(desk, "C_Book"))

    by_id = write(desk, "C_Book", book("B1", topics=[{"id": ids["tea"]}]))
    of_another_kind = write(desk, "C_Book", book("B1", topics=[{"id": book_id}]))

    assert kinds(by_id) == [UPDATED]
    assert failure_of(of_another_kind[0])[:2] == (
        "no-such-related-object-entry",
        "topics",
    )
    assert book_topics(desk) == {"B1": ["tea"]}


@pytest.mark.parametrize("policy", [CONTINUE, PARTIAL], ids=["UPDATE", "PARTIAL"])
def test_a_list_replaces_nothing_clears_and_silence_keeps(
    desk: SqlInstallation, policy: Any
) -> None:
    """The same under both update strategies."""
    write(desk, "C_Book", book("B1", topics=["art", "tea"]))

    silent = write(desk, "C_Book", book("B1", note="n"), policy=policy)
    assert (kinds(silent), book_topics(desk)) == ([UPDATED], {"B1": ["art", "tea"]})

    listed = write(desk, "C_Book", book("B1", note="n", topics=["tea"]), policy=policy)
    assert (kinds(listed), book_topics(desk)) == ([UPDATED], {"B1": ["tea"]})

    same = write(desk, "C_Book", book("B1", note="n", topics=["tea"]), policy=policy)
    assert kinds(same) == [UNCHANGED]

    cleared = write(desk, "C_Book", book("B1", note="n", topics=None), policy=policy)
    assert (kinds(cleared), book_topics(desk)) == ([UPDATED], {"B1": []})


def test_the_last_of_several_records_of_one_batch_counts(
    desk: SqlInstallation,
) -> None:
    outcomes = write(
        desk,
        "C_Book",
        book("B1", topics=["art"]),
        book("B1", topics=["tea"]),
        book("B1", topics=["art", "tea"]),
        book("B1", topics=["art"]),
    )

    assert kinds(outcomes) == [CREATED, UPDATED, UPDATED, UPDATED]
    assert book_topics(desk) == {"B1": ["art"]}


def test_an_entry_that_is_not_here_is_named_and_nothing_is_written(
    desk: SqlInstallation,
) -> None:
    write(desk, "C_Book", book("B1", topics=["art"]))

    outcomes = write(
        desk,
        "C_Book",
        book("B1", note="new", topics=["tea", "gone"]),
        book("B2", topics=["gone"]),
    )

    assert kinds(outcomes) == [FAILED, FAILED]
    assert failure_of(outcomes[0]) == (
        "no-such-related-object-entry",
        "topics",
        'The value for topics does not exist: there is no entry "gone" of C_Topic. '
        "Import it first; each side names the other, so leave topics out of the one "
        "that comes first",
    )
    assert book_topics(desk) == {"B1": ["art"]}
    assert [entry["note"] for entry in read(desk, "C_Book")] == [None]


@pytest.mark.parametrize(
    "stated",
    [[None], [""], [{}], [{"name": "art"}], [["art"]]],
    ids=repr,
)
def test_what_names_no_entry_is_refused(desk: SqlInstallation, stated: Any) -> None:
    outcomes = write(desk, "C_Book", book("B1", topics=stated))

    assert failure_of(outcomes[0])[:2] == ("invalid-value", "topics")


def test_a_number_names_an_entry_by_its_digits(desk: SqlInstallation) -> None:
    """A workbook holds a number where a table of texts holds digits."""
    write(desk, "C_Topic", {"externalReferenceCode": "7", "name": "seven"})

    write(desk, "C_Book", book("B1", topics=7), book("B2", topics=[7.0]))

    assert book_topics(desk) == {"B1": ["7"], "B2": ["7"]}


@pytest.mark.parametrize("code", ["\ud800", "a\0b", "x" * 76])
def test_a_code_that_no_entry_can_have_is_missing(
    desk: SqlInstallation, code: str
) -> None:
    outcomes = write(desk, "C_Book", book("B1", topics=[code]))

    assert failure_of(outcomes[0])[:2] == (
        "no-such-related-object-entry",
        "topics",
    )


def test_a_refused_insert_changes_no_links(desk: SqlInstallation) -> None:
    write(desk, "C_Book", book("B1", topics=["art"]))

    outcomes = write(desk, "C_Book", book("B1", topics=["tea"]), policy=INSERT)

    assert kinds(outcomes) == [FAILED]
    assert book_topics(desk) == {"B1": ["art"]}


def test_a_definition_may_be_linked_to_itself(desk: SqlInstallation) -> None:
    """An entry bears what it names; a later one of the same batch is not there yet."""
    outcomes = write(
        desk,
        "C_Book",
        book("B1", sequels=["B1"]),
        book("B2", sequels=["B1", "B2"]),
        book("B3", sequels=["B4"]),
        book("B4"),
    )

    assert kinds(outcomes) == [CREATED, CREATED, FAILED, CREATED]
    assert failure_of(outcomes[2])[:2] == (
        "no-such-related-object-entry",
        "sequels",
    )
    assert links(desk, "C_Book", "sequels") == {
        "B1": ["B1"],
        "B2": ["B1", "B2"],
        "B4": [],
    }


def test_exported_entries_are_unchanged_when_written_again(
    desk: SqlInstallation,
) -> None:
    write(desk, "C_Book", book("B1", topics=["art", "tea"]))
    write(desk, "C_Book", book("B2", sequels=["B1", "B2"]))

    again = write(desk, "C_Book", *read(desk, "C_Book"))
    other = write(desk, "C_Topic", *read(desk, "C_Topic"))

    assert kinds(again) == [UNCHANGED] * 2
    assert kinds(other) == [UNCHANGED] * 3


@pytest.mark.parametrize("name", ["JSON", "JSONL", "CSV", "XLSX"])
def test_links_survive_a_file(desk: SqlInstallation, name: str) -> None:
    odd = ["a,b", 'say "x"', "=1+1", "[]", " padded ", "-", "'tis", "100"]
    write(desk, "C_Topic", *map(topic, odd))
    links_of = {"B1": odd, "B2": ["tea"], "B3": []}
    write(desk, "C_Book", *(book(each, topics=links_of[each]) for each in links_of))
    kind = type_named(desk, "C_Book")
    wanted = {"externalReferenceCode", "topics", "note"}
    fields = tuple(field for field in kind.fields if field.name in wanted)
    stream = io.BytesIO()
    header = ExportHeader(entity_type=kind, fields=fields)
    FORMATS[name].write(iter(read(desk, "C_Book", *wanted)), stream, header)
    stream.seek(0)

    ours = ReadingOptions(escapes=Escapes.UNDO)  # as of a zip of our exports
    records = [
        record
        for record in FORMATS[name].read(stream, source="books", options=ours)
        if isinstance(record, dict)
    ]

    assert kinds(write(desk, "C_Book", *records)) == [UNCHANGED] * 3
    write(desk, "C_Book", *(book(each, topics=[]) for each in links_of))
    assert kinds(write(desk, "C_Book", *records)) == [UPDATED, UPDATED, UNCHANGED]
    assert book_topics(desk) == {"B1": sorted(odd), "B2": ["tea"], "B3": []}


def test_a_change_of_links_alone_dates_the_entry_anew(place: Place) -> None:
    times = iter(range(1_000_000, 9_000_000, 1_000_000))
    desk = open_at(place, "desk", now_ms=lambda: next(times))
    write(
        desk,
        "ObjectDefinition",
        definition("Book", NOTE, objectRelationships=[SEQUELS]),
    )
    write(desk, "C_Book", book("B1"), book("B2"))
    before = {
        e["externalReferenceCode"]: e["dateModified"] for e in read(desk, "C_Book")
    }

    write(desk, "C_Book", book("B1", sequels=["B2"]))

    after = {
        e["externalReferenceCode"]: e["dateModified"] for e in read(desk, "C_Book")
    }
    assert after["B1"] > before["B1"]
    assert after["B2"] == before["B2"]
    desk.close()


def test_entries_of_a_site_link_to_entries_of_their_site(place: Place) -> None:
    desk = open_at(place, "desk")
    books = definition("Book", NOTE, scope="site", objectRelationships=[TOPICS])
    write(desk, "ObjectDefinition", books, definition("Topic", NOTE, scope="site"))
    kind, others = type_named(desk, "C_Book"), type_named(desk, "C_Topic")

    def put(number: int, entity: Any, site: str, item: Item) -> Any:
        batch = Batch(
            task="t",
            number=number,
            items=[item],
            policy=CONTINUE,
            scope=site,
            new_sites=True,
        )
        return desk.write(entity, batch)[0]

    put(1, others, "Guest", topic("art"))
    put(2, others, "Store", topic("art"))
    here = put(3, kind, "Guest", book("B1", topics=["art"]))
    put(4, others, "Guest", topic("tea"))
    elsewhere = put(5, kind, "Store", book("B1", topics=["tea"]))

    assert (here.kind, elsewhere.kind) == (CREATED, FAILED)
    seen = {
        site: [item["topics"] for item in desk.read(others, Query(scope=site))]
        for site in ("Guest", "Store")
    }
    assert seen == {"Guest": [refs("B1"), []], "Store": [[]]}
    desk.close()


def test_a_relationship_that_goes_takes_its_links_along(
    desk: SqlInstallation, place: Place
) -> None:
    write(desk, "C_Book", book("B1", topics=["art"], sequels=["B1"]))

    books = definition("Book", NOTE, objectRelationships=[SEQUELS])
    assert kinds(write(desk, "ObjectDefinition", books)) == [UPDATED]

    assert place.rows("SELECT name FROM entry_link") == [("sequels",)]
    assert "topics" not in read(desk, "C_Topic")[0]


def test_an_entry_that_goes_takes_its_links_along(
    desk: SqlInstallation, place: Place
) -> None:
    write(desk, "C_Book", book("B1", topics=["art", "tea"]))

    place.rows("DELETE FROM entry WHERE erc = 'art'")

    assert book_topics(desk) == {"B1": ["tea"]}


@pytest.mark.parametrize("gone", ["BOOK", "TOPIC"])
def test_either_definition_can_be_deleted_and_takes_the_links_along(
    desk: SqlInstallation, place: Place, gone: str
) -> None:
    write(desk, "C_Book", book("B1", topics=["art"], sequels=["B1"]))
    item: Item = {"externalReferenceCode": gone}
    batch = Batch(task="t", number=1, items=[item], policy=CONTINUE)

    with closing(open_at(place, "desk", SandboxInstallation)) as served:
        (outcome,) = served.delete(type_named(desk, "ObjectDefinition"), batch)

    assert outcome.problem is None
    links = place.rows("SELECT name FROM entry_link")
    declared = place.rows("SELECT name FROM many_to_many")
    left = [] if gone == "BOOK" else [("sequels",)]
    assert (links, declared) == (left, left)


def test_deleting_an_entry_ends_its_links(desk: SqlInstallation, place: Place) -> None:
    write(desk, "C_Book", book("B1", topics=["art", "tea"]))
    item: Item = {"externalReferenceCode": "art"}
    batch = Batch(task="t", number=1, items=[item], policy=CONTINUE)

    with closing(open_at(place, "desk", SandboxInstallation)) as served:
        served.delete(type_named(desk, "C_Topic"), batch)

    assert book_topics(desk) == {"B1": ["tea"]}


@pytest.mark.own_file
def test_definitions_of_an_older_database_offer_their_relationships(
    place: Place,
) -> None:
    """The migration reads what definitions declared before there was a table for it."""
    desk = open_at(place, "desk")
    books = definition("Book", NOTE, objectRelationships=[TOPICS])
    write(desk, "ObjectDefinition", books, definition("Topic", NOTE))
    desk.close()
    set_back(file_of(place), "0003")

    again = open_at(place, "desk")
    write(again, "C_Topic", topic("art"))
    write(again, "C_Book", book("B1", topics=["art"]))

    assert links(again, "C_Topic", "topics") == {"art": ["B1"]}
    again.close()


def test_a_batch_costs_as_many_statements_as_a_single_record(
    desk: SqlInstallation,
) -> None:
    """One look-up a kind, however many links there are."""
    topics = [f"T{number}" for number in range(40)]
    write(desk, "C_Topic", *map(topic, topics))
    statements: list[str] = []

    def note(_c: Connection, _x: object, text: str, *_more: object) -> None:
        statements.append(text)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        write(desk, "C_Book", book("B0", topics=["art"]))
        one = len(statements)
        statements.clear()
        many = [book(f"B{n}", topics=topics) for n in range(1, 30)]
        assert kinds(write(desk, "C_Book", *many)) == [CREATED] * 29
        assert len(statements) == one
        statements.clear()
        assert len(read(desk, "C_Book", "topics")) == 30
        assert sum("entry_link" in statement for statement in statements) == 1
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def test_no_body_holds_what_the_table_of_links_does(
    desk: SqlInstallation, place: Place
) -> None:
    write(desk, "C_Book", book("B1", note="n", topics=["art"]))

    ((body,),) = place.rows("SELECT body FROM entry WHERE erc = 'B1'")
    assert orjson.loads(body) == {"note": "n"}
