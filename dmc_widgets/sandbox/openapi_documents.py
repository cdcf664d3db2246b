"""OpenAPI documents: one an API, one an object, and all of them together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from ..objects.definition_fields import is_relationship
from ..objects.documents import DEFINITION, FOLDER, PICKLIST
from ..objects.names import relationship_name
from ..objects.schema import definition_entity_types
from .objects_served import Served
from .openapi_paths import (
    BY_CODE,
    COUNTED,
    ENTRIES,
    Paths,
    batches,
    collection,
    operation,
    related,
    resource,
    tasks,
)
from .openapi_schemas import (
    COMMON,
    Schema,
    document_schema,
    dto_schema,
    entry_schema,
    page_schema,
    part_schema,
)
from .openapi_security import security, security_schemes
from .part_kinds import OF_DEFINITIONS, PICKLIST_ENTRY, VIEW

Document = dict[str, Any]

_KINDS: Final = {each.name: each for each in definition_entity_types()}

_TASK: Final = {
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
_IMPORT_TASK: Final = _TASK | {
    "failedItems": "array",
    "importStrategy": "string",
    "operation": "string",
}
_BATCH_DTO: Final = "com.liferay.headless.batch.engine.dto.v1_0."
_TASKS: Final[Mapping[str, Schema]] = {
    "ExportTask": dto_schema(f"{_BATCH_DTO}ExportTask", _TASK),
    "ImportTask": dto_schema(f"{_BATCH_DTO}ImportTask", _IMPORT_TASK),
}


def object_admin(origin: str) -> Document:
    """Describe ``/o/object-admin/v1.0``."""
    paths: Paths = {}
    for name, path in ((DEFINITION, "object-definitions"), (FOLDER, "object-folders")):
        paths |= _kind(f"/v1.0/{path}", name)
    base = "/v1.0/object-definitions"
    publish = f"{base}/{{id}}/publish"
    told = operation("postObjectDefinitionPublish", publish, DEFINITION)
    paths[publish] = {"post": told}
    for kind in OF_DEFINITIONS:
        for key, by in (("{id}", "OfDefinition"), (BY_CODE, "OfDefinitionByCode")):
            found = collection(f"{base}/{key}/{kind.path}", kind.name)
            paths |= _renamed(found, by)
        verbs = "get put patch delete" if kind.is_patched else "get put delete"
        paths |= resource(f"/v1.0/{kind.path}/{{id}}", kind.name, verbs)
    by_code = f"/v1.0/object-relationships/{BY_CODE}"
    paths |= resource(by_code, "ObjectRelationship", "put", "ByCode")
    copied = f"/v1.0/{VIEW.path}/{{id}}/copy"
    paths[copied] = {"post": operation("postObjectViewCopy", copied, VIEW.name)}
    schemas = {
        **{definition.name: part_schema(definition) for definition in OF_DEFINITIONS},
        **{name: document_schema(_KINDS[name]) for name in (DEFINITION, FOLDER)},
    }
    return _document(
        f"{origin}/o/object-admin",
        "Object",
        "com.liferay.object.admin.rest.client",
        paths,
        schemas,
    )


def list_types(origin: str) -> Document:
    """Describe ``/o/headless-admin-list-type/v1.0``."""
    base = "/v1.0/list-type-definitions"
    paths = _kind(base, PICKLIST)
    for key, by in (("{id}", "OfDefinition"), (BY_CODE, "OfDefinitionByCode")):
        found = collection(f"{base}/{key}/list-type-entries", "ListTypeEntry")
        paths |= _renamed(found, by)
    one = "/v1.0/list-type-entries/{id}"
    paths |= resource(one, "ListTypeEntry", "get put delete")
    schemas = {
        "ListTypeEntry": part_schema(PICKLIST_ENTRY),
        PICKLIST: document_schema(_KINDS[PICKLIST]),
    }
    return _document(
        f"{origin}/o/headless-admin-list-type",
        "Headless Admin List Type",
        "com.liferay.headless.admin.list.type.client",
        paths,
        schemas,
    )


def batch_engine(origin: str) -> Document:
    """Describe ``/o/headless-batch-engine/v1.0``."""
    return _document(
        f"{origin}/o/headless-batch-engine",
        "Headless Batch Engine",
        "com.liferay.headless.batch.engine.client",
        tasks("/v1.0"),
        {},
    )


def object_entries(origin: str, served: Served) -> Document:
    """Describe the entries of an object."""
    name = served.name
    base = "/scopes/{scopeKey}" if served.has_sites else ""
    paths = collection(base or "/", name, ENTRIES)
    verbs = "get put patch delete"
    paths |= resource(f"{base}/{BY_CODE}", name, verbs, "ByCode")
    paths |= resource("/{id}", name, verbs)
    if not served.has_sites:
        paths |= batches("/batch", name)
    for relationship in sorted(_relationships(served)):
        paths |= related(base, relationship)
    return _document(
        f"{origin}{served.path}",
        name,
        "com.liferay.object.rest.client",
        paths,
        {name: entry_schema(served)},
    )


def _relationships(served: Served) -> set[str]:
    found = {
        relationship["name"]
        for relationship in served.definition["objectRelationships"]
        if relationship["type"] in {"oneToMany", "oneToOne"}
    }
    fields = served.definition["objectFields"]
    found |= {relationship_name(e["name"]) for e in fields if is_relationship(e)}
    return found | set(served.linked)


def merged(documents: Mapping[str, Document], origin: str) -> Document:
    """Put documents together, each with its own path before its paths."""
    paths: Paths = {}
    schemas: dict[str, Schema] = {}
    for path, document in documents.items():
        server = document["servers"][0]["url"].removeprefix(origin)
        for each, told in document["paths"].items():
            verbs = {v: _prefixed(o, path) for v, o in told.items()}
            paths[server + each.rstrip("/")] = verbs
        schemas |= document["components"]["schemas"]
    return _document(origin, "Liferay APIs", "dmc-widgets", paths, schemas)


def _prefixed(told: Mapping[str, Any], path: str) -> dict[str, Any]:
    prefix = path.strip("/").replace("/", "_").replace("-", "_")
    return {**told, "operationId": f"{prefix}_{told['operationId']}"}


def _kind(path: str, name: str) -> Paths:
    paths = collection(path, name, COUNTED)
    paths |= resource(f"{path}/{BY_CODE}", name, "get put", "ByCode")
    paths |= resource(f"{path}/{{id}}", name, "get put patch delete")
    return paths | batches(f"{path}/batch", name)


def _renamed(paths: Paths, by: str) -> Paths:
    for verbs in paths.values():
        for told in verbs.values():
            told["operationId"] += by
    return paths


def _document(
    server: str,
    title: str,
    artifact: str,
    paths: Paths,
    schemas: Mapping[str, Schema],
) -> Document:
    version = _VERSIONS.get(artifact, "1.0.0")
    description = (
        "A Java client JAR is available for use with the group ID 'com.liferay', "
        f"artifact ID '{artifact}', and version '{version}'."
    )
    own = [name for name in (*schemas, "Related") if _has_page(name)]
    pages = {f"Page{name}": page_schema(name) for name in own}
    components = {**COMMON, **_TASKS, **pages, **schemas}
    return {
        "components": {
            "schemas": dict(sorted(components.items())),
            "securitySchemes": security_schemes(server, title),
        },
        "info": {"description": description, "title": title, "version": "v1.0"},
        "openapi": "3.0.1",
        "paths": dict(sorted(paths.items())),
        "security": security(server, title),
        "servers": [{"url": server}],
    }


def _has_page(name: str) -> bool:
    return name == "Related" or not (
        name in COMMON or name in _TASKS or name.startswith("Page")
    )


_VERSIONS: Final[Mapping[str, str]] = {
    "com.liferay.headless.admin.list.type.client": "1.0.10",
    "com.liferay.headless.batch.engine.client": "1.0.25",
    "com.liferay.object.admin.rest.client": "1.0.83",
    "com.liferay.object.rest.client": "1.0.25",
}
"""Of the clients that clients take the server's version from. That of list types is
not in the sources at hand, and that of entries neither."""

APIS: Final[Mapping[str, Callable[[str], Document]]] = {
    "/headless-admin-list-type/v1.0": list_types,
    "/headless-batch-engine/v1.0": batch_engine,
    "/object-admin/v1.0": object_admin,
}
