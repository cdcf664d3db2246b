"""Fields that a definition calls read-only keep what they have."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from orjson import dumps, loads

from dmc_widgets.model.outcome import OutcomeKind, Problem
from dmc_widgets.model.strategies import Policy, UpdateStrategy
from dmc_widgets.objects.entries.decisions import EntryDecider
from dmc_widgets.objects.entries.rule_compiler import compile_entry_rules
from dmc_widgets.objects.entries.stored_entries import BatchContext, StoredEntry
from dmc_widgets.objects.fields.relationship import ParentDefinition

REPLACE = Policy()
CHANGE = Policy(update_strategy=UpdateStrategy.PARTIAL_UPDATE)

BODY: dict[str, Any] = {
    "name": "Ticket",
    "objectFields": [
        {"name": "title", "businessType": "Text", "readOnly": "false"},
        {"name": "grade", "businessType": "Text", "readOnly": "true"},
        {"name": "done", "businessType": "Boolean", "readOnly": "true"},
        {"name": "maybe", "businessType": "Text", "readOnly": "conditional"},
        {
            "name": "size",
            "businessType": "Integer",
            "readOnly": "true",
            "objectFieldSettings": [{"name": "defaultValue", "value": "3"}],
        },
        {
            "name": "note",
            "businessType": "Text",
            "localized": True,
            "readOnly": "true",
        },
        {
            "name": "r_owner_c_personId",
            "businessType": "Relationship",
            "objectDefinitionExternalReferenceCode1": "PERSON",
            "readOnly": "true",
        },
        {"name": "number", "businessType": "AutoIncrement", "readOnly": "true"},
    ],
}
STORED = {
    "grade": "A",
    "note": "Hi",
    "note_i18n": {"de_DE": "Na", "en_US": "Hi"},
    "number": "1",
    "r_owner_c_personERC": "P",
    "size": 4,
    "title": "a",
}


def decide(
    values: dict[str, Any], policy: Policy = REPLACE, *, stored: bool = True
) -> tuple[OutcomeKind | Problem, dict[str, Any]]:
    """Return what becomes of an entry, and what is then to be written."""
    rules = compile_entry_rules(7, BODY, {}, {"PERSON": ParentDefinition(id=9)})
    found = BatchContext(parents={9: {"P", "Q"}})
    if stored:
        found.entries["T"] = StoredEntry(1, 0, dumps(STORED))
    new_id = itertools.count(100).__next__
    decider = EntryDecider(rules, policy, found, new_id, lambda: "NEW")
    outcome = decider.decide(rules.check({"externalReferenceCode": "T", **values}))
    bodies = [body for _, _, body in decider.changes.created.values()]
    bodies += [body for _, body in decider.changes.updated.values()]
    written = loads(bodies[0]) if bodies else {}
    return outcome.problem or outcome.kind, written


@pytest.mark.parametrize("policy", [REPLACE, CHANGE], ids=["replace", "change"])
@pytest.mark.parametrize(
    ("field", "value", "shown"),
    [
        pytest.param("grade", "B", '"B"', id="another"),
        pytest.param("grade", None, "null", id="none"),
        pytest.param("done", True, "true", id="first"),
        pytest.param("size", 5, "5", id="not-the-default"),
        pytest.param(
            "note_i18n",
            {"de_DE": "Oh", "en_US": "Hi"},
            '{"de_DE": "Oh", "en_US": "Hi"}',
            id="translation",
        ),
        pytest.param("r_owner_c_personERC", "Q", '"Q"', id="parent"),
        pytest.param("number", "2", '"2"', id="number"),
    ],
)
def test_new_value_is_refused(
    policy: Policy, field: str, value: Any, shown: str
) -> None:
    name = field.removesuffix("_i18n").replace("ERC", "Id")
    problem, written = decide({"title": "b", field: value}, policy)

    assert problem == Problem(
        "read-only",
        f'The object field "{name}" is read-only and keeps the value that it has. '
        "Leave it out of the mapping",
        name,
        shown,
    )
    assert written == {}


@pytest.mark.parametrize("policy", [REPLACE, CHANGE], ids=["replace", "change"])
def test_stored_value_is_accepted(policy: Policy) -> None:
    """So that an export can be imported again."""
    assert decide(STORED, policy) == (OutcomeKind.UNCHANGED, {})


@pytest.mark.parametrize("policy", [REPLACE, CHANGE], ids=["replace", "change"])
def test_omitted_read_only_value_stays(policy: Policy) -> None:
    kind, written = decide({"title": "b"}, policy)

    assert (kind, written) == (OutcomeKind.UPDATED, {**STORED, "title": "b"})


def test_new_entry_accepts_only_defaults_and_numbers() -> None:
    """A blank value and false are as good as none."""
    given = {"title": "b", "grade": "", "done": False, "size": 3}

    kind, made = decide(given, stored=False)

    assert (kind, made) == (OutcomeKind.CREATED, {**given, "number": "1"})
    problem, _ = decide({"title": "b", "grade": "A"}, stored=False)
    assert isinstance(problem, Problem)
    assert problem.code == "read-only"


def test_condition_is_not_evaluated() -> None:
    kind, written = decide({"title": "a", "maybe": "x"}, CHANGE)

    assert (kind, written["maybe"]) == (OutcomeKind.UPDATED, "x")
