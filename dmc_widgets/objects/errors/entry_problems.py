"""Why an entry is refused: the faults of :mod:`.entry_catalogue`, filled in."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from ...model.entity_type import ChildRelationship
from ...model.outcome import Problem
from ..embedded_installation import COMPANY_ID, GROUP_ID
from ..replacement_tokens import explain_language_token
from .entry_problem_types import EntryProblemType

_MAX_LISTED_SITES = 20

ERC = "externalReferenceCode"
ERC_LIMIT = 75
SCOPE_KEY = "scopeKey"


def format_json(value: Any) -> str:
    """Write *value* as JSON for a report, whatever it is."""
    try:
        text = json.dumps(value, ensure_ascii=False, default=str)
        text.encode()
    except UnicodeEncodeError:
        return json.dumps(value, default=str)
    except (RecursionError, ValueError, TypeError):
        return '"(a value that JSON cannot hold)"'
    return text


def shorten_text(text: str, limit: int = 80) -> str:
    """Cut a value that a message quotes."""
    return text if len(text) <= limit else f"{text[:limit]}…"


def quote_value(value: Any) -> str:
    """Write a value for a message: texts in quotes, all else as JSON, cut short."""
    if isinstance(value, str):
        return f'"{shorten_text(value)}"'
    return shorten_text(format_json(value))


def missing_value(field: str, value: Any = None) -> Problem:
    """Report a required field without a value."""
    return EntryProblemType.REQUIRED.problem(field, format_json(value), field=field)


def missing_translation(field: str, language: str) -> Problem:
    """Report a required field that has values, but none in the default language."""
    fault = EntryProblemType.REQUIRED_LANGUAGE
    return fault.problem(field, field=field, language=language)


def invalid_language(field: str, language: Any) -> Problem:
    """Report a key of translations that is no language."""
    fault = EntryProblemType.INVALID_LANGUAGE
    return fault.problem(
        field,
        format_json(language),
        cause=explain_language_token(language),
        field=field,
        language=language,
    )


def repeated_language(field: str, language: str) -> Problem:
    """Report translations that hold ``en_US`` and ``en-US``."""
    fault = EntryProblemType.REPEATED_LANGUAGE
    return fault.problem(field, format_json(language), field=field, language=language)


def read_only_value(field: str, value: Any) -> Problem:
    """Report a new value for a field that takes none."""
    return EntryProblemType.READ_ONLY.problem(field, format_json(value), field=field)


def exceeds_text_max_length(field: str, limit: int, value: Any) -> Problem:
    """Report a text of more than *limit* characters."""
    fault = EntryProblemType.TEXT_MAX_LENGTH
    return fault.problem(field, format_json(value), field=field, limit=limit)


def exceeds_integer_size(field: str, value: Any, cause: str = "") -> Problem:
    """Report what is no 32-bit integer."""
    return EntryProblemType.INTEGER_SIZE.problem(field, format_json(value), cause=cause)


def exceeds_long_size(field: str, value: Any, cause: str = "") -> Problem:
    """Report what is no integer at all in a long field."""
    return EntryProblemType.LONG_SIZE.problem(field, format_json(value), cause=cause)


def exceeds_long_max_size(field: str, value: Any, cause: str = "") -> Problem:
    """Report an integer above what a long field holds."""
    return EntryProblemType.LONG_MAX_SIZE.problem(
        field, format_json(value), cause=cause
    )


def exceeds_long_min_size(field: str, value: Any, cause: str = "") -> Problem:
    """Report an integer below what a long field holds."""
    return EntryProblemType.LONG_MIN_SIZE.problem(
        field, format_json(value), cause=cause
    )


def invalid_value(field: str, value: Any, cause: str = "") -> Problem:
    """Report a value of a kind that the field does not take."""
    fault = EntryProblemType.INVALID_VALUE
    return fault.problem(field, format_json(value), cause=cause, field=field)


def invalid_date(field: str, value: Any) -> Problem:
    """Report what is not a date."""
    cause = (
        f'{quote_value(value)} in the field "{field}" is not a date like 2024-01-05 '
        "or 2024-01-05T15:00:00Z. If the file writes dates otherwise, say so in the "
        "mapping."
    )
    return EntryProblemType.INVALID_DATE.problem(field, format_json(value), cause=cause)


def invalid_email_address(field: str, value: str) -> Problem:
    """Report what is no email address."""
    fault = EntryProblemType.EMAIL_ADDRESS
    return fault.problem(field, format_json(value), field=field, value=value)


def blocked_domain(field: str, value: str) -> Problem:
    """Report an email address of a domain that the field does not take."""
    fault = EntryProblemType.EMAIL_DOMAIN
    return fault.problem(field, format_json(value), field=field, value=value)


def invalid_phone_number(field: str, value: str) -> Problem:
    """Report what is no phone number."""
    fault = EntryProblemType.PHONE_NUMBER
    return fault.problem(field, format_json(value), field=field, value=value)


def list_type_entry(field: str, value: Any, cause: str = "") -> Problem:
    """Report a key or a name that no entry of the picklist has."""
    fault = EntryProblemType.LIST_TYPE_ENTRY
    return fault.problem(field, format_json(value), cause=cause, field=field)


def duplicate_unique_value(
    short_name: str, field: str, value: Any, label: str = ""
) -> Problem:
    """Report a value that another entry has already."""
    return EntryProblemType.UNIQUE_VALUE.problem(
        field,
        format_json(value),
        cause=explain_value_in_use(field, value, label),
        table=_table_name(short_name),
        field=field,
        value=value if isinstance(value, str) else format_json(value),
    )


def explain_value_in_use(field: str, value: Any, label: str = "") -> str:
    """Explain that a value of a field has to be unique and is not."""
    named = f'"{label}" ({field})' if label and label != field else f'"{field}"'
    return (
        f"An entry has the value {quote_value(value)} of the field {named} already, "
        "and no two entries may have the same."
    )


def explain_existing_entry(erc: str) -> str:
    """Explain that an entry is there and that only new ones may be added."""
    return (
        f"An entry with the external reference code {quote_value(erc)} exists already, "
        'and "Only Add New Records" changes none.'
    )


def invalid_state_transition(field: str, old: str, new: str) -> Problem:
    """Report a state that may not follow the one before.

    Liferay quotes the states' ids there; these states have none but their keys.
    """
    return EntryProblemType.STATE_TRANSITION.problem(
        field, format_json(new), old=old, new=new
    )


def second_child(short_name: str, link: str, parent: str) -> Problem:
    """Report a parent that has its one child already.

    Liferay quotes the parent's id; *parent* is its ERC, which means the same
    wherever the report is read.
    """
    return EntryProblemType.ONE_TO_ONE.problem(
        link,
        format_json(parent),
        table=_table_name(short_name),
        field=link,
        value=parent,
    )


def encryption_impossible(field: str, reason: str) -> Problem:
    """Report a secret that cannot be sealed. It stays out of the report."""
    return EntryProblemType.ENCRYPTION.problem(field, field=field, reason=reason)


def no_such_related_entry(field: str, value: Any) -> Problem:
    """Report a parent that is not here; *field* is the property that named it."""
    return EntryProblemType.NO_PARENT.problem(
        field, format_json(value), cause=explain_parent_id(field, value), field=field
    )


def explain_parent_id(field: str, value: Any) -> str:
    """Return why a parent is not found by its id; empty where its code names it."""
    if not field.endswith("Id"):
        return ""
    shown = format_json(value)
    return (
        f"No parent has the id {shown} here, and ids do not travel between "
        f"installations. Name the parent by {field.removesuffix('Id')}ERC."
    )


def no_such_linked_entry(field: str, other: str, value: Any) -> Problem:
    """Report an entry of the other side of a many-to-many relationship."""
    shown = format_json(value)
    fault = EntryProblemType.NO_LINKED_ENTRY
    return fault.problem(field, shown, field=field, value=shown, entity=f"C_{other}")


def duplicate_erc(erc: str, definition_id: int) -> Problem:
    """Report that only new records may be added, and this one is there."""
    return EntryProblemType.DUPLICATE.problem(
        ERC,
        format_json(erc),
        cause=explain_existing_entry(erc),
        erc=erc,
        group=GROUP_ID,
        definition=definition_id,
    )


def no_such_site(key: str, known: Sequence[str]) -> Problem:
    """Report an entry of a site that is not there."""
    listed = ", ".join(known[:_MAX_LISTED_SITES]) + (
        ", …" if known[_MAX_LISTED_SITES:] else ""
    )
    return EntryProblemType.NO_SITE.problem(
        SCOPE_KEY, format_json(key), site=key, known=listed
    )


def no_such_entry(erc: str) -> Problem:
    """Report that only existing records may be changed, and this one is not."""
    return EntryProblemType.NOT_THERE.problem(ERC, format_json(erc), erc=erc)


def nothing_to_update() -> Problem:
    """Report a record that does not say which entry it would change."""
    return EntryProblemType.NOTHING_TO_UPDATE.problem(ERC)


def invalid_erc(value: Any) -> Problem:
    """Report an external reference code that is no usable text."""
    return EntryProblemType.ERC_KIND.problem(ERC, format_json(value))


def erc_too_long(value: str) -> Problem:
    """Report an external reference code that Liferay's column cannot hold."""
    fault = EntryProblemType.ERC_LENGTH
    return fault.problem(ERC, format_json(value), length=len(value), limit=ERC_LIMIT)


