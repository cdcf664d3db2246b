"""Problems of entries whose text or explanation needs more than a type's placeholders.

All others are made from :class:`~.entry_problem_types.EntryProblemType` directly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from ...model.entity_type import ChildRelationship, object_type_name
from ...model.outcome import Problem
from ..company_ids import COMPANY_ID, GROUP_ID
from ..names import ERC, SCOPE_KEY
from ..text import format_json, quote_value
from .entry_problem_types import EntryProblemType

_MAX_LISTED_SITES: Final = 20


def invalid_value(field: str, value: Any, cause: str = "") -> Problem:
    """Report a value of a type that the field does not accept."""
    return EntryProblemType.INVALID_VALUE.problem(field, value, cause=cause)


def invalid_date(field: str, value: Any) -> Problem:
    """Report a value that is not a date, with the forms that are."""
    cause = (
        f'{quote_value(value)} in the field "{field}" is not a date like 2024-01-05 '
        "or 2024-01-05T15:00:00Z. If the file writes dates otherwise, say so in the "
        "mapping."
    )
    return EntryProblemType.INVALID_DATE.problem(field, value, cause=cause)


def duplicate_unique_value(
    short_name: str, field: str, value: Any, label: str = ""
) -> Problem:
    """Report a value that another entry already has.

    Args:
        short_name: The name of the definition, without ``C_``.
        field: The name of the field.
        value: The value that has to be unique.
        label: The label of the field, for people.
    """
    return EntryProblemType.UNIQUE_VALUE.problem(
        field,
        value,
        cause=explain_value_in_use(field, value, label),
        table=_table_name(short_name),
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
    """Explain that an entry exists where only new ones may be added."""
    return (
        f"An entry with the external reference code {quote_value(erc)} exists already, "
        'and "Only Add New Records" changes none.'
    )


def duplicate_erc(erc: str, definition_id: int) -> Problem:
    """Report an entry that exists where only new ones may be added."""
    return EntryProblemType.DUPLICATE.problem(
        ERC,
        erc,
        cause=explain_existing_entry(erc),
        erc=erc,
        group=GROUP_ID,
        definition=definition_id,
    )


def second_child(short_name: str, relationship: str, parent_erc: str) -> Problem:
    """Report a second child of a parent in a one-to-one relationship.

    Liferay quotes the id of the parent. The text here quotes its ERC, which means the
    same wherever the report is read.

    Args:
        short_name: The name of the child's definition, without ``C_``.
        relationship: The property of the child that holds the parent's id.
        parent_erc: The external reference code of the parent.
    """
    return EntryProblemType.ONE_TO_ONE.problem(
        relationship, parent_erc, table=_table_name(short_name), value=parent_erc
    )


def no_such_related_entry(field: str, value: Any) -> Problem:
    """Report a parent that does not exist; *field* is the property that names it."""
    cause = explain_parent_id(field, value)
    return EntryProblemType.NO_PARENT.problem(field, value, cause=cause)


def explain_parent_id(field: str, value: Any) -> str:
    """Explain that ids do not travel; empty where the parent is named by its code."""
    if not field.endswith("Id"):
        return ""
    return (
        f"No parent has the id {format_json(value)} here, and ids do not travel "
        f"between installations. Name the parent by {field.removesuffix('Id')}ERC."
    )


def no_such_linked_entry(field: str, other: str, value: Any) -> Problem:
    """Report a missing entry of the other side of a many-to-many relationship."""
    return EntryProblemType.NO_LINKED_ENTRY.problem(
        field, value, value=format_json(value), entity=object_type_name(other)
    )


def no_such_site(key: str, known: Sequence[str]) -> Problem:
    """Report an entry of a site that does not exist, with the sites that do."""
    listed = ", ".join(known[:_MAX_LISTED_SITES])
    if known[_MAX_LISTED_SITES:]:
        listed += ", …"
    return EntryProblemType.NO_SITE.problem(SCOPE_KEY, key, site=key, known=listed)


def status_not_supported(value: Any) -> Problem:
    """Report a status that is neither approved nor draft."""
    return EntryProblemType.STATUS.problem("status", value, value=quote_value(value))


def nested_children(children: ChildRelationship, value: Any) -> Problem:
    """Report entries of children that stand within the entry of their parent."""
    return EntryProblemType.NESTED_CHILDREN.problem(
        children.name,
        value,
        count=len(value) if isinstance(value, list) else 1,
        name=children.name,
        child=children.child,
        code=children.parent_code,
    )


def invalid_permissions(value: Any, cause: str) -> Problem:
    """Report permissions of an entry that cannot be stored, and why."""
    return invalid_value("permissions", value, cause)


def nested_entries(name: str, value: Any) -> Problem:
    """Report a value under the name of a relationship that holds no entries."""
    return EntryProblemType.NESTED_ENTRIES.problem(name, value)


def inactive_object(name: str) -> Problem:
    """Report entries within an entry whose object is not published."""
    return EntryProblemType.INACTIVE_OBJECT.problem(name, name=name)


def explain_nested_entry(name: str, number: int, problem: Problem) -> Problem:
    """Return the problem of an entry within another, with where it stands.

    Args:
        name: The name of the relationship.
        number: The number of the entry in its list, from 1; 0 for one that the list
            leaves out.
        problem: The problem of the entry.
    """
    where = f"Entry {number} in" if number else "An entry that is left out of"
    field = f"{name}.{problem.field}" if problem.field else name
    explained = problem.with_cause(f'{where} "{name}":')
    return replace(explained, field=field)


def no_such_file(field: str, named: str | int, value: Any) -> Problem:
    """Report a file that does not exist, by its external reference code or its id."""
    by = "external reference code" if isinstance(named, str) else "id"
    return EntryProblemType.NO_FILE.problem(field, value, by=by, named=named)


def _table_name(short_name: str) -> str:
    return f"O_{COMPANY_ID}_{short_name}"
