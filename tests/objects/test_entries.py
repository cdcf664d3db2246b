"""What becomes of an entry: strategies, defaults, required fields, parents."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from orjson import loads

from dmc_widgets.model.outcome import GENERATED_KEY, Outcome, OutcomeKind
from dmc_widgets.model.strategies import ImportStrategy, Policy, UpdateStrategy
from dmc_widgets.objects.entries.decisions import EntryDecider
from dmc_widgets.objects.entries.item_builder import EntryRow, ItemBuilder
from dmc_widgets.objects.entries.rule_compiler import compile_entry_rules
from dmc_widgets.objects.entries.stored_entries import BatchContext, StoredEntry
from dmc_widgets.objects.entries.validation import EntryRules
from dmc_widgets.objects.fields.relationship import ParentDefinition

UPSERT = Policy()
PARTIAL = Policy(update_strategy=UpdateStrategy.PARTIAL_UPDATE)
INSERT = Policy(import_strategy=ImportStrategy.INSERT)
UPDATE = Policy(import_strategy=ImportStrategy.UPDATE)

BODY: dict[str, Any] = {
    "name": "Ticket",
    "enableObjectEntryDraft": True,
    "objectFields": [
        {"name": "createDate", "businessType": "Date", "system": True},
        {"name": "title", "businessType": "Text", "required": True},
        {"name": "agreed", "businessType": "Boolean", "required": False},
        {
            "name": "size",
            "businessType": "Integer",
            "objectFieldSettings": [
                {"name": "defaultValueType", "value": "inputAsValue"},
                {"name": "defaultValue", "value": "3"},
            ],
        },
        {
            "name": "state",
            "businessType": "Picklist",
            "state": True,
            "required": True,
            "defaultValue": "open",
            "listTypeDefinitionExternalReferenceCode": "STATES",
        },
        {"name": "total", "businessType": "Aggregation"},
        {
            "name": "r_owner_c_personId",
            "businessType": "Relationship",
            "objectDefinitionExternalReferenceCode1": "PERSON",
        },
        {
            "name": "r_user_userId",
            "businessType": "Relationship",
            "objectDefinitionExternalReferenceCode1": "L_USER",
        },
        {
            "name": "r_gone_c_ghostId",
            "businessType": "Relationship",
            "objectDefinitionExternalReferenceCode1": "GHOST",
        },
    ],
}
PICKLISTS = {"STATES": {"open": "Open", "closed": "Closed"}}


def rules(**changes: Any) -> EntryRules:
    """Compile the definition above, its fields changed by name."""
    fields = [
        {**field, **changes.get(field["name"], {})} for field in BODY["objectFields"]
    ]
    body = BODY | {"objectFields": fields}
    return compile_entry_rules(7, body, PICKLISTS, {"PERSON": ParentDefinition(id=9)})


def decide(
    *items: dict[str, Any],
    policy: Policy = UPSERT,
    stored: bytes | None = None,
    own: EntryRules | None = None,
) -> tuple[list[Outcome], list[dict[str, Any]]]:
    """Decide items against a stored entry ``T``; return outcomes and what to write."""
    compiled = own or rules()
    found = BatchContext(parents={9: {"P"}}, by_id={5: (9, "P"), 6: (7, "T")})
    if stored is not None:
        found.entries["T"] = StoredEntry(1, 0, stored)
    decider = EntryDecider(
        compiled, policy, found, itertools.count(100).__next__, lambda: "NEW"
    )
    outcomes = [decider.decide(compiled.check(item)) for item in items]
    changes = decider.changes
    bodies = [body for _, _, body in changes.created.values()]
    bodies += [body for _, body in changes.updated.values()]
    return outcomes, [loads(body) for body in bodies]


def item(**values: Any) -> dict[str, Any]:
    return {"externalReferenceCode": "T", "title": "a", **values}


def code_of(outcome: Outcome) -> str:
    return outcome.problem.code if outcome.problem else outcome.kind


def test_new_entry_takes_defaults_for_what_it_leaves_out() -> None:
    outcomes, bodies = decide(item())

    assert outcomes == [Outcome(OutcomeKind.CREATED, "T")]
    assert bodies == [{"size": 3, "state": "open", "title": "a"}]


def test_null_does_not_take_the_default() -> None:
    _, bodies = decide(item(size=None))

    assert bodies == [{"state": "open", "title": "a"}]


def test_default_of_an_expression_is_left_to_liferay() -> None:
    settings = [
        {"name": "defaultValueType", "value": "expressionBuilder"},
        {"name": "defaultValue", "value": "1 + 2"},
    ]
    _, bodies = decide(item(), own=rules(size={"objectFieldSettings": settings}))

    assert bodies == [{"state": "open", "title": "a"}]


def test_replacing_takes_defaults_and_keeps_parents() -> None:
    stored = b'{"r_owner_c_personERC":"P","size":9,"state":"closed","title":"old"}'

    outcomes, bodies = decide(item(), stored=stored)

    assert outcomes == [Outcome(OutcomeKind.UPDATED, "T")]
    assert bodies == [
        {"r_owner_c_personERC": "P", "size": 3, "state": "open", "title": "a"}
    ]


def test_unchanged_parent_is_not_looked_up_again() -> None:
    stored = b'{"r_owner_c_personERC":"deleted since","title":"old"}'

    outcomes, _ = decide(item(), stored=stored)

    assert code_of(outcomes[0]) == "updated"


def test_partial_update_keeps_everything_else() -> None:
    stored = b'{"r_owner_c_personERC":"P","size":9,"state":"closed","title":"old"}'

    outcomes, bodies = decide(
        {"externalReferenceCode": "T", "size": None}, policy=PARTIAL, stored=stored
    )

    assert code_of(outcomes[0]) == "updated"
    assert bodies == [{"r_owner_c_personERC": "P", "state": "closed", "title": "old"}]


def test_partial_update_of_a_missing_entry_adds_it_whole() -> None:
    _, bodies = decide(item(), policy=PARTIAL)

    assert bodies == [{"size": 3, "state": "open", "title": "a"}]


def test_partial_update_cannot_clear_a_required_field() -> None:
    outcomes, _ = decide(
        {"externalReferenceCode": "T", "title": None},
        policy=PARTIAL,
        stored=b'{"state":"open","title":"old"}',
    )

    assert code_of(outcomes[0]) == "required"


@pytest.mark.parametrize(
    ("policy", "stored", "values", "code"),
    [
        (INSERT, None, {}, "created"),
        (INSERT, b"{}", {}, "duplicate-external-reference-code"),
        (INSERT, b"{}", {"title": None}, "required"),
        (UPSERT, None, {}, "created"),
        (UPSERT, b"{}", {}, "updated"),
        (UPDATE, None, {}, "no-such-object-entry"),
        (UPDATE, None, {"size": "x"}, "no-such-object-entry"),
        (UPDATE, b"{}", {"size": "x"}, "exceeds-integer-size"),
        (UPDATE, b"{}", {}, "updated"),
        (UPSERT, b'{"size":3,"state":"open","title":"a"}', {}, "unchanged"),
        (PARTIAL, b'{"state":"open","title":"a"}', {"title": "a"}, "unchanged"),
    ],
)
def test_strategies(
    policy: Policy, stored: bytes | None, values: dict[str, Any], code: str
) -> None:
    outcomes, _ = decide(item(**values), policy=policy, stored=stored)

    assert code_of(outcomes[0]) == code


def test_texts_of_the_strategies() -> None:
    (refused,), _ = decide(item(), policy=INSERT, stored=b"{}")
    (missing,), _ = decide(item(), policy=UPDATE)

    assert refused.problem is not None
    assert refused.problem.message == (
        'An entry with the external reference code "T" exists already, and "Only Add '
        'New Records" changes none. '
        "Duplicate object entry with external reference code T, group ID 0, "
        "and object definition ID 7"
    )
    assert missing.problem is not None
    assert missing.problem.message == (
        "No object entry exists with the external reference code T"
    )


def test_insert_reports_the_existing_entry_before_the_unique_value() -> None:
    own = rules(
        title={
            "label": {"en_US": "Title of it"},
            "objectFieldSettings": [{"name": "uniqueValues", "value": True}],
        }
    )
    found = BatchContext(owners={("title", "a"): 1})
    found.entries["T"] = StoredEntry(1, 0, b'{"title":"a"}')
    decider = EntryDecider(
        own, INSERT, found, itertools.count(2).__next__, lambda: "NEW"
    )

    outcome = decider.decide(own.check(item()))

    assert outcome.problem is not None
    assert outcome.problem.code == "unique-value-constraint-violation"
    assert outcome.problem.message == (
        'An entry with the external reference code "T" exists already, and "Only Add '
        'New Records" changes none. An entry has the value "a" of the field "Title of '
        'it" (title) already, and no two entries may have the same. Unique value '
        "constraint violation for O_20096_Ticket.title_ with value a"
    )
    assert outcome.problem.as_liferay == (
        "Unique value constraint violation for O_20096_Ticket.title_ with value a"
    )


def test_required_boolean_must_be_true() -> None:
    own = rules(agreed={"required": True})

    outcomes, _ = decide(
        item(agreed=True), item(agreed=False), item(agreed="false"), item(), own=own
    )

    codes = [code_of(outcome) for outcome in outcomes]
    assert codes == ["created", "required", "required", "required"]


def test_missing_required_parent_is_reported_by_its_field() -> None:
    own = rules(r_owner_c_personId={"required": True})

    (missed, given), _ = decide(item(), item(r_owner_c_personERC="P"), own=own)

    assert missed.problem is not None
    assert missed.problem.field == "r_owner_c_personId"
    assert code_of(given) == "created"


def test_draft_may_lack_required_values() -> None:
    outcomes, _ = decide({"externalReferenceCode": "T", "status": {"code": 2}})

    assert code_of(outcomes[0]) == "created"


def test_draft_needs_a_definition_with_drafts() -> None:
    own = compile_entry_rules(
        7, BODY | {"enableObjectEntryDraft": False}, PICKLISTS, {}
    )

    (outcome,), _ = decide(item(status={"code": 2}), own=own)

    assert outcome.problem is not None
    assert outcome.problem.message == "Draft status is not allowed"


@pytest.mark.parametrize(
    ("values", "kept"),
    [
        ({"r_owner_c_personERC": "P"}, {"r_owner_c_personERC": "P"}),
        ({"r_owner_c_personId": 5}, {"r_owner_c_personERC": "P"}),
        ({"r_owner_c_personId": "5"}, {"r_owner_c_personERC": "P"}),
        ({"r_owner_c_personId": 0, "r_owner_c_personERC": ""}, {}),
        ({"r_owner_c_personId": None}, {}),
        ({"owner": None}, {}),
        ({"ownerERC": "P"}, {}),
        ({"owner": {"externalReferenceCode": "P"}}, {"r_owner_c_personERC": "P"}),
        ({"owner": {"id": 5}}, {"r_owner_c_personERC": "P"}),
        ({"owner": {"externalReferenceCode": None}}, {}),
        ({"owner": {"id": 0}}, {}),
        ({"owner": {}, "r_owner_c_personERC": "P"}, {"r_owner_c_personERC": "P"}),
        ({"r_user_userERC": 5}, {"r_user_userERC": "5"}),
        ({"r_user_userERC": "ada"}, {"r_user_userERC": "ada"}),
        ({"r_user_userId": 20123, "r_user_userERC": "ada"}, {"r_user_userERC": "ada"}),
    ],
)
def test_parents_are_stored_by_their_code(
    values: dict[str, Any], kept: dict[str, str]
) -> None:
    _, bodies = decide(item(**values))

    assert bodies == [{"size": 3, "state": "open", "title": "a"} | kept]


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"r_owner_c_personERC": "Q"}, "r_owner_c_personERC"),
        ({"r_owner_c_personId": 6}, "r_owner_c_personId"),
        ({"r_owner_c_personId": -1}, "r_owner_c_personId"),
        ({"r_user_userId": 20123}, "r_user_userId"),
        ({"r_gone_c_ghostERC": "G"}, "r_gone_c_ghostERC"),
    ],
    ids=["nobody", "of-another-kind", "negative", "system-by-id", "no-definition"],
)
def test_missing_parent_is_refused(values: dict[str, Any], name: str) -> None:
    (outcome,), _ = decide(item(**values))

    assert outcome.problem is not None
    assert outcome.problem.code == "no-such-related-object-entry"
    assert outcome.problem.as_liferay == f"The value for {name} does not exist"
    assert bool(outcome.problem.cause) is name.endswith("Id")


def test_entry_without_a_code_gets_one() -> None:
    outcomes, _ = decide({"title": "a"})

    assert outcomes == [Outcome(OutcomeKind.CREATED, "NEW", None, GENERATED_KEY)]


def test_computed_and_system_fields_of_an_item_are_ignored() -> None:
    _, bodies = decide(item(total=9, createDate="now"))

    assert bodies == [{"size": 3, "state": "open", "title": "a"}]


def test_output_has_every_field_or_only_the_requested_ones() -> None:
    row = EntryRow(4, "T", 0, b'{"r_owner_c_personERC":"P","state":"gone"}', 0, 0)

    (whole,) = ItemBuilder(rules()).items([row], lambda *_: {"P": 5}, lambda *_: {})
    (some,) = ItemBuilder(rules(), ["ownerERC", "ghost"]).items(
        [row], lambda *_: {}, lambda *_: {}
    )

    assert whole == {
        "agreed": False,
        "creator": {
            "familyName": "Test",
            "givenName": "Test",
            "id": 20123,
            "name": "Test Test",
        },
        "dateCreated": "1970-01-01T00:00:00Z",
        "dateModified": "1970-01-01T00:00:00Z",
        "externalReferenceCode": "T",
        "id": 4,
        "keywords": [],
        "taxonomyCategoryBriefs": [],
        "goneERC": "",
        "ownerERC": "P",
        "userERC": "",
        "r_gone_c_ghostERC": "",
        "r_gone_c_ghostId": 0,
        "r_owner_c_personERC": "P",
        "r_owner_c_personId": 5,
        "r_user_userERC": "",
        "r_user_userId": 0,
        "size": None,
        "state": {"key": "gone", "name": "gone"},
        "status": {"code": 0, "label": "approved", "label_i18n": "Approved"},
        "title": None,
        "total": None,
    }
    assert some == {"ownerERC": "P", "ghost": None}


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"owner": {}}, "owner"),
        ({"owner": {"name": "Ada"}}, "owner"),
        ({"owner": "Ada"}, "owner"),
        ({"owner": {"id": "Ada"}}, "owner"),
        ({"r_owner_c_personId": "Ada"}, "r_owner_c_personId"),
        ({"r_owner_c_personId": {}}, "r_owner_c_personId"),
        ({"r_owner_c_personERC": ["P"]}, "r_owner_c_personERC"),
    ],
)
def test_value_that_is_not_a_parent_is_refused(
    values: dict[str, Any], name: str
) -> None:
    """It would unlink the entry, or leave it unlinked, without a word."""
    (outcome,), _ = decide(item(**values))

    assert outcome.problem is not None
    assert (outcome.problem.code, outcome.problem.field) == ("invalid-value", name)


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (None, "created"),
        ({"code": None, "label": None}, "created"),
        ({"code": 0, "label": "approved"}, "created"),
        ({"label": "Draft"}, "created"),
        ("draft", "created"),
        ({"code": 1, "label": "pending"}, "object-entry-status"),
        ({"label": "expired"}, "object-entry-status"),
        ({}, "object-entry-status"),
        ([0], "object-entry-status"),
        ("ready", "object-entry-status"),
    ],
)
def test_status_that_cannot_be_stored_is_refused(status: Any, code: str) -> None:
    (outcome,), _ = decide(item(status=status))

    assert code_of(outcome) == code


@pytest.mark.parametrize(
    ("stated", "key"),
    [(7, "7"), (7.0, "7"), (1e17, "100000000000000000"), (1.5, "1.5")],
)
def test_number_is_an_external_reference_code_by_its_digits(
    stated: Any, key: str
) -> None:
    (outcome,), _ = decide({"externalReferenceCode": stated, "title": "a"})

    assert (outcome.kind, outcome.key) == (OutcomeKind.CREATED, key)


@pytest.mark.parametrize("stated", [{"a": 1}, ["a"], float("inf")])
def test_value_without_a_text_is_not_an_external_reference_code(stated: Any) -> None:
    (outcome,), _ = decide({"externalReferenceCode": stated, "title": "a"})

    assert code_of(outcome) == "invalid-external-reference-code"


@pytest.mark.parametrize(
    ("stored", "given", "code"),
    [
        (b'{"size":3,"state":"open","title":"a"}', {"agreed": False}, "unchanged"),
        (
            b'{"agreed":false,"size":3,"state":"open","title":"a"}',
            {"agreed": None},
            "unchanged",
        ),
        (b'{"size":3,"state":"open","title":"a"}', {"agreed": True}, "updated"),
        (
            b'{"agreed":true,"size":3,"state":"open","title":"a"}',
            {"agreed": False},
            "updated",
        ),
        (
            b'{"size":3,"state":"open","title":"b"}',
            {"agreed": False},
            "updated",
        ),
    ],
)
def test_boolean_without_a_value_is_the_same_as_false(
    stored: bytes, given: dict[str, Any], code: str
) -> None:
    """It is given out as false, so an export that comes back changes nothing."""
    (outcome,), _ = decide(item(**given), stored=stored)

    assert code_of(outcome) == code
