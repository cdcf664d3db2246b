"""Match records with stored items by a key of the mapping's choice.

A mapping may state that records are identified by the values of some target fields, in
place of the external reference code: ``match: [email]``. Each batch asks the target
which items have these values. One hit is updated, under the code that it has; no hit
is a new item; several hits fail the record, because the key does not tell which one
is meant.

What an earlier record of the file has added counts as stored, whether the target shows
it already or not. A new item without a code gets one that is derived from its key, so
that a batch that is written again after a crash, and the run after a dry run, name the
same items.
"""

from __future__ import annotations

import itertools
import json
import uuid
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple

from ...errors import InvalidPlan
from ...model.entity_type import OBJECT_ENTRY, EntityType, Field
from ...model.field_mapping import is_empty
from ...model.mapping import Values
from ...model.outcome import Outcome, OutcomeKind, Problem
from ...model.plan import ImportPlan
from ...model.strategies import ImportStrategy
from ...objects.entries.system_properties import has_site_scope
from ...objects.names import ERC, SCOPE_KEY
from ...objects.text import format_erc, format_json
from ...ports import Installation, Query
from ...storage.sqlite import open_temporary
from ..matching.matched_codes import MatchedCodes
from ..task_run import count_records
from .parent_lookups import LookupForm, LookupValue, lookup_form

_MAX_SHOWN_CHARS: Final = 200
_NAMESPACE: Final = uuid.UUID("6f1f7d52-6a7c-4d0e-9a55-5b8a4a0d9a13")
"""The namespace of derived codes. Changing it would add items a second time."""

_STORED: Final = frozenset(
    {OutcomeKind.CREATED, OutcomeKind.UPDATED, OutcomeKind.UNCHANGED}
)

RecordKey = tuple[LookupValue | None, ...]
"""The values of the key fields in canonical form; None for a field without a value."""


class _SiteKey(NamedTuple):
    """A key, and the site in which it identifies an item."""

    site: str
    values: RecordKey

    @property
    def text(self) -> str:
        """The key as a text, for a table."""
        return json.dumps(self.values)


class _KeyField(NamedTuple):
    """One of the fields that identify a record."""

    field: Field
    form: LookupForm

    @property
    def name(self) -> str:
        """The name of the field."""
        return self.field.name

    def read(self, value: Any) -> LookupValue | None:
        """Return a value in canonical form; an empty one is None."""
        if is_empty(value):
            return False if self.field.type == "Boolean" else None
        return self.form.read(value)

    def condition(self, values: Iterable[LookupValue | None]) -> str:
        """Return the filter for the items whose field has one of *values*."""
        name, distinct = self.name, dict.fromkeys(values)
        literals = [self.form.write(x) for x in distinct if x is not None]
        conditions = [f"{name} in ({','.join(literals)})"] if literals else []
        if None in distinct:
            conditions.append(f"{name} eq null")
            if self.field.parent:  # a relationship without a parent reads as ''
                conditions.append(f"{name} eq ''")
        text = " or ".join(conditions)
        return f"({text})" if len(conditions) > 1 else text


class _Hits(NamedTuple):
    """The number of items with a key, and the code of the first one."""

    number: int
    erc: str


