"""Unique values, parents, links and files."""

from __future__ import annotations

from typing import Any

import pytest

from ..model.outcome import Outcome
from ..ports import Installation, Item
from .installation_fixtures import InstallationFixtures
from .samples import (
    CREATED,
    FAILED,
    LETTER,
    UNCHANGED,
    UPDATED,
    failure_of,
    kinds,
    read,
    ticket,
    write,
)


class RelationshipContract(InstallationFixtures):
    """What connects entries with each other and with files."""

    def test_a_unique_value_belongs_to_one_record(self, desk: Installation) -> None:
        write(desk, "C_Ticket", ticket("T-1", token="a"))

        same, blank, blank_too = write(
            desk,
            "C_Ticket",
            ticket("T-2", token="a"),
            ticket("T-3", token=""),
            ticket("T-4", token=""),
        )

        assert failure_of(same) == (
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
            ({"r_owner_c_personERC": "absent"}, "r_owner_c_personERC"),
            ({"r_owner_c_personERC": "a\0b"}, "r_owner_c_personERC"),
            ({"r_owner_c_personERC": "\ud800"}, "r_owner_c_personERC"),
            ({"r_owner_c_personId": 987654}, "r_owner_c_personId"),
            ({"r_owner_c_personId": 2**70}, "r_owner_c_personId"),
            ({"owner": {"externalReferenceCode": "absent"}}, "r_owner_c_personERC"),
        ],
        ids=["code", "nul", "surrogate", "id", "huge-id", "nested"],
    )
    def test_a_parent_that_is_not_here_is_refused(
        self, desk: Installation, link: Item, name: str
    ) -> None:
        (outcome,) = write(desk, "C_Ticket", ticket("T-1", **link))

        assert failure_of(outcome) == (
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

        assert failure_of(outcome)[0] == "no-such-related-object-entry"

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

        assert failure_of(outcome)[:2] == (code, "watched")
        codes = [{"externalReferenceCode": "T-1"}]
        assert read(desk, "C_Person", "watched") == [{"watched": codes}]

    def test_the_twin_of_a_relationship_is_no_link(self, desk: Installation) -> None:
        (outcome,) = write(desk, "C_Ticket", ticket("T-1", ownerERC="absent"))

        assert outcome.kind is CREATED

    def test_a_parent_is_taken_away_by_null(self, desk: Installation) -> None:
        write(desk, "C_Person", {"externalReferenceCode": "P", "fullName": "Ada"})
        write(desk, "C_Ticket", ticket("T-1", r_owner_c_personERC="P"))

        write(desk, "C_Ticket", ticket("T-1", r_owner_c_personERC=None))

        assert read(desk, "C_Ticket", "r_owner_c_personERC", "r_owner_c_personId") == [
            {"r_owner_c_personERC": "", "r_owner_c_personId": 0}
        ]

    def test_a_file_comes_back_with_its_content(self, desk: Installation) -> None:
        write(desk, "ObjectDefinition", LETTER)
        scan = {"externalReferenceCode": "F", "fileBase64": "eHh4", "name": "a.pdf"}
        letter = {"externalReferenceCode": "L", "scan": scan}

        outcomes = write(desk, "C_Letter", letter)
        exported = read(desk, "C_Letter")

        assert kinds(outcomes) == [CREATED]
        given_out = exported[0]["scan"]
        assert {name: given_out[name] for name in scan} == scan
        assert (given_out["extension"], given_out["mimeType"], given_out["size"]) == (
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

        names = [letter["scan"]["name"] for letter in read(desk, "C_Letter", "scan")]
        assert names == ["one.pdf", "two.pdf", "two.pdf", "one.pdf"]

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
        assert failure_of(outcomes[0])[:2] == ("no-such-file-entry", "scan")

    def test_children_within_their_parent_fail_the_record(
        self, desk: Installation
    ) -> None:
        """Dropping them silently would lose entries."""
        person: Item = {"externalReferenceCode": "P", "fullName": "Ada"}
        child = ticket("T-1")

        bad, empty = write(
            desk,
            "C_Person",
            {**person, "owner": [child]},
            {**person, "owner": []},
        )

        assert failure_of(bad) == (
            "nested-children",
            "owner",
            'The record holds children in "owner": 1 of C_Ticket. Import them as '
            "records of their own, with the code of their parent in "
            '"r_owner_c_personERC", and leave "owner" out of this one',
        )
        assert empty == Outcome(CREATED, "P")
        assert read(desk, "C_Ticket") == []
