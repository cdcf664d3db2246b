"""Read the fields of entity types from the OpenAPI documents of a server.

No I/O: a document goes in, fields come out. Documents come from outside, so whatever
is malformed in them is ignored. See ``docs/liferay/data-migration-center.md``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from ...model.entity_type import EntityType, Field
from ...objects.entries.lazy_references import EXTENSION, PARAMETER
from ...objects.parts.part_kinds import PartKind
from ...objects.versions.item_schemas import OBJECT, ItemSchemas, Property

_UNSUPPORTED: Final = "x-batch-unsupported-formats"
_VERSION: Final = re.compile(r"\d+(?:\.\d+){1,3}")
_TYPES: Final = frozenset({"array", "boolean", "integer", "number", "object", "string"})
_SERVER_PROPERTIES: Final = frozenset(
    ["actions", "auditEvents", "scopeId", "scopeKey", "systemProperties"]
)
"""Properties of every entry that are of no use on another server."""


@dataclass(frozen=True, slots=True)
class OpenApiDocument:
    """The parts of an OpenAPI document that describe fields.

    Attributes:
        description: The description of the API, with the version of its client.
        schemas: The schemas by name.
        lazy_references: Import tasks have a parameter for lazy references.
    """

    description: str
    schemas: Mapping[str, Any]
    lazy_references: bool = False


def parse_document(value: Any) -> OpenApiDocument | None:
    """Return the parts of an OpenAPI document, or None if *value* is not one."""
    if not isinstance(value, dict):
        return None
    info, components = value.get("info"), value.get("components")
    schemas = components.get("schemas") if isinstance(components, dict) else None
    if not isinstance(schemas, dict):
        return None
    stated = info if isinstance(info, dict) else {}
    return OpenApiDocument(
        str(stated.get("description") or ""),
        schemas,
        value.get(EXTENSION) == PARAMETER,
    )


def read_item_schemas(document: OpenApiDocument) -> ItemSchemas:
    """Return the schemas of a document, with the types of nested objects."""
    schemas = {}
    for name, schema in document.schemas.items():
        properties = schema.get("properties") if isinstance(schema, dict) else None
        if isinstance(properties, dict) and properties:
            schemas[name] = {
                key: _read_property(value)
                for key, value in properties.items()
                if isinstance(value, dict) and not key.startswith("x-")
            }
    return ItemSchemas(schemas)


def _read_property(schema: Mapping[str, Any]) -> Property:
    items = schema.get("items")
    is_list = schema.get("type") == "array"
    inner = items if is_list and isinstance(items, dict) else schema
    reference, type_, values = inner.get("$ref"), inner.get("type"), inner.get("enum")
    if isinstance(reference, str):
        type_ = reference.rpartition("/")[2]
    elif not isinstance(type_, str) or type_ not in _TYPES - {"array"}:
        type_ = OBJECT
    return Property(
        type=type_,
        is_list=is_list,
        read_only=schema.get("readOnly") is True,
        values=frozenset(map(str, values)) if isinstance(values, list) else frozenset(),
    )


def read_version(document: OpenApiDocument) -> tuple[int, ...]:
    """Return the version of the client that ``info.description`` names."""
    match = _VERSION.search(document.description)
    return tuple(map(int, match.group().split("."))) if match else ()


def read_fields(document: OpenApiDocument, schema: str) -> list[Field]:
    """Return the fields of a schema, in the order of their names."""
    definition = document.schemas.get(schema)
    if not isinstance(definition, dict):
        return []
    properties = definition.get("properties")
    required = definition.get("required")
    fields = _iter_fields(
        properties if isinstance(properties, dict) else {},
        set(required) if isinstance(required, list) else set(),
    )
    return sorted(fields, key=lambda field: field.name)


def _iter_fields(properties: Mapping[str, Any], required: set[Any]) -> Iterator[Field]:
    for name, schema in properties.items():
        if not isinstance(schema, dict) or name.startswith("x-"):
            continue
        unsupported = schema.get(_UNSUPPORTED)
        formats = unsupported if isinstance(unsupported, list) else ()
        type_ = schema.get("type")
        is_nested = type_ in {"array", "object"} or "$ref" in schema
        if is_nested and formats and _has_reference(schema):
            continue  # the nested items of a relationship
        yield Field(
            name=name,
            type=type_ if type_ in _TYPES else "object",
            label=name,
            required=name in required,
            read_only=schema.get("readOnly") is True,
            write_only=schema.get("writeOnly") is True,
            description=str(schema.get("description") or ""),
            unsupported_formats=frozenset(map(str, formats)),
        )


def _has_reference(schema: Mapping[str, Any]) -> bool:
    items = schema.get("items")
    return "$ref" in schema or (isinstance(items, dict) and "$ref" in items)


def merge_entry_type(
    entity_type: EntityType, document: OpenApiDocument | None
) -> EntityType:
    """Return an object's entity type with what its OpenAPI document adds.

    The definition knows business types, labels and picklists; the document knows what
    else this server accepts and returns.

    Args:
        entity_type: The entity type made from the definition.
        document: The OpenAPI document of the object, or None if the server has none.
    """
    if document is None:
        return entity_type
    served = {
        field.name: field
        for field in read_fields(document, entity_type.short_name)
        if field.name not in _SERVER_PROPERTIES
    }
    own_names = {field.name for field in entity_type.fields}
    groups = {field.any_of_group for field in entity_type.fields} - {""}
    fields = [
        _merge_field(field, served[field.name]) if field.name in served else field
        for field in entity_type.fields
    ]
    fields += [
        field
        for name, field in served.items()
        if name.removesuffix("RawText") not in own_names and name not in groups
    ]
    fields.sort(key=lambda field: field.name)
    return replace(entity_type, fields=tuple(fields))


def restrict_document_type(
    entity_type: EntityType, document: OpenApiDocument | None
) -> EntityType:
    """Return a kind of definitions with only the properties that a server knows.

    A server refuses a whole definition for one property that it does not know.
    """
    served = read_fields(document, entity_type.name) if document else []
    if not served:
        return entity_type
    own = {field.name: field for field in entity_type.fields}
    formats = own["externalReferenceCode"].unsupported_formats
    fields = [
        replace(own[field.name], read_only=own[field.name].read_only or field.read_only)
        if field.name in own
        else replace(field, label="", unsupported_formats=formats)
        for field in served
    ]
    return replace(entity_type, fields=tuple(fields), open=False)


def restrict_part_type(kind: PartKind, document: OpenApiDocument | None) -> EntityType:
    """Return the entity type of parts with only the properties that a server knows.

    What names the owner stays: in a request it is in the path.

    Args:
        kind: The kind of the parts.
        document: The OpenAPI document of their API, or None if the server has none.
    """
    entity_type = kind.entity_type
    served = read_fields(document, kind.name) if document else []
    if not served:
        return entity_type
    names = {field.name for field in served} | kind.parent_properties
    fields = tuple(field for field in entity_type.fields if field.name in names)
    return replace(entity_type, fields=fields, open=False)


def _merge_field(own: Field, served: Field) -> Field:
    return replace(
        own,
        required=own.required or (served.required and not own.any_of_group),
        read_only=own.read_only or served.read_only,
        write_only=own.write_only or served.write_only,
        description=own.description or served.description,
        unsupported_formats=own.unsupported_formats | served.unsupported_formats,
    )
