"""The fields of a definition's entries as expressions of SQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, TableValuedAlias, func, literal, select

from ...objects.categorization import BRIEFS, CATEGORY_IDS
from ...objects.entries import EntryRules
from ...objects.entry_faults import ERC, SCOPE_KEY
from ...objects.filter_fields import FilterField, Kind, creator_values
from ...objects.links import Link
from .engine import Dialect
from .tables import entry, unique_value

_TICK_MS: Final = 1000
"""Times are given out to the second, and compared as they are given out."""

_OWN: Final[Mapping[str, ColumnElement[Any]]] = {
    ERC: entry.c.erc,
    SCOPE_KEY: entry.c.scope,
    "dateCreated": entry.c.created - entry.c.created % _TICK_MS,
    "dateModified": entry.c.modified - entry.c.modified % _TICK_MS,
    "id": entry.c.id,
    "status": entry.c.status,
    "status/code": entry.c.status,
}


class EntryColumns:
    """Finds a field's value in a row of the table of entries.

    Names of fields come from the definition; where they stand in a statement, they
    are parameters of it.

    Args:
        rules: Of the definition.
        dialect: Of the database.
        scope: Of the entries; None where it may be any.
    """

    def __init__(
        self, rules: EntryRules, dialect: Dialect, scope: str | None = None
    ) -> None:
        self._dialect = dialect
        self._scope = scope
        self._definition_id = rules.definition_id
        self._uniques = frozenset(rules.uniques)
        names = {name: literal(value) for name, value in creator_values().items()}
        self._known: dict[str, ColumnElement[Any]] = {**_OWN, **names}
        links = rules.links
        self._parent_ids = {link.id_name: link for link in links}
        self._parent_codes = {link.erc_name: link.erc_name for link in links}
        self._parent_codes |= {
            f"{link.nested_name}ERC": link.erc_name for link in links
        }

    def value(self, field: FilterField) -> ColumnElement[Any]:
        """Return the field's value, NULL for none."""
        if field.name in self._known:
            return self._known[field.name]
        if field.name in self._parent_codes:
            code = self._dialect.value(entry.c.body, self._parent_codes[field.name])
            return func.coalesce(code, "")
        if field.name in self._parent_ids:
            return self._parent_id(self._parent_ids[field.name])
        kept = self._dialect.value(entry.c.body, field.name.removesuffix("/key"))
        if field.kind is Kind.BOOLEAN:
            return func.coalesce(kept, literal(value=False))
        return kept

    def among_uniques(
        self, field: FilterField, values: Sequence[Any]
    ) -> list[ColumnElement[bool]]:
        """Narrow the entries down by an index of unique values, where it can be.

        A filter by such values is how parents are looked up, and what is there of a
        batch, among any number of entries. The index of unique fields holds texts
        that are not blank.
        """
        if field.name == ERC:
            return [entry.c.id.in_(self._ids_by_erc(values))]
        indexed = field.name in self._uniques and field.kind is Kind.TEXT
        texts = [value for value in values if isinstance(value, str) and value.strip()]
        if not indexed or field.many or len(texts) < len(values):
            return []
        found = (
            select(unique_value.c.entry_id)
            .where(unique_value.c.definition_id == self._definition_id)
            .where(unique_value.c.field == field.name)
            .where(self._dialect.among(unique_value.c.value, texts))
        )
        return [entry.c.id.in_(found)]

    def _ids_by_erc(self, values: Sequence[Any]) -> Select[Any]:
        """Select ids by themselves: sorted by id, SQLite would look at every entry."""
        known = entry.alias()
        found = select(known.c.id).where(known.c.definition_id == self._definition_id)
        if self._scope is not None:
            found = found.where(known.c.scope == self._scope)
        return found.where(self._dialect.among(known.c.erc, values))

    def elements(
        self, field: FilterField
    ) -> tuple[TableValuedAlias, ColumnElement[Any]]:
        """Return a list's elements: what to select from, and each one's value."""
        if field.name == CATEGORY_IDS:
            source = self._dialect.elements(entry.c.body, BRIEFS)
            return source, self._dialect.value(source.c.value, "taxonomyCategoryId")
        source = self._dialect.elements(entry.c.body, field.name)
        return source, source.c.value

    def _parent_id(self, link: Link) -> ColumnElement[Any]:
        if link.parent is None or link.system:
            return literal(0)
        parent = entry.alias()
        scope = literal("") if link.parent.company_scoped else entry.c.scope
        found = (
            select(parent.c.id)
            .where(parent.c.definition_id == link.parent.id)
            .where(parent.c.scope == scope)
            .where(parent.c.erc == self._dialect.value(entry.c.body, link.erc_name))
            .scalar_subquery()
            .correlate(entry)
        )
        return func.coalesce(found, 0)
