"""Documents of one name and two codes: found, and turned into each other."""

from __future__ import annotations

from typing import Any

from dmc_widgets.objects.comparison.erc_matching import (
    ErcTranslation,
    NameMatch,
    find_name_matches,
    match_relationships,
)
from dmc_widgets.objects.documents.change_set import DEFINITION, FOLDER, PICKLIST

ERC = "externalReferenceCode"


def bodies(**codes: str) -> list[dict[str, Any]]:
    return [{"name": name, ERC: code} for name, code in codes.items()]


def test_exchanged_names_are_two_matches() -> None:
    """Each code stands on both sides, and means something else there."""
    found = find_name_matches(
        DEFINITION, bodies(Ticket="A", Case="B"), bodies(Ticket="B", Case="A")
    )

    assert list(found) == [
        NameMatch(kind=DEFINITION, name="Ticket", source="A", target="B"),
        NameMatch(kind=DEFINITION, name="Case", source="B", target="A"),
    ]


def test_liferays_own_documents_are_not_matched_by_name() -> None:
    """They have one code everywhere."""
    assert (
        list(find_name_matches(DEFINITION, bodies(User="L_USER"), bodies(User="X")))
        == []
    )


def test_picklists_match_by_name_unless_it_is_ambiguous() -> None:
    """Their names are free: two of a name say nothing, nor does a code in use."""
    source = [*bodies(Kind="K", State="S", Level="L"), {"name": "Kind", ERC: "K2"}]
    target = bodies(Kind="X", State="T", Other="L", Level="M")

    assert list(find_name_matches(PICKLIST, source, target)) == [
        NameMatch(kind=PICKLIST, name="State", source="S", target="T")
    ]


def test_every_reference_is_translated_and_nothing_else() -> None:
    """In fields, relationships, folders and what they hold."""
    codes = ErcTranslation(
        [
            NameMatch(kind=DEFINITION, name="Ticket", source="A", target="B"),
            NameMatch(kind=DEFINITION, name="Case", source="B", target="A"),
            NameMatch(kind=PICKLIST, name="Kind", source="A", target="K"),
            NameMatch(kind=FOLDER, name="Desk", source="F", target="G"),
        ],
        [("R", "R2")],
    )
    body = {
        ERC: "A",
        "name": "A",
        "objectFolderExternalReferenceCode": "F",
        "objectFields": [
            {
                ERC: "A",
                "name": "kind",
                "listTypeDefinitionExternalReferenceCode": "A",
                "objectDefinitionExternalReferenceCode1": "B",
                "objectRelationshipExternalReferenceCode": "R",
            }
        ],
        "objectRelationships": [
            {ERC: "R", "objectDefinitionExternalReferenceCode2": "C"}
        ],
    }

    assert codes.translate(DEFINITION, body) == {
        ERC: "B",
        "name": "A",
        "objectFolderExternalReferenceCode": "G",
        "objectFields": [
            {
                ERC: "A",
                "name": "kind",
                "listTypeDefinitionExternalReferenceCode": "K",
                "objectDefinitionExternalReferenceCode1": "A",
                "objectRelationshipExternalReferenceCode": "R2",
            }
        ],
        "objectRelationships": [
            {ERC: "R2", "objectDefinitionExternalReferenceCode2": "C"}
        ],
    }
    folder = {ERC: "F", "objectFolderItems": [{"objectDefinition": {ERC: "A"}}]}
    assert codes.translate(FOLDER, folder) == {
        ERC: "G",
        "objectFolderItems": [{"objectDefinition": {ERC: "B"}}],
    }


def test_relationships_match_by_definition_and_name() -> None:
    """Those that bear one code on both sides need no turning."""
    source = [
        {"name": "Ticket", "objectRelationships": bodies(notes="R1", parts="P")},
        {"name": "Case", "objectRelationships": bodies(notes="R9")},
    ]
    target = [{"name": "Ticket", "objectRelationships": bodies(notes="X", parts="P")}]

    assert list(match_relationships(source, target)) == [("R1", "X")]


def test_prefix_of_liferays_codes_does_not_matter_for_picklists() -> None:
    """Only definitions of Liferay's own have one code everywhere."""
    found = find_name_matches(PICKLIST, bodies(Kind="L_KIND"), bodies(Kind="KIND"))

    assert [(each.source, each.target) for each in found] == [("L_KIND", "KIND")]
