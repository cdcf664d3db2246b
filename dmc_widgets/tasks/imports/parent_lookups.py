"""Look up the parents of records by the value of one of the parents' fields.

A mapping may state that a relationship's source holds, in place of the parent's
external reference code, its e-mail address: ``owner: {source: e-mail, lookup: email}``.
Each batch asks once for all its values (or a few times, if the target takes short
filters only), so any installation that can filter is enough.

Parents do not change while their children are imported, so results are remembered. If
entries of one object are parents of each other they do change: then nothing is
remembered, and records before a child in its batch count as if they were stored.

Values are compared in a canonical form: ``7``, ``7.0`` and ``"7"`` are the same for a
number field, and a picklist's key is the same as its entry. A value that the field
cannot have is None, and has no parent.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
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
from ...objects.text import format_erc, format_json, format_scalar
from ...ports import Installation, Query
from ..installation_access import iter_value_filters

LookupValue = str | bool
"""A value in canonical form; numbers are texts, so that every digit counts."""

_MAX_VALUE_CHARS: Final = 1_000
"""The longest value. A filter of 4,000 characters takes not much more, with doubled
quotes; only LongText has longer values, which do not identify a parent."""

_MAX_DIGITS: Final = 60

_SEPARATOR: Final = "\0"

_MAX_REMEMBERED_VALUES: Final = 50_000
"""The number of values that each lookup remembers, found or not."""

_MAX_SHOWN_CHARS: Final = 200
"""The number of characters of a value in a message."""


class LookupForm(NamedTuple):
    """How values of a type are brought into canonical form, and written in a filter."""

    read: Callable[[Any], LookupValue | None]
    write: Callable[[LookupValue], str]


def lookup_form(type_: str) -> LookupForm | None:
    """Return the form of a field's type; None if parents cannot be looked up by it."""
    return _FORMS.get(type_)


def _read_text(value: Any) -> str | None:
    if isinstance(value, dict):
        value = value.get("key")
    text = format_scalar(value)
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


ResolvedItem = tuple[Values, tuple[Problem, ...]]
"""An item without the fields whose parents were not found, and their problems."""


class LookupResult(NamedTuple):
    """The number of entries with a value, and the code of the first one."""

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
        is_self_referential: True if the parents are of the type that is imported.
        known: The results so far, by site and value.
    """

    target: Field
    by: str
    parent: EntityType
    form: LookupForm
    is_self_referential: bool
    known: dict[_LookupKey, LookupResult] = field(default_factory=dict)


class ParentLookups:
    """Replace the values of relationships by the parents that they identify.

    Args:
        installation: The target; it is only read.
        plan: The plan, with the lookups of its mapping and the site to search.
        entity_type: The entity type of the records.
        entity_types: All entity types of the target.

    Raises:
        InvalidPlan: The mapping has an impossible lookup.
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
        """Return True if the mapping has any lookup."""
        return bool(self._lookups)

    @property
    def targets(self) -> frozenset[str]:
        """The fields that name the parents which are looked up."""
        return frozenset(lookup.target.name for lookup in self._lookups)

    @property
    def is_self_referential(self) -> bool:
        """True if parents are looked up among the entries that are written."""
        return any(lookup.is_self_referential for lookup in self._lookups)

    def value_key(self, target: str, item: Values) -> tuple[str, str] | None:
        """Return the site and a text for the value by which a parent is looked up.

        Returns:
            None where the parents are not entries of the same object.
        """
        for lookup in self._lookups:
            if lookup.target.name == target and lookup.is_self_referential:
                key = self._lookup_key(lookup, item)
                return None if key is None else _value_key(lookup, key)
        return None

    def own_value_keys(self, item: Values) -> set[tuple[str, str]]:
        """Return the :meth:`value_key` of those that name *item* as their parent."""
        keys = set()
        for lookup in self._lookups:
            value = lookup.form.read(item.get(lookup.by))
            if lookup.is_self_referential and value is not None:
                keys.add(_value_key(lookup, (self._site(lookup, item), value)))
        return keys

    def resolve(self, items: Sequence[Values]) -> list[ResolvedItem]:
        """Replace values by parents in the items of one batch.

        Raises:
            InstallationError: The installation does not answer.
        """
        resolved: list[ResolvedItem] = [(item, ()) for item in items]
        for lookup in self._lookups:
            keys = [self._lookup_key(lookup, item) for item in items]
            results = self._look_up(lookup, keys)
            earlier: dict[_LookupKey, dict[str, None]] = {}
            for place, key in enumerate(keys):
                result = (
                    _add_earlier_records(results, earlier, key)
                    if key
                    else LookupResult()
                )
                resolved[place] = _fill_parent(lookup, resolved[place], result)
                if lookup.is_self_referential:
                    self._remember_record(lookup, items[place], earlier)
        return resolved

    def _lookup_key(self, lookup: _Lookup, item: Values) -> _LookupKey | None:
        """Return what has to be looked up for an item; None for an impossible value."""
        value = lookup.form.read(item.get(lookup.target.name))
        return None if value is None else (self._site(lookup, item), value)

    def _look_up(
        self, lookup: _Lookup, keys: Iterable[_LookupKey | None]
    ) -> Mapping[_LookupKey, LookupResult]:
        """Return the results for *keys*, remembered or looked up."""
        results: dict[_LookupKey, LookupResult] = {}
        unknown: dict[str, list[LookupValue]] = {}
        for key in dict.fromkeys(keys):
            if key is None:
                continue
            if key in lookup.known:
                results[key] = lookup.known.pop(key)
            else:
                results[key] = LookupResult()
                unknown.setdefault(key[0], []).append(key[1])
        for site, values in unknown.items():
            results.update(self._query(lookup, site, values))
        if not lookup.is_self_referential:
            lookup.known.update(
                results
            )  # the least recently used ones are forgotten first
            for old in list(
                islice(lookup.known, max(0, len(lookup.known) - _MAX_REMEMBERED_VALUES))
            ):
                del lookup.known[old]
        return results

    def _query(
        self, lookup: _Lookup, site: str, values: Sequence[LookupValue]
    ) -> dict[_LookupKey, LookupResult]:
        asked = frozenset(values)
        results: dict[_LookupKey, LookupResult] = {}
        literals = map(lookup.form.write, values)
        max_chars = lookup.parent.filter_chars
        for text in iter_value_filters(lookup.by, literals, max_chars):
            query = Query(fields=(ERC, lookup.by), filter=text, scope=site)
            for parent in self._installation.read(lookup.parent, query):
                value = lookup.form.read(parent[lookup.by])
                if value is None or value not in asked:  # some servers ignore case
                    continue
                number, erc = results.get((site, value), LookupResult(0, parent[ERC]))
                results[site, value] = LookupResult(number + 1, erc)
        return results

    def _remember_record(
        self, lookup: _Lookup, item: Values, earlier: dict[_LookupKey, dict[str, None]]
    ) -> None:
        """Let the records after an item find it."""
        value, erc = lookup.form.read(item.get(lookup.by)), format_erc(item.get(ERC))
        if value is not None and not is_empty(erc):
            earlier.setdefault((self._site(lookup, item), value), {})[erc] = None

    def _site(self, lookup: _Lookup, item: Values) -> str:
        if all(field.name != SCOPE_KEY for field in lookup.parent.fields):
            return ""
        stated = item.get(SCOPE_KEY)
        return self._scope or (stated if isinstance(stated, str) else "")


