"""Batches, strategies and their outcomes."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from ..model.outcome import GENERATED_KEY, Outcome
from ..model.strategies import ErrorStrategy, ImportStrategy, Policy
from ..ports import Batch, Installation, OutcomeRecall
from .installation_fixtures import InstallationFixtures
from .samples import (
    CONTINUE,
    CREATED,
    FAILED,
    INSERT,
    PARTIAL,
    SKIPPED,
    UNCHANGED,
    UPDATE,
    UPDATED,
    failure_of,
    kinds,
    read,
    ticket,
    type_named,
    write,
)


class StrategyContract(InstallationFixtures):
    """What becomes of the records of a batch."""

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
        recalled = desk.recall(tickets, replace(batch, items=codes))
        assert recalled is not None
        assert kinds(recalled) == kinds(written)
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

        assert [outcome.note for outcome in (absent, null, blank)] == [
            GENERATED_KEY
        ] * 3
        assert len({absent.key, null.key, blank.key}) == 3

    def test_insert_refuses_a_code_that_is_there(self, desk: Installation) -> None:
        write(desk, "C_Ticket", ticket("T-1"))

        (outcome,) = write(desk, "C_Ticket", ticket("T-1", title="x"), policy=INSERT)

        code, name, message = failure_of(outcome)
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

        assert failure_of(outcome)[0] == "unique-value-constraint-violation"
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

        assert failure_of(missing) == (
            "no-such-object-entry",
            "externalReferenceCode",
            "No object entry exists with the external reference code T-1",
        )
        assert failure_of(nameless)[0] == "no-such-object-entry"
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

    def test_an_empty_batch_is_written(self, desk: Installation) -> None:
        assert write(desk, "C_Ticket") == []
