"""Write entries with related entries inside: all that stands in one, or none of it.

Liferay accepts related entries within an entry, under the names of relationships: a
parent as an object, children and linked entries as lists. It stores them with their
own values, links them, and ends the relations of those that a list leaves out, under
both update strategies; null and an empty list end all. The rules are in
``docs/liferay/objects.md``, *Nested entries*.

One difference is deliberate: an element with nothing but an external reference code or
an id, whose entry exists, is linked and keeps its values. Liferay would replace the
entry by one without values.

Only servers write so. An import makes one outcome of each record, and takes back one
change with it, so it refuses records with children; see
:mod:`dmc_widgets.objects.fields.relationship`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import groupby
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, select

from ....errors import NotSupported
from ....model.entity_type import ChildRelationship
from ....model.outcome import STOPPING_KINDS, Outcome, OutcomeKind, Problem
from ....model.strategies import (
    ErrorStrategy,
    ImportStrategy,
    Policy,
    UpdateStrategy,
)
from ....objects.entries.system_properties import resolve_site
from ....objects.entries.validation import EntryRules
from ....objects.errors.entry_problems import (
    explain_nested_entry,
    inactive_object,
    nested_entries,
)
from ....objects.fields.many_to_many import ManyToManyRelationship
from ....objects.fields.number import MAX_ID, parse_integer
from ....objects.fields.relationship import (
    ParentDefinition,
    ParentRelationship,
    is_valid_erc,
)
from ....objects.filters.filter_fields import RelatedRules, Relationship
from ....objects.names import ERC, SCOPE_KEY, relationship_field_name
from ....objects.text import format_erc
from ....ports import Batch, Item
from ..database.dialect import Dialect
from ..database.tables import entry, relationship
from ..entry_query import entry_scope
from ..entry_reader import find_entry_ids
from ..entry_writer import EntryWriter, skipped_outcomes

_PUT: Final = Policy()
_PATCH: Final = Policy(
    import_strategy=ImportStrategy.UPDATE, update_strategy=UpdateStrategy.PARTIAL_UPDATE
)
_NAMING: Final = frozenset({ERC, "id"})
_ID: Final = "id"
_CHANGED: Final = frozenset({OutcomeKind.CREATED, OutcomeKind.UPDATED})

StoreContents = Callable[[EntryRules, Sequence[Item]], Sequence[Item]]
"""Stores the contents of attachments; returns the items with references to them."""


class _Failure(Exception):
    """A related entry was refused, and with it the entry around it."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


class _Step(NamedTuple):
    """A related entry to write, with its site and the strategies."""

    item: Item
    scope: str
    policy: Policy

    def kind(self) -> tuple[str, Policy, bool]:
        """Return what steps that are written together share.

        The last is True for one that names an existing entry, and so changes nothing.
        """
        is_naming = self.policy is _PATCH and self.item.keys() <= _NAMING
        return self.scope, self.policy, is_naming