def draft_not_allowed(value: Any) -> Problem:
    """Report a draft of a definition without drafts."""
    return EntryProblemType.DRAFT.problem("status", format_json(value))


def status_not_supported(value: Any) -> Problem:
    """Report a status other than approved and draft."""
    shown = format_json(value)
    return EntryProblemType.STATUS.problem("status", shown, value=quote_value(value))


def nested_children(children: ChildRelationship, value: Any) -> Problem:
    """Report entries of children that stand within the entry of their parent."""
    return EntryProblemType.NESTED_CHILDREN.problem(
        children.name,
        format_json(value),
        count=len(value) if isinstance(value, list) else 1,
        name=children.name,
        child=children.child,
        code=children.parent_code,
    )


def invalid_file_content(field: str, value: Any) -> Problem:
    """Report content that is no Base64. *value* is the file without its content."""
    return EntryProblemType.FILE_CONTENT.problem(field, format_json(value))


def invalid_file_extension(field: str, extension: str, value: Any) -> Problem:
    """Report a file of a kind that the field does not accept."""
    fault = EntryProblemType.FILE_EXTENSION
    return fault.problem(field, format_json(value), extension=extension, field=field)


def exceeds_max_file_size(field: str, limit_mb: int, value: Any) -> Problem:
    """Report a file of more than *limit_mb* MB."""
    fault = EntryProblemType.FILE_SIZE
    return fault.problem(field, format_json(value), limit=limit_mb, field=field)


def no_such_file(field: str, named: str | int, value: Any) -> Problem:
    """Report a file that is not here."""
    by = "external reference code" if isinstance(named, str) else "id"
    fault = EntryProblemType.NO_FILE
    return fault.problem(field, format_json(value), by=by, named=named, field=field)


def invalid_scope_key(value: Any) -> Problem:
    """Report a scope key that no site can have."""
    return EntryProblemType.SCOPE_KEY.problem(SCOPE_KEY, format_json(value))


def no_scope_key(short_name: str) -> Problem:
    """Report an entry of a site without the site."""
    return EntryProblemType.NO_SCOPE_KEY.problem(entity=f"C_{short_name}")


def _table_name(short_name: str) -> str:
    return f"O_{COMPANY_ID}_{short_name}"
