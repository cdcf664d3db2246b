"""Merges: both sides keep what they have."""

from __future__ import annotations

from typing import Any, Final

import pytest

from ..model.merge_choices import MergeChoices
from ..model.outcome import LEFT_OUT, Outcome
from ..model.strategies import Policy, UpdateStrategy
from ..ports import Batch, Installation, Item, OutcomeRecall
from .installation_fixtures import InstallationFixtures
from .samples import (
    CREATED,
    DEFINITIONS,
    PICKLIST,
    UNCHANGED,
    UPDATED,
    field,
    kinds,
    read,
    ticket,
    type_named,
    write,
)

MERGE: Final = Policy(update_strategy=UpdateStrategy.MERGE)
_TICKET: Final = DEFINITIONS[1]


def _only(*paths: str) -> Policy:
    choices = MergeChoices(only=paths)
    return Policy(update_strategy=UpdateStrategy.MERGE, merge=choices)


class MergeContract(InstallationFixtures):
    """What becomes of documents and entries that are merged."""

    def test_merged_definition_keeps_the_fields_and_values_of_the_target(
        self, desk: Installation
    ) -> None:
        write(desk, "C_Ticket", ticket("T-1", notes="long"))
        given = _TICKET | {
            "label": {"en_US": "Case"},
            "objectFields": [field("title", "Text"), field("city", "Text")],
        }

        outcomes = write(desk, "ObjectDefinition", given, policy=MERGE)

        assert outcomes == [Outcome(UPDATED, "TICKET")]
        stored = _stored(desk, "ObjectDefinition", "TICKET")
        custom = [x["name"] for x in stored["objectFields"] if not x["system"]]
        relationship = "r_owner_c_personId"
        own = [x["name"] for x in _TICKET["objectFields"]]
        assert sorted(custom) == sorted([*own, relationship, "city"])
        assert stored["label"] == {"en_US": "Case"}
        assert read(desk, "C_Ticket", "notes") == [{"notes": "long"}]
        again = write(desk, "ObjectDefinition", given, policy=MERGE)
        assert again == [Outcome(UNCHANGED, "TICKET")]

    def test_merged_picklist_keeps_the_keys_of_the_target(
        self, desk: Installation
    ) -> None:
        given = PICKLIST | {"listTypeEntries": [{"key": "top", "name": "Top"}]}

        assert kinds(write(desk, "ListTypeDefinition", given, policy=MERGE)) == [
            UPDATED
        ]

        stored = _stored(desk, "ListTypeDefinition", "LEVELS")
        keys = [x["key"] for x in stored["listTypeEntries"]]
        assert keys == ["low", "high", "top"]

    def test_what_is_not_accepted_stays(self, desk: Installation) -> None:
        other: Item = _TICKET | {"externalReferenceCode": "NEW", "name": "New"}
        changed = _TICKET | {"label": {"en_US": "Case"}, "objectFields": []}
        entries = [{"key": "low", "name": "Lowest"}, {"key": "top", "name": "Top"}]
        keys = PICKLIST | {"listTypeEntries": entries}

        outcomes = write(
            desk, "ObjectDefinition", other, changed, policy=_only("Ticket.pluralLabel")
        )
        assert outcomes == [
            Outcome(UNCHANGED, "NEW", note=LEFT_OUT),
            Outcome(UNCHANGED, "TICKET"),
        ]
        policy = _only("Levels.listTypeEntries.top")
        outcomes = write(desk, "ListTypeDefinition", keys, policy=policy)
        assert kinds(outcomes) == [UPDATED]
        stored = _stored(desk, "ListTypeDefinition", "LEVELS")
        names = {x["key"]: x["name"] for x in stored["listTypeEntries"]}
        assert names == {"low": "Low", "high": "High", "top": "Top"}

    def test_a_key_of_the_target_goes_where_it_is_named(
        self, desk: Installation
    ) -> None:
        given = PICKLIST | {"listTypeEntries": [PICKLIST["listTypeEntries"][0]]}

        write(desk, "ListTypeDefinition", given, policy=_only("listTypeEntries.high"))

        stored = _stored(desk, "ListTypeDefinition", "LEVELS")
        assert [x["key"] for x in stored["listTypeEntries"]] == ["low"]

    def test_merged_parts_keep_what_they_do_not_state(self, desk: Installation) -> None:
        owner = {"objectDefinitionExternalReferenceCode": "TICKET"}
        given = owner | {
            "name": "title",
            "businessType": "Text",
            "DBType": "String",
            "label": {"de_DE": "Titel"},
        }
        new = owner | field("city", "Text", DBType="String")

        outcomes = write(desk, "ObjectField", given, new, policy=MERGE)

        assert kinds(outcomes) == [UPDATED, CREATED]
        fields = _stored(desk, "ObjectDefinition", "TICKET")["objectFields"]
        title = next(x for x in fields if x["name"] == "title")
        assert title["label"] == {"de_DE": "Titel", "en_US": "title"}
        assert title["required"] is True

        policy = _only("Ticket.objectFields.title")
        zip_code = owner | field("zip", "Text", DBType="String")
        outcomes = write(desk, "ObjectField", zip_code, policy=policy)
        assert outcomes == [Outcome(UNCHANGED, "TICKET/zip", note=LEFT_OUT)]

    @pytest.mark.parametrize("nothing", [None, ""], ids=["null", "empty"])
    def test_a_merge_of_entries_replaces_no_value_by_nothing(
        self, desk: Installation, nothing: Any
    ) -> None:
        write(desk, "C_Person", {"externalReferenceCode": "P", "fullName": "Ada"})
        full = ticket(
            "T-1", notes="long", tags=["low"], amount=7, r_owner_c_personERC="P"
        )
        write(desk, "C_Ticket", full)
        given = {
            "externalReferenceCode": "T-1",
            "title": "New",
            "notes": nothing,
            "amount": nothing,
            "tags": [],
            "r_owner_c_personERC": nothing,
        }

        outcomes = write(
            desk, "C_Ticket", given, ticket("T-2", notes=nothing), policy=MERGE
        )

        assert kinds(outcomes) == [UPDATED, CREATED]
        names = ("title", "notes", "amount", "tags", "r_owner_c_personERC")
        first = read(desk, "C_Ticket", *names)[0]
        first["tags"] = [x if isinstance(x, str) else x["key"] for x in first["tags"]]
        assert first == {
            "title": "New",
            "notes": "long",
            "amount": 7,
            "tags": ["low"],
            "r_owner_c_personERC": "P",
        }

    def test_what_became_of_a_merge_is_told_afterwards(
        self, desk: Installation
    ) -> None:
        assert isinstance(desk, OutcomeRecall)
        other: Item = _TICKET | {"externalReferenceCode": "NEW", "name": "New"}
        changed = _TICKET | {"label": {"en_US": "Case"}}
        policy = _only("Ticket.label")
        batch = Batch(task="merged", number=1, items=[other, changed], policy=policy)
        definitions = type_named(desk, "ObjectDefinition")

        written = desk.write(definitions, batch)

        assert kinds(written) == [UNCHANGED, UPDATED]
        assert desk.recall(definitions, batch) == written
        assert desk.write(definitions, batch) == written


def _stored(desk: Installation, kind: str, erc: str) -> Item:
    return desk.fetch(type_named(desk, kind), [erc])[erc]
