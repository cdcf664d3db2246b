"""Problems of definitions, picklists and folders.

See docs/liferay/objects.md, Definitions, Fields and Picklists.
"""

from __future__ import annotations

from typing import Final

from .problem_type import LIFERAY, OURS, ProblemType

_OBJECT: Final = "com.liferay.object.exception."
_DEFINITION: Final = f"{_OBJECT}ObjectDefinition"
_FIELD: Final = f"{_OBJECT}ObjectField"
_RELATIONSHIP: Final = f"{_OBJECT}ObjectRelationship"
_LIST_TYPE: Final = "com.liferay.list.type.exception."
_SETTING: Final = f"{_FIELD}SettingValueException"


def _name_exceptions(nested: str) -> tuple[str, str, str]:
    """Return the exceptions for names of definitions, fields and relationships."""
    return (
        f"{_DEFINITION}NameException${nested}",
        f"{_FIELD}NameException${nested}",
        f"{_RELATIONSHIP}NameException${nested}",
    )


class NameProblemType(ProblemType):
    """Problems with names, keys, codes and labels."""

    NULL = ("name-null", "Name is null", LIFERAY, *_name_exceptions("MustNotBeNull"))
    CHARACTERS = (
        "invalid-name",
        "Name must only contain letters and digits",
        LIFERAY,
        *_name_exceptions("MustOnlyContainLettersAndDigits"),
    )
    UPPER_CASE = (
        "invalid-name",
        "The first character of a name must be an upper case letter",
        LIFERAY,
        f"{_DEFINITION}NameException$MustBeginWithUpperCaseLetter",
    )
    LOWER_CASE = (
        "invalid-name",
        "The first character of a name must be a lower case letter",
        LIFERAY,
        f"{_FIELD}NameException$MustBeginWithLowerCaseLetter",
        f"{_RELATIONSHIP}NameException$MustBeginWithLowerCaseLetter",
    )
    LONG = (
        "invalid-name",
        "Name must be less than {limit} characters",
        LIFERAY,
        *_name_exceptions("MustBeLessThan41Characters"),
    )
    DUPLICATE = (
        "duplicate-name",
        "Duplicate name {name}",
        LIFERAY,
        *_name_exceptions("MustNotBeDuplicate"),
    )
    RESERVED = (
        "reserved-name",
        "Reserved name {name}",
        LIFERAY,
        f"{_FIELD}NameException$MustNotBeReserved",
    )
    RELATIONSHIP = (
        "duplicate-name",
        "There is already an object relationship with this name in the object "
        'definition "{definition}"',
        LIFERAY,
        f"{_RELATIONSHIP}NameException$MustNotBeDuplicate",
    )
    FIELD_AND_RELATIONSHIP = (
        "duplicate-name",
        "There is already an object relationship with this name in the object "
        'definition "{definition}." Object fields and object relationships cannot '
        "have the same name.",
        LIFERAY,
        f"{_FIELD}NameException$MustNotBeDuplicate",
    )
    LABEL = (
        "label-null",
        "{what} is null for locale {locale}",
        LIFERAY,
        f"{_DEFINITION}LabelException",
        f"{_DEFINITION}PluralLabelException",
        f"{_FIELD}LabelException",
        f"{_LIST_TYPE}ListTypeDefinitionNameException",
        f"{_LIST_TYPE}ListTypeEntryNameException",
    )
    KEY_NULL = ("key-null", "Key is null", LIFERAY)
    KEY_CHARACTERS = (
        "invalid-key",
        "Key must only contain letters and digits",
        LIFERAY,
        f"{_LIST_TYPE}ListTypeEntryKeyException",
    )
    KEY_DUPLICATE = (
        "duplicate-key",
        "Duplicate key {key}",
        LIFERAY,
        f"{_LIST_TYPE}DuplicateListTypeEntryException",
    )
    ENTRY_CODE_DUPLICATE = (
        "duplicate-key",
        "Duplicate external reference code {erc}",
        LIFERAY,
        f"{_LIST_TYPE}DuplicateListTypeEntryExternalReferenceCodeException",
    )
    CODE_DUPLICATE = (
        "duplicate-key",
        "Duplicate {kind} with external reference code {erc} and company {company}",
        OURS,
        f"{_OBJECT}DuplicateObjectDefinitionExternalReferenceCodeException",
        f"{_OBJECT}DuplicateObjectFolderExternalReferenceCodeException",
        f"{_LIST_TYPE}DuplicateListTypeDefinitionExternalReferenceCodeException",
    )
    CODE_LONG = (
        "invalid-key",
        "External reference code must be less than {limit} characters",
        OURS,
        f"{_DEFINITION}ExternalReferenceCodeException$MustBeLessThan75Characters",
    )
    CODE_PREFIX = (
        "invalid-key",
        "External reference code must not start with {prefix}",
        OURS,
        f"{_DEFINITION}ExternalReferenceCodeException$MustNotStartWithPrefix",
    )


