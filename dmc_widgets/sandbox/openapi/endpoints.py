"""``/o/openapi`` and the document of each API, as JSON or YAML (objects facts, 6)."""

from __future__ import annotations

from typing import Final

import yaml
from starlette.responses import Response

from ..requests import ApiRequest
from ..responses import json_response, not_found_error
from ..served_objects import find_object_at, iterate_objects
from .specification import (
    API_DOCUMENTS,
    OpenApiDocument,
    merge_documents,
    object_entries_document,
)

_FORMATS: Final = frozenset({"json", "yaml"})


def list_specifications(call: ApiRequest) -> Response:
    """Answer with the address of each document, by path."""
    origin = call.origin
    found = {
        served.path.removeprefix("/o"): [f"{origin}{served.path}/openapi.yaml"]
        for served in iterate_objects(call.rooms.store)
    }
    for path in API_DOCUMENTS:
        name = path.removesuffix("/v1.0")
        found[name] = [f"{origin}/o{path}/openapi.yaml"]
    return json_response(dict(sorted(found.items())))


def get_merged_document(call: ApiRequest) -> Response:
    """Answer with all documents in one."""
    origin = call.origin
    documents = {path: build(origin) for path, build in API_DOCUMENTS.items()}
    for served in iterate_objects(call.rooms.store):
        documents[served.path] = object_entries_document(origin, served)
    return _document_response(call, merge_documents(documents, origin))


def get_api_document(call: ApiRequest, path: str) -> Response:
    """Answer with the document of an API."""
    return _document_response(call, API_DOCUMENTS[path](call.origin))


def get_object_document(call: ApiRequest) -> Response:
    """Answer with the document of an object."""
    served = find_object_at(call.rooms.store, call.text("plural"))
    return _document_response(call, object_entries_document(call.origin, served))


def _document_response(call: ApiRequest, document: OpenApiDocument) -> Response:
    kind = call.text("type")
    if kind not in _FORMATS:
        raise not_found_error()
    if kind == "json":
        return json_response(document)
    text = yaml.dump(
        document, Dumper=_PlainDumper, sort_keys=False, allow_unicode=True, width=1000
    )
    return Response(text, media_type="application/yaml")


class _PlainDumper(yaml.SafeDumper):
    """Writes shared parts out, since anchors are no OpenAPI."""

    def ignore_aliases(self, data: object) -> bool:
        del data
        return True
