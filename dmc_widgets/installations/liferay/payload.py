"""What of an item is sent to a server.

The forms of an entry's values, settled before they are sent to a server.

Liferay makes nothing of some objects: of a picklist entry that is given by its name, of
a file without id, code and content, of a parent without a code. Where the entity type
tells what is meant, that is sent; else the record fails here, with what would put it
right, instead of losing the value there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from ...model.entity_type import OBJECT_ENTRY, EntityType, Field
from ...model.outcome import OTHER_TRANSLATION, Problem
from ...objects.entries.system_properties import (
    CATEGORY_BRIEFS,
    CATEGORY_IDS,
    read_status,
)
from ...objects.fields.attachment import ATTACHMENT, read_file_reference
from ...objects.fields.field_rules import (
    ENCRYPTED,
    build_secret_check,
    build_text_check,
)
from ...objects.fields.localized import has_contradiction, invalid_language
from ...objects.fields.picklist import Choices, build_picklist_check
from ...objects.fields.relationship import (
    ABSENT,
    ParentRelationship,
    check_nested_children,
)
from ...objects.names import SCOPE_KEY, erc_field_name
from ...objects.replacement_tokens import FOR_EACH_LANGUAGE, check_tokens
from ...objects.text import scalar_text, split_list_cell
from .items import is_link_list

Convert = Callable[[Any], Any]
"""Takes a value that is not null; returns what is sent for it, or a Problem."""

_TEXT_TYPES: Final = frozenset(
    {"EmailAddress", "LongText", "PhoneNumber", "RichText", "Text"}
)
_TYPES_SENT_AS_TEXT: Final = _TEXT_TYPES | {"MultiselectPicklist", "Picklist"}
"""Types of which the server judges every text, such as the key of an entry."""


class ValueConverter:
    """Settles the values of one entity type's entries.

    Args:
        entity_type: As the server has it.
    """

    def __init__(self, entity_type: EntityType) -> None:
        self._settlers = [
            (field.name, settle, field.custom and field.type in _TYPES_SENT_AS_TEXT)
            for field in entity_type.fields
            if (settle := _make_converter(field)) is not None
        ]
        self._links = tuple(_find_parent_links(entity_type))
        nested = {link.nested_name for link in self._links}
        self._children = [x for x in entity_type.children if x.name not in nested]

    def fault(self, item: Mapping[str, Any]) -> Problem | None:
        """Report what an item holds besides its own values, and would lose."""
        return check_nested_children(self._children, item)

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
            problem = _convert_parent(link, item)
            if problem is not None:
                return problem
        return item


def _make_converter(field: Field) -> Convert | None:
    if field.name == "status" and not field.custom:
        return _convert_status
    if not field.custom:
        return None
    if field.type in _TEXT_TYPES:
        return _text_converter(field)
    build = _CONVERTERS.get(field.type)
    return build(field) if build else None


def _convert_status(value: Any) -> Any:
    """Send the code: Liferay publishes an entry whose status has a label alone."""
    found = read_status(value)
    if isinstance(value, dict) and type(value.get("code")) is int:
        return found if isinstance(found, Problem) else value
    return {"code": found} if isinstance(found, int) else found


def _text_converter(field: Field) -> Convert:
    check = build_text_check(field.name, None)

    def settle(value: Any) -> Any:
        is_other = isinstance(value, bool | int | float | Decimal | dict | list)
        return check(value) if is_other else value

    return settle


def _picklist_converter(field: Field) -> Convert:
    check = build_picklist_check(field.name, Choices.of_field(field))

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


def _multiselect_converter(field: Field) -> Convert:
    settle_one = _picklist_converter(field)

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


def _attachment_converter(field: Field) -> Convert:
    def settle(value: Any) -> Any:
        found = read_file_reference(field.name, value)
        return found if isinstance(found, Problem) else value

    return settle


def _secret_converter(field: Field) -> Convert:
    check = build_secret_check(field.name)

    def settle(value: Any) -> Any:
        """Refuse blanks, which would empty the field; the rest is the server's."""
        is_blank = isinstance(value, str) and value != "" and not value.strip()
        return check(value) if is_blank else value

    return settle