class NestedEntryWriter:
    """Writes batches whose items may hold related entries.

    Args:
        connection: A connection that holds the write lock.
        dialect: The dialect of the database.
        related_rules: Returns the rules of the entries that a relationship leads to.
        store_contents: Stores the contents of attachments in related entries.
        make_writer: Returns the writer of a definition's entries, by its rules.
    """

    def __init__(
        self,
        connection: Connection,
        dialect: Dialect,
        related_rules: RelatedRules,
        store_contents: StoreContents,
        make_writer: Callable[[EntryRules], EntryWriter],
    ) -> None:
        self._connection = connection
        self._dialect = dialect
        self._related_rules = related_rules
        self._store_contents = store_contents
        self._make_writer = make_writer

    def write(self, rules: EntryRules, batch: Batch) -> Sequence[Outcome]:
        """Store the items of a batch; return one outcome for each item.

        An item counts as updated if only its related entries have changed.
        """
        stops = batch.policy.error_strategy is ErrorStrategy.STOP
        is_nesting = _NestingTest(self._find_missing, rules, batch)
        outcomes: list[Outcome] = []
        for nests, group in groupby(batch.items, key=is_nesting):
            items = list(group)
            outcomes += self._write_group(
                rules, replace(batch, items=items), nests=nests
            )
            if stops and outcomes[-1].kind in STOPPING_KINDS:
                break
        return outcomes + skipped_outcomes(batch.items[len(outcomes) :])

    def _write_group(
        self, rules: EntryRules, batch: Batch, *, nests: bool
    ) -> Sequence[Outcome]:
        if not nests:
            return self._write_plain(rules, batch)
        outcomes: list[Outcome] = []
        for item in batch.items:
            outcomes.append(self._write_whole(rules, replace(batch, items=[item])))
            stops = batch.policy.error_strategy is ErrorStrategy.STOP
            if stops and outcomes[-1].kind is OutcomeKind.FAILED:
                break
        return outcomes

    def _write_plain(self, rules: EntryRules, batch: Batch) -> Sequence[Outcome]:
        return self._make_writer(rules).write(batch)

    def _write_whole(self, rules: EntryRules, batch: Batch) -> Outcome:
        """Store the one item of a batch with all that is in it, or nothing of it."""
        savepoint = self._connection.begin_nested()
        try:
            outcome = self._write_tree(rules, batch)
        except _Failure as exc:
            key = format_erc(batch.items[0].get(ERC))
            outcome = Outcome(OutcomeKind.FAILED, key, exc.problem)
        except BaseException:
            savepoint.rollback()
            raise
        if outcome.kind is OutcomeKind.FAILED:
            savepoint.rollback()
        else:
            savepoint.commit()
        return outcome

    def _write_tree(self, rules: EntryRules, batch: Batch) -> Outcome:
        """Store parents and linked entries, then the item, then its children."""
        item = dict(batch.items[0])
        site = "" if rules.company_scoped else _site_of(rules, item, batch.scope)
        changed = False
        for link in rules.links:
            if link.nested_name in item and not link.system:
                changed |= self._write_parent(rules, link, item, site)
        for linked in rules.many:
            if isinstance(item.get(linked.name), dict | list):
                changed |= self._write_linked(rules, linked, item, site)
        children = [
            (child, item.pop(child.name))
            for child in rules.children
            if child.name in item
        ]
        outcome = self._write_plain(rules, replace(batch, items=[item]))[0]
        if outcome.kind is OutcomeKind.FAILED:
            return outcome
        for child, value in children:
            changed |= self._write_children(rules, child, value, (outcome.key, site))
        if changed and outcome.kind is OutcomeKind.UNCHANGED:
            return outcome._replace(kind=OutcomeKind.UPDATED)
        return outcome

    def _write_parent(
        self, rules: EntryRules, link: ParentRelationship, item: Item, site: str
    ) -> bool:
        """Store the parent within an item, and leave its code in its place."""
        value = item[link.nested_name]
        if value is None or value == {}:
            item[link.nested_name] = None
            return False
        if not isinstance(value, dict):
            raise _Failure(nested_entries(link.nested_name, value))
        codes, changed = self._write_related(rules, link, [value], site)
        item[link.nested_name] = {ERC: codes[0]}
        return changed

    def _write_linked(
        self, rules: EntryRules, linked: ManyToManyRelationship, item: Item, site: str
    ) -> bool:
        """Store the linked entries within an item, and leave their codes."""
        value = item[linked.name]
        elements = [
            e for e in ([value] if isinstance(value, dict) else value) if e != {}
        ]
        objects = [element for element in elements if isinstance(element, dict)]
        if len(objects) < len(elements):  # codes, as the cell of a table has them
            return False
        codes, changed = self._write_related(rules, linked, objects, site)
        item[linked.name] = [{ERC: code} for code in codes]
        return changed

    def _write_children(
        self,
        rules: EntryRules,
        child: ChildRelationship,
        value: Any,
        parent: tuple[str, str],
    ) -> bool:
        """Store the children of an entry, and unlink those that the list leaves out."""
        if value is not None and not isinstance(value, list):
            raise _Failure(nested_entries(child.name, value))
        elements = [element for element in value or () if element != {}]
        for element in elements:
            if not isinstance(element, dict):
                raise _Failure(nested_entries(child.name, element))
        key, site = parent
        field = relationship_field_name(child.name, rules.short_name)
        left_out = {field, child.name}
        linked = [
            {name: own for name, own in element.items() if name not in left_out}
            | {child.parent_code: key}
            for element in elements
        ]
        codes, changed = self._write_related(rules, child, linked, site)
        return self._unlink_others(rules, child, (key, site), codes) or changed

    def _write_related(
        self,
        rules: EntryRules,
        related: Relationship,
        elements: Sequence[Item],
        site: str,
    ) -> tuple[list[str], bool]:
        """Store related entries; return their codes, and whether any has changed.

        An element that names an existing entry and nothing else changes nothing, or,
        of a child, its parent alone.
        """
        other = self._rules_of(related)
        keeping = _NAMING
        if isinstance(related, ChildRelationship):
            keeping = keeping | {related.parent_code}
        steps: list[_Step] = []
        for element in elements:
            scope = _related_scope(rules, other, element, site)
            item = self._with_code(other, element)
            code = format_erc(item.get(ERC))
            is_known = item.keys() <= keeping and (
                code in {format_erc(step.item.get(ERC)) for step in steps if code}
                or self._exists(other, code, scope)
            )
            steps.append(_Step(item, scope, _PATCH if is_known else _PUT))
        return self._write_steps(other, _name_of(related), steps)

    def _write_steps(
        self, rules: EntryRules, name: str, steps: Sequence[_Step]
    ) -> tuple[list[str], bool]:
        """Write related entries in their order, as many together as possible."""
        codes: list[str] = []
        changed = False
        for (scope, policy, is_naming), group in groupby(steps, key=_Step.kind):
            items: Sequence[Item] = [step.item for step in group]
            if is_naming:
                codes += [format_erc(item[ERC]) for item in items]
                continue
            items = self._store_contents(rules, items)
            batch = Batch(task="", number=0, items=items, policy=policy, scope=scope)
            for number, outcome in enumerate(self.write(rules, batch), len(codes) + 1):
                if outcome.problem is not None:
                    raise _Failure(explain_nested_entry(name, number, outcome.problem))
                changed |= outcome.kind in _CHANGED
                codes.append(outcome.key)
        return codes, changed

    def _rules_of(self, related: Relationship) -> EntryRules:
        try:
            return self._related_rules(related)
        except NotSupported as exc:
            raise _Failure(inactive_object(_name_of(related))) from exc

    def _with_code(self, rules: EntryRules, element: Item) -> Item:
        """Return an element with the code of the entry that its id belongs to."""
        item = {name: value for name, value in element.items() if name != _ID}
        number = None if isinstance(element.get(_ID), bool) else element.get(_ID)
        whole = parse_integer(number)
        if format_erc(item.get(ERC)) or whole is None or not 0 < whole <= MAX_ID:
            return item
        query = select(entry.c.erc).where(
            entry.c.id == whole, entry.c.definition_id == rules.definition_id
        )
        erc = self._connection.execute(query).scalar()
        return item if erc is None else item | {ERC: erc}

    def _exists(self, rules: EntryRules, code: str, scope: str) -> bool:
        where = _definition_of(rules), scope
        return bool(code) and code in self._find_codes(where, [code])

    def _find_codes(
        self, where: tuple[ParentDefinition, str], codes: Collection[str]
    ) -> set[str]:
        valid = [code for code in codes if is_valid_erc(code)]
        return set(find_entry_ids(self._connection, self._dialect, where, valid))

    def _find_missing(
        self, definition: ParentDefinition, scope: str, codes: Collection[str]
    ) -> set[str]:
        return set(codes) - self._find_codes((definition, scope), codes)

    def _unlink_others(
        self,
        rules: EntryRules,
        child: ChildRelationship,
        parent: tuple[str, str],
        kept: Collection[str],
    ) -> bool:
        """End the relation of a parent to the children that its list leaves out."""
        key, site = parent
        other = self._rules_of(child)
        query = (
            select(entry.c.erc, entry.c.scope)
            .join(relationship, relationship.c.entry_id == entry.c.id)
            .where(relationship.c.parent_definition_id == rules.definition_id)
            .where(relationship.c.parent_erc == key)
            .where(
                relationship.c.field
                == relationship_field_name(child.name, rules.short_name)
            )
            .where(entry.c.definition_id == other.definition_id)
            .order_by(entry.c.scope, entry.c.id)
        )
        if not rules.company_scoped:
            query = query.where(entry.c.scope == site)
        rows = self._connection.execute(query).all()
        codes = set(kept)
        others = [row for row in rows if row.erc not in codes]
        for scope, group in groupby(others, key=lambda row: row.scope):
            items = [{ERC: row.erc, child.parent_code: None} for row in group]
            batch = Batch(task="", number=0, items=items, policy=_PATCH, scope=scope)
            for outcome in self._write_plain(other, batch):
                if outcome.problem is not None:
                    problem = explain_nested_entry(child.name, 0, outcome.problem)
                    raise _Failure(problem)
        return bool(others)


