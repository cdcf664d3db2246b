"""The schemas of entries, made from the definition of their object.

They tell a client which fields an import may set and an export contains: which are
read-only, write-only or required, and which formats cannot represent a field. See
*OpenAPI* in ``docs/liferay/objects.md``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from ...model.entity_type import OBJECT_ENTRY, Field
from ...objects.documents.definition_fields import (
    ALWAYS_READ_ONLY,
    get_setting,
    is_relationship,
)
from ...objects.fields.field_rules import is_true
from ...objects.fields.localized import i18n_name
from ...objects.names import erc_field_name, relationship_name
from ...ports import Item
from ..served_objects import ServedObject
from .dtos import CLASSES, OBJECT_REST, REFERENCES
from .schemas import (
    FREE_OBJECT,
    TEXTS,
    Schema,
    class_schema,
    describe_class,
    describe_properties,
    property_schema,
    ref,
)

_UNSUPPORTED: Final = "x-batch-unsupported-formats"
_PARENT_MAP: Final = {"x-parent-map": "properties"}

_BUSINESS_TYPES: Final[Mapping[str, Schema]] = {
    "Boolean": {"type": "boolean"},
    "Date": {"format": "date-time", "type": "string"},
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

_ID: Final[Schema] = {"format": "int64", "type": "integer"}
_STRING: Final[Schema] = {"type": "string"}
_FOLDER: Final = {"externalReferenceCode": _STRING, "siteId": _ID}
_SCOPE: Final = {
    "externalReferenceCode": _STRING,
    "type": _STRING | {"enum": ["AssetLibrary", "Site"]},
}

ENTRY_SCHEMAS: Final[Mapping[str, Schema]] = {
    "FileEntry": describe_class(
        f"{OBJECT_REST}.FileEntry",
        {
            "externalReferenceCode": _STRING,
            "fileBase64": _STRING,
            "fileURL": _STRING | {"writeOnly": True},
            "folder": ref("Folder"),
            "id": _ID,
            "link": ref("Link"),
            "name": _STRING,
            "scope": ref("Scope"),
        },
    ),
    "Folder": describe_class(f"{OBJECT_REST}.Folder", _FOLDER),
    "Link": describe_class(f"{OBJECT_REST}.Link", {"href": _STRING, "label": _STRING}),
    "ListEntry": describe_class(
        f"{OBJECT_REST}.ListEntry",
        {"key": _STRING, "name": _STRING, "name_i18n": TEXTS | {"readOnly": True}},
    ),
    "Permission": describe_properties(
        {
            "actionIds": {"items": _STRING, "type": "array"},
            "roleExternalReferenceCode": _STRING,
            "roleName": _STRING,
            "roleType": _STRING,
        }
    ),
    "Scope": describe_class(f"{OBJECT_REST}.Scope", _SCOPE),
    "Status": class_schema("Status", OBJECT_REST, CLASSES["Status"][1]),
}
"""The schemas that only documents of objects refer to."""


def entry_schema(served_object: ServedObject) -> Schema:
    """Describe the entries of an object."""
    properties: dict[str, Schema] = {}
    entry_fields = served_object.entity_type.fields
    for entry_field in entry_fields:
        if not entry_field.custom:
            properties[entry_field.name] = _system_property(entry_field)
    properties["actions"] = property_schema("ObjectEntry", "actions", "object")
    required: list[str] = []
    for field in served_object.definition["objectFields"]:
        properties.update(_field_properties(field))
        if field.get("required") and field["businessType"] not in ALWAYS_READ_ONLY:
            required.append(field["name"])
    for entry_field in entry_fields:
        name = entry_field.name
        if entry_field.custom and name not in properties:  # many-to-many
            linked: Schema = {"items": FREE_OBJECT, "type": "array"}
            properties[name] = linked | _PARENT_MAP
    schema = describe_class(OBJECT_ENTRY, properties)
    if required:
        schema["required"] = sorted(required)
    return schema


def _system_property(field: Field) -> Schema:
    """Describe a property that entries of all objects have."""
    schema: Schema = {"type": field.type}
    if field.name in REFERENCES and field.type in {"array", "object"}:
        schema = property_schema("ObjectEntry", field.name, field.type)
    elif field.type == "array":
        schema["items"] = _ID if field.name == "taxonomyCategoryIds" else _STRING
    if field.type == "array":
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
        yield i18n_name(name), TEXTS | _PARENT_MAP
    if business_type == "RichText":
        yield f"{name}RawText", _STRING | {"readOnly": True} | _PARENT_MAP


def _relationship_properties(field: Item) -> Iterator[tuple[str, Schema]]:
    name = field["name"]
    group = relationship_name(name)
    erc_name = get_setting(field, "objectRelationshipERCObjectFieldName")
    yield name, _ID | _PARENT_MAP
    yield str(erc_name or erc_field_name(name)), _STRING | _PARENT_MAP
    nested = FREE_OBJECT | {_UNSUPPORTED: ["CSV"]}
    yield group, nested | _PARENT_MAP
    yield f"{group}ERC", _STRING | {"readOnly": True} | _PARENT_MAP
