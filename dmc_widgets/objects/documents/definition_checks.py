"""Checks that keep an invalid definition from being stored.

Each check looks at a whole body and returns the first problem that it finds, or None.
The rules and most texts are Liferay's; see docs/liferay/objects.md, Definitions and
Fields. The exact wording of ObjectFieldSettingValueException has not been confirmed
on a live server.

Relationship fields are named by their relationship, and they have its label where they
have none of their own.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from ...model.entity_type import object_type_name
from ...model.outcome import Problem
from ..errors.document_problem_types import DocumentProblemType, NameProblemType
from ..fields.auto_increment import is_affix, is_initial_value
from ..fields.field_rules import is_true
from ..names import (
    RESERVED_FIELD_NAMES,
    check_label,
    check_name,
    primary_key_name,
    relationship_name,
)
from .change_set import (
    APPROVED,
    DEFINITION,
    SYSTEM_PREFIX,
    Body,
    DocumentReader,
    StoredDocument,
)
from .definition_fields import (
    ALWAYS_READ_ONLY,
    DB_TYPES,
    PICKLIST_TYPES,
    RELATIONSHIP,
    get_setting,
    is_relationship,
)

_REQUIRED_SETTINGS: Final = {
    "Aggregation": ("function", "objectRelationshipName"),
    "Attachment": ("acceptedFileExtensions", "fileSource", "maximumFileSize"),
    "Formula": ("output", "script"),
}
"""Does not list timeStorage of DateTime: files of older versions do not state it."""


def check_settings(field: Body) -> Problem | None:
    """Return the first problem of a field's settings."""
    if field["businessType"] == "AutoIncrement":
        return _check_auto_increment(field)
    if is_true(field.get("state")):
        return _check_state(field)
    names = _REQUIRED_SETTINGS.get(field["businessType"], ())
    missing = [name for name in names if get_setting(field, name) in {None, ""}]
    return _missing_setting(field, ", ".join(missing)) if missing else None


def _check_auto_increment(field: Body) -> Problem | None:
    initial = get_setting(field, "initialValue")
    if initial is None or initial == "":
        return _missing_setting(field, "initialValue")
    if not is_initial_value(str(initial)):
        return _invalid_setting(field, "initialValue", initial)
    for name in ("prefix", "suffix"):
        value = get_setting(field, name)
        if not is_affix(value):
            return _invalid_setting(field, name, value)
    return None


def _check_state(field: Body) -> Problem | None:
    """Require the first state; older files state it beside the settings."""
    if get_setting(field, "defaultValue") or field.get("defaultValue"):
        return None
    return _missing_setting(field, "defaultValue, defaultValueType")


def _missing_setting(field: Body, names: str) -> Problem:
    name = field["name"]
    problem_type = DocumentProblemType.SETTING_MISSING
    return problem_type.problem(f"objectFields.{name}", names=names, field=name)


def _invalid_setting(field: Body, setting_name: str, value: Any) -> Problem:
    name = field["name"]
    return DocumentProblemType.SETTING_INVALID.problem(
        f"objectFields.{name}", name=setting_name, value=value, field=name
    )


_READ_ONLY_VALUES: Final = frozenset({"conditional", "false", "true"})
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


def find_field_problems(body: Body) -> Iterator[Problem]:
    """Yield the first problem of each field of a definition, in their order."""
    language = body["defaultLanguageId"]
    own_key = primary_key_name(body.get("name") or "")
    reserved = RESERVED_FIELD_NAMES | {own_key.lower()}
    seen: set[str] = set()
    for field in body["objectFields"]:
        problem = _check_field_name(field, reserved, seen) or _check_field(
            field, language
        )
        if problem:
            yield problem
        seen.add(str(field.get("name")))


def _check_field_name(
    field: Body, reserved: frozenset[str], seen: set[str]
) -> Problem | None:
    name = field.get("name")
    if not is_relationship(field) or not name:
        problem = check_name(name, "objectFields.name", upper=False)
        if problem or name is None:
            return problem
    problem_type = None
    if name.lower() in reserved:
        problem_type = NameProblemType.RESERVED
    elif name in seen:
        problem_type = NameProblemType.DUPLICATE
    return problem_type and problem_type.problem("objectFields.name", name, name=name)


