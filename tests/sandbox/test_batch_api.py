"""The batch engine over HTTP."""

from __future__ import annotations

import io
import threading
import zipfile
from typing import Any

import httpx2
import pytest

from tests.factories import json_lines
from tests.sandbox.conftest import ENGINE, ENTRY, Define, wait_for_task

pytestmark = pytest.mark.each_database

JSONL = {"Content-Type": "application/x-ndjson"}


def test_import_task_has_liferays_body(client: httpx2.Client, define: Define) -> None:
    """The status is COMPLETED despite a failure; items are counted from 1."""
    define("Rose")
    url = f"{ENGINE}/import-task/{ENTRY}"
    query = {
        "externalReferenceCode": "roses",
        "importStrategy": "ON_ERROR_CONTINUE",
        "taskItemDelegateName": "C_Rose",
    }
    content = json_lines({"title": "A"}, {"amount": 1}, {"title": "C"})

    posted = client.post(url, params=query, content=content, headers=JSONL)
    task = wait_for_task(client, posted.json())
    started, over = task.pop("startTime"), task.pop("endTime")

    assert posted.status_code == 200
    assert started <= over
    assert task == {
        "className": ENTRY,
        "contentType": "JSONL",
        "errorMessage": "",
        "executeStatus": "COMPLETED",
        "externalReferenceCode": "roses",
        "failedItems": [
            {
                "item": '{"amount":1}',
                "itemIndex": 2,
                "message": "com.liferay.object.exception.ObjectEntryValuesException"
                '$Required: No value was provided for required object field "title"',
            }
        ],
        "id": task["id"],
        "importStrategy": "ON_ERROR_CONTINUE",
        "operation": "CREATE",
        "processedItemsCount": 3,
        "totalItemsCount": 3,
    }
    by_code = f"{ENGINE}/import-task/by-external-reference-code/roses"
    assert client.get(by_code).json()["id"] == task["id"]
    assert client.get("/o/c/roses").json()["totalCount"] == 2


def test_task_with_known_erc_does_not_run_again(
    client: httpx2.Client, define: Define
) -> None:
    """The answer is the bare message of Liferay's exception."""
    define("Lily")
    url = f"{ENGINE}/import-task/{ENTRY}?taskItemDelegateName=C_Lily"
    url += "&externalReferenceCode=lilies"
    content = json_lines({"title": "A"})
    first = client.post(url, content=content, headers=JSONL)
    wait_for_task(client, first.json())

    second = client.post(url, content=content, headers=JSONL)

    assert second.status_code == 400
    assert second.text == (
        "Duplicate batch engine import task with external reference code lilies "
        "and company 20096"
    )
    assert client.get("/o/c/lilies").json()["totalCount"] == 1


def test_on_error_fail_keeps_earlier_items(
    client: httpx2.Client, define: Define
) -> None:
    """The refused item ends the task; the items before it remain."""
    define("Tulip")
    url = f"{ENGINE}/import-task/{ENTRY}?taskItemDelegateName=C_Tulip"
    content = json_lines({"title": "A"}, {"amount": 1}, {"title": "C"})

    task = wait_for_task(
        client, client.post(url, content=content, headers=JSONL).json()
    )

    assert (task["executeStatus"], task["processedItemsCount"]) == ("FAILED", 0)
    assert [item["itemIndex"] for item in task["failedItems"]] == [2]
    assert task["errorMessage"] == task["failedItems"][0]["message"]
    titles = [e["title"] for e in client.get("/o/c/tulips").json()["items"]]
    assert titles == ["A"]


def test_unreadable_item_discards_its_batch(
    client: httpx2.Client, define: Define
) -> None:
    """Nothing of the batch is written, and the item has no text."""
    define("Iris")
    url = f"{ENGINE}/import-task/{ENTRY}?taskItemDelegateName=C_Iris"
    content = json_lines({"title": "A"}) + b"[1]\n"

    task = wait_for_task(
        client, client.post(url, content=content, headers=JSONL).json()
    )

    assert (task["executeStatus"], task["processedItemsCount"]) == ("FAILED", 0)
    assert [(e["itemIndex"], e["item"]) for e in task["failedItems"]] == [(2, "")]
    assert client.get("/o/c/irises").json()["totalCount"] == 0


def multipart(name: str, content: bytes) -> dict[str, Any]:
    return {"files": {"file": (name, content, "application/octet-stream")}}


def make_zip(name: str, content: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(name, content)
    return packed.getvalue()


@pytest.mark.parametrize(
    ("request_", "content_type", "entry"),
    [
        (multipart("a.json", b'[{"title": "A"}]'), "JSON", "a.json"),
        (multipart("a.jsonl", b'{"title": "A"}'), "JSONL", "a.jsonl"),
        (multipart("a.csv", b"title\r\nA\r\n"), "CSV", "a.csv"),
        (multipart("../../a.csv", b"title\r\nA\r\n"), "CSV", "a.csv"),
        (multipart("x.ZIP", make_zip("in.csv", b"title\nA\n")), "CSV", "in.csv"),
        (
            {
                "content": b'[{"title": "A"}]',
                "headers": {"Content-Type": "application/json"},
            },
            "JSON",
            "fileName",
        ),
        (
            {"content": b"title\nA\n", "headers": {"Content-Type": "text/csv"}},
            "CSV",
            "fileName",
        ),
    ],
    ids=["json", "jsonl", "csv", "climbing name", "zip", "raw json", "raw csv"],
)
def test_file_format_follows_name_and_body_format_media_type(
    client: httpx2.Client,
    define: Define,
    request_: dict[str, Any],
    content_type: str,
    entry: str,
) -> None:
    """The content is always a zip archive with one entry of the file's name."""
    if client.get("/o/c/daisies").status_code == 404:
        define("Daisy")
    before = client.get("/o/c/daisies").json()["totalCount"]
    url = f"{ENGINE}/import-task/{ENTRY}?taskItemDelegateName=C_Daisy"

    task = wait_for_task(client, client.post(url, **request_).json())
    content = client.get(f"{ENGINE}/import-task/{task['id']}/content")

    assert (task["executeStatus"], task["errorMessage"]) == ("COMPLETED", "")
    assert task["contentType"] == content_type
    assert client.get("/o/c/daisies").json()["totalCount"] == before + 1
    assert zipfile.ZipFile(io.BytesIO(content.content)).namelist() == [entry]
    assert content.headers["content-disposition"].startswith("attachment; filename=")


def test_server_answers_while_import_runs(
    client: httpx2.Client, define: Define
) -> None:
    """Requests that read do not wait for a writer."""
    define("Grass")
    url = f"{ENGINE}/import-task/{ENTRY}?taskItemDelegateName=C_Grass"
    content = json_lines(*({"title": str(number)} for number in range(5_000)))
    task = client.post(url, content=content, headers=JSONL).json()
    seen: list[int] = []
    over = threading.Event()

    def look() -> None:
        while not over.is_set():
            seen.append(client.get("/o/c/grasses").json()["totalCount"])

    looking = threading.Thread(target=look)
    looking.start()
    try:
        assert wait_for_task(client, task)["executeStatus"] == "COMPLETED"
    finally:
        over.set()
        looking.join()

    assert seen == sorted(seen)
    assert any(0 < number < 5_000 for number in seen)
