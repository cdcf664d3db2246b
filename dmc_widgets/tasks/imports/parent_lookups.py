"""Parents of records, found by the value of one of their fields.

A mapping may say that a relationship's source holds, not the parent's external
reference code, but its e-mail address: ``owner: {source: e-mail, lookup: email}``.
Each batch asks once for all values that it holds (or a few times, where the target
takes short filters only), so any installation that filters will do.

No parent changes while its children are imported, so what was found is remembered.
Where an object's entries are parents of each other they do: then nothing is
remembered, and records in front of a child in its batch count as if they were stored.

Values by which parents are looked up: alike whoever wrote them, and as literals.

``7``, ``7.0`` and ``"7"`` are the same for a number field, and a picklist's key is the
same as its entry. What cannot be a value of the field is None, and leads nowhere.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final, NamedTuple

from ...errors import InvalidPlan
from ...model.entity_type import EntityType, Field
from ...model.field_mapping import FieldMapping, is_empty
from ...model.mapping import Values
from ...model.outcome import Problem
from ...model.plan import ImportPlan
from ...model.value_conversion import value_table_key
from ...objects.fields.date import build_date_check, build_date_time_check
from ...objects.fields.number import format_decimal, parse_decimal
from ...objects.names import ERC, SCOPE_KEY
from ...objects.text import format_erc, format_json, scalar_text
from ...ports import Installation, Query

LookupValue = str | bool
"""Numbers are canonical texts, so that every digit counts."""

_MAX_VALUE_CHARS: Final = 1_000
"""Characters of a value. No filter of 4,000 takes much more, doubled quotes included;
LongText holds such, and nobody looks up by them."""

_MAX_DIGITS: Final = 60


class LookupForm(NamedTuple):
    """How values of a type are read, and written into a filter."""

    read: Callable[[Any], LookupValue | None]
    write: Callable[[LookupValue], str]


def lookup_form(type_: str) -> LookupForm | None:
    """Return the form of a field's type; None where nothing can be looked up by it."""
    return _FORMS.get(type_)


def _read_text(value: Any) -> str | None:
    if isinstance(value, dict):
        value = value.get("key")
    text = scalar_text(value)
    if not text or len(text) > _MAX_VALUE_CHARS:
        return None
    try:
        text.encode()
    except UnicodeEncodeError:  # half of a surrogate pair, which no field holds
        return None
    return None if "\0" in text else text


def _read_number(value: Any) -> str | None:
    if isinstance(value, bool):
        return None
    exact = parse_decimal(value)
    text = "" if exact is None else format_decimal(exact)
    return text if 0 < len(text) <= _MAX_DIGITS else None


def _read_boolean(value: Any) -> bool | None:
    if isinstance(value, str):
        return {"true": True, "false": False}.get(value.strip().lower())
    return value if isinstance(value, bool) else None


def _read_date(value: Any) -> str | None:
    return _value_or_none(build_date_check("")(value))


def _read_date_time(value: Any) -> str | None:
    return _value_or_none(build_date_time_check("", as_entered=False)(value))


def _value_or_none(checked: str | Problem | None) -> str | None:
    return None if isinstance(checked, Problem) else checked


def _quote(value: LookupValue) -> str:
    doubled = str(value).replace("'", "''")
    return f"'{doubled}'"


_TEXT_FORM: Final = LookupForm(_read_text, _quote)
_NUMBER_FORM: Final = LookupForm(_read_number, str)
_FORMS: Final = {
    "AutoIncrement": _TEXT_FORM,
    "Boolean": LookupForm(_read_boolean, json.dumps),
    "Date": LookupForm(_read_date, str),
    "DateTime": LookupForm(_read_date_time, str),
    "Decimal": _NUMBER_FORM,
    "EmailAddress": _TEXT_FORM,
    "Integer": _NUMBER_FORM,
    "LongInteger": _NUMBER_FORM,
    "LongText": _TEXT_FORM,
    "PhoneNumber": _TEXT_FORM,
    "Picklist": _TEXT_FORM,
    "PrecisionDecimal": _NUMBER_FORM,
    "RichText": _TEXT_FORM,
    "Text": _TEXT_FORM,
    "integer": _NUMBER_FORM,
    "string": _TEXT_FORM,
}


_MAX_REMEMBERED_VALUES: Final = 50_000
"""Values that each lookup remembers, found or not."""

_MAX_SHOWN_CHARS: Final = 200
"""Characters of a value in a message."""

ResolvedItem = tuple[Values, tuple[Problem, ...]]
"""An item without the fields whose parents were not found, and why they were not."""


class LookupResult(NamedTuple):
    """What a value led to: how many entries, and the first one's code."""

    number: int = 0
    erc: str = ""


_LookupKey = tuple[str, LookupValue]
"""A site, and a value that is looked up in it."""