def _check_field(field: Body, language: str) -> Problem | None:
    name, business_type = field["name"], field["businessType"]
    where = f"objectFields.{name}"
    if business_type not in DB_TYPES:
        problem_type = (
            DocumentProblemType.BUSINESS_TYPE
            if business_type
            else DocumentProblemType.DB_TYPE
        )
        value = business_type or field["DBType"] or "null"
        return problem_type.problem(where, value, type=value)
    if business_type == RELATIONSHIP:
        return None
    problem = check_label(field.get("label"), language, f"{where}.label")
    if problem:
        return problem
    value = str(field["readOnly"])
    if value not in _READ_ONLY_VALUES:
        return DocumentProblemType.WRONG_TYPE.problem(
            where,
            value,
            path=f"{where}.readOnly",
            value=value,
            type="ReadOnly",
        )
    unsupported = _check_business_type(field, business_type)
    if unsupported:
        return unsupported.problem(where, type=business_type)
    return check_settings(field)


def _check_business_type(field: Body, business_type: str) -> DocumentProblemType | None:
    picklist = field.get("listTypeDefinitionExternalReferenceCode")
    if business_type in PICKLIST_TYPES and not picklist:
        return DocumentProblemType.PICKLIST
    if field.get("state") and not field.get("required"):
        return DocumentProblemType.STATE
    if field.get("indexed") and business_type in _NOT_INDEXABLE:
        return DocumentProblemType.NOT_INDEXABLE
    if field.get("localized") and business_type not in _LOCALIZABLE:
        return DocumentProblemType.LOCALIZATION
    return (
        DocumentProblemType.INDEXED_LANGUAGE
        if _has_unsupported_language(field)
        else None
    )


def _has_unsupported_language(field: Body) -> bool:
    """Return True for an indexed language where the type cannot have one.

    Attachments are of type Long, and have an indexed language all the same.
    """
    if not field.get("indexedLanguageId") or field["businessType"] == "Attachment":
        return False
    texts = field["DBType"] in {"Clob", "String"}
    return bool(field.get("indexedAsKeyword")) or not texts


RELATIONSHIP_TYPES: Final = frozenset({"manyToMany", "oneToMany", "oneToOne"})

_SCOPES: Final = frozenset({"company", "depot", "site"})


def check_definition_name(
    body: Body, known: DocumentReader, *, own: StoredDocument | None
) -> Problem | None:
    """Check the name of a definition, and that no other definition has it.

    Args:
        body: The definition as it would be stored.
        known: What the installation holds. A placeholder gives its name up.
        own: The stored definition that may have the name, or None.
    """
    name = body.get("name")
    problem = check_name(name, "name", upper=True)
    if problem or name is None:
        return problem
    if body.get("system"):
        return DocumentProblemType.SYSTEM.problem("name", name, name=name)
    namesake = known.by_name(DEFINITION, name)
    if namesake is None or namesake.is_placeholder or (own and namesake.erc == own.erc):
        return None
    return NameProblemType.DUPLICATE.problem("name", name, name=object_type_name(name))


def check_definition(body: Body) -> Problem | None:
    """Check everything but the name and what depends on other documents."""
    return next(find_definition_problems(body), None)


def find_definition_problems(body: Body) -> Iterator[Problem]:
    """Yield the problems of a definition and its parts, in Liferay's order.

    Neither the name nor what depends on other documents is looked at, and the names of
    relationships only beside fields that are right.
    """
    yield from filter(None, (_check_erc(body), *_check_labels(body)))
    yield from filter(None, (_check_scope(body), _check_storage(body)))
    has_wrong_field = False
    for problem in find_field_problems(body):
        has_wrong_field = True
        yield problem
    wrong_relationship = None if has_wrong_field else _check_relationships(body)
    if wrong_relationship:
        yield wrong_relationship


def check_publishable(body: Body, *, was_published: bool) -> Problem | None:
    """Require a field of a published definition."""
    if body["objectFields"]:
        return None
    problem_type = (
        DocumentProblemType.LAST_FIELD
        if was_published
        else DocumentProblemType.NO_FIELD
    )
    return problem_type.problem("objectFields")


