"""What a write did to entries is taken back byte for byte, and others' work stays."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from dmc_widgets.installations import connect
from dmc_widgets.model.change import FieldChange
from dmc_widgets.model.outcome import (
    CHANGED_SINCE,
    DELETED,
    IN_USE_SINCE,
    Outcome,
    OutcomeKind,
)
from dmc_widgets.model.record import LargeText
from dmc_widgets.model.strategies import (
    ErrorStrategy,
    ImportStrategy,
    Policy,
    UpdateStrategy,
)
from dmc_widgets.objects.fields.encrypted import HIDDEN
from dmc_widgets.ports import Batch, Item, Query, UndoBatch, Undoer, WrittenItem
from dmc_widgets.tasks.installation_access import find_entity_type
from tests.tasks.conftest import KEY
from tests.tasks.gallery import ERC, PICKLIST, PICTURE, ROOM, field

_SITED: Item = {
    "externalReferenceCode": "DESK",
    "label": {"en_US": "Desk"},
    "pluralLabel": {"en_US": "Desks"},
    "name": "Desk",
    "objectFields": [field("name", "Text")],
    "scope": "site",
    "status": {"code": 0},
}
_DRAFTED: Item = PICTURE | {"enableObjectEntryDraft": True}
_STORED: list[tuple[str, list[Item]]] = [
    ("Room", [{ERC: "R-1", "name": "Hall"}, {ERC: "R-2"}]),
    (
        "Picture",
        [
            {
                ERC: "P-1",
                "title": "Sea",
                "code": "A",
                "rank": 7,
                "secret": "hush",
                "scan": {"fileBase64": "aGVsbG8=", "name": "a.png", ERC: "F-1"},
                "caption_i18n": {"de_DE": "Wellen", "en_US": "Waves"},
                "r_pictures_c_roomERC": "R-1",
                "shownIn": [{ERC: "R-1"}, {ERC: "R-2"}],
                "keywords": ["blue"],
            },
            {ERC: "P-2", "title": "Sky", "code": "B", "shown": True, "number": "12"},
        ],
    ),
    ("Desk", [{ERC: "D-1", "name": "Oak", "scopeKey": "Guest"}]),
]
_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def stocked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with an installation of rooms, pictures and desks."""
    folder = tmp_path_factory.mktemp("stocked")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DMC_ENCRYPTION_KEY", KEY)
        opened = _open(folder)
        _write(opened, "ListTypeDefinition", [PICKLIST])
        _write(opened, "ObjectDefinition", [_DRAFTED, ROOM, _SITED])
        for name, items in _STORED:
            _write(opened, name, items)
        opened.close()
        yield folder


@pytest.fixture
def gallery(stocked: Path, tmp_path: Path) -> Iterator[Undoer]:
    shutil.copytree(stocked, tmp_path / "own")
    opened = _open(tmp_path / "own")
    yield opened
    opened.close()


def _open(folder: Path) -> Undoer:
    opened = connect(f"sqlite:///{folder / 'gallery.db'}")
    assert isinstance(opened, Undoer)
    return opened


def _write(
    gallery: Undoer, name: str, items: Sequence[Item], policy: Policy | None = None
) -> list[Outcome]:
    entity_type = find_entity_type(gallery.entity_types(), name)
    batch = Batch(
        task=f"write {next(_numbers)}",
        number=1,
        items=items,
        policy=policy or Policy(error_strategy=ErrorStrategy.CONTINUE),
        journal=True,
    )
    outcomes = gallery.write(entity_type, batch)
    assert gallery.write(entity_type, batch) == outcomes
    return outcomes


