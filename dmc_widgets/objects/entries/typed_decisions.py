"""Decides what becomes of typed entries, many at a time.

It decides what :class:`~.decisions.EntryDecider` decides, for items that are nothing
out of the ordinary. A batch takes three steps. :func:`read_batch` reads the items as
groups that are as large as possible, and leaves the last few to be checked one by one.
:func:`look_up_groups` looks up what they name, for all at once. :func:`decide_groups`
decides group after group; where an item of one is out of the ordinary for what is
stored, or for what came before it, none of the group is decided, and smaller groups are
tried.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import compress, repeat
from operator import itemgetter, ne
from typing import Any, Final, NamedTuple, TypeVar

from ...model.alike_changes import ReplacedValues
from ...model.change import FieldChange, ItemChange
from ...model.line_items import LineItems
from ...model.outcome import OTHER_PARENT_ID, Outcome, OutcomeKind, make_outcomes
from ...model.outcome_runs import OutcomeRuns
from ...model.strategies import ImportStrategy, Policy, UpdateStrategy
from ..names import ERC
from .batch_lookup import EntryLookup, look_up_batch
from .entry_journal import EntryJournal
from .stored_entries import BatchContext, NewEntries, StoredEntry, WriteSet
from .system_properties import APPROVED
from .typed_differences import find_differences, find_replaced
from .typed_entries import TypedEntries
from .typed_groups import TypedEntry, TypedGroup
from .validation import EntryRules, ValidatedEntry

Items = Sequence[Mapping[str, Any]]

_T = TypeVar("_T")

_CODE: Final = itemgetter(ERC)
_APPROVED: Final = frozenset({APPROVED})

_FEW: Final = 8
"""So many items are decided one by one if they cannot be decided together."""


Group = TypedGroup | list[ValidatedEntry]
"""Items as typed entries, or a few after the checks of their values."""

Check = Callable[[Mapping[str, Any]], ValidatedEntry]

Alone = Callable[[list[ValidatedEntry]], tuple[Sequence[Outcome], bool]]


def read_batch(
    items: Items,
    typed: TypedEntries,
    policy: Policy,
    entries: Mapping[str, StoredEntry],
    check: Check,
) -> list[Group]:
    """Read the items of a batch as groups that are as large as possible, in order.

    Args:
        items: The items.
        typed: The typed entries of their definition.
        policy: The strategies of the batch. Items that fail for them are not read.
        entries: The stored entries with the codes of the items, by code.
        check: Checks an item that is out of the ordinary.
    """

    def read(part: Items) -> TypedGroup | None:
        try:
            stored = find_stored(_item_codes(part), policy, entries)
        except KeyError:  # an item has no code
            return None
        return None if stored is None else typed.read(part)

    return _read_groups(items, read, check)


def _item_codes(items: Items) -> Iterable[Any]:
    """Return the external reference codes of items, as these state them.

    Raises:
        KeyError: One has none.
    """
    return items.codes if isinstance(items, LineItems) else map(_CODE, items)


def _read_groups(
    items: Items, read: Callable[[Items], TypedGroup | None], check: Check
) -> list[Group]:
    group = read(items)
    if group is not None:
        return [group]
    if len(items) <= _FEW:
        return [list(map(check, items))]
    half = len(items) // 2
    first = _read_groups(items[:half], read, check)
    return first + _read_groups(items[half:], read, check)


def look_up_groups(
    rules: EntryRules,
    groups: Sequence[Group],
    lookup: EntryLookup,
    entries: dict[str, StoredEntry],
) -> BatchContext:
    """Look up what the items of a batch meet.

    Args:
        rules: The rules of the definition.
        groups: The items.
        lookup: Answers what is stored.
        entries: The stored entries with the codes of the items, by code.
    """
    alone: list[ValidatedEntry] = []
    together: list[TypedGroup] = []
    for group in groups:
        if isinstance(group, TypedGroup):
            together.append(group)
        else:
            alone += group
    return look_up_batch(rules, alone, lookup, together, entries)


def decide_groups(
    groups: Sequence[Group], together: TypedDecider, alone: Alone
) -> tuple[Sequence[Outcome], bool]:
    """Decide the groups of a batch, one after the other.

    Args:
        groups: The groups, in the order of their items.
        together: Decides typed entries.
        alone: Decides a few items one by one; returns their outcomes, and True if the
            batch ends with them.

    Returns:
        What *alone* returns.
    """
    if len(groups) == 1:
        return _decide_group(groups[0], together, alone)
    outcomes: list[Outcome] = []
    for group in groups:
        decided, ends = _decide_group(group, together, alone)
        outcomes += decided
        if ends:
            return outcomes, True
    return outcomes, False


def _decide_group(
    group: Group, together: TypedDecider, alone: Alone
) -> tuple[Sequence[Outcome], bool]:
    if isinstance(group, list):
        return alone(group)
    outcomes = together.decide(group)
    if outcomes is not None:
        return outcomes, False
    items = group.items
    if len(items) <= _FEW:
        return alone(list(map(together.check, items)))
    half = len(items) // 2
    parts = _read_groups(items[:half], together.typed.read, together.check)
    parts += _read_groups(items[half:], together.typed.read, together.check)
    return decide_groups(parts, together, alone)


def find_stored(
    codes: Iterable[Any], policy: Policy, entries: Mapping[str, StoredEntry]
) -> list[StoredEntry | None] | None:
    """Return what is stored of each item; None if an item fails for it.

    Args:
        codes: The codes of the items, as the items have them.
        policy: The strategies of the batch.
        entries: The stored entries by code.
    """
    try:
        before = [*map(entries.get, codes)]
    except TypeError:  # an item has another value than a code
        return None
    kind, number_new = policy.import_strategy, before.count(None)
    if kind is ImportStrategy.UPDATE and number_new:
        return None
    if kind is ImportStrategy.INSERT and number_new != len(before):
        return None
    statuses = {stored.status for stored in before if stored is not None}
    return before if statuses <= _APPROVED else None


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedDecider:
    """Decides groups of items, one after the other.

    Attributes:
        typed: The typed entries of the definition.
        policy: The strategies of the batch.
        context: What is stored, as far as the batch concerns it; kept up to date.
        changes: What to write; kept up to date.
        new_id: Returns the id of the next new entry.
        journal: Makes the changes that outcomes state; None where they state none.
        has_repeated: Several items of the batch have the same code.
        check: Checks an item that is decided alone.
        left: The values of the entries of the groups, one after the other, as they are
            stored once the batch is written.
    """

    typed: TypedEntries
    policy: Policy
    context: BatchContext
    changes: WriteSet
    new_id: Callable[[], int]
    journal: EntryJournal | None
    has_repeated: bool
    check: Check
    left: list[bytes] = field(default_factory=list)

    def decide(self, group: TypedGroup) -> Sequence[Outcome] | None:
        """Return what becomes of items, and record what to write.

        Returns:
            None if an item is out of the ordinary; then nothing is recorded.
        """
        codes, entries = group.codes, group.entries
        before = find_stored(codes, self.policy, self.context.entries)
        if before is None or len(set(codes)) != len(codes):
            return None
        noted = self.typed.resolve(codes, entries, self.context)
        if noted is None:
            return None
        is_new = [stored is None for stored in before]
        new = self._prepare_new(*_select(codes, entries, is_new))
        if new is None:
            return None
        kept = list(filter(None, before))
        is_stored = [stored is not None for stored in before]
        changed = self._prepare_stored(*_select(codes, entries, is_stored), kept)
        if changed is None:
            return None
        own_ids = [0 if stored is None else stored.id for stored in before]
        uniques = self.typed.uniques
        if not all(one.are_free(entries, own_ids, self.context) for one in uniques):
            return None
        outcomes = self._record(new, changed, is_new)
        return _note_parents(outcomes, noted) if True in noted else outcomes

    def _record(
        self, new: _New, changed: _Changed, is_new: Sequence[bool]
    ) -> Sequence[Outcome]:
        """Record what to write, and put the outcomes in the order of the items."""
        if not changed.codes:
            self.left.extend(new.bodies)
            return self._add(new)
        stored = self._update(changed)
        left = changed.list_left()
        if not new.codes:
            self.left.extend(left)
            return stored
        self.left.extend(_merge(is_new, new.bodies, left))
        return _merge(is_new, self._add(new), stored)

    def _prepare_new(self, codes: list[str], entries: list[TypedEntry]) -> _New | None:
        counters = self.typed.number(entries, self.context.counters) if codes else {}
        self.typed.complete(entries)
        bodies = self.typed.dump(entries) if self.typed.are_generated(entries) else None
        return None if bodies is None else _New(codes, entries, bodies, counters)

    def _add(self, new: _New) -> OutcomeRuns:
        codes, entries, bodies, counters = new
        for name, last in counters.items():
            if last != self.context.counters.get(name):
                self.context.counters[name] = self.changes.counters[name] = last
        ids = [self.new_id() for _ in codes]
        if self.has_repeated:  # a later item may change one of them
            states = zip(codes, repeat(APPROVED), bodies, strict=False)
            self.changes.created.update(zip(ids, states, strict=False))
        else:
            self.changes.added.append(NewEntries(ids, codes, bodies))
        self._remember(codes, ids, bodies)
        for unique in self.typed.uniques:
            unique.record_new(entries, ids, self.changes, self.context)
        for link in self.typed.links:
            link.record_new(entries, ids, self.changes)
        changes = () if self.journal is None else self.journal.list_added(bodies)
        return OutcomeRuns.alike(OutcomeKind.CREATED, codes, changes)

    def _prepare_stored(
        self,
        codes: list[str],
        entries: list[TypedEntry],
        before: Sequence[StoredEntry],
    ) -> _Changed | None:
        """Find the entries that change; None if one is out of the ordinary."""
        if not codes:
            return _Changed(codes, [])
        old_bodies = [stored.body for stored in before]
        if not self._complete_stored(entries, old_bodies):
            return None
        bodies = self.typed.dump(entries)
        if bodies is None:
            return None
        changed = _Changed(codes, old_bodies)
        others = list(map(ne, bodies, old_bodies))
        if True not in others:
            return changed
        changed.places = list(compress(range(len(codes)), others))
        changed.before = list(compress(before, others))
        changed.bodies = list(compress(bodies, others))
        changed.entries = list(compress(entries, others))
        if not self.typed.are_numbers_used(changed.entries, self.context.counters):
            return None  # later items get the numbers after these
        return changed if self._compare(changed) else None

    def _complete_stored(
        self, entries: list[TypedEntry], old_bodies: list[bytes]
    ) -> bool:
        """Give entries the values of the fields that they leave out."""
        replaces = self.policy.update_strategy is UpdateStrategy.UPDATE
        if replaces and not self.typed.leaves_out_kept(entries):
            self.typed.complete(entries)
            return True
        stored = self.typed.load(old_bodies)
        if stored is None:
            return False
        if replaces:
            self.typed.keep(entries, stored)
            self.typed.complete(entries)
        else:
            self.typed.merge(entries, stored)
        return True

    def _compare(self, changed: _Changed) -> bool:
        """Find the values that differ, and drop the entries that say the same.

        Returns:
            False if entries differ otherwise, or may not change like this.
        """
        stored = self.typed.load(before.body for before in changed.before)
        if stored is None or not self.typed.may_follow(stored, changed.entries):
            return False
        changed.stored = stored
        parts = self.typed.fields, stored, changed.entries
        replaced = find_replaced(*parts)
        if replaced is not None:
            changed.replaced = replaced
            changed.shown = self.typed.list_shown(replaced)
            if changed.shown or not replaced:
                return bool(replaced)
        found = find_differences(*parts)
        if [] in found:
            return False
        differs = [
            bool(listed[0].old or listed[0].new) or not all(map(_is_no_true, listed))
            for listed in found
        ]
        changed.differences = found
        if False in differs:
            changed.keep(differs)
        return True

    def _update(self, changed: _Changed) -> Sequence[Outcome]:
        """Record the entries that change; return the outcomes of all stored ones."""
        if not changed.places:
            return OutcomeRuns.alike(OutcomeKind.UNCHANGED, changed.codes)
        keys = [changed.codes[place] for place in changed.places]
        ids = [stored.id for stored in changed.before]
        self.changes.put_all_changed(ids, keys, APPROVED, changed.bodies)
        self._remember(keys, ids, changed.bodies)
        both = changed.stored, changed.entries
        for unique in self.typed.uniques:
            unique.record_changed(both, ids, self.changes, self.context)
        for link in self.typed.links:
            link.record_changed(*both, ids, self.changes)
        updated = OutcomeRuns.alike(
            OutcomeKind.UPDATED, keys, self._list_changes(changed)
        )
        if len(keys) == len(changed.codes):
            return updated
        outcomes = make_outcomes(OutcomeKind.UNCHANGED, changed.codes)
        for place, outcome in zip(changed.places, updated, strict=True):
            outcomes[place] = outcome
        return outcomes

    def _list_changes(self, changed: _Changed) -> Sequence[ItemChange]:
        if self.journal is None:
            return ()
        before, bodies = changed.before, changed.bodies
        if changed.shown:
            columns = changed.replaced, changed.shown
            return self.journal.list_replaced(before, bodies, *columns)
        return self.journal.list_updated(before, bodies, changed.differences)

    def _remember(self, codes: list[str], ids: list[int], bodies: list[bytes]) -> None:
        """Let later items of the batch meet the entries."""
        if self.has_repeated or self.typed.needs_earlier:
            entries = map(StoredEntry, ids, repeat(APPROVED), bodies)
            self.context.entries.update(zip(codes, entries, strict=True))


class _New(NamedTuple):
    """New entries.

    Attributes:
        codes: Their codes.
        entries: What they hold.
        bodies: The same as bytes.
        counters: The last number of each AutoIncrement field with theirs.
    """

    codes: list[str]
    entries: list[TypedEntry]
    bodies: list[bytes]
    counters: dict[str, int]


class _Changed:
    """Stored entries that change.

    Attributes:
        codes: The codes of all items that are stored.
        stored_bodies: What is stored of all of them.
        places: The places of those that change among them.
        before: What is stored of those.
        stored: The same as typed entries.
        entries: What comes in their place.
        bodies: The same as bytes.
        replaced: The values that differ, if they are of the same fields in all of
            them; empty if they are not.
        shown: The same as changes show them, where translations are listed one by one.
        differences: The values of each that differ; empty if they are of the same
            fields in all.
    """

    def __init__(self, codes: list[str], stored_bodies: list[bytes]) -> None:
        self.codes = codes
        self.stored_bodies = stored_bodies
        self.places: list[int] = []
        self.before: list[StoredEntry] = []
        self.stored: list[TypedEntry] = []
        self.entries: list[TypedEntry] = []
        self.bodies: list[bytes] = []
        self.replaced: Sequence[ReplacedValues] = ()
        self.shown: Sequence[ReplacedValues] = ()
        self.differences: list[list[FieldChange]] = []

    def keep(self, differs: list[bool]) -> None:
        """Keep those that differ."""
        self.places = list(compress(self.places, differs))
        self.before = list(compress(self.before, differs))
        self.stored = list(compress(self.stored, differs))
        self.entries = list(compress(self.entries, differs))
        self.bodies = list(compress(self.bodies, differs))
        self.differences = list(compress(self.differences, differs))

    def list_left(self) -> list[bytes]:
        """Return what will be stored of all of them."""
        left = list(self.stored_bodies)
        for place, body in zip(self.places, self.bodies, strict=True):
            left[place] = body
        return left


def _note_parents(outcomes: Sequence[Outcome], noted: Sequence[bool]) -> list[Outcome]:
    """Return outcomes with a note where an id was that of another parent."""
    listed = [*outcomes]
    for place in compress(range(len(noted)), noted):
        listed[place] = listed[place]._replace(note=OTHER_PARENT_ID)
    return listed


def _merge(
    is_first: Sequence[bool], first: Sequence[_T], second: Sequence[_T]
) -> list[_T]:
    """Return the values of two columns as one, in the order of their places."""
    values, others = iter(first), iter(second)
    return [next(values) if one else next(others) for one in is_first]


def _select(
    codes: list[str], entries: list[TypedEntry], selected: list[bool]
) -> tuple[list[str], list[TypedEntry]]:
    if False not in selected:
        return codes, entries
    return list(compress(codes, selected)), list(compress(entries, selected))


def _is_no_true(difference: FieldChange) -> bool:
    """Return True for a Boolean that was false and has no value now, or vice versa."""
    _, old, new = difference
    return (old is None or old is False) and (new is None or new is False)
