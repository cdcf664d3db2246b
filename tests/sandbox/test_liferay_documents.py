"""The OpenAPI documents have the operations and the schemas of Liferay's own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import httpx2
import pytest

from dmc_widgets.sandbox.app import route_table
from dmc_widgets.sandbox.openapi.specification import API_DOCUMENTS
from tests.sandbox.conftest import Define, SandboxServer
from tests.sandbox.liferay_documents import OPERATIONS, SCHEMAS

NEWER = {
    "ObjectDefinition": {"description", "permissions"},
    "ObjectField": {"description", "objectDefinitionScope1", "objectDefinitionSystem1"},
    "ObjectRelationship": {"description"},
    "ObjectView": {"externalReferenceCode"},
}
"""Properties that Liferay has had since 1.0.90."""

CHANGED = {
    "ObjectDefinition.creator": "→Creator RO",
    "ObjectField.businessType": "Aggregation|Assignee|Attachment|AutoIncrement|Boolean|"
    "Date|DateTime|Decimal|EmailAddress|Encrypted|Formula|Integer|LongInteger|LongText|"
    "MultiselectPicklist|PhoneNumber|Picklist|PrecisionDecimal|Relationship|RichText|"
    "Text",
}
"""Properties that are others since then."""

OWN = {"ExportTask", "FailedItem", "ImportTask", "Problem"}
"""Schemas of responses that Liferay does not describe."""


def document(name: str) -> dict[str, Any]:
    return API_DOCUMENTS[f"/{name}/v1.0"]("http://localhost:8080")


def operations(document: Mapping[str, Any]) -> set[str]:
    """Return the operations of a document as the lines of Liferay's list."""
    lines = set()
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            queries = sorted(
                parameter["name"]
                for parameter in operation["parameters"]
                if parameter["in"] == "query"
            )
            words = [method.upper(), path.removeprefix("/v1.0")]
            lines.add(" ".join([*words, operation["operationId"], *queries]))
    return lines


@pytest.mark.parametrize("name", OPERATIONS)
def test_operations_are_those_of_liferay(name: str) -> None:
    """Generated clients make their methods of these names."""
    expected = set(OPERATIONS[name].strip().splitlines())

    assert operations(document(name)) == expected


def type_name(schema: Mapping[str, Any]) -> str:
    """Return the type of a property in the words of Liferay's list."""
    if "$ref" in schema:
        name = f"→{schema['$ref'].rpartition('/')[2]}"
    elif "enum" in schema:
        name = "|".join(schema["enum"])
    elif schema.get("type") == "array":
        name = type_name(schema["items"]) + "[]"
    elif schema.get("type") == "object":
        inner = schema["additionalProperties"]
        name = (
            "map" if inner is True else {"string": "texts"}.get(inner["type"], "links")
        )
    else:
        name = str(
            schema.get("type", "object")
        )  # Liferay's name for a value of any type
    ending = schema.get("format")
    return (
        name + (f":{ending}" if ending else "") + " RO" * bool(schema.get("readOnly"))
    )


@pytest.mark.parametrize(
    ("api", "line"),
    [(api, line) for api in SCHEMAS for line in SCHEMAS[api].strip().splitlines()],
)
def test_properties_of_schemas_are_those_of_liferay(api: str, line: str) -> None:
    """Beside those of newer versions; the class of an object has a name of its own."""
    name, _, listed = line.partition(": ")
    schema = document(api)["components"]["schemas"][name]
    types = {k: type_name(v) for k, v in schema["properties"].items()}
    own_class = types.pop("x-class-name", "")
    newer = NEWER.get(name, set())
    expected = {
        key: CHANGED.get(f"{name}.{key}", type_)
        for key, type_ in (part.split(" ", 1) for part in listed.split(", "))
    }

    assert {k: v for k, v in types.items() if k not in newer} == expected
    assert newer <= types.keys()
    is_plain = name.startswith(("Page", "Facet")) or name.endswith("Body")
    assert own_class == ("" if is_plain else "string RO")


