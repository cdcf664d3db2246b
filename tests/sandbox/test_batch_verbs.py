"""The batch engine over HTTP: its verbs, parameters, exports and reports."""

from __future__ import annotations

import io
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import httpx2
import orjson
import pytest

from tests.factories import json_lines
from tests.installations.databases import Place
from tests.sandbox.conftest import (
    DEFINITIONS,
    ENGINE,
    ENTRY,
    SETTINGS,
    Define,
    definition,
    run_sandbox,
    settings_at,
    wait_for_task,
)

pytestmark = pytest.mark.each_database

JSONL = {"Content-Type": "application/x-ndjson"}
DEFINITION = "com.liferay.object.admin.rest.dto.v1_0.ObjectDefinition"


def run_import(
    client: httpx2.Client,
    method: str,
    name: str,
    *records: dict[str, Any],
    **query: str,
) -> dict[str, Any]:
    """Run an import task over an object's entries to its end."""
    query["taskItemDelegateName"] = f"C_{name}"
    url = f"{ENGINE}/import-task/{ENTRY}"
    response = client.request(
        method, url, params=query, content=json_lines(*records), headers=JSONL
    )
    assert response.status_code == 200, response.text
    return wait_for_task(client, response.json())


def titles(client: httpx2.Client, plural: str) -> list[str]:
    return [item["title"] for item in client.get(f"/o/c/{plural}").json()["items"]]


def test_strategies_decide_how_entries_change(
    client: httpx2.Client, define: Define
) -> None:
    """By default, without createStrategy, the engine only adds entries."""
    define("Oak")
    one = {"externalReferenceCode": "1", "title": "A", "amount": 1}
    two = {"externalReferenceCode": "1", "title": "B"}

    run_import(client, "POST", "Oak", one)
    inserted = run_import(client, "POST", "Oak", two)
    patch = {"createStrategy": "UPSERT", "updateStrategy": "PARTIAL_UPDATE"}
    run_import(client, "POST", "Oak", two, **patch)
    patched = client.get("/o/c/oaks").json()["items"][0]
    run_import(client, "POST", "Oak", one | {"amount": None}, createStrategy="UPSERT")
    replaced = client.get("/o/c/oaks").json()["items"][0]

    assert inserted["errorMessage"].startswith(
        "com.liferay.object.exception.DuplicateObjectEntryExternalReferenceCodeException"
        ": Duplicate object entry with external reference code 1, group ID 0, and "
        "object definition ID "
    )
    assert (patched["title"], patched["amount"]) == ("B", 1)
    assert replaced["title"] == "A"
    assert "amount" not in replaced


def test_update_finds_entries_by_id_or_erc(
    client: httpx2.Client, define: Define
) -> None:
    """An item with an unknown id fails."""
    define("Elm")
    body = {"externalReferenceCode": "E", "title": "A"}
    number = client.post("/o/c/elms", json=body).json()["id"]

    by_id = run_import(client, "PUT", "Elm", {"id": number, "title": "B"})
    after_id = titles(client, "elms")
    by_code = run_import(
        client, "PUT", "Elm", {"externalReferenceCode": "E", "title": "C"}
    )
    missing = run_import(
        client,
        "PUT",
        "Elm",
        {"id": 999_999, "title": "D"},
        {"title": "D"},
        importStrategy="whatever else",
    )

    assert (by_id["operation"], by_id["executeStatus"]) == ("UPDATE", "COMPLETED")
    assert after_id == ["B"]
    assert (by_code["executeStatus"], titles(client, "elms")) == ("COMPLETED", ["C"])
    assert missing["executeStatus"] == "COMPLETED"
    assert missing["importStrategy"] == "ON_ERROR_CONTINUE"
    assert [item["message"].partition(": ")[2] for item in missing["failedItems"]] == [
        "No ObjectEntry exists with the primary key 999999",
        "Unable to update by external reference code or ID",
    ]


def test_delete_finds_entries_by_id_or_erc(
    client: httpx2.Client, define: Define
) -> None:
    """DELETE requests have a body."""
    define("Ash")
    ids = [
        client.post("/o/c/ashes", json={"title": t, "externalReferenceCode": t}).json()
        for t in "ABC"
    ]

    task = run_import(
        client, "DELETE", "Ash", {"id": ids[0]["id"]}, {"externalReferenceCode": "B"}
    )

    assert (task["operation"], task["executeStatus"]) == ("DELETE", "COMPLETED")
    assert titles(client, "ashes") == ["C"]


