"""The OpenAPI documents of the sandbox."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest
import yaml
from openapi_spec_validator import validate

from tests.sandbox.conftest import ENTRY, PICKLISTS, Define, SandboxServer, field

APIS = (
    "/o/headless-admin-list-type/v1.0",
    "/o/headless-batch-engine/v1.0",
    "/o/object-admin/v1.0",
)


@pytest.fixture(scope="module")
def garage(client: httpx2.Client, define: Define) -> dict[str, Any]:
    """Define an object with fields of many types, and return its document."""
    picklist = {
        "externalReferenceCode": "COLOURS",
        "listTypeEntries": [{"key": "red", "name": "Red"}],
        "name": "Colours",
    }
    assert client.post(PICKLISTS, json=picklist).status_code == 200
    colour = {"listTypeDefinitionExternalReferenceCode": "COLOURS"}
    define("Owner")
    relationship = {
        "deletionType": "prevent",
        "label": {"en_US": "Owner"},
        "name": "owner",
        "objectDefinitionExternalReferenceCode1": "OWNER",
        "objectDefinitionExternalReferenceCode2": "CAR",
        "type": "oneToMany",
    }
    define(
        "Car",
        enableLocalization=True,
        objectFields=[
            field("plate", "Text", required=True),
            field("label", "Text", localized=True),
            field("seats", "Integer"),
            field("price", "PrecisionDecimal"),
            field("seen", "DateTime"),
            field("story", "RichText"),
            field("colour", "Picklist", **colour),
            field("trims", "MultiselectPicklist", **colour),
        ],
    )
    base = APIS[2] + "/object-definitions/by-external-reference-code/OWNER"
    path = f"{base}/object-relationships"
    assert client.post(path, json=relationship).status_code == 200
    document: dict[str, Any] = client.get("/o/c/cars/openapi.json").json()
    return document


@pytest.mark.parametrize("path", [*APIS, "/o/c/cars", "/o/openapi"])
def test_every_document_is_valid_openapi(
    client: httpx2.Client, garage: dict[str, Any], path: str
) -> None:
    """JSON and YAML have the same content."""
    assert garage
    as_json = client.get(f"{path}/openapi.json").json()
    as_yaml = client.get(f"{path}/openapi.yaml")

    validate(as_json)
    assert yaml.safe_load(as_yaml.text) == as_json
    assert client.get(f"{path}/openapi.xml").status_code == 404


def test_specifications_are_listed_by_path(
    sandbox: SandboxServer, client: httpx2.Client, garage: dict[str, Any]
) -> None:
    """Clients discover APIs there."""
    assert garage
    addresses = client.get("/o/openapi").json()

    assert addresses["/c/cars"] == [f"{sandbox.url}/o/c/cars/openapi.yaml"]
    assert addresses["/object-admin"] == [
        f"{sandbox.url}/o/object-admin/v1.0/openapi.yaml"
    ]


def test_object_document_describes_its_fields(garage: dict[str, Any]) -> None:
    """The rules are those of Liferay: types, required, read-only, and parent maps."""
    schema = garage["components"]["schemas"]["Car"]
    parent = {"x-parent-map": "properties"}
    properties = schema["properties"]

    assert schema["required"] == ["plate"]
    assert properties["x-class-name"] == {
        "default": ENTRY,
        "readOnly": True,
        "type": "string",
    }
    assert properties["seats"] == {"format": "int32", "type": "integer"} | parent
    assert properties["seen"] == {
        "format": "date-time",
        "type": "string",
        "x-parent-map": "properties",
        "x-timeStorage": "convertToUTC",
    }
    assert properties["colour"] == {"$ref": "#/components/schemas/ListEntry"} | parent
    assert properties["storyRawText"]["readOnly"] is True
    assert properties["r_owner_c_ownerId"]["type"] == "integer"
    assert properties["r_owner_c_ownerERC"] == {"type": "string"} | parent
    assert properties["ownerERC"]["readOnly"] is True
    assert properties["keywords"]["x-batch-unsupported-formats"] == ["CSV"]
    assert "label_i18n" in properties


def test_document_states_the_client_version(client: httpx2.Client) -> None:
    """Clients infer the version of the server from it."""
    document = client.get(f"{APIS[2]}/openapi.json").json()

    assert document["info"] == {
        "description": "A Java client JAR is available for use with the group ID "
        "'com.liferay', artifact ID 'com.liferay.object.admin.rest.client', and "
        "version '1.0.83'.",
        "title": "Object",
        "version": "v1.0",
    }


@pytest.mark.parametrize(
    ("path", "scope"),
    [
        ("/o/object-admin/v1.0", "Liferay.Object.Admin.REST.everything"),
        ("/o/headless-batch-engine/v1.0", "Liferay.Headless.Batch.Engine.everything"),
        ("/o/c/cars", "C_Car.everything"),
        ("/o/openapi", "everything"),
    ],
)
@pytest.mark.usefixtures("garage")
def test_document_describes_authentication(
    client: httpx2.Client, sandbox: SandboxServer, path: str, scope: str
) -> None:
    """Clients use Basic, or client credentials with a scope of the API."""
    document = client.get(f"{path}/openapi.json").json()

    assert document["security"] == [{"basicAuth": []}, {"OAuth2": [scope]}]
    assert document["components"]["securitySchemes"] == {
        "basicAuth": {"scheme": "basic", "type": "http"},
        "OAuth2": {
            "flows": {
                "clientCredentials": {
                    "scopes": {
                        scope: "Read and write",
                        f"{scope}.read": "Read",
                        f"{scope}.write": "Write",
                    },
                    "tokenUrl": f"{sandbox.url}/o/oauth2/token",
                }
            },
            "type": "oauth2",
        },
    }


def test_ids_and_dates_have_formats(
    client: httpx2.Client, garage: dict[str, Any]
) -> None:
    """Code generated from a document depends on them."""
    admin = client.get("/o/object-admin/v1.0/openapi.json").json()

    for document, name in ((garage, "Car"), (admin, "ObjectDefinition")):
        properties = document["components"]["schemas"][name]["properties"]
        formats = {n: properties[n].get("format") for n in ("id", "dateCreated")}
        assert formats == {"id": "int64", "dateCreated": "date-time"}
