"""Warnings of stored values that Overwrite Records would empty."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dmc_widgets.center import Center
from dmc_widgets.errors import Unreachable
from dmc_widgets.installations import connect
from dmc_widgets.installations.secret_store import PASSWORD
from dmc_widgets.installations.sql.installation import SqlInstallation
from dmc_widgets.model.access import Access
from dmc_widgets.model.field_mapping import FieldMapping
from dmc_widgets.model.mapping import Mapping
from dmc_widgets.model.plan import ImportPlan
from dmc_widgets.model.strategies import ImportStrategy, Policy, UpdateStrategy
from dmc_widgets.workspace import Workspace
from tests.sandbox.conftest import DEFINITIONS, SETTINGS, run_sandbox
from tests.tasks.gallery import write as write_items
from tests.tasks.imports.test_import_preflight import ERC, table

PARTIAL = Policy(update_strategy=UpdateStrategy.PARTIAL_UPDATE)
INSERT = Policy(import_strategy=ImportStrategy.INSERT)
UPDATE = Policy(import_strategy=ImportStrategy.UPDATE)


def text(name: str, **more: Any) -> dict[str, Any]:
    return {
        "DBType": "String",
        "businessType": "Text",
        "label": {"en_US": name.capitalize()},
        "name": name,
        "required": False,
        **more,
    }


STATED = [
    {"name": "defaultValueType", "value": "inputAsValue"},
    {"name": "defaultValue", "value": "new"},
]
NUMBERED = {
    **text("number"),
    "businessType": "AutoIncrement",
    "objectFieldSettings": [{"name": "initialValue", "value": "1"}],
}
CARD = {
    ERC: "CARD",
    "label": {"en_US": "Card"},
    "name": "Card",
    "objectFields": [
        text("city"),
        text("phone"),
        text("notes"),
        text("motto", localized=True),
        text("stage", objectFieldSettings=STATED),
        {**text("vip"), "DBType": "Boolean", "businessType": "Boolean"},
        NUMBERED,
    ],
    "pluralLabel": {"en_US": "Cards"},
    "scope": "company",
    "status": {"code": 0},
}


def warning(extent: str, names: str) -> str:
    return (
        f"Overwrite Records empties what the file leaves out: {extent} would lose a "
        f"stored value of {names}. Choose Update Changed Record Fields to keep them."
    )


@pytest.fixture
def cards(workspace: Workspace, center: Center, tmp_path: Path) -> Center:
    """Three entries: one full, one with notes alone, one without values."""
    url = f"sqlite:///{tmp_path / 'cards.db'}"
    installation = connect(url)
    write_items(installation, "ObjectDefinition", CARD)
    write_items(
        installation,
        "Card",
        {ERC: "C-1", "city": "Ulm", "phone": "1", "notes": "a"},
        {ERC: "C-2", "notes": "b"},
        {ERC: "C-3", "city": "Ulm", "notes": " "},
    )
    installation.close()
    workspace.connections.put("cards", url)
    return center


def warnings_of(
    center: Center, path: Path, mapping: Mapping | None = None, **policy: Any
) -> list[str]:
    plan = ImportPlan(
        entity_type="Card",
        mapping=mapping or Mapping(same_names=True),
        policy=policy.get("policy", Policy()),
    )
    found = list(center.files.check_import("cards", plan, path).warnings)
    assert center.files.preview("cards", plan, path).attrs["warnings"] == found
    return found


ROWS = [["C-1", "Bonn"], ["C-2", "Bonn"], ["C-3", "Bonn"], ["C-9", "Bonn"]]


@pytest.mark.parametrize("policy", [Policy(), UPDATE], ids=["upsert", "update"])
@pytest.mark.parametrize("suffix", ["csv", "xlsx", "json", "jsonl"])
def test_warning_names_fields_without_a_column(
    cards: Center, tmp_path: Path, suffix: str, policy: Policy
) -> None:
    """Neither a number, which stays, nor an equal default counts."""
    path = table(tmp_path / f"a.{suffix}", [ERC, "city"], *ROWS)

    assert warnings_of(cards, path, policy=policy) == [
        warning("2 of its 4 records", "'notes' or 'phone'")
    ]


@pytest.mark.parametrize("policy", [PARTIAL, INSERT], ids=["partial", "insert"])
def test_no_warning_if_nothing_is_overwritten(
    cards: Center, tmp_path: Path, policy: Policy
) -> None:
    path = table(tmp_path / "a.csv", [ERC, "city"], *ROWS)

    assert warnings_of(cards, path, policy=policy) == []


@pytest.mark.parametrize("code", ["C-3", "C-9"], ids=["no-values", "a-new-entry"])
def test_no_warning_if_no_stored_value_is_lost(
    cards: Center, tmp_path: Path, code: str
) -> None:
    path = table(tmp_path / "a.csv", [ERC, "city"], [code, "Bonn"])

    assert warnings_of(cards, path) == []


def test_record_with_the_field_loses_nothing(cards: Center, tmp_path: Path) -> None:
    """A null is given on purpose; a field that is not there is left out."""
    path = tmp_path / "a.json"
    full = {ERC: "C-1", "city": "Ulm", "phone": "2", "notes": None}
    path.write_text(json.dumps([full, {ERC: "C-2", "city": "Rom"}]))

    assert warnings_of(cards, path) == [warning("1 of its 2 records", "'notes'")]


def test_warning_considers_the_mapping(cards: Center, tmp_path: Path) -> None:
    path = table(tmp_path / "a.csv", ["code", "tel"], ["C-1", "2"])
    pairs = (FieldMapping("code", ERC), FieldMapping("tel", "phone"))

    assert warnings_of(cards, path, Mapping(pairs)) == [
        warning("its only record", "'city' or 'notes'")
    ]
    no_code = Mapping(pairs[1:])
    assert warnings_of(cards, path, no_code) == []


@pytest.mark.parametrize(
    ("stored", "record", "names"),
    [
        ({"stage": "done"}, {}, "'stage'"),
        ({"stage": "new"}, {}, ""),
        ({"vip": True}, {}, "'vip'"),
        ({"vip": False}, {}, ""),
        ({"keywords": ["a"]}, {}, "'keywords'"),
        ({"motto": "x"}, {}, "'motto'"),
        ({"motto": "x"}, {"motto": "y"}, ""),
        ({"motto_i18n": {"en_US": "x", "de_DE": "y"}}, {"motto": "z"}, "'motto_i18n'"),
        (
            {"motto_i18n": {"en_US": "x", "de_DE": "y"}},
            {"motto_i18n": {"en_US": "z", "de_DE": "z"}},
            "",
        ),
    ],
)
def test_warning_considers_values_of_every_type(
    cards: Center,
    tmp_path: Path,
    stored: dict[str, Any],
    record: dict[str, Any],
    names: str,
) -> None:
    first = tmp_path / "first.json"
    first.write_text(json.dumps([{ERC: "C-5", "city": "Ulm", **stored}]))
    task = cards.tasks.start_import("cards", ImportPlan(entity_type="Card"), first)
    assert cards.tasks.wait(task.id, timeout_s=60).counts.created == 1
    path = tmp_path / "a.json"
    path.write_text(json.dumps([{ERC: "C-5", "city": "Ulm", **record}]))

    told = [warning("its only record", names)] if names else []
    assert warnings_of(cards, path) == told


def test_warning_becomes_a_note_of_the_task(cards: Center, tmp_path: Path) -> None:
    path = table(tmp_path / "a.csv", [ERC, "city"], ["C-1", "Bonn"])

    task = cards.tasks.start_import("cards", ImportPlan(entity_type="Card"), path)

    told = (warning("its only record", "'notes' or 'phone'"),)
    assert task.notes == told
    assert cards.tasks.wait(task.id, timeout_s=60).notes == told


def test_no_warning_if_the_fetch_fails(
    cards: Center, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        name, reason = "cards", "no answer"
        raise Unreachable(name, reason)

    monkeypatch.setattr(SqlInstallation, "fetch", fail)
    path = table(tmp_path / "a.csv", [ERC, "city"], *ROWS)

    plan = ImportPlan(entity_type="Card")
    assert cards.files.check_import("cards", plan, path).warnings == ()


def test_warning_works_for_servers(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PASSWORD, SETTINGS.password)
    path = table(tmp_path / "a.csv", [ERC, "city"], *ROWS)
    with run_sandbox(tmp_path / "server.db") as server:
        with server.client() as client:
            client.post(DEFINITIONS, json=CARD).raise_for_status()
            body = {ERC: "C-1", "phone": "1", "keywords": ["a"]}
            client.post("/o/c/cards", json=body).raise_for_status()
        center = Center(workspace)
        center.installations.add("cards", server.url, Access(user=SETTINGS.user))

        told = warnings_of(center, path)

    assert told == [warning("1 of its 4 records", "'keywords' or 'phone'")]
