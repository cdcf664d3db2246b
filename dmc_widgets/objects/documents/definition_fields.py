"""The fields of a definition: what is kept of an item's, and what is worked out.

Rules of Liferay's ObjectFieldLocalServiceImpl and of its business types (docs/liferay/objects.md, Fields). The six system fields belong to every definition and are never stored.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from ..names import relationship_name
from ..text import scalar_text
from .change_set import Body

RELATIONSHIP: Final = "Relationship"
PICKLIST_TYPES: Final = frozenset({"Picklist", "MultiselectPicklist"})
ALWAYS_READ_ONLY: Final = frozenset({"Aggregation", "Formula"})

DB_TYPES: Final[Mapping[str, str]] = {
    "Aggregation": "String",
    "Assignee": "",
    "Attachment": "Long",
    "AutoIncrement": "String",
    "Boolean": "Boolean",
    "Date": "Date",
    "DateTime": "DateTime",
    "Decimal": "Double",
    "EmailAddress": "String",
    "Encrypted": "Clob",
    "Formula": "String",
    "Integer": "Integer",
    "LongInteger": "Long",
    "LongText": "Clob",
    "MultiselectPicklist": "String",
    "PhoneNumber": "String",
    "Picklist": "String",
    "PrecisionDecimal": "BigDecimal",
    RELATIONSHIP: "Long",
    "RichText": "Clob",
    "Text": "String",
}
"""Business types and the DBType each forces; Assignee's is not known."""

BUSINESS_TYPES: Final[Mapping[str, str]] = {
    "BigDecimal": "PrecisionDecimal",
    "Boolean": "Boolean",
    "Clob": "LongText",
    "Date": "Date",
    "DateTime": "DateTime",
    "Double": "Decimal",
    "Integer": "Integer",
    "Long": "LongInteger",
    "String": "Text",
}
"""The business type of a field that states only its DBType."""

_SERVER_SET: Final = frozenset(
    [
        "actions",
        "dateCreated",
        "dateModified",
        "id",
        "listTypeDefinitionId",
        "objectDefinitionId",
        "objectDefinitionId1",
    ]
)

FROZEN_FIELD_PROPERTIES: Final = (
    "DBType",
    "businessType",
    "listTypeDefinitionExternalReferenceCode",
    "localized",
    "state",
    "type",
)
"""What an update of a published definition silently keeps of a field."""

FROZEN_SETTINGS: Final = frozenset(
    {"initialValue", "prefix", "suffix", "timeStorage", "uniqueValues"}
)

_NEWER_SYSTEM_NAMES: Final = frozenset({"displayDate", "expirationDate", "reviewDate"})


def _system_field(
    name: str, label: str, business_type: str, db_type: str, **differing: Any
) -> Body:
    return {
        "DBType": db_type,
        "businessType": business_type,
        "indexed": False,
        "indexedAsKeyword": False,
        "indexedLanguageId": "",
        "label": {"en_US": label},
        "localized": False,
        "name": name,
        "objectFieldSettings": [],
        "readOnly": "true",
        "readOnlyConditionExpression": "",
        "required": False,
        "state": False,
        "system": True,
        "type": db_type,
        **differing,
    }


SYSTEM_FIELDS: Final[tuple[Body, ...]] = (
    _system_field("creator", "Author", "Text", "String"),
    _system_field("createDate", "Create Date", "Date", "Date"),
    _system_field(
        "externalReferenceCode",
        "External Reference Code",
        "Text",
        "String",
        readOnly="false",
    ),
    _system_field(
        "id", "ID", "LongInteger", "Long", indexed=True, indexedAsKeyword=True
    ),
    _system_field("modifiedDate", "Modified Date", "Date", "Date"),
    _system_field("status", "Status", "Text", "Integer"),
)
"""In the order of Liferay's exports. Their ERCs are an installation's own."""

SYSTEM_NAMES: Final = frozenset(field["name"] for field in SYSTEM_FIELDS)


def select_custom_fields(fields: Iterable[Body]) -> list[Body]:
    """Leave out the system fields, by name: files mark custom fields system, too."""
    return [
        field
        for field in fields
        if field.get("name") not in SYSTEM_NAMES
        and not (field.get("system") and field.get("name") in _NEWER_SYSTEM_NAMES)
    ]


def is_relationship(field: Body) -> bool:
    """Say whether a relationship made the field, or will."""
    return field.get("businessType") == RELATIONSHIP


def replace_fields(
    item_fields: Iterable[Body], stored: Iterable[Body], *, published: bool
) -> list[Body]:
    """Return a definition's fields after a PUT.

    Fields that the item leaves out are deleted, Relationship fields excepted:
    they belong to their relationship, and stand behind the item's in their order.
    """
    before = list(stored)
    by_name = {field["name"]: field for field in before}
    fields = []
    for each in select_custom_fields(item_fields):
        field = remove_ids(each)
        old = by_name.get(field.get("name"))
        fields.append(
            normalize_field(_frozen(field, old) if published and old else field)
        )
    listed = {_link_key(field) for field in fields if is_relationship(field)}
    kept = [
        field
        for field in before
        if is_relationship(field) and not _is_listed(field, listed)
    ]
    return fields + kept


