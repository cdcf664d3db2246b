"""A sandbox that plays 7.4.3.112 knows what it knows, and refuses the rest."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx2
import pytest

from dmc_widgets.errors import UnknownName
from dmc_widgets.installations.liferay.openapi import parse_document, read_item_schemas
from dmc_widgets.objects.versions.releases import (
    OBJECT_ADMIN,
    Release,
    identify_release,
    list_releases,
)
from dmc_widgets.sandbox.openapi.specification import API_DOCUMENTS
from dmc_widgets.sandbox.played_version import PlayedVersion, find_class
from tests.sandbox.conftest import (
    DEFINITIONS,
    ENGINE,
    PICKLISTS,
    SETTINGS,
    SandboxServer,
    definition,
    field,
    run_sandbox,
    wait_for_task,
)

DEFINITION = "com.liferay.object.admin.rest.dto.v1_0.ObjectDefinition"
PICKLIST = "com.liferay.headless.admin.list.type.dto.v1_0.ListTypeDefinition"


@pytest.fixture(scope="module")
def old_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxServer]:
    settings = replace(SETTINGS, version="7.4.3.112")
    with run_sandbox(tmp_path_factory.mktemp("old") / "old.db", settings) as server:
        yield server


@pytest.fixture(scope="module")
def old_client(old_server: SandboxServer) -> Iterator[httpx2.Client]:
    with old_server.client() as client:
        yield client


def import_items(
    client: httpx2.Client, class_name: str, items: list[dict[str, Any]]
) -> dict[str, Any]:
    response = client.post(
        f"{ENGINE}/import-task/{class_name}?createStrategy=UPSERT"
        "&importStrategy=ON_ERROR_CONTINUE",
        json=items,
    )
    assert response.status_code < 300, response.text
    return wait_for_task(client, response.json())


def test_a_definition_has_the_properties_of_the_version_only(
    old_client: httpx2.Client,
) -> None:
    created = old_client.post(DEFINITIONS, json=definition("Apple")).json()

    assert created["enableObjectEntryDraft"] is False
    assert "enableIndexSearch" not in created
    assert "objectDefinitionSettings" not in created
    listed = old_client.get(DEFINITIONS).json()["items"]
    assert all("enableFormContainer" not in item for item in listed)


@pytest.mark.parametrize(
    ("body", "title"),
    [
        (
            definition("Pear", enableIndexSearch=True),
            'The property "enableIndexSearch" is not defined in ObjectDefinition.',
        ),
        (
            definition("Pear")
            | {
                "objectFields": [
                    field("a", "Text", objectDefinitionExternalReferenceCode1="X")
                ]
            },
            'The property "objectDefinitionExternalReferenceCode1" is not defined in '
            "ObjectField.",
        ),
        (
            definition("Pear") | {"objectFields": [field("a", "EmailAddress")]},
            'Unable to map JSON path "objectFields[0].businessType" with value '
            '"EmailAddress" to class "BusinessType"',
        ),
    ],
)
def test_a_request_with_what_the_version_lacks_is_refused(
    old_client: httpx2.Client, body: dict[str, Any], title: str
) -> None:
    response = old_client.post(DEFINITIONS, json=body)

    assert response.status_code == 400
    assert response.json()["title"] == title


def test_an_import_refuses_a_nested_property_that_the_version_lacks(
    old_client: httpx2.Client,
) -> None:
    task = import_items(
        old_client,
        PICKLIST,
        [
            {"externalReferenceCode": "OLD_HUES", "name": "Hues"},
            {
                "externalReferenceCode": "OLD_SIZES",
                "name": "Sizes",
                "listTypeEntries": [
                    {"key": "a", "name": "A"},
                    {"key": "b", "name": "B", "system": False},
                ],
            },
        ],
    )

    (failed,) = task["failedItems"]
    package = "com.liferay.headless.admin.list.type.dto.v1_0"
    assert failed["message"] == (
        'java.lang.IllegalArgumentException: Unrecognized field "system" (class '
        f"{package}.ListTypeEntry), not marked as ignorable (6 known properties: "
        '"externalReferenceCode", "key", "name", "name_i18n", "type", "xClassName"])\n'
        " at [Source: UNKNOWN; byte offset: #UNKNOWN] (through reference chain: "
        f'java.lang.Object[][1]->{package}.ListTypeEntry["system"])'
    )
    assert old_client.get(f"{PICKLISTS}/by-external-reference-code/OLD_HUES").is_success


def test_an_import_refuses_what_the_version_lacks_at_the_top(
    old_client: httpx2.Client,
) -> None:
    task = import_items(
        old_client,
        DEFINITION,
        [definition("Plum", enableIndexSearch=True, friendlyURLSeparator="p")],
    )

    (failed,) = task["failedItems"]
    assert failed["message"] == (
        "java.lang.NoSuchFieldException: [enableIndexSearch, friendlyURLSeparator]"
    )


def test_the_openapi_document_describes_the_version(old_client: httpx2.Client) -> None:
    document = old_client.get("/o/object-admin/v1.0/openapi.json").json()

    schemas = document["components"]["schemas"]
    assert "enableIndexSearch" not in schemas["ObjectDefinition"]["properties"]
    names = schemas["ObjectField"]["properties"]
    assert "objectDefinitionExternalReferenceCode1" not in names
    assert "EmailAddress" not in names["businessType"].get("enum", [])
    assert "ObjectDefinitionSetting" not in schemas
    assert "version '1.0.60'" in document["info"]["description"]


def test_newer_parameters_of_batch_requests_are_not_offered(
    old_client: httpx2.Client,
) -> None:
    document = old_client.get("/o/headless-batch-engine/v1.0/openapi.json").json()

    assert "batchNestedFields" not in json.dumps(document)
    assert "batchRestrictFields" not in json.dumps(document)


def test_every_kind_of_path_is_for_items_of_one_class() -> None:
    admin = "com.liferay.object.admin.rest.dto.v1_0"
    engine = "com.liferay.headless.batch.engine.dto.v1_0"
    cases = {
        DEFINITIONS: f"{admin}.ObjectDefinition",
        f"{DEFINITIONS}/12/object-fields": f"{admin}.ObjectField",
        f"{DEFINITIONS}/12/publish": f"{admin}.ObjectDefinition",
        f"{DEFINITIONS}/batch": f"{engine}.ImportTask",
        f"{PICKLISTS}/7/list-type-entries": (
            "com.liferay.headless.admin.list.type.dto.v1_0.ListTypeEntry"
        ),
        f"{ENGINE}/export-task/7": f"{engine}.ExportTask",
        f"{ENGINE}/export-task/7/content": "",
        "/o/c/apples/3": "com.liferay.object.rest.dto.v1_0.ObjectEntry",
        "/o/c/apples/openapi.json": "",
        "/o/openapi": "",
    }
    assert {path: find_class(path) for path in cases} == cases


def test_an_unknown_version_cannot_be_played() -> None:
    with pytest.raises(UnknownName, match=r"no Liferay version named '7\.5'"):
        PlayedVersion("7.5")


@pytest.mark.parametrize("release", list_releases()[3:], ids=lambda x: str(x.name))
def test_the_document_of_a_played_version_identifies_it(release: Release) -> None:
    document = API_DOCUMENTS["/object-admin/v1.0"]("http://localhost")
    played = PlayedVersion(release.name).fit_document(document)

    parsed = parse_document(played)

    assert parsed is not None
    found = identify_release(read_item_schemas(parsed).schemas)
    assert found is not None
    assert found.schemas(OBJECT_ADMIN).schemas == release.schemas(OBJECT_ADMIN).schemas
