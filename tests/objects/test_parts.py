"""Parts of definitions and picklists as items of their own."""

from __future__ import annotations

from typing import Any

import pytest

from dmc_widgets.model.outcome import Outcome, OutcomeKind
from dmc_widgets.model.strategies import ImportStrategy, Policy, UpdateStrategy
from dmc_widgets.objects.documents.change_set import PICKLIST
from dmc_widgets.objects.documents.picklists import change_picklist
from dmc_widgets.objects.parts.part_changes import evaluate_item
from tests.objects.memory_documents import MemoryDocuments, definition, ticket

ADD = Policy(import_strategy=ImportStrategy.INSERT)
PUT = Policy()
PATCH = Policy(update_strategy=UpdateStrategy.PARTIAL_UPDATE)
UPDATE = Policy(import_strategy=ImportStrategy.UPDATE)

Item = dict[str, Any]

OWNER: Item = {"objectDefinitionExternalReferenceCode": "TICKET"}
FIELD: Item = {
    **OWNER,
    "businessType": "Integer",
    "label": {"en_US": "Priority"},
    "name": "priority",
}
RELATIONSHIP: Item = {
    "deletionType": "cascade",
    "label": {"en_US": "Replies"},
    "name": "replies",
    "objectDefinitionExternalReferenceCode1": "TICKET",
    "objectDefinitionExternalReferenceCode2": "REPLY",
    "type": "oneToMany",
}
ACTION: Item = {
    **OWNER,
    "active": True,
    "label": {"en_US": "Notify"},
    "name": "notify",
    "objectActionExecutorKey": "notification",
    "objectActionTriggerKey": "onAfterAdd",
}
LAYOUT: Item = {**OWNER, "name": {"en_US": "Main"}, "objectLayoutTabs": []}
VIEW: Item = {**OWNER, "name": {"en_US": "All"}, "objectViewColumns": []}
RULE: Item = {
    **OWNER,
    "engine": "ddm",
    "name": {"en_US": "Size"},
    "script": "priority > 3",
}
ENTRY: Item = {
    "key": "red",
    "listTypeDefinitionExternalReferenceCode": "COLORS",
    "name": "Red",
}
PARTS: dict[str, tuple[Item, str]] = {
    "ListTypeEntry": (ENTRY, "COLORS/red"),
    "ObjectAction": (ACTION, "TICKET/notify"),
    "ObjectField": (FIELD, "TICKET/priority"),
    "ObjectLayout": (LAYOUT, "TICKET/Main"),
    "ObjectRelationship": (RELATIONSHIP, "TICKET/replies"),
    "ObjectValidationRule": (RULE, "TICKET/Size"),
    "ObjectView": (VIEW, "TICKET/All"),
}


def stored(*items: Item) -> MemoryDocuments:
    """Return an installation with a ticket, a reply, a picklist and *items*."""
    documents = MemoryDocuments().holding(ticket(), definition("Reply"), *items)
    colors = {"externalReferenceCode": "COLORS", "name": "Colors"}
    change = change_picklist(colors, documents, PUT, lambda: "")
    assert not hasattr(change, "message")
    documents.keep(change.documents)
    return documents


def write(
    documents: MemoryDocuments, kind: str, item: Item, policy: Policy = ADD
) -> Outcome:
    """Evaluate an item and store what it changes."""
    outcome, change = evaluate_item(kind, item, documents, policy, lambda: "")
    documents.keep(change.documents if change else ())
    return outcome


def message(outcome: Outcome) -> str:
    """Return Liferay's text of a failure."""
    assert outcome.problem is not None
    return outcome.problem.as_liferay


@pytest.mark.parametrize("kind", PARTS)
@pytest.mark.parametrize("policy", [ADD, PUT, PATCH], ids=["add", "put", "patch"])
def test_part_is_added_once(kind: str, policy: Policy) -> None:
    """A second import of the same part changes nothing, whatever the strategies."""
    documents, (item, key) = stored(), PARTS[kind]

    first = write(documents, kind, item, policy)
    second = write(documents, kind, item, policy)

    assert (first.kind, first.key) == (OutcomeKind.CREATED, key)
    assert second == Outcome(OutcomeKind.UNCHANGED, key)


@pytest.mark.parametrize(
    ("kind", "change", "expected"),
    [
        ("ListTypeEntry", {"name": "Crimson"}, "Duplicate key red"),
        ("ObjectAction", {"active": False}, "Duplicate name notify"),
        ("ObjectField", {"required": True}, "Duplicate name priority"),
        (
            "ObjectRelationship",
            {"deletionType": "prevent"},
            "There is already an object relationship with this name in the object "
            'definition "Ticket"',
        ),
    ],
)
def test_only_add_new_records_refuses_another_part_of_the_name(
    kind: str, change: Item, expected: str
) -> None:
    """The refusal is Liferay's; the other strategies change the part."""
    documents, (item, key) = stored(), PARTS[kind]
    write(documents, kind, item)

    refused = write(documents, kind, item | change)
    updated = write(documents, kind, item | change, PUT)

    assert message(refused) == expected
    assert updated == Outcome(OutcomeKind.UPDATED, key)


