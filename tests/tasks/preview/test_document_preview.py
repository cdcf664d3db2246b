"""Definitions, picklists and folders are previewed by the rules of their import."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from dmc_widgets.center import Center
from dmc_widgets.installations import connect
from dmc_widgets.model.plan import ImportPlan
from dmc_widgets.model.strategies import ImportStrategy, Policy, UpdateStrategy
from dmc_widgets.ports import Batch, Installation, Query
from dmc_widgets.tasks.installation_access import find_entity_type
from dmc_widgets.tasks.samples import write_sample_data
from dmc_widgets.workspace import Workspace

ERC = "externalReferenceCode"


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    made = f"sqlite:///{tmp_path_factory.mktemp('sample') / 'sample.db'}"
    installation = connect(made)
    write_sample_data(installation)
    installation.close()
    return made


@pytest.fixture
def installation(url: str) -> Iterator[Installation]:
    opened = connect(url)
    yield opened
    opened.close()


@pytest.fixture
def sample(workspace: Workspace, url: str) -> Center:
    """An installation named sample: the bicycle workshop."""
    workspace.connections.put("sample", url)
    return Center(workspace)


def preview(
    center: Center, folder: Path, entity: str, *records: Any, **policy: Any
) -> pd.DataFrame:
    path = folder / "items.json"
    path.write_text(json.dumps(records, default=str))
    plan = ImportPlan(entity_type=entity, policy=Policy(**policy))
    return center.files.preview("sample", plan, path)


@pytest.mark.parametrize(
    "entity",
    [
        "ObjectFolder",
        "ListTypeDefinition",
        "ObjectDefinition",
        "Customer",
        "Bicycle",
        "Repair",
    ],
)
def test_preview_of_exported_documents_is_unchanged(
    sample: Center, installation: Installation, tmp_path: Path, entity: str
) -> None:
    entity_type = find_entity_type(installation.entity_types(), entity)
    items = list(islice(installation.read(entity_type, Query()), 60))

    frame = preview(sample, tmp_path, entity, *items)

    assert len(frame) == len(items) > 0
    assert set(frame["result", "expected"]) == {"unchanged"}
    assert set(frame["result", "problems"]) == {""}


def test_definitions_of_one_file_see_each_other(sample: Center, tmp_path: Path) -> None:
    """New, renamed by a strategy, of a name in use, misshaped, and incomplete."""
    new = {
        ERC: "NEW",
        "name": "Novelty",
        "label": {"en_US": "Novelty"},
        "pluralLabel": {"en_US": "Novelties"},
        "scope": "company",
    }
    frame = preview(
        sample,
        tmp_path,
        "ObjectDefinition",
        new,
        {**new, "label": {"en_US": "News"}},
        {**new, ERC: "OTHER"},
        {**new, ERC: "BICYCLE-2", "name": "Bicycle"},
        {**new, ERC: "SHAPE", "name": "Shape", "active": "yes"},
        {ERC: "LESS", "name": "Less"},
    )

    assert frame["result", "expected"].tolist() == [
        "created",
        "updated",
        "failed",
        "failed",
        "failed",
        "failed",
    ]
    assert frame["result", "problems"].tolist()[2:4] == [
        "name: Duplicate name C_Novelty",
        "name: Duplicate name C_Bicycle",
    ]
    target = frame["target"]
    assert target["name"].isna().tolist() == [False, False, True, True, False, False]
    assert pd.isna(target["active"].loc[5])
    assert frame["source", "active"].loc[5] == "yes"
    assert {name: str(target[name].dtype) for name in ("active", "label", "name")} == {
        "active": "boolean",
        "label": "object",
        "name": "string",
    }


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ({}, ["updated", "created"]),
        ({"import_strategy": ImportStrategy.INSERT}, ["failed", "created"]),
        ({"import_strategy": ImportStrategy.UPDATE}, ["updated", "failed"]),
        ({"update_strategy": UpdateStrategy.PARTIAL_UPDATE}, ["updated", "created"]),
    ],
)
@pytest.mark.parametrize(
    ("entity", "body"),
    [
        ("ListTypeDefinition", {"name": "Changed", "listTypeEntries": []}),
        ("ObjectFolder", {"name": "Changed", "label": {"en_US": "Changed"}}),
    ],
)
def test_strategies_apply_to_picklists_and_folders(
    sample: Center,
    installation: Installation,
    tmp_path: Path,
    entity: str,
    body: dict[str, Any],
    *,
    policy: dict[str, Any],
    expected: list[str],
) -> None:
    entity_type = find_entity_type(installation.entity_types(), entity)
    known = next(iter(installation.read(entity_type, Query())))[ERC]
    new = {**body, ERC: "NEW", "name": "New"}

    frame = preview(sample, tmp_path, entity, {**body, ERC: known}, new, **policy)

    assert frame["result", "expected"].tolist() == expected


def test_keys_of_an_unknown_picklist_pass(workspace: Workspace, tmp_path: Path) -> None:
    """The import knows keys of it that installations do not give out."""
    url = f"sqlite:///{tmp_path / 'early.db'}"
    opened = connect(url)
    definitions = find_entity_type(opened.entity_types(), "ObjectDefinition")
    field = {
        "DBType": "String",
        "businessType": "Picklist",
        "label": {"en_US": "Kind"},
        "listTypeDefinitionExternalReferenceCode": "LATER",
        "name": "kind",
    }
    early = {
        ERC: "EARLY",
        "name": "Early",
        "label": {"en_US": "Early"},
        "pluralLabel": {"en_US": "Early"},
        "objectFields": [field],
        "scope": "company",
        "status": {"code": 0},
    }
    batch = Batch(task="t", number=1, items=[early], policy=Policy())
    assert opened.write(definitions, batch)[0].problem is None
    opened.close()
    workspace.connections.put("sample", url)

    frame = preview(Center(workspace), tmp_path, "Early", {"kind": "anything"})

    assert frame["result", "expected"].tolist() == ["created"]
    assert frame["target", "kind"].tolist() == ["anything"]
