"""What every installation has to do, hostile records included.

An adapter's own test file derives a class from :class:`InstallationContract` and
gives a fixture *installation* of an empty installation. The definitions of
:data:`DEFINITIONS` are written through the installation itself.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from operator import length_hint
from typing import Any, Final

import pytest

from dmc_widgets.errors import InvalidQuery, UnknownName
from dmc_widgets.model.entity_type import OBJECT_ENTRY, EntityType
from dmc_widgets.model.outcome import GENERATED_KEY, Outcome, OutcomeKind
from dmc_widgets.model.strategies import (
    ErrorStrategy,
    ImportStrategy,
    Policy,
    UpdateStrategy,
)
from dmc_widgets.ports import Batch, Installation, Item, OutcomeRecall, Query

CREATED, UPDATED, UNCHANGED, SKIPPED, FAILED = (
    OutcomeKind.CREATED,
    OutcomeKind.UPDATED,
    OutcomeKind.UNCHANGED,
    OutcomeKind.SKIPPED,
    OutcomeKind.FAILED,
)

CONTINUE: Final = Policy(error_strategy=ErrorStrategy.CONTINUE)
PARTIAL: Final = Policy(update_strategy=UpdateStrategy.PARTIAL_UPDATE)
INSERT: Final = Policy(import_strategy=ImportStrategy.INSERT)
UPDATE: Final = Policy(import_strategy=ImportStrategy.UPDATE)

_numbers = itertools.count(1)


def field(name: str, type_: str, **others: Any) -> Item:
    """Make an object field; settings are given as keyword arguments in *settings*."""
    settings = others.pop("settings", {})
    return {
        "name": name,
        "businessType": type_,
        "label": {"en_US": name},
        "objectFieldSettings": [{"name": k, "value": v} for k, v in settings.items()],
        **others,
    }


PICKLIST: Final[Item] = {
    "externalReferenceCode": "LEVELS",
    "name": "Levels",
    "listTypeEntries": [
        {"key": "low", "name": "Low", "name_i18n": {"en-US": "Low"}},
        {"key": "high", "name": "High", "name_i18n": {"en-US": "High"}},
    ],
}

DEFINITIONS: Final[list[Item]] = [
    {
        "externalReferenceCode": "PERSON",
        "name": "Person",
        "label": {"en_US": "Person"},
        "pluralLabel": {"en_US": "People"},
        "scope": "company",
        "status": {"code": 0},
        "objectFields": [field("fullName", "Text", required=True)],
        "objectRelationships": [
            {
                "name": "owner",
                "label": {"en_US": "Owner"},
                "type": "oneToMany",
                "deletionType": "prevent",
                "objectDefinitionExternalReferenceCode1": "PERSON",
                "objectDefinitionExternalReferenceCode2": "TICKET",
            },
            {
                "name": "boss",
                "label": {"en_US": "Boss"},
                "type": "oneToMany",
                "deletionType": "prevent",
                "objectDefinitionExternalReferenceCode1": "PERSON",
                "objectDefinitionExternalReferenceCode2": "PERSON",
            },
            {
                "name": "watched",
                "label": {"en_US": "Watched"},
                "type": "manyToMany",
                "deletionType": "disassociate",
                "objectDefinitionExternalReferenceCode1": "PERSON",
                "objectDefinitionExternalReferenceCode2": "TICKET",
            },
        ],
    },
    {
        "externalReferenceCode": "TICKET",
        "name": "Ticket",
        "label": {"en_US": "Ticket"},
        "pluralLabel": {"en_US": "Tickets"},
        "scope": "company",
        "status": {"code": 0},
        "objectFields": [
            field("title", "Text", required=True),
            field("token", "Text", settings={"uniqueValues": True}),
            field("notes", "LongText"),
            field("amount", "Integer"),
            field("price", "PrecisionDecimal"),
            field("open", "Boolean"),
            field("due", "Date"),
            field(
                "level", "Picklist", listTypeDefinitionExternalReferenceCode="LEVELS"
            ),
            field(
                "tags",
                "MultiselectPicklist",
                listTypeDefinitionExternalReferenceCode="LEVELS",
            ),
        ],
    },
]


LETTER: Final[Item] = {
    "externalReferenceCode": "LETTER",
    "name": "Letter",
    "label": {"en_US": "Letter"},
    "pluralLabel": {"en_US": "Letters"},
    "scope": "company",
    "status": {"code": 0},
    "objectFields": [
        field(
            "scan",
            "Attachment",
            settings={
                "acceptedFileExtensions": "pdf",
                "fileSource": "userComputer",
                "maximumFileSize": 1,
            },
        )
    ],
}


SHELF: Final[Item] = {
    "externalReferenceCode": "SHELF",
    "name": "Shelf",
    "label": {"en_US": "Shelf"},
    "pluralLabel": {"en_US": "Shelves"},
    "scope": "site",
    "status": {"code": 0},
    "objectFields": [field("title", "Text")],
}


def write(
    installation: Installation,
    name: str,
    *items: Item,
    policy: Policy = CONTINUE,
    number: int | None = None,
    task: str = "contract",
) -> list[Outcome]:
    """Write *items* as one batch; each call is a batch of its own."""
    batch = Batch(
        task=task,
        number=next(_numbers) if number is None else number,
        items=items,
        policy=policy,
        new_sites=True,
    )
    return installation.write(type_named(installation, name), batch)


def type_named(installation: Installation, name: str) -> EntityType:
    """Find an entity type among those that the installation offers."""
    return next(
        entity_type
        for entity_type in installation.entity_types()
        if entity_type.name == name
    )


def read(installation: Installation, name: str, *fields: str) -> list[Item]:
    """Read all items, with some fields or with all."""
    query = Query(fields=fields or None)
    return list(installation.read(type_named(installation, name), query))


def kinds(outcomes: list[Outcome]) -> list[OutcomeKind]:
    """Say what became of each record."""
    return [outcome.kind for outcome in outcomes]


def told(outcome: Outcome) -> tuple[str, str, str]:
    """Say why a record failed: code, field and the text that Liferay has."""
    problem = outcome.problem
    return (
        (problem.code, problem.field, problem.as_liferay) if problem else ("", "", "")
    )


def ticket(erc: str, **values: Any) -> Item:
    """Make a ticket that is in order but for *values*."""
    return {"externalReferenceCode": erc, "title": f"Ticket {erc}", **values}


class InstallationContract:
    """The rules; see the module."""

    @pytest.fixture
    def desk(self, installation: Installation) -> Iterator[Installation]:
        """Give an installation with the definitions in it."""
        write(installation, "ListTypeDefinition", PICKLIST)
        outcomes = write(installation, "ObjectDefinition", *DEFINITIONS)
        if kinds(outcomes) != [CREATED] * 2:
            pytest.fail(f"The definitions were refused: {outcomes}")
        yield installation
        installation.close()

    def test_an_empty_installation_offers_the_kinds_of_definitions(
        self, installation: Installation
    ) -> None:
        names = [entity_type.name for entity_type in installation.entity_types()]

        assert names == ["ListTypeDefinition", "ObjectDefinition", "ObjectFolder"]

    def test_entity_types_come_by_label_with_one_a_published_object(
        self, desk: Installation
    ) -> None:
        labels = [entity_type.label for entity_type in desk.entity_types()]

        assert labels == sorted(labels)
        assert "Ticket (v1.0 - Liferay Object REST)" in labels

    def test_an_unknown_entity_type_is_named(self, desk: Installation) -> None:
        ghost = EntityType(name="C_Ghost", label="", class_name=OBJECT_ENTRY)

        with pytest.raises(UnknownName, match=r"C_Ghost.*C_Person, C_Ticket"):
            list(desk.read(ghost, Query()))

    def test_a_record_comes_back_with_every_field(self, desk: Installation) -> None:
        write(desk, "C_Ticket", ticket("T-1", level="low", tags="low, high", amount=3))

        (item,) = read(desk, "C_Ticket")

        custom = {name: item[name] for name in sorted(item) if name not in _SYSTEM}
        assert custom == {
            "amount": 3,
            "due": None,
            "externalReferenceCode": "T-1",
            "keywords": [],
            "level": {"key": "low", "name": "Low"},
            "notes": None,
            "open": False,
            "ownerERC": "",
            "price": None,
            "r_owner_c_personERC": "",
            "r_owner_c_personId": 0,
            "status": {"code": 0, "label": "approved", "label_i18n": "Approved"},
            "tags": [{"key": "low", "name": "Low"}, {"key": "high", "name": "High"}],
            "taxonomyCategoryBriefs": [],
            "title": "Ticket T-1",
            "token": None,
            "watched": [],
        }

    def test_only_the_fields_asked_for_come_back(self, desk: Installation) -> None:
        write(desk, "C_Ticket", ticket("T-1"))

        assert read(desk, "C_Ticket", "title", "notes") == [
            {"title": "Ticket T-1", "notes": None}
        ]

    def test_records_come_in_the_order_in_which_they_were_added(
        self, desk: Installation
    ) -> None:
        codes = [f"T-{number:04}" for number in range(2500, 0, -1)]
        write(desk, "C_Ticket", *(ticket(code) for code in codes))

        items = read(desk, "C_Ticket", "externalReferenceCode")

        assert [item["externalReferenceCode"] for item in items] == codes

    def test_a_reader_may_say_how_many_items_come(self, desk: Installation) -> None:
        """Progress and time left need it; an adapter that cannot know says 0."""
        write(desk, "C_Ticket", ticket("T-1"), ticket("T-2"))

        items = desk.read(type_named(desk, "C_Ticket"), Query())

        assert length_hint(items) in {0, 2}
        assert len(list(items)) == 2

    @pytest.mark.parametrize(
        ("query", "codes"),
        [
            (Query(filter="amount gt 1 and level eq 'low'"), "T-2"),
            (Query(filter="tags/any(t:t eq 'high')"), "T-3"),
            (Query(filter="externalReferenceCode in ('T-3','T-1')"), "T-1 T-3"),
            (Query(filter="not (due lt 2024-01-05)", sort="amount:desc"), "T-3 T-1"),
            (Query(search="CONTRACT"), "T-2"),
        ],
        ids=["comparison", "any", "in", "sort", "search"],
    )
    def test_a_query_chooses_and_sorts(
        self, desk: Installation, query: Query, codes: str
    ) -> None:
        """Filters and orders mean the same everywhere."""
        write(
            desk,
            "C_Ticket",
            ticket("T-1", amount=1, level="low"),
            ticket("T-2", amount=2, level="low", due="2024-01-04", notes="contracts"),
            ticket("T-3", amount=3, level="high", tags="high", due="2024-01-05"),
        )

        items = desk.read(type_named(desk, "C_Ticket"), query)

        assert " ".join(item["externalReferenceCode"] for item in items) == codes

    def test_a_relationship_names_the_entity_type_of_its_parents(
        self, desk: Installation
    ) -> None:
        """Look-ups of parents need it; other fields name none."""
        ticket_, person = type_named(desk, "C_Ticket"), type_named(desk, "C_Person")

        led = {field.name: field.parent for field in ticket_.fields if field.parent}
        names = ["owner", "r_owner_c_personERC", "r_owner_c_personId"]
        assert led == dict.fromkeys(names, person.key)

    @pytest.mark.parametrize("query", [Query(filter="title eq"), Query(sort="a:up")])
    def test_a_query_without_sense_is_refused_at_the_call(
        self, desk: Installation, query: Query
    ) -> None:
        """Before anything is read, so that a task can refuse it, too."""
        with pytest.raises(InvalidQuery):
            desk.read(type_named(desk, "C_Ticket"), query)

    def test_fetch_finds_what_is_there_and_nothing_else(
        self, desk: Installation
    ) -> None:
        write(desk, "C_Ticket", ticket("T-1"), ticket("T-2"))

        found = desk.fetch(type_named(desk, "C_Ticket"), ["T-2", "T-9", "\ud800"])

        assert list(found) == ["T-2"]
        assert found["T-2"]["title"] == "Ticket T-2"

    @pytest.mark.parametrize("policy", [CONTINUE, INSERT, UPDATE, Policy()], ids=str)
    def test_what_became_of_a_batch_is_told_afterwards(
        self, desk: Installation, policy: Policy
    ) -> None:
        """By its mark, and for that codes, sites and lists of entries are enough."""
        assert isinstance(desk, OutcomeRecall)
        write(desk, "C_Ticket", ticket("T-1"))
        items = [ticket("T-1", notes="new"), ticket("T-2"), ticket("T-3", amount="x")]
        written = write(
            desk, "C_Ticket", *items, policy=policy, number=1, task="recalled"
        )
        stored = read(desk, "C_Ticket", "title", "notes")
        codes = [{"externalReferenceCode": x["externalReferenceCode"]} for x in items]
        batch = Batch(task="recalled", number=1, items=items, policy=policy)
        tickets = type_named(desk, "C_Ticket")

        assert desk.recall(tickets, batch) == written
        told = desk.recall(tickets, replace(batch, items=codes))
        assert told is not None
        assert kinds(told) == kinds(written)
        assert desk.recall(tickets, replace(batch, number=2)) is None
        assert read(desk, "C_Ticket", "title", "notes") == stored

    def test_links_of_a_batch_are_told_afterwards(self, desk: Installation) -> None:
        assert isinstance(desk, OutcomeRecall)
        write(desk, "C_Ticket", ticket("T-1"))
        person = {"externalReferenceCode": "P", "fullName": "Ada", "watched": ["T-1"]}
        written = write(desk, "C_Person", person, number=1, task="recalled")
        batch = Batch(task="recalled", number=1, items=[person], policy=CONTINUE)

        assert desk.recall(type_named(desk, "C_Person"), batch) == written

    def test_a_batch_written_twice_gives_the_outcomes_of_the_first_time(
        self, desk: Installation
    ) -> None:
        items = [ticket("T-1"), {"title": "No code"}, ticket("T-2", amount="many")]
        first = write(desk, "C_Ticket", *items, number=1, task="twice")

        second = write(desk, "C_Ticket", *items, number=1, task="twice")

        assert second == first
        assert kinds(first) == [CREATED, CREATED, FAILED]
        assert len(read(desk, "C_Ticket", "id")) == 2

    def test_a_record_without_a_code_gets_one_and_a_note(
        self, desk: Installation
    ) -> None:
        absent, null, blank = write(
            desk,
            "C_Ticket",
            {"title": "a"},
            {"title": "b", "externalReferenceCode": None},
            {"title": "c", "externalReferenceCode": " "},
        )

        assert [each.note for each in (absent, null, blank)] == [GENERATED_KEY] * 3
        assert len({absent.key, null.key, blank.key}) == 3

    def test_insert_refuses_a_code_that_is_there(self, desk: Installation) -> None:
        write(desk, "C_Ticket", ticket("T-1"))

        (outcome,) = write(desk, "C_Ticket", ticket("T-1", title="x"), policy=INSERT)

        code, name, message = told(outcome)
        assert (code, name) == (
            "duplicate-external-reference-code",
            "externalReferenceCode",
        )
        assert message.startswith(
            "Duplicate object entry with external reference code T-1, group ID 0, "
            "and object definition ID "
        )
        assert read(desk, "C_Ticket", "title") == [{"title": "Ticket T-1"}]

    def test_insert_tells_of_a_unique_clash_before_the_code(
        self, desk: Installation
    ) -> None:
        write(desk, "C_Ticket", ticket("T-1", token="a"))

        (outcome,) = write(desk, "C_Ticket", ticket("T-1", token="a"), policy=INSERT)

        assert told(outcome)[0] == "unique-value-constraint-violation"
        assert outcome.problem is not None
        assert outcome.problem.message.startswith(
            'An entry with the external reference code "T-1" exists already, and "Only '
            'Add New Records" changes none. An entry has the value "a" of the field '
            '"token" already, and no two entries may have the same. Unique value '
        )

    def test_update_refuses_a_code_that_is_not_there(self, desk: Installation) -> None:
        missing, nameless = write(
            desk,
            "C_Ticket",
            ticket("T-1", amount="wrong, but looked at later"),
            {"title": "x"},
            policy=Policy(
                import_strategy=ImportStrategy.UPDATE,
                error_strategy=ErrorStrategy.CONTINUE,
            ),
        )

        assert told(missing) == (
            "no-such-object-entry",
            "externalReferenceCode",
            "No object entry exists with the external reference code T-1",
        )
        assert told(nameless)[0] == "no-such-object-entry"
        assert read(desk, "C_Ticket") == []

    def test_replacing_empties_what_is_left_out_but_keeps_parents(
        self, desk: Installation
    ) -> None:
        write(desk, "C_Person", {"externalReferenceCode": "P", "fullName": "Ada"})
        write(desk, "C_Ticket", ticket("T-1", notes="long", r_owner_c_personERC="P"))

        (outcome,) = write(desk, "C_Ticket", ticket("T-1"))

        assert outcome.kind is UPDATED
        assert read(desk, "C_Ticket", "notes", "r_owner_c_personERC") == [
            {"notes": None, "r_owner_c_personERC": "P"}
        ]

    def test_changing_leaves_alone_what_is_left_out(self, desk: Installation) -> None:
        write(desk, "C_Ticket", ticket("T-1", notes="long", amount=1))

        (outcome,) = write(
            desk,
            "C_Ticket",
            {"externalReferenceCode": "T-1", "amount": None},
            policy=PARTIAL,
        )

        assert outcome.kind is UPDATED
        assert read(desk, "C_Ticket", "title", "notes", "amount") == [
            {"title": "Ticket T-1", "notes": "long", "amount": None}
        ]

    def test_the_same_again_is_unchanged(self, desk: Installation) -> None:
        item = ticket("T-1", notes="ü", price=Decimal("1.50"), level={"key": "low"})
        write(desk, "C_Ticket", item)

        (again,) = write(desk, "C_Ticket", item)

        assert again == Outcome(UNCHANGED, "T-1")

    def test_what_was_read_may_be_written(self, desk: Installation) -> None:
        write(desk, "C_Person", {"externalReferenceCode": "P", "fullName": "Ada"})
        write(
            desk,
            "C_Ticket",
            ticket(
                "T-1",
                price=Decimal("0.1234567891234567"),
                due="2024-01-05",
                open=True,
                tags=["high"],
                level="low",
                r_owner_c_personERC="P",
            ),
        )

        outcomes = write(desk, "C_Ticket", *read(desk, "C_Ticket"))

        assert kinds(outcomes) == [UNCHANGED]

    def test_stop_ends_the_batch_at_the_first_failure(self, desk: Installation) -> None:
        outcomes = write(
            desk,
            "C_Ticket",
            ticket("T-1"),
            ticket("T-2", amount=2**31),
            ticket("T-3"),
            policy=Policy(error_strategy=ErrorStrategy.STOP),
        )

        assert kinds(outcomes) == [CREATED, FAILED, SKIPPED]
        assert outcomes[2] == Outcome(SKIPPED, "T-3")
        assert read(desk, "C_Ticket", "externalReferenceCode") == [
            {"externalReferenceCode": "T-1"}
        ]

    def test_stop_also_holds_for_failures_that_only_the_store_shows(
        self, desk: Installation
    ) -> None:
        outcomes = write(
            desk,
            "C_Ticket",
            ticket("T-1", token="a"),
            ticket("T-2", token="a"),
            ticket("T-3"),
            policy=Policy(error_strategy=ErrorStrategy.STOP),
        )

        assert kinds(outcomes) == [CREATED, FAILED, SKIPPED]

    def test_continue_goes_on_after_failures(self, desk: Installation) -> None:
        outcomes = write(
            desk, "C_Ticket", ticket("T-1", amount="x"), ticket("T-2"), ticket("T-3")
        )

        assert kinds(outcomes) == [FAILED, CREATED, CREATED]

    def test_the_second_record_of_a_code_meets_the_first(
        self, desk: Installation
    ) -> None:
        outcomes = write(
            desk,
            "C_Ticket",
            ticket("T-1", notes="first", token="a"),
            ticket("T-1", notes="second", token="b"),
            ticket("T-2", token="a"),
        )

        assert kinds(outcomes) == [CREATED, UPDATED, CREATED]
        assert read(desk, "C_Ticket", "notes", "token") == [
            {"notes": "second", "token": "b"},
            {"notes": None, "token": "a"},
        ]

    def test_a_unique_value_belongs_to_one_record(self, desk: Installation) -> None:
        write(desk, "C_Ticket", ticket("T-1", token="a"))

        same, blank, blank_too = write(
            desk,
            "C_Ticket",
            ticket("T-2", token="a"),
            ticket("T-3", token=""),
            ticket("T-4", token=""),
        )

        assert told(same) == (
            "unique-value-constraint-violation",
            "token",
            "Unique value constraint violation for O_20096_Ticket.token_ with value a",
        )
        assert same.problem is not None
        assert same.problem.value == '"a"'
        assert kinds([blank, blank_too]) == [CREATED, CREATED]

    def test_a_unique_value_that_was_given_up_is_free(self, desk: Installation) -> None:
        write(desk, "C_Ticket", ticket("T-1", token="a"))

        outcomes = write(
            desk, "C_Ticket", ticket("T-1", token="b"), ticket("T-2", token="a")
        )

        assert kinds(outcomes) == [UPDATED, CREATED]
        assert kinds(write(desk, "C_Ticket", ticket("T-3", token="a"))) == [FAILED]

    @pytest.mark.parametrize(
        "link",
        [
            pytest.param({"r_owner_c_personERC": "P"}, id="by-code"),
            pytest.param({"owner": {"externalReferenceCode": "P"}}, id="nested"),
            pytest.param(
                {"r_owner_c_personERC": "P", "r_owner_c_personId": 999},
                id="code-before-id",
            ),
            pytest.param(
                {"owner": {"externalReferenceCode": "P"}, "r_owner_c_personERC": "X"},
                id="nested-before-code",
            ),
        ],
    )
    def test_a_parent_may_be_named_in_several_ways(
        self, desk: Installation, link: Item
    ) -> None:
        write(desk, "C_Person", {"externalReferenceCode": "P", "fullName": "Ada"})
        (person,) = read(desk, "C_Person")

        (outcome,) = write(desk, "C_Ticket", ticket("T-1", **link))

        assert outcome == Outcome(CREATED, "T-1")
        assert read(desk, "C_Ticket", "r_owner_c_personERC", "r_owner_c_personId") == [
            {"r_owner_c_personERC": "P", "r_owner_c_personId": person["id"]}
        ]

    def test_a_parent_may_be_named_by_its_id(self, desk: Installation) -> None:
        write(desk, "C_Person", {"externalReferenceCode": "P", "fullName": "Ada"})
        (person,) = read(desk, "C_Person")

        write(desk, "C_Ticket", ticket("T-1", r_owner_c_personId=str(person["id"])))

        (item,) = read(desk, "C_Ticket", "r_owner_c_personERC")
        assert item == {"r_owner_c_personERC": "P"}

    @pytest.mark.parametrize(
        ("link", "name"),
        [
            ({"r_owner_c_personERC": "nobody"}, "r_owner_c_personERC"),
            ({"r_owner_c_personERC": "a\0b"}, "r_owner_c_personERC"),
            ({"r_owner_c_personERC": "\ud800"}, "r_owner_c_personERC"),
            ({"r_owner_c_personId": 987654}, "r_owner_c_personId"),
            ({"r_owner_c_personId": 2**70}, "r_owner_c_personId"),
            ({"owner": {"externalReferenceCode": "nobody"}}, "r_owner_c_personERC"),
        ],
        ids=["code", "nul", "surrogate", "id", "huge-id", "nested"],
    )
    def test_a_parent_that_is_not_here_is_refused(
        self, desk: Installation, link: Item, name: str
    ) -> None:
        (outcome,) = write(desk, "C_Ticket", ticket("T-1", **link))

        assert told(outcome) == (
            "no-such-related-object-entry",
            name,
            f"The value for {name} does not exist",
        )

    def test_a_parent_of_another_kind_is_refused(self, desk: Installation) -> None:
        write(desk, "C_Ticket", ticket("T-1"))
        (other,) = read(desk, "C_Ticket", "id")

        (outcome,) = write(
            desk, "C_Ticket", ticket("T-2", r_owner_c_personId=other["id"])
        )

        assert told(outcome)[0] == "no-such-related-object-entry"

    def test_a_parent_may_stand_earlier_in_the_same_batch(
        self, desk: Installation
    ) -> None:
        early, child, orphan = write(
            desk,
            "C_Person",
            {"externalReferenceCode": "P-1", "fullName": "Ada"},
            {
                "externalReferenceCode": "P-2",
                "fullName": "Bob",
                "r_boss_c_personERC": "P-1",
            },
            {
                "externalReferenceCode": "P-3",
                "fullName": "Cy",
                "r_boss_c_personERC": "P-4",
            },
        )

        assert kinds([early, child, orphan]) == [CREATED, CREATED, FAILED]

    def test_many_to_many_links_are_seen_and_changed_from_both_sides(
        self, desk: Installation
    ) -> None:
        write(desk, "C_Ticket", ticket("T-1"), ticket("T-2"))
        person: Item = {"externalReferenceCode": "P", "fullName": "Ada"}

        linked = write(desk, "C_Person", {**person, "watched": ["T-2", "T-1", "T-2"]})
        silent = write(desk, "C_Person", person)
        other_side = write(desk, "C_Ticket", ticket("T-2", watched=[]))

        assert kinds([*linked, *silent, *other_side]) == [CREATED, UNCHANGED, UPDATED]
        codes = [{"externalReferenceCode": "T-1"}]
        assert read(desk, "C_Person", "watched") == [{"watched": codes}]
        assert read(desk, "C_Ticket", "watched") == [
            {"watched": [{"externalReferenceCode": "P"}]},
            {"watched": []},
        ]
        again = write(desk, "C_Person", {**person, "watched": codes})
        assert kinds(again) == [UNCHANGED]

    @pytest.mark.parametrize(
        ("watched", "code"),
        [
            (["T-1", "gone"], "no-such-related-object-entry"),
            ([{"id": 2**62}], "no-such-related-object-entry"),
            ([{"externalReferenceCode": 7}], "no-such-related-object-entry"),
            ([{"externalReferenceCode": [7]}], "invalid-value"),
            ([{}], "invalid-value"),
            ([None], "invalid-value"),
        ],
        ids=["gone", "id", "number-as-code", "list-as-code", "empty", "null"],
    )
    def test_a_bad_list_of_links_fails_its_record_and_changes_nothing(
        self, desk: Installation, watched: Any, code: str
    ) -> None:
        write(desk, "C_Ticket", ticket("T-1"))
        person: Item = {"externalReferenceCode": "P", "fullName": "Ada"}
        write(desk, "C_Person", {**person, "watched": ["T-1"]})

        (outcome,) = write(desk, "C_Person", {**person, "watched": watched})

        assert told(outcome)[:2] == (code, "watched")
        codes = [{"externalReferenceCode": "T-1"}]
        assert read(desk, "C_Person", "watched") == [{"watched": codes}]

    def test_the_twin_of_a_relationship_is_no_link(self, desk: Installation) -> None:
        (outcome,) = write(desk, "C_Ticket", ticket("T-1", ownerERC="nobody"))

        assert outcome.kind is CREATED

    def test_keywords_and_categories_come_back(self, desk: Installation) -> None:
        lists = {"keywords": ["a", "b"], "taxonomyCategoryIds": [7]}
        write(desk, "C_Ticket", ticket("T-1", **lists))
        write(desk, "C_Ticket", ticket("T-1", keywords=["c"]), policy=PARTIAL)

        (item,) = read(desk, "C_Ticket", "keywords", "taxonomyCategoryBriefs")
        assert item == {
            "keywords": ["c"],
            "taxonomyCategoryBriefs": [
                {"taxonomyCategoryId": 7, "taxonomyCategoryName": None}
            ],
        }
        assert kinds(write(desk, "C_Ticket", ticket("T-1", **item))) == [UNCHANGED]
        assert kinds(write(desk, "C_Ticket", ticket("T-1"))) == [UPDATED]
        (item,) = read(desk, "C_Ticket", "keywords", "taxonomyCategoryBriefs")
        assert item == {"keywords": [], "taxonomyCategoryBriefs": []}

    def test_a_parent_is_taken_away_by_null(self, desk: Installation) -> None:
        write(desk, "C_Person", {"externalReferenceCode": "P", "fullName": "Ada"})
        write(desk, "C_Ticket", ticket("T-1", r_owner_c_personERC="P"))

        write(desk, "C_Ticket", ticket("T-1", r_owner_c_personERC=None))

        assert read(desk, "C_Ticket", "r_owner_c_personERC", "r_owner_c_personId") == [
            {"r_owner_c_personERC": "", "r_owner_c_personId": 0}
        ]

    @pytest.mark.parametrize(
        "text",
        ["", " ", "é ü ß 漢字 😀", "a\0b", "'; DROP TABLE entry; --", "<b>&amp;</b>"],
        ids=["empty", "blank", "beyond-ascii", "nul", "sql", "markup"],
    )
    def test_texts_come_back_as_they_went(self, desk: Installation, text: str) -> None:
        (outcome,) = write(desk, "C_Ticket", ticket("T-1", notes=text))

        assert outcome.kind is CREATED
        assert read(desk, "C_Ticket", "notes") == [{"notes": text}]

    @pytest.mark.parametrize(
        "code",
        ["Ü-1", "a b", "'", "%", "x" * 75, "😀"],
        ids=["umlaut", "blank", "quote", "percent", "longest", "emoji"],
    )
    def test_odd_codes_find_their_record_again(
        self, desk: Installation, code: str
    ) -> None:
        item = {"externalReferenceCode": code, "title": "x"}
        write(desk, "C_Ticket", item)

        assert write(desk, "C_Ticket", item) == [Outcome(UNCHANGED, code)]

    def test_codes_differ_by_case(self, desk: Installation) -> None:
        outcomes = write(desk, "C_Ticket", ticket("a"), ticket("A"))

        assert kinds(outcomes) == [CREATED, CREATED]

    @pytest.mark.parametrize(
        ("values", "code"),
        [
            ({"externalReferenceCode": {"a": 1}}, "invalid-external-reference-code"),
            ({"externalReferenceCode": "x" * 76}, "invalid-external-reference-code"),
            ({"externalReferenceCode": "a\0b"}, "invalid-external-reference-code"),
            ({"externalReferenceCode": "\ud800"}, "invalid-external-reference-code"),
            ({"externalReferenceCode": ["T"]}, "invalid-external-reference-code"),
            ({"title": None}, "required"),
            ({"title": "  "}, "required"),
            ({"title": {"a": 1}}, "invalid-value"),
            ({"title": "\ud800"}, "invalid-value"),
            ({"title": "x" * 281}, "exceeds-text-max-length"),
            ({"title": "😀" * 141}, "exceeds-text-max-length"),
            ({"token": "a\0b"}, "invalid-value"),
            ({"amount": 10**400}, "exceeds-integer-size"),
            ({"amount": "9" * 5000}, "exceeds-integer-size"),
            ({"price": Decimal("NaN")}, "invalid-value"),
            ({"price": "1e999999999"}, "invalid-value"),
            ({"open": 1}, "invalid-value"),
            ({"due": "2024-02-30"}, "invalid-date"),
            ({"level": "ghost"}, "list-type-entry"),
            ({"level": {"name": "Ghost"}}, "list-type-entry"),
            ({"level": {}}, "invalid-value"),
            ({"level": {"label": "low"}}, "invalid-value"),
            ({"tags": [{"name": "Ghost"}]}, "list-type-entry"),
            ({"tags": [{}]}, "invalid-value"),
            ({"due": {"a": 1}}, "invalid-date"),
            ({"due": 45000}, "invalid-date"),
            ({"open": {"value": True}}, "invalid-value"),
            ({"amount": {"value": 1}}, "invalid-value"),
            ({"owner": {}}, "invalid-value"),
            ({"owner": {"fullName": "Ada"}}, "invalid-value"),
            ({"status": {}}, "object-entry-status"),
            ({"status": {"code": 1, "label": "pending"}}, "object-entry-status"),
            ({"keywords": {"a": 1}}, "invalid-value"),
            ({"taxonomyCategoryIds": [{}]}, "invalid-value"),
            ({"tags": [["low"]]}, "invalid-value"),
            ({"r_owner_c_personId": True}, "invalid-value"),
            ({"owner": "P"}, "invalid-value"),
            ({"status": {"code": 2}}, "object-entry-status"),
        ],
    )
    def test_a_bad_record_fails_alone(
        self, desk: Installation, values: Item, code: str
    ) -> None:
        bad, good = write(desk, "C_Ticket", {**ticket("BAD"), **values}, ticket("GOOD"))

        assert (bad.kind, told(bad)[0]) == (FAILED, code)
        assert good == Outcome(CREATED, "GOOD")

    def test_a_picklist_entry_may_be_given_by_its_name(
        self, desk: Installation
    ) -> None:
        values = {"level": {"name": "Low"}, "tags": [{"name": "High"}, "low"]}

        outcomes = write(desk, "C_Ticket", ticket("T-1", **values))
        again = write(desk, "C_Ticket", ticket("T-1", **values))

        assert kinds([*outcomes, *again]) == [CREATED, UNCHANGED]
        (found,) = read(desk, "C_Ticket", "level", "tags")
        assert found["level"]["key"] == "low"
        assert [tag["key"] for tag in found["tags"]] == ["high", "low"]

    def test_numbers_are_codes_and_texts_by_their_digits(
        self, desk: Installation
    ) -> None:
        person: Item = {"externalReferenceCode": 5, "fullName": 4711.0}
        write(desk, "C_Person", person)

        (outcome,) = write(
            desk,
            "C_Ticket",
            {"externalReferenceCode": 7, "title": 1e17, "r_owner_c_personERC": 5},
        )

        assert outcome == Outcome(CREATED, "7")
        assert read(desk, "C_Person", "externalReferenceCode", "fullName") == [
            {"externalReferenceCode": "5", "fullName": "4711"}
        ]
        assert read(desk, "C_Ticket", "title", "r_owner_c_personERC") == [
            {"title": "100000000000000000", "r_owner_c_personERC": "5"}
        ]

    @pytest.mark.parametrize(
        ("values", "name", "message"),
        [
            (
                {"amount": "abc"},
                "amount",
                '"abc" in the field "amount" is not a whole number. Object entry value '
                "exceeds integer field allowed size",
            ),
            (
                {"level": {"name": "Ghost"}},
                "level",
                'The picklist of the field "level" has no entry named "Ghost". Its '
                'entries: low (Low), high (High). Object field name "level" is not '
                "mapped to a valid list type entry",
            ),
        ],
    )
    def test_a_message_states_the_cause_first(
        self, desk: Installation, values: Item, name: str, message: str
    ) -> None:
        (outcome,) = write(desk, "C_Ticket", {**ticket("T-1"), **values})

        assert outcome.problem is not None
        assert (outcome.problem.field, outcome.problem.message) == (name, message)

    def test_children_within_their_parent_fail_the_record(
        self, desk: Installation
    ) -> None:
        """They were dropped, and nobody was told."""
        person: Item = {"externalReferenceCode": "P", "fullName": "Ada"}
        child = ticket("T-1")

        bad, empty = write(
            desk,
            "C_Person",
            {**person, "owner": [child]},
            {**person, "owner": []},
        )

        assert told(bad) == (
            "nested-children",
            "owner",
            'The record holds children in "owner": 1 of C_Ticket. Import them as '
            "records of their own, with the code of their parent in "
            '"r_owner_c_personERC", and leave "owner" out of this one',
        )
        assert empty == Outcome(CREATED, "P")
        assert read(desk, "C_Ticket") == []

    def test_unknown_fields_are_ignored(self, desk: Installation) -> None:
        item = ticket("T-1", ghost=1, id=77, dateCreated="never", actions={"a": [1]})

        assert kinds(write(desk, "C_Ticket", item)) == [CREATED]
        assert read(desk, "C_Ticket", "dateCreated")[0]["dateCreated"] != "never"

    def test_an_empty_batch_is_written(self, desk: Installation) -> None:
        assert write(desk, "C_Ticket") == []

    def test_a_reader_keeps_nobody_from_writing(self, desk: Installation) -> None:
        write(desk, "C_Ticket", *(ticket(f"T-{number}") for number in range(1500)))
        items = desk.read(type_named(desk, "C_Ticket"), Query())
        next(items)

        assert kinds(write(desk, "C_Ticket", ticket("NEW"))) == [CREATED]
        assert len(list(items)) in {1499, 1500}  # with the new one, or without

    def test_a_file_comes_back_with_its_content(self, desk: Installation) -> None:
        write(desk, "ObjectDefinition", LETTER)
        scan = {"externalReferenceCode": "F", "fileBase64": "eHh4", "name": "a.pdf"}
        letter = {"externalReferenceCode": "L", "scan": scan}

        outcomes = write(desk, "C_Letter", letter)
        exported = read(desk, "C_Letter")

        assert kinds(outcomes) == [CREATED]
        found = exported[0]["scan"]
        assert {name: found[name] for name in scan} == scan
        assert (found["extension"], found["mimeType"], found["size"]) == (
            "pdf",
            "application/pdf",
            3,
        )
        assert kinds(write(desk, "C_Letter", *exported)) == [UNCHANGED]

    def test_a_file_is_found_by_its_code_before_its_id(
        self, desk: Installation
    ) -> None:
        write(desk, "ObjectDefinition", LETTER)
        files = [
            {"externalReferenceCode": code, "fileBase64": "eHh4", "name": name}
            for code, name in [("F-1", "one.pdf"), ("F-2", "two.pdf")]
        ]
        letters = [
            {"externalReferenceCode": f"L-{number}", "scan": scan}
            for number, scan in enumerate(files)
        ]
        write(desk, "C_Letter", *letters)
        first_id = read(desk, "C_Letter", "scan")[0]["scan"]["id"]
        named = {"externalReferenceCode": "F-2", "id": first_id}

        write(desk, "C_Letter", {"externalReferenceCode": "L-3", "scan": named})
        write(desk, "C_Letter", {"externalReferenceCode": "L-4", "scan": first_id})

        found = [each["scan"]["name"] for each in read(desk, "C_Letter", "scan")]
        assert found == ["one.pdf", "two.pdf", "two.pdf", "one.pdf"]

    def test_a_file_that_is_not_here_fails_its_record_alone(
        self, desk: Installation
    ) -> None:
        write(desk, "ObjectDefinition", LETTER)
        ghost = {"externalReferenceCode": "GHOST"}
        missing = {"externalReferenceCode": "L-1", "scan": ghost}
        brought = {"fileBase64": "eHh4", "name": "a.pdf"}

        outcomes = write(
            desk,
            "C_Letter",
            missing,
            {"externalReferenceCode": "L-2", "scan": brought},
        )

        assert kinds(outcomes) == [FAILED, CREATED]
        assert told(outcomes[0])[:2] == ("no-such-file-entry", "scan")

    def test_entries_of_every_site_are_read(self, installation: Installation) -> None:
        """Where no site is named, all of them count; a filter holds in each."""
        write(installation, "ObjectDefinition", SHELF)
        code, site = "externalReferenceCode", "scopeKey"
        shelves = [
            {code: "S-1", site: "Guest", "title": "left"},
            {code: "S-1", site: "north/east", "title": "right"},
            {code: "S-2", site: "north/east", "title": "left"},
        ]
        write(installation, "C_Shelf", *shelves)
        shelf = type_named(installation, "C_Shelf")
        names = (code, site, "title")

        items = installation.read(shelf, Query(fields=names))
        left = installation.read(shelf, Query(fields=names, filter="title eq 'left'"))
        nothing = installation.read(shelf, Query(filter="title eq 'none'"))

        assert (length_hint(items), list(items)) == (3, shelves)
        assert list(left) == [shelves[0], shelves[2]]
        assert list(nothing) == []
        with pytest.raises(InvalidQuery):
            installation.read(shelf, Query(filter="title eq"))

    def test_closing_twice_is_harmless(self, installation: Installation) -> None:
        installation.close()
        installation.close()


_SYSTEM: Final = frozenset({"creator", "dateCreated", "dateModified", "id"})