class _NestingTest:
    """Tests whether an item of a batch holds related entries that are to be written.

    One that only names existing parents or linked entries does not, so that such items
    are written together as fast as any others.
    """

    def __init__(
        self,
        find_missing: Callable[[ParentDefinition, str, Collection[str]], set[str]],
        rules: EntryRules,
        batch: Batch,
    ) -> None:
        self._children = frozenset(child.name for child in rules.children)
        self._named = tuple(_named_definitions(rules))
        own = {format_erc(item.get(ERC)) for item in batch.items}
        self._missing: dict[str, set[str]] = {}
        lazy = batch.policy.lazy_references
        for name, definition in () if lazy else self._named:
            codes = {
                code
                for item in batch.items
                for code in _naming_codes(item.get(name))
                if definition.id != rules.definition_id or code not in own
            }
            if codes:
                self._missing[name] = find_missing(definition, batch.scope, codes)

    def __call__(self, item: Item) -> bool:
        if not self._children.isdisjoint(item):
            return True
        return any(map(partial(self._is_nesting, item), self._named))

    def _is_nesting(self, item: Item, named: tuple[str, ParentDefinition]) -> bool:
        name, _ = named
        value = item.get(name)
        if value == {}:
            return True
        elements = value if isinstance(value, list) else [value]
        if any(isinstance(e, dict) and not e.keys() <= _NAMING for e in elements):
            return True
        return not self._missing.get(name, set()).isdisjoint(_naming_codes(value))


