"""The three forms of a definition: as an item wants it, as it is stored, exported.

PUT replaces the whole: what the item leaves out is deleted or falls back to its
default. PATCH changes single values and labels (docs/liferay/objects.md, Definitions). A property that
is null has its default, or none: exports hold null for what a definition lacks.

Which properties an update of a document leaves as they are stored, and why.

Liferay drops such changes without a word: a published definition keeps its name, its
scope and the types of its fields (docs/liferay/objects.md, Definitions), a relationship keeps its type
and the definitions that it connects, and a folder keeps its name.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Final

from ..fields.field_rules import is_true
from ..names import rest_context_path
from .change_set import APPROVED, DEFINITION, DRAFT, FOLDER, Body, StoredDocument
from .definition_fields import (
    FROZEN_FIELD_PROPERTIES,
    FROZEN_SETTINGS,
    SYSTEM_FIELDS,
    remove_ids,
    replace_fields,
    select_custom_fields,
)
from .document_kind import SERVER_SET


class FrozenReason(StrEnum):
    """Why a property stays as it is stored."""

    PUBLISHED = "it is published"
    RELATIONSHIP = "a relationship keeps its type and the definitions that it connects"
    FOLDER_NAME = "a folder keeps its name"
    PARTIAL = "'Update Changed Record Fields' leaves the parts of a definition alone"


FROZEN_DEFINITION_PROPERTIES: Final = frozenset({"name", "scope"})
"""What a published definition keeps of itself."""

FROZEN_RELATIONSHIP_PROPERTIES: Final = frozenset(
    {"objectDefinitionExternalReferenceCode2", "type"}
)
"""What a relationship keeps, whether its definition is published or not."""


def find_frozen_reason(
    kind: str, path: Sequence[str], *, is_published: bool
) -> FrozenReason | None:
    """Return why an update keeps the stored value at *path*; None if it does not.

    Args:
        kind: ObjectDefinition, ListTypeDefinition or ObjectFolder.
        path: Where the property stands, as in a difference of two documents.
        is_published: The stored definition is published.
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
"""What a definition has where its item is silent."""

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
    """Return what a POST or a PUT makes of *item*, before relationships are linked.

    *active* is left to the caller, since it depends on the status.
    """
    before = stored.body if stored else {}
    was_published = stored is not None and stored.status == APPROVED
    kept = {name: before[name] for name in _KEPT_WHEN_ABSENT if name in before}
    body = kept | {
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
    """Return what a PATCH makes of a definition: single values and labels change."""
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
    """Say whether *item* holds parts that a PATCH leaves alone, as Liferay does."""
    return any(is_ignored_by_patch(name, value) for name, value in item.items())


def is_ignored_by_patch(name: str, value: object) -> bool:
    """Return True if a PATCH of a definition ignores this property."""
    is_nested = name not in DEFINITION_SERVER_SET and name not in _PATCHED
    return isinstance(value, (dict, list)) and (is_nested or name == "status")


def build_placeholder_body(erc: str, name: str) -> Body:
    """Return a definition of which only ERC and name are known."""
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
    """Return the item's relationships; a placeholder's own go on beside them.

    A relationship that is there keeps its type and its child. What a placeholder has
    was only concluded from the other side, and gives way.
    """
    before = stored.body["objectRelationships"] if stored else []
    by_name = {each["name"]: each for each in before}
    own = body["externalReferenceCode"]
    found = [
        _normalize_relationship(
            relationship, by_name.get(relationship.get("name"), {}), own
        )
        for relationship in body["objectRelationships"]
    ]
    if stored and not stored.is_placeholder:
        found = [
            _keep_frozen(each, by_name.get(each.get("name"), {})) for each in found
        ]
    if stored and stored.is_placeholder:
        names = {each.get("name") for each in found}
        found += [each for each in before if each["name"] not in names]
    return found


def _keep_frozen(relationship: Body, stored: Body) -> Body:
    kept = {
        name: stored[name] for name in FROZEN_RELATIONSHIP_PROPERTIES if name in stored
    }
    if kept.items() <= relationship.items():
        return relationship
    kept["objectDefinitionName2"] = stored.get("objectDefinitionName2")
    return relationship | kept


def _normalize_relationship(relationship: Body, stored: Body, own: str) -> Body:
    kept = {
        name: value
        for name, value in relationship.items()
        if name not in _RELATIONSHIP_SERVER_SET
    }
    kept["objectDefinitionExternalReferenceCode1"] = own
    for name, value in (("deletionType", "prevent"), ("type", None)):
        kept[name] = kept.get(name) or value
    if not kept.get("externalReferenceCode") and "externalReferenceCode" in stored:
        kept["externalReferenceCode"] = stored["externalReferenceCode"]
    if isinstance(kept.get("objectField"), dict):
        kept["objectField"] = remove_ids(kept["objectField"])
    return kept


def _remove_setting_ids(settings: list[Body]) -> list[Body]:
    ids = {"id", "objectDefinitionId"}
    return [{k: v for k, v in setting.items() if k not in ids} for setting in settings]


def complete_definition(body: Body) -> Body:
    """Return a definition that an installation gave out, as one is stored."""
    completed = {
        "active": False,
        "objectRelationships": [],
        **DEFINITION_DEFAULTS,
        **body,
    }
    fields = select_custom_fields(completed.get("objectFields") or ())
    return completed | {"objectFields": fields}


def derive_output(definition: StoredDocument) -> Body:
    """Return what an installation adds to a definition that it gives out."""
    return {
        "objectFields": [*SYSTEM_FIELDS, *definition.body["objectFields"]],
        "parameterRequired": False,
        "restContextPath": rest_context_path(definition.name),
        "status": build_status(definition.status),
    }


def build_status(code: int) -> Body:
    """Return a status as Liferay shows it."""
    label = _LABELS_OF_STATUS.get(code, "")
    return {"code": code, "label": label, "label_i18n": label.capitalize()}


def is_system_definition(definition: Body) -> bool:
    """Say whether every Liferay has the definition, and lets nobody replace it."""
    return is_true(definition.get("system")) and not is_true(
        definition.get("modifiable")
    )
