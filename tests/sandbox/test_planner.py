"""``/o/batch-planner/v1.0``: plans, templates, and what plans choose from."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import httpx2
import pytest

from dmc_widgets.sandbox.database import SandboxDatabase
from dmc_widgets.sandbox.planner.plan_store import PlanStore
from tests.sandbox.conftest import (
    ENGINE,
    ENTRY,
    SETTINGS,
    Define,
    SandboxServer,
    field,
    run_sandbox,
    wait_for_task,
)

PLANS = "/o/batch-planner/v1.0/plans"
DEFINITION = "com.liferay.object.admin.rest.dto.v1_0.ObjectDefinition"
TITLE_MAPPING = {
    "externalFieldName": "name",
    "externalFieldType": "String",
    "internalFieldName": "title",
    "internalFieldType": "String",
}


def plan(**others: Any) -> dict[str, Any]:
    """Return a plan to import entries."""
    return {
        "active": True,
        "export": False,
        "externalType": "JSON",
        "externalURL": "",
        "internalClassName": ENTRY,
        "mappings": [TITLE_MAPPING],
        "name": "Import of stocks",
        "policies": [{"name": "createStrategy", "value": "UPSERT"}],
        "taskItemDelegateName": "C_Stock",
        "template": False,
        **others,
    }


def template(name: str, **others: Any) -> dict[str, Any]:
    return plan(template=True, name=name, **others)


def post(client: httpx2.Client, body: dict[str, Any]) -> dict[str, Any]:
    response = client.post(PLANS, json=body)
    assert response.status_code == 200, response.text
    created: dict[str, Any] = response.json()
    return created


def test_plan_is_answered_as_liferay_does(client: httpx2.Client) -> None:
    """Neither size nor status nor total; texts that were not given are empty."""
    created = post(client, plan())

    number = created["id"]
    (mapping,), (policy,) = created["mappings"], created["policies"]
    assert created == {
        "active": True,
        "export": False,
        "externalType": "JSON",
        "externalURL": "",
        "id": number,
        "internalClassName": ENTRY,
        "internalClassNameKey": f"{ENTRY}#C_Stock",
        "mappings": [
            {**TITLE_MAPPING, "id": mapping["id"], "planId": number, "script": ""}
        ],
        "name": "Import of stocks",
        "policies": [
            {
                "id": policy["id"],
                "name": "createStrategy",
                "planId": number,
                "value": "UPSERT",
            }
        ],
        "taskItemDelegateName": "C_Stock",
        "template": False,
    }
    assert client.get(f"{PLANS}/{number}").json() == created


def test_plan_without_a_name_is_given_one(client: httpx2.Client) -> None:
    created = post(client, plan(name=None, internalClassName=DEFINITION))

    name, _, time = created["name"].rpartition(" ")
    assert name == "ObjectDefinition Plan Execution"
    assert time.isdecimal()
    assert post(client, plan(taskItemDelegateName="DEFAULT"))[
        "internalClassNameKey"
    ] == (ENTRY)


@pytest.mark.parametrize(
    ("change", "title"),
    [
        (
            {"externalType": "PDF"},
            "Batch planner plan external type must be one of following: "
            "CSV,JSON,JSONL,JSONT,TXT,XLS,XLSX,XML",
        ),
        ({"internalClassName": None}, "Batch planner plan internal class name is null"),
        ({"export": None}, "Batch planner plan export is null"),
        ({"template": True, "name": ""}, "Batch planner plan name is null"),
        ({"name": "n" * 76}, "Batch planner plan name must not be longer than 75"),
        (
            {"mappings": [TITLE_MAPPING, TITLE_MAPPING]},
            'Batch planner mapping with external field name "name" and internal field '
            'name "title" already exists',
        ),
        ({"mappings": [{}]}, "External field name is null"),
        (
            {"mappings": [TITLE_MAPPING | {"internalFieldType": "x" * 76}]},
            "Internal field type is too long",
        ),
        ({"policies": [{"value": "x"}]}, "Batch planner policy name is null"),
        ({"colour": "red"}, 'The property "colour" is not defined in Plan.'),
        (
            {"policies": [{"colour": "red"}]},
            'The property "colour" is not defined in Policy.',
        ),
        (
            {"export": "perhaps"},
            'Unable to map JSON path "export" with value "perhaps" to class "Boolean"',
        ),
        (
            {"policies": {"siteId": 1}},
            'Unable to map JSON path "policies" with value "{"siteId": 1}" to class '
            '"Policy[]"',
        ),
        (
            {"mappings": [7]},
            'Unable to map JSON path "mappings.0" with value "7" to class "Mapping"',
        ),
    ],
)
def test_plan_that_breaks_a_rule_is_400(
    client: httpx2.Client, change: dict[str, Any], title: str
) -> None:
    """With Liferay's texts; Liferay itself answers 500 to most of them."""
    before = client.get(PLANS).json()["totalCount"]

    response = client.post(PLANS, json=plan(**change))

    assert (response.status_code, response.json()["title"]) == (400, title)
    assert client.get(PLANS).json()["totalCount"] == before