@dataclass(frozen=True, slots=True)
class _Lookup:
    """One relationship to look up.

    Attributes:
        target: The field that names the parent.
        by: The parent's field.
        parent: The parent's entity type.
        form: How values of *by* are written and compared.
        to_itself: The parents are of the type that is imported.
        known: What was found before, by site and value.
    """

    target: Field
    by: str
    parent: EntityType
    form: LookupForm
    is_self_referential: bool
    known: dict[_LookupKey, LookupResult] = field(default_factory=dict)


class ParentLookups:
    """Replaces what a mapping gives for relationships by the parents that are meant.

    Args:
        installation: The target; it is only asked.
        plan: Its mapping says what is looked up; its site is where.
        entity_type: Of the records.
        entity_types: All that the target has.

    Raises:
        InvalidPlan: The mapping looks up what cannot be looked up.
    """

    def __init__(
        self,
        installation: Installation,
        plan: ImportPlan,
        entity_type: EntityType,
        entity_types: Sequence[EntityType],
    ) -> None:
        self._installation = installation
        self._scope = plan.scope
        self._lookups = _compile_lookups(plan, entity_type, entity_types)

    def __bool__(self) -> bool:
        """Say whether anything is looked up at all."""
        return bool(self._lookups)

    @property
    def is_self_referential(self) -> bool:
        """Parents are looked up among entries like those that are written."""
        return any(lookup.is_self_referential for lookup in self._lookups)

    def resolve(self, items: Sequence[Values]) -> list[ResolvedItem]:
        """Put parents in the place of values, in items of one batch.

        Raises:
            InstallationError: The installation does not say what it holds.
        """
        resolved: list[ResolvedItem] = [(item, ()) for item in items]
        for lookup in self._lookups:
            keys = [self._key(lookup, item) for item in items]
            found = self._found(lookup, keys)
            before: dict[_LookupKey, dict[str, None]] = {}
            for place, key in enumerate(keys):
                hits = (
                    _add_earlier_records(found, before, key) if key else LookupResult()
                )
                resolved[place] = _fill_parent(lookup, resolved[place], hits)
                if lookup.is_self_referential:
                    self._note(lookup, items[place], before)
        return resolved

    def _key(self, lookup: _Lookup, item: Values) -> _LookupKey | None:
        """Return what has to be found for an item; None for what nothing can have."""
        value = lookup.form.read(item.get(lookup.target.name))
        return None if value is None else (self._site(lookup, item), value)

    def _found(
        self, lookup: _Lookup, keys: Iterable[_LookupKey | None]
    ) -> Mapping[_LookupKey, LookupResult]:
        """Return what *keys* lead to, as far as it is remembered without asking."""
        found: dict[_LookupKey, LookupResult] = {}
        wanted: dict[str, list[LookupValue]] = {}
        for key in dict.fromkeys(keys):
            if key is None:
                continue
            if key in lookup.known:
                found[key] = lookup.known.pop(key)
            else:
                found[key] = LookupResult()
                wanted.setdefault(key[0], []).append(key[1])
        for site, values in wanted.items():
            found.update(self._ask(lookup, site, values))
        if not lookup.is_self_referential:
            lookup.known.update(found)  # what was used last is forgotten last
            for old in list(
                islice(lookup.known, max(0, len(lookup.known) - _MAX_REMEMBERED_VALUES))
            ):
                del lookup.known[old]
        return found

    def _ask(
        self, lookup: _Lookup, site: str, values: Sequence[LookupValue]
    ) -> dict[_LookupKey, LookupResult]:
        wanted = frozenset(values)
        found: dict[_LookupKey, LookupResult] = {}
        for text in _filters(lookup, values):
            query = Query(fields=(ERC, lookup.by), filter=text, scope=site)
            for parent in self._installation.read(lookup.parent, query):
                value = lookup.form.read(parent[lookup.by])
                if value is None or value not in wanted:  # some servers ignore case
                    continue
                number, erc = found.get((site, value), LookupResult(0, parent[ERC]))
                found[site, value] = LookupResult(number + 1, erc)
        return found

    def _note(
        self, lookup: _Lookup, item: Values, before: dict[_LookupKey, dict[str, None]]
    ) -> None:
        """Let the records behind an item find it."""
        value, erc = lookup.form.read(item.get(lookup.by)), format_erc(item.get(ERC))
        if value is not None and not is_empty(erc):
            before.setdefault((self._site(lookup, item), value), {})[erc] = None

    def _site(self, lookup: _Lookup, item: Values) -> str:
        if all(field.name != SCOPE_KEY for field in lookup.parent.fields):
            return ""
        stated = item.get(SCOPE_KEY)
        return self._scope or (stated if isinstance(stated, str) else "")


def create_lookups(
    installation: Installation, plan: ImportPlan, entity_type: EntityType
) -> ParentLookups:
    """Make the lookups of a plan; one without any asks the installation nothing.

    Raises:
        InvalidPlan: The mapping looks up what cannot be looked up.
        InstallationError: The installation does not answer.
    """
    any_ = any(pair.lookup for pair in plan.mapping.pairs)
    entity_types = installation.entity_types() if any_ else ()
    return ParentLookups(installation, plan, entity_type, entity_types)