def test_field_mapping_renames_and_omits_fields(
    client: httpx2.Client, define: Define
) -> None:
    """Fields that the mapping does not name are dropped."""
    define("Fir")

    record = {"name": "A", "amount": 3}
    run_import(client, "POST", "Fir", record, fieldNameMapping="name=title")

    entry = client.get("/o/c/firs").json()["items"][0]
    assert entry["title"] == "A"
    assert "amount" not in entry


@pytest.mark.parametrize(
    ("method", "class_name", "query", "title"),
    [
        ("POST", "org.example.Thing", "", "Unknown class name: org.example.Thing"),
        (
            "POST",
            ENTRY,
            "createStrategy=MERGE",
            "Illegal create strategy MERGE",
        ),
        (
            "PUT",
            ENTRY,
            "updateStrategy=x",
            "Illegal update strategy x",
        ),
        (
            "POST",
            ENTRY,
            "fieldNameMapping=name",
            "The field name mapping 'name' has no right side",
        ),
        (
            "POST",
            ENTRY,
            "assetLibraryId=1&siteExternalReferenceCode=L_GUEST",
            "Unsupported combination of scope parameters",
        ),
        ("POST", ENTRY, "delimiter=%22", 'Illegal delimiter value "'),
        ("PUT", ENTRY, "delimiter='", "Illegal delimiter value '"),
        ("DELETE", ENTRY, "delimiter='%22", "Illegal delimiter value '\""),
        (
            "POST",
            ENTRY,
            "enclosingCharacter=%7C",
            "Illegal enclosing character value |",
        ),
        (
            "POST",
            ENTRY,
            "enclosingCharacter=%22%22",
            'Illegal enclosing character value ""',
        ),
    ],
)
def test_invalid_request_is_400_and_creates_no_task(
    client: httpx2.Client, method: str, class_name: str, query: str, title: str
) -> None:
    """Liferay answers 500 to these requests."""
    response = client.request(
        method,
        f"{ENGINE}/import-task/{class_name}?{query}",
        content=b"{}",
        headers=JSONL,
    )

    assert response.status_code == 400
    body = response.json()
    assert (body["status"], body["title"]) == ("BAD_REQUEST", title)


@pytest.mark.parametrize(
    ("content", "type_", "status"),
    [
        (b'[{"title": "A"}, {]', "application/json", 400),
        (b"", "text/csv", 400),
        (b"", "application/x-ndjson", 400),
        (b"<a/>", "text/html", 415),
        (b"no form", "multipart/form-data", 400),
        (b"--x\r\n\r\n--x--", "multipart/form-data; boundary=x", 400),
    ],
)
def test_invalid_body_is_rejected(
    client: httpx2.Client, content: bytes, type_: str, status: int
) -> None:
    """The body is malformed JSON, empty, or of another media type."""
    response = client.post(
        f"{ENGINE}/import-task/{ENTRY}",
        content=content,
        headers={"Content-Type": type_},
    )

    assert response.status_code == status
    assert "title" in response.json()


@pytest.mark.parametrize(
    ("sent", "error"),
    [
        (
            (b'{"title": "A"}', "application/json", "C_Nothing"),
            f"No batch engine delegate available for class name {ENTRY}",
        ),
        (
            (b"<a/>", "application/xml", "C_Wych"),
            "java.lang.IllegalArgumentException: The content: The content type "
            "APPLICATION/XML is not known. Known: CSV, JSON, JSONL, JSONT, XLS, XLSX.",
        ),
        (
            (b'"text"', "application/json", "C_Wych"),
            "java.lang.IllegalArgumentException: Provided stream is not a JSON array",
        ),
    ],
)
def test_task_with_unreadable_content_fails_without_items(
    client: httpx2.Client, define: Define, sent: tuple[bytes, str, str], error: str
) -> None:
    """Faults of a file fail its task, not the request."""
    content, type_, delegate = sent
    if client.get("/o/c/wyches").status_code == 404:
        define("Wych")
    url = f"{ENGINE}/import-task/{ENTRY}?taskItemDelegateName={delegate}"

    posted = client.post(url, content=content, headers={"Content-Type": type_})
    task = wait_for_task(client, posted.json())

    assert (task["executeStatus"], task["failedItems"]) == ("FAILED", [])
    assert task["errorMessage"] == error


