"""A version of Liferay that the sandbox plays: it knows what that one knows.

Requests with a property that the version lacks are refused as its JSON reader refuses
them, items of import tasks as its batch engine does. Responses, exports and OpenAPI
documents lack what the version lacks. See :mod:`dmc_widgets.objects.versions`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from starlette.responses import Response

from ..formats.json.values import STRICT
from ..model.entity_type import OBJECT_ENTRY, EntityType
from ..model.outcome import Problem
from ..objects.documents.kinds import DOCUMENT_KINDS
from ..objects.entries.lazy_references import EXTENSION as LAZY_EXTENSION
from ..objects.entries.lazy_references import PARAMETER as LAZY_REFERENCES
from ..objects.parts.part_kinds import DEFINITION_PARTS, PICKLIST_ENTRY
from ..objects.versions.item_schemas import ItemSchemas, Property, UnknownPart
from ..objects.versions.releases import (
    find_release,
    list_releases,
    schema_name,
)
from ..ports import Item
from .responses import UNCONVERTIBLE_VALUE, ApiError, json_response, not_found_error

_OBJECTS_PATH: Final = "/o/c/"
_ENGINE_PATH: Final = "/o/headless-batch-engine/"
_ENGINE_PACKAGE: Final = "com.liferay.headless.batch.engine.dto.v1_0."
_BATCH_SEGMENTS: Final = {"batch": "ImportTask", "export-batch": "ExportTask"}
_TASK_SEGMENTS: Final = {"import-task": "ImportTask", "export-task": "ExportTask"}
_COLLECTIONS: Final[Mapping[str, str]] = {
    **{kind.collection: kind.class_name for kind in DOCUMENT_KINDS},
    **{part.path: part.class_name for part in (*DEFINITION_PARTS, PICKLIST_ENTRY)},
}
"""The class of the items below each collection of the APIs of definitions."""

_JAVA_NAMES: Final = frozenset({"xClassName"})
"""Names of properties that documents state as ``x-class-name``."""

_CLIENT_VERSION: Final = re.compile(r"'\d+(?:\.\d+)+'")
_CLIENT_STEP: Final = 6
"""How far the versions of Liferay's clients are apart. The builds do not state them, so
they are assumed: they grow, and end below that of the newest server."""

NEWER_PARAMETERS: Final = frozenset(
    [
        "batchExternalReferenceCode",
        "batchNestedFields",
        "batchNestedFieldsDepth",
        "batchRestrictFields",
        LAZY_REFERENCES,
    ]
)
"""Parameters of batch requests that came after all versions that can be played."""


class PlayedVersion:
    """Restricts the sandbox to what a published version of Liferay knows.

    Args:
        name: The version, such as ``7.4.3.112``.

    Raises:
        UnknownName: The version is unknown; the error lists the known ones.
    """

    def __init__(self, name: str) -> None:
        self.release = find_release(name)

    def check_request(self, method: str, path: str, body: bytes) -> None:
        """Refuse a request that this version would refuse.

        Raises:
            ApiError: It has no such path, or the body has a property that it lacks.
        """
        class_name = find_class(path)
        if not class_name:
            return
        if not self.release.has_class(class_name):
            raise not_found_error()
        if method not in {"PATCH", "POST", "PUT"} or not body:
            return
        try:
            item = STRICT.decode(body.decode())
        except ValueError:
            return  # the handler says what is wrong
        if isinstance(item, dict):
            unknown = self._schemas(class_name).find_unknown(
                schema_name(class_name), item
            )
            if unknown is not None:
                raise _request_error(unknown)

    def find_refused(self, entity_type: EntityType, item: Item) -> Problem | None:
        """Return why the batch engine of this version cannot read an item.

        Unknown properties at the top are reported by themselves, after all others.
        """
        class_name = entity_type.class_name
        name = schema_name(class_name)
        schemas = self._schemas(class_name)
        nested = schemas.find_unknown(name, item, nested_only=True)
        if nested is not None:
            text = _reader_message(schemas, class_name, nested)
            return Problem(UNCONVERTIBLE_VALUE, text, nested.name)
        return None

    def find_unknown_at_top(self, entity_type: EntityType, item: Item) -> list[str]:
        """Return the properties of an item itself that this version lacks."""
        class_name = entity_type.class_name
        schema = self._schemas(class_name).schemas.get(schema_name(class_name))
        if schema is None or class_name == OBJECT_ENTRY:
            return []
        return sorted(item.keys() - schema.keys() - {"creator"})

    def trim(self, class_name: str, item: Mapping[str, Any]) -> dict[str, Any]:
        """Return an item as this version gives it out."""
        name = schema_name(class_name)
        trimmed = self._schemas(class_name).trim(name, item)
        if class_name != OBJECT_ENTRY:
            return trimmed
        newer = _newest(class_name).schemas[name].keys()
        own = self._schemas(class_name).schemas.get(name, {}).keys()
        return {key: value for key, value in trimmed.items() if key not in newer - own}

    def fit_response(self, path: str, response: Response) -> Response:
        """Return a response without what this version does not give out."""
        class_name = find_class(path)
        is_json = response.media_type == "application/json"
        if not class_name or not is_json or not 200 <= response.status_code < 300:
            return response
        body = STRICT.decode(bytes(response.body).decode())
        if not isinstance(body, dict):
            return response
        if isinstance(body.get("items"), list) and "totalCount" in body:
            items = [self.trim(class_name, item) for item in body["items"]]
            return json_response({**body, "items": items}, response.status_code)
        return json_response(self.trim(class_name, body), response.status_code)

    def fit_document(self, document: Mapping[str, Any]) -> dict[str, Any]:
        """Return an OpenAPI document without what this version does not know."""
        schemas = {
            name: self._fit_schema(schema)
            for name, schema in document["components"]["schemas"].items()
            if self._has_schema(schema)
        }
        paths = {
            path: _without_newer_parameters(operations)
            for path, operations in document["paths"].items()
            if not (
                (class_name := find_class(_full_path(document, path)))
                and not self.release.has_class(class_name)
            )
        }
        components = {**document["components"], "schemas": schemas}
        info = {**document["info"], "description": self._describe(document)}
        fitted = {**document, "components": components, "info": info, "paths": paths}
        fitted.pop(LAZY_EXTENSION, None)
        return fitted

    def _describe(self, document: Mapping[str, Any]) -> str:
        """Return the description, with a version of the client that is older."""
        client = f"'1.0.{_CLIENT_STEP * self.release.position}'"
        return _CLIENT_VERSION.sub(client, document["info"]["description"])

    def has_api(self, path: str) -> bool:
        """Return True if this version has the API at ``/object-admin/v1.0``."""
        classes = [
            kind.class_name for kind in DOCUMENT_KINDS if kind.api == f"/o{path}"
        ]
        return not classes or any(map(self.release.has_class, classes))

    def _schemas(self, class_name: str) -> ItemSchemas:
        return self.release.schemas_of_class(class_name)

    def _has_schema(self, schema: Mapping[str, Any]) -> bool:
        class_name = _class_of_schema(schema)
        return not class_name or self.release.has_class(class_name)

    def _fit_schema(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        class_name = _class_of_schema(schema)
        if not class_name or "properties" not in schema:
            return dict(schema)
        simple = schema_name(class_name)
        own = self._schemas(class_name).schemas[simple]
        known = own.keys() | {"x-class-name"}
        if class_name == OBJECT_ENTRY:
            known |= schema["properties"].keys() - _newest(class_name).schemas[simple]
        properties = {
            key: _fit_property(value, own[key].values, read_only=own[key].read_only)
            if key in own
            else value
            for key, value in schema["properties"].items()
            if key in known
        }
        properties |= {
            key: _describe_property(property_)
            for key, property_ in own.items()
            if key not in properties and key not in _JAVA_NAMES
        }
        return {**schema, "properties": dict(sorted(properties.items()))}


def find_class(path: str) -> str:
    """Return the class of the items that a path is for; empty for none."""
    if path.startswith(_OBJECTS_PATH):
        return "" if "/openapi." in path or path.endswith("/batch") else OBJECT_ENTRY
    segments = path.split("/")
    tasks = _TASK_SEGMENTS if path.startswith(_ENGINE_PATH) else _BATCH_SEGMENTS
    for segment in segments:
        if segment in tasks and segments[-1] not in {"content", "report"}:
            return f"{_ENGINE_PACKAGE}{tasks[segment]}"
    found = [_COLLECTIONS[segment] for segment in segments if segment in _COLLECTIONS]
    return found[-1] if found else ""


def _newest(class_name: str) -> ItemSchemas:
    return list_releases()[-1].schemas_of_class(class_name)


def _class_of_schema(schema: Mapping[str, Any]) -> str:
    """Return the class that a schema describes, of an API that versions differ in."""
    stated = schema.get("properties", {}).get("x-class-name", {}).get("default", "")
    class_name = stated if isinstance(stated, str) else ""
    return class_name if _newest(class_name).schemas else ""


def _fit_property(
    schema: Mapping[str, Any], values: frozenset[str], *, read_only: bool
) -> dict[str, Any]:
    fitted = {key: value for key, value in schema.items() if key != "readOnly"}
    if read_only:
        fitted["readOnly"] = True
    if values and "enum" in fitted:
        fitted["enum"] = [value for value in fitted["enum"] if value in values]
    return fitted


def _describe_property(known: Property) -> dict[str, Any]:
    """Describe a property that newer versions do not have any more."""
    schema: dict[str, Any] = {"type": known.type}
    if known.is_list:
        schema = {"items": schema, "type": "array"}
    return schema | ({"readOnly": True} if known.read_only else {})


def _full_path(document: Mapping[str, Any], path: str) -> str:
    server = str(document["servers"][0]["url"])
    base = "/" + server.partition("//")[2].partition("/")[2]
    return f"{base.rstrip('/')}{path}"


def _without_newer_parameters(operations: Mapping[str, Any]) -> dict[str, Any]:
    return {
        verb: {
            **operation,
            "parameters": [
                parameter
                for parameter in operation["parameters"]
                if parameter.get("name") not in NEWER_PARAMETERS
            ],
        }
        if isinstance(operation, dict) and "parameters" in operation
        else operation
        for verb, operation in operations.items()
    }


def _request_error(unknown: UnknownPart) -> ApiError:
    """Return the answer of Liferay's JSON reader to a request."""
    if unknown.value is None:
        title = f'The property "{unknown.name}" is not defined in {unknown.schema}.'
        return ApiError(400, title)
    title = (
        f'Unable to map JSON path "{unknown.path}" with value "{unknown.value}" to '
        f'class "{unknown.name[:1].upper()}{unknown.name[1:]}"'
    )
    return ApiError(400, title, kind="InvalidFormatException")


