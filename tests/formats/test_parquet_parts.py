"""A folder of parts is one Parquet file, or is refused in one sentence."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from dmc_widgets.errors import FileBroken, FileError
from dmc_widgets.formats.parquet import joining
from dmc_widgets.formats.parquet.format import ParquetFormat
from dmc_widgets.formats.parquet.parts import join_parts, joined_name, list_parts


def write(path: Path, **columns: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(columns), path)


def join(folder: Path) -> bytes:
    stream = io.BytesIO()
    join_parts(list_parts(folder), stream)
    return stream.getvalue()


def read(folder: Path) -> list[Any]:
    data = io.BytesIO(join(folder))
    return [*ParquetFormat().read(data, source=joined_name(folder))]


def test_parts_are_read_in_the_natural_order_of_their_names(tmp_path: Path) -> None:
    """Dask counts from part.0 to part.10; notes of the writer are passed over."""
    for number in (10, 0, 2):
        write(tmp_path / f"part.{number}.parquet", a=[number, number + 0])
    write(tmp_path / "_metadata", a=[7])
    for note in ("_SUCCESS", ".part.0.parquet.crc", "_temporary/part.9.parquet"):
        (tmp_path / note).parent.mkdir(exist_ok=True)
        (tmp_path / note).touch()

    assert [record["a"] for record in read(tmp_path)] == [0, 0, 2, 2, 10, 10]


def test_folders_state_values_of_columns(tmp_path: Path) -> None:
    """As pandas, Spark and pyarrow partition a table; they are texts."""
    frame = pd.DataFrame(
        {"a": [1, 2, 3], "land": ["DE", "A/B", None], "year": [2024, 2025, 2025]}
    )
    frame.to_parquet(tmp_path / "x", partition_cols=["year", "land"])

    assert read(tmp_path / "x") == [
        {"a": 1, "year": "2024", "land": "DE"},
        {"a": 3, "year": "2025", "land": None},
        {"a": 2, "year": "2025", "land": "A/B"},
    ]


def test_values_are_those_of_the_parts(tmp_path: Path) -> None:
    """Nothing is rounded on the way, whatever the type."""
    table = pa.table(
        {
            "moment": pa.array([1_704_198_605_678], pa.timestamp("ms", "UTC")),
            "state": [{"key": "open", "name": "Open"}],
            "tags": [["a", None]],
            "city": pa.array(["Ulm"]).dictionary_encode(),
            "price": pa.array(["1.10"]).cast(pa.decimal128(38, 16)),
        }
    )
    ds.write_dataset(table, tmp_path, format="parquet")

    assert read(tmp_path) == [
        {
            "moment": "2024-01-02T12:30:05.678Z",
            "state": {"key": "open", "name": "Open"},
            "tags": ["a", None],
            "city": "Ulm",
            "price": 1.1,
        }
    ]


def test_columns_of_all_parts_are_read(tmp_path: Path) -> None:
    """One that a part lacks, or has no value of, is null there; widths may differ."""
    write(tmp_path / "1.parquet", a=pa.array([1], pa.int8()), b=pa.array([None]))
    write(tmp_path / "2.parquet", a=pa.array([2**40]), b=pa.array(["x"]))
    write(tmp_path / "3.parquet", b=pa.array(["y"], pa.large_string()), c=[True])

    assert read(tmp_path) == [
        {"a": 1, "b": None, "c": None},
        {"a": 2**40, "b": "x", "c": None},
        {"a": None, "b": "y", "c": True},
    ]


def test_long_repeated_texts_are_joined_in_bounded_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A text that the part keeps once is written out a few rows at a time."""
    monkeypatch.setattr(joining, "GROUP_BYTES", 10_000)
    write(tmp_path / "1.parquet", a=["x" * 4_000] * 9)

    data = join(tmp_path)

    assert pq.ParquetFile(io.BytesIO(data)).num_row_groups == 3
    assert len(read(tmp_path)) == 9


def refusal(folder: Path) -> str:
    with pytest.raises(FileError) as caught:
        join(folder)
    return str(caught.value)


def test_parts_of_other_types_are_refused(tmp_path: Path) -> None:
    """Integers are not read as floats, which are inexact beyond 53 bits."""
    write(tmp_path / "1.parquet", a=[1], b=["x"])
    write(tmp_path / "2.parquet", a=[1.5], b=["x"])

    assert refusal(tmp_path) == (
        "2.parquet: The column 'a' is of the type double, and of the type int64 in "
        "the parts before it. Write all parts with one schema."
    )


