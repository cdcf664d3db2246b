"""The fields that a filter, a sort order or a search may name, and their values.

A field is compared as it is given out: a Boolean without a value is false, a
relationship without a parent is ``''`` or 0, a picklist counts by its key, and times of
the system have no fractions of seconds.

A path may lead over relationships to a field of other entries: ``owner/city/name``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from dataclasses import field as attribute
from enum import Enum, auto
from typing import Final, NamedTuple

from ...errors import NotSupported, UnknownName
from ...model.entity_type import OBJECT_DEFINITION, ChildRelationship, EntityType
from ..company_ids import CREATOR
from ..entries.system_properties import CATEGORY_IDS, KEYWORDS
from ..entries.validation import EntryRules
from ..fields.field_rules import FieldRules
from ..fields.many_to_many import ManyToManyRelationship
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


Relationship = ParentRelationship | ChildRelationship | ManyToManyRelationship
"""A relationship to a parent, to children, or to the other side of many-to-many."""

RelatedRules = Callable[[Relationship], EntryRules]
"""Returns the rules of the entries that a relationship leads to."""

MAX_RELATIONSHIPS: Final = 5
"""The most relationships that a path leads over."""


@dataclass(frozen=True, slots=True)
class RelatedEntries:
    """The entries at the other end of a relationship.

    Attributes:
        relationship: The relationship.
        load: Returns the fields that those entries may be filtered by.
    """

    relationship: Relationship
    load: Callable[[], FilterFields]


class FieldTarget(NamedTuple):
    """What a path leads to.

    Attributes:
        related: The relationships that the path leads over, in their order.
        field: The field; None for the entries at the end of the last relationship.
    """

    related: tuple[RelatedEntries, ...]
    field: FilterField | None


@dataclass(frozen=True, slots=True)
class FilterFields:
    """The fields of an entity type that may be filtered by.

    Attributes:
        named: The fields by name.
        refused: The reasons why other existing fields may not, by name.
        related: The relationships that paths may lead over, by name.
    """

    named: Mapping[str, FilterField]
    refused: Mapping[str, str]
    related: Mapping[str, RelatedEntries] = attribute(default_factory=dict)

    def resolve(self, path: str) -> FieldTarget:
        """Return the field that a path leads to, and the relationships on its way.

        Raises:
            NotSupported: The field exists, but filters cannot use it, or the path
                leads over too many relationships.
            UnknownName: The field does not exist; the error lists the known ones.
        """
        fields, name, related = self, path, []
        while name not in fields.named:
            first, _, rest = name.partition("/")
            if first not in fields.related:
                fields.get(name, path.removesuffix(name))
            related.append(fields.related[first])
            if len(related) > MAX_RELATIONSHIPS:
                what = f"The path {path!r} leads over too many relationships:"
                raise NotSupported(what, f"{MAX_RELATIONSHIPS} are allowed.")
            if not rest:
                return FieldTarget(tuple(related), None)
            fields, name = related[-1].load(), rest
        return FieldTarget(tuple(related), fields.named[name])

    def get(self, name: str, prefix: str = "") -> FilterField:
        """Return the field called *name*.

        Args:
            name: The name of the field.
            prefix: The path that leads to it over relationships, for messages.

        Raises:
            NotSupported: The field exists, but filters cannot use it.
            UnknownName: The field does not exist; the error lists the known ones.
        """
        field = self.named.get(name)
        if field is not None:
            return field
        for refused in (name, name.partition("/")[0]):
            if refused in self.refused:
                path = prefix + refused
                what = f"The field {path!r} can neither be filtered nor sorted by:"
                raise NotSupported(what, self.refused[refused])
        kind = "field to filter or sort by"
        known = [*self.named, *(f"{related}/…" for related in self.related)]
        raise UnknownName(kind, prefix + name, tuple(prefix + e for e in sorted(known)))

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


def entry_filter_fields(
    rules: EntryRules, related_rules: RelatedRules | None = None
) -> FilterFields:
    """Return the fields that a definition's entries may be filtered by.

    Args:
        rules: The rules of the definition.
        related_rules: Returns the rules of related entries; without it, the fields of
            related entries are unknown.
    """
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
    named = {field.name: field for field in filter_fields}
    related = {}
    if related_rules is not None:
        refused |= _system_parents(rules)
        related = dict(_related_entries(rules, related_rules))
    return FilterFields(named, refused, related)


def _system_parents(rules: EntryRules) -> dict[str, str]:
    reason = "it leads to an object of Liferay itself, whose entries are not here."
    return {link.nested_name: reason for link in rules.links if link.system}


def _related_entries(
    rules: EntryRules, related_rules: RelatedRules
) -> Iterator[tuple[str, RelatedEntries]]:
    def load(relationship: Relationship) -> Callable[[], FilterFields]:
        return lambda: entry_filter_fields(related_rules(relationship), related_rules)

    for link in rules.links:
        if link.parent is not None and not link.system:
            yield link.nested_name, RelatedEntries(link, load(link))
    for child in rules.children:
        yield child.name, RelatedEntries(child, load(child))
    for linked in rules.many:
        yield linked.name, RelatedEntries(linked, load(linked))


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