@pytest.mark.parametrize("api", SCHEMAS)
def test_document_has_no_other_schemas(api: str) -> None:
    """It contains what its paths refer to."""
    listed = {line.partition(":")[0] for line in SCHEMAS[api].strip().splitlines()}

    assert document(api)["components"]["schemas"].keys() - listed <= OWN


def test_every_described_operation_is_served(
    sandbox: SandboxServer, client: httpx2.Client, define: Define
) -> None:
    """The names of path parameters differ, the paths do not."""
    define("Maple")
    served = {
        (re.sub(r"{\w+}", "{}", path), method)
        for path, endpoints in route_table(sandbox.context)
        for method in endpoints
    }
    bases = [f"/o{path}" for path in API_DOCUMENTS] + ["/o/c/maples"]
    documents = {base: client.get(f"{base}/openapi.json").json() for base in bases}
    described = {
        (re.sub(r"{\w+}", "{}", full_path(base, path)), method.upper())
        for base, document in documents.items()
        for path, methods in document["paths"].items()
        for method in methods
    }

    assert described - served == set()


def full_path(base: str, path: str) -> str:
    """Return the path on the server; objects are a parameter of their paths."""
    if base.startswith("/o/c/"):
        return "/o/c/{}" + path.rstrip("/")
    return base.removesuffix("/v1.0") + path


def test_operations_of_entries_are_those_of_liferay(
    client: httpx2.Client, define: Define
) -> None:
    """The object takes the place of ``ObjectEntry``; parents list their children."""
    kid = {
        "deletionType": "cascade",
        "label": {"en_US": "Cones"},
        "name": "cones",
        "objectDefinitionExternalReferenceCode1": "SPRUCE",
        "objectDefinitionExternalReferenceCode2": "CONE",
        "type": "oneToMany",
    }
    define("Cone")
    fell = {
        "active": True,
        "label": {"en_US": "Fell"},
        "name": "fell",
        "objectActionExecutorKey": "webhook",
        "objectActionTriggerKey": "standalone",
    }
    define("Spruce", objectRelationships=[kid], objectActions=[fell])
    lists = "aggregationTerms fields filter nestedFields page pageSize"
    lists = f"{lists} restrictFields search sort"
    one = "fields nestedFields restrictFields"
    export = "callbackURL contentType fieldNames filter search sort"
    coded = "/by-external-reference-code/{externalReferenceCode}"
    current = "/by-external-reference-code/{currentExternalReferenceCode}/cones"
    related = "{relatedExternalReferenceCode}"

    found = operations(client.get("/o/c/spruces/openapi.json").json())

    assert found >= {
        f"GET / getSprucesPage {lists}",
        "POST / postSpruce",
        "DELETE /batch deleteSpruceBatch callbackURL",
        "POST /batch postSpruceBatch callbackURL",
        "PUT /batch putSpruceBatch callbackURL",
        f"POST /export-batch postSprucesPageExportBatch {export}",
        f"DELETE {coded} deleteByExternalReferenceCode",
        f"GET {coded} getByExternalReferenceCode {one}",
        f"PATCH {coded} patchByExternalReferenceCode",
        f"PUT {coded} putByExternalReferenceCode",
        "DELETE /{spruceId} deleteSpruce",
        f"GET /{{spruceId}} getSpruce {one}",
        "PATCH /{spruceId} patchSpruce",
        "PUT /{spruceId} putSpruce",
        f"GET /{{spruceId}}/permissions getSprucePermissionsPage {one} roleNames",
        "PUT /{spruceId}/permissions putSprucePermissionsPage",
        "PUT /{spruceId}/object-actions/fell putSpruceFell",
        f"PUT {coded}/object-actions/fell putByExternalReferenceCodeSpruceFell",
        f"GET /{{spruceId}}/cones getSpruceConesConePage {lists}",
        "DELETE /{spruceId}/cones/{coneId} deleteSpruceConesCone",
        "PUT /{spruceId}/cones/{coneId} putSpruceConesCone",
        f"GET {current} getByExternalReferenceCodeSpruceConesPage {lists}",
        f"DELETE {current}/{related} deleteByExternalReferenceCodeSpruceConesCone",
        f"PUT {current}/{related} putByExternalReferenceCodeSpruceConesCone",
        "GET /openapi.{type} getOpenAPI",
    }
    assert not any("cones" in line for line in described(client, "/o/c/cones"))


