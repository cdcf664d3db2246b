"""Entries that come before what they name, with placeholders in between."""

from __future__ import annotations

from typing import Final

import pytest

from ..model.strategies import ErrorStrategy, ImportStrategy, Policy, UpdateStrategy
from ..ports import Installation, Item, Query
from .installation_fixtures import InstallationFixtures
from .samples import (
    CREATED,
    FAILED,
    SKIPPED,
    UNCHANGED,
    UPDATED,
    failure_of,
    kinds,
    read,
    ticket,
    type_named,
    write,
)

LAZY: Final = Policy(error_strategy=ErrorStrategy.CONTINUE, lazy_references=True)
_EMPTY: Final = {"code": 9, "label": "empty", "label_i18n": "Empty"}


def person(code: str, **values: object) -> Item:
    """Return a person with all that it needs."""
    return {"externalReferenceCode": code, "fullName": code.title(), **values}


def parents(desk: Installation) -> dict[str, str | None]:
    """Return the owner of each ticket, by code."""
    items = read(desk, "C_Ticket", "externalReferenceCode", "r_owner_c_personERC")
    return {x["externalReferenceCode"]: x["r_owner_c_personERC"] for x in items}


def codes(desk: Installation, name: str, filter_: str = "") -> list[str]:
    """Return the codes of the entries that a filter selects."""
    query = Query(fields=("externalReferenceCode",), filter=filter_)
    items = desk.read(type_named(desk, name), query)
    return [item["externalReferenceCode"] for item in items]


