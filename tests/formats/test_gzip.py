"""Files packed by gzip are read like those in a zip."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dmc_widgets.errors import FileBroken
from dmc_widgets.formats.source import open_source

LINES = b'{"a":1}\n{"a":2}\n'


@pytest.mark.parametrize(
    ("data", "name", "records"),
    [
        pytest.param(LINES, "plums.jsonl.gz", [{"a": 1}, {"a": 2}], id="jsonl"),
        pytest.param(b'[{"a":1}]', "plums.json.GZ", [{"a": 1}], id="json"),
        pytest.param(b"a;b\n1;2\n", "plums.csv.gz", [{"a": "1", "b": "2"}], id="csv"),
        pytest.param(b'[{"a":1}]', "plums", [{"a": 1}], id="content-tells"),
    ],
)
def test_gzip_file_is_what_it_holds(
    read_file: Callable[..., list[Any]], data: bytes, name: str, records: list[Any]
) -> None:
    assert read_file(gzip.compress(data), name) == records


def test_size_of_a_gzip_file_is_that_of_its_content(tmp_path: Path) -> None:
    """So that progress counts the bytes that are read."""
    path = tmp_path / "plums.jsonl.gz"
    path.write_bytes(gzip.compress(LINES * 1000))

    with open_source(path) as source:
        assert (source.name, source.size) == ("plums.jsonl", 16_000)
        assert len(list(source.records())) == 2000
        assert source.position == 16_000


def test_gzip_file_that_is_cut_off_says_so(
    read_file: Callable[..., list[Any]],
) -> None:
    data = gzip.compress(LINES * 1000)

    with pytest.raises(FileBroken) as caught:
        read_file(data[: len(data) - 20], "plums.jsonl.gz")

    assert str(caught.value) == (
        "plums.jsonl: The packed file is damaged. Get it again."
    )
