"""Problems of entries; see docs/liferay/objects.md, Values and Errors of entries."""

from __future__ import annotations

from typing import Final

from .problem_type import LIFERAY, OURS, ProblemType

_OBJECT: Final = "com.liferay.object.exception."
_VALUES: Final = f"{_OBJECT}ObjectEntryValuesException$"
_DUPLICATE: Final = f"{_OBJECT}DuplicateObjectEntryExternalReferenceCodeException"
_PRINCIPAL: Final = "com.liferay.portal.kernel.security.auth.PrincipalException"
_NO_SUCH_ENTRY: Final = f"{_OBJECT}NoSuchObjectEntryException"


class EntryProblemType(ProblemType):
    """Problems of entries; a code is the exception's name in kebab case."""

    REQUIRED = (
        "required",
        'No value was provided for required object field "{field}"',
        LIFERAY,
        f"{_VALUES}Required",
    )
    REQUIRED_LANGUAGE = (
        "required-language-id",
        'No value was provided for the language ID "{language}" in the required '
        'object field "{field}".',
        LIFERAY,
        f"{_VALUES}RequiredLanguageId",
    )
    INVALID_LANGUAGE = (
        "invalid-language-id",
        '"{language}" is not a language ID. Write it like "en_US" in the object field '
        '"{field}"',
        OURS,
    )
    REPEATED_LANGUAGE = (
        "invalid-language-id",
        'The language ID "{language}" occurs twice in the object field "{field}". '
        "Keep one of them",
        OURS,
    )
    READ_ONLY = (
        "read-only",
        'The object field "{field}" is read-only and keeps the value that it has. '
        "Leave it out of the mapping",
        OURS,
    )
    TEXT_MAX_LENGTH = (
        "exceeds-text-max-length",
        "Object entry value exceeds the maximum length of {limit} characters for "
        'object field "{field}"',
        LIFERAY,
        f"{_VALUES}ExceedsTextMaxLength",
    )
    INTEGER_SIZE = (
        "exceeds-integer-size",
        "Object entry value exceeds integer field allowed size",
        LIFERAY,
        f"{_VALUES}ExceedsIntegerSize",
    )
    LONG_SIZE = (
        "exceeds-long-size",
        "Object entry value exceeds long field allowed size",
        LIFERAY,
        f"{_VALUES}ExceedsLongSize",
    )
    LONG_MAX_SIZE = (
        "exceeds-long-max-size",
        "Object entry value exceeds maximum long field allowed size",
        LIFERAY,
        f"{_VALUES}ExceedsLongMaxSize",
    )
    LONG_MIN_SIZE = (
        "exceeds-long-min-size",
        "Object entry value falls below minimum long field allowed size",
        LIFERAY,
        f"{_VALUES}ExceedsLongMinSize",
    )
    INVALID_VALUE = (
        "invalid-value",
        'The value is invalid for object field "{field}"',
        LIFERAY,
        f"{_VALUES}InvalidValue",
    )
    INVALID_DATE = (
        "invalid-date",
        "Unable to parse date that does not conform to ISO-8601",
        LIFERAY,
    )
    EMAIL_ADDRESS = (
        "invalid-email-address",
        'The email address "{value}" is invalid for object field "{field}"',
        LIFERAY,
        f"{_VALUES}InvalidEmailAddress",
    )
    EMAIL_DOMAIN = (
        "blocked-email-address-domain",
        'The domain of the email address "{value}" is blocked for object field '
        '"{field}"',
        OURS,
        f"{_VALUES}BlockedEmailAddressDomain",
    )
    PHONE_NUMBER = (
        "invalid-phone-number",
        'The phone number "{value}" is invalid for object field "{field}"',
        OURS,
        f"{_VALUES}InvalidPhoneNumber",
    )
    LIST_TYPE_ENTRY = (
        "list-type-entry",
        'Object field name "{field}" is not mapped to a valid list type entry',
        LIFERAY,
        f"{_VALUES}ListTypeEntry",
    )
    UNIQUE_VALUE = (
        "unique-value-constraint-violation",
        "Unique value constraint violation for {table}.{field}_ with value {value}",
        LIFERAY,
        f"{_VALUES}UniqueValueConstraintViolation",
    )
    ONE_TO_ONE = (
        "one-to-one-constraint-violation",
        "One to one constraint violation for {table}.{field}_ with value {value}",
        LIFERAY,
        f"{_VALUES}OneToOneConstraintViolation",
    )
    STATE_TRANSITION = (
        "invalid-object-state-transition",
        "Object state ID {old} cannot be transitioned to object state ID {new}",
        LIFERAY,
        f"{_VALUES}InvalidObjectStateTransition",
    )
    ENCRYPTION = (
        "encryption-impossible",
        'The value of object field "{field}" cannot be encrypted. {reason}',
        OURS,
    )
    NO_PARENT = (
        "no-such-related-object-entry",
        "The value for {field} does not exist",
        LIFERAY,
        f"{_VALUES}NoSuchRelatedObjectEntry",
    )
    NO_LINKED_ENTRY = (
        "no-such-related-object-entry",
        "The value for {field} does not exist: there is no entry {value} of {entity}. "
        "Import it first; each side names the other, so leave {field} out of the one "
        "that comes first",
        OURS,
        f"{_VALUES}NoSuchRelatedObjectEntry",
    )
    DUPLICATE = (
        "duplicate-external-reference-code",
        "Duplicate object entry with external reference code {erc}, group ID {group}, "
        "and object definition ID {definition}",
        LIFERAY,
        _DUPLICATE,
    )
    NOT_THERE = (
        "no-such-object-entry",
        "No object entry exists with the external reference code {erc}",
        OURS,
        _NO_SUCH_ENTRY,
    )
    NOTHING_TO_UPDATE = (
        "no-such-object-entry",
        "The record has no external reference code, so no object entry can be found "
        "to update",
        OURS,
        _NO_SUCH_ENTRY,
    )
    ERC_KIND = (
        "invalid-external-reference-code",
        "The external reference code must be a text",
        OURS,
    )
    ERC_LENGTH = (
        "invalid-external-reference-code",
        "The external reference code has {length} characters; {limit} are allowed",
        OURS,
    )
    DRAFT = (
        "object-entry-status",
        "Draft status is not allowed",
        LIFERAY,
        f"{_OBJECT}ObjectEntryStatusException",
    )
    STATUS = (
        "object-entry-status",
        "Entries are stored as approved (code 0) or as drafts (code 2), and the record "
        "has the status {value}. Leave the status out to store it as approved",
        OURS,
    )
    NESTED_CHILDREN = (
        "nested-children",
        'The record holds children in "{name}": {count} of {child}. Import them as '
        'records of their own, with the code of their parent in "{code}", and leave '
        '"{name}" out of this one',
        OURS,
    )
    NESTED_ENTRIES = (
        "invalid-value",
        "Unable to create nested object entries",
        LIFERAY,
        "jakarta.ws.rs.BadRequestException",
    )
    INACTIVE_OBJECT = (
        "nested-children",
        'The entries in "{name}" cannot be stored: their object is not published',
        OURS,
    )
    FILE_CONTENT = ("invalid-file", "Unable to decode Base64 file", LIFERAY)
    FILE_EXTENSION = (
        "invalid-file-extension",
        'The file extension "{extension}" is invalid for object field "{field}"',
        LIFERAY,
        f"{_VALUES}InvalidFileExtension",
    )
    FILE_SIZE = (
        "exceeds-max-file-size",
        "File exceeds the maximum permitted size of {limit} MB for object field "
        '"{field}"',
        LIFERAY,
        f"{_VALUES}ExceedsMaxFileSize",
    )
    NO_FILE = (
        "no-such-file-entry",
        'No file exists with the {by} {named} for object field "{field}". '
        "Include its content as fileBase64",
        OURS,
        "com.liferay.document.library.kernel.exception.NoSuchFileEntryException",
    )
    SCOPE_KEY = (
        "object-entry-scope",
        'The scope key must be a text: the key of a site, like "Guest"',
        OURS,
    )
    NO_SCOPE_KEY = (
        "object-entry-scope",
        'No scope key was provided for the "{entity}" entry.',
        LIFERAY,
        f"{_OBJECT}ObjectEntryScopeException",
    )
    NO_SITE = (
        "no-such-site",
        'There is no site "{site}". Known: {known}. Check its key; an import into an '
        "embedded database can add new sites",
        OURS,
        "com.liferay.portal.kernel.exception.NoSuchGroupException",
    )
    FORMULA = ("formula-not-understood", "{reason}", OURS)


