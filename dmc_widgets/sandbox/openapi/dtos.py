"""The DTO classes of Liferay's APIs: what their schemas contain beside plain types.

The properties of definitions, picklists, folders and their parts stand with the rules
of their kinds; those of all other classes are here, as are the classes, choices and
formats of single properties. The source is ``docs/liferay/objects.md``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

PropertyTypes = Mapping[str, str]
"""The type of each property by its name: a type of OpenAPI, or ``any``."""

OBJECT_ADMIN: Final = "com.liferay.object.admin.rest.dto.v1_0"
BATCH_ENGINE: Final = "com.liferay.headless.batch.engine.dto.v1_0"
OBJECT_REST: Final = "com.liferay.object.rest.dto.v1_0"
BATCH_PLANNER: Final = "com.liferay.batch.planner.rest.dto.v1_0"
DELIVERY: Final = "com.liferay.headless.delivery.dto.v1_0"


def types_by_name(**names: str) -> dict[str, str]:
    """Return the type of each property.

    Args:
        names: For each type the names of its properties, separated by spaces.
    """
    return {name: type_ for type_, some in names.items() for name in some.split()}


_SCOPE: Final = types_by_name(integer="value", string="label")
_TASK: Final = types_by_name(
    integer="id processedItemsCount totalItemsCount",
    string="className contentType endTime errorMessage executeStatus "
    "externalReferenceCode startTime",
)

CLASSES: Final[Mapping[str, tuple[str, PropertyTypes]]] = {
    "AssetLibraryScope": (BATCH_PLANNER, _SCOPE),
    "AuditEvent": (
        OBJECT_REST,
        types_by_name(
            array="auditFieldChanges", object="creator", string="dateCreated eventType"
        ),
    ),
    "AuditFieldChange": (
        OBJECT_REST,
        types_by_name(any="newValue oldValue", string="name"),
    ),
    "Creator": (
        DELIVERY,
        types_by_name(
            array="userGroupBriefs",
            integer="id",
            string="additionalName contentType externalReferenceCode familyName "
            "givenName image name profileURL",
        ),
    ),
    "ExportTask": (BATCH_ENGINE, _TASK),
    "FailedItem": (
        BATCH_ENGINE,
        types_by_name(integer="itemIndex", string="item message"),
    ),
    "Field": (
        BATCH_PLANNER,
        types_by_name(
            array="unsupportedFormats",
            boolean="required",
            string="anyOfGroup description name type",
        ),
    ),
    "ImportTask": (
        BATCH_ENGINE,
        _TASK | types_by_name(array="failedItems", string="importStrategy operation"),
    ),
    "Mapping": (
        BATCH_PLANNER,
        types_by_name(
            integer="id planId",
            string="externalFieldName externalFieldType internalFieldName "
            "internalFieldType script",
        ),
    ),
    "ObjectDefinitionSetting": (
        OBJECT_ADMIN,
        types_by_name(any="value", integer="id objectDefinitionId", string="name"),
    ),
    "ObjectFieldSetting": (
        OBJECT_ADMIN,
        types_by_name(any="value", integer="id objectFieldId", string="name"),
    ),
    "ObjectFolderItem": (
        OBJECT_ADMIN,
        types_by_name(
            boolean="linkedObjectDefinition",
            integer="positionX positionY",
            object="objectDefinition",
            string="objectDefinitionExternalReferenceCode",
        ),
    ),
    "ObjectLayoutBox": (
        OBJECT_ADMIN,
        types_by_name(
            array="objectLayoutRows",
            boolean="collapsable",
            integer="id priority",
            object="name",
            string="type",
        ),
    ),
    "ObjectLayoutColumn": (
        OBJECT_ADMIN,
        types_by_name(integer="id priority size", string="objectFieldName"),
    ),
    "ObjectLayoutRow": (
        OBJECT_ADMIN,
        types_by_name(array="objectLayoutColumns", integer="id priority"),
    ),
    "ObjectLayoutTab": (
        OBJECT_ADMIN,
        types_by_name(
            array="objectLayoutBoxes",
            integer="id objectRelationshipId priority",
            object="name",
            string="objectRelationshipExternalReferenceCode",
        ),
    ),
    "ObjectValidationRuleSetting": (
        OBJECT_ADMIN,
        types_by_name(any="value", string="name"),
    ),
    "ObjectViewColumn": (
        OBJECT_ADMIN,
        types_by_name(integer="id priority", object="label", string="objectFieldName"),
    ),
    "ObjectViewFilterColumn": (
        OBJECT_ADMIN,
        types_by_name(
            integer="id", string="filterType json objectFieldName valueSummary"
        ),
    ),
    "ObjectViewSortColumn": (
        OBJECT_ADMIN,
        types_by_name(integer="id priority", string="objectFieldName sortOrder"),
    ),
    "Plan": (
        BATCH_PLANNER,
        types_by_name(
            array="mappings policies",
            boolean="active export template",
            integer="id size status total",
            string="externalType externalURL internalClassName internalClassNameKey "
            "name taskItemDelegateName",
        ),
    ),
    "Policy": (
        BATCH_PLANNER,
        types_by_name(integer="id planId", string="name value"),
    ),
    "SiteScope": (BATCH_PLANNER, _SCOPE),
    "Status": (OBJECT_ADMIN, types_by_name(integer="code", string="label label_i18n")),
    "Strategy": (BATCH_PLANNER, types_by_name(string="name type")),
    "TaxonomyCategoryBrief": (
        OBJECT_REST,
        types_by_name(
            any="embeddedTaxonomyCategory",
            integer="taxonomyCategoryId",
            object="taxonomyCategoryName_i18n",
            string="taxonomyCategoryName",
        ),
    ),
    "UserGroupBrief": (DELIVERY, types_by_name(integer="id", string="name")),
    "WorkflowDefinitionLink": (
        OBJECT_ADMIN,
        types_by_name(string="groupExternalReferenceCode workflowDefinitionName"),
    ),
}
"""The package and the properties of each class that is nested in others."""

REFERENCES: Final[Mapping[str, str]] = {
    "auditEvents": "AuditEvent",
    "auditFieldChanges": "AuditFieldChange",
    "creator": "Creator",
    "failedItems": "FailedItem",
    "listTypeEntries": "ListTypeEntry",
    "mappings": "Mapping",
    "objectActions": "ObjectAction",
    "objectDefinition": "ObjectDefinition",
    "objectDefinitionSettings": "ObjectDefinitionSetting",
    "objectField": "ObjectField",
    "objectFieldSettings": "ObjectFieldSetting",
    "objectFields": "ObjectField",
    "objectFolderItems": "ObjectFolderItem",
    "objectLayoutBoxes": "ObjectLayoutBox",
    "objectLayoutColumns": "ObjectLayoutColumn",
    "objectLayoutRows": "ObjectLayoutRow",
    "objectLayoutTabs": "ObjectLayoutTab",
    "objectLayouts": "ObjectLayout",
    "objectRelationships": "ObjectRelationship",
    "objectValidationRuleSettings": "ObjectValidationRuleSetting",
    "objectValidationRules": "ObjectValidationRule",
    "objectViewColumns": "ObjectViewColumn",
    "objectViewFilterColumns": "ObjectViewFilterColumn",
    "objectViewSortColumns": "ObjectViewSortColumn",
    "objectViews": "ObjectView",
    "policies": "Policy",
    "status": "Status",
    "taxonomyCategoryBriefs": "TaxonomyCategoryBrief",
    "userGroupBriefs": "UserGroupBrief",
    "workflowDefinitionLinks": "WorkflowDefinitionLink",
}
"""The class of the property of each name, or of the elements of its list."""

_DB_TYPES: Final = "BigDecimal Boolean Clob Date DateTime Double Integer Long String"

CHOICES: Final[Mapping[str, str]] = {
    "ExportTask.executeStatus": "COMPLETED FAILED INITIAL STARTED",
    "ImportTask.executeStatus": "COMPLETED FAILED INITIAL STARTED",
    "ImportTask.importStrategy": "ON_ERROR_CONTINUE ON_ERROR_FAIL",
    "ImportTask.operation": "CREATE DELETE UPDATE",
    "ObjectField.DBType": _DB_TYPES,
    "ObjectField.businessType": "Aggregation Assignee Attachment AutoIncrement Boolean "
    "Date DateTime Decimal EmailAddress Encrypted Formula Integer LongInteger LongText "
    "MultiselectPicklist PhoneNumber Picklist PrecisionDecimal Relationship RichText "
    "Text",
    "ObjectField.readOnly": "conditional false true",
    "ObjectField.relationshipType": "oneToMany oneToOne",
    "ObjectField.type": _DB_TYPES,
    "ObjectLayoutBox.type": "categorization regular seo",
    "ObjectRelationship.deletionType": "cascade disassociate prevent",
    "ObjectRelationship.type": "oneToMany oneToOne manyToMany",
    "ObjectValidationRule.outputType": "fullValidation partialValidation",
    "ObjectViewFilterColumn.filterType": "excludes includes",
    "ObjectViewSortColumn.sortOrder": "asc desc",
}
"""The values of a property that has only some, by class and name."""

READ_ONLY: Final[Mapping[str, frozenset[str]]] = {
    "Creator": frozenset(CLASSES["Creator"][1]) - {"userGroupBriefs"},
    "ObjectDefinition": frozenset({"creator"}),
    "ObjectField": frozenset({"relationshipType", "unique"}),
    "ObjectRelationship": frozenset({"reverse"}),
    "ObjectValidationRule": frozenset({"engineLabel"}),
    "ObjectViewFilterColumn": frozenset({"valueSummary"}),
    "Plan": frozenset({"internalClassNameKey"}),
    "UserGroupBrief": frozenset({"id", "name"}),
}
"""Read-only properties beside the actions, the id and the dates of every class."""

WRITABLE_IDS: Final = frozenset(
    {"ExportTask", "ImportTask", "Mapping", "Plan", "Policy"}
)
"""The classes whose id is not read-only."""

TEXT_LISTS: Final = frozenset({"unsupportedFormats"})
"""Lists whose elements are texts."""

INT32: Final = frozenset(
    [
        "code",
        "itemIndex",
        "positionX",
        "positionY",
        "priority",
        "processedItemsCount",
        "size",
        "status",
        "total",
        "totalItemsCount",
    ]
)
"""Integers of 32 bits; all others have 64."""

DATES: Final = frozenset({"dateCreated", "dateModified", "endTime", "startTime"})
"""Texts that are a date with a time."""
