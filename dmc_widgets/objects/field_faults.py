"""What keeps the fields of a definition from being stored (objects facts, 1.8).

Relationship fields are
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
from .document_catalogue import DocumentFault, NameFault
from .documents import Body
from .names import (
    RESERVED_FIELD_NAMES,
    label_fault,
    name_fault,
    primary_key_name,
    quoted,
)
from .setting_faults import settings_fault

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
    kind = None
    if name.lower() in reserved:
        kind = NameFault.RESERVED
    elif name in seen:
        kind = NameFault.DUPLICATE
    return kind and kind.problem("objectFields.name", quoted(name), name=name)


def _field_fault(field: Body, language: str) -> Problem | None:
    name, business_type = field["name"], field["businessType"]
    where = f"objectFields.{name}"
    if business_type not in DB_TYPES:
        kind = DocumentFault.BUSINESS_TYPE if business_type else DocumentFault.DB_TYPE
        value = business_type or field["DBType"] or "null"
        return kind.problem(where, quoted(value), type=value)
    if business_type == RELATIONSHIP:
        return None
    fault = label_fault(field.get("label"), language, f"{where}.label")
    if fault:
        return fault
    value = str(field["readOnly"])
    if value not in _READ_ONLY:
        return DocumentFault.WRONG_TYPE.problem(
            where, quoted(value), path=f"{where}.readOnly", value=value, type="ReadOnly"
        )
    unfit = _kind_fault(field, business_type)
    return unfit.problem(where, type=business_type) if unfit else settings_fault(field)


def _kind_fault(field: Body, business_type: str) -> DocumentFault | None:
    picklist = field.get("listTypeDefinitionExternalReferenceCode")
    if business_type in PICKLIST_TYPES and not picklist:
        return DocumentFault.PICKLIST
    if field.get("state") and not field.get("required"):
        return DocumentFault.STATE
    if field.get("indexed") and business_type in _NOT_INDEXABLE:
        return DocumentFault.NOT_INDEXABLE
    if field.get("localized") and business_type not in _LOCALIZABLE:
        return DocumentFault.LOCALIZATION
    return DocumentFault.INDEXED_LANGUAGE if _has_odd_language(field) else None


def _has_odd_language(field: Body) -> bool:
    """Attachments are of type Long, and have an indexed language all the same."""
    if not field.get("indexedLanguageId") or field["businessType"] == "Attachment":
        return False
    texts = field["DBType"] in {"Clob", "String"}
    return bool(field.get("indexedAsKeyword")) or not texts
