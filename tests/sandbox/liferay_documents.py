"""Liferay's own operations and schemas, as its servers describe them.

Read from documents that servers emitted (headless-batch-engine 1.0.29, object-admin
1.0.83); those of picklists are by the names that Liferay gives. A line is a method, a
path, an ``operationId`` and query parameters; or a schema with its properties and their
types, where ``RO`` is read-only, and ``→`` a reference to another schema.
"""

# ruff: noqa: E501

OPERATIONS = {
    "object-admin": """
DELETE /object-actions/batch deleteObjectActionBatch callbackURL
PUT /object-actions/batch putObjectActionBatch callbackURL
DELETE /object-actions/{objectActionId} deleteObjectAction
GET /object-actions/{objectActionId} getObjectAction
PATCH /object-actions/{objectActionId} patchObjectAction
PUT /object-actions/{objectActionId} putObjectAction
GET /object-definitions getObjectDefinitionsPage aggregationTerms filter page pageSize search sort
POST /object-definitions postObjectDefinition accumulateError
DELETE /object-definitions/batch deleteObjectDefinitionBatch callbackURL
POST /object-definitions/batch postObjectDefinitionBatch callbackURL
PUT /object-definitions/batch putObjectDefinitionBatch callbackURL
GET /object-definitions/by-external-reference-code/{externalReferenceCode} getObjectDefinitionByExternalReferenceCode
PUT /object-definitions/by-external-reference-code/{externalReferenceCode} putObjectDefinitionByExternalReferenceCode accumulateError
GET /object-definitions/by-external-reference-code/{externalReferenceCode}/object-actions getObjectDefinitionByExternalReferenceCodeObjectActionsPage page pageSize search sort
POST /object-definitions/by-external-reference-code/{externalReferenceCode}/object-actions postObjectDefinitionByExternalReferenceCodeObjectAction
GET /object-definitions/by-external-reference-code/{externalReferenceCode}/object-fields getObjectDefinitionByExternalReferenceCodeObjectFieldsPage filter page pageSize search sort
POST /object-definitions/by-external-reference-code/{externalReferenceCode}/object-fields postObjectDefinitionByExternalReferenceCodeObjectField
GET /object-definitions/by-external-reference-code/{externalReferenceCode}/object-layouts getObjectDefinitionByExternalReferenceCodeObjectLayoutsPage page pageSize search sort
POST /object-definitions/by-external-reference-code/{externalReferenceCode}/object-layouts postObjectDefinitionByExternalReferenceCodeObjectLayout
GET /object-definitions/by-external-reference-code/{externalReferenceCode}/object-relationships getObjectDefinitionByExternalReferenceCodeObjectRelationshipsPage filter page pageSize search sort
POST /object-definitions/by-external-reference-code/{externalReferenceCode}/object-relationships postObjectDefinitionByExternalReferenceCodeObjectRelationship
GET /object-definitions/by-external-reference-code/{externalReferenceCode}/object-validation-rules getObjectDefinitionByExternalReferenceCodeObjectValidationRulesPage page pageSize search sort
POST /object-definitions/by-external-reference-code/{externalReferenceCode}/object-validation-rules postObjectDefinitionByExternalReferenceCodeObjectValidationRule
GET /object-definitions/by-external-reference-code/{externalReferenceCode}/object-views getObjectDefinitionByExternalReferenceCodeObjectViewsPage page pageSize search sort
POST /object-definitions/by-external-reference-code/{externalReferenceCode}/object-views postObjectDefinitionByExternalReferenceCodeObjectView
POST /object-definitions/export-batch postObjectDefinitionsPageExportBatch callbackURL contentType fieldNames filter search sort
DELETE /object-definitions/{objectDefinitionId} deleteObjectDefinition
GET /object-definitions/{objectDefinitionId} getObjectDefinition
PATCH /object-definitions/{objectDefinitionId} patchObjectDefinition
PUT /object-definitions/{objectDefinitionId} putObjectDefinition
GET /object-definitions/{objectDefinitionId}/object-actions getObjectDefinitionObjectActionsPage page pageSize search sort
POST /object-definitions/{objectDefinitionId}/object-actions postObjectDefinitionObjectAction
POST /object-definitions/{objectDefinitionId}/object-actions/batch postObjectDefinitionObjectActionBatch callbackURL
POST /object-definitions/{objectDefinitionId}/object-actions/export-batch postObjectDefinitionObjectActionsPageExportBatch callbackURL contentType fieldNames search sort
GET /object-definitions/{objectDefinitionId}/object-fields getObjectDefinitionObjectFieldsPage filter page pageSize search sort
POST /object-definitions/{objectDefinitionId}/object-fields postObjectDefinitionObjectField
POST /object-definitions/{objectDefinitionId}/object-fields/batch postObjectDefinitionObjectFieldBatch callbackURL
POST /object-definitions/{objectDefinitionId}/object-fields/export-batch postObjectDefinitionObjectFieldsPageExportBatch callbackURL contentType fieldNames filter search sort
GET /object-definitions/{objectDefinitionId}/object-layouts getObjectDefinitionObjectLayoutsPage page pageSize search sort
POST /object-definitions/{objectDefinitionId}/object-layouts postObjectDefinitionObjectLayout
POST /object-definitions/{objectDefinitionId}/object-layouts/batch postObjectDefinitionObjectLayoutBatch callbackURL
POST /object-definitions/{objectDefinitionId}/object-layouts/export-batch postObjectDefinitionObjectLayoutsPageExportBatch callbackURL contentType fieldNames search sort
GET /object-definitions/{objectDefinitionId}/object-relationships getObjectDefinitionObjectRelationshipsPage filter page pageSize search sort
POST /object-definitions/{objectDefinitionId}/object-relationships postObjectDefinitionObjectRelationship
POST /object-definitions/{objectDefinitionId}/object-relationships/batch postObjectDefinitionObjectRelationshipBatch callbackURL
POST /object-definitions/{objectDefinitionId}/object-relationships/export-batch postObjectDefinitionObjectRelationshipsPageExportBatch callbackURL contentType fieldNames filter search sort
GET /object-definitions/{objectDefinitionId}/object-validation-rules getObjectDefinitionObjectValidationRulesPage page pageSize search sort
POST /object-definitions/{objectDefinitionId}/object-validation-rules postObjectDefinitionObjectValidationRule
POST /object-definitions/{objectDefinitionId}/object-validation-rules/batch postObjectDefinitionObjectValidationRuleBatch callbackURL
POST /object-definitions/{objectDefinitionId}/object-validation-rules/export-batch postObjectDefinitionObjectValidationRulesPageExportBatch callbackURL contentType fieldNames search sort
GET /object-definitions/{objectDefinitionId}/object-views getObjectDefinitionObjectViewsPage page pageSize search sort
POST /object-definitions/{objectDefinitionId}/object-views postObjectDefinitionObjectView
POST /object-definitions/{objectDefinitionId}/object-views/batch postObjectDefinitionObjectViewBatch callbackURL
POST /object-definitions/{objectDefinitionId}/object-views/export-batch postObjectDefinitionObjectViewsPageExportBatch callbackURL contentType fieldNames search sort
POST /object-definitions/{objectDefinitionId}/publish postObjectDefinitionPublish
DELETE /object-fields/batch deleteObjectFieldBatch callbackURL
PUT /object-fields/batch putObjectFieldBatch callbackURL
DELETE /object-fields/{objectFieldId} deleteObjectField
GET /object-fields/{objectFieldId} getObjectField
PATCH /object-fields/{objectFieldId} patchObjectField
PUT /object-fields/{objectFieldId} putObjectField
GET /object-folders getObjectFoldersPage page pageSize search
POST /object-folders postObjectFolder
DELETE /object-folders/batch deleteObjectFolderBatch callbackURL
POST /object-folders/batch postObjectFolderBatch callbackURL
PUT /object-folders/batch putObjectFolderBatch callbackURL
GET /object-folders/by-external-reference-code/{externalReferenceCode} getObjectFolderByExternalReferenceCode
PUT /object-folders/by-external-reference-code/{externalReferenceCode} putObjectFolderByExternalReferenceCode
POST /object-folders/export-batch postObjectFoldersPageExportBatch callbackURL contentType fieldNames search
DELETE /object-folders/{objectFolderId} deleteObjectFolder
GET /object-folders/{objectFolderId} getObjectFolder
PATCH /object-folders/{objectFolderId} patchObjectFolder
PUT /object-folders/{objectFolderId} putObjectFolder
DELETE /object-layouts/batch deleteObjectLayoutBatch callbackURL
PUT /object-layouts/batch putObjectLayoutBatch callbackURL
DELETE /object-layouts/{objectLayoutId} deleteObjectLayout
GET /object-layouts/{objectLayoutId} getObjectLayout
PUT /object-layouts/{objectLayoutId} putObjectLayout
DELETE /object-relationships/batch deleteObjectRelationshipBatch callbackURL
PUT /object-relationships/batch putObjectRelationshipBatch callbackURL
PUT /object-relationships/by-external-reference-code/{externalReferenceCode} putObjectRelationshipByExternalReferenceCode
DELETE /object-relationships/{objectRelationshipId} deleteObjectRelationship
GET /object-relationships/{objectRelationshipId} getObjectRelationship
PUT /object-relationships/{objectRelationshipId} putObjectRelationship
DELETE /object-validation-rules/batch deleteObjectValidationRuleBatch callbackURL
PUT /object-validation-rules/batch putObjectValidationRuleBatch callbackURL
DELETE /object-validation-rules/{objectValidationRuleId} deleteObjectValidationRule
GET /object-validation-rules/{objectValidationRuleId} getObjectValidationRule
PATCH /object-validation-rules/{objectValidationRuleId} patchObjectValidationRule
PUT /object-validation-rules/{objectValidationRuleId} putObjectValidationRule
DELETE /object-views/batch deleteObjectViewBatch callbackURL
PUT /object-views/batch putObjectViewBatch callbackURL
DELETE /object-views/{objectViewId} deleteObjectView
GET /object-views/{objectViewId} getObjectView
PUT /object-views/{objectViewId} putObjectView
POST /object-views/{objectViewId}/copy postObjectViewCopy
GET /openapi.{type} getOpenAPI
""",
    "headless-admin-list-type": """
GET /list-type-definitions getListTypeDefinitionsPage aggregationTerms filter page pageSize search sort
POST /list-type-definitions postListTypeDefinition
DELETE /list-type-definitions/batch deleteListTypeDefinitionBatch callbackURL
POST /list-type-definitions/batch postListTypeDefinitionBatch callbackURL
PUT /list-type-definitions/batch putListTypeDefinitionBatch callbackURL
GET /list-type-definitions/by-external-reference-code/{externalReferenceCode} getListTypeDefinitionByExternalReferenceCode
PUT /list-type-definitions/by-external-reference-code/{externalReferenceCode} putListTypeDefinitionByExternalReferenceCode
GET /list-type-definitions/by-external-reference-code/{externalReferenceCode}/list-type-entries getListTypeDefinitionByExternalReferenceCodeListTypeEntriesPage aggregationTerms filter page pageSize search sort
POST /list-type-definitions/by-external-reference-code/{externalReferenceCode}/list-type-entries postListTypeDefinitionByExternalReferenceCodeListTypeEntry
POST /list-type-definitions/export-batch postListTypeDefinitionsPageExportBatch callbackURL contentType fieldNames filter search sort
DELETE /list-type-definitions/{listTypeDefinitionId} deleteListTypeDefinition
GET /list-type-definitions/{listTypeDefinitionId} getListTypeDefinition
PATCH /list-type-definitions/{listTypeDefinitionId} patchListTypeDefinition
PUT /list-type-definitions/{listTypeDefinitionId} putListTypeDefinition
GET /list-type-definitions/{listTypeDefinitionId}/list-type-entries getListTypeDefinitionListTypeEntriesPage aggregationTerms filter page pageSize search sort
POST /list-type-definitions/{listTypeDefinitionId}/list-type-entries postListTypeDefinitionListTypeEntry
POST /list-type-definitions/{listTypeDefinitionId}/list-type-entries/batch postListTypeDefinitionListTypeEntryBatch callbackURL
POST /list-type-definitions/{listTypeDefinitionId}/list-type-entries/export-batch postListTypeDefinitionListTypeEntriesPageExportBatch callbackURL contentType fieldNames filter search sort
DELETE /list-type-entries/batch deleteListTypeEntryBatch callbackURL
PUT /list-type-entries/batch putListTypeEntryBatch callbackURL
DELETE /list-type-entries/{listTypeEntryId} deleteListTypeEntry
GET /list-type-entries/{listTypeEntryId} getListTypeEntry
PUT /list-type-entries/{listTypeEntryId} putListTypeEntry
GET /openapi.{type} getOpenAPI
""",
    "headless-batch-engine": """
GET /export-task/by-external-reference-code/{externalReferenceCode} getExportTaskByExternalReferenceCode
GET /export-task/by-external-reference-code/{externalReferenceCode}/content getExportTaskByExternalReferenceCodeContent
POST /export-task/{className}/{contentType} postExportTask batchNestedFields callbackURL externalReferenceCode fieldNames taskItemDelegateName
GET /export-task/{exportTaskId} getExportTask
GET /export-task/{exportTaskId}/content getExportTaskContent
GET /import-task/by-external-reference-code/{externalReferenceCode} getImportTaskByExternalReferenceCode
GET /import-task/by-external-reference-code/{externalReferenceCode}/content getImportTaskByExternalReferenceCodeContent
GET /import-task/by-external-reference-code/{externalReferenceCode}/failed-items/report getImportTaskByExternalReferenceCodeFailedItemReport
DELETE /import-task/{className} deleteImportTask_1 callbackURL externalReferenceCode importStrategy taskItemDelegateName
POST /import-task/{className} postImportTask_1 batchRestrictFields callbackURL createStrategy externalReferenceCode fieldNameMapping importStrategy taskItemDelegateName
PUT /import-task/{className} putImportTask_1 callbackURL externalReferenceCode importStrategy taskItemDelegateName updateStrategy
GET /import-task/{importTaskId} getImportTask
GET /import-task/{importTaskId}/content getImportTaskContent
GET /import-task/{importTaskId}/failed-items/report getImportTaskFailedItemReport
GET /openapi.{type} getOpenAPI
""",
}

