"""What a write did to entries is taken back byte for byte, and others' work stays."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from dmc_widgets.model.change import FieldChange
from dmc_widgets.model.outcome import (
    CHANGED_SINCE,
    DELETED,
    IN_USE_SINCE,
    OutcomeKind,
)
from dmc_widgets.model.strategies import (
    ErrorStrategy,
    ImportStrategy,
    Policy,
    UpdateStrategy,
)
from dmc_widgets.objects.fields.encrypted import HIDDEN
from dmc_widgets.ports import Item, Undoer
from tests.installations.undoing.stocked_gallery import (
    by_code,
    copy_stock,
    open_gallery,
    state,
    undo,
    write,
)
from tests.tasks.gallery import ERC

_PICTURES = st.fixed_dictionaries(
    {ERC: st.sampled_from(["P-1", "P-2", "P-3", "P-4"])},
    optional={
        "title": st.sampled_from(["Sea", "Fog", ""]),
        "code": st.sampled_from(["A", "B", "C", None]),
        "rank": st.sampled_from([7, 8, 0, None]),
        "weight": st.sampled_from([1, 1.5, None]),
        "price": st.sampled_from(["1.10", None]),
        "shown": st.sampled_from([True, False, None]),
        "colour": st.sampled_from(["red", None]),
        "tones": st.sampled_from([["red", "blue"], []]),
        "number": st.sampled_from(["12", "13"]),
        "secret": st.sampled_from(["hush", "loud", None]),
        "scan": st.sampled_from(
            [
                {"fileBase64": "aGVsbG8=", "name": "a.png", ERC: "F-1"},
                {"fileBase64": "Ynll", "name": "b.png", ERC: "F-1"},
                {"fileBase64": "Ynll", "name": "b.png", ERC: "F-2"},
                {"fileBase64": "Ynll", "name": "c.png"},
                None,
            ]
        ),
        "caption_i18n": st.sampled_from([{"de_DE": "Meer"}, {"en_US": "Sea"}, None]),
        "r_pictures_c_roomERC": st.sampled_from(["R-1", "R-2", "R-9", None]),
        "shownIn": st.lists(
            st.sampled_from(["R-1", "R-2", "R-8"]), unique=True, max_size=2
        ).map(lambda codes: [{ERC: code} for code in codes]),
        "status": st.sampled_from(["approved", "draft"]),
        "keywords": st.sampled_from([["red"], [], None]),
    },
)
_ROOMS = st.fixed_dictionaries(
    {ERC: st.sampled_from(["R-1", "R-2", "R-8", "R-9"])},
    optional={
        "name": st.sampled_from(["Hall", "Attic", None]),
        "shownIn": st.lists(
            st.sampled_from(["P-1", "P-3"]), unique=True, max_size=2
        ).map(lambda codes: [{ERC: code} for code in codes]),
    },
)
_DESKS = st.fixed_dictionaries(
    {
        ERC: st.sampled_from(["D-1", "D-2"]),
        "scopeKey": st.sampled_from(["Guest", "Global"]),
        "name": st.sampled_from(["Oak", "Pine"]),
    }
)
_POLICIES = st.builds(
    Policy,
    import_strategy=st.sampled_from(ImportStrategy),
    update_strategy=st.sampled_from(UpdateStrategy),
    error_strategy=st.just(ErrorStrategy.CONTINUE),
    lazy_references=st.booleans(),
)
_BATCHES = st.one_of(
    st.tuples(st.just("Picture"), st.lists(_PICTURES, max_size=4), _POLICIES),
    st.tuples(st.just("Room"), st.lists(_ROOMS, max_size=3), _POLICIES),
    st.tuples(st.just("Desk"), st.lists(_DESKS, max_size=3), _POLICIES),
)


@settings(max_examples=12, deadline=None, phases=[Phase.explicit, Phase.generate])
@given(st.lists(_BATCHES, min_size=1, max_size=3))
def test_undone_writes_leave_no_trace_and_undone_undos_bring_them_back(
    stocked: Path,
    tmp_path_factory: pytest.TempPathFactory,
    batches: list[tuple[str, list[Item], Policy]],
) -> None:
    folder = tmp_path_factory.mktemp("own") / "own"
    gallery = open_gallery(copy_stock(stocked, folder))
    before = state(gallery)

    written = [(x[0], write(gallery, *x)) for x in batches]
    after = state(gallery)
    undone = [(name, undo(gallery, name, each)) for name, each in reversed(written)]
    assert state(gallery) == before
    assert {each.kind for _, outcomes in undone for each in outcomes} <= {
        OutcomeKind.UPDATED
    }
    for name, each in reversed(undone):
        undo(gallery, name, each)
    assert state(gallery) == after
    gallery.close()


def test_changes_name_each_field_and_hide_secrets(gallery: Undoer) -> None:
    item = {
        "title": "Fog",
        "code": "A",
        "secret": "loud",
        "scan": None,
        "caption_i18n": {"en_US": "Mist"},
        "r_pictures_c_roomERC": "R-2",
        "shownIn": [{ERC: "R-2"}],
        "keywords": ["blue"],
        "status": "draft",
    }
    (outcome,) = write(gallery, "Picture", [{ERC: "P-1", **item}])

    assert outcome.change is not None
    changed = {each.field: each for each in outcome.change.fields}
    file = changed.pop("scan")
    assert (file.old[ERC], file.old["name"], file.lost) == ("F-1", "a.png", True)
    assert changed == {
        each.field: each
        for each in (
            FieldChange("caption_i18n.de_DE", "Wellen", None),
            FieldChange("caption_i18n.en_US", "Waves", "Mist"),
            FieldChange("r_pictures_c_roomERC", "R-1", "R-2"),
            FieldChange("rank", 7, None),
            FieldChange("secret", HIDDEN, HIDDEN),
            FieldChange("shownIn", ["R-1", "R-2"], ["R-2"]),
            FieldChange("status", "approved", "draft"),
            FieldChange("title", "Sea", "Fog"),
        )
    }
    assert "loud" not in str(outcome)
    assert "hush" not in str(outcome)


def test_what_somebody_changed_since_stays_and_is_named(gallery: Undoer) -> None:
    written = write(
        gallery,
        "Picture",
        [{ERC: "P-1", "title": "Fog"}, {ERC: "P-2", "title": "Rain"}, _NEW, _OTHER],
    )
    write(gallery, "Picture", [{ERC: "P-2", "title": "Storm"}, {**_NEW, "rank": 1}])
    before = by_code(gallery, "Picture")

    undone = undo(gallery, "Picture", written)

    assert [(each.kind, each.key, each.note) for each in undone] == [
        (OutcomeKind.UPDATED, "P-8", DELETED),
        (OutcomeKind.SKIPPED, "P-9", CHANGED_SINCE),
        (OutcomeKind.SKIPPED, "P-2", CHANGED_SINCE),
        (OutcomeKind.UPDATED, "P-1", ""),
    ]
    after = by_code(gallery, "Picture")
    assert after["P-1"]["title"] == "Sea"
    assert after["P-2"] == before["P-2"]
    assert after["P-9"] == before["P-9"]
    assert "P-8" not in after


_NEW: Item = {ERC: "P-9", "title": "Moor"}
_OTHER: Item = {ERC: "P-8", "title": "Lake"}


def test_created_parents_and_links_that_others_need_stay(gallery: Undoer) -> None:
    written = write(gallery, "Room", [{ERC: "R-3"}, {ERC: "R-4"}, {ERC: "R-5"}])
    write(gallery, "Picture", [{**_NEW, "r_pictures_c_roomERC": "R-3"}])
    write(gallery, "Picture", [{**_OTHER, "shownIn": [{ERC: "R-4"}]}])

    undone = undo(gallery, "Room", written)

    assert [(each.key, each.note) for each in undone] == [
        ("R-5", DELETED),
        ("R-4", IN_USE_SINCE),
        ("R-3", IN_USE_SINCE),
    ]
    assert by_code(gallery, "Picture")["P-8"]["shownIn"] == [{ERC: "R-4"}]


def test_what_is_undone_already_or_gone_is_unchanged(gallery: Undoer) -> None:
    written = write(gallery, "Picture", [{ERC: "P-1", "title": "Fog"}, _NEW])
    undo(gallery, "Picture", written)

    again = undo(gallery, "Picture", written)

    assert [each.kind for each in again] == [OutcomeKind.UNCHANGED] * 2


def test_a_unique_value_that_was_taken_since_fails_by_name(gallery: Undoer) -> None:
    written = write(gallery, "Picture", [{ERC: "P-1", "title": "Sea", "code": "C"}])
    write(gallery, "Picture", [{**_NEW, "code": "A"}])

    (undone,) = undo(gallery, "Picture", written)

    assert undone.kind is OutcomeKind.FAILED
    assert undone.problem is not None
    assert undone.problem.field == "code"