def _reader_message(schemas: ItemSchemas, class_name: str, unknown: UnknownPart) -> str:
    """Return the text of the exception with which Jackson refuses a property."""
    package = class_name.rpartition(".")[0]
    owner = f"{package}.{unknown.schema}"
    if unknown.value is None:
        names = ", ".join(f'"{name}"' for name in unknown.known)
        text = (
            f'Unrecognized field "{unknown.name}" (class {owner}), not marked as '
            f"ignorable ({len(unknown.known)} known properties: {names}])"
        )
    else:
        text = (
            f"Cannot construct instance of `{owner}${unknown.name[:1].upper()}"
            f"{unknown.name[1:]}`, problem: Invalid enum value: {unknown.value}"
        )
    chain = "->".join(_iter_references(schemas, class_name, unknown.steps))
    return (
        f"{text}\n at [Source: UNKNOWN; byte offset: #UNKNOWN] "
        f"(through reference chain: {chain})"
    )


def _iter_references(
    schemas: ItemSchemas, class_name: str, steps: tuple[str, ...]
) -> Iterator[str]:
    """Yield the steps to a property as Jackson writes them; each item starts anew."""
    package, _, schema = class_name.rpartition(".")
    for number, step in enumerate(steps):
        if step.isdigit():
            yield f"java.lang.Object[][{step}]"
            continue
        if number:
            yield f'{package}.{schema}["{step}"]'
        known = schemas.schemas[schema].get(step)
        schema = known.type if known and known.type in schemas else schema
