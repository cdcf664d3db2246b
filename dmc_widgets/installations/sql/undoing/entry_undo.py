"""Take back what a task did to entries, from the before-images of its journal.

An entry is touched only if it is exactly what the task left: its fingerprint holds its
date of change and its bytes. Restoring writes the stored values as they were, with
their date of change, so that an entry afterwards is byte for byte what it was.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from orjson import OPT_SORT_KEYS, dumps, loads
from sqlalchemy import Connection, bindparam, delete, insert, select, update

from ....model.change import MODIFIED, VALUES, FieldChange, ItemChange
from ....model.outcome import (
    CHANGED_SINCE,
    DELETED,
    IN_USE_SINCE,
    Outcome,
    OutcomeKind,
)
from ....objects.entries.entry_journal import (
    CHOICES,
    FILES,
    LINKED,
    STATUS,
    UNLINKED,
    make_fingerprint,
)
from ....objects.entries.lazy_references import NO_VALUES
from ....objects.entries.stored_entries import WriteSet
from ....objects.entries.system_properties import EMPTY
from ....objects.entries.validation import EntryRules
from ....ports import WrittenItem
from ..database.dialect import Dialect
from ..database.sequences import retire_id
from ..database.tables import entry, relationship, unique_value
from ..entry_query import entry_scope
from ..served.history import record_events
from .entry_links import EntryLinks
from .entry_side_tables import SideTables
from .placeholder_rows import PLACEHOLDERS, PlaceholderRows

REMOVED: Final = "removed"
"""The key of the before-image of an entry that an undo deleted: its row."""

_FIND: Final = select(
    entry.c.id, entry.c.status, entry.c.body, entry.c.created, entry.c.modified
).where(
    entry.c.definition_id == bindparam("own_definition"),
    entry.c.scope == bindparam("own_scope"),
    entry.c.erc == bindparam("own_erc"),
)
_UPDATE: Final = (
    update(entry)
    .where(entry.c.id == bindparam("own_id"))
    .values(
        status=bindparam("new_status"),
        body=bindparam("new_body"),
        created=bindparam("new_created"),
        modified=bindparam("new_modified"),
    )
)
_DELETE: Final = delete(entry).where(entry.c.id == bindparam("own_id"))


class EntryState(NamedTuple):
    """A row of the table of entries, without its key."""

    id: int
    status: int
    body: bytes
    created: int
    modified: int

    @property
    def fingerprint(self) -> str:
        """The fingerprint that a journal would keep of it."""
        return make_fingerprint(self.status, self.body, self.modified)


class EntryUndo:
    """Takes back what was done to entries of one definition.

    Args:
        connection: A connection that holds the write lock.
        dialect: The dialect of the database.
        rules: The rules of the definition.
        now_ms: The time of the undo.
    """

    def __init__(
        self, connection: Connection, dialect: Dialect, rules: EntryRules, now_ms: int
    ) -> None:
        self._connection = connection
        self._dialect = dialect
        self._rules = rules
        self._now_ms = now_ms
        self._side_tables = SideTables(connection, dialect, rules)
        self._links = EntryLinks(connection, rules)
        self._placeholders = PlaceholderRows(connection)

    def undo(self, items: Sequence[WrittenItem]) -> list[Outcome]:
        """Take back one item after the other; see :class:`~dmc_widgets.ports.Undoer`.

        Files and picklist entries that nothing names any more go at the end.
        """
        outcomes = [self._undo(item) for item in items]
        self._side_tables.remove_unused()
        return outcomes

    def _undo(self, item: WrittenItem) -> Outcome:
        before: dict[str, Any] = item.change.before or {}
        if PLACEHOLDERS in before:
            self._placeholders.restore(before[PLACEHOLDERS])
        scope = entry_scope(self._rules, item.change.site)
        state = self._find(item.key, scope)
        if REMOVED in before:
            return self._recreate(item, scope, state, before)
        is_gone = state is None or (
            state.status == EMPTY and before.get(STATUS) != EMPTY
        )
        if state is None or is_gone:
            if item.kind is OutcomeKind.CREATED:
                return Outcome(OutcomeKind.UNCHANGED, item.key)
            return Outcome(OutcomeKind.SKIPPED, item.key, note=CHANGED_SINCE)
        if item.kind is OutcomeKind.CREATED:
            return self._delete(item, scope, state, before)
        return self._restore(item, scope, state, before)

    def _find(self, erc: str, scope: str) -> EntryState | None:
        where = {
            "own_definition": self._rules.definition_id,
            "own_scope": scope,
            "own_erc": erc,
        }
        row = self._connection.execute(_FIND, where).first()
        return None if row is None else EntryState(*row)

    def _restore(
        self,
        item: WrittenItem,
        scope: str,
        state: EntryState,
        before: Mapping[str, Any],
    ) -> Outcome:
        """Give an updated entry its former values, links and files."""
        values: dict[str, Any] = loads(state.body)
        restored = _with_values(values, before.get(VALUES, {}))
        body = dumps(restored, option=OPT_SORT_KEYS)
        status = before.get(STATUS, state.status)
        if state.fingerprint != item.change.fingerprint:
            is_as_before = (body, status) == (state.body, state.status)
            if is_as_before and not before.keys() & {LINKED, UNLINKED, FILES}:
                return Outcome(OutcomeKind.UNCHANGED, item.key)
            return Outcome(OutcomeKind.SKIPPED, item.key, note=CHANGED_SINCE)
        placeholders = self._placeholders.named_by(state.id)
        problem = self._side_tables.move_keys(state.id, scope, values, restored)
        if problem is not None:
            return Outcome(OutcomeKind.FAILED, item.key, problem)
        modified = before.get(MODIFIED) or state.modified
        new = EntryState(state.id, status, body, state.created, modified)
        self._update(new)
        effects = self._take_back_effects((state.id, scope), before, placeholders)
        image = {VALUES: _differences(values, restored), MODIFIED: state.modified}
        if status != state.status:
            image[STATUS] = state.status
        change = ItemChange(
            _reversed(item.change.fields),
            item.change.site,
            new.fingerprint,
            image | effects,
        )
        return Outcome(OutcomeKind.UPDATED, item.key, change=change)

    def _delete(
        self,
        item: WrittenItem,
        scope: str,
        state: EntryState,
        before: Mapping[str, Any],
    ) -> Outcome:
        """Delete a created entry, unless somebody has changed or named it since."""
        if state.status == EMPTY:
            return Outcome(OutcomeKind.UNCHANGED, item.key)
        if state.fingerprint != item.change.fingerprint:
            return Outcome(OutcomeKind.SKIPPED, item.key, note=CHANGED_SINCE)
        was_named = STATUS in before  # it filled a placeholder
        own_links = before.get(LINKED, ())
        if not was_named and (
            self._side_tables.has_children(item.key, scope)
            or self._links.has_others(state.id, own_links)
        ):
            return Outcome(OutcomeKind.SKIPPED, item.key, note=IN_USE_SINCE)
        placeholders = self._placeholders.named_by(state.id)
        effects = self._take_back_effects((state.id, scope), before)
        if was_named:
            self._empty(state, before[MODIFIED])
            placeholders.add(state.id)
        else:
            retire_id(self._connection, entry, state.id)
            self._connection.execute(_DELETE, {"own_id": state.id})
        if removed := self._placeholders.remove_unnamed(placeholders):
            effects[PLACEHOLDERS] = removed
        row = [state.id, state.status, loads(state.body), state.created, state.modified]
        change = ItemChange((), item.change.site, "", {REMOVED: row, **effects})
        return Outcome(OutcomeKind.UPDATED, item.key, note=DELETED, change=change)

    def _recreate(
        self,
        item: WrittenItem,
        scope: str,
        state: EntryState | None,
        before: Mapping[str, Any],
    ) -> Outcome:
        """Bring back an entry that an undo has deleted, with its id and its dates."""
        if state is not None and state.status != EMPTY:
            return Outcome(OutcomeKind.SKIPPED, item.key, note=CHANGED_SINCE)
        number, status, values, created, modified = before[REMOVED]
        if state is not None:
            number = state.id
        elif self._is_taken(number):
            (number,) = self._dialect.reserve_ids(self._connection, 1)
        body = dumps(values, option=OPT_SORT_KEYS)
        new = EntryState(number, status, body, created, modified)
        problem = self._side_tables.find_problem(number, scope, {}, values)
        if problem is not None:
            return Outcome(OutcomeKind.FAILED, item.key, problem)
        image: dict[str, Any] = {}
        if state is None:
            self._insert(item.key, scope, new)
        else:
            self._update(new)
            image = {STATUS: EMPTY, MODIFIED: state.modified}
        self._side_tables.move_keys(number, scope, {}, values)
        image |= self._take_back_effects((number, scope), before)
        site = item.change.site
        change = ItemChange((), site, new.fingerprint, image or None)
        return Outcome(OutcomeKind.CREATED, item.key, change=change)

    def _take_back_effects(
        self,
        place: tuple[int, str],
        before: Mapping[str, Any],
        placeholders: set[int] | frozenset[int] = frozenset(),
    ) -> dict[str, Any]:
        """Take back links, files and picklist entries; return what undoes that.

        Args:
            place: The id of the entry, and the scope that it is stored under.
            before: The before-image.
            placeholders: What the entry named before; what nothing names now, goes.
        """
        entry_id, scope = place
        effects: dict[str, Any] = {}
        linked, unlinked = before.get(LINKED, ()), before.get(UNLINKED, ())
        if linked or unlinked:
            effects[LINKED] = self._links.add(entry_id, unlinked)
            effects[UNLINKED] = self._links.remove(entry_id, linked)
        if before.get(FILES):
            effects[FILES] = self._side_tables.restore_files(
                before[FILES], scope, self._now_ms
            )
        if before.get(CHOICES):
            self._side_tables.release_choices(before[CHOICES])
        effects[PLACEHOLDERS] = self._placeholders.remove_unnamed(set(placeholders))
        return {name: value for name, value in effects.items() if value}

    def _is_taken(self, number: int) -> bool:
        query = select(entry.c.id).where(entry.c.id == number)
        return self._connection.execute(query).first() is not None

    def _insert(self, erc: str, scope: str, new: EntryState) -> None:
        row = {
            "id": new.id,
            "definition_id": self._rules.definition_id,
            "scope": scope,
            "erc": erc,
            "status": new.status,
            "body": new.body,
            "created": new.created,
            "modified": new.modified,
        }
        self._connection.execute(insert(entry), [row])

    def _update(self, new: EntryState) -> None:
        values = {
            "own_id": new.id,
            "new_status": new.status,
            "new_body": new.body,
            "new_created": new.created,
            "new_modified": new.modified,
        }
        if self._rules.history:
            self._record_event(new)
        self._connection.execute(_UPDATE, values)

    def _record_event(self, new: EntryState) -> None:
        query = select(entry.c.body).where(entry.c.id == new.id)
        stored = self._connection.execute(query).scalar() or NO_VALUES
        changes = WriteSet(updated={new.id: (new.status, new.body)})
        before = {new.id: stored}
        record_events(self._connection, self._rules, changes, before, self._now_ms)

    def _empty(self, state: EntryState, created: int) -> None:
        """Make an entry the placeholder again that it was before."""
        for table in (unique_value, relationship):
            of_entry = delete(table).where(table.c.entry_id == state.id)
            self._connection.execute(of_entry)
        self._update(EntryState(state.id, EMPTY, NO_VALUES, created, created))


def _with_values(
    values: Mapping[str, Any], changed: Mapping[str, Any]
) -> dict[str, Any]:
    """Return values with some replaced; None removes one."""
    merged = {**values, **changed}
    return {
        name: value
        for name, value in merged.items()
        if value is not None or name not in changed
    }


def _differences(
    values: Mapping[str, Any], restored: Mapping[str, Any]
) -> dict[str, Any]:
    return {
        name: values.get(name)
        for name in values.keys() | restored.keys()
        if values.get(name) != restored.get(name)
        or type(values.get(name)) is not type(restored.get(name))
    }


def _reversed(fields: Sequence[FieldChange]) -> tuple[FieldChange, ...]:
    return tuple(FieldChange(name, new, old) for name, old, new in fields)
