"""The calls of Liferay's course *Batch Engine API Basics*, with its literal bodies.

Its curl scripts and Java programs import accounts and blog postings; here the class and
the delegate are those of an object. The Java client states every parameter, if only by
an empty text, and sends the same bodies.
"""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import httpx2
import pytest

from tests.sandbox.conftest import DEFINITIONS, ENGINE, ENTRY, field, wait_for_task
from tests.sandbox.test_batch_verbs import DEFINITION

JSON = {"Content-Type": "application/json"}
ABLE_AND_BAKER = """
    [
        {
            "name": "Able",
            "type": "business"
        },
        {
            "name": "Baker",
            "type": "guest"
        }
    ]"""
IMPORT_KEYS = {
    "className",
    "contentType",
    "errorMessage",
    "executeStatus",
    "externalReferenceCode",
    "failedItems",
    "id",
    "importStrategy",
    "operation",
    "processedItemsCount",
    "totalItemsCount",
}
"""The properties of the course's answers, in which dates come with the start."""


@pytest.fixture(scope="module", autouse=True)
def objects(client: httpx2.Client) -> None:
    """Publish an object of the company, and one of sites."""
    for name, scope in (("Firm", "company"), ("Post", "site")):
        fields = [
            field(text, "Text") for text in ("name", "type", "articleBody", "headline")
        ]
        body = {
            "externalReferenceCode": name.upper(),
            "label": {"en_US": name},
            "name": name,
            "objectFields": fields,
            "pluralLabel": {"en_US": f"{name}s"},
            "scope": scope,
            "status": {"code": 0},
            "titleObjectFieldName": "name",
        }
        response = client.post(DEFINITIONS, json=body)
        assert response.status_code == 200, response.text


def send(
    client: httpx2.Client, method: str, path: str, body: str | None = None
) -> dict[str, Any]:
    response = client.request(method, f"{ENGINE}/{path}", content=body, headers=JSON)
    assert response.status_code == 200, response.text
    task: dict[str, Any] = response.json()
    return task


def names(client: httpx2.Client) -> list[str]:
    items = client.get("/o/c/firms", params={"sort": "id:asc"}).json()["items"]
    return [item["name"] for item in items]


def test_course_imports_changes_and_deletes(client: httpx2.Client) -> None:
    """ImportTask_POST_ToInstance, _GET_ById, _PUT_ById and _DELETE_ById."""
    firms = f"import-task/{ENTRY}?taskItemDelegateName=C_Firm"

    posted = send(client, "POST", firms, ABLE_AND_BAKER)
    imported = wait_for_task(client, posted)
    ids = [item["id"] for item in client.get("/o/c/firms").json()["items"]]
    changes = (
        f'[{{"id" :{ids[0]}, "name": "Bar", "type": "business"}}, '
        f'{{"id": {ids[1]}, "name": "Goo", "type": "guest"}}]'
    )
    changed = wait_for_task(client, send(client, "PUT", firms, changes))
    after_change = names(client)
    removal = f'[{{"id": {ids[0]}}}, {{"id": {ids[1]}}}]'
    removed = wait_for_task(client, send(client, "DELETE", firms, removal))

    assert posted.keys() - {"startTime", "endTime"} == IMPORT_KEYS
    assert (posted["className"], posted["contentType"]) == (ENTRY, "JSON")
    assert (posted["importStrategy"], posted["errorMessage"]) == ("ON_ERROR_FAIL", "")
    assert imported.keys() == IMPORT_KEYS | {"endTime", "startTime"}
    tasks = (imported, changed, removed)
    assert [task["operation"] for task in tasks] == ["CREATE", "UPDATE", "DELETE"]
    for task in tasks:
        counts = task["processedItemsCount"], task["totalItemsCount"]
        assert (task["executeStatus"], counts) == ("COMPLETED", (2, 2))
    assert after_change == ["Bar", "Goo"]
    assert names(client) == []


def test_course_imports_into_a_site(client: httpx2.Client) -> None:
    """ImportTask_POST_ToSite and ExportTask_POST_ToSite name the site by its id."""
    key = f"{ENTRY}%23C_Post"
    scopes = client.get(f"/o/batch-planner/v1.0/plans/{key}/site-scopes").json()
    site = next(s["value"] for s in scopes["items"] if s["label"] == "Guest")
    body = (
        '[{"articleBody": "Foo", "headline": "Able"}, '
        '{"articleBody": "Bar", "headline": "Baker"}]'
    )
    query = f"siteId={site}&taskItemDelegateName=C_Post"

    task = wait_for_task(
        client, send(client, "POST", f"import-task/{ENTRY}?{query}", body)
    )
    exported = export(client, f"{ENTRY}/json?{query}")

    assert task["executeStatus"] == "COMPLETED"
    posts = json.loads(exported["export.json"])
    assert [(post["headline"], post["scopeKey"]) for post in posts] == [
        ("Able", "Guest"),
        ("Baker", "Guest"),
    ]