def check_status(code: Any, *, was_published: bool) -> Problem | None:
    """Refuse to turn a published definition into a draft."""
    if not was_published or code in {None, APPROVED}:
        return None
    return DocumentProblemType.STATUS.problem("status", code)


def check_active(body: Body, status: int) -> Problem | None:
    """Refuse to activate a draft."""
    if not body["active"] or status == APPROVED:
        return None
    return DocumentProblemType.ACTIVE.problem("active", True)


def _check_erc(body: Body) -> Problem | None:
    erc = body["externalReferenceCode"]
    if not erc.startswith(SYSTEM_PREFIX):
        return None
    return NameProblemType.CODE_PREFIX.problem(
        "externalReferenceCode", erc, prefix=SYSTEM_PREFIX
    )


def _check_labels(body: Body) -> Iterator[Problem | None]:
    language = body["defaultLanguageId"]
    yield check_label(body.get("label"), language, "label")
    plural = body.get("pluralLabel")
    yield check_label(plural, language, "pluralLabel", what="Plural label")


def _check_scope(body: Body) -> Problem | None:
    scope = body.get("scope")
    if not scope:
        return DocumentProblemType.SCOPE_NULL.problem("scope")
    if scope not in _SCOPES:
        return DocumentProblemType.SCOPE_UNKNOWN.problem("scope", scope, scope=scope)
    if scope == "depot" and body.get("panelCategoryKey"):
        return DocumentProblemType.SCOPE_DEPOT.problem("scope", scope)
    return None


def _check_storage(body: Body) -> Problem | None:
    storage = body.get("storageType") or "default"
    if storage == "default":
        return None
    return DocumentProblemType.STORAGE.problem("storageType", storage, storage=storage)


def _check_relationships(body: Body) -> Problem | None:
    fields = list_plain_fields(body)
    seen: set[str] = set()
    for relationship in body["objectRelationships"]:
        problem = _check_relationship(relationship) or _check_edge(relationship, body)
        if problem:
            return problem
        name = relationship["name"]
        if name in seen:
            return duplicate_relationship_name(name, body["name"])
        if name in fields:
            return field_and_relationship_name(name, body["name"])
        seen.add(name)
    seen.update(
        relationship_name(field["name"])
        for field in body["objectFields"]
        if is_relationship(field)
    )
    for name in sorted(fields & seen):
        return field_and_relationship_name(name, body["name"])
    return None


def _check_relationship(relationship: Body) -> Problem | None:
    where = "objectRelationships"
    name, kind = relationship.get("name"), relationship.get("type")
    problem = check_name(name, f"{where}.name", upper=False)
    if problem:
        return problem
    if kind not in RELATIONSHIP_TYPES:
        return DocumentProblemType.RELATIONSHIP_TYPE.problem(
            f"{where}.{name}", str(kind), type=kind or "null"
        )
    if is_true(relationship.get("edge")) and kind != "oneToMany":
        return DocumentProblemType.EDGE_TYPE.problem(f"{where}.{name}", str(kind))
    if not relationship.get("objectDefinitionExternalReferenceCode2"):
        missing = DocumentProblemType.NOT_FOUND
        return missing.problem(f"{where}.{name}", kind=DEFINITION, erc="null")
    return None


def _check_edge(relationship: Body, body: Body) -> Problem | None:
    """Refuse an edge between a definition and itself."""
    other = relationship["objectDefinitionExternalReferenceCode2"]
    if not is_true(relationship.get("edge")) or other != body["externalReferenceCode"]:
        return None
    where = f"objectRelationships.{relationship['name']}"
    return DocumentProblemType.EDGE_SELF.problem(where, True, name=body["name"])


def list_plain_fields(body: Body) -> set[str]:
    """Return the names that no relationship of the definition may have."""
    return {
        field["name"] for field in body["objectFields"] if not is_relationship(field)
    }


def duplicate_relationship_name(name: str, definition: str) -> Problem:
    """Report a second relationship of one name."""
    where = "objectRelationships.name"
    return NameProblemType.RELATIONSHIP.problem(where, name, definition=definition)


def field_and_relationship_name(name: str, definition: str) -> Problem:
    """Report a field and a relationship of one name."""
    return NameProblemType.FIELD_AND_RELATIONSHIP.problem(
        "objectFields.name", name, definition=definition
    )
