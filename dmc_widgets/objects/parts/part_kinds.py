"""The kinds of parts of definitions and picklists, with their properties.

Entity types, rules, the resources of the sandbox and OpenAPI documents use them. What
Liferay knows of each part is in ``docs/liferay/objects.md``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ...model.entity_type import EntityType, Field

_ADMIN: Final = "com.liferay.object.admin.rest.dto.v1_0."
_LIST_TYPE: Final = "com.liferay.headless.admin.list.type.dto.v1_0."
DATE_PROPERTIES: Final = ("dateCreated", "dateModified")
COMMON_PROPERTIES: Final = frozenset({"actions", "id", *DATE_PROPERTIES})
"""The properties of every part that the server sets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartKind:
    """A kind of parts.

    Attributes:
        class_name: The name of Liferay's DTO class.
        path: The last segment of the path of their list.
        array: The property of the owner that contains them.
        properties: The OpenAPI type of each property, by its name.
        server_set: Those of the properties that the server sets.
        defaults: The values of properties that a part does not state.
        key: The property that is unique within an owner; empty if there is none.
        has_code: True if a part has an external reference code.
        is_patched: True if a part accepts PATCH.
        is_filtered: True if their list accepts a filter.
        is_dated: True if a part has dates of creation and change: those of its owner.
    """

    class_name: str
    path: str
    array: str
    properties: Mapping[str, str]
    server_set: frozenset[str] = frozenset()
    defaults: Mapping[str, Any] = field(default_factory=dict)
    key: str = ""
    has_code: bool = True
    is_patched: bool = False
    is_filtered: bool = False
    is_dated: bool = False

    @property
    def name(self) -> str:
        """The name in messages, such as ``ObjectField``."""
        return self.class_name.rpartition(".")[2]

    @property
    def entity_type(self) -> EntityType:
        """The entity type that filters and sort orders of their lists use."""
        dates = dict.fromkeys(DATE_PROPERTIES if self.is_dated else (), "string")
        types = {"id": "integer", **dates, **self.properties}
        fields = tuple(Field(name=name, type=t) for name, t in types.items())
        return EntityType(
            name=self.name, label=self.name, class_name=self.class_name, fields=fields
        )


def _types_by_name(**names: str) -> dict[str, str]:
    """Return the type of each property, ordered by name.

    Args:
        names: For each type the names of its properties, separated by spaces.
    """
    types = {name: type_ for type_, some in names.items() for name in some.split()}
    return dict(sorted(types.items()))


