"""The body of a definition: as an item states it, as stored, and as exported.

PUT replaces the whole definition: what the item leaves out is deleted or gets its
default. PATCH changes single values and labels. A property that is null has its
default, or none: exports hold null for what a definition lacks.

Liferay silently drops changes of some properties: a published definition keeps its
name, its scope and the types of its fields, a relationship keeps its type and the
definitions that it connects, and a folder keeps its name. See
docs/liferay/objects.md, Definitions.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Final

from ..fields.field_rules import is_true
from ..names import ERC, rest_context_path
from .change_set import APPROVED, DEFINITION, DRAFT, FOLDER, Body, StoredDocument
from .definition_fields import (
    FROZEN_FIELD_PROPERTIES,
    FROZEN_SETTINGS,
    SYSTEM_FIELDS,
    derive_unique,
    remove_ids,
    replace_fields,
    select_custom_fields,
)
from .document_kind import SERVER_SET


class FrozenReason(StrEnum):
    """Why an update leaves a property as it is stored."""

    PUBLISHED = "it is published"
    RELATIONSHIP = "a relationship keeps its type and the definitions that it connects"
    FOLDER_NAME = "a folder keeps its name"
    PARTIAL = "'Update Changed Record Fields' leaves the parts of a definition alone"


FROZEN_DEFINITION_PROPERTIES: Final = frozenset({"name", "scope"})
"""The properties that a published definition keeps."""

_CHILD: Final = "objectDefinitionExternalReferenceCode2"

FROZEN_RELATIONSHIP_PROPERTIES: Final = frozenset({_CHILD, "type"})
"""The properties that a relationship keeps, published or not."""


def find_frozen_reason(
    kind: str, path: Sequence[str], *, is_published: bool
) -> FrozenReason | None:
    """Return why an update keeps the stored value at *path*; None if it does not.

    Args:
        kind: The name of the document's kind.
        path: The path of the property, as in a difference of two documents.
        is_published: True if the stored definition is published.
    """
    match (kind, *path):
        case (str(), "name") if kind == FOLDER:
            return FrozenReason.FOLDER_NAME
        case (str(), "objectRelationships", _, name) if (
            name in FROZEN_RELATIONSHIP_PROPERTIES
        ):
            return FrozenReason.RELATIONSHIP
    if is_published and kind == DEFINITION and _is_frozen_path(path):
        return FrozenReason.PUBLISHED
    return None


def _is_frozen_path(path: Sequence[str]) -> bool:
    match path:
        case (name,):
            return name in FROZEN_DEFINITION_PROPERTIES
        case ("objectFields", _, name):
            return name in FROZEN_FIELD_PROPERTIES
        case ("objectFields", _, "objectFieldSettings", name, *_):
            return name in FROZEN_SETTINGS
    return False


DEFINITION_SERVER_SET: Final = SERVER_SET | {
    "parameterRequired",
    "restContextPath",
    "status",
    "x-class-name",
}

_RELATIONSHIP_SERVER_SET: Final = SERVER_SET - {"creator"} | {
    "objectDefinitionId1",
    "objectDefinitionId2",
}

DEFINITION_DEFAULTS: Final[Body] = {
    "accountEntryRestricted": False,
    "accountEntryRestrictedObjectFieldName": "",
    "defaultLanguageId": "en_US",
    "enableCategorization": True,
    "enableComments": False,
    "enableFormContainer": True,
    "enableFriendlyURLCustomization": False,
    "enableIndexSearch": True,
    "enableLocalization": False,
    "enableObjectEntryDraft": False,
    "enableObjectEntryHistory": False,
    "enableObjectEntrySchedule": False,
    "enableObjectEntrySubscription": False,
    "enableObjectEntryVersioning": False,
    "modifiable": True,
    "panelCategoryKey": "",
    "portlet": True,
    "storageType": "default",
    "system": False,
    "titleObjectFieldName": "id",
}
"""The values of properties that an item does not state."""

_ARRAYS: Final = (
    "objectActions",
    "objectDefinitionSettings",
    "objectFields",
    "objectLayouts",
    "objectRelationships",
    "objectValidationRules",
    "objectViews",
)

_KEPT_WHEN_ABSENT: Final = ("friendlyURLSeparator", "objectLayouts", "objectViews")
_PATCHED: Final = frozenset(
    {"description", "label", "objectDefinitionSettings", "pluralLabel"}
)
_LABELS_OF_STATUS: Final = {APPROVED: "approved", DRAFT: "draft"}


def replace_body(item: Body, stored: StoredDocument | None) -> Body:
    """Return the body after a POST or a PUT of *item*, before relationships are linked.

    *active* is left to the caller, because it depends on the status.
    """
    before = stored.body if stored else {}
    was_published = stored is not None and stored.status == APPROVED
    preserved = {name: before[name] for name in _KEPT_WHEN_ABSENT if name in before}
    body = preserved | {
        name: value
        for name, value in item.items()
        if value is not None and name not in DEFINITION_SERVER_SET
    }
    _fill_defaults(body)
    if was_published:
        body |= {name: before[name] for name in sorted(FROZEN_DEFINITION_PROPERTIES)}
    body["objectFields"] = replace_fields(
        body["objectFields"], before.get("objectFields", ()), published=was_published
    )
    body["objectRelationships"] = _merge_relationships(body, stored)
    body["objectDefinitionSettings"] = _remove_setting_ids(
        body["objectDefinitionSettings"]
    )
    return body


def patch_body(item: Body, stored: StoredDocument) -> Body:
    """Return the body after a PATCH: single values and labels change."""
    changes = {
        name: value
        for name, value in item.items()
        if name not in DEFINITION_SERVER_SET
        and name not in _ARRAYS_IGNORED
        and (name in _PATCHED or not isinstance(value, (dict, list)))
    }
    if changes.get("active") is None:
        changes.pop("active", None)
    if stored.status == APPROVED:
        changes = {
            k: v for k, v in changes.items() if k not in FROZEN_DEFINITION_PROPERTIES
        }
    body = stored.body | changes
    body = {name: value for name, value in body.items() if value is not None}
    _fill_defaults(body)
    body["objectDefinitionSettings"] = _remove_setting_ids(
        body["objectDefinitionSettings"]
    )
    return body


_ARRAYS_IGNORED: Final = frozenset(_ARRAYS) - _PATCHED


def has_parts_ignored_by_patch(item: Body) -> bool:
    """Return True if *item* holds parts that a PATCH ignores, as in Liferay."""
    return any(is_ignored_by_patch(name, value) for name, value in item.items())


def is_ignored_by_patch(name: str, value: object) -> bool:
    """Return True if a PATCH of a definition ignores this property."""
    is_nested = name not in DEFINITION_SERVER_SET and name not in _PATCHED
    return isinstance(value, (dict, list)) and (is_nested or name == "status")


def build_placeholder_body(erc: str, name: str) -> Body:
    """Return the body of a definition of which only ERC and name are known."""
    body: Body = {
        "active": False,
        "externalReferenceCode": erc,
        "label": {"en_US": name},
        "name": name,
        "pluralLabel": {"en_US": name},
        "scope": "company",
    }
    _fill_defaults(body)
    return body


def _fill_defaults(body: Body) -> None:
    for name, value in DEFINITION_DEFAULTS.items():
        body.setdefault(name, value)
    for name in _ARRAYS:
        body.setdefault(name, [])


def _merge_relationships(body: Body, stored: StoredDocument | None) -> list[Body]:
    """Return the relationships of the item, followed by those of a placeholder.

    A stored relationship keeps its type and its child. The relationships of a
    placeholder were only derived from their other side, which does not state their
    type: they keep no more than their child.
    """
    before = stored.body["objectRelationships"] if stored else []
    own = body["externalReferenceCode"]
    relationships = [
        _normalize_relationship(
            relationship, _find_by_name(before, relationship.get("name")), own
        )
        for relationship in body["objectRelationships"]
    ]
    if stored is None:
        return relationships
    frozen = (_CHILD,) if stored.is_placeholder else FROZEN_RELATIONSHIP_PROPERTIES
    relationships = [
        _keep_frozen(
            relationship, _find_by_name(before, relationship.get("name")), frozen
        )
        for relationship in relationships
    ]
    if stored.is_placeholder:
        names = {relationship.get("name") for relationship in relationships}
        codes = {relationship.get(ERC) for relationship in relationships} - {None}
        relationships += [
            x for x in before if x["name"] not in names and x.get(ERC) not in codes
        ]
    return relationships


def _find_by_name(relationships: Sequence[Body], name: object) -> Body:
    for relationship in relationships:
        if relationship["name"] == name:
            return relationship
    return {}


def _keep_frozen(relationship: Body, stored: Body, names: Iterable[str]) -> Body:
    frozen = {name: stored[name] for name in names if name in stored}
    if frozen.items() <= relationship.items():
        return relationship
    frozen["objectDefinitionName2"] = stored.get("objectDefinitionName2")
    return relationship | frozen


def _normalize_relationship(relationship: Body, stored: Body, own: str) -> Body:
    normalized = {
        name: value
        for name, value in relationship.items()
        if name not in _RELATIONSHIP_SERVER_SET
    }
    normalized["objectDefinitionExternalReferenceCode1"] = own
    for name, value in (("deletionType", "prevent"), ("type", None)):
        normalized[name] = normalized.get(name) or value
    if (
        not normalized.get("externalReferenceCode")
        and "externalReferenceCode" in stored
    ):
        normalized["externalReferenceCode"] = stored["externalReferenceCode"]
    if isinstance(normalized.get("objectField"), dict):
        field = remove_ids(normalized["objectField"])
        normalized["objectField"] = {
            name: value
            for name, value in field.items()
            if name not in DERIVED_FIELD_PROPERTIES
        }
    return normalized


DERIVED_FIELD_PROPERTIES: Final = frozenset({"relationshipType", "unique"})
"""What the relationship and the settings decide, whatever its field states."""


def _remove_setting_ids(settings: list[Body]) -> list[Body]:
    ids = {"id", "objectDefinitionId"}
    return [{k: v for k, v in setting.items() if k not in ids} for setting in settings]


def complete_definition(body: Body) -> Body:
    """Complete the body of a definition that an installation gave out."""
    completed = {
        "active": False,
        "objectRelationships": [],
        **DEFINITION_DEFAULTS,
        **body,
    }
    fields = select_custom_fields(completed.get("objectFields") or ())
    return completed | {"objectFields": fields}


def derive_output(definition: StoredDocument) -> Body:
    """Return the properties that an installation adds to its output."""
    return {
        "objectFields": [
            *SYSTEM_FIELDS,
            *map(derive_unique, definition.body["objectFields"]),
        ],
        "parameterRequired": False,
        "restContextPath": rest_context_path(definition.name),
        "status": build_status(definition.status),
    }


def build_status(code: int) -> Body:
    """Return a status as Liferay shows it."""
    label = _LABELS_OF_STATUS.get(code, "")
    return {"code": code, "label": label, "label_i18n": label.capitalize()}


def is_system_definition(definition: Body) -> bool:
    """Return True for a definition of Liferay's own, which cannot be replaced."""
    return is_true(definition.get("system")) and not is_true(
        definition.get("modifiable")
    )