@pytest.mark.parametrize("kind", ["ObjectLayout", "ObjectValidationRule", "ObjectView"])
def test_names_of_layouts_rules_and_views_may_occur_twice(kind: str) -> None:
    """*Only Add New Records* adds one of the same name, as Liferay does."""
    documents, (item, key) = stored(), PARTS[kind]
    other = item | {"name": {"de_DE": "Neu", **item["name"]}}

    outcomes = [write(documents, kind, each).kind for each in (item, other, item)]
    renamed = item | {"name": {**item["name"], "fr_FR": "N"}}
    changed = write(documents, kind, renamed, PUT)

    assert outcomes == ["created", "created", "unchanged"]
    assert changed == Outcome(OutcomeKind.UPDATED, key)


def test_action_is_found_by_its_code() -> None:
    """The code of an action counts before its name, as in a definition."""
    documents = stored()
    write(documents, "ObjectAction", ACTION | {"externalReferenceCode": "NOTIFY"})

    renamed = ACTION | {"externalReferenceCode": "NOTIFY", "name": "tell"}
    outcome = write(documents, "ObjectAction", renamed, PUT)

    assert outcome == Outcome(OutcomeKind.UPDATED, "TICKET/tell")
    (action,) = documents.definition("TICKET").body["objectActions"]
    assert action["name"] == "tell"


def test_patch_keeps_what_the_item_leaves_out_and_put_does_not() -> None:
    """Both are those of Liferay's REST resources of parts."""
    documents = stored()
    write(documents, "ObjectField", FIELD | {"required": True})
    change = {**OWNER, "label": {"en_US": "Rank"}, "name": "priority"}

    write(documents, "ObjectField", change, PATCH)
    patched = documents.field("TICKET", "priority")
    write(documents, "ObjectField", change | {"businessType": "Integer"}, PUT)
    replaced = documents.field("TICKET", "priority")

    assert (patched["label"], patched.get("required")) == ({"en_US": "Rank"}, True)
    assert replaced.get("required") is None


@pytest.mark.parametrize(
    ("item", "field", "expected"),
    [
        (
            {"businessType": "Colour"},
            "businessType",
            "Invalid business type Colour",
        ),
        ({"name": "Priority"}, "name", "must be a lower case letter"),
        ({"name": "status"}, "name", "Reserved name status"),
        ({"label": {}}, "label", "Label is null for locale English (United States)"),
        ({"label": "Priority"}, "label", 'Unable to map JSON path "label"'),
        (
            {"businessType": "Picklist"},
            "name",
            "List type definition ID is 0",
        ),
    ],
)
def test_part_that_breaks_its_definition_is_refused_with_its_text(
    item: Item, field: str, expected: str
) -> None:
    """The rules are those of the definition; the field is one of the part."""
    documents = stored()

    outcome = write(documents, "ObjectField", FIELD | item)

    assert expected in message(outcome)
    assert outcome.problem is not None
    assert outcome.problem.field in {field, "name"}
    assert documents.names("TICKET") == ["title"]


@pytest.mark.parametrize("kind", PARTS)
def test_missing_parent_is_named(kind: str) -> None:
    """An unknown definition or picklist is one clear error that names it."""
    item, _ = PARTS[kind]
    codes = {name: "GONE" for name in item if item[name] in ("TICKET", "COLORS")}

    outcome = write(stored(), kind, item | codes)

    owner = "ListTypeDefinition" if kind == "ListTypeEntry" else "ObjectDefinition"
    expected = f"No {owner} exists with the external reference code GONE"
    assert message(outcome) == expected


def test_part_has_to_name_its_definition() -> None:
    """Liferay's text follows what would put it right."""
    nameless = {name: value for name, value in FIELD.items() if name not in OWNER}
    by_id = nameless | {"objectDefinitionId": 34567}

    problems = [
        write(stored(), "ObjectField", item).problem for item in (nameless, by_id)
    ]

    text = (
        "One of the following parameters must be specified: [objectDefinitionId, "
        "externalReferenceCode]"
    )
    assert [problem and problem.as_liferay for problem in problems] == [text, text]
    assert [problem and problem.cause for problem in problems] == [
        "The record names no object definition: state "
        "objectDefinitionExternalReferenceCode, or externalReferenceCode in the "
        "parameters of the file.",
        "objectDefinitionId 34567 is an id, and ids do not travel between "
        "installations. State objectDefinitionExternalReferenceCode.",
    ]


def test_only_update_records_needs_the_part() -> None:
    """A part that does not exist cannot be updated."""
    outcome = write(stored(), "ObjectField", FIELD, UPDATE)

    assert message(outcome) == "No ObjectField priority exists in TICKET"