FIELD: Final = PartKind(
    class_name=f"{_ADMIN}ObjectField",
    path="object-fields",
    array="objectFields",
    properties=_types_by_name(
        array="objectFieldSettings",
        boolean="indexed indexedAsKeyword localized required state system unique",
        integer="listTypeDefinitionId",
        object="description label",
        string="DBType businessType defaultValue externalReferenceCode "
        "indexedLanguageId listTypeDefinitionExternalReferenceCode name "
        "objectDefinitionExternalReferenceCode1 objectDefinitionScope1 "
        "objectDefinitionSystem1 objectRelationshipExternalReferenceCode readOnly "
        "readOnlyConditionExpression relationshipType type",
    ),
    server_set=frozenset({"listTypeDefinitionId", "unique"}),
    defaults={
        "indexed": False,
        "indexedAsKeyword": False,
        "indexedLanguageId": "",
        "localized": False,
        "objectFieldSettings": [],
        "readOnlyConditionExpression": "",
        "required": False,
        "state": False,
    },
    key="name",
    is_patched=True,
    is_filtered=True,
)
RELATIONSHIP: Final = PartKind(
    class_name=f"{_ADMIN}ObjectRelationship",
    path="object-relationships",
    array="objectRelationships",
    properties=_types_by_name(
        boolean="edge objectDefinitionModifiable2 objectDefinitionSystem2 reverse "
        "system",
        integer="objectDefinitionId1 objectDefinitionId2 parameterObjectFieldId",
        object="description label objectField",
        string="deletionType externalReferenceCode name "
        "objectDefinitionExternalReferenceCode1 "
        "objectDefinitionExternalReferenceCode2 objectDefinitionName2 "
        "objectDefinitionScope2 parameterObjectFieldName type",
    ),
    server_set=frozenset(
        [
            "objectDefinitionId1",
            "objectDefinitionId2",
            "parameterObjectFieldId",
            "reverse",
        ]
    ),
    defaults={
        "edge": False,
        "parameterObjectFieldId": 0,
        "reverse": False,
        "system": False,
    },
    key="name",
    is_filtered=True,
)
ACTION: Final = PartKind(
    class_name=f"{_ADMIN}ObjectAction",
    path="object-actions",
    array="objectActions",
    properties=_types_by_name(
        boolean="active system",
        object="errorMessage label parameters status",
        string="conditionExpression description externalReferenceCode name "
        "objectActionExecutorKey objectActionTriggerKey",
    ),
    server_set=frozenset({"status"}),
    defaults={
        "active": False,
        "status": {"code": 0, "label": "never-ran", "label_i18n": "Never Ran"},
        "system": False,
    },
    is_patched=True,
    is_dated=True,
)
LAYOUT: Final = PartKind(
    class_name=f"{_ADMIN}ObjectLayout",
    path="object-layouts",
    array="objectLayouts",
    properties=_types_by_name(
        array="objectLayoutTabs",
        boolean="defaultObjectLayout",
        integer="objectDefinitionId",
        object="name",
        string="objectDefinitionExternalReferenceCode",
    ),
    server_set=frozenset(
        {"objectDefinitionExternalReferenceCode", "objectDefinitionId"}
    ),
    defaults={"defaultObjectLayout": False, "objectLayoutTabs": []},
    has_code=False,
    is_dated=True,
)
RULE: Final = PartKind(
    class_name=f"{_ADMIN}ObjectValidationRule",
    path="object-validation-rules",
    array="objectValidationRules",
    properties=_types_by_name(
        array="objectValidationRuleSettings",
        boolean="active system",
        integer="objectDefinitionId",
        object="errorLabel name",
        string="engine engineLabel externalReferenceCode "
        "objectDefinitionExternalReferenceCode outputType script",
    ),
    server_set=frozenset(
        ["engineLabel", "objectDefinitionExternalReferenceCode", "objectDefinitionId"]
    ),
    defaults={
        "active": False,
        "objectValidationRuleSettings": [],
        "outputType": "fullValidation",
        "system": False,
    },
    is_patched=True,
    is_dated=True,
)
VIEW: Final = PartKind(
    class_name=f"{_ADMIN}ObjectView",
    path="object-views",
    array="objectViews",
    properties=_types_by_name(
        array="objectViewColumns objectViewFilterColumns objectViewSortColumns",
        boolean="defaultObjectView",
        integer="objectDefinitionId",
        object="name",
        string="externalReferenceCode objectDefinitionExternalReferenceCode",
    ),
    server_set=frozenset(
        {"objectDefinitionExternalReferenceCode", "objectDefinitionId"}
    ),
    defaults={
        "defaultObjectView": False,
        "objectViewColumns": [],
        "objectViewFilterColumns": [],
        "objectViewSortColumns": [],
    },
    is_dated=True,
)
PICKLIST_ENTRY: Final = PartKind(
    class_name=f"{_LIST_TYPE}ListTypeEntry",
    path="list-type-entries",
    array="listTypeEntries",
    properties=_types_by_name(
        boolean="system",
        object="name_i18n",
        string="externalReferenceCode key name type",
    ),
    defaults={"system": False},
    key="key",
    is_filtered=True,
    is_dated=True,
)

DEFINITION_PARTS: Final = (FIELD, RELATIONSHIP, ACTION, LAYOUT, RULE, VIEW)
