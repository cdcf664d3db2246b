"""Fields as an OpenAPI document tells them (data-migration-center facts, 5.3).

Nothing here asks a server: a document goes in, fields come out. Documents are
strangers' data, so whatever is not as it should be is passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from ...model.entity_type import EntityType, Field

_UNSUPPORTED: Final = "x-batch-unsupported-formats"
_VERSION: Final = re.compile(r"\d+(?:\.\d+){1,3}")
_TYPES: Final = frozenset({"array", "boolean", "integer", "number", "object", "string"})
_SERVER_PROPERTIES: Final = frozenset(
    ["actions", "auditEvents", "scopeId", "scopeKey", "systemProperties"]
)
"""Given out with every entry, and of no use anywhere else."""


@dataclass(frozen=True, slots=True)
class OpenApiDocument:
    """The parts of an OpenAPI document that tell of fields.

    Attributes:
        description: Of the API; it names the client's version.
        schemas: By name.
    """

    description: str
    schemas: Mapping[str, Any]


def parse_document(value: Any) -> OpenApiDocument | None:
    """Take an OpenAPI document apart; None if *value* is none."""
    if not isinstance(value, dict):
        return None
    info, components = value.get("info"), value.get("components")
    schemas = components.get("schemas") if isinstance(components, dict) else None
    if not isinstance(schemas, dict):
        return None
    description = info.get("description") if isinstance(info, dict) else ""
    return OpenApiDocument(str(description or ""), schemas)


def read_version(document: OpenApiDocument) -> tuple[int, ...]:
    """Return the version of the client that ``info.description`` names."""
    found = _VERSION.search(document.description)
    return tuple(map(int, found.group().split("."))) if found else ()


def read_fields(document: OpenApiDocument, schema: str) -> list[Field]:
    """Return the fields of a schema, by name."""
    stated = document.schemas.get(schema)
    if not isinstance(stated, dict):
        return []
    properties = stated.get("properties")
    required = stated.get("required")
    names = set(required) if isinstance(required, list) else set()
    found = properties if isinstance(properties, dict) else {}
    return sorted(_iter_fields(found, names), key=lambda each: each.name)


def _iter_fields(properties: Mapping[str, Any], required: set[Any]) -> Iterator[Field]:
    for name, stated in properties.items():
        if not isinstance(stated, dict) or name.startswith("x-"):
            continue
        unsupported = stated.get(_UNSUPPORTED)
        formats = unsupported if isinstance(unsupported, list) else ()
        type_ = stated.get("type")
        is_nest = type_ in {"array", "object"} or "$ref" in stated
        if is_nest and formats and _has_reference(stated):
            continue  # the nested items of a relationship
        yield Field(
            name=name,
            type=type_ if type_ in _TYPES else "object",
            label=name,
            required=name in required,
            read_only=stated.get("readOnly") is True,
            write_only=stated.get("writeOnly") is True,
            description=str(stated.get("description") or ""),
            unsupported_formats=frozenset(map(str, formats)),
        )


def _has_reference(stated: Mapping[str, Any]) -> bool:
    items = stated.get("items")
    return "$ref" in stated or (isinstance(items, dict) and "$ref" in items)


def merge_entry_type(known: EntityType, document: OpenApiDocument | None) -> EntityType:
    """Complete what a definition tells of its entries with what the server serves.

    The definition knows business types, labels and picklists; the document knows
    what this server takes and gives out beyond them.

    Args:
        known: Made from the definition.
        document: Of the object; None where the server has none.
    """
    if document is None:
        return known
    served = {
        each.name: each
        for each in read_fields(document, known.short_name)
        if each.name not in _SERVER_PROPERTIES
    }
    own = {field.name: field for field in known.fields}
    several = {field.any_of_group for field in known.fields} - {""}
    merged = [
        _merge_field(field, served[field.name]) if field.name in served else field
        for field in known.fields
    ]
    merged += [
        each
        for name, each in served.items()
        if name.removesuffix("RawText") not in own and name not in several
    ]
    return replace(known, fields=tuple(sorted(merged, key=lambda each: each.name)))


def restrict_document_type(
    known: EntityType, document: OpenApiDocument | None
) -> EntityType:
    """Cut a kind of definitions down to the properties that this server knows.

    A server refuses a whole definition for one property that it does not know.
    """
    found = read_fields(document, known.name) if document else []
    served = {each.name: each for each in found}
    if not served:
        return known
    own = {field.name: field for field in known.fields}
    formats = own["externalReferenceCode"].unsupported_formats
    fields = [
        replace(own[name], read_only=own[name].read_only or each.read_only)
        if name in own
        else replace(each, label="", unsupported_formats=formats)
        for name, each in served.items()
    ]
    return replace(known, fields=tuple(fields), open=False)


def _merge_field(own: Field, served: Field) -> Field:
    return replace(
        own,
        required=own.required or (served.required and not own.any_of_group),
        read_only=own.read_only or served.read_only,
        write_only=own.write_only or served.write_only,
        description=own.description or served.description,
        unsupported_formats=own.unsupported_formats | served.unsupported_formats,
    )
