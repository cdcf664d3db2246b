"""Rules of tasks about items and fields that they do not touch."""

from __future__ import annotations

import httpx2
import orjson
import pytest

from tests.sandbox.conftest import ENGINE, ENTRY, Define, field, wait_for_task
from tests.sandbox.test_batch_verbs import run_export, run_import, titles
from tests.sandbox.test_related_entries import relationship

pytestmark = pytest.mark.each_database


def test_stopped_update_leaves_items_after_unknown_id_unchanged(
    client: httpx2.Client, define: Define
) -> None:
    define("Reed")
    ids = [
        client.post("/o/c/reeds", json={"title": title}).json()["id"] for title in "AB"
    ]

    task = run_import(
        client,
        "PUT",
        "Reed",
        {"id": ids[0], "title": "first"},
        {"id": 999_999_999, "title": "nobody"},
        {"id": ids[1], "title": "second"},
        importStrategy="ON_ERROR_FAIL",
    )

    assert task["executeStatus"] == "FAILED"
    assert [item["itemIndex"] for item in task["failedItems"]] == [2]
    assert titles(client, "reeds") == ["first", "B"]


@pytest.mark.parametrize("name", ["scopeKey", "siteId", "siteExternalReferenceCode"])
def test_site_parameter_selects_the_site(
    client: httpx2.Client, define: Define, name: str
) -> None:
    """Files and clients use different parameters."""
    object_ = f"Rush{name.title()}"
    path = define(object_, scope="site")["restContextPath"]

    task = run_import(client, "POST", object_, {"title": "A"}, **{name: "north"})

    assert (task["executeStatus"], task["failedItems"]) == ("COMPLETED", [])
    entries = client.get(f"{path}/scopes/north").json()["items"]
    assert [entry["title"] for entry in entries] == ["A"]


def test_batch_file_as_a_body_names_its_site(
    client: httpx2.Client, define: Define
) -> None:
    """The parameters of the request win over those of the file."""
    path = define("RushFile", scope="site")["restContextPath"]
    for code, parameters in (("A", {}), ("B", {"siteId": "L_GUEST"})):
        body = {
            "configuration": {"className": ENTRY, "parameters": {"siteId": "north"}},
            "items": [{"externalReferenceCode": code, "title": code}],
        }
        posted = client.post(
            f"{ENGINE}/import-task/{ENTRY}",
            params={"taskItemDelegateName": "C_RushFile", **parameters},
            json=body,
        )
        wait_for_task(client, posted.json())

    for site, codes in (("north", ["A"]), ("Guest", ["B"])):
        entries = client.get(f"{path}/scopes/{site}").json()["items"]
        assert [entry["title"] for entry in entries] == codes


def test_export_contains_no_linked_entries(
    client: httpx2.Client, define: Define
) -> None:
    """Links of many-to-many relationships are requested for single entries only."""
    define("Stem")
    relations = [relationship("stems", "BULB", "STEM", "manyToMany")]
    path = define("Bulb", objectRelationships=relations)["restContextPath"]
    client.post("/o/c/stems", json={"title": "S", "externalReferenceCode": "S"})
    bulb = {"title": "B", "externalReferenceCode": "B"}
    number = client.post(path, json=bulb).json()["id"]
    client.put(f"{path}/by-external-reference-code/B/stems/S")
    linked = client.get(f"{path}/{number}", params={"nestedFields": "stems"}).json()

    _, _, content = run_export(client, ENTRY, "JSONL", taskItemDelegateName="C_Bulb")

    assert [stem["title"] for stem in linked["stems"]] == ["S"]
    assert "stems" not in orjson.loads(content)


def test_export_contains_no_file_contents(
    client: httpx2.Client, define: Define
) -> None:
    settings = {
        "acceptedFileExtensions": "txt",
        "fileSource": "userComputer",
        "maximumFileSize": 1,
    }
    stated = [{"name": name, "value": value} for name, value in settings.items()]
    scan = field("scan", "Attachment", objectFieldSettings=stated)
    path = define("Folio", objectFields=[scan])["restContextPath"]
    posted = client.post(path, json={"scan": {"fileBase64": "aGk=", "name": "a.txt"}})

    _, _, content = run_export(client, ENTRY, "JSONL", taskItemDelegateName="C_Folio")

    assert posted.status_code == 200, posted.text
    assert orjson.loads(content)["scan"]["name"] == "a.txt"
    assert b"fileBase64" not in content


def test_csv_export_can_omit_the_header(client: httpx2.Client, define: Define) -> None:
    define("Thorn")
    client.post("/o/c/thorns", json={"title": "A"})
    parameters = {"fieldNames": "title", "taskItemDelegateName": "C_Thorn"}

    _, _, content = run_export(
        client, ENTRY, "CSV", containsHeaders="false", **parameters
    )

    assert content == b"A\r\n"
