"""Predicted outcomes of previews equal those of the import."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dmc_widgets.center import Center
from dmc_widgets.installations import connect
from dmc_widgets.model.strategies import (
    ErrorStrategy,
    ImportStrategy,
    Policy,
    UpdateStrategy,
)
from dmc_widgets.ports import Batch
from dmc_widgets.tasks.installation_access import find_entity_type
from dmc_widgets.workspace import Workspace
from tests.tasks.gallery import (
    ERC,
    FULL,
    PICKLIST,
    PICTURE,
    ROOM,
    head_of,
    plan,
    preview,
    stored,
    write,
)


@pytest.mark.parametrize(
    ("record", "policy", "expected", "problem"),
    [
        ({**FULL}, {}, "unchanged", ""),
        ({**FULL, "rank": 8}, {}, "updated", ""),
        ({**FULL, "secret": "new"}, {}, "updated", ""),
        ({ERC: "P-1", "title": "Sea"}, {}, "updated", ""),
        ({**FULL, "shownIn": ["R-2", "R-1"]}, {}, "unchanged", ""),
        ({**FULL, "shownIn": ["R-2"]}, {}, "updated", ""),
        ({**FULL, "shownIn": []}, {}, "updated", ""),
        (
            {**FULL, "scan": {"fileBase64": "aGVsbG8=", "name": "b.png"}},
            {},
            "updated",
            "",
        ),
        (
            {**FULL, "scan": {"fileBase64": "aGVsbG8h", "name": "a.png"}},
            {},
            "updated",
            "",
        ),
        (
            {ERC: "P-1", "title": "Sea"},
            {"update_strategy": UpdateStrategy.PARTIAL_UPDATE},
            "unchanged",
            "",
        ),
        ({**FULL, ERC: "P-2", "code": "B", "number": "13"}, {}, "created", ""),
        ({"title": "no code"}, {}, "created", ""),
        (
            FULL,
            {"import_strategy": ImportStrategy.INSERT},
            "failed",
            "Unique value constraint violation",
        ),
        (
            {ERC: "P-9", "title": "x"},
            {"import_strategy": ImportStrategy.UPDATE},
            "failed",
            "P-9",
        ),
    ],
)
def test_expected_outcome_equals_that_of_the_import(
    gallery: Center,
    tmp_path: Path,
    record: dict[str, Any],
    *,
    policy: dict[str, Any],
    expected: str,
    problem: str,
) -> None:
    """The prediction equals what the installation then does."""
    stored(gallery, FULL)

    frame = preview(gallery, tmp_path, record, **policy)
    url = gallery._workspace.connections.get("gallery").url
    installation = connect(url)
    outcomes = installation.write(
        find_entity_type(installation.entity_types(), "Picture"),
        Batch(task="real", number=1, items=[record], policy=Policy(**policy)),
    )
    installation.close()

    assert frame["result", "expected"].tolist() == [expected]
    assert [outcome.kind.value for outcome in outcomes] == [expected]
    assert problem in frame["result", "problems"].tolist()[0]
    if outcomes[0].problem:
        assert outcomes[0].problem.message in frame["result", "problems"].tolist()[0]


def test_records_see_earlier_records(gallery: Center, tmp_path: Path) -> None:
    """A repeated code is an update; a repeated unique value fails."""
    frame = preview(
        gallery,
        tmp_path,
        {ERC: "P-1", "title": "a", "code": "A"},
        {ERC: "P-1", "title": "b", "code": "A"},
        {ERC: "P-2", "title": "c", "code": "A"},
        {"title": "d", "number": "1"},
        {"title": "e"},
    )

    assert frame["result", "expected"].tolist() == [
        "created",
        "updated",
        "failed",
        "created",
        "created",
    ]
    assert "code" in frame["result", "problems"].loc[3]


def test_unique_values_of_other_entries_are_taken(
    gallery: Center, tmp_path: Path
) -> None:
    """Quotes in values do not break out of the filter."""
    stored(gallery, {ERC: "P-1", "title": "a", "code": "it's"}, {**FULL, ERC: "P-2"})

    frame = preview(
        gallery,
        tmp_path,
        {"title": "b", "code": "it's"},
        {"title": "c", "code": "IT'S"},
        {"title": "d", "code": "') or (title eq 'a"},
        {"title": "e", "number": "12"},
        {ERC: "P-2", "title": "f", "code": "it's"},
    )

    assert frame["result", "expected"].tolist() == [
        "failed",
        "created",
        "created",
        "failed",
        "failed",
    ]


def test_entries_named_by_id_have_to_exist(gallery: Center, tmp_path: Path) -> None:
    url = gallery._workspace.connections.get("gallery").url
    installation = connect(url)
    rooms = find_entity_type(installation.entity_types(), "Room")
    room = installation.fetch(rooms, ["R-2"])["R-2"]["id"]
    installation.close()
    name = "r_pictures_c_roomId"

    frame = preview(
        gallery,
        tmp_path,
        {"title": "a", name: room},
        {"title": "b", name: room + 999},
        {"title": "c", "shownIn": [{"id": room}]},
        {"title": "d", "shownIn": [{"id": room + 999}]},
    )

    assert frame["result", "expected"].tolist() == [
        "created",
        "failed",
        "created",
        "failed",
    ]


def test_a_parent_may_be_named_by_its_id(gallery: Center, tmp_path: Path) -> None:
    """The id of a stored entry's own parent changes nothing."""
    stored(gallery, FULL)
    url = gallery._workspace.connections.get("gallery").url
    installation = connect(url)
    pictures = find_entity_type(installation.entity_types(), "Picture")
    item = installation.fetch(pictures, ["P-1"])["P-1"]
    installation.close()
    record = {k: v for k, v in FULL.items() if k != "r_pictures_c_roomERC"}
    name = "r_pictures_c_roomId"

    frame = preview(gallery, tmp_path, {**record, name: item[name]})

    assert frame["result", "expected"].tolist() == ["unchanged"]
    assert str(frame["target", name].dtype) == "Int64"


