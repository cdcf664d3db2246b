"""Why an entry is refused: the faults of :mod:`.entry_catalogue`, filled in."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from ..model.entity import ChildRelationship
from ..model.outcome import Problem
from .embedded import COMPANY_ID, GROUP_ID
from .entry_catalogue import EntryFault
from .replacement_tokens import language_cause

_MOST_SITES = 20

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


def shorten(text: str, limit: int = 80) -> str:
    """Cut a value that a message quotes."""
    return text if len(text) <= limit else f"{text[:limit]}…"


def quote_value(value: Any) -> str:
    """Write a value for a message: texts in quotes, all else as JSON, cut short."""
    if isinstance(value, str):
        return f'"{shorten(value)}"'
    return shorten(json_text(value))


def required(field: str, value: Any = None) -> Problem:
    """Report a required field without a value."""
    return EntryFault.REQUIRED.problem(field, json_text(value), field=field)


def required_language(field: str, language: str) -> Problem:
    """Report a required field that has values, but none in the default language."""
    fault = EntryFault.REQUIRED_LANGUAGE
    return fault.problem(field, field=field, language=language)


def invalid_language(field: str, language: Any) -> Problem:
    """Report a key of translations that is no language."""
    fault = EntryFault.INVALID_LANGUAGE
    return fault.problem(
        field,
        json_text(language),
        cause=language_cause(language),
        field=field,
        language=language,
    )


def repeated_language(field: str, language: str) -> Problem:
    """Report translations that hold ``en_US`` and ``en-US``."""
    fault = EntryFault.REPEATED_LANGUAGE
    return fault.problem(field, json_text(language), field=field, language=language)


def read_only(field: str, value: Any) -> Problem:
    """Report a new value for a field that takes none."""
    return EntryFault.READ_ONLY.problem(field, json_text(value), field=field)


def exceeds_text_max_length(field: str, limit: int, value: Any) -> Problem:
    """Report a text of more than *limit* characters."""
    fault = EntryFault.TEXT_MAX_LENGTH
    return fault.problem(field, json_text(value), field=field, limit=limit)


def exceeds_integer_size(field: str, value: Any, cause: str = "") -> Problem:
    """Report what is no 32-bit integer."""
    return EntryFault.INTEGER_SIZE.problem(field, json_text(value), cause=cause)


def exceeds_long_size(field: str, value: Any, cause: str = "") -> Problem:
    """Report what is no integer at all in a long field."""
    return EntryFault.LONG_SIZE.problem(field, json_text(value), cause=cause)


def exceeds_long_max_size(field: str, value: Any, cause: str = "") -> Problem:
    """Report an integer above what a long field holds."""
    return EntryFault.LONG_MAX_SIZE.problem(field, json_text(value), cause=cause)


def exceeds_long_min_size(field: str, value: Any, cause: str = "") -> Problem:
    """Report an integer below what a long field holds."""
    return EntryFault.LONG_MIN_SIZE.problem(field, json_text(value), cause=cause)


def invalid_value(field: str, value: Any, cause: str = "") -> Problem:
    """Report a value of a kind that the field does not take."""
    fault = EntryFault.INVALID_VALUE
    return fault.problem(field, json_text(value), cause=cause, field=field)


def invalid_date(field: str, value: Any) -> Problem:
    """Report what is not a date."""
    cause = (
        f'{quote_value(value)} in the field "{field}" is not a date like 2024-01-05 '
        "or 2024-01-05T15:00:00Z. If the file writes dates otherwise, say so in the "
        "mapping."
    )
    return EntryFault.INVALID_DATE.problem(field, json_text(value), cause=cause)


def invalid_email_address(field: str, value: str) -> Problem:
    """Report what is no email address."""
    fault = EntryFault.EMAIL_ADDRESS
    return fault.problem(field, json_text(value), field=field, value=value)


def blocked_domain(field: str, value: str) -> Problem:
    """Report an email address of a domain that the field does not take."""
    fault = EntryFault.EMAIL_DOMAIN
    return fault.problem(field, json_text(value), field=field, value=value)


def invalid_phone_number(field: str, value: str) -> Problem:
    """Report what is no phone number."""
    fault = EntryFault.PHONE_NUMBER
    return fault.problem(field, json_text(value), field=field, value=value)


def list_type_entry(field: str, value: Any, cause: str = "") -> Problem:
    """Report a key or a name that no entry of the picklist has."""
    fault = EntryFault.LIST_TYPE_ENTRY
    return fault.problem(field, json_text(value), cause=cause, field=field)


def unique_value_taken(
    short_name: str, field: str, value: Any, label: str = ""
) -> Problem:
    """Report a value that another entry has already."""
    return EntryFault.UNIQUE_VALUE.problem(
        field,
        json_text(value),
        cause=value_in_use(field, value, label),
        table=_table(short_name),
        field=field,
        value=value if isinstance(value, str) else json_text(value),
    )


def value_in_use(field: str, value: Any, label: str = "") -> str:
    """Explain that a value of a field has to be unique and is not."""
    named = f'"{label}" ({field})' if label and label != field else f'"{field}"'
    return (
        f"An entry has the value {quote_value(value)} of the field {named} already, "
        "and no two entries may have the same."
    )


def already_there(erc: str) -> str:
    """Explain that an entry is there and that only new ones may be added."""
    return (
        f"An entry with the external reference code {quote_value(erc)} exists already, "
        'and "Only Add New Records" changes none.'
    )


def invalid_state_transition(field: str, old: str, new: str) -> Problem:
    """Report a state that may not follow the one before.

    Liferay quotes the states' ids there; these states have none but their keys.
    """
    return EntryFault.STATE_TRANSITION.problem(field, json_text(new), old=old, new=new)


def one_to_one_taken(short_name: str, link: str, parent: str) -> Problem:
    """Report a parent that has its one child already.

    Liferay quotes the parent's id; *parent* is its ERC, which means the same
    wherever the report is read.
    """
    return EntryFault.ONE_TO_ONE.problem(
        link, json_text(parent), table=_table(short_name), field=link, value=parent
    )


def encryption_impossible(field: str, reason: str) -> Problem:
    """Report a secret that cannot be sealed. It stays out of the report."""
    return EntryFault.ENCRYPTION.problem(field, field=field, reason=reason)


def no_such_related_entry(field: str, value: Any) -> Problem:
    """Report a parent that is not here; *field* is the property that named it."""
    return EntryFault.NO_PARENT.problem(
        field, json_text(value), cause=parent_id_cause(field, value), field=field
    )


def parent_id_cause(field: str, value: Any) -> str:
    """Return why a parent is not found by its id; empty where its code names it."""
    if not field.endswith("Id"):
        return ""
    return (
        f"No parent has the id {json_text(value)} here, and ids do not travel between "
        f"installations. Name the parent by {field.removesuffix('Id')}ERC."
    )


def no_such_linked_entry(field: str, other: str, value: Any) -> Problem:
    """Report an entry of the other side of a many-to-many relationship."""
    shown = json_text(value)
    fault = EntryFault.NO_LINKED_ENTRY
    return fault.problem(field, shown, field=field, value=shown, entity=f"C_{other}")


def duplicate_erc(erc: str, definition_id: int) -> Problem:
    """Report that only new records may be added, and this one is there."""
    return EntryFault.DUPLICATE.problem(
        ERC,
        json_text(erc),
        cause=already_there(erc),
        erc=erc,
        group=GROUP_ID,
        definition=definition_id,
    )


def no_such_site(key: str, known: Sequence[str]) -> Problem:
    """Report an entry of a site that is not there."""
    listed = ", ".join(known[:_MOST_SITES]) + (", …" if known[_MOST_SITES:] else "")
    return EntryFault.NO_SITE.problem(SCOPE_KEY, json_text(key), site=key, known=listed)


def no_such_entry(erc: str) -> Problem:
    """Report that only existing records may be changed, and this one is not."""
    return EntryFault.NOT_THERE.problem(ERC, json_text(erc), erc=erc)


def nothing_to_update() -> Problem:
    """Report a record that does not say which entry it would change."""
    return EntryFault.NOTHING_TO_UPDATE.problem(ERC)


def erc_of_wrong_kind(value: Any) -> Problem:
    """Report an external reference code that is no usable text."""
    return EntryFault.ERC_KIND.problem(ERC, json_text(value))


def erc_too_long(value: str) -> Problem:
    """Report an external reference code that Liferay's column cannot hold."""
    fault = EntryFault.ERC_LENGTH
    return fault.problem(ERC, json_text(value), length=len(value), limit=ERC_LIMIT)