def normalize_field(field: Body) -> Body:
    """Work out business type, DBType and readOnly as Liferay stores them.

    Files mark custom fields *system*, too; no custom field of ours is.
    """
    db_type = field.get("DBType") or field.get("type") or ""
    business_type = field.get("businessType") or BUSINESS_TYPES.get(db_type, "")
    db_type = DB_TYPES.get(business_type) or db_type
    read_only = _read_only(field.get("readOnly"), business_type)
    return field | {
        "DBType": db_type,
        "businessType": business_type,
        "readOnly": read_only,
        "system": False,
        "type": db_type,
    }


def _read_only(value: Any, business_type: str) -> Any:
    if business_type in ALWAYS_READ_ONLY:
        return "true"
    if value is None or value == "":
        return "false"
    return str(value).lower() if isinstance(value, bool) else value


def remove_ids(field: Body) -> Body:
    """Leave out what only an installation may say of a field."""
    kept = {name: value for name, value in field.items() if name not in _SERVER_SET}
    settings = field.get("objectFieldSettings")
    if settings is not None:
        kept["objectFieldSettings"] = [
            {k: v for k, v in setting.items() if k not in {"id", "objectFieldId"}}
            for setting in settings
        ]
    return kept


def get_setting(field: Mapping[str, Any], name: str) -> Any:
    """Return the value of a field's setting; None where there is none."""
    for each in field.get("objectFieldSettings") or ():
        if each.get("name") == name:
            return each.get("value")
    return None


def has_default_value(field: Mapping[str, Any], business_type: str) -> bool:
    """Return True if a new entry gets a value where its item has none."""
    if business_type == "AutoIncrement":
        return True
    if business_type == "Encrypted":
        return False
    has_states = field.get("state") in (True, "true")
    stated = field.get("defaultValue") if has_states else None
    return stated is not None or get_setting(field, "defaultValue") is not None


def format_default(field: Mapping[str, Any]) -> str:
    """Return a field's default value as a text; empty if Liferay computes it."""
    stated = get_setting(field, "defaultValue")
    if stated is None:
        stated = field.get("defaultValue")
    elif get_setting(field, "defaultValueType") == "expressionBuilder":
        return ""
    return "" if stated is None else scalar_text(stated) or ""


def collect_picklist_keys(field: Mapping[str, Any]) -> list[str]:
    """Return the picklist keys that a field's state flow and default value name."""
    keys: list[Any] = []
    flow = get_setting(field, "stateFlow")
    for state in _dicts(flow.get("objectStates") if isinstance(flow, dict) else ()):
        keys.append(state.get("key"))
        transitions = _dicts(state.get("objectStateTransitions"))
        keys.extend(transition.get("key") for transition in transitions)
    if get_setting(field, "defaultValueType") != "expressionBuilder":
        keys.append(get_setting(field, "defaultValue") or field.get("defaultValue"))
    return list(dict.fromkeys(key for key in keys if isinstance(key, str) and key))


def _dicts(value: Any) -> list[Body]:
    listed = value if isinstance(value, list) else []
    return [each for each in listed if isinstance(each, dict)]


def _frozen(field: Body, stored: Body) -> Body:
    """Return *field* with what a published definition keeps of the stored one."""
    result = {
        name: value
        for name, value in field.items()
        if name not in FROZEN_FIELD_PROPERTIES
    }
    settings = _frozen_settings(field, stored)
    if settings or "objectFieldSettings" in field:
        result["objectFieldSettings"] = settings
    return result | {
        name: stored[name] for name in FROZEN_FIELD_PROPERTIES if name in stored
    }


def _frozen_settings(field: Body, stored: Body) -> list[Body]:
    """Return the settings of *field* in its order, the frozen ones as stored."""
    kept = {
        setting.get("name"): setting
        for setting in stored.get("objectFieldSettings") or ()
        if setting.get("name") in FROZEN_SETTINGS
    }
    settings = []
    for each in field.get("objectFieldSettings") or ():
        if each.get("name") not in FROZEN_SETTINGS:
            settings.append(each)
        elif each.get("name") in kept:
            settings.append(kept.pop(each["name"]))
    return settings + list(kept.values())


def _link_key(field: Body) -> tuple[str, str]:
    parent = field.get("objectDefinitionExternalReferenceCode1") or ""
    return parent, relationship_name(field.get("name") or "")


def _is_listed(field: Body, listed: set[tuple[str, str]]) -> bool:
    parent, name = _link_key(field)
    if not parent:
        return any(name == other for _, other in listed)
    return (parent, name) in listed or ("", name) in listed
