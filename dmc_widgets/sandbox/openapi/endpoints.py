"""``/o/openapi`` and the OpenAPI document of each API, as JSON or YAML."""

from __future__ import annotations

from typing import Final

import yaml
from starlette.responses import Response

from ...model.entity_type import OBJECT_ENTRY, EntityType
from ..requests import ApiRequest
from ..responses import json_response, not_found_error
from ..served_objects import (
    ServedObject,
    find_object_at,
    find_object_by_name,
    find_related_names,
    iterate_objects,
)
from .schemas import Schema, known_schemas
from .specification import (
    API_DOCUMENTS,
    OpenApiDocument,
    merge_documents,
    object_entries_document,
)

_FORMATS: Final = frozenset({"json", "yaml"})


def list_specifications(request: ApiRequest) -> Response:
    """Answer GET of the addresses of all documents, by path."""
    origin = request.origin
    addresses = {
        served_object.path.removeprefix("/o"): [
            f"{origin}{served_object.path}/openapi.yaml"
        ]
        for served_object in iterate_objects(request.context.store)
    }
    for path in _iter_apis(request):
        name = path.removesuffix("/v1.0")
        addresses[name] = [f"{origin}/o{path}/openapi.yaml"]
    return json_response(dict(sorted(addresses.items())))


def get_merged_document(request: ApiRequest) -> Response:
    """Answer GET of the document that merges all others."""
    origin = request.origin
    documents = {path: API_DOCUMENTS[path](origin) for path in _iter_apis(request)}
    documents = {
        path: _fit_document(request, document) for path, document in documents.items()
    }
    for served_object in iterate_objects(request.context.store):
        documents[served_object.path] = _describe_object(request, served_object)
    return _document_response(request, merge_documents(documents, origin))


def get_api_document(request: ApiRequest, path: str) -> Response:
    """Answer GET of the document of an API."""
    if path not in _iter_apis(request):
        raise not_found_error()
    document = _fit_document(request, API_DOCUMENTS[path](request.origin))
    return _document_response(request, document)


def get_object_document(request: ApiRequest) -> Response:
    """Answer GET of the document of an object."""
    served_object = find_object_at(request.context.store, request.path_text("plural"))
    return _document_response(request, _describe_object(request, served_object))


def entity_schema(request: ApiRequest, entity_type: EntityType) -> Schema:
    """Return the schema of the items of an entity type, as its document has it."""
    if entity_type.class_name != OBJECT_ENTRY:
        return known_schemas()[entity_type.name]
    name = entity_type.short_name
    served_object = find_object_by_name(request.context.store, name)
    document = _describe_object(request, served_object)
    schema: Schema = document["components"]["schemas"][served_object.name]
    return schema


def _describe_object(
    request: ApiRequest, served_object: ServedObject
) -> OpenApiDocument:
    related = find_related_names(request.context.store, served_object)
    document = object_entries_document(request.origin, served_object, related)
    return _fit_document(request, document)


def _iter_apis(request: ApiRequest) -> list[str]:
    """Return the paths of the APIs of the version that is played."""
    version = request.context.version
    return [path for path in API_DOCUMENTS if version is None or version.has_api(path)]


def _fit_document(request: ApiRequest, document: OpenApiDocument) -> OpenApiDocument:
    version = request.context.version
    return document if version is None else version.fit_document(document)


def _document_response(request: ApiRequest, document: OpenApiDocument) -> Response:
    format_ = request.path_text("type")
    if format_ not in _FORMATS:
        raise not_found_error()
    if format_ == "json":
        return json_response(document)
    text = yaml.dump(
        document, Dumper=_PlainDumper, sort_keys=False, allow_unicode=True, width=1000
    )
    return Response(text, media_type="application/yaml")


class _PlainDumper(yaml.SafeDumper):
    """Repeats shared parts, since OpenAPI does not permit YAML anchors."""

    def ignore_aliases(self, data: object) -> bool:
        del data
        return True
