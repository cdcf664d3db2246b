"""Entity types, queries and reading."""

from __future__ import annotations

from operator import length_hint

import pytest

from ..errors import InvalidQuery, UnknownName
from ..model.entity_type import OBJECT_ENTRY, EntityType, sort_entity_types
from ..ports import Installation, Query
from .installation_fixtures import InstallationFixtures
from .samples import (
    CREATED,
    SHELF,
    SYSTEM_PROPERTIES,
    kinds,
    read,
    read_in_pages,
    ticket,
    type_named,
    write,
)


class ReadingContract(InstallationFixtures):
    """What an installation offers and gives out."""

    def test_an_empty_installation_offers_the_kinds_of_definitions(
        self, installation: Installation
    ) -> None:
        known = installation.entity_types()

        assert [kind.name for kind in known if not kind.part_of] == [
            "ListTypeDefinition",
            "ObjectDefinition",
            "ObjectFolder",
        ]
        assert all(kind.part_of for kind in known[3:])

    def test_entity_types_come_by_label_with_one_a_published_object(
        self, desk: Installation
    ) -> None:
        """The parts of documents come after all that stand alone."""
        known = desk.entity_types()
        labels = [kind.label for kind in known if not kind.part_of]

        assert labels == sorted(labels)
        assert known == sort_entity_types(known)
        assert "Ticket (v1.0 - Liferay Object REST)" in labels

    def test_an_unknown_entity_type_is_named(self, desk: Installation) -> None:
        ghost = EntityType(name="C_Ghost", label="", class_name=OBJECT_ENTRY)

        with pytest.raises(UnknownName, match=r"C_Ghost.*C_Person, C_Ticket"):
            list(desk.read(ghost, Query()))

    def test_a_record_comes_back_with_every_field(self, desk: Installation) -> None:
        write(desk, "C_Ticket", ticket("T-1", level="low", tags="low, high", amount=3))

        (item,) = read(desk, "C_Ticket")

        custom = {
            name: item[name] for name in sorted(item) if name not in SYSTEM_PROPERTIES
        }
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

        ticket_ = type_named(desk, "C_Ticket")
        items = list(desk.read(ticket_, query))

        assert " ".join(item["externalReferenceCode"] for item in items) == codes
        assert read_in_pages(desk.read(ticket_, query)) in (None, items)

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

        fetched = desk.fetch(type_named(desk, "C_Ticket"), ["T-2", "T-9", "\ud800"])

        assert list(fetched) == ["T-2"]
        assert fetched["T-2"]["title"] == "Ticket T-2"

    def test_reading_does_not_block_writing(self, desk: Installation) -> None:
        write(desk, "C_Ticket", *(ticket(f"T-{number}") for number in range(1500)))
        items = desk.read(type_named(desk, "C_Ticket"), Query())
        next(items)

        assert kinds(write(desk, "C_Ticket", ticket("NEW"))) == [CREATED]
        assert len(list(items)) in {1499, 1500}  # with the new one, or without

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
        paged = installation.read(shelf, Query(fields=names))
        assert read_in_pages(paged) in (None, shelves)
        with pytest.raises(InvalidQuery):
            installation.read(shelf, Query(filter="title eq"))

    def test_closing_twice_is_harmless(self, installation: Installation) -> None:
        installation.close()
        installation.close()