class DocumentProblemType(ProblemType):
    """Problems with a definition, its fields, or another document."""

    NOT_FOUND = (
        "not-found",
        "No {kind} exists with the external reference code {erc}",
        OURS,
        f"{_OBJECT}NoSuchObjectDefinitionException",
        f"{_OBJECT}NoSuchObjectFolderException",
        f"{_LIST_TYPE}NoSuchListTypeDefinitionException",
    )
    PARENT_MISSING = (
        "no-parent",
        "One of the following parameters must be specified: [{parameters}]",
        LIFERAY,
        "jakarta.ws.rs.NotSupportedException",
    )
    NO_SUCH_PART = (
        "not-found",
        "No {kind} {name} exists in {owner}",
        OURS,
    )
    DEFAULT_PART = (
        "invalid-field",
        "There can only be one default object {noun}",
        LIFERAY,
        f"{_OBJECT}DefaultObjectLayoutException",
        f"{_OBJECT}DefaultObjectViewException",
    )
    NOTHING_TO_UPDATE = (
        "not-found",
        "The record has no external reference code to find what to update by",
        OURS,
    )
    WRONG_TYPE = (
        "invalid-type",
        'Unable to map JSON path "{path}" with value "{value}" to class "{type}"',
        LIFERAY,
    )
    VALUE = (
        "invalid-value",
        "The record holds a value that cannot be stored: {reason}.",
        OURS,
    )
    TOKEN = (
        "unsupported-placeholder",
        "The placeholder {token} is not supported: Liferay fills it in where it "
        "deploys a client extension or a site initializer. {remedy}",
        OURS,
    )
    SYSTEM = (
        "system-definition",
        "Forbidden modifiable system object definition name {name}",
        LIFERAY,
        f"{_DEFINITION}NameException$ForbiddenModifiableSystemObjectDefinitionName",
    )
    NO_FIELD = (
        "no-field",
        "At least one object field must be added when publishing the object definition",
        LIFERAY,
    )
    LAST_FIELD = ("no-field", "At least one custom field must be added", LIFERAY)
    BUILTIN = ("builtin", "{name} cannot be deleted", LIFERAY)
    STILL_NEEDED = (
        "required-object-relationship",
        "Object relationship {name} does not allow deletes",
        OURS,
        f"{_OBJECT}RequiredObjectRelationshipException",
    )
    STATUS = (
        "published",
        "Modifying the status of a published object definition is not allowed",
        LIFERAY,
        f"{_DEFINITION}StatusException",
    )
    ACTIVE = (
        "not-published",
        "Object definitions must be published before being activated",
        LIFERAY,
        f"{_DEFINITION}ActiveException",
    )
    SCOPE_NULL = ("scope-null", "Scope is null", LIFERAY)
    SCOPE_UNKNOWN = (
        "invalid-scope",
        "No object scope provider found with key {scope}",
        OURS,
        f"{_DEFINITION}ScopeException",
    )
    SCOPE_DEPOT = (
        "invalid-scope",
        'Scope "depot" cannot be associated with a panel category key',
        LIFERAY,
        f"{_DEFINITION}PanelCategoryKeyException",
    )
    STORAGE = (
        "storage-type",
        "Storage type {storage} is not supported",
        OURS,
        f"{_DEFINITION}StorageTypeException",
    )
    RELATIONSHIP_TYPE = (
        "invalid-type",
        "Invalid type {type}",
        LIFERAY,
        f"{_RELATIONSHIP}TypeException",
    )
    EDGE_TYPE = (
        "invalid-type",
        "Object relationship must be one to many to be an edge of a root context",
        LIFERAY,
        f"{_RELATIONSHIP}EdgeException",
    )
    EDGE_SELF = (
        "invalid-type",
        "Object relationship must not be an edge between object definition {name} "
        "and itself",
        OURS,
        f"{_RELATIONSHIP}EdgeException",
    )
    BUSINESS_TYPE = (
        "invalid-type",
        "Invalid business type {type}",
        LIFERAY,
        f"{_FIELD}BusinessTypeException",
    )
    DB_TYPE = (
        "invalid-type",
        "Invalid DB type {type}",
        LIFERAY,
        f"{_FIELD}DBTypeException",
    )
    PICKLIST = (
        "invalid-field",
        "List type definition ID is 0",
        LIFERAY,
        f"{_FIELD}ListTypeDefinitionIdException",
    )
    STATE = (
        "invalid-field",
        "Object field must be required when the state is true",
        LIFERAY,
        f"{_FIELD}StateException",
    )
    NOT_INDEXABLE = (
        "invalid-field",
        "{type} business type is not indexable",
        LIFERAY,
    )
    LOCALIZATION = (
        "invalid-field",
        "Only Attachment, Boolean, Date, DateTime, Decimal, Integer, LongInteger, "
        "LongText, MultiselectPicklist, Picklist, PrecisionDecimal, RichText and Text "
        "business types support localization",
        LIFERAY,
        f"{_FIELD}LocalizedException",
    )
    INDEXED_LANGUAGE = (
        "invalid-field",
        'Indexed language ID can only be applied with type "Clob" or "String" that is '
        "not indexed as a keyword",
        LIFERAY,
    )
    SETTING_MISSING = (
        "invalid-field",
        "The settings {names} are required for object field {field}",
        OURS,
        f"{_SETTING}$MissingRequiredValues",
    )
    SETTING_INVALID = (
        "invalid-field",
        "The value {value} of setting {name} is invalid for object field {field}",
        OURS,
        f"{_SETTING}$InvalidValue",
    )


