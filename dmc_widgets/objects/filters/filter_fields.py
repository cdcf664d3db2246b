"""The fields that a filter, a sort order or a search may name, and their values.

A field is compared as it is given out: a Boolean without a value is false, a
relationship without a parent is ``''`` or 0, a picklist counts by its key, and times of
the system have no fractions of seconds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from ...errors import NotSupported, UnknownName
from ...model.entity_type import OBJECT_DEFINITION, EntityType
from ..company_ids import CREATOR
from ..entries.system_properties import CATEGORY_IDS, KEYWORDS
from ..entries.validation import EntryRules
from ..fields.field_rules import FieldRules
from ..fields.relationship import ParentRelationship
from ..names import ERC, SCOPE_KEY


class ValueKind(Enum):
    """The kind of a value, which determines what it can be compared with."""

    TEXT = auto()
    NUMBER = auto()
    ID = auto()
    DECIMAL = auto()
    BOOLEAN = auto()
    DAY = auto()
    MOMENT = auto()
    CLOCK = auto()
    TIME = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterField:
    """A field that may be filtered by.

    Attributes:
        name: The name in filters: ``title``, ``status/code``.
        kind: The kind of the value, or of the elements of a list. An ``ID`` is a
            number that may be written as a text; ``DECIMAL`` is exact; ``MOMENT`` is
            in UTC, ``CLOCK`` has no zone; ``TIME`` is set by the installation.
        many: True for a list; a condition on it is a lambda ``any``.
        listed: True if the field has one value and may be used like a list, as in
            Liferay's ``status/any(s:s eq 0)``.
        searched: True if a search includes the field.
        blank: The value of a field without one; None for no value.
    """

    name: str
    kind: ValueKind
    many: bool = False
    listed: bool = False
    searched: bool = False
    blank: str | int | bool | None = None


@dataclass(frozen=True, slots=True)
class FilterFields:
    """The fields of an entity type that may be filtered by.

    Attributes:
        named: The fields by name.
        refused: The reasons why other existing fields may not, by name.
    """

    named: Mapping[str, FilterField]
    refused: Mapping[str, str]

    def get(self, name: str) -> FilterField:
        """Return the field called *name*.

        Raises:
            NotSupported: The field exists, but filters cannot use it.
            UnknownName: There is no such field; the error lists the known ones.
        """
        field = self.named.get(name)
        if field is not None:
            return field
        if name in self.refused:
            what = f"The field {name!r} can neither be filtered nor sorted by:"
            raise NotSupported(what, self.refused[name])
        kind = "field to filter or sort by"
        raise UnknownName(kind, name, tuple(sorted(self.named)))

    @property
    def searched(self) -> list[FilterField]:
        """The fields that a search includes."""
        return [field for field in self.named.values() if field.searched]


_REFUSED: Final = {
    "Aggregation": "its value is computed when the entry is read.",
    "Attachment": "it holds a file.",
    "Encrypted": "its values are encrypted.",
    "Formula": "its value is computed when the entry is read.",
}
_KINDS: Final = {
    "AutoIncrement": ValueKind.TEXT,
    "Boolean": ValueKind.BOOLEAN,
    "Date": ValueKind.DAY,
    "DateTime": ValueKind.MOMENT,
    "Decimal": ValueKind.NUMBER,
    "EmailAddress": ValueKind.TEXT,
    "Integer": ValueKind.NUMBER,
    "LongInteger": ValueKind.NUMBER,
    "LongText": ValueKind.TEXT,
    "MultiselectPicklist": ValueKind.TEXT,
    "PhoneNumber": ValueKind.TEXT,
    "Picklist": ValueKind.TEXT,
    "PrecisionDecimal": ValueKind.DECIMAL,
    "RichText": ValueKind.TEXT,
    "Text": ValueKind.TEXT,
}
_NOT_SEARCHED: Final = frozenset({"MultiselectPicklist", "Picklist"})
_CREATOR_IDS: Final = ("creatorId", "userId", "creator/id")
_CREATOR_NAMES: Final = {
    "creator": "name",
    "creator/familyName": "familyName",
    "creator/givenName": "givenName",
    "creator/name": "name",
}
_STATUSES: Final = ("status", "status/code")


def creator_values() -> dict[str, str | int]:
    """Return the values of the fields of the creator, which are always the same."""
    names = {name: CREATOR[part] for name, part in _CREATOR_NAMES.items()}
    return {**dict.fromkeys(_CREATOR_IDS, CREATOR["id"]), **names}


def entry_filter_fields(rules: EntryRules) -> FilterFields:
    """Return the fields that a definition's entries may be filtered by."""
    filter_fields = [*_system_fields(), *_categorization(rules)]
    if not rules.company_scoped:
        filter_fields.append(FilterField(name=SCOPE_KEY, kind=ValueKind.TEXT))
    links = {link.id_name: link for link in rules.links}
    refused: dict[str, str] = {}
    for field in rules.fields:
        if field.name in links:
            filter_fields += _link_fields(links[field.name])
        elif field.type in _KINDS:
            filter_fields += _custom_fields(field)
        else:
            unknown = f"nothing is known of the type {field.type}."
            refused[field.name] = _REFUSED.get(field.type, unknown)
    return FilterFields({field.name: field for field in filter_fields}, refused)