def test_sites_are_independent(
    gallery: Center, tmp_path: Path, workspace: Workspace
) -> None:
    """The same code and unique value in two sites; a record without a site fails."""
    url = f"sqlite:///{tmp_path / 'sites.db'}"
    installation = connect(url)
    write(installation, "ListTypeDefinition", PICKLIST)
    write(installation, "ObjectDefinition", {**PICTURE, "scope": "site"}, ROOM)
    north, south = {"scopeKey": "north"}, {"scopeKey": "south"}
    write(installation, "Picture", {ERC: "P-1", "title": "a", "code": "A", **north})
    installation.close()
    workspace.connections.put("sites", url)
    head = head_of(
        gallery,
        tmp_path,
        {ERC: "P-1", "title": "a", "code": "A", **north},
        {ERC: "P-1", "title": "a", "code": "A", **south},
        {ERC: "P-2", "title": "b", "code": "A", **north},
        {ERC: "P-3", "title": "c"},
    )

    by_record = gallery.files.preview("sites", plan(), head)
    new = replace(plan(), new_sites=True)
    by_plan = gallery.files.preview("sites", replace(new, scope="south"), head)
    with_new = gallery.files.preview("sites", new, head)

    assert by_record["result", "expected"].tolist() == [
        "unchanged",
        "failed",
        "failed",
        "failed",
    ]
    assert by_record["result", "problems"].loc[2] == (
        'scopeKey: There is no site "south". Known: Global, Guest, north. Check its '
        "key; an import into an embedded database can add new sites"
    )
    assert with_new["result", "expected"].tolist()[1] == "created"
    assert by_record["result", "problems"].loc[4] == (
        'No scope key was provided for the "C_Picture" entry.'
    )
    assert by_plan["result", "expected"].tolist() == [
        "created",
        "unchanged",
        "failed",
        "created",
    ]


