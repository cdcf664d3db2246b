"""Parquet files of any origin: each value is read as it is, or fails its record."""

from __future__ import annotations

import io
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dmc_widgets.errors import FileBroken, FileError, FileUnreadable, NotSupported
from dmc_widgets.formats import FORMATS
from dmc_widgets.formats.capabilities import ColumnLister
from dmc_widgets.formats.opened_file import OpenedFile
from dmc_widgets.formats.parquet import reader
from dmc_widgets.formats.parquet.format import ParquetFormat
from dmc_widgets.formats.source import open_source
from dmc_widgets.model.reading_options import DETECT_ALL, ReadingReport
from dmc_widgets.model.record import DateCell, UnreadableRecord

PARQUET = ParquetFormat()


def write(table: pa.Table, **options: Any) -> bytes:
    stream = io.BytesIO()
    pq.write_table(table, stream, **options)
    return stream.getvalue()


def read(data: bytes, report: ReadingReport | None = None) -> list[Any]:
    """Return the records of a file; a bad one is its message."""
    records = PARQUET.read(io.BytesIO(data), source="plums", report=report)
    return [
        record.problem.message if isinstance(record, UnreadableRecord) else record
        for record in records
    ]


def read_values(values: list[Any], kind: pa.DataType, **options: Any) -> list[Any]:
    """Return a column of values as it is read."""
    records = read(write(pa.table({"a": pa.array(values, kind)}), **options))
    return [x if isinstance(x, str) else x["a"] for x in records]


NOON = datetime(2024, 1, 2, 12, 30, 5, 678000)  # noqa: DTZ001 - of no zone
DAY = date(2024, 1, 2)


@pytest.mark.parametrize(
    "kind",
    [
        *(pa.int8(), pa.int16(), pa.int32(), pa.int64()),
        *(pa.uint8(), pa.uint16(), pa.uint32(), pa.uint64()),
    ],
    ids=str,
)
def test_whole_numbers_of_any_width_are_integers(kind: pa.DataType) -> None:
    values = read_values([0, None, 100], kind)

    assert values == [0, None, 100]
    assert type(values[0]) is int


def test_largest_whole_number_keeps_its_digits() -> None:
    assert read_values([2**64 - 1], pa.uint64()) == [18446744073709551615]


@pytest.mark.parametrize(
    ("kind", "values", "expected"),
    [
        (pa.float64(), [0.1, None, 1e300], [0.1, None, 1e300]),
        (pa.float32(), [0.1, None, 1e30], [0.1, None, 1e30]),
        (pa.float16(), [0.5, None], [0.5, None]),
        (pa.bool_(), [True, None, False], [True, None, False]),
        (pa.null(), [None], [None]),
        (pa.decimal32(6, 1), [Decimal("1.5")], [1.5]),
        (pa.decimal128(38, 0), [Decimal(3), None], [3, None]),
        (
            pa.decimal128(38, 9),
            [Decimal("12345678901234567890.12345678")],
            [Decimal("12345678901234567890.12345678")],
        ),
        (pa.decimal256(60, 4), [Decimal("1.25")], [1.25]),
        (pa.large_string(), ["a", None, ""], ["a", None, ""]),
        (pa.string_view(), ["a", None, ""], ["a", None, ""]),
        (pa.dictionary(pa.int8(), pa.string()), ["b", None, "a", "b"], None),
        (pa.binary(), [b"a", None], ["a", None]),
        (pa.large_binary(), [b"a"], ["a"]),
        (pa.binary(2), [b"ab"], ["ab"]),
        (pa.uuid(), [UUID(int=7).bytes, None], [str(UUID(int=7)), None]),
        (pa.list_(pa.int32()), [[1, None], None, []], None),
        (pa.large_list(pa.string()), [["a"], None], None),
        (pa.list_(pa.int8(), 2), [[1, 2], None, [3, 4]], None),
        (pa.list_view(pa.string()), [["a"], None, ["b", "c"]], None),
        (pa.list_(pa.dictionary(pa.int8(), pa.string())), [["a"], None, ["a"]], None),
        (
            pa.struct([("x", pa.int32()), ("y", pa.struct([("z", pa.string())]))]),
            [{"x": 1, "y": {"z": "q"}}, None, {"x": None, "y": None}],
            None,
        ),
        (
            pa.list_(pa.struct([("key", pa.string())])),
            [[{"key": "a"}, {"key": "b"}], None],
            None,
        ),
        (
            pa.map_(pa.string(), pa.int8()),
            [[("de", 1), ("en", None)], None, []],
            [{"de": 1, "en": None}, None, {}],
        ),
    ],
    ids=lambda value: str(value) if isinstance(value, pa.DataType) else "",
)
def test_values_are_read_as_what_they_are(
    kind: pa.DataType, values: list[Any], expected: list[Any] | None
) -> None:
    """Without an expectation of its own, a value is read as it was written."""
    expected = values if expected is None else expected
    found = read_values(values, kind)

    assert found == expected
    assert list(map(type, found)) == list(map(type, expected))


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        (pa.date32(), DAY, "2024-01-02"),
        (pa.date64(), DAY, "2024-01-02"),
        (pa.timestamp("s"), NOON.replace(microsecond=0), "2024-01-02T12:30:05.000"),
        (pa.timestamp("ms"), NOON, "2024-01-02T12:30:05.678"),
        (pa.timestamp("us"), NOON, "2024-01-02T12:30:05.678"),
        (pa.timestamp("ns"), NOON, "2024-01-02T12:30:05.678"),
        (pa.timestamp("ms", "UTC"), NOON, "2024-01-02T12:30:05.678Z"),
        (
            pa.timestamp("us", "Europe/Berlin"),
            NOON.replace(tzinfo=UTC),
            "2024-01-02T12:30:05.678Z",
        ),
        (pa.timestamp("ns", "+02:00"), NOON, "2024-01-02T12:30:05.678Z"),
        (
            pa.timestamp("us"),
            NOON + timedelta(microseconds=9),
            "2024-01-02T12:30:05.678009",
        ),
        (pa.time32("s"), time(1, 2, 3), "01:02:03"),
        (pa.time64("us"), time(1, 2, 3, 500000), "01:02:03.5"),
    ],
    ids=str,
)
def test_dates_and_moments_are_iso_texts(
    kind: pa.DataType, value: Any, expected: str
) -> None:
    """A moment is in UTC where the column has a zone, and to the millisecond."""
    found = read_values([value, None], kind)

    assert found == [expected, None]
    assert type(found[0]) is DateCell


