"""OpenAPI documents: one an API, one an object, and all of them together.

How OpenAPI documents say who comes in: Basic, or OAuth 2 with scopes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from ...objects.documents.change_set import DEFINITION, FOLDER, PICKLIST
from ...objects.documents.definition_fields import is_relationship
from ...objects.documents.kinds import build_document_entity_types
from ...objects.names import relationship_name
from ..api.part_kinds import DEFINITION_PARTS, PICKLIST_ENTRY, VIEW
from ..auth.middleware import TOKEN_PATH
from ..auth.principal import api_name
from ..served_objects import ServedObject
from ..settings import EVERYTHING
from .paths import (
    BY_ERC,
    DOCUMENT_PARAMETERS,
    ENTRY_PARAMETERS,
    Paths,
    batch_paths,
    collection_paths,
    describe_operation,
    related_paths,
    resource_paths,
    task_paths,
)
from .schemas import (
    COMMON_SCHEMAS,
    Schema,
    document_schema,
    dto_schema,
    entry_schema,
    page_schema,
    part_schema,
)

_BASIC_SCHEME: Final = "basicAuth"
_OAUTH_SCHEME: Final = "OAuth2"


def security_schemes(server: str, title: str) -> dict[str, Any]:
    """Describe both ways to come in.

    Args:
        server: The address that the document's paths begin with.
        title: Of the document; of an object's it is the object's name.
    """
    at = urlsplit(server)
    scope = _scope_name(at.path, title)
    flow = {
        "scopes": {
            scope: "Read and write",
            f"{scope}.read": "Read",
            f"{scope}.write": "Write",
        },
        "tokenUrl": f"{at.scheme}://{at.netloc}{TOKEN_PATH}",
    }
    return {
        _BASIC_SCHEME: {"scheme": "basic", "type": "http"},
        _OAUTH_SCHEME: {"flows": {"clientCredentials": flow}, "type": "oauth2"},
    }


def security_requirements(server: str, title: str) -> list[dict[str, list[str]]]:
    """Say that either of them will do."""
    return [
        {_BASIC_SCHEME: []},
        {_OAUTH_SCHEME: [_scope_name(urlsplit(server).path, title)]},
    ]


def _scope_name(path: str, title: str) -> str:
    if path.startswith("/o/c/"):
        return f"C_{title}.{EVERYTHING}"
    api = api_name(f"{path}/v1.0")
    return f"{api}.{EVERYTHING}" if api else EVERYTHING


OpenApiDocument = dict[str, Any]

_DOCUMENT_TYPES: Final = {each.name: each for each in build_document_entity_types()}

_TASK_PROPERTIES: Final = {
    "className": "string",
    "contentType": "string",
    "endTime": "string",
    "errorMessage": "string",
    "executeStatus": "string",
    "externalReferenceCode": "string",
    "processedItemsCount": "integer",
    "startTime": "string",
    "totalItemsCount": "integer",
}
_IMPORT_TASK_PROPERTIES: Final = _TASK_PROPERTIES | {
    "failedItems": "array",
    "importStrategy": "string",
    "operation": "string",
}
_BATCH_DTO_PACKAGE: Final = "com.liferay.headless.batch.engine.dto.v1_0."
_TASK_SCHEMAS: Final[Mapping[str, Schema]] = {
    "ExportTask": dto_schema(f"{_BATCH_DTO_PACKAGE}ExportTask", _TASK_PROPERTIES),
    "ImportTask": dto_schema(
        f"{_BATCH_DTO_PACKAGE}ImportTask", _IMPORT_TASK_PROPERTIES
    ),
}


def object_admin_document(origin: str) -> OpenApiDocument:
    """Describe ``/o/object-admin/v1.0``."""
    paths: Paths = {}
    for name, path in ((DEFINITION, "object-definitions"), (FOLDER, "object-folders")):
        paths |= _document_paths(f"/v1.0/{path}", name)
    base = "/v1.0/object-definitions"
    publish = f"{base}/{{id}}/publish"
    told = describe_operation("postObjectDefinitionPublish", publish, DEFINITION)
    paths[publish] = {"post": told}
    for kind in DEFINITION_PARTS:
        for key, by in (("{id}", "OfDefinition"), (BY_ERC, "OfDefinitionByCode")):
            found = collection_paths(f"{base}/{key}/{kind.path}", kind.name)
            paths |= _suffix_operations(found, by)
        verbs = "get put patch delete" if kind.is_patched else "get put delete"
        paths |= resource_paths(f"/v1.0/{kind.path}/{{id}}", kind.name, verbs)
    by_code = f"/v1.0/object-relationships/{BY_ERC}"
    paths |= resource_paths(by_code, "ObjectRelationship", "put", "ByCode")
    copied = f"/v1.0/{VIEW.path}/{{id}}/copy"
    paths[copied] = {
        "post": describe_operation("postObjectViewCopy", copied, VIEW.name)
    }
    schemas = {
        **{definition.name: part_schema(definition) for definition in DEFINITION_PARTS},
        **{
            name: document_schema(_DOCUMENT_TYPES[name])
            for name in (DEFINITION, FOLDER)
        },
    }
    return _build_document(
        f"{origin}/o/object-admin",
        "Object",
        "com.liferay.object.admin.rest.client",
        paths,
        schemas,
    )


def list_type_document(origin: str) -> OpenApiDocument:
    """Describe ``/o/headless-admin-list-type/v1.0``."""
    base = "/v1.0/list-type-definitions"
    paths = _document_paths(base, PICKLIST)
    for key, by in (("{id}", "OfDefinition"), (BY_ERC, "OfDefinitionByCode")):
        found = collection_paths(f"{base}/{key}/list-type-entries", "ListTypeEntry")
        paths |= _suffix_operations(found, by)
    one = "/v1.0/list-type-entries/{id}"
    paths |= resource_paths(one, "ListTypeEntry", "get put delete")
    schemas = {
        "ListTypeEntry": part_schema(PICKLIST_ENTRY),
        PICKLIST: document_schema(_DOCUMENT_TYPES[PICKLIST]),
    }
    return _build_document(
        f"{origin}/o/headless-admin-list-type",
        "Headless Admin List Type",
        "com.liferay.headless.admin.list.type.client",
        paths,
        schemas,
    )


def batch_engine_document(origin: str) -> OpenApiDocument:
    """Describe ``/o/headless-batch-engine/v1.0``."""
    return _build_document(
        f"{origin}/o/headless-batch-engine",
        "Headless Batch Engine",
        "com.liferay.headless.batch.engine.client",
        task_paths("/v1.0"),
        {},
    )


def object_entries_document(
    origin: str, served_object: ServedObject
) -> OpenApiDocument:
    """Describe the entries of an object."""
    name = served_object.name
    base = "/scopes/{scopeKey}" if served_object.has_sites else ""
    paths = collection_paths(base or "/", name, ENTRY_PARAMETERS)
    verbs = "get put patch delete"
    paths |= resource_paths(f"{base}/{BY_ERC}", name, verbs, "ByCode")
    paths |= resource_paths("/{id}", name, verbs)
    if not served_object.has_sites:
        paths |= batch_paths("/batch", name)
    for relationship in sorted(_relationship_names(served_object)):
        paths |= related_paths(base, relationship)
    return _build_document(
        f"{origin}{served_object.path}",
        name,
        "com.liferay.object.rest.client",
        paths,
        {name: entry_schema(served_object)},
    )


def _relationship_names(served_object: ServedObject) -> set[str]:
    found = {
        relationship["name"]
        for relationship in served_object.definition["objectRelationships"]
        if relationship["type"] in {"oneToMany", "oneToOne"}
    }
    fields = served_object.definition["objectFields"]
    found |= {relationship_name(e["name"]) for e in fields if is_relationship(e)}
    return found | set(served_object.linked)


def merge_documents(
    documents: Mapping[str, OpenApiDocument], origin: str
) -> OpenApiDocument:
    """Put documents together, each with its own path before its paths."""
    paths: Paths = {}
    schemas: dict[str, Schema] = {}
    for path, document in documents.items():
        server = document["servers"][0]["url"].removeprefix(origin)
        for each, told in document["paths"].items():
            verbs = {v: _prefix_operation(o, path) for v, o in told.items()}
            paths[server + each.rstrip("/")] = verbs
        schemas |= document["components"]["schemas"]
    return _build_document(origin, "Liferay APIs", "dmc-widgets", paths, schemas)


def _prefix_operation(told: Mapping[str, Any], path: str) -> dict[str, Any]:
    prefix = path.strip("/").replace("/", "_").replace("-", "_")
    return {**told, "operationId": f"{prefix}_{told['operationId']}"}


def _document_paths(path: str, name: str) -> Paths:
    paths = collection_paths(path, name, DOCUMENT_PARAMETERS)
    paths |= resource_paths(f"{path}/{BY_ERC}", name, "get put", "ByCode")
    paths |= resource_paths(f"{path}/{{id}}", name, "get put patch delete")
    return paths | batch_paths(f"{path}/batch", name)


def _suffix_operations(paths: Paths, by: str) -> Paths:
    for verbs in paths.values():
        for told in verbs.values():
            told["operationId"] += by
    return paths


def _build_document(
    server: str,
    title: str,
    artifact: str,
    paths: Paths,
    schemas: Mapping[str, Schema],
) -> OpenApiDocument:
    version = _CLIENT_VERSIONS.get(artifact, "1.0.0")
    description = (
        "A Java client JAR is available for use with the group ID 'com.liferay', "
        f"artifact ID '{artifact}', and version '{version}'."
    )
    own = [name for name in (*schemas, "Related") if _has_page(name)]
    pages = {f"Page{name}": page_schema(name) for name in own}
    components = {**COMMON_SCHEMAS, **_TASK_SCHEMAS, **pages, **schemas}
    return {
        "components": {
            "schemas": dict(sorted(components.items())),
            "securitySchemes": security_schemes(server, title),
        },
        "info": {"description": description, "title": title, "version": "v1.0"},
        "openapi": "3.0.1",
        "paths": dict(sorted(paths.items())),
        "security": security_requirements(server, title),
        "servers": [{"url": server}],
    }


def _has_page(name: str) -> bool:
    return name == "Related" or not (
        name in COMMON_SCHEMAS or name in _TASK_SCHEMAS or name.startswith("Page")
    )


_CLIENT_VERSIONS: Final[Mapping[str, str]] = {
    "com.liferay.headless.admin.list.type.client": "1.0.10",
    "com.liferay.headless.batch.engine.client": "1.0.25",
    "com.liferay.object.admin.rest.client": "1.0.83",
    "com.liferay.object.rest.client": "1.0.25",
}
"""Of the clients that clients take the server's version from. That of list types is
not in the sources at hand, and that of entries neither."""

API_DOCUMENTS: Final[Mapping[str, Callable[[str], OpenApiDocument]]] = {
    "/headless-admin-list-type/v1.0": list_type_document,
    "/headless-batch-engine/v1.0": batch_engine_document,
    "/object-admin/v1.0": object_admin_document,
}
