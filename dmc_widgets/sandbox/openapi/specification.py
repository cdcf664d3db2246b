"""OpenAPI documents: one for each API, one for each object, and all of them merged.

The documents state that clients authenticate by Basic or by OAuth 2 with scopes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final
from urllib.parse import urlsplit

from ...objects.documents.definitions import DEFINITION_KIND
from ...objects.documents.kinds import DOCUMENT_KINDS
from ...objects.documents.picklists import PICKLIST_KIND
from ...objects.entries.lazy_references import EXTENSION, PARAMETER
from ..auth.middleware import TOKEN_PATH
from ..auth.principal import api_name
from ..served_objects import ServedObject
from ..settings import EVERYTHING
from .document_paths import document_paths
from .engine_paths import task_paths
from .entry_paths import entry_paths
from .entry_schemas import ENTRY_SCHEMAS, entry_schema
from .operations import Paths, openapi_path
from .planner_paths import planner_paths
from .schemas import FREE_OBJECT, Schema, collect_schemas

OpenApiDocument = dict[str, Any]

_RELATED_ENTRY: Final[Schema] = {**FREE_OBJECT, "description": "An entry"}
_BASIC_SCHEME: Final = "basicAuth"
_OAUTH_SCHEME: Final = "OAuth2"
_OUR_ARTIFACT: Final = "dmc-widgets"
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
    for kind in kinds:
        paths |= document_paths(version, kind)
    paths |= openapi_path(f"/{version}")
    title, artifact = _TITLES.get(api, (kinds[0].application, _OUR_ARTIFACT))
    schemas = collect_schemas(paths)
    document = _build_document(f"{origin}{base}", (title, artifact), paths, schemas)
    document[EXTENSION] = PARAMETER
    return document


def batch_engine_document(origin: str) -> OpenApiDocument:
    """Describe ``/o/headless-batch-engine/v1.0``."""
    paths = task_paths("/v1.0")
    client = "com.liferay.headless.batch.engine.client"
    return _build_document(
        f"{origin}/o/headless-batch-engine",
        ("Headless Batch Engine", client),
        paths,
        collect_schemas(paths, names=["MultipartBody"]),
    )


def batch_planner_document(origin: str) -> OpenApiDocument:
    """Describe ``/o/batch-planner/v1.0``."""
    paths = planner_paths("/v1.0")
    client = "com.liferay.batch.planner.rest.client"
    return _build_document(
        f"{origin}/o/batch-planner",
        ("Headless Admin Batch Planner", client),
        paths,
        collect_schemas(paths),
    )


def object_entries_document(
    origin: str, served_object: ServedObject, related: Mapping[str, str]
) -> OpenApiDocument:
    """Describe the entries of an object.

    Args:
        origin: The address of the server.
        served_object: The object.
        related: The name of the other object by that of each relationship.
    """
    name = served_object.name
    others = dict.fromkeys(related.values(), _RELATED_ENTRY)
    own = {**others, name: entry_schema(served_object), **ENTRY_SCHEMAS}
    paths = entry_paths(served_object, related)
    return _build_document(
        f"{origin}{served_object.path}",
        (name, "com.liferay.object.rest.client"),
        paths,
        collect_schemas(paths, own),
    )


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
    names = "Liferay APIs", _OUR_ARTIFACT
    return _build_document(origin, names, paths, schemas)


def _prefix_operation(operation: Mapping[str, Any], path: str) -> dict[str, Any]:
    prefix = path.strip("/").replace("/", "_").replace("-", "_")
    return {**operation, "operationId": f"{prefix}_{operation['operationId']}"}


def _build_document(
    server: str, names: tuple[str, str], paths: Paths, schemas: Mapping[str, Schema]
) -> OpenApiDocument:
    """Return a whole document; *names* are its title and Liferay's client for it."""
    title, artifact = names
    version = _CLIENT_VERSIONS.get(artifact, "1.0.0")
    description = (
        "A Java client JAR is available for use with the group ID 'com.liferay', "
        f"artifact ID '{artifact}', and version '{version}'."
    )
    return {
        "components": {
            "schemas": dict(sorted(schemas.items())),
            "securitySchemes": security_schemes(server, title),
        },
        "info": {"description": description, "title": title, "version": "v1.0"},
        "openapi": "3.0.1",
        "paths": dict(sorted(paths.items())),
        "security": security_requirements(server, title),
        "servers": [{"url": server}],
    }


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
    "/batch-planner/v1.0": batch_planner_document,
    "/headless-batch-engine/v1.0": batch_engine_document,
}
"""For each API the function that builds its document for the address of a server."""
