"""Entries that leave as a table come back as they were, the sample data whole."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dmc_widgets import ExportPlan, ImportPlan, open_center
from dmc_widgets.center import Center
from dmc_widgets.installations import connect
from dmc_widgets.model.task import Task, TaskStatus
from dmc_widgets.ports import Item, Query

SOURCE, TARGET = "Sample source", "Sample target"
OURS = {"id", "dateCreated", "dateModified", "creator", "actions"}


@pytest.fixture(params=["CSV", "PARQUET", "XLSX"])
def table(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def center(tmp_path: Path) -> Iterator[Center]:
    with open_center(tmp_path / "workspace") as opened:
        for entity in ("ObjectFolder", "ListTypeDefinition", "ObjectDefinition"):
            assert move(opened, entity, "JSON").status is TaskStatus.COMPLETED
        yield opened


def move(center: Center, entity: str, format_name: str) -> Task:
    plan = ExportPlan(entity_type=entity, format=format_name)
    exported = center.tasks.wait(
        center.tasks.start_export(SOURCE, plan).id, timeout_s=60
    )
    assert exported.status is TaskStatus.COMPLETED, exported.error
    path = center.tasks.file(exported.id)
    started = center.tasks.start_import(TARGET, ImportPlan(entity_type=entity), path)
    return center.tasks.wait(started.id, timeout_s=60)


def items(center: Center, name: str, entity: str) -> dict[str, Item]:
    url = next(
        installation.url
        for installation in center.installations.list()
        if installation.name == name
    )
    opened = connect(url)
    try:
        kind = next(e for e in opened.entity_types() if e.is_named(entity))
        found = list(opened.read(kind, Query()))
    finally:
        opened.close()
    return {
        item["externalReferenceCode"]: {
            key: value
            for key, value in item.items()
            if key not in OURS and not key.endswith("Id")
        }
        for item in found
    }


def test_sample_entries_survive_a_table_round_trip(center: Center, table: str) -> None:
    for entity in ("Customer", "Bicycle", "Repair"):
        task = move(center, entity, table)

        assert task.status is TaskStatus.COMPLETED, (entity, task.error)
        assert items(center, TARGET, entity) == items(center, SOURCE, entity)