class LazyReferenceContract(InstallationFixtures):
    """Lazy references, where an installation offers them."""

    @pytest.fixture
    def lazy(self, desk: Installation) -> Installation:
        """Give the installation, or skip the test if it has no lazy references."""
        if not type_named(desk, "C_Ticket").lazy_references:
            pytest.skip("The installation has no lazy references.")
        return desk

    def test_without_the_choice_a_missing_parent_is_refused(
        self, lazy: Installation
    ) -> None:
        (outcome,) = write(lazy, "C_Ticket", ticket("T-1", r_owner_c_personERC="P"))

        assert failure_of(outcome)[0] == "no-such-related-object-entry"
        assert codes(lazy, "C_Person", "status eq 9") == []

    def test_a_child_may_come_before_its_parent(self, lazy: Installation) -> None:
        child = ticket("T-1", r_owner_c_personERC="P")

        (outcome,) = write(lazy, "C_Ticket", child, policy=LAZY)

        assert (outcome.kind, outcome.key) == (CREATED, "T-1")
        assert parents(lazy) == {"T-1": "P"}
        assert codes(lazy, "C_Person") == []
        (named,) = lazy.read(type_named(lazy, "C_Person"), Query(filter="status eq 9"))
        assert named["externalReferenceCode"] == "P"
        assert named["status"] == _EMPTY
        assert named["fullName"] is None
        assert lazy.fetch(type_named(lazy, "C_Person"), ["P"]) == {}

    def test_the_parent_is_created_when_it_comes(self, lazy: Installation) -> None:
        write(lazy, "C_Ticket", ticket("T-1", r_owner_c_personERC="P"), policy=LAZY)

        assert kinds(write(lazy, "C_Person", person("P"))) == [CREATED]

        assert codes(lazy, "C_Person", "status eq 9") == []
        assert read(lazy, "C_Person", "fullName", "status") == [
            {
                "fullName": "P",
                "status": {"code": 0, "label": "approved", "label_i18n": "Approved"},
            }
        ]
        assert kinds(write(lazy, "C_Person", person("P"))) == [UNCHANGED]

    def test_children_keep_the_parent_that_was_filled(self, lazy: Installation) -> None:
        child = ticket("T-1", r_owner_c_personERC="P")
        write(lazy, "C_Ticket", child, policy=LAZY)
        write(lazy, "C_Person", person("P"))

        (owner,) = read(lazy, "C_Person", "id")
        assert read(lazy, "C_Ticket", "r_owner_c_personId") == [
            {"r_owner_c_personId": owner["id"]}
        ]
        assert kinds(write(lazy, "C_Ticket", child, policy=LAZY)) == [UNCHANGED]

    def test_a_cycle_and_a_self_reference_in_one_batch(
        self, lazy: Installation
    ) -> None:
        outcomes = write(
            lazy,
            "C_Person",
            person("A", r_boss_c_personERC="B"),
            person("B", r_boss_c_personERC="A"),
            person("C", r_boss_c_personERC="C"),
            policy=LAZY,
        )

        assert kinds(outcomes) == [CREATED] * 3
        assert codes(lazy, "C_Person", "status eq 9") == []
        bosses = read(lazy, "C_Person", "externalReferenceCode", "r_boss_c_personERC")
        assert sorted((*x.values(),) for x in bosses) == [
            ("A", "B"),
            ("B", "A"),
            ("C", "C"),
        ]

    def test_new_records_only_is_no_duplicate_of_a_placeholder(
        self, lazy: Installation
    ) -> None:
        policy = Policy(
            import_strategy=ImportStrategy.INSERT,
            error_strategy=ErrorStrategy.CONTINUE,
            lazy_references=True,
        )
        write(lazy, "C_Ticket", ticket("T-1", r_owner_c_personERC="P"), policy=policy)

        first = write(lazy, "C_Person", person("P"), policy=policy)
        second = write(lazy, "C_Person", person("P"), policy=policy)

        assert kinds(first) == [CREATED]
        assert failure_of(second[0])[0] == "duplicate-external-reference-code"

    def test_updates_only_finds_no_entry_in_a_placeholder(
        self, lazy: Installation
    ) -> None:
        if ImportStrategy.UPDATE not in type_named(lazy, "C_Person").import_strategies:
            pytest.skip("The installation does not offer this strategy.")
        policy = Policy(
            import_strategy=ImportStrategy.UPDATE,
            error_strategy=ErrorStrategy.CONTINUE,
            lazy_references=True,
        )
        write(lazy, "C_Ticket", ticket("T-1", r_owner_c_personERC="P"), policy=LAZY)

        outcomes = write(lazy, "C_Person", person("P"), policy=policy)

        assert kinds(outcomes) == [FAILED]
        assert codes(lazy, "C_Person", "status eq 9") == ["P"]

    def test_changed_fields_fill_a_placeholder_as_a_new_entry(
        self, lazy: Installation
    ) -> None:
        policy = Policy(
            update_strategy=UpdateStrategy.PARTIAL_UPDATE,
            error_strategy=ErrorStrategy.CONTINUE,
            lazy_references=True,
        )
        write(lazy, "C_Ticket", ticket("T-1", r_owner_c_personERC="P"), policy=policy)

        nameless: Item = {"externalReferenceCode": "P"}
        missing = write(lazy, "C_Person", nameless, policy=policy)
        full = write(lazy, "C_Person", person("P"), policy=policy)

        assert failure_of(missing[0])[0] == "required"
        assert kinds(full) == [CREATED]

    def test_a_record_that_fails_leaves_no_placeholder(
        self, lazy: Installation
    ) -> None:
        write(lazy, "C_Ticket", ticket("T-1", token="a"))

        outcomes = write(
            lazy,
            "C_Ticket",
            ticket("T-2", token="a", r_owner_c_personERC="P"),
            policy=LAZY,
        )

        assert kinds(outcomes) == [FAILED]
        assert codes(lazy, "C_Person", "status eq 9") == []

    def test_a_batch_that_stops_keeps_the_placeholders_before(
        self, lazy: Installation
    ) -> None:
        outcomes = write(
            lazy,
            "C_Ticket",
            ticket("T-1", r_owner_c_personERC="P"),
            ticket("T-2", amount="many", r_owner_c_personERC="Q"),
            ticket("T-3", r_owner_c_personERC="R"),
            policy=Policy(lazy_references=True),
        )

        assert kinds(outcomes) == [CREATED, FAILED, SKIPPED]
        assert codes(lazy, "C_Person", "status eq 9") == ["P"]

    def test_a_written_batch_adds_nothing_again(self, lazy: Installation) -> None:
        child = ticket("T-1", r_owner_c_personERC="P")
        write(lazy, "C_Ticket", child, policy=LAZY, number=900)
        write(lazy, "C_Person", person("P"), number=901)

        repeated = write(lazy, "C_Ticket", child, policy=LAZY, number=900)

        assert kinds(repeated) == [CREATED]
        assert codes(lazy, "C_Person") == ["P"]
        assert codes(lazy, "C_Person", "status eq 9") == []

    def test_another_parent_makes_room_for_the_next(self, lazy: Installation) -> None:
        write(lazy, "C_Ticket", ticket("T-1", r_owner_c_personERC="P"), policy=LAZY)

        outcomes = write(
            lazy, "C_Ticket", ticket("T-1", r_owner_c_personERC="Q"), policy=LAZY
        )

        assert kinds(outcomes) == [UPDATED]
        assert codes(lazy, "C_Person", "status eq 9") == ["Q"]

    def test_linked_entries_may_come_later(self, lazy: Installation) -> None:
        (first,) = write(
            lazy, "C_Person", person("A", watched=["T-1", "T-2"]), policy=LAZY
        )
        later = write(lazy, "C_Ticket", ticket("T-1"), policy=LAZY)

        assert kinds([first, *later]) == [CREATED, CREATED]
        assert codes(lazy, "C_Ticket") == ["T-1"]
        assert codes(lazy, "C_Ticket", "status eq 9") == ["T-2"]
        (watcher,) = read(lazy, "C_Ticket", "watched")
        assert [x["externalReferenceCode"] for x in watcher["watched"]] == ["A"]

    def test_keys_of_a_picklist_may_come_later(self, lazy: Installation) -> None:
        outcomes = write(
            lazy,
            "C_Ticket",
            ticket("T-1", level="urgent", tags=["low", "soon"]),
            ticket("T-2", level="lost", amount="many"),
            ticket("T-3", level="High"),
            ticket("T-4", level="not a key"),
            policy=LAZY,
        )

        assert kinds(outcomes) == [CREATED, FAILED, FAILED, FAILED]
        (picklist,) = read(lazy, "ListTypeDefinition", "listTypeEntries")
        choices = {x["key"]: x["name"] for x in picklist["listTypeEntries"]}
        assert choices == {
            "low": "Low",
            "high": "High",
            "soon": "soon",
            "urgent": "urgent",
        }
        (stored,) = read(lazy, "C_Ticket", "level", "tags")
        assert stored["level"] == {"key": "urgent", "name": "urgent"}
        assert [tag["key"] for tag in stored["tags"]] == ["low", "soon"]
