"""What a write did to documents is taken back, with the values that entries lost."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from dmc_widgets.model.change import FieldChange
from dmc_widgets.model.outcome import (
    CHANGED_SINCE,
    DELETED,
    IN_USE_SINCE,
    Outcome,
    OutcomeKind,
)
from dmc_widgets.model.strategies import ErrorStrategy, Policy, UpdateStrategy
from dmc_widgets.ports import Item, Undoer
from tests.installations.undoing.stocked_gallery import (
    DRAFTED,
    by_code,
    copy_stock,
    open_gallery,
    state,
    undo,
    write,
)
from tests.tasks.gallery import ERC, PICKLIST, ROOM, field

_NARROW: Item = DRAFTED | {
    "objectFields": [
        one
        for one in DRAFTED["objectFields"]
        if one["name"] not in {"rank", "code", "caption", "number", "scan", "secret"}
    ]
}
_UNLINKED: Item = DRAFTED | {"objectRelationships": []}
_WIDE: Item = DRAFTED | {
    "objectFields": [*DRAFTED["objectFields"], field("extra", "Text")]
}
_SHELF: Item = {
    "externalReferenceCode": "SHELF",
    "label": {"en_US": "Shelf"},
    "pluralLabel": {"en_US": "Shelves"},
    "name": "Shelf",
    "objectFolderExternalReferenceCode": "NEW-FOLDER",
    "objectFields": [
        field("name", "Text"),
        field("tone", "Picklist", listTypeDefinitionExternalReferenceCode="TONES"),
    ],
    "objectRelationships": [
        {
            "deletionType": "cascade",
            "externalReferenceCode": "SHELF-ROOMS",
            "label": {"en_US": "Rooms"},
            "name": "shelved",
            "objectDefinitionExternalReferenceCode1": "SHELF",
            "objectDefinitionExternalReferenceCode2": "ROOM",
            "objectDefinitionName2": "Room",
            "type": "oneToMany",
        }
    ],
    "scope": "company",
    "status": {"code": 0},
}
_TONES: Item = {
    "externalReferenceCode": "TONES",
    "name": "Tones",
    "listTypeEntries": [{"key": "dark", "name": "Dark"}],
}
_GREEN: Item = PICKLIST | {
    "listTypeEntries": [{"key": "blue", "name": "Azure"}, {"key": "green", "name": "G"}]
}
_FOLDER: Item = {
    "externalReferenceCode": "NEW-FOLDER",
    "name": "NewFolder",
    "label": {"en_US": "New"},
}

PICTURE_LINK: Item = DRAFTED["objectRelationships"][0]

_DOCUMENTS = [
    *(("ObjectDefinition", item) for item in (_NARROW, _UNLINKED, _WIDE, _SHELF)),
    ("ObjectDefinition", ROOM | {"label": {"en_US": "Chamber"}}),
    ("ObjectDefinition", ROOM | {"objectRelationships": []}),
    ("ListTypeDefinition", _TONES),
    ("ListTypeDefinition", _GREEN),
    ("ObjectFolder", _FOLDER),
    (
        "ObjectField",
        {"objectDefinitionExternalReferenceCode": "ROOM", **field("size", "Text")},
    ),
    ("Picture", {ERC: "P-1", "title": "Fog", "rank": 9}),
    ("Picture", {ERC: "P-7", "title": "Dew", "r_pictures_c_roomERC": "R-1"}),
    ("Room", {ERC: "R-7", "shownIn": [{ERC: "P-2"}]}),
]


@settings(max_examples=10, deadline=None, phases=[Phase.explicit, Phase.generate])
@given(
    st.lists(
        st.tuples(st.sampled_from(_DOCUMENTS), st.sampled_from(UpdateStrategy)),
        min_size=1,
        max_size=5,
    )
)
def test_undone_documents_leave_no_trace_and_undone_undos_bring_them_back(
    stocked: Path,
    tmp_path_factory: pytest.TempPathFactory,
    writes: list[tuple[tuple[str, Item], UpdateStrategy]],
) -> None:
    folder = tmp_path_factory.mktemp("own") / "own"
    gallery = open_gallery(copy_stock(stocked, folder))
    before = state(gallery)

    written = [
        (name, write(gallery, name, [copy.deepcopy(item)], _policy(strategy)))
        for (name, item), strategy in writes
    ]
    after = state(gallery)
    undone = [(name, undo(gallery, name, each)) for name, each in reversed(written)]
    assert state(gallery) == before
    for name, each in reversed(undone):
        undo(gallery, name, each)
    assert state(gallery) == after
    gallery.close()


def _policy(strategy: UpdateStrategy) -> Policy:
    return Policy(update_strategy=strategy, error_strategy=ErrorStrategy.CONTINUE)


def _notes(outcomes: Sequence[Outcome]) -> list[tuple[OutcomeKind, str]]:
    return [(each.kind, each.note) for each in outcomes]


def test_values_that_entries_lost_come_back_beside_what_is_new(
    gallery: Undoer,
) -> None:
    written = write(gallery, "ObjectDefinition", [_NARROW])
    assert "rank" not in by_code(gallery, "Picture")["P-1"]
    write(gallery, "Picture", [{ERC: "P-1", "title": "Fog"}])

    undone = undo(gallery, "ObjectDefinition", written)

    assert _notes(undone) == [(OutcomeKind.UPDATED, "")]
    picture = by_code(gallery, "Picture")["P-1"]
    assert (picture["title"], picture["rank"], picture["code"]) == ("Fog", 7, "A")
    (duplicate,) = write(gallery, "Picture", [{ERC: "P-3", "title": "x", "code": "A"}])
    assert duplicate.problem is not None


def test_changes_of_a_definition_are_paths(gallery: Undoer) -> None:
    room = ROOM | {"label": {"en_US": "Chamber"}}
    (outcome,) = write(gallery, "ObjectDefinition", [room])

    assert outcome.change is not None
    assert outcome.change.fields == (FieldChange("label.en_US", "Room", "Chamber"),)


def test_documents_that_others_need_or_changed_since_stay(gallery: Undoer) -> None:
    picklists = write(gallery, "ListTypeDefinition", [_TONES])
    shelf = write(gallery, "ObjectDefinition", [_SHELF])
    wide = write(gallery, "ObjectDefinition", [_WIDE])
    colours = write(gallery, "ListTypeDefinition", [_GREEN])
    write(gallery, "Shelf", [{ERC: "S-1", "name": "Top"}])
    write(gallery, "Picture", [{ERC: "P-2", "title": "Sky", "extra": "mine"}])
    write(gallery, "ListTypeDefinition", [_GREEN | {"name": "Hues"}])

    assert _notes(undo(gallery, "ListTypeDefinition", colours)) == [
        (OutcomeKind.SKIPPED, CHANGED_SINCE)
    ]
    assert _notes(undo(gallery, "ObjectDefinition", wide)) == [
        (OutcomeKind.SKIPPED, IN_USE_SINCE)
    ]
    assert _notes(undo(gallery, "ObjectDefinition", shelf)) == [
        (OutcomeKind.SKIPPED, IN_USE_SINCE)
    ]
    assert _notes(undo(gallery, "ListTypeDefinition", picklists)) == [
        (OutcomeKind.SKIPPED, IN_USE_SINCE)
    ]
    assert by_code(gallery, "Picture")["P-2"]["extra"] == "mine"
    assert set(by_code(gallery, "Shelf")) == {"S-1"}


def test_a_relationship_that_others_have_used_stays_with_its_links(
    gallery: Undoer,
) -> None:
    hung = {**PICTURE_LINK, "name": "hungIn", ERC: "PICTURE-HUNG"}
    links = [*DRAFTED["objectRelationships"], hung]
    linked = DRAFTED | {"objectRelationships": links}
    written = write(gallery, "ObjectDefinition", [linked])
    picture = {ERC: "P-2", "title": "Sky", "hungIn": [{ERC: "R-1"}]}
    write(gallery, "Picture", [picture])

    assert _notes(undo(gallery, "ObjectDefinition", written)) == [
        (OutcomeKind.SKIPPED, IN_USE_SINCE)
    ]
    assert by_code(gallery, "Picture")["P-2"]["hungIn"] == [{ERC: "R-1"}]


def test_keys_that_others_have_used_stay(gallery: Undoer) -> None:
    """Those of a picklist that was updated, and those that came by themselves."""
    more = [*PICKLIST["listTypeEntries"], {"key": "green", "name": "Green"}]
    updated = write(
        gallery, "ListTypeDefinition", [PICKLIST | {"listTypeEntries": more}]
    )
    write(gallery, "Picture", [{ERC: "P-2", "title": "Sky", "tones": ["green"]}])
    parent = {"listTypeDefinitionExternalReferenceCode": "COLOURS"}
    keys = [parent | {"key": key, "name": key} for key in ("grey", "pink")]
    added = write(gallery, "ListTypeEntry", keys)
    write(
        gallery, "Picture", [{ERC: "P-2", "title": "Sky", "tones": ["grey", "green"]}]
    )

    assert _notes(undo(gallery, "ListTypeEntry", added)) == [
        (OutcomeKind.UPDATED, DELETED),
        (OutcomeKind.SKIPPED, IN_USE_SINCE),
    ]
    assert _notes(undo(gallery, "ListTypeDefinition", updated)) == [
        (OutcomeKind.SKIPPED, CHANGED_SINCE)
    ]


def test_a_created_definition_goes_with_what_it_did_to_others(gallery: Undoer) -> None:
    before = state(gallery)
    shelf = write(gallery, "ObjectDefinition", [_SHELF])

    assert _notes(undo(gallery, "ObjectDefinition", shelf)) == [
        (OutcomeKind.UPDATED, DELETED)
    ]
    assert state(gallery) == before
