"""What of entries is stored apart: unique values, parents, files, picklist keys."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from orjson import dumps, loads
from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from ....model.outcome import Problem
from ....objects.documents.change_set import DEFINITION, PICKLIST
from ....objects.entries.validation import EntryRules, format_unique_value
from ....objects.errors.entry_problems import (
    duplicate_unique_value,
    no_such_related_entry,
)
from ....objects.fields.attachment import ATTACHMENT
from ....objects.fields.relationship import ParentRelationship
from ..database.dialect import Dialect, JsonType
from ..database.streaming import streamed
from ..database.tables import (
    document,
    entry,
    relationship,
    stored_file,
    unique_value,
)
from ..entry_reader import find_entry_ids

_FILE_COLUMNS = ("erc", "name", "sha256", "size")

_IS_OTHER = (
    (entry.c.erc != bindparam("own_erc"))
    | (entry.c.scope != bindparam("own_scope"))
    | (entry.c.definition_id != bindparam("own_definition"))
)
_CHILDREN = (
    select(relationship.c.entry_id)
    .join(entry, entry.c.id == relationship.c.entry_id)
    .where(
        relationship.c.parent_definition_id == bindparam("own_definition"),
        relationship.c.parent_erc == bindparam("own_erc"),
        _IS_OTHER,
    )
    .limit(1)
)
_CHILDREN_IN_SITE = _CHILDREN.where(entry.c.scope == bindparam("own_scope"))


class SideTables:
    """Keeps the side tables in step with entries that are taken back.

    Args:
        connection: A connection that holds the write lock.
        dialect: The dialect of the database.
        rules: The rules of the definition.
    """

    def __init__(
        self, connection: Connection, dialect: Dialect, rules: EntryRules
    ) -> None:
        self._connection = connection
        self._dialect = dialect
        self._rules = rules
        self._files: set[int] = set()
        self._choices: set[tuple[str, str]] = set()

    def find_problem(
        self,
        entry_id: int,
        scope: str,
        old: Mapping[str, Any],
        new: Mapping[str, Any],
    ) -> Problem | None:
        """Return why an entry cannot get its former values back; None if it can."""
        for name in self._rules.uniques:
            text = format_unique_value(new.get(name))
            if text and text != format_unique_value(old.get(name)):
                owner = self._owner(scope, name, text)
                if owner not in {None, entry_id}:
                    label = self._label(name)
                    short_name = self._rules.short_name
                    return duplicate_unique_value(short_name, name, new[name], label)
        for link in self._moved_links(old, new):
            erc = new.get(link.erc_name)
            if erc is not None and link.parent is not None:
                where = link.parent, scope
                if not find_entry_ids(self._connection, self._dialect, where, [erc]):
                    return no_such_related_entry(link.erc_name, erc)
        return None

    def move_keys(
        self,
        entry_id: int,
        scope: str,
        old: Mapping[str, Any],
        new: Mapping[str, Any],
    ) -> Problem | None:
        """Give an entry the unique values and parents of its former values."""
        problem = self.find_problem(entry_id, scope, old, new)
        if problem is not None:
            return problem
        for name in self._rules.uniques:
            before, after = (format_unique_value(x.get(name)) for x in (old, new))
            if before != after:
                self._move_value(entry_id, scope, (name, before, after))
        for link in self._moved_links(old, new):
            self._move_parent(entry_id, link, new.get(link.erc_name))
        return None

    def has_children(self, erc: str, scope: str) -> bool:
        """Return True if entries name the entry with this code as their parent."""
        where = {
            "own_definition": self._rules.definition_id,
            "own_erc": erc,
            "own_scope": scope,
        }
        query = _CHILDREN_IN_SITE if scope else _CHILDREN
        return self._connection.execute(query, where).first() is not None

    def restore_files(
        self, files: Iterable[Sequence[Any]], scope: str, now_ms: int
    ) -> list[list[Any]]:
        """Give files their former contents that are as the task left them.

        Returns:
            What undoes that, in the form of the journal.
        """
        effects: list[list[Any]] = []
        for number, left, before in files:
            query = select(*(stored_file.c[name] for name in _FILE_COLUMNS))
            row = self._connection.execute(
                query.where(stored_file.c.id == number)
            ).first()
            stored = None if row is None else list(row)
            values = dict(zip(_FILE_COLUMNS, before or (), strict=False))
            if before is None:
                self._files.add(number)
                effects.append([number, before, left])
            elif stored is None and left is None:
                times = {"created": now_ms, "modified": now_ms}
                new = {"id": number, "scope": scope, **values, **times}
                self._connection.execute(insert(stored_file), [new])
                effects.append([number, before, left])
            elif stored == left:
                self._connection.execute(
                    update(stored_file)
                    .where(stored_file.c.id == number)
                    .values(**values)
                )
                effects.append([number, before, left])
        return effects

    def release_choices(self, choices: Iterable[Sequence[str]]) -> None:
        """Mark picklist entries that an entry had added; see :meth:`remove_unused`."""
        self._choices |= {(picklist, key) for picklist, key in choices}

    def remove_unused(self) -> None:
        """Remove the files and picklist entries that no entry names any more."""
        for picklist, key in sorted(self._choices):
            self._remove_choice(picklist, key)
        if self._files:
            self._remove_files()
        self._choices.clear()
        self._files.clear()

    def _owner(self, scope: str, field: str, text: str) -> int | None:
        query = select(unique_value.c.entry_id).where(
            unique_value.c.definition_id == self._rules.definition_id,
            unique_value.c.scope == scope,
            unique_value.c.field == field,
            unique_value.c.value == self._dialect.index_text(text),
        )
        return self._connection.execute(query).scalar()

    def _label(self, name: str) -> str:
        labels = (field.label for field in self._rules.fields if field.name == name)
        return next(labels, name)

    def _move_value(
        self, entry_id: int, scope: str, moved: tuple[str, str, str]
    ) -> None:
        field, _, after = moved
        self._connection.execute(
            delete(unique_value).where(
                unique_value.c.entry_id == entry_id, unique_value.c.field == field
            )
        )
        if after:
            row = {
                "definition_id": self._rules.definition_id,
                "scope": scope,
                "field": field,
                "value": self._dialect.index_text(after),
                "entry_id": entry_id,
            }
            self._connection.execute(insert(unique_value), [row])

    def _moved_links(
        self, old: Mapping[str, Any], new: Mapping[str, Any]
    ) -> list[ParentRelationship]:
        return [
            link
            for link in self._rules.links
            if link.parent is not None
            and not link.system
            and old.get(link.erc_name) != new.get(link.erc_name)
        ]

    def _move_parent(
        self, entry_id: int, link: ParentRelationship, erc: str | None
    ) -> None:
        self._connection.execute(
            delete(relationship).where(
                relationship.c.entry_id == entry_id,
                relationship.c.field == link.id_name,
            )
        )
        if erc is not None and link.parent is not None:
            row = {
                "entry_id": entry_id,
                "field": link.id_name,
                "parent_definition_id": link.parent.id,
                "parent_erc": erc,
            }
            self._connection.execute(insert(relationship), [row])

    def _remove_choice(self, picklist: str, key: str) -> None:
        """Remove an entry of a picklist unless entries may hold it.

        What looks like the key in an entry of an object with that picklist keeps it.
        """
        own = (document.c.kind == PICKLIST) & (document.c.erc == picklist)
        body = self._connection.execute(select(document.c.body).where(own)).scalar()
        if body is None or self._is_held(picklist, key):
            return
        values = loads(body)
        left = [x for x in values["listTypeEntries"] if x.get("key") != key]
        changed = dumps(values | {"listTypeEntries": left})
        self._connection.execute(update(document).where(own).values(body=changed))

    def _is_held(self, picklist: str, key: str) -> bool:
        query = select(document.c.id, document.c.body).where(
            document.c.kind == DEFINITION
        )
        text = dumps(picklist)
        named = [n for n, body in self._connection.execute(query) if text in body]
        pattern = dumps(key)
        bodies = select(entry.c.body).where(entry.c.definition_id.in_(named))
        with streamed(self._connection, bodies) as rows:
            return any(pattern in body for body in rows.scalars())

    def _remove_files(self) -> None:
        query = select(document.c.id, document.c.body).where(
            document.c.kind == DEFINITION
        )
        for definition_id, body in self._connection.execute(query).all():
            for field in loads(body).get("objectFields") or ():
                if field.get("businessType") == ATTACHMENT:
                    self._files -= self._named_files(definition_id, field["name"])
        gone = sorted(self._files)
        self._connection.execute(delete(stored_file).where(stored_file.c.id.in_(gone)))

    def _named_files(self, definition_id: int, field: str) -> set[int]:
        value = self._dialect.value(entry.c.body, field, JsonType.NUMBER)
        rows = self._connection.execute(
            select(func.distinct(value)).where(entry.c.definition_id == definition_id)
        )
        return {int(number) for number in rows.scalars() if number is not None}
