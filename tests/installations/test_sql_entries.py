"""Entries in a SQL database: side tables, other processes, scopes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from operator import length_hint
from typing import Any

import orjson
import pytest

from dmc_widgets.errors import Refused
from dmc_widgets.installations.sql import SqlInstallation
from dmc_widgets.model.entry_digests import EntryDigests
from dmc_widgets.model.outcome import Outcome, OutcomeKind
from dmc_widgets.model.strategies import ErrorStrategy, Policy
from dmc_widgets.ports import Batch, Item, Query
from dmc_widgets.testing.samples import (
    CONTINUE,
    CREATED,
    DEFINITIONS,
    FAILED,
    PARTIAL,
    PICKLIST,
    SKIPPED,
    UNCHANGED,
    UPDATED,
    failure_of,
    field,
    kinds,
    read,
    ticket,
    type_named,
    write,
)
from tests.installations.databases import Place, file_of, open_at
from tests.installations.older_databases import set_back

pytestmark = pytest.mark.each_database

ERC = "externalReferenceCode"

SITE_NOTE: Item = {
    "externalReferenceCode": "NOTE",
    "name": "Note",
    "label": {"en_US": "Note"},
    "pluralLabel": {"en_US": "Notes"},
    "scope": "site",
    "status": {"code": 0},
    "enableObjectEntryDraft": True,
    "objectFields": [
        field("text", "Text", required=True, settings={"uniqueValues": True})
    ],
}

WRITER = """
import sys
from dmc_widgets.installations import connect
from dmc_widgets.model.strategies import Policy
from dmc_widgets.ports import Batch
installation = connect(sys.argv[1])
ticket = next(t for t in installation.entity_types() if t.name == "C_Ticket")
for number in range(20):
    items = [
        {"externalReferenceCode": f"{sys.argv[2]}-{number}-{n}", "title": "x",
         "token": f"{sys.argv[2]}-{number}-{n}"}
        for n in range(20)
    ] + [{"externalReferenceCode": "SHARED", "title": sys.argv[2]}]
    batch = Batch(task=sys.argv[2], number=number, items=items, policy=Policy())
    installation.write(ticket, batch)
