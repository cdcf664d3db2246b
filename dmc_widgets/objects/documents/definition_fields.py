"""The fields of a definition: defaults, derived properties, and what an update keeps.

The rules are those of Liferay's ObjectFieldLocalServiceImpl and of its business types;
see docs/liferay/objects.md, Fields. The six system fields belong to every definition
and are never stored.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from ..fields.field_rules import is_true
from ..names import relationship_name
from ..text import format_scalar
from .change_set import SYSTEM_PREFIX, Body

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
"""The properties of a field that an update of a published definition keeps."""

FROZEN_SETTINGS: Final = frozenset(
    {"initialValue", "prefix", "suffix", "timeStorage", "uniqueValues"}
)

_NEWER_SYSTEM_NAMES: Final = frozenset({"displayDate", "expirationDate", "reviewDate"})


def _build_system_field(
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
    _build_system_field("creator", "Author", "Text", "String"),
    _build_system_field("createDate", "Create Date", "Date", "Date"),
    _build_system_field(
        "externalReferenceCode",
        "External Reference Code",
        "Text",
        "String",
        readOnly="false",
    ),
    _build_system_field(
        "id", "ID", "LongInteger", "Long", indexed=True, indexedAsKeyword=True
    ),
    _build_system_field("modifiedDate", "Modified Date", "Date", "Date"),
    _build_system_field("status", "Status", "Text", "Integer"),
)
"""In the order of Liferay's exports. Each installation gives them ERCs of its own."""

SYSTEM_NAMES: Final = frozenset(field["name"] for field in SYSTEM_FIELDS)


def select_custom_fields(fields: Iterable[Body]) -> list[Body]:
    """Leave out the system fields by name: files mark custom fields *system*, too."""
    return [
        field
        for field in fields
        if field.get("name") not in SYSTEM_NAMES
        and not (field.get("system") and field.get("name") in _NEWER_SYSTEM_NAMES)
    ]


def is_relationship(field: Mapping[str, Any]) -> bool:
    """Return True for a field that a relationship creates."""
    return field.get("businessType") == RELATIONSHIP


def replace_fields(
    item_fields: Iterable[Body], stored: Iterable[Body], *, published: bool
) -> list[Body]:
    """Return a definition's fields after a PUT.

    Fields that the item leaves out are deleted, Relationship fields excepted:
    they belong to their relationship, and follow the fields of the item.
    """
    before = list(stored)
    by_name = {field["name"]: field for field in before}
    fields = []
    for item_field in select_custom_fields(item_fields):
        field = remove_ids(item_field)
        old = by_name.get(field.get("name"))
        fields.append(
            normalize_field(_keep_frozen(field, old) if published and old else field)
        )
    listed = {_relationship_key(field) for field in fields if is_relationship(field)}
    unlisted = [
        field
        for field in before
        if is_relationship(field) and not _is_listed(field, listed)
    ]
    return fields + unlisted


def normalize_field(field: Body) -> Body:
    """Derive business type, DBType and readOnly as Liferay stores them.

    Files mark custom fields *system*, too; no stored custom field is.
    """
    db_type = field.get("DBType") or field.get("type") or ""
    business_type = field.get("businessType") or BUSINESS_TYPES.get(db_type, "")
    db_type = DB_TYPES.get(business_type) or db_type
    read_only = _normalize_read_only(field.get("readOnly"), business_type)
    return _derive_relationship_type(derive_unique(field)) | {
        "DBType": db_type,
        "businessType": business_type,
        "readOnly": read_only,
        "system": False,
        "type": db_type,
    }


def derive_unique(field: Body) -> Body:
    """Return *field* with its property *unique* as Liferay computes it, if it has it.

    The setting decides; what a file states beside it is not looked at.
    """
    if "unique" not in field:
        return field
    return field | {"unique": is_true(get_setting(field, "uniqueValues"))}


def _derive_relationship_type(field: Body) -> Body:
    """Return a field with the type of its relationship to one of Liferay's own objects.

    No other document states it, and exports leave it out because it is read-only.
    """
    parent = field.get("objectDefinitionExternalReferenceCode1") or ""
    if "relationshipType" in field or not parent.startswith(SYSTEM_PREFIX):
        return field
    return field | {"relationshipType": "oneToMany"}


def _normalize_read_only(value: Any, business_type: str) -> Any:
    if business_type in ALWAYS_READ_ONLY:
        return "true"
    if value is None or value == "":
        return "false"
    return str(value).lower() if isinstance(value, bool) else value


def remove_ids(field: Body) -> Body:
    """Leave out the properties of a field that each installation sets."""
    cleaned = {name: value for name, value in field.items() if name not in _SERVER_SET}
    settings = field.get("objectFieldSettings")
    if settings is not None:
        cleaned["objectFieldSettings"] = [
            {k: v for k, v in setting.items() if k not in {"id", "objectFieldId"}}
            for setting in settings
        ]
    return cleaned


def get_setting(field: Mapping[str, Any], name: str) -> Any:
    """Return the value of a field's setting; None where there is none."""
    for setting in field.get("objectFieldSettings") or ():
        if setting.get("name") == name:
            return setting.get("value")
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
    return "" if stated is None else format_scalar(stated) or ""


def collect_picklist_keys(field: Mapping[str, Any]) -> list[str]:
    """Return the picklist keys that the state flow or the default of a field names."""
    keys: list[Any] = []
    flow = get_setting(field, "stateFlow")
    for state in list_objects(
        flow.get("objectStates") if isinstance(flow, dict) else ()
    ):
        keys.append(state.get("key"))
        transitions = list_objects(state.get("objectStateTransitions"))
        keys.extend(transition.get("key") for transition in transitions)
    if get_setting(field, "defaultValueType") != "expressionBuilder":
        keys.append(get_setting(field, "defaultValue") or field.get("defaultValue"))
    return list(dict.fromkeys(key for key in keys if isinstance(key, str) and key))


def list_objects(value: Any) -> list[Body]:
    """Return the objects in a list; empty for a value that is not a list."""
    listed = value if isinstance(value, list) else []
    return [element for element in listed if isinstance(element, dict)]


def _keep_frozen(field: Body, stored: Body) -> Body:
    """Return *field* with the properties that a published definition keeps."""
    result = {
        name: value
        for name, value in field.items()
        if name not in FROZEN_FIELD_PROPERTIES
    }
    settings = _keep_frozen_settings(field, stored)
    if settings or "objectFieldSettings" in field:
        result["objectFieldSettings"] = settings
    return result | {
        name: stored[name] for name in FROZEN_FIELD_PROPERTIES if name in stored
    }


def _keep_frozen_settings(field: Body, stored: Body) -> list[Body]:
    """Return the settings of *field* in its order, the frozen ones as stored."""
    frozen = {
        setting.get("name"): setting
        for setting in stored.get("objectFieldSettings") or ()
        if setting.get("name") in FROZEN_SETTINGS
    }
    settings = []
    for setting in field.get("objectFieldSettings") or ():
        if setting.get("name") not in FROZEN_SETTINGS:
            settings.append(setting)
        elif setting.get("name") in frozen:
            settings.append(frozen.pop(setting["name"]))
    return settings + list(frozen.values())


def _relationship_key(field: Body) -> tuple[str, str]:
    parent = field.get("objectDefinitionExternalReferenceCode1") or ""
    return parent, relationship_name(field.get("name") or "")


def _is_listed(field: Body, listed: set[tuple[str, str]]) -> bool:
    parent, name = _relationship_key(field)
    if not parent:
        return any(name == other for _, other in listed)
    return (parent, name) in listed or ("", name) in listed
