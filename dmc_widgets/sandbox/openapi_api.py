"""``/o/openapi`` and the document of each API, as JSON or YAML (objects facts, 6)."""

from __future__ import annotations

from typing import Final

import yaml
from starlette.responses import Response

from .answers import json_response, not_found
from .calls import Call
from .objects_served import all_served, served_at
from .openapi_documents import APIS, Document, merged, object_entries

_FORMATS: Final = frozenset({"json", "yaml"})


def list_documents(call: Call) -> Response:
    """Answer with the address of each document, by path."""
    origin = call.origin
    found = {
        served.path.removeprefix("/o"): [f"{origin}{served.path}/openapi.yaml"]
        for served in all_served(call.rooms.store)
    }
    for path in APIS:
        name = path.removesuffix("/v1.0")
        found[name] = [f"{origin}/o{path}/openapi.yaml"]
    return json_response(dict(sorted(found.items())))


def whole_document(call: Call) -> Response:
    """Answer with all documents in one."""
    origin = call.origin
    documents = {path: build(origin) for path, build in APIS.items()}
    for served in all_served(call.rooms.store):
        documents[served.path] = object_entries(origin, served)
    return _written(call, merged(documents, origin))


def api_document(call: Call, path: str) -> Response:
    """Answer with the document of an API."""
    return _written(call, APIS[path](call.origin))


def object_document(call: Call) -> Response:
    """Answer with the document of an object."""
    served = served_at(call.rooms.store, call.text("plural"))
    return _written(call, object_entries(call.origin, served))


def _written(call: Call, document: Document) -> Response:
    kind = call.text("type")
    if kind not in _FORMATS:
        raise not_found()
    if kind == "json":
        return json_response(document)
    text = yaml.dump(
        document, Dumper=_Plain, sort_keys=False, allow_unicode=True, width=1000
    )
    return Response(text, media_type="application/yaml")


class _Plain(yaml.SafeDumper):
    """Writes shared parts out, since anchors are no OpenAPI."""

    def ignore_aliases(self, data: object) -> bool:
        del data
        return True
