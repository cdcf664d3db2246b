"""What keeps the fields of a definition from being stored, in Liferay's texts.

Texts of ObjectFieldLocalServiceImpl (objects facts, 1.8). Relationship fields are
named by their relationship, and labelled by it where they have no label.
"""

from __future__ import annotations

from typing import Final

from ..model.outcome import Problem
from .definition_fields import (
    ALWAYS_READ_ONLY,
    DB_TYPES,
    PICKLIST_TYPES,
    RELATIONSHIP,
    is_relationship,
)
from .documents import Body
from .names import (
    RESERVED_FIELD_NAMES,
    label_fault,
    name_fault,
    primary_key_name,
    quoted,
)
from .setting_faults import settings_message

_READ_ONLY: Final = frozenset({"conditional", "false", "true"})
_NOT_INDEXABLE: Final = ALWAYS_READ_ONLY | {"Encrypted"}
_LOCALIZABLE: Final = frozenset(
    [
        "Attachment",
        "Boolean",
        "Date",
        "DateTime",
        "Decimal",
        "Integer",
        "LongInteger",
        "LongText",
        "MultiselectPicklist",
        "Picklist",
        "PrecisionDecimal",
        "RichText",
        "Text",
    ]
)
_LOCALIZATION = (
    "Only Attachment, Boolean, Date, DateTime, Decimal, Integer, LongInteger, "
    "LongText, MultiselectPicklist, Picklist, PrecisionDecimal, RichText and Text "
    "business types support localization"
)
_LANGUAGE_ID = (
    'Indexed language ID can only be applied with type "Clob" or "String" that is '
    "not indexed as a keyword"
)


def fields_fault(body: Body) -> Problem | None:
    """Return the first fault of a definition's fields, in their order."""
    language = body["defaultLanguageId"]
    reserved = RESERVED_FIELD_NAMES | {primary_key_name(body["name"]).lower()}
    seen: set[str] = set()
    for field in body["objectFields"]:
        fault = _field_name_fault(field, reserved, seen) or _field_fault(
            field, language
        )
        if fault:
            return fault
        seen.add(field["name"])
    return None


def _field_name_fault(
    field: Body, reserved: frozenset[str], seen: set[str]
) -> Problem | None:
    name = field.get("name")
    if not is_relationship(field) or not name:
        fault = name_fault(name, "objectFields.name", upper=False)
        if fault or name is None:
            return fault
    code, message = "", ""
    if name.lower() in reserved:
        code, message = "reserved-name", f"Reserved name {name}"
    elif name in seen:
        code, message = "duplicate-name", f"Duplicate name {name}"
    return Problem(code, message, "objectFields.name", quoted(name)) if code else None


def _field_fault(field: Body, language: str) -> Problem | None:
    name, business_type = field["name"], field["businessType"]
    where = f"objectFields.{name}"
    if business_type not in DB_TYPES:
        wrong = "business" if business_type else "DB"
        value = business_type or field["DBType"] or "null"
        message = f"Invalid {wrong} type {value}"
        return Problem("invalid-type", message, where, quoted(value))
    if business_type == RELATIONSHIP:
        return None
    fault = label_fault(field.get("label"), language, f"{where}.label")
    if fault:
        return fault
    value = str(field["readOnly"])
    if value not in _READ_ONLY:
        message = (
            f'Unable to map JSON path "{where}.readOnly" with value "{value}" to '
            'class "ReadOnly"'
        )
        return Problem("invalid-type", message, where, quoted(value))
    message = _kind_message(field, business_type)
    return Problem("invalid-field", message, where) if message else None


def _kind_message(field: Body, business_type: str) -> str:
    picklist = field.get("listTypeDefinitionExternalReferenceCode")
    if business_type in PICKLIST_TYPES and not picklist:
        return "List type definition ID is 0"
    if field.get("state") and not field.get("required"):
        return "Object field must be required when the state is true"
    if field.get("indexed") and business_type in _NOT_INDEXABLE:
        return f"{business_type} business type is not indexable"
    if field.get("localized") and business_type not in _LOCALIZABLE:
        return _LOCALIZATION
    return _LANGUAGE_ID if _has_odd_language(field) else settings_message(field)


def _has_odd_language(field: Body) -> bool:
    """Attachments are of type Long, and have an indexed language all the same."""
    if not field.get("indexedLanguageId") or field["businessType"] == "Attachment":
        return False
    texts = field["DBType"] in {"Clob", "String"}
    return bool(field.get("indexedAsKeyword")) or not texts
