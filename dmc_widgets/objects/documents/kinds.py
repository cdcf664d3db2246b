"""Does an item have the shape of its kind? The rules may then rely on it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from ...model.outcome import Problem
from ..errors.document_problem_types import DocumentProblemType
from .change_set import DEFINITION, FOLDER, PICKLIST

Shape = Mapping[str, Any]
"""Property names and the type each must have: a type, a shape, or a list with the
shape of its elements. Null stands for absence, and unlisted properties are free."""

_CLASSES: Final = {
    bool: "Boolean",
    dict: "Map",
    int: "Integer",
    list: "List",
    str: "String",
}

LABELS: Final = dict

_SETTING: Final[Shape] = {"name": str}

_FIELD: Final[Shape] = {
    "DBType": str,
    "businessType": str,
    "externalReferenceCode": str,
    "indexed": bool,
    "indexedAsKeyword": bool,
    "indexedLanguageId": str,
    "label": LABELS,
    "listTypeDefinitionExternalReferenceCode": str,
    "localized": bool,
    "name": str,
    "objectDefinitionExternalReferenceCode1": str,
    "objectFieldSettings": [_SETTING],
    "objectRelationshipExternalReferenceCode": str,
    "relationshipType": str,
    "required": bool,
    "state": bool,
    "type": str,
}

_RELATIONSHIP: Final[Shape] = {
    "deletionType": str,
    "externalReferenceCode": str,
    "label": LABELS,
    "name": str,
    "objectDefinitionExternalReferenceCode2": str,
    "objectDefinitionName2": str,
    "objectField": _FIELD,
    "type": str,
}

DEFINITION_SHAPE: Final[Shape] = {
    "accountEntryRestricted": bool,
    "active": bool,
    "defaultLanguageId": str,
    "enableCategorization": bool,
    "enableComments": bool,
    "enableFormContainer": bool,
    "enableFriendlyURLCustomization": bool,
    "enableIndexSearch": bool,
    "enableLocalization": bool,
    "enableObjectEntryDraft": bool,
    "enableObjectEntryHistory": bool,
    "enableObjectEntrySchedule": bool,
    "enableObjectEntrySubscription": bool,
    "enableObjectEntryVersioning": bool,
    "externalReferenceCode": str,
    "label": LABELS,
    "modifiable": bool,
    "name": str,
    "objectActions": [{"externalReferenceCode": str}],
    "objectDefinitionSettings": [_SETTING],
    "objectFields": [_FIELD],
    "objectFolderExternalReferenceCode": str,
    "objectLayouts": [{}],
    "objectRelationships": [_RELATIONSHIP],
    "objectValidationRules": [{"externalReferenceCode": str}],
    "objectViews": [{}],
    "panelCategoryKey": str,
    "pluralLabel": LABELS,
    "portlet": bool,
    "scope": str,
    "status": {"code": int},
    "storageType": str,
    "system": bool,
    "titleObjectFieldName": str,
}

PICKLIST_SHAPE: Final[Shape] = {
    "defaultLanguageId": str,
    "externalReferenceCode": str,
    "listTypeEntries": [
        {"externalReferenceCode": str, "key": str, "name": str, "name_i18n": LABELS}
    ],
    "name": str,
    "name_i18n": LABELS,
}

FOLDER_SHAPE: Final[Shape] = {
    "externalReferenceCode": str,
    "label": LABELS,
    "name": str,
    "objectFolderItems": [
        {
            "linkedObjectDefinition": bool,
            "objectDefinition": {},
            "objectDefinitionExternalReferenceCode": str,
        }
    ],
}

SHAPES: Final[Mapping[str, Shape]] = {
    DEFINITION: DEFINITION_SHAPE,
    FOLDER: FOLDER_SHAPE,
    PICKLIST: PICKLIST_SHAPE,
}


def check_shape(item: Mapping[str, Any], shape: Shape) -> Problem | None:
    """Find the first value of a type that its property cannot have.

    The text is that of Liferay's JSON reader (objects facts, 5.3).
    """
    for path, value, class_name in _misfits(item, shape, ""):
        text = value if isinstance(value, str) else json.dumps(value, default=str)
        shown = json.dumps(value, default=str, ensure_ascii=False)
        return DocumentProblemType.WRONG_TYPE.problem(
            path, shown, path=path, value=text, type=class_name
        )
    return None


def _misfits(
    item: Mapping[str, Any], shape: Shape, prefix: str
) -> Iterator[tuple[str, Any, str]]:
    for name, wanted in shape.items():
        value = item.get(name)
        if value is None:
            continue
        path = f"{prefix}{name}"
        if isinstance(wanted, list):
            yield from _list_misfits(value, wanted[0], path)
        elif isinstance(wanted, dict):
            yield from _object_misfits(value, wanted, path)
        elif not isinstance(value, wanted):
            yield path, value, _CLASSES[wanted]


def _list_misfits(
    value: Any, shape: Shape, path: str
) -> Iterator[tuple[str, Any, str]]:
    if not isinstance(value, list):
        yield path, value, _CLASSES[list]
        return
    for index, element in enumerate(value):
        yield from _object_misfits(element, shape, f"{path}[{index}]")


def _object_misfits(
    value: Any, shape: Shape, path: str
) -> Iterator[tuple[str, Any, str]]:
    if isinstance(value, dict):
        yield from _misfits(value, shape, f"{path}.")
    else:
        yield path, value, _CLASSES[dict]