def test_definition_with_unknown_property_fails_alone(
    client: httpx2.Client,
) -> None:
    """The message is that of Liferay's reader; the text of the item is empty."""
    url = f"{ENGINE}/import-task/{DEFINITION}?importStrategy=ON_ERROR_CONTINUE"
    content = json_lines(definition("Alder") | {"colour": "red"}, definition("Birch"))

    task = wait_for_task(
        client, client.post(url, content=content, headers=JSONL).json()
    )

    assert task["failedItems"] == [
        {
            "item": "",
            "itemIndex": 1,
            "message": "java.lang.NoSuchFieldException: [colour]",
        }
    ]
    assert client.get("/o/c/alders").status_code == 404
    assert client.get("/o/c/birches").status_code == 200


def test_failed_items_report_has_liferays_csv_layout(
    client: httpx2.Client, define: Define
) -> None:
    """Quotes are doubled, lines end in CRLF, an item without a text is quoted."""
    define("Larch")
    query = {
        "importStrategy": "ON_ERROR_CONTINUE",
        "taskItemDelegateName": "C_Larch",
        "externalReferenceCode": "larches",
    }
    content = json_lines({"amount": 1}) + b"nothing\n"
    url = f"{ENGINE}/import-task/{ENTRY}"
    wait_for_task(
        client, client.post(url, params=query, content=content, headers=JSONL).json()
    )

    path = f"{ENGINE}/import-task/by-external-reference-code/larches"
    report = client.get(f"{path}/failed-items/report")

    assert report.headers["content-type"] == "application/octet-stream"
    assert report.content == (
        b"item,itemIndex,message\r\n"
        b'"{""amount"":1}",1,"com.liferay.object.exception.ObjectEntryValuesException'
        b'$Required: No value was provided for required object field ""title"""\r\n'
        b'"",2,com.fasterxml.jackson.core.JsonParseException: Line 2: This is not '
        b"valid JSON at column 1 (Expecting value).\r\n"
    )


def run_export(
    client: httpx2.Client, class_name: str, format_: str, **query: str
) -> tuple[dict[str, Any], str, bytes]:
    """Export, and return the task, the entry's name and its content."""
    url = f"{ENGINE}/export-task/{class_name}/{format_}"
    task = client.post(url, params=query).json()
    path = f"{ENGINE}/export-task/{task['id']}"
    for _ in range(500):
        found = client.get(path).json()
        if found["executeStatus"] in {"COMPLETED", "FAILED"}:
            break
        time.sleep(0.02)
    content = client.get(f"{path}/content")
    if found["executeStatus"] == "FAILED":
        assert (content.status_code, content.content) == (404, b"")
        return found, "", b""
    with zipfile.ZipFile(io.BytesIO(content.content)) as archive:
        (name,) = archive.namelist()
        return found, name, archive.read(name)


@pytest.fixture(scope="module")
def willows(client: httpx2.Client, define: Define) -> int:
    """Two entries to export; the id of their definition."""
    number: int = define("Willow")["id"]
    for code, amount in (("W-1", 1), ("W-2", None)):
        body = {"externalReferenceCode": code, "title": f"{code}, x", "amount": amount}
        assert client.post("/o/c/willows", json=body).status_code == 200
    return number


