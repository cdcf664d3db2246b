"""The kinds of parts of definitions and picklists, with their properties.

They are those of the objects facts, 1.3 to 1.6 and 1.10. OpenAPI documents, lists and
the check for unknown properties read them here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ...model.entity_type import EntityType, Field
from ...objects.documents.document_kind import check_shape
from ..responses import ApiError, problem_error

_ADMIN: Final = "com.liferay.object.admin.rest.dto.v1_0."
_LIST_TYPE: Final = "com.liferay.headless.admin.list.type.dto.v1_0."
DATE_PROPERTIES: Final = ("dateCreated", "dateModified")
_COMMON_PROPERTIES: Final = frozenset({"actions", "id", *DATE_PROPERTIES})
_UNDOCUMENTED_PROPERTIES: Final = frozenset({"creator", "x-class-name"})
_SHAPES: Final[Mapping[str, Any]] = {
    "array": [{}],
    "boolean": bool,
    "integer": int,
    "object": {},
    "string": str,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PartKind:
    """One kind of parts.

    Attributes:
        class_name: Liferay's DTO class.
        path: The last part of their list's path.
        array: The property of the owner that holds them.
        properties: Types by name, in the words of OpenAPI.
        given: Properties that the server sets, among them.
        defaults: Of what a part does not state.
        key: The property that no two parts of an owner share; empty for none.
        has_code: A part has an external reference code.
        is_patched: A part takes PATCH.
        is_filtered: Their list takes a filter.
        is_dated: It tells when it was made and changed: with its owner.
    """

    class_name: str
    path: str
    array: str
    properties: Mapping[str, str]
    given: frozenset[str] = frozenset()
    defaults: Mapping[str, Any] = field(default_factory=dict)
    key: str = ""
    has_code: bool = True
    is_patched: bool = False
    is_filtered: bool = False
    is_dated: bool = False

    @property
    def name(self) -> str:
        """As messages call it: ``ObjectField``."""
        return self.class_name.rpartition(".")[2]

    @property
    def entity_type(self) -> EntityType:
        """What filters and orders know of the parts."""
        dates = dict.fromkeys(DATE_PROPERTIES if self.is_dated else (), "string")
        types = {"id": "integer", **dates, **self.properties}
        fields = tuple(Field(name=name, type=t) for name, t in types.items())
        return EntityType(
            name=self.name, label=self.name, class_name=self.class_name, fields=fields
        )

    def sent(self, item: Mapping[str, Any]) -> dict[str, Any]:
        """Return what a client may say of a part; the rest is the server's to say.

        Raises:
            ApiError: A property is none of the kind's, or has a value of a wrong type.
        """
        for name in item:
            if (
                name not in self.properties
                and name not in _COMMON_PROPERTIES | _UNDOCUMENTED_PROPERTIES
            ):
                title = f'The property "{name}" is not defined in {self.name}.'
                raise ApiError(400, title)
        own = self.properties.keys() - self.given
        if not self.key:  # else the rules of the owner check them
            shape = {name: _SHAPES[self.properties[name]] for name in own}
            fault = check_shape(item, shape)
            if fault is not None:
                raise problem_error(fault)
        return {name: value for name, value in item.items() if name in own}


def _types_by_name(**names: str) -> dict[str, str]:
    """Return types by name, in the order of the names."""
    found = {name: type_ for type_, some in names.items() for name in some.split()}
    return dict(sorted(found.items()))


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
    given=frozenset({"listTypeDefinitionId", "unique"}),
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
    given=frozenset(
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
    given=frozenset({"status"}),
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
    given=frozenset({"objectDefinitionExternalReferenceCode", "objectDefinitionId"}),
    defaults={"defaultObjectLayout": False, "objectLayoutTabs": []},
    has_code=False,
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
    given=frozenset(
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
    given=frozenset({"objectDefinitionExternalReferenceCode", "objectDefinitionId"}),
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
