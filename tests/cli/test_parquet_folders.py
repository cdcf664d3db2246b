"""The folder of the parts of a Parquet file, where a command or a call takes a file."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dmc_widgets.center import Center
from dmc_widgets.errors import FileUnreadable
from tests.cli.driver import Driver

ERC = "externalReferenceCode"


@pytest.fixture
def customers(tmp_path: Path) -> Path:
    """A folder as Spark writes it, whose parts are partitioned by a column."""
    folder = tmp_path / "customers"
    for code, city in (("PART-1", "Ulm"), ("PART-2", "Bonn")):
        part = folder / f"city={city}" / "part-00000.snappy.parquet"
        part.parent.mkdir(parents=True)
        table = pa.table({ERC: [code], "name": [code.title()], "email": [f"{code}@x"]})
        pq.write_table(table.append_column("points", pa.array([7])), part)
    (folder / "_SUCCESS").touch()
    return folder


def test_commands_read_the_parts_as_one_file(
    run: Driver, center: Center, target: str, customers: Path
) -> None:
    """In the order of their names; the folder stays as it is."""
    shown = run("preview", target, "Customer", customers)
    done = run("import", target, "Customer", customers)

    assert (shown.exit_code, done.exit_code) == (0, 0), shown.output + done.output
    assert "2 records" in done.output
    assert "customers.parquet" in {task.original_file for task in center.tasks.list()}
    assert len([*customers.rglob("*.parquet")]) == 2
    assert [*(run.workspace / "uploads").iterdir()] == []


def test_python_reads_the_parts_as_one_file(
    center: Center, target: str, customers: Path
) -> None:
    """The joined file stays for what reads on with the head."""
    head = center.files.read_head(customers)

    assert [record["city"] for record in head.records] == ["Bonn", "Ulm"]
    assert head.file_name == "customers.parquet"
    plan = center.files.plan_from_file(target, head, "Customer")
    preview = center.files.preview_records(target, plan, head)
    assert len(preview.records) == 2


def test_another_folder_is_refused(
    run: Driver, center: Center, target: str, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    message = "empty: The folder holds no parts of a Parquet file."

    refused = run("import", target, "Customer", tmp_path / "empty")

    assert refused.exit_code == 1
    assert message in refused.output
    with pytest.raises(FileUnreadable, match=message):
        center.import_file(target, "Customer", tmp_path / "empty")