class RecordMatcher:
    """Give the items of an import the codes of the stored items that they update.

    Args:
        installation: The target; it is only read.
        plan: The plan, with the key of its mapping and its strategies.
        entity_type: The entity type of the records.
        codes: Receives the codes of records, and those of the items that they update.

    Attributes:
        renamed: The number of records with a code of their own that were matched with
            an item of another code, which stays.

    Raises:
        InvalidPlan: Records cannot be matched by the key of the mapping.
    """

    def __init__(
        self,
        installation: Installation,
        plan: ImportPlan,
        entity_type: EntityType,
        codes: MatchedCodes | None = None,
    ) -> None:
        self._installation = installation
        self._entity_type = entity_type
        self._codes = codes
        self._scope = plan.scope
        self._strategy = plan.policy.import_strategy
        self._fields = _compile_key(plan.mapping.match, entity_type)
        self._has_sites = has_site_scope(entity_type)
        self._new = _NewItems()
        self._taken: dict[tuple[str, str], bool] = {}
        self.renamed = 0

    def resolve(self, items: Sequence[Values]) -> list[Values | Problem]:
        """Return the items of one batch with their codes, or why one has none.

        Raises:
            InstallationError: The installation does not answer.
        """
        keys = [self._key(item) for item in items]
        asked = dict.fromkeys(key for key in keys if isinstance(key, _SiteKey))
        unknown = [key for key in asked if not self._new.find(key)]
        hits = self._query(unknown)
        new = frozenset(unknown) - hits.keys()
        self._ask_for_codes(
            (key.site, format_erc(item.get(ERC)) or self._derive_code(key))
            for item, key in zip(items, keys, strict=True)
            if isinstance(key, _SiteKey) and key in new
        )
        settled = [
            key if isinstance(key, Problem) else self._settle(item, key, hits.get(key))
            for item, key in zip(items, keys, strict=True)
        ]
        self._note_codes(items, settled)
        return settled

    def identify(self, items: Sequence[Values]) -> None:
        """Note the codes of the stored items that *items*, which stay, stand for."""
        keys = [self._key(item) for item in items]
        hits = self._query([key for key in keys if isinstance(key, _SiteKey)])
        self._ask_for_codes((self._site(x), format_erc(x[ERC])) for x in items)
        settled: list[Values | Problem] = []
        for item, key in zip(items, keys, strict=True):
            hit = None if isinstance(key, Problem) else hits.get(key)
            own = format_erc(item[ERC])
            if hit is not None and hit.number == 1:
                settled.append({**item, ERC: hit.erc})
            elif hit is None and not self._is_taken(self._site(item), own):
                settled.append(item)
            else:
                settled.append(Problem(_NO_VALUE, _CONFLICT))
        self._note_codes(items, settled)

    def count_found(self, items: Sequence[Values]) -> int:
        """Return how many of *items* have a stored item with their key."""
        keys = [self._key(item) for item in items]
        hits = self._query([key for key in keys if isinstance(key, _SiteKey)])
        return sum(key in hits for key in keys)

    def _note_codes(
        self, items: Sequence[Values], settled: Sequence[Values | Problem]
    ) -> None:
        if self._codes is None:
            return
        self._codes.note(
            self._entity_type.key,
            [
                (self._site(item), own, "" if isinstance(x, Problem) else str(x[ERC]))
                for item, x in zip(items, settled, strict=True)
                if (own := format_erc(item.get(ERC)))
            ],
        )

    def confirm(self, items: Iterable[Values], outcomes: Iterable[Outcome]) -> None:
        """Take note of what became of items; the key of one that failed is free."""
        self._new.confirm(
            (self._site(item), format_erc(item.get(ERC)), outcome.kind in _STORED)
            for item, outcome in zip(items, outcomes, strict=False)
        )

    def _settle(
        self, item: Values, key: _SiteKey, hits: _Hits | None
    ) -> Values | Problem:
        """Return the item as it is sent, from what is stored under its key."""
        erc = self._new.find(key)
        if erc:
            return self._identify(item, erc)
        if hits is not None and hits.number > 1:
            return self._problem("match-ambiguous", key, _SEVERAL, f"{hits.number:,}")
        if hits is not None:
            return self._identify(item, hits.erc)
        if self._strategy is ImportStrategy.UPDATE:
            return self._problem("match-without-result", key, _NONE)
        return self._add(item, key)

    def _add(self, item: Values, key: _SiteKey) -> Values | Problem:
        """Return a new item, under its own code or a free one."""
        own = format_erc(item.get(ERC))
        if not own:
            codes = (self._derive_code(key, number) for number in itertools.count())
            erc = next(code for code in codes if not self._is_taken(key.site, code))
            self._new.add(key, erc)
            return {**item, ERC: erc}
        adds_only = (
            self._strategy is ImportStrategy.INSERT
        )  # then the target refuses it
        if not adds_only and self._is_taken(key.site, own):
            return self._problem("match-conflict", key, _CONFLICT, repr(own))
        self._new.add(key, own)
        return item

    def _identify(self, item: Values, erc: str) -> Values:
        """Return an item under the code of the stored one."""
        own = format_erc(item.get(ERC))
        if own == erc:
            return item
        self.renamed += bool(own)
        return {**item, ERC: erc}

    def _key(self, item: Values) -> _SiteKey | Problem:
        """Return the key of an item, or why it has none."""
        given = [item.get(name) for name in self._names]
        values = tuple(
            field.read(value) for field, value in zip(self._fields, given, strict=True)
        )
        for name, value, read in zip(self._names, given, values, strict=True):
            if read is None and not is_empty(value):
                message = _UNREADABLE.format(name=repr(name), names=self._quoted_names)
                return Problem(_NO_VALUE, message, name, format_json(value))
        if all(map(is_empty, given)):
            message = _EMPTY.format(names=self._quoted_names)
            return Problem(_NO_VALUE, message, self._names[0])
        return _SiteKey(self._site(item), values)

    def _query(self, keys: Sequence[_SiteKey]) -> dict[_SiteKey, _Hits]:
        """Return what the target holds of *keys*; those without a hit are left out."""
        by_site: dict[str, list[RecordKey]] = {}
        for key in keys:
            by_site.setdefault(key.site, []).append(key.values)
        hits: dict[_SiteKey, _Hits] = {}
        for site, wanted in by_site.items():
            known = frozenset(wanted)
            for values, erc in self._read(site, wanted):
                if values in known:  # a filter finds all combinations of the values
                    key = _SiteKey(site, values)
                    number, first = hits.get(key, _Hits(0, erc))
                    hits[key] = _Hits(number + 1, first)
        return hits

    def _read(
        self, site: str, keys: Sequence[RecordKey]
    ) -> Iterator[tuple[RecordKey, str]]:
        """Yield the keys and codes of the items that may have one of *keys*."""
        for text in self._filters(keys):
            query = Query(fields=(ERC, *self._names), filter=text, scope=site)
            for item in self._installation.read(self._entity_type, query):
                values = (field.read(item.get(field.name)) for field in self._fields)
                yield tuple(values), str(item[ERC])

    def _filters(self, keys: Sequence[RecordKey]) -> Iterator[str]:
        """Yield filters for the items with *keys*, each as long as the target allows.

        Documents are few, and cannot be filtered by every field.
        """
        if self._entity_type.class_name != OBJECT_ENTRY:
            yield ""
            return
        columns = zip(*keys, strict=True)
        text = " and ".join(
            field.condition(values)
            for field, values in zip(self._fields, columns, strict=True)
        )
        if len(text) <= self._entity_type.filter_chars or len(keys) == 1:
            yield text
            return
        half = len(keys) // 2
        yield from self._filters(keys[:half])
        yield from self._filters(keys[half:])

    def _ask_for_codes(self, codes: Iterable[tuple[str, str]]) -> None:
        """Find out which codes the target has; one request a site."""
        by_site: dict[str, dict[str, None]] = {}
        for site, code in codes:
            by_site.setdefault(site, {})[code] = None
        self._taken = {}
        for site, wanted in by_site.items():
            stored = self._installation.fetch(self._entity_type, list(wanted), site)
            self._taken |= {(site, code): code in stored for code in wanted}

    def _is_taken(self, site: str, code: str) -> bool:
        """Return True if an item of another key has a code."""
        if (site, code) not in self._taken:
            stored = self._installation.fetch(self._entity_type, [code], site)
            self._taken[site, code] = code in stored
        return self._taken[site, code] or self._new.has_code(site, code)

    def _derive_code(self, key: _SiteKey, attempt: int = 0) -> str:
        """Return a code for a new item of a key."""
        text = "\0".join([self._entity_type.key, key.site, key.text, str(attempt)])
        return str(uuid.uuid5(_NAMESPACE, text))

    def _site(self, item: Values) -> str:
        if not self._has_sites:
            return ""
        stated = item.get(SCOPE_KEY)
        return self._scope or (stated if isinstance(stated, str) else "")

    @property
    def _names(self) -> tuple[str, ...]:
        return tuple(field.name for field in self._fields)

    @property
    def _quoted_names(self) -> str:
        return " and ".join(map(repr, self._names))

    def _problem(self, code: str, key: _SiteKey, text: str, more: str = "") -> Problem:
        shown = " and ".join(
            f"the {name} {_shorten(value)}"
            for name, value in zip(self._names, key.values, strict=True)
        )
        kind = self._entity_type.short_name
        message = text.format(type=kind, key=shown, more=more)
        values = key.values[0] if len(key.values) == 1 else list(key.values)
        return Problem(code, message, self._names[0], format_json(values))


