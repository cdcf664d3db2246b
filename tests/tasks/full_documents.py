"""A definition and a picklist with every property that today's servers know."""

from __future__ import annotations

from typing import Any

from tests.factories import definition, field_settings
from tests.sandbox.conftest import field

ERC = "externalReferenceCode"

HUES: dict[str, Any] = {
    ERC: "FULL_HUES",
    "name": "Full Hues",
    "name_i18n": {"en_US": "Full Hues"},
    "listTypeEntries": [
        {
            ERC: "FULL_RED",
            "key": "red",
            "name": "Red",
            "name_i18n": {"en_US": "Red"},
            "system": True,
            "type": "colour",
        }
    ],
}

PARENT: dict[str, Any] = definition(
    "FullParent",
    field("title", "Text"),
    externalReferenceCode="FULL_PARENT",
    objectRelationships=[
        {
            ERC: "FULL_REL",
            "deletionType": "disassociate",
            "label": {"en_US": "Children"},
            "name": "children",
            "objectDefinitionExternalReferenceCode1": "FULL_PARENT",
            "objectDefinitionExternalReferenceCode2": "FULL_CHILD",
            "type": "oneToMany",
        }
    ],
)

CHILD: dict[str, Any] = definition(
    "FullChild",
    field(
        "title",
        "Text",
        description={"en_US": "What it is called"},
        externalReferenceCode="FULL_TITLE",
        indexed=True,
        indexedAsKeyword=True,
        localized=False,
        objectFieldSettings=field_settings(showCounter=True, maxLength=40),
        readOnly="conditional",
        readOnlyConditionExpression="title == 'x'",
    ),
    field(
        "hue",
        "Picklist",
        listTypeDefinitionExternalReferenceCode="FULL_HUES",
    ),
    field("mail", "EmailAddress"),
    accountEntryRestricted=False,
    defaultLanguageId="en_US",
    enableCategorization=False,
    enableComments=True,
    enableFormContainer=False,
    enableFriendlyURLCustomization=True,
    enableIndexSearch=False,
    enableObjectEntryDraft=True,
    enableObjectEntryHistory=True,
    enableObjectEntrySchedule=True,
    enableObjectEntrySubscription=True,
    enableObjectEntryVersioning=True,
    externalReferenceCode="FULL_CHILD",
    friendlyURLSeparator="full-child",
    objectActions=[
        {
            "active": True,
            "conditionExpression": "title == 'x'",
            "description": "Tells somebody",
            "errorMessage": {"en_US": "It failed"},
            ERC: "FULL_ACTION",
            "label": {"en_US": "Tell"},
            "name": "tell",
            "objectActionExecutorKey": "webhook",
            "objectActionTriggerKey": "onAfterAdd",
            "parameters": {"secret": "", "url": "https://example.com/hook"},
            "system": False,
        }
    ],
    objectDefinitionSettings=[{"name": "acceptedGroup", "value": "north"}],
    objectLayouts=[
        {
            "defaultObjectLayout": True,
            "name": {"en_US": "Layout"},
            "objectLayoutTabs": [
                {
                    "name": {"en_US": "Tab"},
                    "objectLayoutBoxes": [
                        {
                            "collapsable": True,
                            "name": {"en_US": "Box"},
                            "objectLayoutRows": [
                                {
                                    "objectLayoutColumns": [
                                        {
                                            "objectFieldName": "title",
                                            "priority": 0,
                                            "size": 12,
                                        }
                                    ],
                                    "priority": 0,
                                }
                            ],
                            "priority": 0,
                            "type": "regular",
                        },
                        {
                            "name": {"en_US": "Found"},
                            "objectLayoutRows": [],
                            "priority": 1,
                            "type": "seo",
                        },
                    ],
                    "priority": 0,
                }
            ],
        }
    ],
    objectValidationRules=[
        {
            "active": True,
            "engine": "ddm",
            "errorLabel": {"en_US": "Too short"},
            ERC: "FULL_RULE",
            "name": {"en_US": "Length"},
            "objectValidationRuleSettings": [
                {
                    "name": "outputObjectFieldExternalReferenceCode",
                    "value": "FULL_TITLE",
                }
            ],
            "outputType": "partialValidation",
            "script": "length(title) > 2",
            "system": False,
        }
    ],
    objectViews=[
        {
            "defaultObjectView": True,
            ERC: "FULL_VIEW",
            "name": {"en_US": "View"},
            "objectViewColumns": [
                {"label": {"en_US": "T"}, "objectFieldName": "title", "priority": 0}
            ],
            "objectViewFilterColumns": [],
            "objectViewSortColumns": [
                {"objectFieldName": "title", "priority": 0, "sortOrder": "asc"}
            ],
        }
    ],
    panelCategoryKey="control_panel.object",
    titleObjectFieldName="title",
)