def _named_definitions(rules: EntryRules) -> Iterator[tuple[str, ParentDefinition]]:
    for link in rules.links:
        if link.parent is not None and not link.system:
            yield link.nested_name, link.parent
    for linked in rules.many:
        yield linked.name, linked.other


def _naming_codes(value: Any) -> Iterator[str]:
    """Yield the codes of objects that hold nothing but a code and an id."""
    for element in value if isinstance(value, list) else [value]:
        if isinstance(element, dict) and element.keys() <= _NAMING:
            code = format_erc(element.get(ERC))
            if code:
                yield code


def _name_of(related: Relationship) -> str:
    if isinstance(related, ParentRelationship):
        return related.nested_name
    return related.name


def _definition_of(rules: EntryRules) -> ParentDefinition:
    return ParentDefinition(id=rules.definition_id, company_scoped=rules.company_scoped)


def _site_of(rules: EntryRules, item: Item, scope: str) -> str:
    site = resolve_site(item, scope, rules.short_name)
    if isinstance(site, Problem):
        raise _Failure(site)
    return entry_scope(rules, site)


def _related_scope(
    rules: EntryRules, other: EntryRules, element: Item, site: str
) -> str:
    """Return the site of a related entry; without sites of its own, it states one."""
    if other.company_scoped:
        return ""
    stated = element.get(SCOPE_KEY)
    if rules.company_scoped and isinstance(stated, str):
        return stated
    return site