def _value_key(lookup: _Lookup, key: _LookupKey) -> tuple[str, str]:
    site, value = key
    return site, f"{lookup.by}{_SEPARATOR}{value}"


def is_value_key(text: str) -> bool:
    """Return True for the text of a value; codes hold no separator."""
    return _SEPARATOR in text


def create_lookups(
    installation: Installation, plan: ImportPlan, entity_type: EntityType
) -> ParentLookups:
    """Return the lookups of a plan; without any, the installation is not asked.

    Raises:
        InvalidPlan: The mapping has an impossible lookup.
        InstallationError: The installation does not answer.
    """
    any_ = any(pair.lookup for pair in plan.mapping.pairs)
    entity_types = installation.entity_types() if any_ else ()
    return ParentLookups(installation, plan, entity_type, entity_types)


def require_lookups(
    plan: ImportPlan, entity_type: EntityType, entity_types: Sequence[EntityType]
) -> None:
    """Refuse a plan with an impossible lookup before it starts.

    Raises:
        InvalidPlan: The error names the field, and by which fields it can be looked
            up.
    """
    _compile_lookups(plan, entity_type, entity_types)


def lookup_field_names(parent: EntityType) -> tuple[str, ...]:
    """Return the fields by which entries of *parent* can be looked up."""
    names = (
        x.name for x in parent.export_fields if x.name != ERC and _form_of_field(x)
    )
    return tuple(sorted(names))


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
    target = next((x for x in entity_type.fields if x.name == pair.target), None)
    if target is None or not target.parent:
        reason = (
            f"{where} of {entity_type.name} is not a relationship to an object that "
            f"moves, so nothing can be looked up by {pair.lookup!r}."
        )
        raise InvalidPlan(reason)
    parent = next((x for x in entity_types if x.key == target.parent), None)
    if parent is None:
        name = target.parent.rpartition("#")[2]
        reason = f"{where} leads to {name}, which is not published here."
        raise InvalidPlan(reason)
    if target.type == "integer":
        twins = (x for x in entity_type.fields if x.any_of_group == target.any_of_group)
        code = next((x.name for x in twins if x.type == "string"), "")
        reason = f"{where} takes ids. Look up {pair.lookup!r} for {code!r} instead."
        raise InvalidPlan(reason)
    forms = {field.name: _form_of_field(field) for field in parent.export_fields}
    form = forms.get(pair.lookup)
    if form is None:
        known = ", ".join(
            sorted(name for name, known_form in forms.items() if known_form)
        )
        reason = (
            f"{where} cannot be looked up by {pair.lookup!r} of "
            f"{parent.short_name}. Fields that can: {known}."
        )
        raise InvalidPlan(reason)
    return _Lookup(target, pair.lookup, parent, form, parent.key == entity_type.key)


def _form_of_field(field_: Field) -> LookupForm | None:
    return lookup_form(field_.type) if field_.custom or field_.name == ERC else None


def _add_earlier_records(
    stored: Mapping[_LookupKey, LookupResult],
    earlier: Mapping[_LookupKey, Iterable[str]],
    key: _LookupKey,
) -> LookupResult:
    """Return a result with the earlier records of the batch added."""
    result = stored[key]
    new = [erc for erc in earlier.get(key, ()) if erc != result.erc]
    return (
        LookupResult(result.number + len(new), result.erc or new[0]) if new else result
    )


def _fill_parent(
    lookup: _Lookup, resolved: ResolvedItem, result: LookupResult
) -> ResolvedItem:
    item, problems = resolved
    name = lookup.target.name
    value = item.get(name)
    if is_empty(value):  # the record has no parent
        return resolved
    if result.number == 1:
        parent = {ERC: result.erc} if lookup.target.type == "object" else result.erc
        return {**item, name: parent}, problems
    rest = {key: value for key, value in item.items() if key != name}
    return rest, (*problems, _lookup_problem(lookup, value, result.number))


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