def test_moments_of_old_programs_are_read() -> None:
    """Spark and Impala wrote 96 bits, beyond the nanoseconds of 64."""
    late = datetime(9024, 1, 2, 3, 4, 5)  # noqa: DTZ001 - of no zone
    column = pa.timestamp("us")

    assert read_values([late], column, use_deprecated_int96_timestamps=True) == [
        "9024-01-02T03:04:05.000"
    ]


@pytest.mark.parametrize(
    ("kind", "value", "reason"),
    [
        (pa.float64(), float("nan"), "holds NaN, which is not a number."),
        (pa.float32(), float("-inf"), "holds -Infinity, which is not a number."),
        (pa.binary(), b"\xff", "holds bytes that are not text in UTF-8."),
        (pa.binary(2), b"a\0", "holds bytes that are not text in UTF-8."),
        (pa.date32(), 10**7, "holds a date outside of the years 1 to 9999."),
        (pa.timestamp("ms"), -(10**14), "holds a date outside of the years 1 to 9999."),
        (
            pa.duration("ms"),
            5,
            "holds a value of the type duration[ms], which no entry has.",
        ),
        (pa.map_(pa.int8(), pa.int8()), [(1, 1), (1, 2)], "holds the key '1' twice."),
        (
            pa.list_(pa.struct([("x", pa.float64())])),
            [{"x": float("inf")}],
            "holds Infinity, which is not a number.",
        ),
    ],
    ids=str,
)
def test_value_that_no_record_can_hold_fails_its_record(
    kind: pa.DataType, value: Any, reason: str
) -> None:
    """The records around it are read."""
    table = pa.table({"a": pa.array([None, value, None], kind), "b": [1, 2, 3]})

    assert read(write(table)) == [
        {"a": None, "b": 1},
        f"Row 2: The column 'a' {reason}",
        {"a": None, "b": 3},
    ]


def test_faults_do_not_spread_to_the_rows_after_them() -> None:
    """Rows become records some thousand at a time; each time begins without faults."""
    values = [float("nan"), *([1.5] * 12_000)]
    records = read(write(pa.table({"a": values})))

    assert records[0] == "Row 1: The column 'a' holds NaN, which is not a number."
    assert records[1:] == [{"a": 1.5}] * 12_000