_CONVERTERS: Final[Mapping[str, Callable[[Field], Convert]]] = {
    ATTACHMENT: _attachment_converter,
    ENCRYPTED: _secret_converter,
    "MultiselectPicklist": _multiselect_converter,
    "Picklist": _picklist_converter,
}


def _find_parent_links(entity_type: EntityType) -> Iterator[ParentRelationship]:
    """Find the relationships to parents: a group of an id, a code and an object."""
    groups: dict[str, dict[str, str]] = {}
    for field in entity_type.fields:
        if field.any_of_group and field.custom:
            groups.setdefault(field.any_of_group, {})[field.type] = field.name
    for names in groups.values():
        if {"integer", "string", "object"} <= names.keys():
            yield ParentRelationship(
                id_name=names["integer"],
                erc_name=names["string"],
                nested_name=names["object"],
            )


def _convert_parent(link: ParentRelationship, item: dict[str, Any]) -> Problem | None:
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


_PARENT_ID: Final = re.compile(r"r_\w+Id")


class PayloadBuilder:
    """Picks what is sent; compiled once for the items of a batch.

    Args:
        entity_type: Of the items.

    Attributes:
        is_entry: The items are entries of an object.
        has_sites: The items belong to sites.
        short_name: Of the object.
    """

    def __init__(self, entity_type: EntityType) -> None:
        fields = entity_type.fields
        known = {field.name for field in fields}
        self.is_entry = entity_type.class_name == OBJECT_ENTRY
        self.has_sites = self.is_entry and SCOPE_KEY in known
        self.short_name = entity_type.short_name
        self._known = known
        self._taken = {field.name for field in fields if not field.read_only}
        self._open = entity_type.open
        self._lists = {field.name for field in fields if field.type == "array"}
        links = {each.name for each in filter(is_link_list, fields)}
        self._apart = {CATEGORY_BRIEFS, SCOPE_KEY, *links}
        self._localized = [
            (field.any_of_group, field.languages[0])
            for field in fields
            if field.languages
        ]
        self._forms = ValueConverter(entity_type) if self.is_entry else None

    def sent(self, item: Mapping[str, Any]) -> dict[str, Any] | Problem:
        """Leave out what a server sets itself, or would take in another sense.

        The id of a parent belongs to the server that the item comes from. Where its
        code stands beside it, only the code counts. Lists of links are
        :mod:`.linking`'s.

        Returns:
            What is sent, or why the server would lose a value of it.
        """
        picked = self._picked(item)
        if self._forms is None:
            return check_tokens(picked) or picked
        for name, value in picked.items():
            if type(value) is dict and FOR_EACH_LANGUAGE in value:
                return invalid_language(name, FOR_EACH_LANGUAGE)
        return self._forms.fault(item) or self._forms.settle(picked)

    def note_of(self, item: Mapping[str, Any]) -> str:
        """Return the note that an item gets, or an empty text."""
        if any(has_contradiction(item, *names) for names in self._localized):
            return OTHER_TRANSLATION
        return ""

    def _picked(self, item: Mapping[str, Any]) -> dict[str, Any]:
        sent = {
            name: value
            for name, value in item.items()
            if name in self._taken or (self._open and name not in self._known)
        }
        if not self.is_entry:
            return sent
        for name in self._lists & sent.keys():
            if isinstance(sent[name], str):
                sent[name] = split_list_cell(sent[name])  # the cell of a table
        if CATEGORY_IDS not in sent and isinstance(sent.get(CATEGORY_BRIEFS), list):
            briefs = [x for x in sent[CATEGORY_BRIEFS] if isinstance(x, dict)]
            sent[CATEGORY_IDS] = [brief.get("taxonomyCategoryId") for brief in briefs]
        for name in self._apart & sent.keys():
            del sent[name]
        links = [x for x in sent if x.startswith("r_") and _PARENT_ID.fullmatch(x)]
        for name in links:
            if sent.get(erc_field_name(name)):
                del sent[name]
        return sent