def export(client: httpx2.Client, path: str) -> dict[str, bytes]:
    """Export, and return the files of the archive."""
    task = send(client, "POST", f"export-task/{path}")
    assert task["executeStatus"] in {"INITIAL", "STARTED", "COMPLETED"}
    for _ in range(200):
        state = client.get(f"{ENGINE}/export-task/{task['id']}").json()
        if state["executeStatus"] in {"COMPLETED", "FAILED"}:
            break
        client.get(f"{ENGINE}/export-task/{task['id']}/content")
    content = client.get(f"{ENGINE}/export-task/{task['id']}/content").content
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.mark.parametrize(
    ("content_type", "name"),
    [
        ("json", "export.json"),
        ("jsonl", "export.jsonl"),
        ("jsont", "export.batch-engine-data.json"),
        ("csv?fieldNames=name,type", "export.csv"),
    ],
)
def test_course_exports_in_each_format(
    client: httpx2.Client, content_type: str, name: str
) -> None:
    """ExportTask_POST_ToInstance, _GET_ById and ExportTaskContent_GET_ById."""
    sign = "&" if "?" in content_type else "?"

    files = export(client, f"{ENTRY}/{content_type}{sign}taskItemDelegateName=C_Firm")

    assert list(files) == [name]


def test_content_of_an_import_is_the_file_that_was_sent(client: httpx2.Client) -> None:
    """ImportTaskContent_GET_ById: a raw body is packed as ``fileName``."""
    url = f"import-task/{DEFINITION}?importStrategy=ON_ERROR_CONTINUE"

    task = wait_for_task(client, send(client, "POST", url, "[]"))

    content = client.get(f"{ENGINE}/import-task/{task['id']}/content").content
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.namelist() == ["fileName"]


def test_empty_parameters_of_the_java_client_are_taken(client: httpx2.Client) -> None:
    """``putImportTask(className, "", "", "", "", null, data)``; the code is generated.

    Liferay takes an importStrategy of any other text for ON_ERROR_CONTINUE.
    """
    empty = "callbackURL=&externalReferenceCode=&importStrategy="
    query = f"{empty}&taskItemDelegateName=C_Firm"
    task = send(client, "PUT", f"import-task/{ENTRY}?{query}", '[{"id": 1234}]')
    ended = wait_for_task(client, task)

    assert task["externalReferenceCode"]
    assert (task["importStrategy"], ended["executeStatus"]) == (
        "ON_ERROR_CONTINUE",
        "COMPLETED",
    )
    assert [item["itemIndex"] for item in ended["failedItems"]] == [1]


def test_task_is_found_by_the_code_that_was_given(client: httpx2.Client) -> None:
    query = "taskItemDelegateName=C_Firm&externalReferenceCode=course-1"
    body = '[{"name": "Able", "externalReferenceCode": "A"}]'
    path = f"{ENGINE}/import-task/by-external-reference-code/course-1"

    posted = send(
        client,
        "POST",
        f"import-task/{ENTRY}?{query}&createStrategy=UPSERT&updateStrategy=UPDATE",
        body,
    )
    wait_for_task(client, posted)
    again = client.post(f"{ENGINE}/import-task/{ENTRY}?{query}", json=[])

    assert client.get(path).json()["id"] == posted["id"]
    assert client.get(f"{path}/content").status_code == 200
    report = client.get(f"{path}/failed-items/report")
    assert report.text == "item,itemIndex,message\r\n"
    assert again.status_code == 400
    assert "course-1" in again.text


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("firms.json", b'[{"name": "Able", "type": "business"}]'),
        ("firms.jsonl", b'{"name": "Able", "type": "business"}\n'),
        ("firms.csv", b"name,type\nAble,business\n"),
    ],
)
def test_file_is_uploaded_as_a_form(
    client: httpx2.Client, name: str, content: bytes
) -> None:
    """``curl -F "file=@firms.csv"``: the name of the file decides, not its type."""
    response = client.post(
        f"{ENGINE}/import-task/{ENTRY}",
        params={"taskItemDelegateName": "C_Firm"},
        files={"file": (name, content, "application/octet-stream")},
    )
    task = wait_for_task(client, response.json())

    assert (task["executeStatus"], task["failedItems"]) == ("COMPLETED", [])
    assert task["contentType"] == name.rpartition(".")[2].upper()


@pytest.mark.parametrize(
    "path", ["import-task/-1", "export-task/-1", "import-task/-1/content"]
)
def test_unknown_task_is_named_by_its_id(client: httpx2.Client, path: str) -> None:
    response = client.get(f"{ENGINE}/{path}")

    kind = "Import" if path.startswith("import") else "Export"
    assert (response.status_code, response.json()["title"]) == (
        404,
        f"No BatchEngine{kind}Task exists with the primary key -1",
    )


def test_item_with_an_unknown_id_is_named(client: httpx2.Client) -> None:
    """Also by a DELETE of -1."""
    url = f"import-task/{ENTRY}?taskItemDelegateName=C_Firm"
    query = "&importStrategy=ON_ERROR_CONTINUE"
    body = '[{"id": -1}, {"id": 999999999}, {}]'

    task = wait_for_task(client, send(client, "DELETE", url + query, body))

    messages = [item["message"] for item in task["failedItems"]]
    assert "primary key -1" in messages[0]
    assert "primary key 999999999" in messages[1]
    assert messages[2].endswith("Unable to delete by external reference code or ID")
