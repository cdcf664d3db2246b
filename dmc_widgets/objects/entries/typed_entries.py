"""Entries as msgspec structs: read, checked and written many at a time.

A definition is compiled to a struct with a field for each field of the definition, in
the order of their names, so that an entry is written as orjson writes it with its keys
sorted. Most items of a file become such *typed entries*. Items that are out of the
ordinary do not: a value has to be converted or is refused, the code is missing, there
is another status, a category. :meth:`~.validation.EntryRules.check` takes those, and
decides the same for all others.

Everything is done for a column of values or for all entries, because a function that is
called for each record costs more than msgspec needs to read it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from operator import attrgetter
from typing import Annotated, Any, Final, Literal, NamedTuple, Self

from msgspec import (
    UNSET,
    DecodeError,
    Meta,
    Struct,
    UnsetType,
    ValidationError,
    convert,
    defstruct,
    json,
)
from orjson import dumps

from ...model.change import FieldChange, new_field_change
from ...model.outcome import Problem
from ..fields.field_rules import COMPUTED, Check
from ..fields.typed_values import TypedValue, typed_value
from ..names import ERC, ERC_LIMIT
from .system_properties import CATEGORY_BRIEFS, CATEGORY_IDS, KEYWORDS
from .validation import EntryRules

STATUS: Final = "status"

TypedEntry = Any
"""A struct of :class:`TypedEntries`: an item, or the values of a stored entry."""

_BEYOND_16_BITS: Final = bytes(range(0xF0, 0x100))
_NULL: Final = b":null"


class _Published(Struct):
    """The status of a published entry; what stands beside its code is not read."""

    code: Literal[0]


_EMPTY_LIST: Final = Annotated[list[Any], Meta(max_length=0)] | None

_PROPERTIES: Final[tuple[tuple[str, Any], ...]] = (
    (KEYWORDS, _EMPTY_LIST),
    (CATEGORY_IDS, _EMPTY_LIST),
    (CATEGORY_BRIEFS, _EMPTY_LIST),
    (STATUS, _Published),
)
"""What an item may say besides its values without being out of the ordinary."""


class TypedField(NamedTuple):
    """A field of typed entries.

    Attributes:
        name: The name of the field.
        attribute: The name of the struct's attribute.
        value: How its values are taken.
        check: The check of one value.
        get: Returns the value that an entry has.
    """

    name: str
    attribute: str
    value: TypedValue
    check: Check
    get: attrgetter[Any]


class TypedEntries:
    """The typed entries of one definition.

    Args:
        rules: The rules of the definition.
        fields: The fields that hold values, sorted by name.

    Attributes:
        fields: The same.
        pause: The number of batches to come that are decided item by item, because few
            items of the last one were ordinary.

    Raises:
        KeyError: A required field is none of them.
        ValueError: msgspec has no such name, has no such limit, or writes a default
            value in another way.
    """

    def __init__(self, rules: EntryRules, fields: Sequence[TypedField]) -> None:
        self.fields = tuple(fields)
        self.pause = 0
        by_name = {field.name: field for field in fields}
        self._required = [by_name[key] for key, _ in rules.required]
        self._defaults = [(by_name[name], value) for name, value in rules.defaults]
        self._settled = [(field, field.value.store) for field in fields]
        item_type = _define_items(rules, fields)
        self._read = partial(convert, type=list[item_type])  # type: ignore[valid-type]
        self._code = attrgetter("erc")
        self._properties = attrgetter(*(f"p{n}" for n in range(len(_PROPERTIES))))
        self._dump = json.Encoder(order="deterministic").encode
        if any(self._dump(value) != dumps(value) for _, value in rules.defaults):
            raise ValueError(rules.defaults)
        body_type: Any = _define_bodies(fields)
        self._load = json.Decoder(body_type).decode

    @classmethod
    def compile(cls, rules: EntryRules) -> Self | None:
        """Compile the typed entries of a definition; None if it has something else."""
        if _has_more(rules):
            return None
        checks = dict(rules.checks)
        plain = (field for field in rules.fields if field.type not in COMPUTED)
        values = {field.name: typed_value(field) for field in plain}
        fields = []
        for number, (name, value) in enumerate(sorted(values.items())):
            if value is None or name not in checks:
                return None
            attribute = f"f{number}"  # a name may be a word of Python
            getter = attrgetter(attribute)
            fields.append(TypedField(name, attribute, value, checks[name], getter))
        try:
            return cls(rules, fields)
        except (KeyError, ValueError):
            return None

    def read(
        self, items: Sequence[Mapping[str, Any]]
    ) -> tuple[list[str], list[TypedEntry]] | None:
        """Return items as typed entries, with their codes apart.

        Returns:
            None if an item is out of the ordinary.
        """
        try:
            entries = self._read(items)
        except (ValidationError, UnicodeEncodeError):  # or half of a surrogate pair
            return None
        codes = list(map(self._code, entries))
        if not _are_codes(codes) or not self._settle(entries):
            return None
        for entry in entries:
            entry.erc = UNSET
        return codes, entries

    def complete(self, entries: Sequence[TypedEntry]) -> None:
        """Give entries the default values of the fields that they leave out."""
        for field, default in self._defaults:
            for entry in entries:
                if field.get(entry) is UNSET:
                    setattr(entry, field.attribute, default)

    def merge(
        self, entries: Sequence[TypedEntry], stored: Sequence[TypedEntry]
    ) -> None:
        """Give entries the stored values of the fields that they leave out."""
        for field in self.fields:
            column = list(map(field.get, entries))
            if UNSET not in column:
                continue
            for value, entry, before in zip(column, entries, stored, strict=True):
                if value is UNSET:
                    setattr(entry, field.attribute, field.get(before))

    def differences(
        self, stored: Sequence[TypedEntry], entries: Sequence[TypedEntry]
    ) -> list[list[FieldChange]]:
        """Return for each entry the values that differ from the stored ones."""
        found: list[list[FieldChange]] = [[] for _ in entries]
        for field in self.fields:
            before = list(map(field.get, stored))
            after = list(map(field.get, entries))
            if before == after:
                continue
            for place, (old, new) in enumerate(zip(before, after, strict=True)):
                if old != new:
                    was = None if old is UNSET else old
                    now = None if new is UNSET else new
                    found[place].append(new_field_change((field.name, was, now)))
        return found

    def dump(self, entries: Sequence[TypedEntry]) -> list[bytes] | None:
        """Return what is stored of complete entries.

        Returns:
            None if an entry lacks a required value, or has a text that may be too long.
        """
        if not all(map(self._has_values, self._required, [entries] * len(entries))):
            return None
        try:
            bodies = list(map(self._dump, entries))
        except (TypeError, UnicodeEncodeError):  # half of a surrogate pair
            return None
        joined = b"".join(bodies)
        if joined.isascii() and _NULL not in joined:
            return bodies
        unusual = [
            place
            for place, body in enumerate(bodies)
            if _NULL in body or not body.isascii()
        ]
        for place in unusual:
            entry, body = entries[place], bodies[place]
            if _NULL in body:
                self._unset_nulls(entry)
                bodies[place] = body = self._dump(entry)
            if body.translate(None, _BEYOND_16_BITS) != body and not self._fits(entry):
                return None
        return bodies

    def load(self, bodies: Iterable[bytes]) -> list[TypedEntry] | None:
        """Return stored entries; None if one has a value that no field has."""
        try:
            return list(map(self._load, bodies))
        except DecodeError:
            return None

    def _settle(self, entries: Sequence[TypedEntry]) -> bool:
        """Replace the values that are stored in another form, and drop the properties.

        Returns:
            False if a value is out of the ordinary.
        """
        for field, store in self._settled:
            if store is None:
                continue
            column = list(map(field.get, entries))
            stored = store(column)
            if stored is None:
                return False
            if stored is not column and stored != column:
                for entry, value in zip(entries, stored, strict=True):
                    setattr(entry, field.attribute, value)
        stated = list(map(self._properties, entries))
        if stated.count(_NO_PROPERTIES) != len(stated):
            for entry in entries:
                for number in range(len(_PROPERTIES)):
                    setattr(entry, f"p{number}", UNSET)
        return True

    def _has_values(self, field: TypedField, entries: Sequence[TypedEntry]) -> bool:
        column = list(map(field.get, entries))
        try:
            return all(map(str.strip, column))
        except TypeError:  # other values than texts
            return not any(
                value is UNSET
                or value is None
                or value is False
                or (isinstance(value, str) and not value.strip())
                for value in column
            )

    def _unset_nulls(self, entry: TypedEntry) -> None:
        for field in self.fields:
            if field.get(entry) is None:
                setattr(entry, field.attribute, UNSET)

    def _fits(self, entry: TypedEntry) -> bool:
        """Check the texts of an entry again: a limit counts units of 16 bits."""
        values = ((field.check, field.get(entry)) for field in self.fields)
        return not any(
            isinstance(value, str) and isinstance(check(value), Problem)
            for check, value in values
        )


_NO_PROPERTIES: Final = (UNSET,) * len(_PROPERTIES)


def _has_more(rules: EntryRules) -> bool:
    """Return True for a definition whose entries are more than the values of fields."""
    return bool(
        rules.localized
        or rules.links
        or rules.many
        or rules.uniques
        or rules.read_only
        or rules.numberings
        or rules.flows
        or rules.encrypted
        or rules.attachments
    )


def _define_items(rules: EntryRules, fields: Sequence[TypedField]) -> type:
    """Define the struct of items; what they have besides its fields is not read."""
    code = Annotated[str, Meta(min_length=1, max_length=ERC_LIMIT)]
    members: list[tuple[str, str, Any]] = [("erc", ERC, code)]
    members += [(field.attribute, field.name, field.value.type) for field in fields]
    members += [(f"p{n}", *stated) for n, stated in enumerate(_PROPERTIES)]
    refused = sorted({child.name for child in rules.children})
    members += [(f"x{n}", name, Literal[""]) for n, name in enumerate(refused)]
    return _define("Item", members, forbids=False)


def _define_bodies(fields: Sequence[TypedField]) -> type:
    members = [(field.attribute, field.name, field.value.type) for field in fields]
    return _define("Body", members, forbids=True)


def _define(
    name: str, members: Sequence[tuple[str, str, Any]], *, forbids: bool
) -> type:
    return defstruct(
        name,
        [(attribute, kind | None | UnsetType, UNSET) for attribute, _, kind in members],
        rename={attribute: field for attribute, field, _ in members},
        forbid_unknown_fields=forbids,
        gc=False,
    )


def _are_codes(codes: Sequence[Any]) -> bool:
    """Return True if all are external reference codes as they are stored."""
    try:
        return all(map(str.isprintable, codes)) and all(map(str.strip, codes))
    except TypeError:  # none
        return False
