"""Neither side ever holds a file: memory does not grow with it."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from dmc_widgets.formats import FORMATS
from dmc_widgets.formats.source import open_source
from dmc_widgets.formats.zip_writer import write_archive
from dmc_widgets.model.entity_type import OBJECT_ENTRY, EntityType
from dmc_widgets.ports import ExportHeader

RECORDS = 20_000
LIMIT_BYTES = 4_000_000  # a fifth of the file


def items() -> Iterator[dict[str, Any]]:
    for number in range(RECORDS):
        yield {"code": f"P-{number}", "note": "plum " * 200, "number": number}


@pytest.fixture(scope="module", params=["JSON", "JSONL", "JSONT", "items first"])
def plain(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A file of 20 MB; the last has its configuration behind the items."""
    path = tmp_path_factory.mktemp("plain") / "plums.txt"
    name = request.param.replace("items first", "JSON")
    header = ExportHeader(
        entity_type=EntityType(name="C_Plum", label="Plum", class_name=OBJECT_ENTRY),
        fields=(),
    )
    with path.open("wb") as stream:
        if name != request.param:
            stream.write(b'{"items":')
        FORMATS[name].write(items(), stream, header)
        if name != request.param:
            stream.write(b',"configuration":{"className":"org.Plum"}}')
    return path


def test_reading_does_not_hold_the_file_in_memory(plain: Path) -> None:
    assert plain.stat().st_size > 20_000_000
    tracemalloc.start()
    with open_source(plain) as source:
        count = sum(1 for _ in source.records())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert count == RECORDS
    assert peak < LIMIT_BYTES


@pytest.mark.parametrize("format_", FORMATS)
def test_writing_does_not_hold_the_file_in_memory(
    tmp_path: Path, header: ExportHeader, format_: str
) -> None:
    some = islice(items(), 1)  # loads vendors
    write_archive(tmp_path / "first.zip", FORMATS[format_], some, header)
    tracemalloc.start()
    count = write_archive(tmp_path / "plums.zip", FORMATS[format_], items(), header)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert count == RECORDS
    assert peak < LIMIT_BYTES
