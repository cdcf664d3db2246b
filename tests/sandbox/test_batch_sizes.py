"""Batches of a hundred, as in Liferay, however many items a transaction writes."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import httpx2
import orjson
import pytest

from dmc_widgets.sandbox.batch.content import count_records, pack_zip
from tests.factories import json_lines
from tests.sandbox.conftest import ENGINE, ENTRY, Define, wait_for_task
from tests.sandbox.test_batch_api import JSONL
from tests.sandbox.test_batch_verbs import run_export

BAD = {"amount": 1}


_numbers = itertools.count(1)


@pytest.fixture
def rose(define: Define) -> str:
    """Define an object for one test, and return its name in lower case."""
    name = f"Rose{next(_numbers)}"
    define(name)
    return name.lower()


def run_import(
    client: httpx2.Client, rose: str, content: bytes, strategy: str = "ON_ERROR_FAIL"
) -> tuple[str, int, int, int]:
    """Return the status, the processed and total items, and the number of entries."""
    url = f"{ENGINE}/import-task/{ENTRY}"
    query = {"taskItemDelegateName": f"C_{rose.title()}", "importStrategy": strategy}
    posted = client.post(url, params=query, content=content, headers=JSONL)
    task = wait_for_task(client, posted.json())
    return (
        task["executeStatus"],
        task["processedItemsCount"],
        task["totalItemsCount"],
        client.get(f"/o/c/{rose}s", params={"pageSize": 1}).json()["totalCount"],
    )


def roses(number: int) -> list[dict[str, Any]]:
    return [{"title": f"Rose {index}"} for index in range(number)]


@pytest.mark.parametrize(
    ("before", "behind", "expected"),
    [
        (0, 10, ("FAILED", 0, 11, 0)),
        (99, 10, ("FAILED", 0, 110, 99)),
        (100, 10, ("FAILED", 100, 111, 100)),
        (750, 300, ("FAILED", 700, 1051, 750)),
    ],
)
def test_refused_item_stops_the_task_within_its_batch(
    client: httpx2.Client,
    rose: str,
    before: int,
    behind: int,
    expected: tuple[str, int, int, int],
) -> None:
    """Items before it remain; only complete batches count as processed."""
    result = run_import(client, rose, json_lines(*roses(before), BAD, *roses(behind)))

    assert result == expected


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        (99, ("FAILED", 0, 101, 0)),
        (250, ("FAILED", 200, 252, 200)),
        (999, ("FAILED", 900, 1001, 900)),
    ],
)
def test_unreadable_item_discards_only_its_batch(
    client: httpx2.Client,
    rose: str,
    before: int,
    expected: tuple[str, int, int, int],
) -> None:
    result = run_import(
        client, rose, json_lines(*roses(before)) + b"[1]\n" + json_lines(*roses(1))
    )

    assert result == expected


def test_on_error_continue_processes_every_item(
    client: httpx2.Client, rose: str
) -> None:
    content = json_lines(*roses(630), BAD) + b"[1]\n" + json_lines(*roses(500))

    result = run_import(client, rose, content, "ON_ERROR_CONTINUE")

    assert result == ("COMPLETED", 1132, 1132, 1130)


@pytest.mark.parametrize(
    ("content", "number"),
    [
        (b"", 0),
        (b"\n \r\n\t\n", 3),
        (b'{"a":1}', 1),
        (b'{"a":1}\n\n \n{"a":2}\r\n[broken\n', 5),
        (b'{"a":"' + b"x" * 700_000 + b'"}\n' + b" " * 700_000 + b'\n{"a":2}', 3),
        (b'{"a":1}\n{"a":"' + b"x y\t" * 200_000 + b'"}', 2),
        (b'\xff\xfe{\x00"\x00', 0),
    ],
    ids=["empty", "blank", "no end", "mixed", "long blanks", "long", "UTF-16"],
)
def test_lines_are_counted_whatever_they_hold(
    tmp_path: Path, content: bytes, number: int
) -> None:
    source, packed = tmp_path / "in.jsonl", tmp_path / "in.zip"
    source.write_bytes(content)
    pack_zip(source, packed, "in.jsonl")

    assert count_records(packed, "JSONL", {}) == number


def test_export_contains_only_the_requested_fields(
    client: httpx2.Client, rose: str
) -> None:
    """Unknown names are ignored; without names all fields are exported."""
    client.post(f"/o/c/{rose}s", json={"title": "A"}).raise_for_status()
    names = {}
    for field_names in ("title,amount,externalReferenceCode", "title,nothing", ""):
        query = {"taskItemDelegateName": f"C_{rose.title()}", "fieldNames": field_names}
        task, _, content = run_export(client, ENTRY, "JSONL", **query)
        assert task["processedItemsCount"] == 1
        names[field_names] = list(orjson.loads(content))

    assert names["title,amount,externalReferenceCode"] == [
        "externalReferenceCode",
        "title",
    ]
    assert names["title,nothing"] == ["title"]
    assert {"creator", "dateCreated", "title"} <= set(names[""])


def test_export_states_the_author_as_the_api_does(
    client: httpx2.Client, rose: str
) -> None:
    posted = client.post(f"/o/c/{rose}s", json={"title": "A"}).json()
    query = {"taskItemDelegateName": f"C_{rose.title()}", "fieldNames": "creator"}
    _, _, content = run_export(client, ENTRY, "JSON", **query)

    author = {
        "additionalName": "",
        "contentType": "UserAccount",
        "familyName": "Test",
        "givenName": "Test",
        "id": 20123,
        "name": "Test Test",
    }
    assert posted["creator"] == author
    assert orjson.loads(content) == [{"creator": author}]
