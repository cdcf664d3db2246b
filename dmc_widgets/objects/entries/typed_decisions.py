"""Decides what becomes of typed entries, many at a time.

It decides what :class:`~.decisions.EntryDecider` decides, for items that are nothing
out of the ordinary. Where one is, it decides none of them; :func:`decide_all` then
tries smaller groups, and leaves the last few to the other one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import compress, repeat
from operator import itemgetter, ne
from typing import Any, Final, NamedTuple, TypeVar

from ...model.change import FieldChange
from ...model.outcome import Outcome, OutcomeKind, make_outcomes
from ...model.strategies import ImportStrategy, Policy, UpdateStrategy
from ..names import ERC
from .entry_journal import EntryJournal
from .stored_entries import BatchContext, StoredEntry, WriteSet
from .system_properties import APPROVED
from .typed_entries import TypedEntries, TypedEntry

Items = Sequence[dict[str, Any]]

_T = TypeVar("_T")

_CODE: Final = itemgetter(ERC)
_APPROVED: Final = frozenset({APPROVED})

_FEW: Final = 8
"""So many items are decided one by one if they cannot be decided together."""


def decide_all(
    items: Items,
    together: Callable[[Items], list[Outcome] | None],
    alone: Callable[[Items], tuple[list[Outcome], bool]],
) -> tuple[list[Outcome], bool]:
    """Decide items in their order, in groups that are as large as possible.

    Args:
        items: The items.
        together: Decides a group, or returns None and decides nothing.
        alone: Decides a few items one by one; returns their outcomes, and True if the
            batch ends with them.

    Returns:
        What *alone* returns.
    """
    outcomes = together(items)
    if outcomes is not None:
        return outcomes, False
    if len(items) <= _FEW:
        return alone(items)
    half = len(items) // 2
    outcomes, ends = decide_all(items[:half], together, alone)
    if not ends:
        others, ends = decide_all(items[half:], together, alone)
        outcomes = outcomes + others
    return outcomes, ends


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
    left: list[bytes] = field(default_factory=list)

    def decide(self, items: Items) -> list[Outcome] | None:
        """Return what becomes of items, and record what to write.

        Returns:
            None if an item is out of the ordinary; then nothing is recorded.
        """
        before = self._find_stored(items)
        read = None if before is None else self.typed.read(items)
        if before is None or read is None or len(set(read[0])) != len(items):
            return None
        codes, entries = read
        number_new = before.count(None)
        if number_new == len(items):
            decided = self._decide_new(codes, entries)
        elif not number_new:
            decided = self._decide_stored(codes, entries, list(filter(None, before)))
        else:
            decided = self._decide_both(codes, entries, before)
        if decided is None:
            return None
        self.left.extend(decided.bodies)
        return decided.outcomes

    def _find_stored(self, items: Items) -> list[StoredEntry | None] | None:
        """Return what is stored of each item; None if an item fails for it."""
        try:
            before = list(map(self.context.entries.get, map(_CODE, items)))
        except (KeyError, TypeError):  # it has no code, or another value
            return None
        kind, number_new = self.policy.import_strategy, before.count(None)
        if kind is ImportStrategy.UPDATE and number_new:
            return None
        if kind is ImportStrategy.INSERT and number_new != len(before):
            return None
        statuses = {stored.status for stored in before if stored is not None}
        return before if statuses <= _APPROVED else None

    def _decide_both(
        self,
        codes: list[str],
        entries: list[TypedEntry],
        before: Sequence[StoredEntry | None],
    ) -> _Decided | None:
        """Decide new and stored entries, and put their outcomes in order."""
        is_new = [stored is None for stored in before]
        is_stored = [stored is not None for stored in before]
        new_entries = list(compress(entries, is_new))
        bodies = self._dump_new(new_entries)
        if bodies is None:
            return None
        kept = list(filter(None, before))
        stored = self._decide_stored(
            list(compress(codes, is_stored)), list(compress(entries, is_stored)), kept
        )
        if stored is None:
            return None
        new = self._add(list(compress(codes, is_new)), bodies)
        return _Decided(
            _merge(is_new, new.outcomes, stored.outcomes),
            _merge(is_new, new.bodies, stored.bodies),
        )

    def _decide_new(
        self, codes: list[str], entries: list[TypedEntry]
    ) -> _Decided | None:
        bodies = self._dump_new(entries)
        return None if bodies is None else self._add(codes, bodies)

    def _dump_new(self, entries: list[TypedEntry]) -> list[bytes] | None:
        self.typed.complete(entries)
        return self.typed.dump(entries)

    def _add(self, codes: list[str], bodies: list[bytes]) -> _Decided:
        ids = [self.new_id() for _ in codes]
        states = zip(codes, repeat(APPROVED), bodies, strict=False)
        self.changes.created.update(zip(ids, states, strict=False))
        self._remember(codes, ids, bodies)
        changes = None if self.journal is None else self.journal.list_added(bodies)
        return _Decided(make_outcomes(OutcomeKind.CREATED, codes, changes), bodies)

    def _decide_stored(
        self,
        codes: list[str],
        entries: list[TypedEntry],
        before: Sequence[StoredEntry],
    ) -> _Decided | None:
        old_bodies = [stored.body for stored in before]
        if not self._complete_stored(entries, old_bodies):
            return None
        bodies = self.typed.dump(entries)
        if bodies is None:
            return None
        outcomes = make_outcomes(OutcomeKind.UNCHANGED, codes)
        others = list(map(ne, bodies, old_bodies))
        if True not in others:
            return _Decided(outcomes, old_bodies)
        changed = _Changed(
            list(compress(range(len(codes)), others)),
            list(compress(before, others)),
            list(compress(bodies, others)),
        )
        new = list(compress(entries, others))
        if not self._compare(changed, new):
            return None
        self._update(codes, changed, outcomes)
        for place, body in zip(changed.places, changed.bodies, strict=True):
            old_bodies[place] = body
        return _Decided(outcomes, old_bodies)

    def _complete_stored(
        self, entries: list[TypedEntry], old_bodies: list[bytes]
    ) -> bool:
        """Give entries the values of the fields that they leave out."""
        if self.policy.update_strategy is UpdateStrategy.UPDATE:
            self.typed.complete(entries)
            return True
        stored = self.typed.load(old_bodies)
        if stored is None:
            return False
        self.typed.merge(entries, stored)
        return True

    def _compare(self, changed: _Changed, entries: list[TypedEntry]) -> bool:
        """Find the values that differ, and drop the entries that say the same.

        Returns:
            False if entries differ otherwise.
        """
        stored = self.typed.load(before.body for before in changed.before)
        if stored is None:
            return False
        found = self.typed.differences(stored, entries)
        if [] in found:
            return False
        differs = [
            bool(listed[0].old or listed[0].new) or not all(map(_is_no_true, listed))
            for listed in found
        ]
        changed.keep(differs, found)
        return True

    def _update(
        self, codes: list[str], changed: _Changed, outcomes: list[Outcome]
    ) -> None:
        """Record the entries that change, and their outcomes."""
        keys = [codes[place] for place in changed.places]
        ids = [stored.id for stored in changed.before]
        self.changes.put_all_changed(ids, keys, APPROVED, changed.bodies)
        self._remember(keys, ids, changed.bodies)
        changes = None
        if self.journal is not None:
            changes = self.journal.list_updated(
                changed.before, changed.bodies, changed.differences
            )
        updated = make_outcomes(OutcomeKind.UPDATED, keys, changes)
        for place, outcome in zip(changed.places, updated, strict=True):
            outcomes[place] = outcome

    def _remember(self, codes: list[str], ids: list[int], bodies: list[bytes]) -> None:
        """Let later items of the batch meet the entries."""
        if self.has_repeated:
            entries = map(StoredEntry, ids, repeat(APPROVED), bodies)
            self.context.entries.update(zip(codes, entries, strict=True))


class _Decided(NamedTuple):
    """What becomes of the items of a group.

    Attributes:
        outcomes: The outcome of each.
        bodies: The values of the entry of each, as they will be stored.
    """

    outcomes: list[Outcome]
    bodies: list[bytes]


def _merge(is_first: Iterable[bool], first: list[_T], second: list[_T]) -> list[_T]:
    """Return the values of two lists in one, in the order of their places."""
    values, others = iter(first), iter(second)
    return [next(values) if one else next(others) for one in is_first]


class _Changed:
    """Stored entries that change.

    Attributes:
        places: Their places among the items.
        before: What is stored.
        bodies: What comes in its place.
        differences: The values that differ.
    """

    def __init__(
        self, places: list[int], before: list[StoredEntry], bodies: list[bytes]
    ) -> None:
        self.places = places
        self.before = before
        self.bodies = bodies
        self.differences: list[list[FieldChange]] = []

    def keep(self, differs: list[bool], differences: list[list[FieldChange]]) -> None:
        """Keep those that differ."""
        self.differences = list(compress(differences, differs))
        if False in differs:
            self.places = list(compress(self.places, differs))
            self.before = list(compress(self.before, differs))
            self.bodies = list(compress(self.bodies, differs))


def _is_no_true(difference: FieldChange) -> bool:
    """Return True for a Boolean that was false and has no value now, or vice versa."""
    _, old, new = difference
    return (old is None or old is False) and (new is None or new is False)
