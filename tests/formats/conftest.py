"""What the tests of formats share: a header of entries, and files to open."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dmc_widgets.formats.source import open_source
from dmc_widgets.model.entity_type import OBJECT_ENTRY, EntityType, Field
from dmc_widgets.model.record import Record, UnreadableRecord
from dmc_widgets.ports import ExportHeader


@pytest.fixture
def header() -> ExportHeader:
    """Entries of an object with a picklist and a multiselect picklist."""
    return ExportHeader(
        entity_type=EntityType(
            name="C_Plum",
            label="Plum (v1.0 - Liferay Object REST)",
            class_name=OBJECT_ENTRY,
            delegate="C_Plum",
        ),
        fields=(
            Field(name="note", custom=True),
            Field(name="Amount", type="Decimal", custom=True),
            Field(name="externalReferenceCode"),
            Field(name="status", custom=True, parts=("key", "name")),
            Field(
                name="tags", custom=True, parts=("key_1", "name_1", "key_2", "name_2")
            ),
        ),
    )


@pytest.fixture
def read_file(tmp_path: Path) -> Callable[..., list[Record | UnreadableRecord]]:
    """Return a function that reads bytes as the file of a name."""

    def read(data: bytes, name: str = "plums.json") -> list[Record | UnreadableRecord]:
        path = tmp_path / "file"
        path.write_bytes(data)
        with open_source(path, name=name) as source:
            return list(source.records())

    return read


@pytest.fixture
def messages(read_file: Callable[..., list[Any]]) -> Callable[..., list[Any]]:
    """Return a function like *read_file* with a text in place of a bad record."""

    def read(data: bytes, name: str = "plums.json") -> list[Any]:
        return [
            each.problem.message if isinstance(each, UnreadableRecord) else each
            for each in read_file(data, name)
        ]

    return read
