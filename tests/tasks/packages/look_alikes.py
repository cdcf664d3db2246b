"""A package of twenty files in the shapes that people make for Liferay.

Workspaces, courses and demos have them: bare definitions whose parts come in files of
their own, files that Liferay's batch engine takes although they state words that it
does not know, entries of sites, attachments beside them, a pair of the old kind, and
what the buttons of the Objects page export.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from tests.tasks.packages.batch_files import SUFFIX

ERC: Final = "externalReferenceCode"
_ADMIN: Final = "com.liferay.object.admin.rest.dto.v1_0"
_ENTRY: Final = "com.liferay.object.rest.dto.v1_0.ObjectEntry"
_TOKEN: Final = "@batch_object_entry_file_base64@"


def _file(
    class_name: str,
    items: list[dict[str, Any]],
    *,
    delegate: str = "DEFAULT",
    strategy: str = "UPSERT",
    parent: str = "",
    more: Mapping[str, Any] | None = None,
    **parameters: Any,
) -> bytes:
    """Return a batch file, with a tab before each line as workspaces have them."""
    data = {
        "configuration": {
            "className": class_name,
            "parameters": {
                "containsHeaders": "true",
                "createStrategy": strategy,
                "onErrorFail": "false",
                "updateStrategy": "UPDATE",
                **({ERC: parent} if parent else {}),
                **parameters,
            },
            "taskItemDelegateName": delegate,
            **(more or {}),
        },
        "items": items,
    }
    return json.dumps(data, indent="\t").encode()


def _field(name: str, kind: str = "Text", db: str = "String", **more: Any) -> Any:
    return {
        "DBType": db,
        "businessType": kind,
        ERC: f"FIELD_{name.upper()}",
        "indexed": True,
        "indexedAsKeyword": False,
        "indexedLanguageId": "en_US" if db == "String" else "",
        "label": {"en_US": name.title()},
        "localized": False,
        "name": name,
        "objectFieldSettings": [],
        "readOnly": "false",
        "readOnlyConditionExpression": "",
        "required": False,
        "state": False,
        "system": False,
        "type": db,
        "unique": False,
        **more,
    }


def _definition(name: str, code: str, *fields: Any, **more: Any) -> dict[str, Any]:
    return {
        "accountEntryRestricted": False,
        "active": True,
        ERC: code,
        "label": {"en_US": name},
        "name": name,
        "objectFields": [*fields],
        "panelCategoryKey": "control_panel.object",
        "pluralLabel": {"en_US": f"{name}s"},
        "scope": "company",
        "status": {"code": 0, "label": "approved", "label_i18n": "Approved"},
        "titleObjectFieldName": "id",
        **more,
    }


_STATES: Final = {
    ERC: "REVIEW_STATES",
    "listTypeEntries": [
        {
            ERC: f"STATE_{key.upper()}",
            "key": key,
            "name": name,
            "name_i18n": {"en-US": name},
            "type": "",
        }
        for key, name in (
            ("approved", "Approved"),
            ("denied", "Denied"),
            ("underReview", "Under Review"),
        )
    ],
    "name": "Review States",
    "name_i18n": {"en-US": "Review States"},
}
_STATE_FIELD: Final = _field(
    "reviewState",
    "Picklist",
    defaultValue="underReview",
    listTypeDefinitionExternalReferenceCode="REVIEW_STATES",
    objectFieldSettings=[
        {
            "name": "stateFlow",
            "value": {
                "objectStates": [
                    {
                        "key": key,
                        "objectStateTransitions": [{"key": other} for other in others],
                    }
                    for key, others in (
                        ("underReview", ("approved", "denied")),
                        ("approved", ("underReview",)),
                        ("denied", ("underReview",)),
                    )
                ]
            },
        },
        {"name": "defaultValueType", "value": "inputAsValue"},
        {"name": "defaultValue", "value": "underReview"},
    ],
    required=True,
    state=True,
)
_PHOTO_FIELD: Final = _field(
    "photo",
    "Attachment",
    "Long",
    objectFieldSettings=[
        {"name": "acceptedFileExtensions", "value": "jpeg, jpg, pdf, png"},
        {"name": "fileSource", "value": "userComputer"},
        {"name": "maximumFileSize", "value": 100},
        {"name": "showFilesInDocumentsAndMedia", "value": False},
    ],
)
_RELATIONSHIP: Final = {
    "deletionType": "cascade",
    ERC: "APPLICATION_TO_REVIEW",
    "label": {"en_US": "Application to Review"},
    "name": "applicationToReview",
    "objectDefinitionExternalReferenceCode1": "PKG_APPLICATION",
    "objectDefinitionExternalReferenceCode2": "PKG_REVIEW",
    "objectDefinitionModifiable2": True,
    "objectDefinitionName2": "PkgReview",
    "objectDefinitionScope2": "company",
    "objectDefinitionSystem2": False,
    "objectField": _field(
        "r_applicationToReview_c_pkgApplicationId",
        "Relationship",
        "Long",
        listTypeDefinitionId=0,
        objectDefinitionExternalReferenceCode1="PKG_APPLICATION",
        objectFieldSettings=[
            {"name": "objectDefinition1ShortName", "value": "PkgApplication"},
            {
                "name": "objectRelationshipERCObjectFieldName",
                "value": "r_applicationToReview_c_pkgApplicationERC",
            },
        ],
        objectRelationshipExternalReferenceCode="APPLICATION_TO_REVIEW",
        relationshipType="oneToMany",
        required=True,
    ),
    "parameterObjectFieldName": "",
    "reverse": False,
    "system": False,
    "type": "oneToMany",
}
_USER_RELATIONSHIP: Final = {
    "deletionType": "prevent",
    ERC: "USER_TO_APPLICATION",
    "label": {"en_US": "User to Application"},
    "name": "userToPkgApplication",
    "objectDefinitionExternalReferenceCode1": "L_USER",
    "objectDefinitionExternalReferenceCode2": "PKG_APPLICATION",
    "type": "oneToMany",
}
_LAYOUT: Final = {
    "defaultObjectLayout": True,
    "name": {"en_US": "Basic Layout"},
    "objectDefinitionExternalReferenceCode": "PKG_REVIEW",
    "objectLayoutTabs": [
        {
            "name": {"en_US": "Review"},
            "objectLayoutBoxes": [
                {
                    "collapsable": False,
                    "name": {"en_US": "General Information"},
                    "objectLayoutRows": [
                        {
                            "objectLayoutColumns": [
                                {"objectFieldName": name, "priority": 0, "size": 6}
                                for name in ("remark", "reviewState")
                            ],
                            "priority": 0,
                        }
                    ],
                    "priority": 0,
                    "type": "regular",
                }
            ],
            "objectRelationshipId": 0,
            "priority": 0,
        }
    ],
}
_VIEW: Final = {
    "defaultObjectView": True,
    ERC: "REVIEW_VIEW",
    "name": {"en_US": "Basic View"},
    "objectDefinitionExternalReferenceCode": "PKG_REVIEW",
    "objectViewColumns": [
        {"label": {"en_US": "ID"}, "objectFieldName": "id", "priority": 0},
        {"label": {"en_US": "Remark"}, "objectFieldName": "remark", "priority": 1},
    ],
}
_RULE: Final = {
    "active": True,
    "engine": "ddm",
    "errorLabel": {"en_US": "A remark is too short."},
    ERC: "REVIEW_RULE",
    "name": {"en_US": "Length"},
    "objectDefinitionExternalReferenceCode": "PKG_REVIEW",
    "objectValidationRuleSettings": [],
    "outputType": "fullValidation",
    "script": "isEmpty(remark) == false",
    "system": False,
}
_ACTION: Final = {
    "active": True,
    "conditionExpression": "",
    "description": "",
    "errorMessage": {},
    ERC: "REVIEW_ACTION",
    "label": {"en_US": "Call"},
    "name": "callOther",
    "objectActionExecutorKey": "webhook",
    "objectActionTriggerKey": "onAfterAdd",
    "parameters": {"url": "https://localhost/reviewed"},
    "system": False,
}


def _entry_file(name: str, items: list[dict[str, Any]], **parameters: Any) -> bytes:
    return _file(
        _ENTRY,
        items,
        delegate=f"C_{name}",
        taskItemDelegateName=f"C_{name}",
        more={"companyId": 0, "userId": 0, "version": "v1.0"},
        **parameters,
    )


def _application(number: int) -> dict[str, Any]:
    return {
        "dateCreated": "2023-05-04T21:49:04Z",
        "dateModified": "2023-05-04T21:49:04Z",
        ERC: f"APPLICATION_{number}",
        "keywords": [],
        "taxonomyCategoryIds": [],
        "status": {"code": 0, "label": "approved", "label_i18n": "Approved"},
        "businessName": f"Glasses & Co. {number}",
        "photo": {"fileBase64": _TOKEN, "name": "front.png"},
    }


def _review(number: int) -> dict[str, Any]:
    return {
        ERC: f"REVIEW_{number}",
        "remark": "Looks “good”",
        "response": "A longer text\nin two lines",
        "reviewState": {"key": "underReview", "name": "Under Review"},
        "r_applicationToReview_c_pkgApplicationERC": f"APPLICATION_{number}",
    }


_CLASSIC: Final = {
    "className": _ENTRY,
    "companyId": 0,
    "parameters": {"createStrategy": "UPSERT", "updateStrategy": "UPDATE"},
    "taskItemDelegateName": "C_PkgBranch",
    "userId": 0,
    "version": "v1.0",
}
_EXPORTED_FOLDER: Final = {
    ERC: "PKG_EXPORTED_FOLDER",
    "label": {"en_US": "Purchasing"},
    "name": "PkgPurchasing",
    "objectFolderItems": [],
}
_EXPORTED: Final = _definition(
    "PkgOrder",
    "PKG_ORDER",
    _field("number"),
    objectFolderExternalReferenceCode="PKG_EXPORTED_FOLDER",
    restContextPath="/o/c/whatever",
    objectActions=[],
    objectLayouts=[],
    objectRelationships=[],
    objectValidationRules=[],
    objectViews=[],
)
LEFT_OUT: Final = {
    f"batch/18-role{SUFFIX}": _file(
        "com.liferay.headless.admin.user.dto.v1_0.Role",
        [{ERC: "MANAGER", "name": "Manager", "roleType": "regular"}],
    ),
    f"batch/19-workflow{SUFFIX}": _file(
        "com.liferay.headless.admin.workflow.dto.v1_0.WorkflowDefinition",
        [{"active": True, "name": "Approval", "title": "Approval"}],
        strategy="INSERT",
    ),
    f"batch/20-notification{SUFFIX}": _file(
        "com.liferay.notification.rest.dto.v1_0.NotificationTemplate",
        [{ERC: "MAIL", "name": "Mail", "type": "email"}] * 2,
    ),
}
"""Files whose items do not move."""

FILES: Final[Mapping[str, bytes]] = {
    f"batch/00-list-type-definition{SUFFIX}": _file(
        "com.liferay.headless.admin.list.type.dto.v1_0.ListTypeDefinition", [_STATES]
    ),
    f"batch/01-object-folder{SUFFIX}": _file(
        f"{_ADMIN}.ObjectFolder",
        [
            {
                ERC: "PKG_FOLDER",
                "label": {"en_US": "Reviews"},
                "name": "PkgReviews",
                "objectFolderItems": [],
            }
        ],
        onErrorFail="ON_ERROR_FAIL",
    ),
    f"batch/02-object-definition{SUFFIX}": _file(
        f"{_ADMIN}.ObjectDefinition",
        [
            _definition(
                "PkgApplication",
                "PKG_APPLICATION",
                _field("businessName", required=True),
                _PHOTO_FIELD,
                objectFolderExternalReferenceCode="PKG_FOLDER",
                titleObjectFieldName="businessName",
            ),
            _definition(
                "PkgReview",
                "PKG_REVIEW",
                _field("remark"),
                objectFolderExternalReferenceCode="PKG_FOLDER",
            ),
        ],
        onErrorFail="true",
        importStrategy="ON_ERROR_FAIL",
        updateStrategy="PARTIAL_UPDATE",  # to overwrite would delete their parts
    ),
    f"batch/03-add-fields{SUFFIX}": _file(
        f"{_ADMIN}.ObjectField",
        [
            _STATE_FIELD,
            _field("response", "LongText", "Clob"),
        ],
        onErrorFail="ON_ERROR_FAIL",
        parent="PKG_REVIEW",
    ),
    f"batch/04-add-relationship{SUFFIX}": _file(
        f"{_ADMIN}.ObjectRelationship",
        [_RELATIONSHIP],
        onErrorFail="ON_ERROR_FAIL",
        parent="PKG_APPLICATION",
    ),
    f"batch/05-user-relationship{SUFFIX}": _file(
        f"{_ADMIN}.ObjectRelationship", [_USER_RELATIONSHIP], parent="L_USER"
    ),
    f"batch/06-add-layout{SUFFIX}": _file(
        f"{_ADMIN}.ObjectLayout", [_LAYOUT], parent="PKG_REVIEW"
    ),
    f"batch/07-add-view{SUFFIX}": _file(
        f"{_ADMIN}.ObjectView", [_VIEW], onErrorFail=False, parent="PKG_REVIEW"
    ),
    f"batch/08-add-rule{SUFFIX}": _file(
        f"{_ADMIN}.ObjectValidationRule", [_RULE], parent="PKG_REVIEW"
    ),
    f"batch/09-add-action{SUFFIX}": _file(
        f"{_ADMIN}.ObjectAction", [_ACTION], parent="PKG_REVIEW"
    ),
    f"batch/10-object-definition{SUFFIX}": _file(
        f"{_ADMIN}.ObjectDefinition",
        [
            _definition("PkgShop", "PKG_SHOP", _field("city"), scope="site"),
            _definition("PkgBranch", "PKG_BRANCH", _field("city")),
        ],
        more={"multiCompany": False, "callbackURL": None},
    ),
    f"batch/11-shops{SUFFIX}": _entry_file(
        "PkgShop", [{ERC: "SHOP_1", "city": "Here"}], siteId="L_GUEST"
    ),
    f"batch/12-shops{SUFFIX}": _entry_file(
        "PkgShop",
        [{ERC: "SHOP_1", "city": "There"}],
        siteExternalReferenceCode="L_GLOBAL",
    ),
    f"batch/13-applications{SUFFIX}": _entry_file(
        "PkgApplication", [_application(1), _application(2)]
    ),
    "batch/attachments/APPLICATION_1/front.png": b"one",
    "batch/attachments/APPLICATION_2/front.png": b"the other",
    f"batch/14-reviews{SUFFIX}": _entry_file(
        "PkgReview", [_review(1), _review(2)], onErrorFail="ON_ERROR_CONTINUE"
    ),
    "batch/15-branches/batch-engine.json": json.dumps(_CLASSIC).encode(),
    "batch/15-branches/branches.csv": (
        b"externalReferenceCode,city\r\nBRANCH_1,Far\r\nBRANCH_2,Near\r\n"
    ),
    "batch/16-exported/Object_Folder_Purchasing_1.json": json.dumps(
        _EXPORTED_FOLDER
    ).encode(),
    "batch/17-exported/Object_Definition_PkgOrder_2.json": json.dumps(
        _EXPORTED
    ).encode(),
    **LEFT_OUT,
    "client-extension.yaml": b"assemble:\n    - from: batch\n      into: batch\n",
}
"""The files of the package by their paths."""
