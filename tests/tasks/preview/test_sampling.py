"""Records of a file are taken from its beginning, or from all over it, and no more."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import zipfile
from pathlib import Path
from typing import Any

import pytest

from dmc_widgets.errors import InvalidPlan
from dmc_widgets.model.preview import SamplingMethod
from dmc_widgets.model.reading_options import ReadingOptions
from dmc_widgets.model.record import UnreadableRecord
from dmc_widgets.tasks.imports.file_head import read_head
from dmc_widgets.tasks.preview.sampling import Sample, take_sample

MB = 1024 * 1024


def record(number: int) -> dict[str, Any]:
    return {"number": number, "text": "x" * (number % 150)}


def jsonl(path: Path, count: int) -> Path:
    path.write_text("".join(f"{json.dumps(record(n))}\n" for n in range(count)))
    return path


def table(path: Path, count: int, *, header: bool = True, **dialect: Any) -> Path:
    """Write rows whose first value holds line breaks, quotes and whole rows."""
    encoding = dialect.pop("encoding", "utf-8")
    text = io.StringIO(newline="")
    writer = csv.writer(text, **dialect)
    if header:
        writer.writerow(["note", "number", "word"])
    for number in range(count):
        note = f'begins "{number}"\nand,{number},goes on\nwith more,5,é\n'
        writer.writerow([note * (number % 4), number, f"w{number}"])
    path.write_bytes(text.getvalue().encode(encoding))
    return path


def numbers(sample: Sample, name: str = "number") -> list[int]:
    return [
        int(e[name]) for e in sample.raw_records if not isinstance(e, UnreadableRecord)
    ]


@pytest.mark.parametrize("rows", [1, 7, 100, 250])
def test_the_first_records_are_taken_in_order(tmp_path: Path, rows: int) -> None:
    """More than the head holds is read anew, with what was chosen for it."""
    path = jsonl(tmp_path / "a.jsonl", 300)

    for source in (path, read_head(path)):
        sample = take_sample(source, rows)

        assert numbers(sample) == list(range(rows))
        assert sample.numbers == tuple(range(1, rows + 1))
        assert sample.extent.sampling is SamplingMethod.FIRST
        assert not sample.extent.complete


def test_only_the_head_of_a_large_file_is_read(tmp_path: Path) -> None:
    """A gigabyte, most of which is a hole, costs what its head costs."""
    path = jsonl(tmp_path / "a.jsonl", 5000)
    os.truncate(path, 1024 * MB)

    sample = take_sample(path, 100)

    assert numbers(sample) == list(range(100))
    assert sample.extent.bytes_read <= MB


def test_sample_of_a_large_file_reads_little(tmp_path: Path) -> None:
    """Records come from all over; what was read is counted."""
    path = jsonl(tmp_path / "a.jsonl", 100_000)
    size = path.stat().st_size

    sample = take_sample(path, 50, spread=True)

    assert len(sample.raw_records) == 50
    assert [n // 10_000 for n in numbers(sample)[::5]] == list(range(10))
    assert sample.extent.sampling is SamplingMethod.BY_POSITION
    assert sample.extent.bytes_read < size / 2
    data = path.read_bytes()
    for start, found in zip(sample.numbers, sample.raw_records, strict=True):
        line = data[start - 1 : data.index(b"\n", start)]
        assert json.loads(line) == found


def test_equal_seeds_give_equal_samples(tmp_path: Path) -> None:
    path = jsonl(tmp_path / "a.jsonl", 30_000)

    first, again = (
        take_sample(path, 20, spread=True),
        take_sample(path, 20, spread=True),
    )
    other = take_sample(path, 20, spread=True, seed=5)

    assert first == again
    assert first.numbers != other.numbers


@pytest.mark.parametrize(
    ("dialect", "reading"),
    [
        ({}, ReadingOptions()),
        ({"delimiter": ";", "quoting": csv.QUOTE_ALL}, ReadingOptions()),
        ({"delimiter": "\t", "lineterminator": "\n"}, ReadingOptions()),
        ({"encoding": "cp1252"}, ReadingOptions()),
        ({"encoding": "utf-8-sig"}, ReadingOptions()),
        ({"header": False}, ReadingOptions(headers=False)),
    ],
    ids=["plain", "all-quoted", "tabs", "windows", "mark", "no-headers"],
)
def test_rows_with_line_breaks_in_values_are_found(
    tmp_path: Path, dialect: dict[str, Any], reading: ReadingOptions
) -> None:
    """No line in the middle of a value is taken for a row."""
    path = table(tmp_path / "a.csv", 30_000, **dialect)
    number, word = ("number", "word") if reading.headers else ("1", "2")

    sample = take_sample(path, 200, reading, spread=True)

    assert sample.extent.sampling is SamplingMethod.BY_POSITION
    assert len(sample.raw_records) > 150
    for each in sample.raw_records:
        assert not isinstance(each, UnreadableRecord)
        assert each[word] == f"w{each[number]}"
    assert max(numbers(sample, number)) > 29_000


def test_delimiter_declaration_is_passed_over(tmp_path: Path) -> None:
    rows = "".join(f"{n};w{n}\n" for n in range(150_000))
    path = tmp_path / "a.csv"
    path.write_text(f"sep=;\nnumber;word\n{rows}")

    sample = take_sample(path, 30, spread=True)

    assert sample.extent.sampling is SamplingMethod.BY_POSITION
    assert [
        e["word"] for e in sample.raw_records if not isinstance(e, UnreadableRecord)
    ] == [f"w{n}" for n in numbers(sample)]


@pytest.mark.parametrize("kind", ["json", "gz", "zip", "small", "utf-16"])
def test_files_without_random_access_are_sampled_by_number(
    tmp_path: Path, kind: str
) -> None:
    """Records are chosen evenly among those that were read, each at its number."""
    lines = jsonl(tmp_path / "a.jsonl", 2000)
    path = tmp_path / f"b.jsonl.{kind}"
    if kind == "json":
        path.write_text(json.dumps([record(n) for n in range(2000)]))
    elif kind == "gz":
        path.write_bytes(gzip.compress(lines.read_bytes()))
    elif kind == "zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.write(lines, "a.jsonl")
    elif kind == "utf-16":
        path = table(tmp_path / "a.csv", 2000, encoding="utf-16")
    else:
        path = lines

    sample = take_sample(path, 40, spread=True)

    assert sample.extent.sampling is SamplingMethod.BY_NUMBER
    assert numbers(sample) == [number - 1 for number in sample.numbers]
    assert len(set(sample.numbers)) == 40
    assert min(sample.numbers) < 400
    assert max(sample.numbers) > 1600
    assert (sample.extent.records_about, sample.extent.complete) == (2000, True)


def test_sampling_by_number_stops_at_its_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The frame says how many were read, and of about how many."""
    monkeypatch.setattr("dmc_widgets.tasks.preview.sampling._MAX_BYTES", 4 * MB)
    lines = jsonl(tmp_path / "a.jsonl", 100_000)
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(gzip.compress(lines.read_bytes(), 1))

    extent = take_sample(path, 10, spread=True).extent

    assert not extent.complete
    assert 4 * MB <= extent.bytes_read < 6 * MB
    assert 30_000 < extent.records_read < 60_000
    assert extent.records_about is not None
    assert 90_000 < extent.records_about < 110_000


