"""OpenAPI documents: one for each API, one for each object, and all of them merged.

The documents state that clients authenticate by Basic or by OAuth 2 with scopes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final
from urllib.parse import urlsplit

from ...objects.documents.definition_fields import is_relationship
from ...objects.documents.definitions import DEFINITION_KIND
from ...objects.documents.kinds import DOCUMENT_KINDS
from ...objects.documents.picklists import PICKLIST_KIND
from ...objects.names import relationship_name
from ...objects.parts.part_kinds import (
    DEFINITION_PARTS,
    PICKLIST_ENTRY,
    RELATIONSHIP,
    VIEW,
    PartKind,
)
from ..auth.middleware import TOKEN_PATH
from ..auth.principal import api_name
from ..entity_store import DOCUMENT_TYPES
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

OpenApiDocument = dict[str, Any]

_BASIC_SCHEME: Final = "basicAuth"
_OAUTH_SCHEME: Final = "OAuth2"
_OUR_ARTIFACT: Final = "dmc-widgets"
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

_TITLES: Final[Mapping[str, tuple[str, str]]] = {
    DEFINITION_KIND.api: ("Object", "com.liferay.object.admin.rest.client"),
    PICKLIST_KIND.api: (
        "Headless Admin List Type",
        "com.liferay.headless.admin.list.type.client",
    ),
}
"""The title and the artifact of Liferay's client, by API."""

_CLIENT_VERSIONS: Final[Mapping[str, str]] = {
    "com.liferay.headless.admin.list.type.client": "1.0.10",
    "com.liferay.headless.batch.engine.client": "1.0.25",
    "com.liferay.object.admin.rest.client": "1.0.83",
    "com.liferay.object.rest.client": "1.0.25",
}
"""The versions of Liferay's clients, from which programs infer that of the server.
Those of list types and of entries are assumed."""


def document_api(api: str, origin: str) -> OpenApiDocument:
    """Describe the API of some kinds of documents.

    Args:
        api: The path of the API: ``/o/object-admin/v1.0``.
        origin: The address of the server.
    """
    base, version = api.rsplit("/", 1)
    kinds = [kind for kind in DOCUMENT_KINDS if kind.api == api]
    paths: Paths = {}
    schemas: dict[str, Schema] = {}
    for kind in kinds:
        paths |= _document_paths(f"/{version}/{kind.collection}", kind.name)
        schemas[kind.name] = document_schema(DOCUMENT_TYPES[kind.name])
    if api == DEFINITION_KIND.api:
        paths |= _definition_part_paths()
        schemas |= {part.name: part_schema(part) for part in DEFINITION_PARTS}
    if api == PICKLIST_KIND.api:
        paths |= _part_paths(PICKLIST_KIND.collection, PICKLIST_ENTRY)
        schemas[PICKLIST_ENTRY.name] = part_schema(PICKLIST_ENTRY)
    title, artifact = _TITLES.get(api, (kinds[0].application, _OUR_ARTIFACT))
    return _build_document(f"{origin}{base}", title, artifact, paths, schemas)


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
    names = {
        relationship["name"]
        for relationship in served_object.definition["objectRelationships"]
        if relationship["type"] in {"oneToMany", "oneToOne"}
    }
    fields = served_object.definition["objectFields"]
    names |= {relationship_name(f["name"]) for f in fields if is_relationship(f)}
    return names | set(served_object.linked)


def merge_documents(
    documents: Mapping[str, OpenApiDocument], origin: str
) -> OpenApiDocument:
    """Merge documents, and put the path of each before its own paths.

    Args:
        documents: The documents by their paths.
        origin: The address of the server.
    """
    paths: Paths = {}
    schemas: dict[str, Schema] = {}
    for path, document in documents.items():
        server = document["servers"][0]["url"].removeprefix(origin)
        for subpath, operations in document["paths"].items():
            paths[server + subpath.rstrip("/")] = {
                verb: _prefix_operation(operation, path)
                for verb, operation in operations.items()
            }
        schemas |= document["components"]["schemas"]
    return _build_document(origin, "Liferay APIs", _OUR_ARTIFACT, paths, schemas)


