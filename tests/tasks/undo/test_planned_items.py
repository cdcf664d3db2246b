"""What an undo of a server's task knows of items, without a server."""

from __future__ import annotations

from contextlib import closing
from typing import Any

from dmc_widgets.model.change import ItemChange
from dmc_widgets.model.entity_type import (
    OBJECT_DEFINITION,
    OBJECT_ENTRY,
    EntityType,
    Field,
)
from dmc_widgets.model.outcome import Outcome, OutcomeKind
from dmc_widgets.ports import WrittenItem
from dmc_widgets.tasks.undo.decisions import Decision, Step
from dmc_widgets.tasks.undo.item_images import Images, make_fingerprint
from dmc_widgets.tasks.undo.planned_items import PlannedItems

ERC = "externalReferenceCode"


def linked_type(name: str, other: str) -> EntityType:
    linked = f"{OBJECT_ENTRY}#{other}"
    links = Field(name="tags", type="array", custom=True, linked=linked)
    return EntityType(
        name=name, label=name, class_name=OBJECT_ENTRY, delegate=name, fields=(links,)
    )


PRODUCT, TAG = linked_type("C_Product", "C_Tag"), linked_type("C_Tag", "C_Product")


def decide(code: str, step: Step, image: dict[str, Any] | None) -> Decision:
    item = WrittenItem(OutcomeKind.CREATED, code, ItemChange())
    return Decision(item, Outcome(OutcomeKind.UPDATED, code), step, image)


def test_a_link_goes_and_comes_on_both_of_its_sides() -> None:
    stored = {ERC: "T-1", "tags": [{ERC: "P-1"}, {ERC: "P-2"}]}
    now: Images = {("", "P-1"): {"tags": [{ERC: "T-1"}]}, ("", "P-3"): {"tags": []}}
    restored = {ERC: "P-3", "tags": [{ERC: "T-1"}]}
    decisions = [
        decide("P-1", Step.DELETE, None),
        decide("P-3", Step.RESTORE, restored),
    ]
    with closing(PlannedItems()) as planned:
        planned.add(PRODUCT, decisions, now)

        assert planned.view(PRODUCT, ("", "P-1"), now["", "P-1"]) is None
        assert planned.view(PRODUCT, ("", "P-3"), None) == restored
        assert planned.view(TAG, ("", "T-1"), stored) == {
            ERC: "T-1",
            "tags": [{ERC: "P-2"}, {ERC: "P-3"}],
        }
        assert planned.view(TAG, ("", "T-2"), None) is None


def test_relationships_of_others_are_no_change_of_a_definition() -> None:
    """They come and go with the definition that declares them."""
    definitions = EntityType(
        name="ObjectDefinition", label="", class_name=OBJECT_DEFINITION
    )
    own = {"objectFields": [{"name": "title"}], "objectRelationships": []}
    seen = {
        "objectFields": [
            {"name": "title"},
            {"name": "r_orders_c_customerId", "businessType": "Relationship"},
        ],
        "objectRelationships": [{"name": "lines", "reverse": True}],
    }
    own_one = own | {"objectRelationships": [{"name": "lines", "reverse": False}]}

    assert make_fingerprint(definitions, own) == make_fingerprint(definitions, seen)
    assert make_fingerprint(definitions, own) != make_fingerprint(definitions, own_one)
