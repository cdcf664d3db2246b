"""Schemas of OpenAPI documents.

They tell a client which fields an import may set and an export contains: which are
read-only, write-only or required, and which formats cannot represent a field. See
*OpenAPI* in ``docs/liferay/objects.md``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ...model.entity_type import OBJECT_ENTRY, EntityType, Field
from ...objects.documents.definition_fields import (
    ALWAYS_READ_ONLY,
    get_setting,
    is_relationship,
)
from ...objects.fields.field_rules import is_true
from ...objects.fields.localized import i18n_name
from ...objects.names import erc_field_name, relationship_name
from ...objects.parts.part_kinds import DATE_PROPERTIES, PartKind
from ...ports import Item
from ..served_objects import ServedObject

Schema = dict[str, Any]

_UNSUPPORTED: Final = "x-batch-unsupported-formats"
_PARENT_MAP: Final = {"x-parent-map": "properties"}

_BUSINESS_TYPES: Final[Mapping[str, Schema]] = {
    "Boolean": {"type": "boolean"},
    "Date": {"format": "date", "type": "string"},
    "DateTime": {"format": "date-time", "type": "string"},
    "Decimal": {"format": "double", "type": "number"},
    "Integer": {"format": "int32", "type": "integer"},
    "LongInteger": {"format": "int64", "type": "integer"},
    "PrecisionDecimal": {"type": "number"},
    "Attachment": {"$ref": "#/components/schemas/FileEntry"},
    "Picklist": {"$ref": "#/components/schemas/ListEntry"},
    "MultiselectPicklist": {
        "items": {"$ref": "#/components/schemas/ListEntry"},
        "type": "array",
    },
}
"""The schemas of fields by business type; all others are strings."""

_FORMATS_BY_NAME: Final = {
    "dateCreated": "date-time",
    "dateModified": "date-time",
    "id": "int64",
}

_FREE_OBJECT: Final[Schema] = {"additionalProperties": True, "type": "object"}

COMMON_SCHEMAS: Final[Mapping[str, Schema]] = {
    "Creator": {
        "properties": {
            "additionalName": {"type": "string"},
            "contentType": {"type": "string"},
            "familyName": {"type": "string"},
            "givenName": {"type": "string"},
            "id": {"format": "int64", "type": "integer"},
            "name": {"type": "string"},
        },
        "type": "object",
    },
    "Facet": {
        "properties": {
            "facetCriteria": {"type": "string"},
            "facetValues": {
                "items": {"$ref": "#/components/schemas/FacetValue"},
                "type": "array",
            },
        },
        "type": "object",
    },
    "FacetValue": {
        "properties": {
            "numberOfOccurrences": {"format": "int32", "type": "integer"},
            "term": {"type": "string"},
        },
        "type": "object",
    },
    "FileEntry": {
        "properties": {
            "externalReferenceCode": {"type": "string"},
            "fileBase64": {"format": "byte", "type": "string"},
            "id": {"format": "int64", "type": "integer"},
            "link": _FREE_OBJECT,
            "name": {"type": "string"},
        },
        "type": "object",
    },
    "ListEntry": {
        "properties": {"key": {"type": "string"}, "name": {"type": "string"}},
        "type": "object",
    },
    "Related": _FREE_OBJECT,
    "Problem": {
        "properties": {
            "detail": {"type": "string"},
            "status": {"type": "string"},
            "title": {"type": "string"},
            "type": {"type": "string"},
        },
        "type": "object",
    },
    "Status": {
        "properties": {
            "code": {"format": "int32", "type": "integer"},
            "label": {"type": "string"},
            "label_i18n": {"type": "string"},
        },
        "type": "object",
    },
}


def page_schema(name: str) -> Schema:
    """Describe a page of a list of *name*."""
    number = {"format": "int64", "type": "integer"}
    return {
        "properties": {
            "actions": _FREE_OBJECT,
            "facets": {
                "items": {"$ref": "#/components/schemas/Facet"},
                "type": "array",
            },
            "items": {"items": ref(name), "type": "array"},
            "lastPage": number,
            "page": number,
            "pageSize": number,
            "totalCount": number,
        },
        "type": "object",
    }


def ref(name: str) -> Schema:
    """Return a reference to a schema."""
    return {"$ref": f"#/components/schemas/{name}"}


def document_schema(entity_type: EntityType) -> Schema:
    """Describe a definition, a picklist or a folder; no property is required."""
    properties = {field.name: _document_property(field) for field in entity_type.fields}
    return _object_schema(properties, entity_type.class_name)


def part_schema(kind: PartKind) -> Schema:
    """Describe a part of a document; no property is required."""
    schema = dto_schema(kind.class_name, kind.properties)
    for name in kind.server_set:
        schema["properties"][name]["readOnly"] = True
    for name in DATE_PROPERTIES if kind.is_dated else ():
        date = {"format": "date-time", "readOnly": True, "type": "string"}
        schema["properties"][name] = date
    return schema


def dto_schema(class_name: str, properties: Mapping[str, str]) -> Schema:
    """Describe a DTO whose properties have these types."""
    schemas: dict[str, Schema] = {name: {"type": t} for name, t in properties.items()}
    for schema in schemas.values():
        if schema["type"] == "array":
            schema["items"] = _FREE_OBJECT
    for name, type_ in (("actions", "object"), ("id", "integer")):
        schemas.setdefault(name, {"type": type_})["readOnly"] = True
    return _object_schema(schemas, class_name)


def entry_schema(served_object: ServedObject) -> Schema:
    """Describe the entries of an object."""
    properties: dict[str, Schema] = {}
    entry_fields = served_object.entity_type.fields
    for entry_field in entry_fields:
        if not entry_field.custom:
            properties[entry_field.name] = _system_property(entry_field)
    properties["actions"] = _FREE_OBJECT | {"readOnly": True}
    required: list[str] = []
    for field in served_object.definition["objectFields"]:
        properties.update(_field_properties(field))
        if field.get("required") and field["businessType"] not in ALWAYS_READ_ONLY:
            required.append(field["name"])
    for entry_field in entry_fields:
        name = entry_field.name
        if entry_field.custom and name not in properties:  # many-to-many
            linked: Schema = {"items": _FREE_OBJECT, "type": "array"}
            properties[name] = linked | _PARENT_MAP
    schema = _object_schema(properties, OBJECT_ENTRY)
    if required:
        schema["required"] = sorted(required)
    return schema


def _object_schema(properties: Mapping[str, Schema], class_name: str) -> Schema:
    class_schema = {"default": class_name, "readOnly": True, "type": "string"}
    described = {**properties, "x-class-name": class_schema}
    return {"properties": dict(sorted(described.items())), "type": "object"}


def _document_property(field: Field) -> Schema:
    schema: Schema = {"type": field.type}
    if field.type == "array":
        schema["items"] = _FREE_OBJECT
    if field.type == "object":
        schema = dict(_FREE_OBJECT)
    return _mark_access(schema, field)


def _system_property(field: Field) -> Schema:
    """Describe a property that entries of all objects have."""
    if field.name == "creator":
        schema = ref("Creator")
    elif field.name == "status":
        schema = ref("Status")
    else:
        schema = {"type": field.type}
    if field.type == "array":
        are_numbers = field.name == "taxonomyCategoryIds"
        schema["items"] = {"type": "integer" if are_numbers else "string"}
        if field.name == "taxonomyCategoryBriefs":
            schema["items"] = _FREE_OBJECT
        schema[_UNSUPPORTED] = ["CSV"]
    return _mark_access(schema, field)


def _mark_access(schema: Schema, field: Field) -> Schema:
    if field.name in _FORMATS_BY_NAME:
        schema["format"] = _FORMATS_BY_NAME[field.name]
    if field.read_only:
        schema["readOnly"] = True
    if field.write_only:
        schema["writeOnly"] = True
    return schema


def _field_properties(field: Item) -> Iterator[tuple[str, Schema]]:
    name, business_type = field["name"], field["businessType"]
    if is_relationship(field):
        yield from _relationship_properties(field)
        return
    schema = dict(_BUSINESS_TYPES.get(business_type, {"type": "string"})) | _PARENT_MAP
    if business_type == "DateTime":
        schema["x-timeStorage"] = get_setting(field, "timeStorage") or "convertToUTC"
    if business_type in ALWAYS_READ_ONLY:
        schema["readOnly"] = True
    yield name, schema
    if is_true(field.get("localized")):
        texts = {"additionalProperties": {"type": "string"}, "type": "object"}
        yield i18n_name(name), texts | _PARENT_MAP
    if business_type == "RichText":
        raw = {"readOnly": True, "type": "string"}
        yield f"{name}RawText", raw | _PARENT_MAP


def _relationship_properties(field: Item) -> Iterator[tuple[str, Schema]]:
    name = field["name"]
    group = relationship_name(name)
    erc_name = get_setting(field, "objectRelationshipERCObjectFieldName")
    yield name, {"format": "int64", "type": "integer"} | _PARENT_MAP
    yield str(erc_name or erc_field_name(name)), {"type": "string"} | _PARENT_MAP
    nested = _FREE_OBJECT | {_UNSUPPORTED: ["CSV"]}
    yield group, nested | _PARENT_MAP
    yield f"{group}ERC", {"readOnly": True, "type": "string"} | _PARENT_MAP