class RemoteDocumentProblemType(ProblemType):
    """Problems of documents that only Liferay reports; the rules here never do."""

    PUBLISHED_ALREADY = (
        "published",
        "The object definition is already published",
        LIFERAY,
    )
    SYSTEM_PUBLISHED = (
        "system-definition",
        "Unmodifiable system object definition cannot be published",
        LIFERAY,
    )
    CUSTOM_PREFIX = (
        "invalid-name",
        'Custom object definition names must start with "C_"',
        LIFERAY,
    )
    SYSTEM_PREFIX = (
        "invalid-name",
        'System object definition names must not start with "C_"',
        LIFERAY,
    )
    BLOB = ("invalid-field", "Blob type is not indexable", LIFERAY)
    ENCRYPTED = ("invalid-field", "Business type encrypted is disabled", LIFERAY)
    RELATIONSHIP_FIELD = (
        "invalid-field",
        "Object field relationship name and DB type cannot be changed",
        LIFERAY,
    )
    INVERSE = ("invalid-type", "Inverse type already exists", LIFERAY)
    SYSTEM_RELATIONSHIP = (
        "invalid-type",
        "Relationships are not allowed between system objects",
        LIFERAY,
    )
    NO_DOCUMENT = (
        "not-found",
        "No {kind} exists with the {key}",
        LIFERAY,
    )
    UNKNOWN_PROPERTY = (
        "unknown-property",
        'The property "{name}" is not defined in {type}.',
        LIFERAY,
    )
