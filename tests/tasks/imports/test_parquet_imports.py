"""Imports of Parquet files: head, count, partitions, and what a mapping may take."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dmc_widgets import open_center
from dmc_widgets.formats.source import open_source
from dmc_widgets.model.run_options import RunOptions
from dmc_widgets.tasks.imports.file_chunks import read_chunks
from dmc_widgets.tasks.imports.file_head import FileFields, read_head
from dmc_widgets.tasks.imports.preflight import empty_file_message
from dmc_widgets.tasks.partitions.planner import plan_partitions, read_partition

STATE = pa.struct([("key", pa.string()), ("name", pa.string())])


def write(path: Path, table: pa.Table, rows: int = 7_000) -> Path:
    pq.write_table(table, path, row_group_size=rows)
    return path


def test_number_of_records_is_that_which_the_file_states(tmp_path: Path) -> None:
    """It is exact for a file of which only the head was read."""
    path = write(tmp_path / "plums.parquet", pa.table({"a": range(20_000)}))

    head = read_head(path)

    assert (len(head.records), head.complete) == (100, False)
    assert head.records_about == 20_000


def test_parts_of_an_object_are_known_though_it_is_null(tmp_path: Path) -> None:
    table = pa.table({"state": pa.array([None], STATE)})
    fields = FileFields(read_head(write(tmp_path / "plums.parquet", table)))

    assert fields.missing(["state.key", "state.colour"]) == ("state.colour",)


def test_columns_of_a_file_without_rows_are_known(tmp_path: Path) -> None:
    table = pa.table({"a": pa.array([], pa.int8()), "state": pa.array([], STATE)})
    fields = FileFields(read_head(write(tmp_path / "plums.parquet", table)))

    assert fields.sources == ("a", "state.key", "state.name")


@pytest.mark.parametrize("workers", [2, 5])
def test_partitions_have_the_batches_of_one_worker(
    tmp_path: Path, workers: int
) -> None:
    """Texts of 2 kB end batches by their bytes, and row groups cut them nowhere."""
    texts = [
        f"{number} " + "".join(map(chr, range(48, 122))) * 30
        for number in range(15_000)
    ]
    path = write(tmp_path / "plums.parquet", pa.table({"a": texts, "b": range(15_000)}))
    options = RunOptions()
    with open_source(path) as source:
        alone = [
            (x.batch, x.first, list(x.records)) for x in read_chunks(source, options)
        ]
        partitions = plan_partitions(source, options, workers)
        divided = [
            (chunk.batch, chunk.first, list(chunk.records))
            for partition in partitions
            for chunk in read_partition(source, partition)
        ]

    assert len(partitions) > 1
    assert all(partition.place is not None for partition in partitions)
    assert divided == alone


def test_a_parquet_file_without_rows_is_refused(tmp_path: Path) -> None:
    """It names its columns in its description, and in none of its rows."""
    path = write(tmp_path / "plums.parquet", pa.table({"a": pa.array([], pa.int64())}))

    assert empty_file_message(read_head(path)) == "plums.parquet holds no record."


def test_failed_records_of_a_parquet_file_are_mended_as_json_lines(
    tmp_path: Path,
) -> None:
    """They keep their types and nested values, and a person can edit them."""
    table = pa.table(
        {
            "externalReferenceCode": ["C-1", "C-2"],
            "name": ["Ada", None],
            "email": ["ada@example.com", "bob@example.com"],
        }
    )
    path = write(tmp_path / "customers.parquet", table)
    with open_center(tmp_path / "workspace") as center:
        for entity in ("ObjectFolder", "ListTypeDefinition", "ObjectDefinition"):
            file = tmp_path / f"{entity}.zip"
            center.export_file("Sample source", entity, file)
            center.import_file("Sample target", entity, file)
        task = center.import_file(
            "Sample target", "Customer", path, on_error="continue"
        )
        file = tmp_path / "failed"
        center.repair.save_failures(task.id, file)

    assert (task.counts.created, task.counts.failed) == (1, 1)
    assert '"externalReferenceCode":"C-2","name":null' in file.read_text()