installation.close()
"""


@pytest.fixture
def desk(place: Place) -> Iterator[SqlInstallation]:
    installation = open_at(place, "desk")
    write(installation, "ListTypeDefinition", PICKLIST)
    outcomes = write(installation, "ObjectDefinition", *DEFINITIONS, SITE_NOTE)
    assert kinds(outcomes) == [CREATED] * 3
    yield installation
    installation.close()


def test_bodies_hold_values_only_sorted_by_name(
    desk: SqlInstallation, place: Place
) -> None:
    write(desk, "C_Ticket", ticket("T-1", notes=None, open=False, amount=1))

    (body,) = place.rows("SELECT body FROM entry")[0]

    assert body == b'{"amount":1,"open":false,"title":"Ticket T-1"}'


def test_digests_are_those_of_the_last_try(desk: SqlInstallation) -> None:
    """Another transaction may be in the way of the first, and change what it met."""
    digests = EntryDigests()
    note = {ERC: "N-1", "text": "One"}

    def write_note(number: int, item: Item) -> None:
        batch = Batch(
            task="x",
            number=number,
            items=[item],
            policy=CONTINUE,
            scope="guest",
            new_sites=True,
            digests=digests,
        )
        desk.write(type_named(desk, "C_Note"), batch)

    write_note(1, note)
    assert len(digests.listed) == 1

    write_note(2, {**note, "status": {"code": 2}})
    assert digests.listed == []


@pytest.mark.parametrize("number", [199, 200, 201, 450])
def test_many_rows_at_once_are_stored_as_one_by_one(
    desk: SqlInstallation, place: Place, number: int
) -> None:
    """Every row keeps its own place, code and values, however many go at once."""
    tickets = [ticket(f"T-{n}", amount=n) for n in range(number)]
    columns = "SELECT id, erc, body FROM entry ORDER BY id"

    made = write(desk, "C_Ticket", *tickets)
    assert kinds(made) == [CREATED] * number
    assert place.rows(columns) == [
        (n + 1, f"T-{n}", f'{{"amount":{n},"title":"Ticket T-{n}"}}'.encode())
        for n in range(number)
    ]

    changed = write(desk, "C_Ticket", *({**e, "title": "x"} for e in tickets[1:]))
    assert kinds(changed) == [UPDATED] * (number - 1)
    assert place.rows(columns) == [
        (1, "T-0", b'{"amount":0,"title":"Ticket T-0"}'),
        *(
            (n + 1, f"T-{n}", f'{{"amount":{n},"title":"x"}}'.encode())
            for n in range(1, number)
        ),
    ]


def test_ordinary_items_are_stored_beside_others(
    desk: SqlInstallation, place: Place
) -> None:
    """Items that are stored as they are go together; the others keep their places."""
    fields = [field("text", "Text", required=True), field("size", "Integer")]
    plain = SITE_NOTE | {
        "externalReferenceCode": "PLAIN",
        "name": "Plain",
        "scope": "company",
        "objectFields": fields,
    }
    write(desk, "ObjectDefinition", plain)
    columns = "SELECT erc, status, body FROM entry ORDER BY id"

    def items(**odd: Any) -> list[Item]:
        made = [
            {"externalReferenceCode": f"P-{n}", "text": f"{n}", "size": n}
            for n in range(30)
        ]
        made[20] |= odd
        return made

    def row(n: int) -> tuple[str, int, bytes]:
        return f"P-{n}", 0, f'{{"size":{n},"text":"{n}"}}'.encode()

    stop = Policy(error_strategy=ErrorStrategy.STOP)
    made = write(desk, "C_Plain", *items(text=None), policy=stop)
    assert kinds(made) == [CREATED] * 20 + [FAILED] + [SKIPPED] * 9
    assert place.rows(columns) == [row(n) for n in range(20)]

    made = write(desk, "C_Plain", *items(text=20, size="20"), policy=stop)
    assert kinds(made) == [UNCHANGED] * 20 + [CREATED] * 10
    assert place.rows(columns) == [row(n) for n in range(30)]

    drafts = [{**item, "status": 2} for item in items()]
    assert kinds(write(desk, "C_Plain", *drafts)) == [UPDATED] * 30
    assert {status for _, status, _ in place.rows(columns)} == {2}
    for _ in range(12):  # for a while no batch is expected to be ordinary
        made = write(desk, "C_Plain", *items(text="other"))
        assert {outcome.kind for outcome in made} <= {UPDATED, UNCHANGED}
        made = write(desk, "C_Plain", *items())
        assert kinds(made) == [UNCHANGED] * 20 + [UPDATED] + [UNCHANGED] * 9
    assert place.rows(columns) == [row(n) for n in range(30)]


def test_unique_values_follow_their_records(
    desk: SqlInstallation, place: Place
) -> None:
    write(desk, "C_Ticket", ticket("T-1", token="a"), ticket("T-2", token="b"))
    outcomes = write(
        desk,
        "C_Ticket",
        ticket("T-1", token="c"),
        ticket("T-2", token="a"),
        ticket("T-1"),
    )

    assert kinds(outcomes) == [UPDATED] * 3
    query = "SELECT field, value, erc FROM unique_value JOIN entry ON entry_id = id"
    assert place.rows(query) == [("token", "a", "T-2")]


def test_relationships_follow_their_records(
    desk: SqlInstallation, place: Place
) -> None:
    people = [{"externalReferenceCode": code, "fullName": code} for code in "AB"]
    write(desk, "C_Person", *people)
    write(desk, "C_Ticket", ticket("T-1", r_owner_c_personERC="A"))
    write(desk, "C_Ticket", ticket("T-2", r_owner_c_personERC="A"))
    write(desk, "C_Ticket", ticket("T-1", r_owner_c_personERC="B"))
    write(desk, "C_Ticket", ticket("T-2", owner=None))

    query = (
        "SELECT entry.erc, field, document.erc, parent_erc FROM relationship "
        "JOIN entry ON entry_id = entry.id "
        "JOIN document ON parent_definition_id = document.id"
    )

    assert place.rows(query) == [("T-1", "r_owner_c_personId", "PERSON", "B")]


def test_a_definition_changed_by_another_process_counts_from_the_next_batch(
    desk: SqlInstallation, place: Place
) -> None:
    write(desk, "C_Ticket", ticket("T-1"))
    other = open_at(place, "other")
    shorter = PICKLIST | {"listTypeEntries": [{"key": "urgent", "name": "Urgent"}]}
    write(other, "ListTypeDefinition", shorter)
    person = DEFINITIONS[0] | {
        "objectFields": [
            field("fullName", "Text", required=True),
            field("age", "Integer", required=True),
        ]
    }
    write(other, "ObjectDefinition", person)
    other.close()

    urgent, low = write(
        desk, "C_Ticket", ticket("T-2", level="urgent"), ticket("T-3", level="low")
    )
    (ageless,) = write(
        desk, "C_Person", {"externalReferenceCode": "P", "fullName": "Ada"}
    )

    assert urgent == Outcome(CREATED, "T-2")
    assert failure_of(low)[0] == "list-type-entry"
    assert failure_of(ageless) == (
        "required",
        "age",
        'No value was provided for required object field "age"',
    )


def test_a_field_added_later_leaves_stored_records_unchanged(
    desk: SqlInstallation,
) -> None:
    write(desk, "C_Ticket", ticket("T-1"))
    definition = DEFINITIONS[1]
    more = [*definition["objectFields"], field("more", "Text")]
    write(desk, "ObjectDefinition", definition | {"objectFields": more})

    assert kinds(write(desk, "C_Ticket", ticket("T-1"))) == [UNCHANGED]
    assert read(desk, "C_Ticket", "more") == [{"more": None}]


def test_two_processes_write_at_once_and_nothing_is_lost(
    desk: SqlInstallation, place: Place
) -> None:
    command = [sys.executable, "-c", WRITER, place.url]

    writers = [subprocess.Popen([*command, name]) for name in ("a", "b")]

    assert [writer.wait(timeout=60) for writer in writers] == [0, 0]
    codes = [entry["externalReferenceCode"] for entry in read(desk, "C_Ticket")]
    assert len(codes) == len(set(codes)) == 2 * 20 * 20 + 1
    assert place.rows("SELECT count(*), count(DISTINCT value) FROM unique_value") == [
        (800, 800)
    ]


class _Interrupted(RuntimeError):
    """Stands for a process that is killed."""


def test_a_batch_that_breaks_off_leaves_nothing(
    desk: SqlInstallation, place: Place
) -> None:
    def die() -> str:
        raise _Interrupted

    dying = open_at(place, "dying", new_key=die)
    with pytest.raises(_Interrupted):
        write(dying, "C_Ticket", ticket("T-1"), {"title": "x"}, task="k", number=1)
    dying.close()

    again = write(desk, "C_Ticket", ticket("T-1"), task="k", number=1)

    assert again == [Outcome(CREATED, "T-1")]


def test_a_failure_while_storing_takes_the_whole_batch_back(
    desk: SqlInstallation, place: Place
) -> None:
    place.rows("ALTER TABLE unique_value RENAME TO refused")

    with pytest.raises(Refused):
        write(desk, "C_Ticket", ticket("T-1", token="a"), task="k", number=1)

    place.rows("ALTER TABLE refused RENAME TO unique_value")

    assert place.rows("SELECT * FROM entry") == []
    assert place.rows("SELECT * FROM batch_mark WHERE task = 'k'") == []


def test_records_of_a_site_are_apart_from_those_of_another(
    desk: SqlInstallation,
) -> None:
    notes = type_named(desk, "C_Note")
    item = {"externalReferenceCode": "N", "text": "same"}
    outcomes = [
        desk.write(
            notes,
            Batch(
                task=site,
                number=1,
                items=[item],
                policy=CONTINUE,
                scope=site,
                new_sites=True,
            ),
        )
        for site in ("Guest", "Intranet")
    ]

    assert outcomes == [[Outcome(CREATED, "N")]] * 2
    assert len(list(desk.read(notes, Query(scope="Guest")))) == 1
    assert desk.fetch(notes, ["N"], "Elsewhere") == {}


def test_records_of_a_site_need_the_site(desk: SqlInstallation) -> None:
    items = [{"externalReferenceCode": "N-1", "text": "a"}, {"text": "b"}]

    continued = write(desk, "C_Note", *items)
    stopped = write(
        desk, "C_Note", *items, policy=Policy(error_strategy=ErrorStrategy.STOP)
    )

    assert kinds(continued) == [FAILED, FAILED]
    assert kinds(stopped) == [FAILED, SKIPPED]
    assert failure_of(stopped[0]) == (
        "object-entry-scope",
        "",
        'No scope key was provided for the "C_Note" entry.',
    )


def test_records_may_name_their_sites_where_the_import_names_none(
    desk: SqlInstallation,
) -> None:
    items: list[Item] = [
        {"externalReferenceCode": "N", "text": "same", "scopeKey": "Guest"},
        {"externalReferenceCode": "N", "text": "same", "scopeKey": "Intranet"},
        {"externalReferenceCode": "N", "text": "new", "scopeKey": " Guest "},
        {"externalReferenceCode": "M", "text": "new", "scopeKey": "Guest"},
        {"externalReferenceCode": "O", "text": "x", "scopeKey": ""},
        {"externalReferenceCode": "P", "text": "x", "scopeKey": ["Guest"]},
        {"externalReferenceCode": "Q", "text": "x", "scopeKey": "a\0b"},
        {"externalReferenceCode": "R", "text": "x", "scopeKey": 20126},
    ]

    outcomes = write(desk, "C_Note", *items)

    assert kinds(outcomes) == [
        *(CREATED, CREATED, UPDATED, FAILED),
        *(FAILED, FAILED, FAILED, CREATED),
    ]
    assert failure_of(outcomes[3])[0] == "unique-value-constraint-violation"
    assert failure_of(outcomes[4]) == (
        "object-entry-scope",
        "",
        'No scope key was provided for the "C_Note" entry.',
    )
    assert failure_of(outcomes[5]) == (
        "object-entry-scope",
        "scopeKey",
        'The scope key must be a text: the key of a site, like "Guest"',
    )
    assert read(desk, "C_Note", "scopeKey", "text") == [
        {"scopeKey": "20126", "text": "x"},
        {"scopeKey": "Guest", "text": "new"},
        {"scopeKey": "Intranet", "text": "same"},
    ]


def test_records_of_all_sites_come_back_and_may_be_written(
    desk: SqlInstallation,
) -> None:
    for site in ("Guest", "Intranet"):
        write(desk, "C_Note", *({"text": f"{n}", "scopeKey": site} for n in range(3)))

    reader = desk.read(type_named(desk, "C_Note"), Query())
    assert length_hint(reader) == 6
    items = list(reader)

    assert [item["scopeKey"] for item in items] == ["Guest"] * 3 + ["Intranet"] * 3
    assert kinds(write(desk, "C_Note", *items)) == [UNCHANGED] * 6


def test_the_site_of_the_import_wins_before_that_of_a_record(
    desk: SqlInstallation,
) -> None:
    notes = type_named(desk, "C_Note")
    item = {"externalReferenceCode": "N", "text": "a", "scopeKey": "Guest"}
    desk.add_site("Intranet")
    batch = Batch(task="s", number=1, items=[item], policy=CONTINUE, scope="Intranet")

    assert desk.write(notes, batch) == [Outcome(CREATED, "N")]
    assert [entry["scopeKey"] for entry in desk.read(notes, Query())] == ["Intranet"]


def test_an_unknown_site_is_refused_with_the_known_ones(desk: SqlInstallation) -> None:
    """A slip in a key makes no new site; who wants one has to say so."""
    notes = type_named(desk, "C_Note")
    slip: Item = {"externalReferenceCode": "N", "text": "a", "scopeKey": "Gest"}
    fine: Item = {"externalReferenceCode": "M", "text": "b", "scopeKey": "Guest"}

    def put(task: str, *items: Item, **more: Any) -> Sequence[Outcome]:
        batch = Batch(task=task, number=1, items=items, policy=CONTINUE, **more)
        return desk.write(notes, batch)

    failed, created = put("records", slip, fine)
    assert failure_of(failed) == (
        "no-such-site",
        "scopeKey",
        'There is no site "Gest". Known: Global, Guest. Check its key; an import '
        "into an embedded database can add new sites",
    )
    assert created.kind is CREATED
    assert kinds(put("scope", fine, scope="Gest")) == [FAILED]
    assert [site.key for site in desk.sites(notes)] == ["Global", "Guest"]

    assert kinds(put("new", slip, new_sites=True)) == [CREATED]
    assert [site.key for site in desk.sites(notes)] == ["Gest", "Global", "Guest"]
    assert kinds(put("again", slip)) == [UNCHANGED]


def test_the_sites_of_every_company_go_by_their_codes_too(
    desk: SqlInstallation,
) -> None:
    """Files of Liferay name them so."""
    notes = type_named(desk, "C_Note")
    item: Item = {"externalReferenceCode": "N", "text": "a", "scopeKey": "L_GUEST"}
    assert kinds(write(desk, "C_Note", item)) == [CREATED]
    by_code = Batch(task="c", number=1, items=[item], policy=CONTINUE, scope="L_GLOBAL")

    assert kinds(desk.write(notes, by_code)) == [CREATED]
    assert [entry["scopeKey"] for entry in desk.read(notes, Query())] == [
        "Global",
        "Guest",
    ]
    assert desk.fetch(notes, ["N"], "L_GUEST")["N"]["scopeKey"] == "Guest"
    assert len(list(desk.read(notes, Query(scope="L_GLOBAL")))) == 1
    assert desk.has_site(notes, "L_GUEST")


def test_a_missing_parent_of_an_unknown_site_gets_no_placeholder(
    desk: SqlInstallation,
) -> None:
    """An entry of the company does not say in which site its parent is."""
    pinned = {
        "name": "pinned",
        "label": {"en_US": "Pinned"},
        "type": "oneToMany",
        "objectDefinitionExternalReferenceCode2": "PIN",
    }
    pin = {**SITE_NOTE, "externalReferenceCode": "PIN", "name": "Pin"}
    pin |= {"label": {"en_US": "Pin"}, "pluralLabel": {"en_US": "Pins"}}
    write(desk, "ObjectDefinition", pin | {"scope": "company"})
    write(desk, "ObjectDefinition", SITE_NOTE | {"objectRelationships": [pinned]})
    lazy = Policy(error_strategy=ErrorStrategy.CONTINUE, lazy_references=True)
    item = {"text": "a", "r_pinned_c_noteERC": "N"}

    (outcome,) = write(desk, "C_Pin", item, policy=lazy)

    assert failure_of(outcome)[0] == "no-such-related-object-entry"
    notes = type_named(desk, "C_Note")
    assert list(desk.read(notes, Query(filter="status eq 9"))) == []


@pytest.mark.own_file
def test_an_older_database_knows_the_sites_of_its_entries(place: Place) -> None:
    older = open_at(place, "older")
    write(older, "ListTypeDefinition", PICKLIST)
    write(older, "ObjectDefinition", *DEFINITIONS, SITE_NOTE)
    item = {"externalReferenceCode": "N", "text": "a", "scopeKey": "Intranet"}
    assert kinds(write(older, "C_Note", item)) == [CREATED]
    older.close()
    set_back(file_of(place), "0005")

    newer = open_at(place, "newer")
    found = newer.sites(type_named(newer, "C_Note"))
    newer.close()

    assert [each.key for each in found] == ["Global", "Guest", "Intranet"]


def test_a_failure_in_one_site_stops_the_others(desk: SqlInstallation) -> None:
    stop = Policy(error_strategy=ErrorStrategy.STOP)
    failing: list[Item] = [
        {"text": "a", "scopeKey": "Guest"},
        {"text": None, "scopeKey": "Guest"},
        {"text": "b", "scopeKey": "Guest"},
        {"text": "c", "scopeKey": "Intranet"},
    ]
    nowhere: list[Item] = [{"text": "d", "scopeKey": "Guest"}, {}, {}]

    assert kinds(write(desk, "C_Note", *failing, policy=stop)) == [
        *(CREATED, FAILED, SKIPPED, SKIPPED)
    ]
    assert kinds(write(desk, "C_Note", *nowhere, policy=stop)) == [
        *(CREATED, FAILED, SKIPPED)
    ]
    assert len(read(desk, "C_Note", "text")) == 2


def test_a_record_of_company_scope_has_no_site(desk: SqlInstallation) -> None:
    assert kinds(write(desk, "C_Ticket", ticket("T-1", scopeKey=5))) == [CREATED]
    assert "scopeKey" not in read(desk, "C_Ticket")[0]
    assert read(desk, "C_Ticket", "scopeKey") == [{"scopeKey": None}]


def test_drafts_need_no_values_where_drafts_are_allowed(desk: SqlInstallation) -> None:
    notes = type_named(desk, "C_Note")

    def put(number: int, item: Item, policy: Policy = CONTINUE) -> OutcomeKind:
        batch = Batch(
            task="d", number=number, items=[item], policy=policy, scope="Guest"
        )
        return desk.write(notes, batch)[0].kind

    draft = {"externalReferenceCode": "N", "status": {"code": 2, "label": "draft"}}
    assert put(1, draft) is CREATED
    (item,) = desk.read(notes, Query(fields=("status",), scope="Guest"))
    assert item["status"] == {"code": 2, "label": "draft", "label_i18n": "Draft"}
    assert put(2, {"externalReferenceCode": "N"}) is FAILED
    assert put(3, {"externalReferenceCode": "N", "text": "x"}, PARTIAL) is UPDATED
    (item,) = desk.read(notes, Query(fields=("status",), scope="Guest"))
    assert item["status"]["code"] == 2
    assert put(4, {"externalReferenceCode": "N", "text": "x"}) is UPDATED
    (item,) = desk.read(notes, Query(fields=("status",), scope="Guest"))
    assert item["status"]["code"] == 0


def test_times_are_those_of_the_clock(place: Place, desk: SqlInstallation) -> None:
    ticking = iter(range(1_709_618_767_123, 2**60, 3_600_000))
    clocked = open_at(place, "clocked", now_ms=lambda: next(ticking))
    write(clocked, "C_Ticket", ticket("T-1"))
    write(clocked, "C_Ticket", ticket("T-1", amount=1))
    clocked.close()

    assert read(desk, "C_Ticket", "dateCreated", "dateModified", "creator") == [
        {
            "dateCreated": "2024-03-05T06:06:07Z",
            "dateModified": "2024-03-05T08:06:07Z",
            "creator": {
                "id": 20123,
                "name": "Test Test",
                "givenName": "Test",
                "familyName": "Test",
            },
        }
    ]


def test_definitions_are_read_with_the_fields_asked_for(desk: SqlInstallation) -> None:
    assert read(desk, "ListTypeDefinition", "name", "system") == [
        {"name": "Levels", "system": None}
    ]


def test_items_are_json(desk: SqlInstallation) -> None:
    write(desk, "C_Ticket", ticket("T-1", tags=["low"], due="2024-01-05"))

    (item,) = read(desk, "C_Ticket")

    assert orjson.loads(orjson.dumps(item)) == item


def test_stored_entries_are_found_wherever_their_codes_lie(
    desk: SqlInstallation,
) -> None:
    """Also where a large batch lies between, around or beside them, in any script."""

    def coded(prefix: str, numbers: Iterable[int]) -> list[Item]:
        return [
            {"externalReferenceCode": f"{prefix}{n:04}", "title": "One"}
            for n in numbers
        ]

    middle = coded("T-", range(1000, 1120))
    assert set(kinds(write(desk, "C_Ticket", *middle))) == {CREATED}

    around = [*coded("T-", range(990, 1120)), *coded("Ж-", range(3))]
    beside = [*coded("T-", range(1120, 1240)), *coded("a", range(3))]
    apart = [*coded("A", range(60)), *coded("\U0001f600", range(60))]

    assert kinds(write(desk, "C_Ticket", *middle)) == [UNCHANGED] * 120
    expected = [CREATED] * 10 + [UNCHANGED] * 120 + [CREATED] * 3
    assert kinds(write(desk, "C_Ticket", *around)) == expected
    assert kinds(write(desk, "C_Ticket", *beside)) == [CREATED] * 123
    assert kinds(write(desk, "C_Ticket", *apart)) == [CREATED] * 120
    assert kinds(write(desk, "C_Ticket", *apart)) == [UNCHANGED] * 120
    assert kinds(write(desk, "C_Ticket", *around)) == [UNCHANGED] * 133