def described(client: httpx2.Client, base: str) -> set[str]:
    return operations(client.get(f"{base}/openapi.json").json())


def test_operations_of_sites_are_those_of_liferay(
    client: httpx2.Client, define: Define
) -> None:
    """Lists and codes belong to a site, ids do not."""
    define("Sequoia", scope="site")
    coded = "/scopes/{scopeKey}/by-external-reference-code/{externalReferenceCode}"
    lines = {
        line.rsplit(" callbackURL")[0] for line in described(client, "/o/c/sequoias")
    }
    names = {tuple(line.split(" ")[:3]) for line in lines}

    assert names == {
        ("GET", "/scopes/{scopeKey}", "getScopeScopeKeyPage"),
        ("POST", "/scopes/{scopeKey}", "postScopeScopeKey"),
        ("DELETE", "/scopes/{scopeKey}/batch", "deleteScopeScopeKeyBatch"),
        ("POST", "/scopes/{scopeKey}/batch", "postScopeScopeKeyBatch"),
        ("PUT", "/scopes/{scopeKey}/batch", "putScopeScopeKeyBatch"),
        (
            "POST",
            "/scopes/{scopeKey}/export-batch",
            "postScopeScopeKeyPageExportBatch",
        ),
        ("DELETE", coded, "deleteScopeScopeKeyByExternalReferenceCode"),
        ("GET", coded, "getScopeScopeKeyByExternalReferenceCode"),
        ("PATCH", coded, "patchScopeScopeKeyByExternalReferenceCode"),
        ("PUT", coded, "putScopeScopeKeyByExternalReferenceCode"),
        ("DELETE", "/{sequoiaId}", "deleteSequoia"),
        ("GET", "/{sequoiaId}", "getSequoia"),
        ("PATCH", "/{sequoiaId}", "patchSequoia"),
        ("PUT", "/{sequoiaId}", "putSequoia"),
        ("GET", "/{sequoiaId}/permissions", "getSequoiaPermissionsPage"),
        ("PUT", "/{sequoiaId}/permissions", "putSequoiaPermissionsPage"),
        ("GET", "/openapi.{type}", "getOpenAPI"),
    }


def test_operations_are_grouped_by_schema() -> None:
    """Generators make a class or a module of each group."""
    admin = document("object-admin")["paths"]
    engine = document("headless-batch-engine")["paths"]
    groups = {
        "/v1.0/object-definitions/{objectDefinitionId}/object-fields": "ObjectField",
        "/v1.0/object-definitions/{objectDefinitionId}/publish": "ObjectDefinition",
        "/v1.0/object-fields/batch": "ObjectField",
        "/v1.0/object-relationships/by-external-reference-code"
        "/{externalReferenceCode}": "ObjectRelationship",
        "/v1.0/object-views/{objectViewId}/copy": "ObjectView",
    }
    for path, group in groups.items():
        assert {tuple(op["tags"]) for op in admin[path].values()} == {(group,)}
    tags = {
        path: op["tags"]
        for path, ops in engine.items()
        for op in ops.values()
        if "tags" in op
    }
    assert {path.split("/")[2]: tag for path, tag in tags.items()} == {
        "export-task": ["ExportTask"],
        "import-task": ["ImportTask"],
    }


def test_uploads_are_described_as_forms_first() -> None:
    """openapi-generator makes its method of the first media type alone."""
    engine = document("headless-batch-engine")
    imports = engine["paths"]["/v1.0/import-task/{className}"]

    for method, operation in imports.items():
        content = operation["requestBody"]["content"]
        name = f"{method.title()}ImportTaskRequestBody"
        assert next(iter(content)) == "multipart/form-data"
        assert content["multipart/form-data"]["schema"] == {
            "$ref": f"#/components/schemas/{name}"
        }