def draft_not_allowed(value: Any) -> Problem:
    """Report a draft of a definition without drafts."""
    return EntryFault.DRAFT.problem("status", json_text(value))


def status_not_supported(value: Any) -> Problem:
    """Report a status other than approved and draft."""
    shown = json_text(value)
    return EntryFault.STATUS.problem("status", shown, value=quote_value(value))


def nested_children(children: ChildRelationship, value: Any) -> Problem:
    """Report entries of children that stand within the entry of their parent."""
    return EntryFault.NESTED_CHILDREN.problem(
        children.name,
        json_text(value),
        count=len(value) if isinstance(value, list) else 1,
        name=children.name,
        child=children.child,
        code=children.parent_code,
    )


def undecodable_file(field: str, value: Any) -> Problem:
    """Report content that is no Base64. *value* is the file without its content."""
    return EntryFault.FILE_CONTENT.problem(field, json_text(value))


def invalid_file_extension(field: str, extension: str, value: Any) -> Problem:
    """Report a file of a kind that the field does not accept."""
    fault = EntryFault.FILE_EXTENSION
    return fault.problem(field, json_text(value), extension=extension, field=field)


def exceeds_max_file_size(field: str, limit_mb: int, value: Any) -> Problem:
    """Report a file of more than *limit_mb* MB."""
    fault = EntryFault.FILE_SIZE
    return fault.problem(field, json_text(value), limit=limit_mb, field=field)


def no_such_file(field: str, named: str | int, value: Any) -> Problem:
    """Report a file that is not here."""
    by = "external reference code" if isinstance(named, str) else "id"
    fault = EntryFault.NO_FILE
    return fault.problem(field, json_text(value), by=by, named=named, field=field)


def invalid_scope_key(value: Any) -> Problem:
    """Report a scope key that no site can have."""
    return EntryFault.SCOPE_KEY.problem(SCOPE_KEY, json_text(value))


def no_scope_key(short_name: str) -> Problem:
    """Report an entry of a site without the site."""
    return EntryFault.NO_SCOPE_KEY.problem(entity=f"C_{short_name}")


def _table(short_name: str) -> str:
    return f"O_{COMPANY_ID}_{short_name}"
