"""The schemas of Liferay's classes, and those that a document needs.

A document contains the schemas that its paths refer to, and all that these refer to.
Liferay describes a value of any type as an object, which clients made from its
documents cannot parse as the text or the number that it is; here it has no type.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from ...model.entity_type import EntityType
from ...objects.documents.kinds import DOCUMENT_KINDS
from ...objects.parts.part_kinds import (
    DATE_PROPERTIES,
    DEFINITION_PARTS,
    PICKLIST_ENTRY,
    PartKind,
)
from ..entity_store import DOCUMENT_TYPES
from .dtos import (
    CHOICES,
    CLASSES,
    DATES,
    INT32,
    READ_ONLY,
    REFERENCES,
    TEXT_LISTS,
    WRITABLE_IDS,
    PropertyTypes,
)

Schema = dict[str, Any]

_PREFIX: Final = "#/components/schemas/"
_PAGE: Final = "Page"
_STRING: Final[Schema] = {"type": "string"}
TEXTS: Final[Schema] = {"additionalProperties": _STRING, "type": "object"}
"""Texts by language."""

FREE_OBJECT: Final[Schema] = {"additionalProperties": True, "type": "object"}
_LINKS: Final[Schema] = {"additionalProperties": TEXTS, "type": "object"}
_BINARY: Final[Schema] = {"format": "binary", "type": "string"}
_FREE_NAMES: Final = frozenset({"parameters"})
_CLASS_NAME: Final = "x-class-name"
_ALWAYS_READ_ONLY: Final = frozenset({"actions", "id", *DATE_PROPERTIES})


def ref(name: str) -> Schema:
    """Return a reference to a schema."""
    return {"$ref": f"{_PREFIX}{name}"}


def list_of(name: str) -> Schema:
    """Describe a list of a schema."""
    return {"items": ref(name), "type": "array"}


def describe_properties(properties: Mapping[str, Schema]) -> Schema:
    """Describe an object, with its properties in the order of their names."""
    return {"properties": dict(sorted(properties.items())), "type": "object"}


def describe_class(class_name: str, properties: Mapping[str, Schema]) -> Schema:
    """Describe a DTO class, which has a property with its name."""
    class_schema = _STRING | {"default": class_name, "readOnly": True}
    return describe_properties({**properties, _CLASS_NAME: class_schema})


def page_schema(name: str) -> Schema:
    """Describe a page of a list of *name*."""
    number = {"format": "int64", "type": "integer"}
    return describe_properties(
        {
            "actions": _LINKS,
            "facets": list_of("Facet"),
            "items": list_of(name),
            "lastPage": number,
            "page": number,
            "pageSize": number,
            "totalCount": number,
        }
    )


def property_schema(class_name: str, name: str, type_: str) -> Schema:
    """Describe a property of a DTO class.

    Args:
        class_name: The short name of the class.
        name: The name of the property.
        type_: Its type: one of OpenAPI, or ``any``.
    """
    if name in REFERENCES and type_ in {"array", "object"}:
        target = REFERENCES[name]
        schema = list_of(target) if type_ == "array" else ref(target)
    elif type_ == "array":
        items = _STRING if name in TEXT_LISTS else FREE_OBJECT
        schema = {"items": items, "type": "array"}
    elif type_ == "object":
        schema = dict(_object_schema(name))
    else:
        schema = {} if type_ == "any" else {"type": type_}
    schema |= _formats(name, type_)
    choices = CHOICES.get(f"{class_name}.{name}")
    if choices:
        schema["enum"] = choices.split()
    if _is_read_only(class_name, name):
        schema["readOnly"] = True
    return schema


def _object_schema(name: str) -> Schema:
    if name == "actions":
        return _LINKS
    return FREE_OBJECT if name in _FREE_NAMES else TEXTS


def _formats(name: str, type_: str) -> Schema:
    if type_ == "integer":
        return {"format": "int32" if name in INT32 else "int64"}
    return {"format": "date-time"} if name in DATES else {}


def _is_read_only(class_name: str, name: str) -> bool:
    if name in READ_ONLY.get(class_name, ()):
        return True
    return name in _ALWAYS_READ_ONLY and class_name not in WRITABLE_IDS


def class_schema(name: str, package: str, properties: PropertyTypes) -> Schema:
    """Describe a DTO class whose properties have these types."""
    schemas = {
        property_: property_schema(name, property_, type_)
        for property_, type_ in properties.items()
    }
    return describe_class(f"{package}.{name}", schemas)


def document_schema(entity_type: EntityType) -> Schema:
    """Describe a definition, a picklist or a folder; no property is required."""
    name = entity_type.name
    properties = {
        field.name: property_schema(name, field.name, field.type)
        for field in entity_type.fields
    }
    for field in entity_type.fields:
        if field.read_only:
            properties[field.name]["readOnly"] = True
    for extra in READ_ONLY.get(name, ()):
        properties.setdefault(extra, property_schema(name, extra, "object"))
    return describe_class(entity_type.class_name, properties)


def part_schema(kind: PartKind) -> Schema:
    """Describe a part of a document; no property is required."""
    package = kind.class_name.rpartition(".")[0]
    dates = dict.fromkeys(DATE_PROPERTIES if kind.is_dated else (), "string")
    server_set = {"actions": "object", "id": "integer", **dates}
    return class_schema(kind.name, package, {**kind.properties, **server_set})


_UPLOAD: Final = describe_properties({"file": _BINARY})
_PLAIN_SCHEMAS: Final[Mapping[str, Schema]] = {
    "DeleteImportTaskRequestBody": _UPLOAD,
    "Facet": describe_properties(
        {"facetCriteria": _STRING, "facetValues": list_of("FacetValue")}
    ),
    "FacetValue": describe_properties(
        {
            "numberOfOccurrences": {"format": "int32", "type": "integer"},
            "term": _STRING,
        }
    ),
    "MultipartBody": describe_properties({"values": TEXTS}),
    "PostImportTaskRequestBody": _UPLOAD,
    "Problem": describe_properties(
        dict.fromkeys(("detail", "status", "title", "type"), _STRING)
    ),
    "PutImportTaskRequestBody": _UPLOAD,
}


def known_schemas() -> dict[str, Schema]:
    """Return the schemas that are the same in every document, by name."""
    return {
        **_PLAIN_SCHEMAS,
        **{name: class_schema(name, *known) for name, known in CLASSES.items()},
        **{
            part.name: part_schema(part) for part in (*DEFINITION_PARTS, PICKLIST_ENTRY)
        },
        **{
            kind.name: document_schema(DOCUMENT_TYPES[kind.name])
            for kind in DOCUMENT_KINDS
        },
    }


def collect_schemas(
    paths: Mapping[str, Any],
    own: Mapping[str, Schema] | None = None,
    names: Iterable[str] = (),
) -> dict[str, Schema]:
    """Return the schemas of a document by name, in the order of their names.

    Args:
        paths: The paths of the document.
        own: The schemas that only this document has; all of them are included.
        names: The names of further schemas to include.
    """
    own = own or {}
    known = {**known_schemas(), **own}
    collected: dict[str, Schema] = {}
    waiting = [*own, *names, *_referenced_names(paths)]
    while waiting:
        name = waiting.pop()
        if name not in collected:
            page_of = name.removeprefix(_PAGE)
            schema = known[name] if name in known else page_schema(page_of)
            collected[name] = schema
            waiting += _referenced_names(schema)
    return dict(sorted(collected.items()))


def _referenced_names(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if key == "$ref":
                yield inner.removeprefix(_PREFIX)
            else:
                yield from _referenced_names(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _referenced_names(inner)