CHOICES: dict[str, list[Any]] = {
    ERC: ["P-1", "P-2", "P-3", "P-4", "", None, 5],
    "title": ["Sea", "", None, "x" * 281, 5, {"a": 1}],
    "code": ["A", "B", "it's", "", None],
    "rank": [1, "2", "", "x", None, 2**31],
    "price": ["1.50", 1.5, "abc", None],
    "shown": [True, False, "false", "maybe", None],
    "painted": ["2024-01-05", "5.1.2024", None],
    "colour": ["red", {"key": "blue"}, "green", "", None],
    "tones": ["red,blue", [], ["green"], None],
    "number": ["12", "13", 900, "0", None],
    "secret": ["hush", "", None, 5],
    "scan": [
        {"fileBase64": "aGVsbG8=", "name": "a.png"},
        {"fileBase64": "aGVsbG8h", "name": "a.png"},
        {"fileBase64": "!", "name": "a.png"},
        None,
    ],
    "caption": ["Waves", None, 5],
    "caption_i18n": [{"de_DE": "Wellen"}, {"x-y!": "z"}, None],
    "r_pictures_c_roomERC": ["R-1", "R-2", "R-9", "", None],
    "shownIn": [[{ERC: "R-1"}], "R-1,R-2", [], ["R-9"], None],
    "keywords": [["blue"], [], None, 5],
    "status": [{"code": 0}, {"code": 2}, 0],
}


@pytest.mark.parametrize("seed", range(6))
def test_random_records_have_the_expected_outcomes(
    gallery: Center, tmp_path: Path, seed: int
) -> None:
    """The preview of some records equals the import of all of them."""
    chance = random.Random(seed)
    stored(
        gallery,
        FULL,
        {ERC: "P-2", "title": "Two", "code": "B", "shown": False, "shownIn": ["R-2"]},
    )
    policy: dict[str, Any] = {
        "import_strategy": [*ImportStrategy][seed % 3],
        "update_strategy": [*UpdateStrategy][seed % 2],
    }
    records = []
    for _ in range(80):
        names = chance.sample(list(CHOICES), chance.randrange(1, 7))
        record = {"title": "T"} if chance.random() < 0.7 else {}
        records.append(record | {e: chance.choice(CHOICES[e]) for e in names})

    frame = preview(gallery, tmp_path, *records, **policy)
    installation = connect(gallery._workspace.connections.get("gallery").url)
    strategies = Policy(error_strategy=ErrorStrategy.CONTINUE, **policy)
    outcomes = installation.write(
        find_entity_type(installation.entity_types(), "Picture"),
        Batch(task="real", number=1, items=records, policy=strategies),
    )
    installation.close()

    told = list(frame["result", "problems"])
    for record, expected, text, outcome in zip(
        records, frame["result", "expected"], told, outcomes, strict=True
    ):
        assert expected == outcome.kind.value, (record, text, outcome)
        if outcome.problem is not None:
            assert outcome.problem.message in text, record


@pytest.mark.parametrize(
    ("record", "policy", "expected"),
    [
        ({"title": "Sky"}, {}, "updated"),
        (
            {"title": "Sea"},
            {"update_strategy": UpdateStrategy.PARTIAL_UPDATE},
            "unchanged",
        ),
        ({"title": "Sea"}, {"import_strategy": ImportStrategy.INSERT}, "failed"),
    ],
)
def test_preview_works_without_the_encryption_key(
    gallery: Center,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    record: dict[str, Any],
    *,
    policy: dict[str, Any],
    expected: str,
) -> None:
    """An import without secrets needs no key, and neither does its preview."""
    stored(gallery, FULL)
    monkeypatch.delenv("DMC_ENCRYPTION_KEY")

    frame = preview(gallery, tmp_path, {ERC: "P-1", **record}, **policy)

    assert frame["result", "expected"].tolist() == [expected]
