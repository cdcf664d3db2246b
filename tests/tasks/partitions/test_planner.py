"""The partitions of a file hold the batches of an import by one worker."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dmc_widgets.errors import FileBroken
from dmc_widgets.formats.source import open_source
from dmc_widgets.model.reading_options import ReadingOptions
from dmc_widgets.model.record import LargeText
from dmc_widgets.model.run_options import RunOptions
from dmc_widgets.tasks.imports.file_chunks import read_chunks
from dmc_widgets.tasks.imports.numbered_chunk import NumberedChunk
from dmc_widgets.tasks.partitions.planner import (
    Partition,
    partition_from_dict,
    plan_partitions,
    read_partition,
)

_SMALL_BATCHES = RunOptions(error_limit="90%")  # of 100 records instead of 1000


def _whole(path: Path, options: ReadingOptions) -> list[NumberedChunk]:
    with open_source(path, options=options) as source:
        return list(read_chunks(source, _SMALL_BATCHES))


def _divided(
    path: Path, options: ReadingOptions
) -> tuple[list[Partition], list[NumberedChunk]]:
    with open_source(path, options=options) as source:
        partitions = plan_partitions(source, _SMALL_BATCHES, workers=2)
    chunks: list[NumberedChunk] = []
    for partition in reversed(partitions):  # each is read for itself
        again = partition_from_dict(partition.as_dict())
        with open_source(path, options=options) as source:
            chunks[:0] = list(read_partition(source, again))
    return partitions, chunks


def _require_same(
    path: Path, options: ReadingOptions | None = None, *, cut: bool = True
) -> list[Partition]:
    chosen = options or ReadingOptions()
    partitions, chunks = _divided(path, chosen)
    expected = [*map(_content, _whole(path, chosen))]
    assert [*map(_content, chunks)] == expected
    assert all((x.place is not None) is cut for x in partitions)
    return partitions


def _content(chunk: NumberedChunk) -> tuple[int, int, list[object]]:
    """Return a chunk without its progress.

    Whether a text of more than 1 MiB is on the disk depends on what is read at once.
    """
    records: list[object] = [
        {
            name: value.whole() if isinstance(value, LargeText) else value
            for name, value in record.items()
        }
        if isinstance(record, dict)
        else record
        for record in chunk.records
    ]
    return chunk.batch, chunk.first, records


def _line(number: int) -> str:
    return f'{{"title": "record {number}", "text": "{"x" * (number % 70)}"}}\n'


_ODD_LINES = ("\n", "  \r\n", "\ufeff{}\n", "[1]\n", '{"a": 1\n', "\x00\x00\n", "{}\n")


def test_lines_are_cut_where_records_begin(tmp_path: Path) -> None:
    path = tmp_path / "tickets.jsonl"
    lines = [_line(n) for n in range(5000)]
    for at, odd in enumerate(_ODD_LINES * 30):
        lines.insert(37 * at + 11, odd)
    path.write_bytes(("\ufeff\n" + "".join(lines)).encode().rstrip(b"\n"))
    partitions = _require_same(path)
    assert len(partitions) > 8
    assert partitions[0].first == partitions[0].batch == 1
    assert partitions[-1].is_last
    _require_same(path, ReadingOptions(as_liferay=True))


def test_lines_in_a_zip_are_cut(tmp_path: Path) -> None:
    path = tmp_path / "tickets.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("tickets.jsonl", "".join(_line(n) for n in range(3000)))
    assert len(_require_same(path)) > 8


def test_large_lines_are_cut_where_their_batches_end(tmp_path: Path) -> None:
    path = tmp_path / "tickets.jsonl"
    sizes = [90_000, 10, 1_500_000, 400_000, 700_000] * 12
    path.write_text("".join(f'{{"a": "{"y" * size}"}}\n' for size in sizes))
    partitions = _require_same(path)
    assert len({size for part in partitions for size, _ in part.sizes}) > 1


_TEXTS = st.sampled_from(
    ["a", "", "two\nlines", "two\r\nlines", 'a "quoted" word', "é;,", "=1+1", "\r"]
)
_ROWS = st.lists(st.tuples(_TEXTS, _TEXTS), min_size=1, max_size=12)


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


@given(
    rows=_ROWS,
    line_end=st.sampled_from(["\n", "\r\n", "\r"]),
    headers=st.booleans(),
    odd=st.sampled_from(["", '"a" b,c', "one", ",,,", " ", "\u2028,x"]),
)
@settings(max_examples=15, deadline=None)
def test_rows_are_cut_where_they_begin(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[tuple[str, str]],
    line_end: str,
    *,
    headers: bool,
    odd: str,
) -> None:
    lines = [",".join(map(_quoted, row)) for row in [*rows, ("é", "b")]]
    lines = [*lines, odd] * (600 // len(lines))
    path = tmp_path_factory.mktemp("rows") / "tickets.csv"
    text = line_end.join(["", "title,state", "", *lines])
    path.write_bytes(text.encode("utf-8-sig"))
    with open_source(path) as source:
        list(source.count_records())
        counted = source.notes
        list(source.records())
        assert source.notes == counted
    options = ReadingOptions(encoding="UTF-8", delimiter=",", headers=headers)
    assert len(_require_same(path, options)) > 3


@pytest.mark.parametrize("encoding", ["utf-16", "cp1252"])
def test_tables_in_other_encodings(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "tickets.csv"
    rows = (f'"{n}";"two\nlines é"\n' for n in range(700))
    path.write_bytes(("title;text\n" + "".join(rows)).encode(encoding))
    assert len(_require_same(path, cut=encoding != "utf-16")) > 3


_ODD_ELEMENTS = (
    "7",
    '{"text": "ä €, [{\\"}", "more": [{"title": 1}, {"title": 2}]}',
    '{"number": 1.00000000000000000001}',
    '{"number": 1e999999}',
    '"a text"',
    '{\n  "title": "two\n lines"\n}'.replace("two\n", "two\\n"),
    "[]",
    f'{{"text": "{"z" * 1_200_000}"}}',
)


_AROUND_ELEMENTS = {
    "array": ("\ufeff\n [ ", "\n] \n"),
    "page": ('{"page": 1,\n"items": [', '], "facets": [{"a": [1]}, 2], "lastPage": 1}'),
    "batch-engine": ('{"configuration": {"className": "A"}, "items":\n[', "]\n}\n"),
    "items-first": (
        '{"items":[',
        '],"x":[{"items":[{}]}],"configuration":{"className":"A"}}',
    ),
}


@pytest.mark.parametrize("around", [*_AROUND_ELEMENTS])
@pytest.mark.parametrize("between", [",", " \n,\r\n\t"])
def test_arrays_are_cut_between_their_elements(
    tmp_path: Path, between: str, around: str
) -> None:
    """Records, and what is said of bad ones, are those of the whole file."""
    path = tmp_path / "tickets.json"
    before, after = _AROUND_ELEMENTS[around]
    elements = [_line(n).strip() for n in range(3000)]
    for at, odd in enumerate(_ODD_ELEMENTS * 2):
        elements.insert(177 * at + 11, odd)
    path.write_bytes(f"{before}{between.join(elements)}{after}".encode())
    partitions = _require_same(path)
    assert len(partitions) > 8
    assert sum(part.records for part in partitions) == len(elements)


@pytest.mark.parametrize(
    "end",
    [
        *("", ",", ", {]", "] x", ', {"title": \n 1 2}]', "\xff", "]} x"),
        *('],"items":[{}]}', '],"b":[1,{"c":2},', '],"items"', '],"a":2 3}'),
    ],
)
@pytest.mark.parametrize("begin", ["[", '{"configuration":{"className":"A"},"items":['])
def test_damage_after_the_last_cut_is_named_alike(
    tmp_path: Path, begin: str, end: str
) -> None:
    path = tmp_path / "tickets.json"
    path.write_bytes(begin.encode() + b"\n,".join(b'{"a": 1}' for _ in range(900)))
    with path.open("ab") as file:
        file.write(end.encode("latin-1"))
    expected: list[object] = []
    with open_source(path) as source:
        with pytest.raises(FileBroken) as whole:
            expected.extend(read_chunks(source, _SMALL_BATCHES))
        partitions = plan_partitions(source, _SMALL_BATCHES, workers=2)
        with pytest.raises(FileBroken) as part:
            list(read_partition(source, partitions[-1]))
    assert str(part.value) == str(whole.value)
    assert partitions[-1].place is not None


def test_other_files_are_read_from_their_beginning(tmp_path: Path) -> None:
    path = tmp_path / "tickets.csv"
    path.write_text("title\n" + "a\n" * 1200, "utf-16")
    partitions = _require_same(path, cut=False)
    assert sum(part.records for part in partitions) == 1200


def test_a_damaged_file_has_the_partitions_before_the_damage(tmp_path: Path) -> None:
    path = tmp_path / "tickets.json"
    path.write_text("[" + ",".join(_line(n) for n in range(450)) + ", {]")
    with open_source(path) as source:
        partitions = plan_partitions(source, _SMALL_BATCHES, workers=2)
    assert sum(part.records for part in partitions) >= 450
    with open_source(path) as source:
        for part in partitions[:-1]:
            assert sum(len(x.records) for x in read_partition(source, part))
        with pytest.raises(FileBroken):
            list(read_partition(source, partitions[-1]))


def test_a_file_of_one_batch_is_one_partition(tmp_path: Path) -> None:
    path = tmp_path / "tickets.jsonl"
    path.write_text(_line(1))
    with open_source(path) as source:
        (only,) = plan_partitions(source, RunOptions(), workers=4)
    assert only == Partition(number=1, batch=1, first=1, sizes=((1, 1),), is_last=True)
