"""Why an entry is refused, in Liferay's words.

The texts are those of ``ObjectEntryValuesException`` and its neighbours; a code is
the exception's name in kebab case. Where Liferay has no text (a code that is no
text at all, say) there is one of ours.
"""

from __future__ import annotations

import json
from typing import Any

from ..model.outcome import Problem
from .embedded import COMPANY_ID, GROUP_ID

ERC = "externalReferenceCode"
ERC_LIMIT = 75
SCOPE_KEY = "scopeKey"


def json_text(value: Any) -> str:
    """Write *value* as JSON for a report, whatever it is."""
    try:
        text = json.dumps(value, ensure_ascii=False, default=str)
        text.encode()
    except UnicodeEncodeError:
        return json.dumps(value, default=str)
    except (RecursionError, ValueError, TypeError):
        return '"(a value that JSON cannot hold)"'
    return text


def required(field: str, value: Any = None) -> Problem:
    """Report a required field without a value."""
    message = f'No value was provided for required object field "{field}"'
    return Problem("required", message, field, json_text(value))


def required_language(field: str, language: str) -> Problem:
    """Report a required field that has values, but none in the default language."""
    message = (
        f'No value was provided for the language ID "{language}" '
        f'in the required object field "{field}".'
    )
    return Problem("required-language-id", message, field)


def invalid_language(field: str, language: Any) -> Problem:
    """Report a key of translations that is no language; Liferay's text is unknown."""
    message = (
        f'"{language}" is no language ID. Write it like "en_US" in the object field '
        f'"{field}"'
    )
    return Problem("invalid-language-id", message, field, json_text(language))


def repeated_language(field: str, language: str) -> Problem:
    """Report translations that hold ``en_US`` and ``en-US``."""
    message = (
        f'The language ID "{language}" stands twice in the object field "{field}". '
        "Keep one of them"
    )
    return Problem("invalid-language-id", message, field, json_text(language))


def exceeds_text_max_length(field: str, limit: int, value: Any) -> Problem:
    """Report a text of more than *limit* characters."""
    message = (
        f"Object entry value exceeds the maximum length of {limit} characters "
        f'for object field "{field}"'
    )
    return Problem("exceeds-text-max-length", message, field, json_text(value))


def exceeds_integer_size(field: str, value: Any) -> Problem:
    """Report what is no 32-bit integer."""
    message = "Object entry value exceeds integer field allowed size"
    return Problem("exceeds-integer-size", message, field, json_text(value))


def exceeds_long_size(field: str, value: Any) -> Problem:
    """Report what is no integer at all in a long field."""
    message = "Object entry value exceeds long field allowed size"
    return Problem("exceeds-long-size", message, field, json_text(value))


def exceeds_long_max_size(field: str, value: Any) -> Problem:
    """Report an integer above what a long field holds."""
    message = "Object entry value exceeds maximum long field allowed size"
    return Problem("exceeds-long-max-size", message, field, json_text(value))


def exceeds_long_min_size(field: str, value: Any) -> Problem:
    """Report an integer below what a long field holds."""
    message = "Object entry value falls below minimum long field allowed size"
    return Problem("exceeds-long-min-size", message, field, json_text(value))


def invalid_value(field: str, value: Any) -> Problem:
    """Report a value of a kind that the field does not take."""
    message = f'The value is invalid for object field "{field}"'
    return Problem("invalid-value", message, field, json_text(value))


def invalid_date(field: str, value: Any) -> Problem:
    """Report what is no date. Liferay's text does not name the field; ours does."""
    message = "Unable to parse date that does not conform to ISO-8601"
    return Problem("invalid-date", message, field, json_text(value))


def list_type_entry(field: str, value: Any) -> Problem:
    """Report a key that the picklist does not hold."""
    message = f'Object field name "{field}" is not mapped to a valid list type entry'
    return Problem("list-type-entry", message, field, json_text(value))


def unique_value_taken(short_name: str, field: str, value: Any) -> Problem:
    """Report a value that another entry holds already."""
    shown = value if isinstance(value, str) else json_text(value)
    message = (
        "Unique value constraint violation for "
        f"O_{COMPANY_ID}_{short_name}.{field}_ with value {shown}"
    )
    code = "unique-value-constraint-violation"
    return Problem(code, message, field, json_text(value))


def invalid_state_transition(field: str, old: str, new: str) -> Problem:
    """Report a state that may not follow the one before.

    Liferay quotes the states' ids there; these states have none but their keys.
    """
    message = f"Object state ID {old} cannot be transitioned to object state ID {new}"
    return Problem("invalid-object-state-transition", message, field, json_text(new))


