"""The kinds of parts of definitions and picklists, with their properties.

Entity types, rules, the resources of the sandbox and OpenAPI documents use them. What
Liferay knows of each part is in ``docs/liferay/objects.md``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ...model.entity_type import EntityType, Field
from ..documents.change_set import DEFINITION, PICKLIST
from ..documents.definitions import FIELD_SHAPE, RELATIONSHIP_SHAPE
from ..documents.document_kind import Shape
from ..documents.kinds import KINDS_BY_NAME
from ..documents.picklists import ENTRY_SHAPE

_ADMIN: Final = "com.liferay.object.admin.rest.dto.v1_0."
_LIST_TYPE: Final = "com.liferay.headless.admin.list.type.dto.v1_0."
DATE_PROPERTIES: Final = ("dateCreated", "dateModified")
COMMON_PROPERTIES: Final = frozenset({"actions", "id", *DATE_PROPERTIES})
"""The properties of every part that the server sets."""

_TABLE_FORMATS: Final = frozenset({"CSV", "XLSX"})
_NO_FORMATS: Final = frozenset[str]()
_SHAPES: Final[Mapping[str, Any]] = {
    "array": [{}],
    "boolean": bool,
    "integer": int,
    "object": {},
    "string": str,
}


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
        owner: The name of the kind of documents that have such parts.
        parent: The property that names the owner by its external reference code, in a
            file of parts.
        parent_aliases: Further properties that may do so.
        parent_ids: Properties that may name the owner by its id in the installation.
        required: Other properties that an item must have.
        default_flag: The property that marks the one default part; empty if a kind has
            none.
        has_unique_names: No two parts of an owner share a name.
        rule_shape: The types that the rules of the owner rely on; empty if they rely on
            none, so that the types of all properties count.
        is_table: True if files of rows and columns can hold the parts.
    """

    class_name: str
    path: str
    array: str
    properties: Mapping[str, str]
    owner: str = DEFINITION
    parent: str = "objectDefinitionExternalReferenceCode"
    parent_aliases: tuple[str, ...] = ()
    parent_ids: tuple[str, ...] = ("objectDefinitionId",)
    required: tuple[str, ...] = ("name",)
    is_table: bool = False
    server_set: frozenset[str] = frozenset()
    defaults: Mapping[str, Any] = field(default_factory=dict)
    key: str = ""
    has_code: bool = True
    is_patched: bool = False
    is_filtered: bool = False
    is_dated: bool = False
    has_unique_names: bool = True
    default_flag: str = ""
    rule_shape: Shape = field(default_factory=dict)

    @property
    def shape(self) -> Shape:
        """The types of the properties that an item may set."""
        own = self.properties.keys() - self.server_set
        stated = {name: _SHAPES[self.properties[name]] for name in own}
        return self.rule_shape or stated

    @property
    def name(self) -> str:
        """The name in messages, such as ``ObjectField``."""
        return self.class_name.rpartition(".")[2]

    @property
    def parent_properties(self) -> frozenset[str]:
        """The properties that may name the owner."""
        return frozenset({self.parent, *self.parent_aliases, *self.parent_ids})

    @property
    def entity_type(self) -> EntityType:
        """The entity type of the parts, as items of their own.

        Properties of newer versions are kept, as in the entity types of documents.
        """
        dates = dict.fromkeys(DATE_PROPERTIES if self.is_dated else (), "string")
        types = {"actions": "object", "id": "integer", **dates, **self.properties}
        types |= dict.fromkeys((self.parent, *self.parent_aliases), "string")
        types |= dict.fromkeys(self.parent_ids, "integer")
        application = KINDS_BY_NAME[self.owner].application
        return EntityType(
            name=self.name,
            label=f"{self.name} (v1.0 - {application})",
            class_name=self.class_name,
            open=True,
            fields=tuple(self._field(name, types[name]) for name in sorted(types)),
            part_of=self.owner,
            parent_field=self.parent,
        )

    def _field(self, name: str, type_: str) -> Field:
        names_parent = name in self.parent_properties
        is_nested = type_ in {"array", "object"} and name != "name_i18n"
        return Field(
            name=name,
            type=type_,
            required=name == self.parent or name in self.required,
            read_only=name in self.server_set | COMMON_PROPERTIES and not names_parent,
            write_only=names_parent and name not in {self.parent, *self.properties},
            any_of_group=self.parent if names_parent else "",
            unsupported_formats=_NO_FORMATS
            if self.is_table and not is_nested
            else _TABLE_FORMATS,
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
    parent_aliases=("objectDefinitionExternalReferenceCode1",),
    rule_shape=FIELD_SHAPE,
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
    parent="objectDefinitionExternalReferenceCode1",
    parent_aliases=("objectDefinitionExternalReferenceCode",),
    parent_ids=("objectDefinitionId1", "objectDefinitionId"),
    required=("name", "type"),
    rule_shape=RELATIONSHIP_SHAPE,
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
    has_unique_names=False,
    default_flag="defaultObjectLayout",
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
    has_unique_names=False,
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
    has_unique_names=False,
    default_flag="defaultObjectView",
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
    owner=PICKLIST,
    parent="listTypeDefinitionExternalReferenceCode",
    parent_ids=("listTypeDefinitionId",),
    required=("key",),
    rule_shape=ENTRY_SHAPE,
    is_table=True,
    defaults={"system": False},
    key="key",
    is_filtered=True,
    is_dated=True,
)

DEFINITION_PARTS: Final = (FIELD, RELATIONSHIP, ACTION, LAYOUT, RULE, VIEW)

PART_KINDS: Final = (
    PICKLIST_ENTRY,
    FIELD,
    RELATIONSHIP,
    LAYOUT,
    VIEW,
    ACTION,
    RULE,
)
"""In the order in which parts move: fields first, since all others name them."""

PART_KINDS_BY_NAME: Final[Mapping[str, PartKind]] = {
    kind.name: kind for kind in PART_KINDS
}
PART_TYPES: Final = tuple(kind.entity_type for kind in PART_KINDS)
"""The entity types of parts. An installation that has definitions has these, too."""

PART_KINDS_BY_CLASS: Final[Mapping[str, PartKind]] = {
    kind.class_name: kind for kind in PART_KINDS
}
