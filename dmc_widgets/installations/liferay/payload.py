"""Payloads: which parts of an item are sent to a server, and in which form.

A server sets some properties itself, takes others in another sense, and ignores some
values that it cannot read: a picklist entry given by its name, a file without id, code
and content, a parent without a code. Where the entity type shows what such a value
means, that is sent. Otherwise the record fails here, with a problem that says what
would put it right, instead of losing the value on the server.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from ...model.entity_type import OBJECT_ENTRY, EntityType, Field
from ...model.outcome import OTHER_TRANSLATION, Problem
from ...objects.documents.fitted_fields import adapt_fields
from ...objects.entries.system_properties import (
    CATEGORY_BRIEFS,
    CATEGORY_IDS,
    read_categorization,
    read_status,
)
from ...objects.fields.attachment import ATTACHMENT, read_file_reference
from ...objects.fields.field_rules import (
    ENCRYPTED,
    build_secret_check,
    build_text_check,
)
from ...objects.fields.localized import has_contradiction, invalid_language
from ...objects.fields.many_to_many import is_link_list
from ...objects.fields.picklist import Choices, build_picklist_check
from ...objects.fields.relationship import (
    ABSENT,
    ParentRelationship,
    check_nested_children,
)
from ...objects.names import ERC, SCOPE_KEY, erc_field_name
from ...objects.replacement_tokens import FOR_EACH_LANGUAGE, check_tokens
from ...objects.text import format_scalar, split_list_cell
from ...objects.versions.item_schemas import ItemSchemas

Convert = Callable[[Any], Any]
"""Takes a value other than null, and returns what is sent for it, or a Problem."""

_PARENT_ID: Final = re.compile(r"r_\w+Id")
_TEXT_TYPES: Final = frozenset(
    {"EmailAddress", "LongText", "PhoneNumber", "RichText", "Text"}
)
_TYPES_SENT_AS_TEXT: Final = _TEXT_TYPES | {"MultiselectPicklist", "Picklist"}
"""Field types of which every text is left to the server, such as a picklist key."""


class PayloadBuilder:
    """Builds what is sent for the items of one entity type.

    Args:
        entity_type: The entity type that the items belong to.
        sends_links: Items bring the links of many-to-many relationships.
        schemas: What the server knows of the items, also of what is nested in them;
            None for everything.

    Attributes:
        is_entry: The items are entries of an object.
        has_sites: The items belong to sites.
        short_name: The name of the object without its prefix.
    """

    def __init__(
        self,
        entity_type: EntityType,
        schemas: ItemSchemas | None = None,
        *,
        sends_links: bool = False,
    ) -> None:
        fields = entity_type.fields
        self._schemas, self._schema = schemas, entity_type.name
        self.is_entry = entity_type.class_name == OBJECT_ENTRY
        self.short_name = entity_type.short_name
        self._known = {field.name for field in fields}
        self.has_sites = self.is_entry and SCOPE_KEY in self._known
        self._writable = {field.name for field in fields if not field.read_only}
        self._is_open = entity_type.open
        self._arrays = {field.name for field in fields if field.type == "array"}
        self._link_lists = {field.name for field in filter(is_link_list, fields)}
        left_out = () if sends_links else self._link_lists
        self._not_sent = {CATEGORY_BRIEFS, SCOPE_KEY, *left_out}
        self._localized = [
            (field.any_of_group, field.languages[0])
            for field in fields
            if field.languages
        ]
        self._converter = ValueConverter(entity_type) if self.is_entry else None

    def build(self, item: Mapping[str, Any]) -> dict[str, Any] | Problem:
        """Return what is sent for *item*, or the problem with which it would lose data.

        The id of a parent belongs to the server that the item comes from, so it is left
        out beside the parent's code. Links of many-to-many relationships are written
        by :mod:`.relationships`.
        """
        payload = self._select(item)
        if self._converter is None:
            return check_tokens(payload) or self._fit(payload)
        for name, value in payload.items():
            if type(value) is dict and FOR_EACH_LANGUAGE in value:
                return invalid_language(name, FOR_EACH_LANGUAGE)
        return self._converter.find_problem(item) or self._converter.convert(payload)

    def _fit(self, payload: dict[str, Any]) -> dict[str, Any]:
        """Return a document without what the server does not know."""
        if self._schemas is None:
            return payload
        fitted = self._schemas.fit(self._schema, payload)
        return adapt_fields(self._schema, payload, fitted).item

    def note_for(self, item: Mapping[str, Any]) -> str:
        """Return the note for an item whose translations contradict it, or empty."""
        if any(has_contradiction(item, *names) for names in self._localized):
            return OTHER_TRANSLATION
        return ""

    def _select(self, item: Mapping[str, Any]) -> dict[str, Any]:
        payload = {
            name: value
            for name, value in item.items()
            if name in self._writable or (self._is_open and name not in self._known)
        }
        if not self.is_entry:
            return payload
        for name in self._arrays & payload.keys():
            if isinstance(payload[name], str):  # the cell of a table
                payload[name] = split_list_cell(payload[name])
        briefs = payload.get(CATEGORY_BRIEFS)
        if CATEGORY_IDS not in payload and isinstance(briefs, list):
            payload[CATEGORY_IDS] = [
                brief.get("taxonomyCategoryId")
                for brief in briefs
                if isinstance(brief, dict)
            ]
        for name in self._not_sent & payload.keys():
            del payload[name]
        for name in self._link_lists & payload.keys():
            payload[name] = _objects_with_codes(payload[name])
        parent_ids = [
            name
            for name in payload
            if name.startswith("r_") and _PARENT_ID.fullmatch(name)
        ]
        for name in parent_ids:
            if payload.get(erc_field_name(name)):
                del payload[name]
        return payload


def _objects_with_codes(links: Any) -> Any:
    """Return a list of linked entries in which each is an object."""
    if not isinstance(links, list):
        return links
    return [{ERC: link} if isinstance(link, str) else link for link in links]


class ValueConverter:
    """Converts the values of one entity type's entries into the forms of a server.

    Args:
        entity_type: The entity type as the server describes it.
    """

    def __init__(self, entity_type: EntityType) -> None:
        self._converters = [
            (field.name, convert, field.custom and field.type in _TYPES_SENT_AS_TEXT)
            for field in entity_type.fields
            if (convert := _make_converter(field)) is not None
        ]
        self._parents = tuple(_find_parents(entity_type))
        parent_names = {parent.nested_name for parent in self._parents}
        self._children = [
            child for child in entity_type.children if child.name not in parent_names
        ]

    def find_problem(self, item: Mapping[str, Any]) -> Problem | None:
        """Return the problem of an item with children that it would lose, or None."""
        return check_nested_children(self._children, item)

    def convert(self, payload: dict[str, Any]) -> dict[str, Any] | Problem:
        """Convert the values of *payload* in place, and return it or a problem."""
        lists = read_categorization(payload)
        if isinstance(lists, Problem):
            return lists
        for name, convert, passes_texts in self._converters:
            value = payload.get(name)
            if value is None or (passes_texts and type(value) is str):
                continue
            converted = convert(value)
            if isinstance(converted, Problem):
                return converted
            payload[name] = converted
        for parent in self._parents:
            problem = _convert_parent(parent, payload)
            if problem is not None:
                return problem
        return payload


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
    """Return a status with a code: with a label alone, Liferay publishes the entry."""
    status = read_status(value)
    if isinstance(value, dict) and type(value.get("code")) is int:
        return status if isinstance(status, Problem) else value
    return {"code": status} if isinstance(status, int) else status


def _text_converter(field: Field) -> Convert:
    check = build_text_check(field.name, None)

    def convert(value: Any) -> Any:
        is_other = isinstance(value, bool | int | float | Decimal | dict | list)
        return check(value) if is_other else value

    return convert


def _picklist_converter(field: Field) -> Convert:
    check = build_picklist_check(field.name, Choices.of_field(field))

    def convert(value: Any) -> Any:
        """Leave keys to the server, whose picklist may have new entries by now."""
        if isinstance(value, str):
            return value
        key = value.get("key") if isinstance(value, Mapping) else value
        text = None if key is None else format_scalar(key)
        if text and text.strip():
            return value if key == text else text
        checked = check(value)
        return {"key": checked} if isinstance(checked, str) else checked

    return convert


def _multiselect_converter(field: Field) -> Convert:
    convert_one = _picklist_converter(field)

    def convert(value: Any) -> Any:
        if isinstance(value, str):
            return value
        members = value if isinstance(value, list) else [value]
        converted = []
        for member in members:
            choice = None if member is None else convert_one(member)
            if isinstance(choice, Problem):
                return choice
            if choice is not None:
                converted.append(choice)
        return converted

    return convert


def _attachment_converter(field: Field) -> Convert:
    def convert(value: Any) -> Any:
        reference = read_file_reference(field.name, value)
        return reference if isinstance(reference, Problem) else value

    return convert


def _secret_converter(field: Field) -> Convert:
    check = build_secret_check(field.name)

    def convert(value: Any) -> Any:
        """Refuse blanks, which would empty the field; the server checks the rest."""
        is_blank = isinstance(value, str) and value != "" and not value.strip()
        return check(value) if is_blank else value

    return convert


_CONVERTERS: Final[Mapping[str, Callable[[Field], Convert]]] = {
    ATTACHMENT: _attachment_converter,
    ENCRYPTED: _secret_converter,
    "MultiselectPicklist": _multiselect_converter,
    "Picklist": _picklist_converter,
}


def _find_parents(entity_type: EntityType) -> Iterator[ParentRelationship]:
    """Yield the relationships to parents: groups of an id, a code and an object."""
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


def _convert_parent(
    relationship: ParentRelationship, payload: dict[str, Any]
) -> Problem | None:
    """Identify a parent by its code or id; leave a missing one as it is.

    A nested object is never sent: a server stores it as an entry of its own, and one
    with nothing but a code would replace the values of the parent.
    """
    names = (relationship.nested_name, relationship.erc_name)
    if not any(name in payload for name in names):
        return None
    parent = relationship.read(payload)
    if isinstance(parent, Problem):
        return parent
    if parent is ABSENT or parent is None:
        return None
    payload.pop(relationship.nested_name, None)
    if isinstance(parent, int):
        payload[relationship.id_name] = parent
    else:
        payload.pop(relationship.id_name, None)
        payload[relationship.erc_name] = parent
    return None