def test_file_of_pandas_is_read(tmp_path: Path) -> None:
    path = tmp_path / "frame.parquet"
    pd.DataFrame(
        {
            "state": pd.Categorical(["open", None, "open"]),
            "size": pd.array([1, None, 3], "Int16"),
            "share": [0.5, None, 1.0],
            "when": pd.Series(
                [pd.Timestamp("2024-01-02 03:04:05"), None, pd.Timestamp("2024-01-03")]
            ),
        }
    ).to_parquet(path, index=False)

    with open_source(path) as source:
        assert list(source.records()) == [
            {
                "state": "open",
                "size": 1,
                "share": 0.5,
                "when": "2024-01-02T03:04:05.000",
            },
            {"state": None, "size": None, "share": None, "when": None},
            {
                "state": "open",
                "size": 3,
                "share": 1.0,
                "when": "2024-01-03T00:00:00.000",
            },
        ]


def test_file_of_duckdb_is_read(tmp_path: Path) -> None:
    path = tmp_path / "plums.parquet"
    duckdb.execute(
        "COPY (SELECT 1::TINYINT tiny, 7::UBIGINT large, 4.25::DECIMAL(10,2) exact, "
        "'x' word, true yes, DATE '2024-01-02' AS \"day\", "
        "TIMESTAMPTZ '2024-01-02 03:04:05+02' moment, [1, 2] many, "
        "{'key': 'a', 'name': NULL} state, MAP {'de': 'Pflaume'} title_i18n, "
        "'u'::ENUM('u', 'v') choice, UUID '00000000-0000-0000-0000-000000000007' id) "
        f"TO '{path}' (FORMAT parquet)"
    )

    with open_source(path) as source:
        assert list(source.records()) == [
            {
                "tiny": 1,
                "large": 7,
                "exact": 4.25,
                "word": "x",
                "yes": True,
                "day": "2024-01-02",
                "moment": "2024-01-02T01:04:05.000Z",
                "many": [1, 2],
                "state": {"key": "a", "name": None},
                "title_i18n": {"de": "Pflaume"},
                "choice": "u",
                "id": "00000000-0000-0000-0000-000000000007",
            }
        ]


def test_columns_of_csv_are_joined() -> None:
    """Other programs turn our tables into Parquet, column by column."""
    table = pa.table(
        {"state.key": ["a"], "state.name": ["A"], "title_i18n_de_DE": ["Pflaume"]}
    )

    assert read(write(table)) == [
        {"state": {"key": "a", "name": "A"}, "title_i18n": {"de_DE": "Pflaume"}}
    ]


def test_columns_of_one_name_are_numbered() -> None:
    table = pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"])
    report = ReadingReport()

    assert read(write(table), report) == [{"a": 1, "a (2)": 2}]
    assert report.warnings == [
        "2 columns are named 'a'. In the order of the file they are read as 'a' and "
        "'a (2)'."
    ]


def test_row_without_values_is_a_record() -> None:
    assert read(write(pa.table({"a": pa.array([None, 1])}))) == [{"a": None}, {"a": 1}]


def test_columns_are_known_without_rows() -> None:
    kind = pa.struct([("key", pa.string()), ("name", pa.string())])
    table = pa.table({"a": pa.array([], pa.int8()), "state": pa.array([], kind)})
    assert isinstance(PARQUET, ColumnLister)

    stream = io.BytesIO(write(table))

    assert PARQUET.list_columns(stream, source="x") == ("a", "state.key", "state.name")


def test_records_are_counted_in_the_runs_in_which_they_are_read() -> None:
    """Batches are cut by runs and positions, whether the file is read or counted."""
    data = write(pa.table({"a": range(23_000)}), row_group_size=9_000)

    def positions(runs: Any, report: ReadingReport) -> list[tuple[int, int | None]]:
        return [
            (getattr(run, "number", None) or len(run), report.position) for run in runs
        ]

    counted, was_read = ReadingReport(), ReadingReport()
    stream = io.BytesIO(data)
    runs = PARQUET.count_records(OpenedFile(stream, "x", DETECT_ALL, counted))
    found = positions(runs, counted)

    assert [number for number, _ in found] == [5000, 4000, 5000, 4000, 5000]
    assert found[-1][1] == len(data)
    assert found == positions(
        PARQUET.read_runs(OpenedFile(stream, "x", DETECT_ALL, was_read)), was_read
    )
    assert counted.stated_records == was_read.stated_records == 23_000


@pytest.mark.parametrize("after", [0, 1, 4_999, 5_000, 9_000, 22_999, 23_000])
def test_records_are_passed_over(after: int) -> None:
    data = io.BytesIO(write(pa.table({"a": range(23_000)}), row_group_size=9_000))
    file = OpenedFile(data, "x", DETECT_ALL, ReadingReport())
    rows: list[Any] = list(PARQUET.read_rows(file, first=after + 1))

    assert [row["a"] for row in rows] == list(range(after, 23_000))