def test_templates_have_names_of_their_own(client: httpx2.Client) -> None:
    """Plans may have the same name, templates not, whatever they are for."""
    post(client, template("Nightly"))
    post(client, plan(name="Nightly"))

    again = client.post(PLANS, json=template("Nightly", export=True))

    assert (again.status_code, again.json()["title"]) == (
        400,
        'Batch planner plan name "Nightly" already exists for company 20096',
    )


def test_template_can_be_changed(client: httpx2.Client) -> None:
    """Of a mapping only the external field and the script; the rest is ignored."""
    created = post(client, template("Weekly"))
    mapping = created["mappings"][0]["id"]
    url = f"{PLANS}/{created['id']}"

    changed = client.patch(
        url,
        json={
            "externalType": "CSV",
            "internalClassName": DEFINITION,
            "name": "Monthly",
            "taskItemDelegateName": "ignored",
            "mappings": [
                {
                    "id": mapping,
                    "externalFieldName": "Title",
                    "internalFieldName": "ignored",
                    "script": "x",
                }
            ],
            "policies": [{"name": "createStrategy", "value": " INSERT "}],
        },
    ).json()

    assert client.get(url).json() == changed
    assert (changed["name"], changed["externalType"]) == ("Monthly", "CSV")
    assert changed["internalClassNameKey"] == f"{DEFINITION}#C_Stock"
    assert changed["policies"][0]["value"] == "INSERT"
    stored = changed["mappings"][0]
    assert (stored["externalFieldName"], stored["internalFieldName"]) == (
        "Title",
        "title",
    )
    assert (stored["script"], stored["externalFieldType"]) == ("x", "String")


def test_change_that_cannot_be_made_changes_nothing(client: httpx2.Client) -> None:
    created = post(client, template("Yearly"))
    task = post(client, plan())
    url = f"{PLANS}/{created['id']}"

    answers = [
        client.patch(address, json=body)
        for address, body in (
            (f"{PLANS}/{task['id']}", {"name": "x"}),
            (url, {"name": "x", "mappings": [{"id": 0}]}),
            (url, {"name": "x", "policies": [{"name": "siteId", "value": "1"}]}),
            (url, {"name": "x", "externalType": "PDF"}),
        )
    ]

    assert [(answer.status_code, answer.json()["title"]) for answer in answers[:3]] == [
        (400, "Batch planner plan is not a template"),
        (404, "No BatchPlannerMapping exists with the primary key 0"),
        (
            404,
            "No BatchPlannerPolicy exists with the key {batchPlannerPlanId="
            f"{created['id']}, name=siteId}}",
        ),
    ]
    assert client.get(url).json() == created