SCHEMAS = {
    "object-admin": """
Creator: additionalName string RO, contentType string RO, externalReferenceCode string RO, familyName string RO, givenName string RO, id integer:int64 RO, image string RO, name string RO, profileURL string RO, userGroupBriefs →UserGroupBrief[]
Facet: facetCriteria string, facetValues →FacetValue[]
FacetValue: numberOfOccurrences integer:int32, term string
ObjectAction: actions links RO, active boolean, conditionExpression string, dateCreated string:date-time RO, dateModified string:date-time RO, description string, errorMessage texts, externalReferenceCode string, id integer:int64 RO, label texts, name string, objectActionExecutorKey string, objectActionTriggerKey string, parameters map, status →Status, system boolean
ObjectDefinition: accountEntryRestricted boolean, accountEntryRestrictedObjectFieldName string, actions links RO, active boolean, className string, creator →Creator, dateCreated string:date-time RO, dateModified string:date-time RO, defaultLanguageId string, enableCategorization boolean, enableComments boolean, enableFormContainer boolean, enableFriendlyURLCustomization boolean, enableIndexSearch boolean, enableLocalization boolean, enableObjectEntryDraft boolean, enableObjectEntryHistory boolean, enableObjectEntrySchedule boolean, enableObjectEntrySubscription boolean, enableObjectEntryVersioning boolean, externalReferenceCode string, friendlyURLSeparator string, id integer:int64 RO, label texts, modifiable boolean, name string, objectActions →ObjectAction[], objectDefinitionSettings →ObjectDefinitionSetting[], objectFields →ObjectField[], objectFolderExternalReferenceCode string, objectLayouts →ObjectLayout[], objectRelationships →ObjectRelationship[], objectValidationRules →ObjectValidationRule[], objectViews →ObjectView[], panelAppOrder string, panelCategoryKey string, parameterRequired boolean RO, pluralLabel texts, portlet boolean, restContextPath string RO, rootObjectDefinitionExternalReferenceCode string RO, scope string, status →Status, storageType string, system boolean, titleObjectFieldName string, workflowDefinitionLinks →WorkflowDefinitionLink[]
ObjectDefinitionSetting: id integer:int64 RO, name string, objectDefinitionId integer:int64, value object
ObjectField: DBType BigDecimal|Boolean|Clob|Date|DateTime|Double|Integer|Long|String, actions links RO, businessType Aggregation|Assignee|Attachment|AutoIncrement|Boolean|Date|DateTime|Decimal|Encrypted|Formula|Integer|LongInteger|LongText|MultiselectPicklist|Picklist|PrecisionDecimal|Relationship|RichText|Text, defaultValue string, externalReferenceCode string, id integer:int64 RO, indexed boolean, indexedAsKeyword boolean, indexedLanguageId string, label texts, listTypeDefinitionExternalReferenceCode string, listTypeDefinitionId integer:int64, localized boolean, name string, objectDefinitionExternalReferenceCode1 string, objectFieldSettings →ObjectFieldSetting[], objectRelationshipExternalReferenceCode string, readOnly conditional|false|true, readOnlyConditionExpression string, relationshipType oneToMany|oneToOne RO, required boolean, state boolean, system boolean, type BigDecimal|Boolean|Clob|Date|DateTime|Double|Integer|Long|String, unique boolean RO
ObjectFieldSetting: id integer:int64 RO, name string, objectFieldId integer:int64, value object
ObjectFolder: actions links RO, dateCreated string:date-time RO, dateModified string:date-time RO, externalReferenceCode string, id integer:int64 RO, label texts, name string, objectFolderItems →ObjectFolderItem[]
ObjectFolderItem: linkedObjectDefinition boolean, objectDefinition →ObjectDefinition, objectDefinitionExternalReferenceCode string, positionX integer:int32, positionY integer:int32
ObjectLayout: actions links RO, dateCreated string:date-time RO, dateModified string:date-time RO, defaultObjectLayout boolean, id integer:int64 RO, name texts, objectDefinitionExternalReferenceCode string, objectDefinitionId integer:int64, objectLayoutTabs →ObjectLayoutTab[]
ObjectLayoutBox: collapsable boolean, id integer:int64 RO, name texts, objectLayoutRows →ObjectLayoutRow[], priority integer:int32, type categorization|regular|seo
ObjectLayoutColumn: id integer:int64 RO, objectFieldName string, priority integer:int32, size integer:int32
ObjectLayoutRow: id integer:int64 RO, objectLayoutColumns →ObjectLayoutColumn[], priority integer:int32
ObjectLayoutTab: id integer:int64 RO, name texts, objectLayoutBoxes →ObjectLayoutBox[], objectRelationshipExternalReferenceCode string, objectRelationshipId integer:int64, priority integer:int32
ObjectRelationship: actions links RO, deletionType cascade|disassociate|prevent, edge boolean, externalReferenceCode string, id integer:int64 RO, label texts, name string, objectDefinitionExternalReferenceCode1 string, objectDefinitionExternalReferenceCode2 string, objectDefinitionId1 integer:int64, objectDefinitionId2 integer:int64, objectDefinitionModifiable2 boolean, objectDefinitionName2 string, objectDefinitionScope2 string, objectDefinitionSystem2 boolean, objectField →ObjectField, parameterObjectFieldId integer:int64, parameterObjectFieldName string, reverse boolean RO, system boolean, type oneToMany|oneToOne|manyToMany
ObjectValidationRule: actions links RO, active boolean, dateCreated string:date-time RO, dateModified string:date-time RO, engine string, engineLabel string RO, errorLabel texts, externalReferenceCode string, id integer:int64 RO, name texts, objectDefinitionExternalReferenceCode string, objectDefinitionId integer:int64, objectValidationRuleSettings →ObjectValidationRuleSetting[], outputType fullValidation|partialValidation, script string, system boolean
ObjectValidationRuleSetting: name string, value object
ObjectView: actions links RO, dateCreated string:date-time RO, dateModified string:date-time RO, defaultObjectView boolean, id integer:int64 RO, name texts, objectDefinitionExternalReferenceCode string, objectDefinitionId integer:int64, objectViewColumns →ObjectViewColumn[], objectViewFilterColumns →ObjectViewFilterColumn[], objectViewSortColumns →ObjectViewSortColumn[]
ObjectViewColumn: id integer:int64 RO, label texts, objectFieldName string, priority integer:int32
ObjectViewFilterColumn: filterType excludes|includes, id integer:int64 RO, json string, objectFieldName string, valueSummary string RO
ObjectViewSortColumn: id integer:int64 RO, objectFieldName string, priority integer:int32, sortOrder asc|desc
PageObjectAction: actions links, facets →Facet[], items →ObjectAction[], lastPage integer:int64, page integer:int64, pageSize integer:int64, totalCount integer:int64
PageObjectDefinition: actions links, facets →Facet[], items →ObjectDefinition[], lastPage integer:int64, page integer:int64, pageSize integer:int64, totalCount integer:int64
PageObjectField: actions links, facets →Facet[], items →ObjectField[], lastPage integer:int64, page integer:int64, pageSize integer:int64, totalCount integer:int64
PageObjectFolder: actions links, facets →Facet[], items →ObjectFolder[], lastPage integer:int64, page integer:int64, pageSize integer:int64, totalCount integer:int64
PageObjectLayout: actions links, facets →Facet[], items →ObjectLayout[], lastPage integer:int64, page integer:int64, pageSize integer:int64, totalCount integer:int64
PageObjectRelationship: actions links, facets →Facet[], items →ObjectRelationship[], lastPage integer:int64, page integer:int64, pageSize integer:int64, totalCount integer:int64
PageObjectValidationRule: actions links, facets →Facet[], items →ObjectValidationRule[], lastPage integer:int64, page integer:int64, pageSize integer:int64, totalCount integer:int64
PageObjectView: actions links, facets →Facet[], items →ObjectView[], lastPage integer:int64, page integer:int64, pageSize integer:int64, totalCount integer:int64
Status: code integer:int32, label string, label_i18n string
UserGroupBrief: id integer:int64 RO, name string RO
WorkflowDefinitionLink: groupExternalReferenceCode string, workflowDefinitionName string
""",
    "headless-batch-engine": """
DeleteImportTaskRequestBody: file string:binary
ExportTask: className string, contentType string, endTime string:date-time, errorMessage string, executeStatus COMPLETED|FAILED|INITIAL|STARTED, externalReferenceCode string, id integer:int64, processedItemsCount integer:int32, startTime string:date-time, totalItemsCount integer:int32
FailedItem: item string, itemIndex integer:int32, message string
ImportTask: className string, contentType string, endTime string:date-time, errorMessage string, executeStatus COMPLETED|FAILED|INITIAL|STARTED, externalReferenceCode string, failedItems →FailedItem[], id integer:int64, importStrategy ON_ERROR_CONTINUE|ON_ERROR_FAIL, operation CREATE|DELETE|UPDATE, processedItemsCount integer:int32, startTime string:date-time, totalItemsCount integer:int32
MultipartBody: values texts
PostImportTaskRequestBody: file string:binary
PutImportTaskRequestBody: file string:binary
""",
}