def document_filter_fields(entity_type: EntityType) -> FilterFields:
    """Return the fields that documents of a kind may be filtered by."""
    filter_fields = {}
    refused = {}
    for field in entity_type.fields:
        kind = _document_kind(field.name, field.type)
        if kind is None:
            refused[field.name] = "it holds nested values."
        else:
            filter_fields[field.name] = FilterField(
                name=field.name,
                kind=kind,
                searched=kind is ValueKind.TEXT,
                blank=False if kind is ValueKind.BOOLEAN else None,
            )
    for name in set(_STATUSES) if "status" in refused else ():
        refused.pop(name, None)
        filter_fields[name] = FilterField(name=name, kind=ValueKind.NUMBER, listed=True)
    is_definition = entity_type.class_name == OBJECT_DEFINITION
    for extra in _UNSTATED if is_definition else ():
        filter_fields.setdefault(extra.name, extra)
    return FilterFields(filter_fields, refused)


_UNSTATED: Final = (
    FilterField(name="hidden", kind=ValueKind.BOOLEAN, blank=False),
    FilterField(name="userId", kind=ValueKind.ID, blank=CREATOR["id"]),
)
"""Fields that definitions may be filtered by although they do not state them.

See docs/liferay/objects.md, Paths of object definitions.
"""


LABELS: Final = frozenset({"label", "name_i18n", "pluralLabel"})
"""Texts by language, compared in the default language."""


def _document_kind(name: str, type_: str) -> ValueKind | None:
    if name == "id":
        return ValueKind.ID
    if name in {"dateCreated", "dateModified"}:
        return ValueKind.TIME
    if name in LABELS or name == "name":  # of layouts and views by language, too
        return ValueKind.TEXT
    kinds = {
        "boolean": ValueKind.BOOLEAN,
        "integer": ValueKind.NUMBER,
        "string": ValueKind.TEXT,
    }
    return kinds.get(type_)


def _system_fields() -> Iterator[FilterField]:
    yield FilterField(name=ERC, kind=ValueKind.TEXT, searched=True)
    yield FilterField(name="id", kind=ValueKind.ID)
    for name in ("dateCreated", "dateModified"):
        yield FilterField(name=name, kind=ValueKind.TIME)
    for name in _STATUSES:
        yield FilterField(name=name, kind=ValueKind.NUMBER, listed=True)
    for name, value in creator_values().items():
        kind = ValueKind.TEXT if isinstance(value, str) else ValueKind.ID
        yield FilterField(name=name, kind=kind)


def _categorization(rules: EntryRules) -> Iterator[FilterField]:
    if rules.categorized:
        yield FilterField(name=KEYWORDS, kind=ValueKind.TEXT, many=True)
        yield FilterField(name=CATEGORY_IDS, kind=ValueKind.NUMBER, many=True)


def _link_fields(link: ParentRelationship) -> Iterator[FilterField]:
    yield FilterField(name=link.id_name, kind=ValueKind.ID, blank=0)
    for name in (link.erc_name, f"{link.nested_name}ERC"):
        yield FilterField(name=name, kind=ValueKind.TEXT, blank="")


def _custom_fields(field: FieldRules) -> Iterator[FilterField]:
    kind = _kind(field)
    many = field.type == "MultiselectPicklist"
    yield FilterField(
        name=field.name,
        kind=kind,
        many=many,
        searched=kind is ValueKind.TEXT and field.type not in _NOT_SEARCHED,
        blank=False if kind is ValueKind.BOOLEAN else None,
    )
    if field.type == "Picklist":
        yield FilterField(name=f"{field.name}/key", kind=kind)


def _kind(field: FieldRules) -> ValueKind:
    as_entered = field.settings.get("timeStorage") == "useInputAsEntered"
    if field.type == "DateTime" and as_entered:
        return ValueKind.CLOCK
    return _KINDS[field.type]