class RemoteEntryProblemType(ProblemType):
    """Problems of entries that only Liferay reports; the rules here never do."""

    DUPLICATE_TITLE = (
        "duplicate-external-reference-code",
        "This external reference code is already in use.",
        LIFERAY,
        _DUPLICATE,
    )
    UNIQUE_TITLE = (
        "unique-value-constraint-violation",
        "The {label} is already in use{more}",
        LIFERAY,
        f"{_VALUES}UniqueValueConstraintViolation",
    )
    NO_ENTRY_OF_CODE = (
        "no-such-object-entry",
        "No ObjectEntry exists with the external reference code {erc}",
        LIFERAY,
        _NO_SUCH_ENTRY,
    )
    NO_ENTRY = (
        "no-such-object-entry",
        "No ObjectEntry exists with the {key}",
        LIFERAY,
        _NO_SUCH_ENTRY,
    )
    STANDALONE = (
        "not-allowed-standalone-object-entry",
        'Standalone object entry is not allowed for object definition "{definition}"',
        LIFERAY,
        f"{_VALUES}NotAllowedStandaloneObjectEntry",
    )
    PERMISSION = (
        "missing-permission",
        "User {user} must have {action} permission for {thing}",
        LIFERAY,
        f"{_PRINCIPAL}$MustHavePermission",
        _PRINCIPAL,
    )
    REPEATED_VALUE = (
        "must-not-be-duplicate",
        "Duplicate value {value}",
        LIFERAY,
        f"{_VALUES}MustNotBeDuplicate",
    )
