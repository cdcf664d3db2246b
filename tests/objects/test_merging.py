"""Merge: both sides keep their parts, and single differences may be left."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dmc_widgets.errors import InvalidPlan
from dmc_widgets.model.merge_choices import MergeChoices
from dmc_widgets.model.outcome import LEFT_OUT, Outcome, OutcomeKind
from dmc_widgets.model.strategies import ImportStrategy, Policy, policy_from_dict
from dmc_widgets.objects.comparison.difference_paths import (
    accepted_paths,
    choose_paths,
    difference_path,
)
from dmc_widgets.objects.comparison.differences import (
    ChangeType,
    Difference,
    find_deletions,
    find_differences,
)
from dmc_widgets.objects.documents.change_set import DEFINITION, FOLDER, PICKLIST
from dmc_widgets.objects.parts.part_changes import evaluate_item
from tests.objects.memory_documents import (
    CAMPAIGN,
    TOKEN,
    Item,
    MemoryDocuments,
    definition,
    text_field,
    ticket,
    without,
)

COLOURS: Item = {
    "externalReferenceCode": "COLOURS",
    "name": "Colours",
    "listTypeEntries": [
        {"key": "red", "name": "Red", "externalReferenceCode": "RED"},
        {"key": "blue", "name": "Blue", "externalReferenceCode": "BLUE"},
    ],
}


def merging(*only: str, leave: tuple[str, ...] = ()) -> Policy:
    return Policy(update_strategy="MERGE", merge=MergeChoices(only, leave))


def holding(kind: str, *items: Item) -> MemoryDocuments:
    store = MemoryDocuments()
    for item in items:
        write(store, kind, item, Policy())
    return store


def write(store: MemoryDocuments, kind: str, item: Item, policy: Policy) -> Outcome:
    codes = (f"made-{n}" for n in itertools.count())
    outcome, change = evaluate_item(kind, item, store, policy, codes.__next__)
    assert outcome.problem is None, outcome.problem
    if change is not None:
        store.keep(change.documents)
    return outcome


def keys(store: MemoryDocuments) -> dict[str, str]:
    entries = store.documents[PICKLIST, "COLOURS"].body["listTypeEntries"]
    return {entry["key"]: entry["name"] for entry in entries}


def test_fields_of_both_sides_are_there() -> None:
    here = ticket(objectFields=[text_field(), text_field("vatNumber")])
    store = holding(DEFINITION, here)
    given = ticket(objectFields=[text_field(), text_field("city")])

    outcome = write(store, DEFINITION, given, merging())

    assert outcome == Outcome(OutcomeKind.UPDATED, "TICKET")
    assert store.names("TICKET") == ["title", "vatNumber", "city"]


def test_values_of_the_item_count_and_what_it_leaves_out_stays() -> None:
    here = ticket(
        label={"de_DE": "Fall", "en_US": "Ticket"},
        panelCategoryKey="control_panel.users",
        objectFields=[text_field(indexed=True, required=True)],
    )
    store = holding(DEFINITION, here)
    given = ticket(
        label={"en-US": "Case"},
        objectFields=[without(text_field(required=False), "label")],
    )

    write(store, DEFINITION, given, merging())

    body = store.definition("TICKET").body
    assert body["label"] == {"de_DE": "Fall", "en_US": "Case"}
    assert body["panelCategoryKey"] == "control_panel.users"
    assert body["objectFields"][0]["indexed"] is True
    assert body["objectFields"][0]["required"] is False
    assert body["objectFields"][0]["label"] == {"en_US": "Title"}


def test_empty_values_of_the_item_empty_nothing() -> None:
    store = holding(
        DEFINITION, ticket(panelCategoryKey="a", description={"en_US": "b"})
    )
    given = ticket(panelCategoryKey="", description={}, objectFields=[], label=None)

    outcome = write(store, DEFINITION, given, merging())

    assert outcome.kind is OutcomeKind.UNCHANGED
    assert store.names("TICKET") == ["title"]


def test_a_merge_of_the_same_is_unchanged() -> None:
    store = holding(DEFINITION, CAMPAIGN, TOKEN)
    exported = store.exported()

    assert [write(store, DEFINITION, x, merging()).kind for x in exported] == [
        OutcomeKind.UNCHANGED,
        OutcomeKind.UNCHANGED,
    ]


def test_relationships_of_the_target_stay_on_both_sides() -> None:
    store = holding(DEFINITION, CAMPAIGN, TOKEN)

    write(store, DEFINITION, definition("Campaign"), merging())
    write(store, DEFINITION, definition("UrlToken"), merging())

    assert [x["name"] for x in store.relationships("CAMPAIGN")] == ["tokens"]
    assert store.names("URLTOKEN") == ["title", "r_tokens_c_campaignId"]


def test_relationship_that_is_left_does_not_come_with_the_field_of_its_child() -> None:
    source = holding(DEFINITION, CAMPAIGN, TOKEN)
    store = holding(DEFINITION, definition("Campaign"), definition("UrlToken"))
    policy = merging(leave=("Campaign.objectRelationships.tokens",))

    for item in source.exported():
        write(store, DEFINITION, item, policy)

    assert store.relationships("CAMPAIGN") == []
    assert store.names("URLTOKEN") == ["title"]


def test_relationship_that_alone_is_accepted_comes_with_its_field() -> None:
    source = holding(DEFINITION, CAMPAIGN, TOKEN)
    store = holding(DEFINITION, definition("Campaign"), definition("UrlToken"))

    for item in source.exported():
        write(store, DEFINITION, item, merging("CAMPAIGN.objectRelationships.tokens"))

    assert [x["name"] for x in store.relationships("CAMPAIGN")] == ["tokens"]
    assert store.names("URLTOKEN") == ["title", "r_tokens_c_campaignId"]


@pytest.mark.parametrize(
    ("only", "leave", "fields", "label"),
    [
        (["Ticket.objectFields.city"], [], ["title", "vatNumber", "city"], "Ticket"),
        (["ObjectDefinition:TICKET.label"], [], ["title", "vatNumber"], "Case"),
        (["*.objectFields"], [], ["title", "vatNumber", "city", "zip"], "Ticket"),
        (["objectFields.z*"], [], ["title", "vatNumber", "zip"], "Ticket"),
        (["Other"], [], ["title", "vatNumber"], "Ticket"),
        ([], ["TICKET.objectFields.zip"], ["title", "vatNumber", "city"], "Case"),
        (["Ticket"], ["label"], ["title", "vatNumber", "city", "zip"], "Ticket"),
        (["Ticket.objectFields.vatNumber"], [], ["title"], "Ticket"),
    ],
)
def test_choices_name_differences(
    only: list[str], leave: list[str], fields: list[str], label: str
) -> None:
    """A part of the target alone goes only where the very part is named."""
    here = ticket(objectFields=[text_field(), text_field("vatNumber")])
    store = holding(DEFINITION, here)
    given = ticket(
        label={"en_US": "Case"},
        objectFields=[text_field(), text_field("city"), text_field("zip")],
    )

    write(store, DEFINITION, given, merging(*only, leave=tuple(leave)))

    assert store.names("TICKET") == fields
    assert store.definition("TICKET").body["label"] == {"en_US": label}


def test_new_document_comes_only_if_it_is_accepted() -> None:
    store = holding(DEFINITION)

    outcome = write(store, DEFINITION, ticket(), merging("Other"))

    assert outcome == Outcome(OutcomeKind.UNCHANGED, "TICKET", note=LEFT_OUT)
    assert store.documents == {}

    given = ticket(objectFields=[text_field(), text_field("city")])
    outcome = write(
        store, DEFINITION, given, merging("Ticket", leave=("objectFields.city",))
    )

    assert outcome.kind is OutcomeKind.CREATED
    assert store.names("TICKET") == ["title"]


def test_published_definition_stays_published_and_a_draft_may_become_so() -> None:
    draft = ticket(status={"code": 2})
    published, waiting = holding(DEFINITION, ticket()), holding(DEFINITION, draft)

    write(published, DEFINITION, draft, merging())
    write(waiting, DEFINITION, ticket(), merging("Ticket.label"))
    assert published.definition("TICKET").status == 0
    assert waiting.definition("TICKET").status == 2

    write(waiting, DEFINITION, ticket(), merging())
    assert waiting.definition("TICKET").status == 0


def test_settings_of_another_type_stay_away_from_a_published_field() -> None:
    limited = [
        {"name": "maxLength", "value": 20},
        {"name": "showCounter", "value": True},
    ]
    here = ticket(objectFields=[text_field(objectFieldSettings=limited)])
    store = holding(DEFINITION, here)
    dated = [{"name": "timeStorage", "value": "useInputAsEntered"}]
    field = text_field(businessType="DateTime", objectFieldSettings=dated)

    outcome = write(store, DEFINITION, ticket(objectFields=[field]), merging())

    assert outcome.kind is OutcomeKind.UNCHANGED
    stored = store.field("TICKET", "title")
    assert stored["businessType"] == "Text"
    assert stored["objectFieldSettings"] == limited


def test_second_default_layout_is_not_the_default() -> None:
    def layout(name: str) -> dict[str, Any]:
        return {
            "defaultObjectLayout": True,
            "name": {"en_US": name},
            "objectLayoutTabs": [],
        }

    store = holding(DEFINITION, ticket(objectLayouts=[layout("Ours")]))

    write(store, DEFINITION, ticket(objectLayouts=[layout("Theirs")]), merging())

    layouts = store.definition("TICKET").body["objectLayouts"]
    assert [(x["name"]["en_US"], x["defaultObjectLayout"]) for x in layouts] == [
        ("Ours", True),
        ("Theirs", False),
    ]


def test_keys_of_both_sides_are_there() -> None:
    store = holding(PICKLIST, COLOURS)
    given = COLOURS | {
        "listTypeEntries": [
            {"key": "blue", "name": "Azure"},
            {"key": "green", "name": "Green"},
        ]
    }

    write(store, PICKLIST, given, merging())

    assert keys(store) == {"red": "Red", "blue": "Azure", "green": "Green"}

    write(store, PICKLIST, given, merging("Colours.listTypeEntries.red"))

    assert keys(store) == {"blue": "Azure", "green": "Green"}


def test_folder_merges_the_definitions_that_it_includes() -> None:
    here = ticket(objectFields=[text_field(), text_field("vatNumber")])
    store = holding(DEFINITION, here)
    given = {
        "externalReferenceCode": "DESK",
        "label": {"en_US": "Desk"},
        "name": "Desk",
        "objectFolderItems": [
            {
                "linkedObjectDefinition": False,
                "objectDefinition": ticket(objectFields=[text_field("city")]),
                "objectDefinitionExternalReferenceCode": "TICKET",
            }
        ],
    }

    outcome = write(store, FOLDER, given, merging())

    assert outcome.kind is OutcomeKind.CREATED
    assert store.names("TICKET") == ["title", "vatNumber", "city"]
    folder = store.definition("TICKET").body["objectFolderExternalReferenceCode"]
    assert folder == "DESK"


def test_part_is_merged_into_the_stored_one() -> None:
    field = text_field(label={"de_DE": "Titel", "en_US": "Title"}, required=True)
    store = holding(DEFINITION, ticket(objectFields=[field]))
    owner = {"objectDefinitionExternalReferenceCode": "TICKET"}
    given = owner | text_field(label={"en_US": "Heading"})

    assert write(store, "ObjectField", given, merging()).kind is OutcomeKind.UPDATED
    stored = store.field("TICKET", "title")
    assert stored["label"] == {"de_DE": "Titel", "en_US": "Heading"}
    assert stored["required"] is True

    other = owner | text_field("city")
    policy = merging("Ticket.objectFields.zip")
    outcome = write(store, "ObjectField", other, policy)
    assert outcome == Outcome(OutcomeKind.UNCHANGED, "TICKET/city", note=LEFT_OUT)
    policy = merging("Ticket.objectFields.city")
    assert write(store, "ObjectField", other, policy).kind is OutcomeKind.CREATED
    assert store.names("TICKET") == ["title", "city"]


def test_import_strategies_hold_for_a_merge() -> None:
    store = holding(DEFINITION, ticket())
    adding = Policy(import_strategy=ImportStrategy.INSERT, update_strategy="MERGE")
    updating = Policy(import_strategy=ImportStrategy.UPDATE, update_strategy="MERGE")

    outcome, _ = evaluate_item(DEFINITION, ticket(), store, adding, str)
    assert outcome.problem is not None
    assert outcome.problem.code == "duplicate-name"
    outcome, _ = evaluate_item(DEFINITION, definition("Other"), store, updating, str)
    assert outcome.problem is not None
    assert outcome.problem.code == "not-found"


def test_documents_without_a_code_are_refused_as_ever() -> None:
    store = holding(PICKLIST)
    outcome, _ = evaluate_item(
        PICKLIST, {"name": "A", "listTypeEntries": [1]}, store, merging(), str
    )
    assert outcome.kind is OutcomeKind.FAILED
    made = write(store, PICKLIST, without(COLOURS, "externalReferenceCode"), merging())
    assert made.kind is OutcomeKind.CREATED


def test_policy_with_choices_survives_as_plain_data() -> None:
    policy = merging("Ticket.label", leave=("COLOURS",))

    assert policy_from_dict(policy.as_dict()) == policy
    assert policy.as_dict()["merge"] == {"only": ["Ticket.label"], "leave": ["COLOURS"]}
    assert "merge" not in Policy().as_dict()
    assert repr(policy) == (
        "Policy(UPSERT, MERGE, ON_ERROR_FAIL, "
        "merge=MergeChoices(only=('Ticket.label',), leave=('COLOURS',)))"
    )


def test_choices_need_a_merge() -> None:
    with pytest.raises(InvalidPlan, match=r"MERGE, and this one is UPDATE\."):
        Policy(merge=MergeChoices("Ticket"))
    with pytest.raises(InvalidPlan, match="only holds an empty path"):
        MergeChoices(" ")


NAMES = st.sampled_from(["alpha", "beta", "gamma", "delta"])
LABELS = st.dictionaries(
    st.sampled_from(["en_US", "de_DE", "fr_FR"]), st.sampled_from(["x", "y", "z"])
).map(lambda texts: {"en_US": "x", **texts})


@st.composite
def definitions(draw: st.DrawFn) -> Item:
    fields = draw(st.lists(NAMES, min_size=1, unique=True))
    return ticket(
        label=draw(LABELS),
        panelCategoryKey=draw(st.sampled_from(["", "a", "b"])),
        enableComments=draw(st.booleans()),
        objectFields=[
            text_field(
                name,
                label=draw(LABELS),
                required=draw(st.booleans()),
                objectFieldSettings=[
                    {"name": "maxLength", "value": value}
                    for value in draw(st.lists(st.integers(1, 9), max_size=1))
                ],
            )
            for name in fields
        ],
    )


def differences(source: MemoryDocuments, target: MemoryDocuments) -> list[Difference]:
    return list(find_differences(DEFINITION, source.exported(), target.exported()))


@given(here=definitions(), given_=definitions(), data=st.data())
@settings(max_examples=60, deadline=None)
def test_what_is_accepted_is_equal_and_what_is_left_is_as_it_was(
    here: Item, given_: Item, data: st.DataObject
) -> None:
    """A difference is accepted or left; a second merge changes nothing."""
    source, target = holding(DEFINITION, given_), holding(DEFINITION, here)
    before = differences(source, target)
    accepted = data.draw(
        st.sets(st.sampled_from([difference_path(x) for x in before]))
        if before
        else st.just(set())
    )
    choices = choose_paths(before, accepted)
    policy = Policy(update_strategy="MERGE", merge=choices)
    (item,) = source.exported()

    write(target, DEFINITION, item, policy)

    left = {difference_path(x) for x in differences(source, target)}
    assert left == {difference_path(x) for x in before} - accepted
    assert set(accepted_paths(choices, before)) == accepted
    again = write(target, DEFINITION, item, policy)
    assert again.kind is OutcomeKind.UNCHANGED


@given(here=definitions(), given_=definitions())
@settings(max_examples=60, deadline=None)
def test_plain_merge_leaves_only_what_the_source_does_not_state(
    here: Item, given_: Item
) -> None:
    source, target = holding(DEFINITION, given_), holding(DEFINITION, here)
    gone = [x for x in differences(source, target) if x.change is ChangeType.REMOVED]

    write(target, DEFINITION, source.exported()[0], merging())

    assert differences(source, target) == gone


def test_overwriting_deletes_what_only_the_stored_definition_has() -> None:
    """Layouts and views stay where the item does not speak of them at all."""
    here = ticket(
        objectActions=[{"name": "notify", "label": {"en_US": "Notify"}}],
        objectLayouts=[{"name": {"en_US": "Wide"}}],
        objectValidationRules=[{"name": {"en_US": "Adults"}}],
        objectViews=[{"name": {"en_US": "All"}}],
    )
    given_ = ticket(objectLayouts=[{"name": {"en_US": "Narrow"}}])

    found = list(find_deletions(DEFINITION, given_, here))

    assert [(x.what, x.names, x.holds_values) for x in found] == [
        ("actions", ("notify",), False),
        ("validation rules", ("Adults",), False),
        ("layouts", ("Wide",), False),
    ]
    assert list(find_deletions(DEFINITION, here, here)) == []


def test_layout_is_the_same_in_whatever_order_its_languages_are() -> None:
    names = {"de_DE": "Breit", "en_US": "Wide"}
    here = ticket(objectLayouts=[{"name": names, "defaultObjectLayout": True}])
    store = holding(DEFINITION, here)
    stated = {"name": {"en_US": "Wide"}, "objectLayoutTabs": [{"priority": 1}]}

    write(store, DEFINITION, ticket(objectLayouts=[stated]), merging())

    (layout,) = store.definition("TICKET").body["objectLayouts"]
    assert layout["name"] == names
    assert layout["objectLayoutTabs"] == [{"priority": 1}]