def test_a_column_that_a_folder_states_as_well_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "a=1" / "1.parquet", a=[1])

    assert refusal(tmp_path) == (
        "a=1/1.parquet: Two columns are named 'a', or one is named as a folder around "
        "the part. Rename one of them."
    )


def test_other_files_among_the_parts_are_refused(tmp_path: Path) -> None:
    write(tmp_path / "1.parquet", a=[1])
    (tmp_path / "more.csv").write_text("a\n2\n")

    assert refusal(tmp_path) == (
        "more.csv: This is not a part of a Parquet file, as the others in the folder "
        "are. Move it elsewhere, or choose a single file."
    )


def test_a_folder_that_states_a_value_is_no_note(tmp_path: Path) -> None:
    """Whatever its name begins with; Spark reads it, too."""
    write(tmp_path / "_year=2024" / "1.parquet", a=[1])
    write(tmp_path / "_temporary" / "_year=2025" / "1.parquet", a=[2])

    assert read(tmp_path) == [{"a": 1, "_year": "2024"}]


def test_a_link_whose_records_would_be_missing_is_refused(tmp_path: Path) -> None:
    """To a folder, or to nothing; one to a file is as good as the file."""
    write(tmp_path / "elsewhere" / "1.parquet", a=[1])
    folder = tmp_path / "out"
    write(folder / "2.parquet", a=[2])
    (folder / "1.parquet").symlink_to(tmp_path / "elsewhere" / "1.parquet")
    assert [record["a"] for record in read(folder)] == [1, 2]

    for name, target in (("land=DE", "elsewhere"), ("3.parquet", "gone.parquet")):
        (folder / name).symlink_to(tmp_path / target)

        assert refusal(folder) == (
            f"{name}: This is a link to another folder, or to nothing. Put the parts "
            "themselves into the folder."
        )
        (folder / name).unlink()


@pytest.mark.parametrize("name", ["land=DE", "2.parquet"])
def test_what_cannot_be_opened_is_named(tmp_path: Path, name: str) -> None:
    write(tmp_path / "out" / "1.parquet", a=[1])
    write(tmp_path / "out" / "land=DE" / "1.parquet", a=[1])
    write(tmp_path / "out" / "2.parquet", a=[1])
    program = (
        "import io, os, sys\n"
        "from pathlib import Path\n"
        "import pyarrow.parquet\n"
        "from dmc_widgets.formats.parquet.parts import join_parts, list_parts\n"
        "import dmc_widgets.formats.parquet.joining\n"
        "os.chdir(sys.argv[1])\n"
        "os.chmod(sys.argv[2], 0)\n"
        "if os.geteuid() == 0: os.seteuid(65534)\n"
        "try: join_parts(list_parts(Path('.')), io.BytesIO())\n"
        "except Exception as exc: print(exc)\n"
    )

    command = [sys.executable, "-c", program, str(tmp_path / "out"), name]
    ended = subprocess.run(command, capture_output=True, text=True, check=True)

    assert ended.stdout == f"{name}: It cannot be opened: Permission denied.\n"


def test_a_folder_without_parts_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()

    assert refusal(tmp_path / "out") == (
        "out: The folder holds no parts of a Parquet file. Choose a file, or the "
        "folder that Spark, Dask or pandas has written."
    )


def test_a_delta_table_is_refused(tmp_path: Path) -> None:
    """Its log says which of its files count."""
    write(tmp_path / "out" / "1.parquet", a=[1])
    (tmp_path / "out" / "_delta_log").mkdir()

    assert refusal(tmp_path / "out") == (
        "out: The folder is a Delta table, in which not every file counts. Write its "
        "records into a folder or a file of their own."
    )


def test_a_damaged_part_is_named(tmp_path: Path) -> None:
    write(tmp_path / "1.parquet", a=[1] * 1000)
    data = (tmp_path / "1.parquet").read_bytes()
    (tmp_path / "2.parquet").write_bytes(data[:20])

    assert refusal(tmp_path).startswith("2.parquet: The Parquet file is damaged")

    (tmp_path / "2.parquet").write_bytes(data[:8] + bytes(30) + data[38:])
    with pytest.raises(FileBroken, match=r"^2\.parquet: "):
        join(tmp_path)