def test_relationship_makes_the_field_of_its_child() -> None:
    """A relationship in a file of its own does what it does in a definition."""
    documents = stored()

    write(documents, "ObjectRelationship", RELATIONSHIP)

    assert documents.names("REPLY") == ["title", "r_replies_c_ticketId"]
    assert [x["name"] for x in documents.relationships("TICKET")] == ["replies"]


@pytest.mark.parametrize(
    ("parent", "expected"),
    [
        ("L_USER", "r_owner_userId"),
        ("L_ACCOUNT", "r_owner_accountEntryId"),
        ("L_COMMERCE_ORDER", "r_owner_commerceOrderId"),
    ],
)
def test_relationship_of_a_liferay_object_makes_the_field_of_its_child(
    parent: str, expected: str
) -> None:
    """Liferay's own definitions are not held here, and the field is all that counts."""
    documents = stored()
    item = RELATIONSHIP | {
        "name": "owner",
        "objectDefinitionExternalReferenceCode1": parent,
    }

    outcomes = [write(documents, "ObjectRelationship", item, PUT) for _ in range(2)]

    assert outcomes == [
        Outcome(OutcomeKind.CREATED, f"{parent}/owner"),
        Outcome(OutcomeKind.UNCHANGED, f"{parent}/owner"),
    ]
    field = documents.field("REPLY", expected)
    assert field["objectDefinitionExternalReferenceCode1"] == parent
    assert field["relationshipType"] == "oneToMany"


def test_entry_is_added_to_its_picklist() -> None:
    """The other entries of the picklist stay."""
    documents = stored()

    write(documents, "ListTypeEntry", ENTRY)
    write(documents, "ListTypeEntry", ENTRY | {"key": "blue", "name": "Blue"})

    body = documents.documents[PICKLIST, "COLORS"].body
    assert [entry["key"] for entry in body["listTypeEntries"]] == ["red", "blue"]


@pytest.mark.parametrize(
    ("kind", "item", "flag", "noun"),
    [
        ("ObjectLayout", LAYOUT, "defaultObjectLayout", "layout"),
        ("ObjectView", VIEW, "defaultObjectView", "view"),
    ],
)
def test_definition_has_one_default_layout_and_view(
    kind: str, item: Item, flag: str, noun: str
) -> None:
    """A second one is refused; *Add or Update Records* puts it in place of the first.

    Liferay's courses replace the default layout of an object that way.
    """
    documents = stored()
    default = item | {flag: True}
    write(documents, kind, default)
    second = default | {"name": {"en_US": "Second"}}

    refused = write(documents, kind, second)
    replaced = write(documents, kind, second, PUT)
    again = write(documents, kind, second, PUT)

    assert message(refused) == f"There can only be one default object {noun}"
    assert [replaced.kind, again.kind] == ["updated", "unchanged"]
    (part,) = documents.definition("TICKET").body[f"o{kind[1:]}s"]
    assert part["name"] == {"en_US": "Second"}


def test_relationship_states_the_field_of_its_child() -> None:
    """The field is required as the relationship says, and a second import is equal."""
    documents = stored()
    item = RELATIONSHIP | {
        "externalReferenceCode": "TICKET_TO_REPLIES",
        "objectField": {
            "DBType": "Long",
            "businessType": "Relationship",
            "label": {"en_US": "Ticket"},
            "listTypeDefinitionId": 0,
            "name": "r_replies_c_ticketId",
            "objectRelationshipExternalReferenceCode": "TICKET_TO_REPLIES",
            "required": True,
            "unique": False,
        },
        "parameterObjectFieldName": "",
        "reverse": False,
        "system": False,
    }

    outcomes = [write(documents, "ObjectRelationship", item).kind for _ in range(2)]

    assert outcomes == ["created", "unchanged"]
    assert documents.field("REPLY", "r_replies_c_ticketId")["required"] is True


def test_field_with_states_is_added() -> None:
    """The picklist of a field that is not there yet is made with the keys it names."""
    documents = stored()
    item = FIELD | {
        "businessType": "Picklist",
        "listTypeDefinitionExternalReferenceCode": "STAGES",
        "objectFieldSettings": [
            {"name": "defaultValueType", "value": "inputAsValue"},
            {"name": "defaultValue", "value": "open"},
            {
                "name": "stateFlow",
                "value": {
                    "objectStates": [
                        {"key": "open", "objectStateTransitions": [{"key": "done"}]},
                        {"key": "done", "objectStateTransitions": []},
                    ]
                },
            },
        ],
        "required": True,
        "state": True,
    }

    outcomes = [write(documents, "ObjectField", item).kind for _ in range(2)]

    assert outcomes == ["created", "unchanged"]
    stages = documents.documents[PICKLIST, "STAGES"]
    assert [x["key"] for x in stages.body["listTypeEntries"]] == ["open", "done"]
