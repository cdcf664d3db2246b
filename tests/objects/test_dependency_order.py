"""Parents first; circles are broken where no entry needs the link."""

from __future__ import annotations

from typing import Any

import pytest

from dmc_widgets.objects.documents.dependency_order import (
    find_many_to_many,
    find_parent_edges,
    sort_parents_first,
)


def definition(
    erc: str, *parents: str, required: tuple[str, ...] = ()
) -> dict[str, Any]:
    """Make a definition whose entries have these parents."""
    return {
        "externalReferenceCode": erc,
        "name": erc.title(),
        "objectFields": [
            {"name": "title", "businessType": "Text"},
            *(
                {
                    "name": f"r_to{parent.title()}_c_{parent.lower()}Id",
                    "businessType": "Relationship",
                    "objectDefinitionExternalReferenceCode1": parent,
                    "required": parent in required,
                }
                for parent in parents
            ),
        ],
    }


@pytest.mark.parametrize(
    ("definitions", "order", "deferred", "stuck"),
    [
        pytest.param([], (), [], [], id="nothing"),
        pytest.param(
            [definition("A", "B"), definition("B", "C"), definition("C")],
            ("C", "B", "A"),
            [],
            [],
            id="a-chain",
        ),
        pytest.param(
            [definition("A", "A"), definition("B", "A")],
            ("A", "B"),
            [("A", "r_toA_c_aId")],
            [],
            id="a-self-reference-waits",
        ),
        pytest.param(
            [definition("A", "B"), definition("B", "A", required=("A",))],
            ("A", "B"),
            [("A", "r_toB_c_bId")],
            [],
            id="the-optional-side-of-a-circle-waits",
        ),
        pytest.param(
            [
                definition("A", "B", required=("B",)),
                definition("B", "C", required=("C",)),
                definition("C", "A"),
            ],
            ("C", "B", "A"),
            [("C", "r_toA_c_aId")],
            [],
            id="a-long-circle",
        ),
        pytest.param(
            [
                definition("A", "B", required=("B",)),
                definition("B", "A", required=("A",)),
            ],
            ("A", "B"),
            [],
            [("A", "r_toB_c_bId")],
            id="a-circle-of-required-links-is-told",
        ),
        pytest.param(
            [definition("A", "ELSEWHERE"), definition("B", "L_USER")],
            ("A", "B"),
            [],
            [],
            id="parents-that-do-not-move-do-not-count",
        ),
    ],
)
def test_parents_come_first(
    definitions: list[dict[str, Any]],
    order: tuple[str, ...],
    deferred: list[tuple[str, str]],
    stuck: list[tuple[str, str]],
) -> None:
    """Whatever order they are given in, the result is the same."""
    arcs = [arc for definition in definitions for arc in find_parent_edges(definition)]
    codes = [definition["externalReferenceCode"] for definition in definitions]

    for found in (
        sort_parents_first(codes, arcs),
        sort_parents_first(codes[::-1], arcs[::-1]),
    ):
        assert found.definitions == order
        assert [(each.child, each.link.id_name) for each in found.deferred] == deferred
        assert [(each.child, each.link.id_name) for each in found.stuck] == stuck


def test_edge_has_the_fields_that_state_the_parent() -> None:
    """Entries name a parent by code, by id and as an object."""
    (arc,) = find_parent_edges(definition("A", "B", required=("B",)))

    assert (arc.link.id_name, arc.link.erc_name, arc.link.nested_name) == (
        "r_toB_c_bId",
        "r_toB_c_bERC",
        "toB",
    )
    assert arc.required


def test_many_to_many_is_listed_by_the_declaring_side() -> None:
    """One-to-many relationships and Liferay's own objects are none."""
    stated = {
        "externalReferenceCode": "A",
        "objectRelationships": [
            {"name": n, "type": t, "objectDefinitionExternalReferenceCode2": e}
            for n, t, e in [
                ("tags", "manyToMany", "B"),
                ("rows", "oneToMany", "C"),
                ("users", "manyToMany", "L_USER"),
            ]
        ],
    }

    assert list(find_many_to_many(stated)) == [("tags", "B")]