@pytest.mark.parametrize(
    ("format_", "name", "content"),
    [
        (
            "json",
            "export.json",
            b'[{"amount":1,"externalReferenceCode":"W-1","title":"W-1, x"},'
            b'{"externalReferenceCode":"W-2","title":"W-2, x"}]',
        ),
        (
            "JSONL",
            "export.jsonl",
            b'{"amount":1,"externalReferenceCode":"W-1","title":"W-1, x"}\n'
            b'{"externalReferenceCode":"W-2","title":"W-2, x"}\n',
        ),
        (
            "CSV",
            "export.csv",
            b"amount,externalReferenceCode,title\r\n"
            b'1,W-1,"""W-1, x"""\r\n'
            b'"",W-2,"""W-2, x"""\r\n',
        ),
        (
            "JSONT",
            "export.batch-engine-data.json",
            b'{"actions":\n{"createBatch": {"href": "/o/headless-batch-engine/v1.0/'
            b'import-task/com.liferay.object.rest.dto.v1_0.ObjectEntry", "method": '
            b'"POST"}, "deleteBatch": {"href": "/o/headless-batch-engine/v1.0/'
            b'import-task/com.liferay.object.rest.dto.v1_0.ObjectEntry", "method": '
            b'"DELETE"}, "updateBatch": {"href": "/o/headless-batch-engine/v1.0/'
            b'import-task/com.liferay.object.rest.dto.v1_0.ObjectEntry", "method": '
            b'"PUT"}},\n"configuration":\n{"callbackURL":null,"className":'
            b'"com.liferay.object.rest.dto.v1_0.ObjectEntry","companyId":20096,'
            b'"multiCompany":false,"parameters":{"className":'
            b'"com.liferay.object.rest.dto.v1_0.ObjectEntry","contentType":"JSONT",'
            b'"createStrategy":"INSERT","importStrategy":"ON_ERROR_FAIL",'
            b'"updateStrategy":"UPDATE"},"taskItemDelegateName":"C_Willow",'
            b'"userId":20123,"version":"v1.0"},\n"items": [{"amount":1,'
            b'"externalReferenceCode":"W-1","title":"W-1, x"},'
            b'{"externalReferenceCode":"W-2","title":"W-2, x"}]\n}',
        ),
    ],
)
def test_export_has_liferays_layout(
    client: httpx2.Client, willows: int, format_: str, name: str, content: bytes
) -> None:
    """Keys are sorted and nulls left out; the zip archive has one entry."""
    assert willows
    query = {
        "fieldNames": "title,amount,externalReferenceCode",
        "taskItemDelegateName": "C_Willow",
    }

    task, found, written = run_export(client, ENTRY, format_, **query)

    assert (task["processedItemsCount"], task["totalItemsCount"]) == (2, 2)
    assert found == name
    assert written == content


@pytest.mark.parametrize(
    ("format_", "query", "error"),
    [
        ("CSV", {}, "Field names are not set"),
        ("XLS", {"fieldNames": "nothing"}, "Invalid field name: nothing"),
        (
            "PDF",
            {},
            "No enum constant com.liferay.batch.engine.BatchEngineTaskContentType.PDF",
        ),
        ("JSON", {"filter": "title eq"}, "The filter cannot be used at character 9"),
    ],
)
def test_invalid_export_fails(
    client: httpx2.Client, willows: int, format_: str, query: dict[str, str], error: str
) -> None:
    """The message is the text of the exception; the task has started with no items."""
    assert willows

    task, _, _ = run_export(
        client, ENTRY, format_, taskItemDelegateName="C_Willow", **query
    )

    assert task["executeStatus"] == "FAILED"
    assert task["errorMessage"].startswith(error)
    assert (task["totalItemsCount"], task["processedItemsCount"]) == (0, 0)
    assert task["startTime"] <= task["endTime"]


def test_export_contains_entries_that_match_the_filter(
    client: httpx2.Client, willows: int
) -> None:
    """Filter, sort and search are free parameters; XLS contains an XLSX workbook."""
    assert willows
    query = {
        "fieldNames": "title",
        "filter": "amount eq 1",
        "taskItemDelegateName": "C_Willow",
    }

    _, _, content = run_export(client, ENTRY, "JSONL", **query)
    _, name, workbook = run_export(client, ENTRY, "XLS", **query)

    assert content == b'{"title":"W-1, x"}\n'
    assert (name, workbook[:4]) == ("export.xls", b"PK\x03\x04")


def test_batch_paths_of_entities_answer_202(
    client: httpx2.Client, define: Define
) -> None:
    """They accept an array, or an object with items."""
    define("Poplar")
    body = {"items": [{"title": "B"}]}

    array = client.post("/o/c/poplars/batch", json=[{"title": "A"}])
    object_ = client.post("/o/c/poplars/batch", json=body)
    definitions = client.post(f"{DEFINITIONS}/batch", json=[definition("Cedar")])
    begun = client.post("/o/c/poplars/export-batch?contentType=JSONL")

    for response in (array, object_, definitions):
        assert response.status_code == 202
        assert wait_for_task(client, response.json())["executeStatus"] == "COMPLETED"
    assert sorted(titles(client, "poplars")) == ["A", "B"]
    assert client.get("/o/c/cedars").status_code == 200
    assert (begun.status_code, begun.json()["contentType"]) == (202, "JSONL")


def test_unknown_task_is_404(client: httpx2.Client) -> None:
    """Tasks, contents and reports, by id and by ERC."""
    for path in ("import-task/999999", "export-task/999999/content"):
        response = client.get(f"{ENGINE}/{path}")
        assert response.status_code == 404
        assert response.json()["title"].endswith("exists with the primary key 999999")
    coded = client.get(f"{ENGINE}/import-task/by-external-reference-code/none")
    assert coded.json()["title"] == (
        "No BatchEngineImportTask exists with the key "
        "{externalReferenceCode=none, companyId=20096}"
    )