class _NewItems:
    """The items that the records of one import add, by their keys, on disk."""

    def __init__(self) -> None:
        self._connection = open_temporary()
        self._connection.executescript(
            "CREATE TABLE item (site TEXT, key TEXT, erc TEXT, stored INTEGER, "
            "PRIMARY KEY (site, key)) WITHOUT ROWID;"
            "CREATE INDEX by_code ON item (site, erc)"
        )

    def find(self, key: _SiteKey) -> str:
        """Return the code of the item with a key; empty if there is none."""
        query = "SELECT erc FROM item WHERE site = ? AND key = ?"
        row = self._connection.execute(query, [key.site, key.text]).fetchone()
        return row[0] if row else ""

    def has_code(self, site: str, erc: str) -> bool:
        """Return True if one of the items has a code."""
        query = "SELECT 1 FROM item WHERE site = ? AND erc = ?"
        return self._connection.execute(query, [site, erc]).fetchone() is not None

    def add(self, key: _SiteKey, erc: str) -> None:
        """Remember an item that is sent."""
        values = [key.site, key.text, erc]
        self._connection.execute("INSERT INTO item VALUES (?, ?, ?, 0)", values)

    def confirm(self, results: Iterable[tuple[str, str, bool]]) -> None:
        """Keep the items that were stored, by site and code; forget those that failed.

        A later record of the same key may fail, which changes nothing.
        """
        for site, erc, is_stored in results:
            self._connection.execute(
                "UPDATE item SET stored = 1 WHERE site = ? AND erc = ?"
                if is_stored
                else "DELETE FROM item WHERE site = ? AND erc = ? AND NOT stored",
                [site, erc],
            )