def test_damaged_file_is_sampled_up_to_the_damage(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps([record(n) for n in range(2000)])[:-500])

    sample = take_sample(path, 20, spread=True)

    assert len(sample.raw_records) == 20
    assert max(sample.numbers) > 1500
    assert not sample.extent.complete


def test_a_file_with_fewer_records_is_shown_whole(tmp_path: Path) -> None:
    sample = take_sample(jsonl(tmp_path / "a.jsonl", 5), 10, spread=True)

    assert numbers(sample) == [0, 1, 2, 3, 4]
    assert sample.extent.sentence("a.jsonl") == ("Shown are all 5 records of a.jsonl.")


def test_fields_of_all_read_records_are_offered(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps([{"a": 1}, 5, {"b": 2, "a": 3}, {"c": None}]))

    head = read_head(path)

    assert head.fields == ("a", "b", "c")
    assert (len(head.records), head.unreadable) == (3, 1)


def test_unreadable_line_is_part_of_a_sample(tmp_path: Path) -> None:
    """Its position is given in bytes, because lines were not counted."""
    path = tmp_path / "a.jsonl"
    path.write_text('{"a": 1}\n' * 100_000 + "{broken}\n" * 200_000)

    found = take_sample(path, 30, spread=True).raw_records

    bad = [each for each in found if isinstance(each, UnreadableRecord)]
    assert len(bad) > 10
    assert bad[0].problem.message.startswith("This is not valid JSON at column 2")


@pytest.mark.parametrize("rows", [0, -1, 10_001])
def test_a_preview_has_a_sensible_number_of_rows(tmp_path: Path, rows: int) -> None:
    with pytest.raises(InvalidPlan, match="A preview shows 1 to 10,000 records"):
        take_sample(jsonl(tmp_path / "a.jsonl", 5), rows)


@pytest.mark.parametrize("data", [b"\0" * 2 * MB, b'"' * 2 * MB, os.urandom(2 * MB)])
def test_sample_of_a_hostile_file_has_only_whole_records(
    tmp_path: Path, data: bytes
) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"a,b\n1,2\n" * 200 + data)

    sample = take_sample(path, 50, spread=True)

    assert len(sample.numbers) == len(sample.raw_records) <= 50


def test_records_below_skipped_lines_are_read_like_the_head(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    lines = "".join(f"{number},x{number}\n" for number in range(120_000))
    path.write_text(f"A title\n\nid,name\n{lines}")
    for headers in (True, False):
        options = ReadingOptions(skip_lines=2 if headers else 3, headers=headers)

        sample = take_sample(path, 20, options, spread=True)

        assert sample.extent.sampling is SamplingMethod.BY_POSITION
        assert len(sample.raw_records) == 20
        for record in sample.raw_records:
            assert isinstance(record, dict)
            number, name = record.values()
            assert name == f"x{number}"
