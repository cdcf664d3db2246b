"""Values of entries, the hostile ones included."""

from __future__ import annotations

from decimal import Decimal

import pytest

from ..model.outcome import Outcome
from ..ports import Installation, Item
from .installation_fixtures import InstallationFixtures
from .samples import (
    CREATED,
    FAILED,
    PARTIAL,
    UNCHANGED,
    UPDATED,
    failure_of,
    kinds,
    read,
    ticket,
    write,
)


class ValueContract(InstallationFixtures):
    """What becomes of the values of a record."""

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

        assert (bad.kind, failure_of(bad)[0]) == (FAILED, code)
        assert good == Outcome(CREATED, "GOOD")

    def test_a_picklist_entry_may_be_given_by_its_name(
        self, desk: Installation
    ) -> None:
        values = {"level": {"name": "Low"}, "tags": [{"name": "High"}, "low"]}

        outcomes = write(desk, "C_Ticket", ticket("T-1", **values))
        again = write(desk, "C_Ticket", ticket("T-1", **values))

        assert kinds([*outcomes, *again]) == [CREATED, UNCHANGED]
        (stored,) = read(desk, "C_Ticket", "level", "tags")
        assert stored["level"]["key"] == "low"
        assert [tag["key"] for tag in stored["tags"]] == ["high", "low"]

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

    def test_unknown_fields_are_ignored(self, desk: Installation) -> None:
        item = ticket("T-1", ghost=1, id=77, dateCreated="never", actions={"a": [1]})

        assert kinds(write(desk, "C_Ticket", item)) == [CREATED]
        assert read(desk, "C_Ticket", "dateCreated")[0]["dateCreated"] != "never"