def _prefix_operation(operation: Mapping[str, Any], path: str) -> dict[str, Any]:
    prefix = path.strip("/").replace("/", "_").replace("-", "_")
    return {**operation, "operationId": f"{prefix}_{operation['operationId']}"}


def _document_paths(path: str, name: str) -> Paths:
    paths = collection_paths(path, name, DOCUMENT_PARAMETERS)
    paths |= resource_paths(f"{path}/{BY_ERC}", name, "get put", "ByCode")
    paths |= resource_paths(f"{path}/{{id}}", name, "get put patch delete")
    return paths | batch_paths(f"{path}/batch", name)


def _definition_part_paths() -> Paths:
    definitions = f"/v1.0/{DEFINITION_KIND.collection}"
    paths: Paths = {}
    for part in DEFINITION_PARTS:
        paths |= _part_paths(DEFINITION_KIND.collection, part)
    by_erc = f"/v1.0/{RELATIONSHIP.path}/{BY_ERC}"
    paths |= resource_paths(by_erc, RELATIONSHIP.name, "put", "ByCode")
    for operation_id, path, name in (
        (
            "postObjectDefinitionPublish",
            f"{definitions}/{{id}}/publish",
            DEFINITION_KIND.name,
        ),
        ("postObjectViewCopy", f"/v1.0/{VIEW.path}/{{id}}/copy", VIEW.name),
    ):
        paths[path] = {"post": describe_operation(operation_id, path, name)}
    return paths


def _part_paths(owners: str, part: PartKind) -> Paths:
    paths: Paths = {}
    for key, suffix in (("{id}", "OfDefinition"), (BY_ERC, "OfDefinitionByCode")):
        of_owner = collection_paths(f"/v1.0/{owners}/{key}/{part.path}", part.name)
        paths |= _suffix_operations(of_owner, suffix)
    verbs = "get put patch delete" if part.is_patched else "get put delete"
    return paths | resource_paths(f"/v1.0/{part.path}/{{id}}", part.name, verbs)


def _suffix_operations(paths: Paths, suffix: str) -> Paths:
    for operations in paths.values():
        for operation in operations.values():
            operation["operationId"] += suffix
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


def security_schemes(server: str, title: str) -> dict[str, Any]:
    """Describe both ways to authenticate.

    Args:
        server: The address that the document's paths begin with.
        title: The title of the document; that of an object is the object's name.
    """
    address = urlsplit(server)
    scope = _scope_name(address.path, title)
    flow = {
        "scopes": {
            scope: "Read and write",
            f"{scope}.read": "Read",
            f"{scope}.write": "Write",
        },
        "tokenUrl": f"{address.scheme}://{address.netloc}{TOKEN_PATH}",
    }
    return {
        _BASIC_SCHEME: {"scheme": "basic", "type": "http"},
        _OAUTH_SCHEME: {"flows": {"clientCredentials": flow}, "type": "oauth2"},
    }


def security_requirements(server: str, title: str) -> list[dict[str, list[str]]]:
    """State that either way to authenticate is enough."""
    return [
        {_BASIC_SCHEME: []},
        {_OAUTH_SCHEME: [_scope_name(urlsplit(server).path, title)]},
    ]


def _scope_name(path: str, title: str) -> str:
    if path.startswith("/o/c/"):
        return f"C_{title}.{EVERYTHING}"
    api = api_name(f"{path}/v1.0")
    return f"{api}.{EVERYTHING}" if api else EVERYTHING


API_DOCUMENTS: Final[Mapping[str, Callable[[str], OpenApiDocument]]] = {
    **{
        kind.api.removeprefix("/o"): partial(document_api, kind.api)
        for kind in DOCUMENT_KINDS
    },
    "/headless-batch-engine/v1.0": batch_engine_document,
}
"""For each API the function that builds its document for the address of a server."""
