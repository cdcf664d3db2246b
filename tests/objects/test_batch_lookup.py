"""The look-ups of a batch, and the sources of rules: what is asked, and what not."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence, Set
from typing import Any

import orjson
import pytest

from dmc_widgets.objects.documents.change_set import DEFINITION, PICKLIST
from dmc_widgets.objects.entries.attachment_files import BatchFiles
from dmc_widgets.objects.entries.batch_lookup import look_up_batch
from dmc_widgets.objects.entries.rule_sources import (
    SourceDocument,
    compile_rule_sources,
    read_rule_sources,
)
from dmc_widgets.objects.entries.stored_entries import StoredEntry
from dmc_widgets.objects.entries.validation import ValidatedEntry
from dmc_widgets.objects.fields.many_to_many import LinkContext
from dmc_widgets.objects.fields.relationship import ParentDefinition

TASK: dict[str, Any] = {
    "name": "Task",
    "objectFields": [
        {"name": "title", "businessType": "Text"},
        {
            "name": "code",
            "businessType": "Text",
            "objectFieldSettings": [
                {"name": "uniqueValues", "value": True},
                {"name": "defaultValueType", "value": "inputAsValue"},
                {"name": "defaultValue", "value": "new"},
            ],
        },
        {
            "name": "state",
            "businessType": "Picklist",
            "listTypeDefinitionExternalReferenceCode": "STATES",
        },
        {
            "name": "r_owner_c_personId",
            "businessType": "Relationship",
            "objectDefinitionExternalReferenceCode1": "PERSON",
        },
    ],
}
PERSON = {
    "name": "Person",
    "scope": "site",
    "objectRelationships": [
        {
            "name": "watched",
            "type": "manyToMany",
            "objectDefinitionExternalReferenceCode2": "TASK",
        }
    ],
}
PLAIN = {"name": "Plain", "objectFields": [{"name": "title", "businessType": "Text"}]}


class Reader:
    """Documents in memory, their bodies as bytes, as tables hold them."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, list[str]]] = []

    def find_definition(self, name: str) -> SourceDocument:
        body = TASK if name == "Task" else PLAIN
        return SourceDocument(7, name.upper(), orjson.dumps(body))

    def read_documents(self, kind: str, ercs: Collection[str]) -> list[SourceDocument]:
        self.asked.append((kind, sorted(ercs)))
        known = {"PERSON": SourceDocument(9, "PERSON", orjson.dumps(PERSON))}
        return [known[erc] for erc in sorted(ercs) if erc in known]

    def find_reverse_links(self, erc: str) -> list[tuple[str, str]]:
        return [("PERSON", "watched")] if erc == "TASK" else []


class Lookup:
    """Answers like a target without entries; remembers the questions."""

    def __init__(self) -> None:
        self.asked: list[object] = []

    def find_entries(self, ercs: Collection[str]) -> dict[str, StoredEntry]:
        self.asked.append(("entries", sorted(ercs)))
        return {}

    def last_numbers(self) -> dict[str, int]:
        self.asked.append("numbers")
        return {}

    def find_parents(self, parent: ParentDefinition, ercs: Set[str]) -> Collection[str]:
        self.asked.append(("parents", parent.id, sorted(ercs)))
        return ercs

    def find_by_id(self, ids: Set[int], beside: Set[int]) -> dict[int, tuple[int, str]]:
        self.asked.append(("by id", sorted(ids), sorted(beside)))
        return {}

    def find_links(
        self, items: Sequence[ValidatedEntry], stored: Mapping[str, StoredEntry]
    ) -> LinkContext:
        self.asked.append(("links", len(items), len(stored)))
        return LinkContext()

    def find_owners(self, field: str, values: Mapping[str, Any]) -> dict[str, int]:
        self.asked.append(("owners", field, sorted(values)))
        return {"new": 5}

    def find_files(
        self, items: Sequence[ValidatedEntry], stored: Collection[StoredEntry]
    ) -> BatchFiles:
        self.asked.append(("files", len(items), len(stored)))
        return BatchFiles()


def test_rules_read_only_the_documents_that_they_need() -> None:
    """One question a kind, whatever the definitions are needed for."""
    reader = Reader()

    read_rule_sources(reader, "Plain")
    read_rule_sources(reader, "Task")

    assert reader.asked == [(PICKLIST, ["STATES"]), (DEFINITION, ["PERSON"])]


def test_equal_documents_are_equal_sources() -> None:
    """Rules are compiled again only if the sources have changed."""
    first, second = (read_rule_sources(Reader(), "Task") for _ in range(2))

    assert first == second
    assert first != read_rule_sources(Reader(), "Plain")


def test_relationships_are_compiled_from_both_sides() -> None:
    """The parent, and the many-to-many relationship that the other side declares."""
    rules = compile_rule_sources(read_rule_sources(Reader(), "Task"))

    person = ParentDefinition(id=9, company_scoped=False)
    assert [link.parent for link in rules.links] == [person]
    assert [(x.name, x.other, x.other_name, x.reverse) for x in rules.many] == [
        ("watched", person, "Person", True)
    ]


def test_keys_of_an_unread_picklist_pass() -> None:
    """It is better to miss a problem than to make one up."""
    rules = compile_rule_sources(read_rule_sources(Reader(), "Task"))

    assert rules.check({"state": "any"}).problem is None


@pytest.mark.parametrize(
    ("name", "item", "asked"),
    [
        ("Plain", {"title": "a"}, []),
        ("Plain", {"externalReferenceCode": "A"}, [("entries", ["A"])]),
        (
            "Task",
            {"r_owner_c_personERC": "P", "r_owner_c_personId": 3},
            [
                ("parents", 9, ["P"]),
                ("by id", [], [3]),
                ("links", 1, 0),
                ("owners", "code", ["new"]),
            ],
        ),
        (
            "Task",
            {"r_owner_c_personId": 3, "code": "x"},
            [
                ("by id", [3], []),
                ("links", 1, 0),
                ("owners", "code", ["new", "x"]),
            ],
        ),
    ],
    ids=["nothing", "entries", "parent by code", "parent by id"],
)
def test_a_batch_asks_only_for_what_its_rules_need(
    name: str, item: dict[str, Any], asked: list[object]
) -> None:
    """A question that the rules do not need would cost a request a batch."""
    rules = compile_rule_sources(read_rule_sources(Reader(), name))
    lookup = Lookup()

    context = look_up_batch(rules, [rules.check(item)], lookup)

    assert lookup.asked == asked
    assert context.owners == ({("code", "new"): 5} if name == "Task" else {})