@pytest.mark.parametrize("method", ["DELETE", "GET", "PATCH"])
@pytest.mark.parametrize("number", [-1, 0, 999_999_999])
def test_unknown_plan_is_404(client: httpx2.Client, method: str, number: int) -> None:
    body: dict[str, Any] | None = {} if method == "PATCH" else None

    response = client.request(method, f"{PLANS}/{number}", json=body)

    assert (response.status_code, response.json()["title"]) == (
        404,
        f"No BatchPlannerPlan exists with the primary key {number}",
    )


def test_deleted_plan_is_gone_with_its_parts(
    client: httpx2.Client, sandbox: SandboxServer
) -> None:
    number = post(client, plan())["id"]

    assert client.delete(f"{PLANS}/{number}").status_code == 204
    assert client.delete(f"{PLANS}/{number}").status_code == 404
    for table in ("plan_mapping", "plan_policy"):
        query = f"SELECT count(*) FROM {table} WHERE plan_id = ?"
        assert sandbox.context.database.rows(query, (number,))[0][0] == 0


def test_plans_are_paged(client: httpx2.Client) -> None:
    ids = [post(client, plan())["id"] for _ in range(2)]

    everything = client.get(PLANS, params={"page": -1}).json()
    last = client.get(PLANS, params={"page": everything["totalCount"], "pageSize": 1})
    far = client.get(PLANS, params={"page": 2**62, "pageSize": 500})

    assert [listed["id"] for listed in everything["items"]][-2:] == ids
    assert [listed["id"] for listed in last.json()["items"]] == ids[1:]
    assert far.json()["items"] == []


def test_read_only_user_may_not_add_plans(sandbox: SandboxServer) -> None:
    user, password = SETTINGS.read_only_user, SETTINGS.read_only_password
    with sandbox.client(user, password) as reader:
        assert reader.get(PLANS).status_code == 200
        assert reader.post(PLANS, json=plan()).status_code == 403


def test_plans_survive_a_restart_and_older_folders_are_brought_along(
    tmp_path: Path,
) -> None:
    with run_sandbox(tmp_path / "stage.db") as server, server.client() as client:
        created = post(client, template("Kept"))
    with run_sandbox(tmp_path / "stage.db") as server, server.client() as client:
        assert client.get(f"{PLANS}/{created['id']}").json() == created
    folder = tmp_path / "stage.db.sandbox"
    older = sqlite3.connect(folder / "tasks.db")
    for table in ("plan_mapping", "plan_policy", "plan"):
        older.execute(f"DROP TABLE {table}")
    older.execute("PRAGMA user_version = 2")
    older.close()

    database = SandboxDatabase(folder)

    assert PlanStore(database).page(0, 10) == ([], 0)
    database.close()


def test_task_of_a_plan_has_its_id_as_code(
    client: httpx2.Client, define: Define
) -> None:
    """As Liferay's pages start it: with the mappings and policies as parameters."""
    define("Stock")
    number = post(client, plan())["id"]

    task = client.post(
        f"{ENGINE}/import-task/{ENTRY}",
        params={
            "createStrategy": "UPSERT",
            "externalReferenceCode": number,
            "fieldNameMapping": "name=title",
            "taskItemDelegateName": "C_Stock",
        },
        files={"file": ("stocks.json", b'[{"name": "A"}]', "application/json")},
    ).json()
    wait_for_task(client, task)

    found = client.get(f"{ENGINE}/import-task/by-external-reference-code/{number}")
    assert found.json()["executeStatus"] == "COMPLETED"
    assert client.get("/o/c/stocks").json()["items"][0]["title"] == "A"


def of_class(client: httpx2.Client, key: str, path: str, **query: str) -> Any:
    key = key.replace("#", "%23")
    return client.get(f"{PLANS}/{key}/{path}", params=query)


@pytest.fixture(scope="module")
def shelf(define: Define) -> str:
    """Return the key of an object, and define one with translations."""
    define("Booklet", enableCategorization=True)
    fields = [field("subtitle", "Text", localized=True)]
    define("Pamphlet", objectFields=fields, enableLocalization=True)
    return f"{ENTRY}#C_Booklet"