def test_tasks_survive_a_restart(tmp_path: Path) -> None:
    """A client can ask for its task after a restart."""
    database = tmp_path / "again.db"
    url = f"{ENGINE}/import-task/{ENTRY}?taskItemDelegateName=C_Lime"
    url += "&externalReferenceCode=limes"
    with run_sandbox(database) as first, first.client() as client:
        client.post(DEFINITIONS, json=definition("Lime"))
        content = json_lines({"title": "A"})
        wait_for_task(client, client.post(url, content=content, headers=JSONL).json())

    with run_sandbox(database) as second, second.client() as client:
        path = f"{ENGINE}/import-task/by-external-reference-code/limes"
        task = client.get(path).json()
        again = client.post(url, content=content, headers=JSONL)

        assert (task["executeStatus"], task["processedItemsCount"]) == ("COMPLETED", 1)
        assert again.status_code == 400
        assert titles(client, "limes") == ["A"]


def test_interrupted_task_runs_again_once_after_restart(
    place: Place, tmp_path: Path
) -> None:
    """It starts from its beginning; the marks of its batches prevent duplicates."""
    database = tmp_path / "place1.db"
    url = f"{ENGINE}/import-task/{ENTRY}?taskItemDelegateName=C_Palm"
    url += "&externalReferenceCode=palms"
    content = json_lines(*({"title": str(number)} for number in range(3_000)))
    with run_sandbox(database, settings_at(place)) as first, first.client() as client:
        client.post(DEFINITIONS, json=definition("Palm"))
        client.post(url, content=content, headers=JSONL)
        while client.get("/o/c/palms").json()["totalCount"] < 300:
            time.sleep(0.01)

    with run_sandbox(database, settings_at(place)) as second, second.client() as client:
        path = f"{ENGINE}/import-task/by-external-reference-code/palms"
        task = wait_for_task(client, client.get(path).json())

        assert task["executeStatus"] == "COMPLETED"
        assert task["processedItemsCount"] == task["totalItemsCount"] == 3_000
        assert client.get("/o/c/palms").json()["totalCount"] == 3_000


def test_interrupted_deletion_completes_after_restart(tmp_path: Path) -> None:
    """An item that the first run deleted is no failure of the second."""
    database = tmp_path / "deleted.db"
    with run_sandbox(database) as first, first.client() as client:
        client.post(DEFINITIONS, json=definition("Vine"))
        number = client.post("/o/c/vines", json={"title": "A"}).json()["id"]
        task = run_import(client, "DELETE", "Vine", {"id": number})
        with (
            first.context.database.transaction() as connection
        ):  # as if it had ended here
            connection.execute("UPDATE task SET status = 'STARTED', processed = 0")

    with run_sandbox(database) as second, second.client() as client:
        again = wait_for_task(client, task)

    assert again["executeStatus"] == task["executeStatus"] == "COMPLETED"
    assert (again["processedItemsCount"], again["failedItems"]) == (1, [])


@contextmanager
def run_callback_server() -> Iterator[tuple[str, list[bytes]]]:
    """Yield the address of a server, and the bodies that it receives."""
    received: list[bytes] = []

    class Listener(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Listener)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/done", received
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize(
    ("allowed", "hosts", "calls"),
    [
        (True, frozenset(), 1),
        (False, frozenset(), 0),
        (True, frozenset({"example.com"}), 0),
    ],
    ids=["allowed", "local address", "host not listed"],
)
def test_callback_is_sent_only_to_allowed_address(
    tmp_path: Path, allowed: bool, hosts: frozenset[str], calls: int
) -> None:
    """The task completes in both cases; the body is an id with a status."""
    settings = replace(SETTINGS, local_callbacks=allowed, callback_hosts=hosts)
    with (
        run_callback_server() as (url, received),
        run_sandbox(tmp_path / "call.db", settings) as sandbox,
        sandbox.client() as client,
    ):
        client.post(DEFINITIONS, json=definition("Pine"))
        task = run_import(client, "POST", "Pine", {"title": "A"}, callbackURL=url)
        deadline = time.monotonic() + (5 if calls else 0.5)
        while len(received) < 1 and time.monotonic() < deadline:
            time.sleep(0.02)

        assert task["executeStatus"] == "COMPLETED"
        expected = orjson.dumps({str(task["id"]): "COMPLETED"})
        assert received == [expected] * calls