def require_lookups(
    plan: ImportPlan, entity_type: EntityType, entity_types: Sequence[EntityType]
) -> None:
    """Refuse a plan that looks up what cannot be looked up, before it starts.

    Raises:
        InvalidPlan: It names the field, and what can be looked up.
    """
    _compile_lookups(plan, entity_type, entity_types)


def lookup_field_names(parent: EntityType) -> tuple[str, ...]:
    """Return what entries of *parent* can be found by, besides their code."""
    found = (
        x.name for x in parent.export_fields if x.name != ERC and _form_of_field(x)
    )
    return tuple(sorted(found))


def _compile_lookups(
    plan: ImportPlan, entity_type: EntityType, entity_types: Sequence[EntityType]
) -> list[_Lookup]:
    return [
        _compile_lookup(pair, entity_type, entity_types)
        for pair in plan.mapping.pairs
        if pair.lookup
    ]


def _compile_lookup(
    pair: FieldMapping, entity_type: EntityType, entity_types: Sequence[EntityType]
) -> _Lookup:
    where = f"The field {pair.target!r}"
    target = next((e for e in entity_type.fields if e.name == pair.target), None)
    if target is None or not target.parent:
        reason = (
            f"{where} of {entity_type.name} is no relationship to an object that "
            f"moves, so nothing can be looked up by {pair.lookup!r}."
        )
        raise InvalidPlan(reason)
    parent = next((e for e in entity_types if e.key == target.parent), None)
    if parent is None:
        name = target.parent.rpartition("#")[2]
        reason = f"{where} leads to {name}, which is not published here."
        raise InvalidPlan(reason)
    if target.type == "integer":
        twins = (e for e in entity_type.fields if e.any_of_group == target.any_of_group)
        code = next((e.name for e in twins if e.type == "string"), "")
        reason = f"{where} takes ids. Look up {pair.lookup!r} for {code!r} instead."
        raise InvalidPlan(reason)
    forms = {field.name: _form_of_field(field) for field in parent.export_fields}
    form = forms.get(pair.lookup)
    if form is None:
        known = ", ".join(sorted(name for name, each in forms.items() if each))
        reason = (
            f"{where} cannot be looked up by {pair.lookup!r} of "
            f"{parent.short_name}. Fields that can: {known}."
        )
        raise InvalidPlan(reason)
    return _Lookup(target, pair.lookup, parent, form, parent.key == entity_type.key)


def _form_of_field(field_: Field) -> LookupForm | None:
    return lookup_form(field_.type) if field_.custom or field_.name == ERC else None


def _filters(lookup: _Lookup, values: Iterable[LookupValue]) -> Iterator[str]:
    """Write filters that find *values*, each as long as the target takes it."""
    begin = f"{lookup.by} in ("
    room = lookup.parent.filter_chars - len(begin) - 1
    some: list[str] = []
    length = 0
    for literal in map(lookup.form.write, values):
        if some and length + len(literal) >= room:
            yield f"{begin}{','.join(some)})"
            some, length = [], 0
        some.append(literal)
        length += len(literal) + 1
    if some:
        yield f"{begin}{','.join(some)})"


def _add_earlier_records(
    found: Mapping[_LookupKey, LookupResult],
    before: Mapping[_LookupKey, Iterable[str]],
    key: _LookupKey,
) -> LookupResult:
    """Add the records in front of one to what is stored."""
    hits = found[key]
    new = [erc for erc in before.get(key, ()) if erc != hits.erc]
    return LookupResult(hits.number + len(new), hits.erc or new[0]) if new else hits


def _fill_parent(
    lookup: _Lookup, resolved: ResolvedItem, hits: LookupResult
) -> ResolvedItem:
    item, problems = resolved
    name = lookup.target.name
    value = item.get(name)
    if is_empty(value):  # the record has no parent
        return resolved
    if hits.number == 1:
        named = {ERC: hits.erc} if lookup.target.type == "object" else hits.erc
        return {**item, name: named}, problems
    rest = {key: value for key, value in item.items() if key != name}
    return rest, (*problems, _lookup_problem(lookup, value, hits.number))


def _lookup_problem(lookup: _Lookup, value: Any, number: int) -> Problem:
    name, target = lookup.parent.short_name, lookup.target.name
    shown = value_table_key(value) or format_json(value)
    shown = repr(
        shown if len(shown) <= _MAX_SHOWN_CHARS else f"{shown[:_MAX_SHOWN_CHARS]}…"
    )
    if number:
        message = (
            f"{number} entries of {name} have the {lookup.by} {shown}, so that it does "
            f"not tell which one {target!r} means."
        )
        return Problem("lookup-ambiguous", message, target, format_json(value))
    message = (
        f"No entry of {name} has the {lookup.by} {shown}, by which {target!r} is "
        "looked up."
    )
    return Problem("lookup-without-result", message, target, format_json(value))