def create_matcher(
    installation: Installation,
    plan: ImportPlan,
    entity_type: EntityType,
    codes: MatchedCodes | None = None,
) -> RecordMatcher | None:
    """Return what matches the records of a plan; None if their codes do.

    Raises:
        InvalidPlan: Records cannot be matched by the key of the mapping.
    """
    if not plan.mapping.match:
        return None
    return RecordMatcher(installation, plan, entity_type, codes)


def require_match_fields(plan: ImportPlan, entity_type: EntityType) -> None:
    """Refuse a plan with a key by which records cannot be matched, before it starts.

    Raises:
        InvalidPlan: The error names the field, and the fields that can be used.
    """
    _compile_key(plan.mapping.match, entity_type)


def match_field_names(entity_type: EntityType) -> tuple[str, ...]:
    """Return the fields by which records of an entity type can be matched."""
    fields = (x for x in entity_type.fields if _form_of_field(x, entity_type))
    return tuple(sorted(field.name for field in fields))


def match_field_choices(entity_type: EntityType) -> list[tuple[str, str]]:
    """Return labels for people, and names, of the fields that may identify a record."""
    labels = {field.name: field.label for field in entity_type.fields}
    return [
        (f"{labels[x]} ({x})" if labels[x] not in {"", x} else x, x)
        for x in match_field_names(entity_type)
    ]


def matched_note(number: int) -> str:
    """Return the note on records whose own code is not that of the stored item."""
    return (
        f"{count_records(number)} had another external reference code than the stored "
        "entry of the same key, which keeps its own."
    )


def _compile_key(
    names: Sequence[str], entity_type: EntityType
) -> tuple[_KeyField, ...]:
    fields = {field.name: field for field in entity_type.fields}
    compiled = []
    for name in names:
        field = fields.get(name)
        form = None if field is None else _form_of_field(field, entity_type)
        if field is None or form is None:
            known = ", ".join(match_field_names(entity_type)) or "none"
            reason = (
                f"Records of {entity_type.name} cannot be matched by {name!r}. Fields "
                f"that can: {known}."
            )
            raise InvalidPlan(reason)
        compiled.append(_KeyField(field, form))
    return tuple(compiled)


def _form_of_field(field: Field, entity_type: EntityType) -> LookupForm | None:
    """Return how values of a field are compared; None if they cannot be."""
    is_id = bool(field.parent) and field.type == "integer"
    if field.read_only or field.write_only or is_id or field.name == ERC:
        return None
    is_entry = entity_type.class_name == OBJECT_ENTRY
    return lookup_form(field.type) if field.custom or not is_entry else None


def _shorten(value: LookupValue | None) -> str:
    if value is None:
        return "without a value"
    text = str(value)
    return repr(
        text if len(text) <= _MAX_SHOWN_CHARS else f"{text[:_MAX_SHOWN_CHARS]}…"
    )


_NO_VALUE: Final = "match-without-value"
_EMPTY: Final = "The record has no value of {names}, by which records are matched."
_UNREADABLE: Final = (
    "This is not a value of the field {name}, and records are matched by {names}."
)
_SEVERAL: Final = (
    "{more} entries of {type} have {key}, so that it does not tell which of them the "
    "record means."
)
_NONE: Final = (
    "No entry of {type} has {key}, by which records are matched, and "
    '"Only Update Records" adds none.'
)
_CONFLICT: Final = (
    "No entry of {type} has {key}, by which records are matched, but another entry has "
    "the external reference code {more} of the record. Leave that code out, or correct "
    "the key."
)