@pytest.mark.parametrize("name", ["plums.parquet", "plums.csv", "plums.xlsx", "plums"])
def test_content_decides_whatever_the_name(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(write(pa.table({"a": [1]})))

    with open_source(path) as source:
        assert source.format.info.name == "PARQUET"


def test_text_that_begins_like_parquet_is_read_as_text(tmp_path: Path) -> None:
    path = tmp_path / "plums.csv"
    path.write_text("PAR1,b\n1,2\n")

    with open_source(path) as source:
        assert list(source.records()) == [{"PAR1": "1", "b": "2"}]


def test_json_is_read_though_it_is_called_parquet(tmp_path: Path) -> None:
    path = tmp_path / "plums.parquet"
    path.write_text('{"a": 1}\n{"a": 2}\n')

    with open_source(path) as source:
        assert list(source.records()) == [{"a": 1}, {"a": 2}]


def test_damaged_file_is_refused() -> None:
    data = write(pa.table({"a": [1, 2]}))
    expected = "plums: The Parquet file is damaged or not complete. Get it again."

    for damaged in (data[:-1], data[:40], data[:4] + data[-4:], b"PAR1\0\0\0\xffPAR1"):
        with pytest.raises(FileUnreadable) as caught:
            read(damaged)
        assert str(caught.value) == expected


def test_damaged_row_group_ends_the_reading_behind_the_one_before() -> None:
    """Checksums tell, where other programs than ours have written them, too."""
    data = bytearray(
        write(
            pa.table({"a": range(20)}),
            row_group_size=10,
            compression="none",
            use_dictionary=False,
            write_page_checksum=True,
        )
    )
    data[data.index((15).to_bytes(8, "little"))] ^= 1
    records: list[Any] = []

    with pytest.raises(FileBroken) as caught:
        records.extend(PARQUET.read(io.BytesIO(data), source="plums"))

    assert str(caught.value).startswith("plums: The Parquet file is damaged")
    assert records == [{"a": number} for number in range(10)]


def test_encrypted_file_is_refused() -> None:
    with pytest.raises(FileUnreadable) as caught:
        read(b"PARE" + bytes(40) + b"PARE")

    assert str(caught.value) == (
        "plums: The Parquet file is encrypted. Write it without a password."
    )


def test_column_that_grows_beyond_measure_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """From 256 MiB on; here from 1 MiB, to be quick."""
    monkeypatch.setattr(reader, "_HARMLESS_BYTES", 1024**2)
    zeros = pa.array([b"\0" * 3_000_000], pa.binary())
    data = write(pa.table({"a": zeros}), compression="zstd", use_dictionary=False)

    with pytest.raises(FileUnreadable) as caught:
        read(data)

    assert str(caught.value) == (
        "plums: The column 'a' would grow to more than 500 times its packed size, as "
        "no column of records does. Write the file without compression."
    )


def test_record_of_too_many_values_fails_alone() -> None:
    lists = pa.array([[True], [True] * 1_000_001, [False]], pa.list_(pa.bool_()))

    assert read(write(pa.table({"a": lists}))) == [
        {"a": [True]},
        "Row 2: The record is larger than 64 MiB, or has more than 1,000,000 values.",
        {"a": [False]},
    ]


def test_text_that_many_rows_share_is_in_memory_once() -> None:
    """A file keeps it once, too: 4,000 rows of 1 MiB in a few kilobytes."""
    text = "plum " * 200_000
    texts = pa.DictionaryArray.from_arrays(pa.array([0] * 4_000), [text])
    data = write(pa.table({"a": texts}), row_group_size=4_000, store_schema=False)
    assert len(data) < 100_000

    records = read(data)

    assert len(records) == 4_000
    assert all(record["a"] is records[0]["a"] for record in records[:50])


@pytest.mark.parametrize("seed", range(12))
def test_damage_anywhere_gives_records_or_one_error(seed: int) -> None:
    data = bytearray(
        write(pa.table({"a": range(300), "b": [f"text {x % 7}" for x in range(300)]}))
    )
    for place in range(seed, len(data), 13):
        data[place] = (data[place] * 7 + seed) % 256
    with suppress(FileError):
        read(bytes(data))


def test_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    for name in [x for x in sys.modules if x.startswith("dmc_widgets.formats.parquet")]:
        if not name.endswith((".parquet", ".format")):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "pyarrow", None)

    with pytest.raises(NotSupported) as caught:
        FORMATS["PARQUET"].read(io.BytesIO(b"PAR1"), source="plums")

    assert str(caught.value) == (
        "Parquet needs the package pyarrow. Install it: pip install "
        '"dmc-widgets[parquet]".'
    )
