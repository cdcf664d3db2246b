"""Entries as msgspec structs: read, checked and written many at a time.

A definition is compiled to a struct with a field for each field of the definition, in
the order of their names, so that an entry is written as orjson writes it with its keys
sorted. Most items of a file become such *typed entries*. Items that are out of the
ordinary do not: a value has to be converted or is refused, the code is missing, there
is another status, a category, a list of linked entries.
:meth:`~.validation.EntryRules.check` takes those, and decides the same for all others.

Everything is done for a column of values or for all entries, because a function that is
called for each record costs more than msgspec needs to read it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from functools import partial
from operator import attrgetter, or_
from typing import Any, Final, Self

from msgspec import (
    UNSET,
    DecodeError,
    ValidationError,
    convert,
    json,
)
from orjson import dumps

from ...model.alike_changes import ReplacedValues
from ...model.line_items import Columns, LineFields, LineItems
from ...model.outcome import Problem
from ...model.record import DateCell
from .stored_entries import BatchContext, generated_values
from .typed_columns import ColumnDecoders
from .typed_fields import TypedField, compile_typed_fields
from .typed_groups import TypedEntry, TypedGroup
from .typed_lines import LineDecoders
from .typed_links import TypedLink
from .typed_numbers import TypedNumbering
from .typed_structs import ItemMembers, define_struct
from .typed_translations import TypedTranslations
from .typed_uniques import TypedUnique
from .validation import EntryRules

_BEYOND_16_BITS: Final = bytes(range(0xF0, 0x100))
_NULL: Final = b":null"


class TypedEntries:
    """The typed entries of one definition.

    Args:
        rules: The rules of the definition.
        fields: The fields that hold values, sorted by name.

    Attributes:
        fields: The same.
        links: The relationships to parents.
        uniques: The values that no two entries share.
        needs_earlier: Entries have parents or links among themselves, so that a batch
            has to know the entries that came before in it.
        pause: The number of batches to come that are decided item by item, because few
            items of the last one were ordinary.

    Raises:
        KeyError: A required field is none of them.
        ValueError: msgspec does not support a name or a limit, or writes a default
            value in another way.
    """

    def __init__(self, rules: EntryRules, fields: Sequence[TypedField]) -> None:
        self.fields = tuple(fields)
        self.pause = 0
        by_name = {field.name: field for field in fields}
        self._by_name = by_name
        self._definition_id = rules.definition_id
        self._required = [by_name[key] for key, _ in rules.required]
        self._defaults = [(by_name[name], value) for name, value in rules.defaults]
        self._settled = [
            (field, field.value.store) for field in fields if field.value.store
        ]
        self.links = [
            TypedLink(number, link, by_name[link.erc_name].attribute)
            for number, link in enumerate(rules.links)
        ]
        self._own_links = [x for x in self.links if x.is_to(rules.definition_id)]
        links_own = any(many.other.id == rules.definition_id for many in rules.many)
        self.needs_earlier = bool(self._own_links) or links_own
        self._localized = _typed_translations(rules, by_name)
        self.uniques = [TypedUnique(name, by_name[name].get) for name in rules.uniques]
        self._keys = self.links, self.uniques
        self._flows = [(by_name[name].get, flow) for name, flow in rules.flows]
        self._keep_what_stays(rules)
        members = ItemMembers.of(rules, fields, self.links)
        item_type = define_struct("Item", members.all, forbids=False)
        self._read = partial(convert, type=list[item_type])  # type: ignore[valid-type]
        self._is_company_scoped = rules.company_scoped
        fractions = {x.attribute for x in fields if x.value.has_fractions}
        self._decoders = LineDecoders(item_type, members, fractions)
        self._columns = ColumnDecoders(item_type, members.all)
        self._code = attrgetter(members.code.attribute)
        self._dropped = {member.attribute for member in members.dropped}
        self._dump = json.Encoder(order="deterministic").encode
        if any(self._dump(value) != dumps(value) for _, value in rules.defaults):
            raise ValueError(rules.defaults)
        body_type: Any = define_struct("Body", members.values, forbids=True)
        self._load = json.Decoder(body_type).decode

    def _keep_what_stays(self, rules: EntryRules) -> None:
        """Find the fields that generate values, and those that an update keeps."""
        by_name = self._by_name
        self._numberings = [
            TypedNumbering(one, by_name[one.name].attribute) for one in rules.numberings
        ]
        numbers = {one.name for one in self._numberings}
        self._read_only = _read_only_values(rules, by_name)
        self._generated = {
            name: value
            for name, value in self._read_only.items()
            if name not in numbers
        }
        keeps = {link.erc_name for link in rules.links} | {*self._read_only} | numbers
        self._staying = [by_name[name] for name in sorted(keeps)]

    @classmethod
    def compile(cls, rules: EntryRules) -> Self | None:
        """Compile the typed entries of a definition; None if it has something else."""
        if _has_more(rules):
            return None
        fields = compile_typed_fields(rules)
        try:
            return None if fields is None else cls(rules, fields)
        except (KeyError, ValueError):
            return None

    def read(self, items: Sequence[Mapping[str, Any]]) -> TypedGroup | None:
        """Return items as typed entries.

        Returns:
            None if an item is out of the ordinary.
        """
        if isinstance(items, LineItems) and items.reader is self:
            taken = items.take_entries()
            if taken is not None:
                return TypedGroup(self._keys, items, items.codes, taken)
        try:
            entries = self._read(items)
        except (ValidationError, UnicodeEncodeError):  # or half of a surrogate pair
            return None
        return self.group(items, entries)

    def read_lines(
        self,
        lines: Sequence[bytes],
        fields: LineFields,
        make: Callable[[], list[dict[str, Any]]],
    ) -> LineItems | None:
        """Return the items of lines of JSON, as :meth:`read` reads them.

        Args:
            lines: The lines.
            fields: How the fields of the lines fill those of items.
            make: Makes the items.

        Returns:
            None if a line is out of the ordinary, or is not read the same way by all.
        """
        decoder = self._decoders.find(fields) if self._reads_files else None
        if decoder is None:
            return None
        return self._make_items(decoder.decode(lines, fields), decoder.filled, make)

    def read_columns(
        self,
        columns: Columns,
        fields: LineFields,
        make: Callable[[], list[dict[str, Any]]],
    ) -> LineItems | None:
        """Return the items of columns of a table; see :meth:`read_lines`."""
        decoder = self._columns.find(columns, fields) if self._reads_files else None
        if decoder is None:
            return None
        return self._make_items(decoder.decode(columns, fields), decoder.filled, make)

    @property
    def _reads_files(self) -> bool:
        return self.pause <= 0 and self._is_company_scoped

    def _make_items(
        self,
        entries: list[TypedEntry] | None,
        filled: Set[str],
        make: Callable[[], list[dict[str, Any]]],
    ) -> LineItems | None:
        group = None if entries is None else self.group((), entries, filled)
        if group is None:
            return None
        return LineItems(
            self, group.codes, group.entries, make, self._list_own_parents(group)
        )

    def _list_own_parents(self, group: TypedGroup) -> dict[str, Sequence[str | None]]:
        listed = {x.link.erc_name: x.list_codes(group.entries) for x in self._own_links}
        return {name: codes for name, codes in listed.items() if codes is not None}

    def group(
        self,
        items: Sequence[Mapping[str, Any]],
        entries: list[TypedEntry],
        filled: Set[str] | None = None,
    ) -> TypedGroup | None:
        """Return structs of items as a group; None if one is out of the ordinary.

        Args:
            items: The items.
            entries: The structs.
            filled: The attributes that some of them have; None for all.
        """
        codes = list(map(self._code, entries))
        if not _are_codes(codes) or not self._settle(entries, filled):
            return None
        for entry in entries:
            entry.erc = UNSET
        return TypedGroup(self._keys, items, codes, entries)

    def complete(self, entries: Sequence[TypedEntry]) -> None:
        """Give entries the default values of the fields that they leave out."""
        for field, default in self._defaults:
            for entry in entries:
                if field.get(entry) is UNSET:
                    setattr(entry, field.attribute, default)
        self._finish(entries)

    def number(
        self, entries: Sequence[TypedEntry], counters: Mapping[str, int]
    ) -> dict[str, int]:
        """Give new entries the numbers that they leave out.

        Args:
            entries: The entries, in their order.
            counters: The last number of each AutoIncrement field.

        Returns:
            The last numbers with those of the entries.
        """
        return {
            one.name: one.number_new(entries, counters.get(one.name))
            for one in self._numberings
        }

    def are_numbers_used(
        self, entries: Sequence[TypedEntry], counters: Mapping[str, int]
    ) -> bool:
        """Return True if no entry has a number beyond the last one of its field."""
        return all(
            one.are_used(entries, counters.get(one.name)) for one in self._numberings
        )

    def leaves_out_kept(self, entries: Sequence[TypedEntry]) -> bool:
        """Return True if entries leave out values that an overwriting leaves alone."""
        return any(UNSET in map(field.get, entries) for field in self._staying)

    def keep(self, entries: Sequence[TypedEntry], stored: Sequence[TypedEntry]) -> None:
        """Give entries what an overwriting leaves alone where they leave it out.

        These are parents, read-only values and numbers.
        """
        _fill(self._staying, entries, stored)

    def merge(
        self, entries: Sequence[TypedEntry], stored: Sequence[TypedEntry]
    ) -> None:
        """Give entries the stored values of the fields that they leave out."""
        for localized in self._localized:
            localized.join(entries, stored)
        _fill(self.fields, entries, stored)
        self._finish(entries)

    def resolve(
        self, codes: Sequence[str], entries: Sequence[TypedEntry], context: BatchContext
    ) -> list[bool] | None:
        """Replace the ids of parents by codes, and see whether the parents exist.

        Returns:
            For each entry, whether an id beside a code is that of another parent; an
            empty list if none is. None if an entry is out of the ordinary.
        """
        noted: list[bool] = []
        for link in self.links:
            others = link.resolve(codes, entries, context, self._definition_id)
            if others is None:
                return None
            noted = (
                list(map(or_, noted, others)) if noted and others else (noted or others)
            )
        return noted

    def are_generated(self, entries: Sequence[TypedEntry]) -> bool:
        """Return True if the read-only values of new entries are the defaults."""
        return all(
            (value or None) == expected
            for name, expected in self._generated.items()
            for value in map(self._by_name[name].get, entries)
        )

    def may_follow(
        self, stored: Sequence[TypedEntry], entries: Sequence[TypedEntry]
    ) -> bool:
        """Return True if states may follow the stored ones, and the rest may change."""
        for name in self._read_only:
            get = self._by_name[name].get
            if list(map(get, stored)) != list(map(get, entries)):
                return False
        for get, flow in self._flows:
            before, after = list(map(get, stored)), list(map(get, entries))
            if before == after:
                continue
            for old, new in zip(before, after, strict=True):
                if old != new and old and new and new not in flow.get(old, ()):
                    return False
        return True

    def list_shown(
        self, replaced: Sequence[ReplacedValues]
    ) -> Sequence[ReplacedValues]:
        """Return replaced values as changes show them, sorted by name.

        Those of a map are listed by language, without the text of the default language
        that stands beside the map.

        Returns:
            An empty list if entries differ in other languages than others do.
        """
        if not self._localized:
            return replaced
        by_name = {one.name: one for one in replaced}
        shown = []
        for localized in self._localized:
            by_name.pop(localized.name, None)
            maps = by_name.pop(localized.map_name, None)
            parts = [] if maps is None else localized.list_replaced(maps)
            if parts is None:
                return []
            shown += parts
        return sorted([*by_name.values(), *shown], key=attrgetter("name"))

    def dump(self, entries: Sequence[TypedEntry]) -> list[bytes] | None:
        """Return what is stored of complete entries.

        Returns:
            None if an entry lacks a required value, or has a text that may be too long.
        """
        if not all(self._has_values(field, entries) for field in self._required):
            return None
        try:
            bodies = self._encode(entries)
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

    def _encode(self, entries: Sequence[TypedEntry]) -> list[bytes]:
        """Return entries as JSON.

        Raises:
            TypeError: A value is of a type that JSON does not have.
            UnicodeEncodeError: A text has half of a surrogate pair.
        """
        try:
            return list(map(self._dump, entries))
        except TypeError:
            for field in self.fields:  # workbooks have dates, as a kind of texts
                column = list(map(field.get, entries))
                if DateCell in set(map(type, column)):
                    plain = [str(x) if type(x) is DateCell else x for x in column]
                    _put(entries, field, plain)
            return list(map(self._dump, entries))

    def load(self, bodies: Iterable[bytes]) -> list[TypedEntry] | None:
        """Return stored entries; None if one has a value that no field has."""
        try:
            return list(map(self._load, bodies))
        except DecodeError:
            return None

    def _settle(self, entries: Sequence[TypedEntry], filled: Set[str] | None) -> bool:
        """Replace the values that are stored in another form, and drop all others.

        Returns:
            False if a value is out of the ordinary.
        """
        for field, store in self._settled:
            if filled is None or field.attribute in filled:
                column = list(map(field.get, entries))
                stored = store(column)
                if stored is None:
                    return False
                if stored is not column and stored != column:
                    _put(entries, field, stored)
        if not self._settle_keys(entries):
            return False
        for attribute in self._dropped if filled is None else self._dropped & filled:
            if [*map(attrgetter(attribute), entries)].count(UNSET) < len(entries):
                for entry in entries:
                    setattr(entry, attribute, UNSET)
        return True

    def _settle_keys(self, entries: Sequence[TypedEntry]) -> bool:
        """Settle what takes more than one property, and check the unique values."""
        return (
            all(link.settle(entries) for link in self.links)
            and all(localized.settle(entries) for localized in self._localized)
            and all(unique.are_storable(entries) for unique in self.uniques)
        )

    def _finish(self, entries: Sequence[TypedEntry]) -> None:
        for localized in self._localized:
            localized.finish(entries)

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
            isinstance(value, str | dict) and isinstance(check(value), Problem)
            for check, value in values
        )


def _has_more(rules: EntryRules) -> bool:
    """Return True for a definition whose entries are more than the values of fields."""
    return bool(rules.encrypted or rules.attachments)


def _read_only_values(
    rules: EntryRules, fields: Mapping[str, TypedField]
) -> dict[str, Any]:
    """Return what read-only fields of new entries hold, by the key of the value.

    Raises:
        KeyError: One of them is not among the fields.
    """
    generated = generated_values(rules, {})
    return {fields[key].name: generated.get(key) or None for key, _ in rules.read_only}


def _put(
    entries: Sequence[TypedEntry], field: TypedField, column: Sequence[Any]
) -> None:
    """Give entries the values of a column."""
    for entry, value in zip(entries, column, strict=True):
        setattr(entry, field.attribute, value)


def _fill(
    fields: Iterable[TypedField],
    entries: Sequence[TypedEntry],
    stored: Sequence[TypedEntry],
) -> None:
    """Give entries the stored values of those fields that they leave out."""
    for field in fields:
        column = list(map(field.get, entries))
        if UNSET not in column:
            continue
        for value, entry, before in zip(column, entries, stored, strict=True):
            if value is UNSET:
                setattr(entry, field.attribute, field.get(before))


def _typed_translations(
    rules: EntryRules, by_name: Mapping[str, TypedField]
) -> list[TypedTranslations]:
    return [
        TypedTranslations(
            field, by_name[field.name].attribute, by_name[field.map_name].attribute
        )
        for field in rules.localized
    ]


def _are_codes(codes: Sequence[Any]) -> bool:
    """Return True if all are external reference codes as they are stored."""
    try:
        return all(map(str.isprintable, codes)) and all(map(str.strip, codes))
    except TypeError:  # none
        return False