def test_fields_of_an_import_are_those_that_it_may_fill(
    client: httpx2.Client, shelf: str
) -> None:
    imported = of_class(client, shelf, "fields").json()
    exported = of_class(client, shelf, "fields", export="true").json()

    fields = {item["name"]: item for item in imported["items"]}
    assert fields["title"] == {"name": "title", "required": True, "type": "string"}
    assert fields["amount"] == {"name": "amount", "required": False, "type": "integer"}
    assert fields["keywords"] == {
        "name": "keywords",
        "required": False,
        "type": "array",
        "unsupportedFormats": ["CSV"],
    }
    assert list(fields) == sorted(fields)
    assert (imported["pageSize"], imported["lastPage"]) == (len(fields), 1)
    more = {item["name"] for item in exported["items"]}
    assert {"id", "dateCreated", "creator", "title"} <= more
    assert not {"id", "dateCreated"} & fields.keys()
    assert "x-class-name" not in more | fields.keys()


def test_every_class_declares_the_same_strategies(
    client: httpx2.Client, shelf: str
) -> None:
    for key in (shelf, DEFINITION):
        assert of_class(client, key, "strategies").json()["items"] == [
            {"name": "INSERT", "type": "create"},
            {"name": "UPSERT", "type": "create"},
            {"name": "PARTIAL_UPDATE", "type": "update"},
            {"name": "UPDATE", "type": "update"},
        ]
        assert of_class(client, key, "asset-library-scopes").json()["items"] == []


def test_sample_file_has_names_and_types(client: httpx2.Client, shelf: str) -> None:
    sample = of_class(client, shelf, "template")
    translated = of_class(client, f"{ENTRY}#C_Pamphlet", "template")

    names, types = sample.text.split("\n")
    columns = dict(zip(names.split(","), types.split(","), strict=True))
    assert (columns["title"], columns["amount"]) == ("string", "integer")
    assert "id" not in columns
    assert sample.headers["content-type"] == "application/octet-stream"
    disposition = sample.headers["content-disposition"]
    assert disposition.startswith("attachment; filename=c_booklet-")
    assert disposition.endswith(".csv")
    assert "subtitle_i18n_en_US" in translated.text
    definitions = of_class(client, DEFINITION, "template").text.split("\n")[0]
    assert "objectFields" in definitions.split(",")


@pytest.mark.parametrize(
    "path", ["asset-library-scopes", "fields", "site-scopes", "strategies", "template"]
)
def test_unknown_class_is_404(client: httpx2.Client, path: str) -> None:
    for key in ("org.example.Thing", f"{ENTRY}#C_Nothing", "7"):
        assert of_class(client, key, path).status_code == 404


def test_document_names_liferays_operations(client: httpx2.Client) -> None:
    document = client.get("/o/batch-planner/v1.0/openapi.json").json()

    operations = {
        operation["operationId"]
        for methods in document["paths"].values()
        for operation in methods.values()
    }
    assert operations == {
        "deletePlan",
        "getOpenAPI",
        "getPlan",
        "getPlanInternalClassNameKeyAssetLibraryScopesPage",
        "getPlanInternalClassNameKeyFieldsPage",
        "getPlanInternalClassNameKeySiteScopesPage",
        "getPlanInternalClassNameKeyStrategiesPage",
        "getPlanTemplate",
        "getPlansPage",
        "patchPlan",
        "postPlan",
    }
    schema = document["components"]["schemas"]["Plan"]["properties"]
    assert schema["id"] == {"format": "int64", "type": "integer"}
    assert schema["status"] == {"format": "int32", "type": "integer"}
    assert schema["internalClassNameKey"] == {"readOnly": True, "type": "string"}
    assert schema["mappings"]["items"] == {"$ref": "#/components/schemas/Mapping"}
    assert "/batch-planner" in client.get("/o/openapi").json()
