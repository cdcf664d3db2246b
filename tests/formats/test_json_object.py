"""A file that is one object: a record, or a page as Liferay's REST answers it."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dmc_widgets.errors import FileBroken
from dmc_widgets.formats.source import open_source
from dmc_widgets.model.record import UnreadableRecord
from dmc_widgets.tasks.imports.file_head import read_head
from tests.factories import zip_file

PAGE: dict[str, Any] = {
    "actions": {"create": {"method": "POST", "href": "http://localhost/o/c/plums"}},
    "facets": [],
    "items": [{"externalReferenceCode": "P-1"}, {"externalReferenceCode": "P-2"}],
    "lastPage": 1,
    "page": 1,
    "pageSize": 20,
    "totalCount": 2,
}
ITEMS: list[dict[str, Any]] = PAGE["items"]


def zipped(data: bytes) -> bytes:
    return bytes(zip_file(("plums.json", data)))


@pytest.mark.parametrize("pack", [bytes, gzip.compress, zipped], ids=["", "gz", "zip"])
@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize(
    ("value", "records"),
    [
        pytest.param({"a": 1, "b": {"c": [1]}}, [{"a": 1, "b": {"c": [1]}}], id="one"),
        pytest.param({}, [{}], id="empty"),
        pytest.param(PAGE, ITEMS, id="page"),
        pytest.param({"items": ITEMS}, ITEMS, id="items-alone"),
        pytest.param({"items": []}, [], id="no-items"),
        pytest.param({"totalCount": 2, "items": ITEMS}, ITEMS, id="items-last"),
        pytest.param(
            {"name": "box", "items": ITEMS},
            [{"name": "box", "items": ITEMS}],
            id="a-record-with-items",
        ),
        pytest.param({"items": "none"}, [{"items": "none"}], id="items-no-array"),
        pytest.param({"page": 1}, [{"page": 1}], id="page-without-items"),
    ],
)
def test_object_is_a_record_or_a_page(
    read_file: Callable[..., list[Any]],
    value: Any,
    records: list[Any],
    indent: int | None,
    pack: Callable[[bytes], bytes],
) -> None:
    data = json.dumps(value, indent=indent).encode()

    assert read_file(pack(data), "plums.json") == records
    assert read_file(pack(b"\xef\xbb\xbf" + data + b"\n\n"), "plums.json") == records


def test_one_line_of_json_lines_is_a_record_whatever_it_holds(
    read_file: Callable[..., list[Any]],
) -> None:
    line = json.dumps(PAGE).encode() + b"\n"

    assert read_file(line, "plums.jsonl") == [PAGE]
    assert read_file(line * 2, "plums.json") == [PAGE, PAGE]


def test_configuration_and_items_are_a_batch_engine_file(tmp_path: Path) -> None:
    path = tmp_path / "plums.json"
    path.write_text('{"items":[{"a":1}],"page":1,"configuration":{"className":"A"}}')

    with open_source(path) as source:
        assert source.format.info.name == "JSONT"
        assert list(source.records()) == [{"a": 1}]


@pytest.mark.parametrize(
    ("numbers", "warning"),
    [
        (
            {"totalCount": 345, "page": 2, "lastPage": 18},
            "The file is one page of a list and holds 2 of 345 records (page 2 of 18). "
            "The others are not imported; export them, or get the other pages, too.",
        ),
        (
            {"totalCount": 345},
            "The file is one page of a list and holds 2 of 345 records. "
            "The others are not imported; export them, or get the other pages, too.",
        ),
        (
            {"page": 1, "lastPage": 3},
            "The file is one page of a list and holds 2 records (page 1 of 3). "
            "The others are not imported; export them, or get the other pages, too.",
        ),
        ({"totalCount": 2, "page": 1, "lastPage": 1}, ""),
        ({"totalCount": 1}, ""),
        ({"totalCount": "many"}, ""),
        ({}, ""),
    ],
)
def test_page_of_a_longer_list_gives_a_warning(
    tmp_path: Path, numbers: dict[str, Any], warning: str
) -> None:
    path = tmp_path / "plums.json"
    path.write_text(json.dumps({"items": ITEMS, **numbers}))

    head = read_head(path)

    assert head.format == "JSON"
    assert head.warnings == ((warning,) if warning else ())


def test_bad_item_of_a_page_is_one_bad_record(
    read_file: Callable[..., list[Any]],
) -> None:
    first, second, third = read_file(b'{"items":[{"a":1},5,{"a":2}]}', "plums.json")

    assert (first, third) == ({"a": 1}, {"a": 2})
    assert isinstance(second, UnreadableRecord)


@pytest.mark.parametrize(
    "data", [b'{"a":1', b'{"items":[{"a":1}', b'{"items":[{"a":1}],"page":1']
)
def test_object_that_is_cut_off_is_broken(
    read_file: Callable[..., list[Any]], data: bytes
) -> None:
    with pytest.raises(FileBroken):
        read_file(data, "plums.json")
