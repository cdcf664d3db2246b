"""The canonical values of many entries with the same fields, a column at a time.

:class:`~.canonical_values.CanonicalEntries` checks entry by entry, because a value may
depend on others: a translation, a parent that is stated twice. The values of most
fields depend on nothing else, and mostly whole columns of them are canonical as they
are. Both give the same values, which a property test holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from ...model.outcome import Problem
from ..fields.field_rules import Check, FieldRules
from ..names import ERC
from .canonical_values import digest_row, normalize_value, plain_value
from .validation import EntryRules

_MAX_KNOWN: Final = 4096
"""Values of one field whose canonical form is remembered: days and choices recur."""

_TEXTS: Final = frozenset({"Text", "LongText", "RichText"})
_INTEGERS: Final = frozenset({"Integer", "LongInteger"})
_RECURRING: Final = frozenset({"Date", "Picklist"})
_STR: Final = {str}
_INT: Final = {int}
_FLOAT: Final = {float}
_BOOL: Final = {bool}

_Column = Sequence[Any]
_Canonical = Callable[[_Column], Iterable[Any]]


class CanonicalColumns:
    """Brings columns of values into canonical form.

    Args:
        rules: The rules of the definition, in the installation that is verified.
        left_out: The fields that are not compared.
    """

    def __init__(self, rules: EntryRules, left_out: Iterable[str] = ()) -> None:
        fields = {field.name: field for field in rules.fields}
        special = {*left_out, *rules.encrypted}
        special.update(rule.name for rule in rules.attachments)
        special.update(part.name for part in rules.localized)
        self._columns = {
            name: _column(fields[name], check)
            for name, check in rules.checks
            if name in fields and name not in special
        }

    @property
    def all_names(self) -> frozenset[str]:
        """The names of all fields whose values depend on nothing but themselves."""
        return frozenset(self._columns)

    def names(self, layout: Iterable[str]) -> tuple[str, ...] | None:
        """Return the names of the values of items that state the fields of *layout*.

        None if a field is among them whose value may depend on others.
        """
        names = tuple(name for name in layout if name != ERC)
        return names if self._columns.keys() >= {*names} else None

    def digests(
        self, names: tuple[str, ...], rows: Sequence[Sequence[Any]]
    ) -> Iterator[bytes]:
        """Yield the digest of each row of values, as :func:`.digest_row` makes it.

        Args:
            names: The names of the values, as :meth:`names` returns them.
            rows: Values in the order of the names, as they are sent or stored.
        """
        if not names:
            return iter([digest_row(())] * len(rows))
        columns = [
            self._columns[name](column)
            for name, column in zip(names, zip(*rows, strict=True), strict=True)
        ]
        return map(digest_row, zip(*columns, strict=True))

    def digest_items(
        self, names: tuple[str, ...], items: Sequence[Mapping[str, Any]]
    ) -> Iterator[bytes]:
        """Yield the digest of each item; each has all the names."""
        return self.digests(names, [[item[name] for name in names] for item in items])


def _column(field: FieldRules, check: Check) -> _Canonical:
    """Return what makes the values of a field canonical."""

    def one(value: Any) -> Any:
        if value is None:
            return None
        checked = check(value)
        if isinstance(checked, Problem):
            return plain_value(value)
        return normalize_value(checked)

    if field.type in _TEXTS:
        return lambda column: (
            column
            if {*map(type, column)} == _STR and "" not in column
            else map(one, column)
        )
    if field.type in _INTEGERS:
        return lambda column: (
            column if {*map(type, column)} == _INT else map(one, column)
        )
    if field.type == "Decimal":
        return lambda column: (
            [value + 0.0 for value in column]  # -0.0 is 0.0
            if {*map(type, column)} == _FLOAT
            else map(one, column)
        )
    if field.type == "Boolean":
        return lambda column: (
            [value or None for value in column]
            if {*map(type, column)} == _BOOL
            else map(one, column)
        )
    if field.type in _RECURRING:
        return _remembering(one)
    return lambda column: map(one, column)


def _remembering(one: Callable[[Any], Any]) -> _Canonical:
    """Return what makes texts canonical that recur."""
    known: dict[str, Any] = {}

    def canonical(column: _Column) -> Iterable[Any]:
        if {*map(type, column)} != _STR:
            return map(one, column)
        new = {*column} - known.keys()
        if len(known) + len(new) > _MAX_KNOWN:
            known.clear()
            new = {*column}
        known.update((value, one(value)) for value in new)
        return [known[value] for value in column]

    return canonical