def _undo(gallery: Undoer, name: str, outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Take back what outcomes state, the last first."""
    items = [
        WrittenItem(each.kind, each.key, each.change)
        for each in reversed(outcomes)
        if each.change is not None
    ]
    entity_type = find_entity_type(gallery.entity_types(), name)
    task = f"undo {next(_numbers)}"
    batch = UndoBatch(task=task, number=1, items=items)
    undone = gallery.undo(entity_type, batch)
    assert gallery.undo(entity_type, batch) == undone
    return undone


def _state(gallery: Undoer) -> list[Any]:
    """Everything that an export of the whole installation holds."""
    return [
        [_plain(item) for item in gallery.read(entity_type, Query())]
        for entity_type in gallery.entity_types()
    ]


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    return value.whole() if isinstance(value, LargeText) else value


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
    update_strategy=st.sampled_from(
        [UpdateStrategy.UPDATE, UpdateStrategy("PARTIAL_UPDATE")]
    ),
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
    shutil.copytree(stocked, folder)
    gallery = _open(folder)
    before = _state(gallery)

    written = [(x[0], _write(gallery, *x)) for x in batches]
    after = _state(gallery)
    undone = [(name, _undo(gallery, name, each)) for name, each in reversed(written)]
    assert _state(gallery) == before
    assert {each.kind for _, outcomes in undone for each in outcomes} <= {
        OutcomeKind.UPDATED
    }
    for name, each in reversed(undone):
        _undo(gallery, name, each)
    assert _state(gallery) == after
    gallery.close()


def _by_code(gallery: Undoer, name: str) -> dict[str, Item]:
    entity_type = find_entity_type(gallery.entity_types(), name)
    return {item[ERC]: item for item in gallery.read(entity_type, Query())}


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
    (outcome,) = _write(gallery, "Picture", [{ERC: "P-1", **item}])

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
    written = _write(
        gallery,
        "Picture",
        [{ERC: "P-1", "title": "Fog"}, {ERC: "P-2", "title": "Rain"}, _NEW, _OTHER],
    )
    _write(gallery, "Picture", [{ERC: "P-2", "title": "Storm"}, {**_NEW, "rank": 1}])
    before = _by_code(gallery, "Picture")

    undone = _undo(gallery, "Picture", written)

    assert [(each.kind, each.key, each.note) for each in undone] == [
        (OutcomeKind.UPDATED, "P-8", DELETED),
        (OutcomeKind.SKIPPED, "P-9", CHANGED_SINCE),
        (OutcomeKind.SKIPPED, "P-2", CHANGED_SINCE),
        (OutcomeKind.UPDATED, "P-1", ""),
    ]
    after = _by_code(gallery, "Picture")
    assert after["P-1"]["title"] == "Sea"
    assert after["P-2"] == before["P-2"]
    assert after["P-9"] == before["P-9"]
    assert "P-8" not in after


_NEW: Item = {ERC: "P-9", "title": "Moor"}
_OTHER: Item = {ERC: "P-8", "title": "Lake"}


def test_created_parents_and_links_that_others_need_stay(gallery: Undoer) -> None:
    written = _write(gallery, "Room", [{ERC: "R-3"}, {ERC: "R-4"}, {ERC: "R-5"}])
    _write(gallery, "Picture", [{**_NEW, "r_pictures_c_roomERC": "R-3"}])
    _write(gallery, "Picture", [{**_OTHER, "shownIn": [{ERC: "R-4"}]}])

    undone = _undo(gallery, "Room", written)

    assert [(each.key, each.note) for each in undone] == [
        ("R-5", DELETED),
        ("R-4", IN_USE_SINCE),
        ("R-3", IN_USE_SINCE),
    ]
    assert _by_code(gallery, "Picture")["P-8"]["shownIn"] == [{ERC: "R-4"}]


def test_what_is_undone_already_or_gone_is_unchanged(gallery: Undoer) -> None:
    written = _write(gallery, "Picture", [{ERC: "P-1", "title": "Fog"}, _NEW])
    _undo(gallery, "Picture", written)

    again = _undo(gallery, "Picture", written)

    assert [each.kind for each in again] == [OutcomeKind.UNCHANGED] * 2


def test_a_unique_value_that_was_taken_since_fails_by_name(gallery: Undoer) -> None:
    written = _write(gallery, "Picture", [{ERC: "P-1", "title": "Sea", "code": "C"}])
    _write(gallery, "Picture", [{**_NEW, "code": "A"}])

    (undone,) = _undo(gallery, "Picture", written)

    assert undone.kind is OutcomeKind.FAILED
    assert undone.problem is not None
    assert undone.problem.field == "code"