def one_to_one_taken(short_name: str, link: str, parent: str) -> Problem:
    """Report a parent that has its one child already.

    Liferay quotes the parent's id; *parent* is its ERC, which means the same
    wherever the report is read.
    """
    message = (
        "One to one constraint violation for "
        f"O_{COMPANY_ID}_{short_name}.{link}_ with value {parent}"
    )
    code = "one-to-one-constraint-violation"
    return Problem(code, message, link, json_text(parent))


def encryption_impossible(field: str, reason: str) -> Problem:
    """Report a secret that cannot be sealed. It stays out of the report."""
    message = f'The value of object field "{field}" cannot be encrypted. {reason}'
    return Problem("encryption-impossible", message, field)


def no_such_related_entry(field: str, value: Any) -> Problem:
    """Report a parent that is not here; *field* is the property that named it."""
    message = f"The value for {field} does not exist"
    return Problem("no-such-related-object-entry", message, field, json_text(value))


def no_such_linked_entry(field: str, other: str, value: Any) -> Problem:
    """Report an entry of the other side of a many-to-many relationship."""
    message = (
        f"The value for {field} does not exist: there is no entry "
        f"{json_text(value)} of C_{other}. Import it first; each side names the "
        f"other, so leave {field} out of the one that comes first"
    )
    return Problem("no-such-related-object-entry", message, field, json_text(value))


def duplicate_erc(erc: str, definition_id: int) -> Problem:
    """Report that only new records may be added, and this one is there."""
    message = (
        f"Duplicate object entry with external reference code {erc}, "
        f"group ID {GROUP_ID}, and object definition ID {definition_id}"
    )
    return Problem("duplicate-external-reference-code", message, ERC, json_text(erc))


def no_such_entry(erc: str) -> Problem:
    """Report that only existing records may be changed, and this one is not."""
    message = f"No object entry exists with the external reference code {erc}"
    return Problem("no-such-object-entry", message, ERC, json_text(erc))


def nothing_to_update() -> Problem:
    """Report a record that does not say which entry it would change."""
    message = (
        "The record has no external reference code, so no object entry can be "
        "found to update"
    )
    return Problem("no-such-object-entry", message, ERC)


def erc_of_wrong_kind(value: Any) -> Problem:
    """Report an external reference code that is no usable text."""
    message = "The external reference code must be a text"
    return Problem("invalid-external-reference-code", message, ERC, json_text(value))


def erc_too_long(value: str) -> Problem:
    """Report an external reference code that Liferay's column cannot hold."""
    message = (
        f"The external reference code has {len(value)} characters; "
        f"{ERC_LIMIT} are allowed"
    )
    return Problem("invalid-external-reference-code", message, ERC, json_text(value))


def draft_not_allowed(value: Any) -> Problem:
    """Report a draft of a definition without drafts."""
    message = "Draft status is not allowed"
    return Problem("object-entry-status", message, "status", json_text(value))


def undecodable_file(field: str, value: Any) -> Problem:
    """Report content that is no Base64. *value* is the file without its content."""
    message = "Unable to decode Base64 file"
    return Problem("invalid-file", message, field, json_text(value))


def invalid_file_extension(field: str, extension: str, value: Any) -> Problem:
    """Report a file of a kind that the field does not accept."""
    message = f'The file extension "{extension}" is invalid for object field "{field}"'
    return Problem("invalid-file-extension", message, field, json_text(value))


def exceeds_max_file_size(field: str, limit_mb: int, value: Any) -> Problem:
    """Report a file of more than *limit_mb* MB."""
    message = (
        f"File exceeds the maximum permitted size of {limit_mb} MB "
        f'for object field "{field}"'
    )
    return Problem("exceeds-max-file-size", message, field, json_text(value))


def no_such_file(field: str, named: str | int, value: Any) -> Problem:
    """Report a file that is not here; Liferay's text is unknown."""
    by = "external reference code" if isinstance(named, str) else "id"
    message = (
        f'No file exists with the {by} {named} for object field "{field}". '
        "Bring its content along in fileBase64"
    )
    return Problem("no-such-file-entry", message, field, json_text(value))


def invalid_scope_key(value: Any) -> Problem:
    """Report a scope key that no site can have; Liferay's text is unknown."""
    message = 'The scope key must be a text: the key of a site, like "Guest"'
    return Problem("object-entry-scope", message, SCOPE_KEY, json_text(value))


def no_scope_key(short_name: str) -> Problem:
    """Report an entry of a site without the site."""
    message = f'No scope key was provided for the "C_{short_name}" entry.'
    return Problem("object-entry-scope", message)
