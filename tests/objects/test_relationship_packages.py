"""Definitions that name each other come out the same in any order."""

from __future__ import annotations

import itertools
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from dmc_widgets.model.outcome import OutcomeKind
from dmc_widgets.objects.documents.change_set import PLACEHOLDER_STATUS, DocumentChange
from dmc_widgets.objects.documents.definitions import DEFINITION_KIND
from tests.objects.memory_documents import (
    CAMPAIGN,
    CAMPAIGN_TOKENS,
    TOKEN_FIELD,
    Item,
    MemoryDocuments,
    definition,
)


def test_two_parents_and_a_grandchild_survive_an_export_in_any_order() -> None:
    source = MemoryDocuments().holding(
        definition(
            "Acquisition", objectRelationships=[CAMPAIGN_TOKENS | {"name": "by"}]
        ),
        CAMPAIGN,
        definition(
            "UrlToken",
            objectRelationships=[
                CAMPAIGN_TOKENS
                | {
                    "name": "visits",
                    "objectDefinitionExternalReferenceCode2": "VISIT",
                    "objectDefinitionName2": "Visit",
                }
            ],
        ),
        definition("Visit"),
    )
    exported = [
        DEFINITION_KIND.export(document, 1, 0, 0)
        for document in source.documents.values()
    ]

    for order in itertools.permutations(exported):
        assert MemoryDocuments().holding(*order).bodies() == source.bodies()


NAMES = ("Alpha", "Beta", "Gamma", "Delta")


@st.composite
def packages(draw: st.DrawFn) -> list[Item]:
    """Definitions with any relationships among them, in any order."""
    pairs = draw(
        st.lists(
            st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES), st.booleans()),
            max_size=6,
        )
    )
    items = {name: definition(name) for name in NAMES}
    for number, (parent, child, listed) in enumerate(pairs):
        declared = CAMPAIGN_TOKENS | {
            "name": f"rel{number}",
            "objectDefinitionExternalReferenceCode1": parent.upper(),
            "objectDefinitionExternalReferenceCode2": child.upper(),
            "objectDefinitionName2": child,
        }
        others = items[parent].get("objectRelationships", [])
        items[parent] = items[parent] | {"objectRelationships": [*others, declared]}
        if listed:
            made = TOKEN_FIELD | {
                "name": f"r_rel{number}_c_{parent.lower()}Id",
                "objectDefinitionExternalReferenceCode1": parent.upper(),
                "objectRelationshipExternalReferenceCode": f"code{number}",
            }
            fields = items[child]["objectFields"]
            items[child] = items[child] | {"objectFields": [made, *fields]}
    return draw(st.permutations(list(items.values())))


@given(packages())
def test_any_package_imported_twice_changes_nothing_the_second_time(
    items: list[Item],
) -> None:
    store = MemoryDocuments().holding(*items)

    again = [store.change(item) for item in items]

    assert {each.kind for each in again if isinstance(each, DocumentChange)} == {
        OutcomeKind.UNCHANGED
    }
    assert not any(
        document.status == PLACEHOLDER_STATUS for document in store.documents.values()
    )


@given(packages(), st.randoms(use_true_random=False))
def test_any_package_is_exported_as_it_was_imported(
    items: list[Item], random: Any
) -> None:
    source = MemoryDocuments().holding(*items)
    exported = [
        DEFINITION_KIND.export(document, 1, 0, 0)
        for document in source.documents.values()
    ]
    random.shuffle(exported)

    assert MemoryDocuments().holding(*exported).bodies() == source.bodies()
