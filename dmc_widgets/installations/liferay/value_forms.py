"""The forms of an entry's values, settled before they are sent to a server.

Liferay makes nothing of some objects: of a picklist entry that is given by its name, of
a file without id, code and content, of a parent without a code. Where the entity type
tells what is meant, that is sent; else the record fails here, with what would put it
right, instead of losing the value there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from ...model.entity import EntityType, Field
from ...model.outcome import Problem
from ...objects.attachment_types import ATTACHMENT, named_file
from ...objects.choice_types import Choices, picklist_check
from ...objects.field_types import ENCRYPTED, secret_check, text_check
from ...objects.links import ABSENT, Link
from ...objects.nested_children import nested_children_fault
from ...objects.scalar_text import scalar_text
from ...objects.statuses import read_status

Settle = Callable[[Any], Any]
"""Takes a value that is not null; returns what is sent for it, or a Problem."""

_TEXTS: Final = frozenset(
    {"EmailAddress", "LongText", "PhoneNumber", "RichText", "Text"}
)
_SENT_AS_TEXTS: Final = _TEXTS | {"MultiselectPicklist", "Picklist"}
"""Types of which the server judges every text, such as the key of an entry."""


class ValueForms:
    """Settles the values of one entity type's entries.

    Args:
        entity_type: As the server has it.
    """

    def __init__(self, entity_type: EntityType) -> None:
        self._settlers = [
            (field.name, settle, field.custom and field.type in _SENT_AS_TEXTS)
            for field in entity_type.fields
            if (settle := _settler(field)) is not None
        ]
        self._links = tuple(_links(entity_type))
        nested = {link.nested_name for link in self._links}
        self._children = [x for x in entity_type.children if x.name not in nested]

    def fault(self, item: Mapping[str, Any]) -> Problem | None:
        """Report what an item holds besides its own values, and would lose."""
        return nested_children_fault(self._children, item)

    def settle(self, item: dict[str, Any]) -> dict[str, Any] | Problem:
        """Return the item as it is sent, or why one of its values would be lost."""
        for name, settle, passes_texts in self._settlers:
            value = item.get(name)
            if value is None or (passes_texts and type(value) is str):
                continue
            settled = settle(value)
            if isinstance(settled, Problem):
                return settled
            item[name] = settled
        for link in self._links:
            problem = _settle_parent(link, item)
            if problem is not None:
                return problem
        return item


def _settler(field: Field) -> Settle | None:
    if field.name == "status" and not field.custom:
        return _settle_status
    if not field.custom:
        return None
    if field.type in _TEXTS:
        return _text_settler(field)
    build = _SETTLERS.get(field.type)
    return build(field) if build else None


def _settle_status(value: Any) -> Any:
    """Send the code: Liferay publishes an entry whose status has a label alone."""
    found = read_status(value)
    if isinstance(value, dict) and type(value.get("code")) is int:
        return found if isinstance(found, Problem) else value
    return {"code": found} if isinstance(found, int) else found


def _text_settler(field: Field) -> Settle:
    check = text_check(field.name, None)

    def settle(value: Any) -> Any:
        is_other = isinstance(value, bool | int | float | Decimal | dict | list)
        return check(value) if is_other else value

    return settle


def _picklist_settler(field: Field) -> Settle:
    check = picklist_check(field.name, Choices.of_field(field))

    def settle(value: Any) -> Any:
        """Leave keys to the server: its picklist may have more of them by now."""
        if isinstance(value, str):
            return value
        key = value.get("key") if isinstance(value, Mapping) else value
        text = None if key is None else scalar_text(key)
        if text and text.strip():
            return value if key == text else text
        found = check(value)
        return {"key": found} if isinstance(found, str) else found

    return settle


def _multiselect_settler(field: Field) -> Settle:
    settle_one = _picklist_settler(field)

    def settle(value: Any) -> Any:
        if isinstance(value, str):
            return value
        members = value if isinstance(value, list) else [value]
        settled = []
        for member in members:
            found = None if member is None else settle_one(member)
            if isinstance(found, Problem):
                return found
            if found is not None:
                settled.append(found)
        return settled

    return settle


def _attachment_settler(field: Field) -> Settle:
    def settle(value: Any) -> Any:
        found = named_file(field.name, value)
        return found if isinstance(found, Problem) else value

    return settle


def _secret_settler(field: Field) -> Settle:
    check = secret_check(field.name)

    def settle(value: Any) -> Any:
        """Refuse blanks, which would empty the field; the rest is the server's."""
        is_blank = isinstance(value, str) and value != "" and not value.strip()
        return check(value) if is_blank else value

    return settle


_SETTLERS: Final[Mapping[str, Callable[[Field], Settle]]] = {
    ATTACHMENT: _attachment_settler,
    ENCRYPTED: _secret_settler,
    "MultiselectPicklist": _multiselect_settler,
    "Picklist": _picklist_settler,
}


def _links(entity_type: EntityType) -> Iterator[Link]:
    """Find the relationships to parents: a group of an id, a code and an object."""
    groups: dict[str, dict[str, str]] = {}
    for field in entity_type.fields:
        if field.any_of_group and field.custom:
            groups.setdefault(field.any_of_group, {})[field.type] = field.name
    for names in groups.values():
        if {"integer", "string", "object"} <= names.keys():
            yield Link(
                id_name=names["integer"],
                erc_name=names["string"],
                nested_name=names["object"],
            )


def _settle_parent(link: Link, item: dict[str, Any]) -> Problem | None:
    """Name a parent in a way that a server takes; null where there is none."""
    if not any(name in item for name in (link.nested_name, link.erc_name)):
        return None
    parent = link.read(item)
    if isinstance(parent, Problem):
        return parent
    if parent is ABSENT:
        return None
    if isinstance(parent, int):
        item.pop(link.nested_name, None)
        item[link.id_name] = parent
    elif isinstance(item.get(link.erc_name), bool | int | float | Decimal):
        item[link.erc_name] = scalar_text(item[link.erc_name])
    return None
