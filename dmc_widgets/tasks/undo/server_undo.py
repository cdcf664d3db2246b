"""Taking back tasks on an installation that keeps no journal of its own.

What takes it there is in the changes that the workspace keeps. Before a batch is taken
back, its items are read and announced, so that an undo that was killed knows afterwards
which of them it has taken back already.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from typing import Final

from ...model.change import ItemChange
from ...model.entity_type import OBJECT_ENTRY, EntityType
from ...model.item_reads import ItemPlace
from ...model.outcome import Outcome, OutcomeKind, Problem
from ...model.strategies import ErrorStrategy, ImportStrategy, Policy, UpdateStrategy
from ...ports import Batch, Item, ItemRemover, Query, UndoBatch, WrittenItem
from ...workspace import Workspace
from ...workspace.outcomes import PendingBatch
from .before_images import REMOVED, find_change, reverse_fields
from .decisions import Decision, Step, decide, keep_in_use
from .item_images import (
    ImageMaker,
    Images,
    hide_secrets,
    make_fingerprint,
    pack_images,
    unpack_images,
)
from .later_uses import LaterUses
from .planned_items import PlannedItems

_WHOLE: Final = Policy(
    import_strategy=ImportStrategy.UPSERT,
    update_strategy=UpdateStrategy.UPDATE,
    error_strategy=ErrorStrategy.CONTINUE,
)
_CHANGED_FIELDS: Final = Policy(
    import_strategy=ImportStrategy.UPDATE,
    update_strategy=UpdateStrategy.PARTIAL_UPDATE,
    error_strategy=ErrorStrategy.CONTINUE,
)

_GONE: Final = "The item is not there although the server has accepted it."
_NOT_AS_BEFORE: Final = (
    "The server has accepted the former values, but stores others in {fields}."
)


class ServerUndo:
    """An :class:`~dmc_widgets.ports.Undoer` over an installation without a journal.

    Args:
        target: The installation. It is left open.
        workspace: The workspace, which keeps the batches that are announced.
        task_id: The undoing task.
    """

    def __init__(self, target: ItemRemover, workspace: Workspace, task_id: int) -> None:
        self._target = target
        self._workspace = workspace
        self._task_id = task_id
        self._rehearsed = PlannedItems()
        self._own_fingerprints: set[str] | None = None

    def entity_types(self) -> list[EntityType]:
        """Return the entity types of the installation."""
        return self._target.entity_types()

    def read(self, entity_type: EntityType, query: Query) -> Iterator[Item]:
        """Yield items of the installation."""
        return self._target.read(entity_type, query)

    def fetch(
        self, entity_type: EntityType, keys: Sequence[str], scope: str = ""
    ) -> dict[str, Item]:
        """Return items of the installation."""
        return self._target.fetch(entity_type, keys, scope)

    def write(self, entity_type: EntityType, batch: Batch) -> Sequence[Outcome]:
        """Write to the installation."""
        return self._target.write(entity_type, batch)

    def close(self) -> None:
        """Forget what was rehearsed. The installation is left open."""
        self._rehearsed.close()

    def undo(self, entity_type: EntityType, batch: UndoBatch) -> Sequence[Outcome]:
        """Take items back, of which no two are the same.

        See :class:`~dmc_widgets.ports.Undoer`.
        """
        places = [(item.change.site, item.key) for item in batch.items]
        now = self._read(entity_type, places)
        was = self._announce(batch, now)
        decisions = [
            decide(
                entity_type,
                self._recognise(entity_type, item, was.get(place)),
                (was.get(place), now.get(place)),
            )
            for item, place in zip(batch.items, places, strict=True)
        ]
        decisions = self._keep_needed(entity_type, decisions, now)
        if batch.dry_run:
            self._rehearsed.add(entity_type, decisions, now)
            return [decision.outcome for decision in decisions]
        decisions, problems = self._carry_out(entity_type, batch, decisions, now)
        after = self._read(entity_type, places)
        outcomes = [
            _settle(entity_type, decision, problems.get(decision.place), (was, after))
            for decision in decisions
        ]
        self._remember(outcomes)
        return outcomes

    def _recognise(
        self, entity_type: EntityType, item: WrittenItem, was: Item | None
    ) -> WrittenItem:
        """Return an item with the fingerprint that it has since this undo wrote it.

        It may be another one than that of the journal: an item that was brought back
        has no secrets. Fingerprints from before an interruption are in the changes.
        """
        if was is None or not item.change.fingerprint:
            return item
        found = make_fingerprint(entity_type, was)
        if found == item.change.fingerprint:
            return item
        if self._own_fingerprints is None:
            changes = self._workspace.changes.read(self._task_id)
            self._own_fingerprints = {x.change.fingerprint for x in changes}
        if found not in self._own_fingerprints:
            return item
        return item._replace(change=item.change._replace(fingerprint=found))

    def _remember(self, outcomes: Sequence[Outcome]) -> None:
        """Note how this undo has left items, once that was asked for."""
        if self._own_fingerprints is not None:
            changes = (outcome.change for outcome in outcomes)
            self._own_fingerprints |= {x.fingerprint for x in changes if x is not None}

    def _read(self, entity_type: EntityType, places: Sequence[ItemPlace]) -> Images:
        """Read items as they are now, or would be after a rehearsal."""
        images = ImageMaker(entity_type).read(self._target, places)
        return self._rehearsed.view_all(entity_type, places, images)

    def _announce(self, batch: UndoBatch, now: Images) -> Images:
        """Return the items as they were before this batch was first begun.

        They are kept under a number that no record has, so that they stay where the
        batch ends in an error and its records count as skipped.
        """
        if batch.dry_run:
            return now
        store = self._workspace.outcomes
        for pending in store.pending(self._task_id):
            if pending.first_index == -batch.first and pending.before is not None:
                return unpack_images(pending.before)
        store.remove_pending(self._task_id)
        images = pack_images(now)
        announced = PendingBatch(
            batch.number, -batch.first, len(batch.items), {}, [], images
        )
        store.add_pending(self._task_id, announced)
        return now

    def _keep_needed(
        self, entity_type: EntityType, decisions: Sequence[Decision], now: Images
    ) -> list[Decision]:
        """Leave alone what others need since."""
        restored = [x for x in decisions if x.step is Step.RESTORE]
        uses = LaterUses(self._target, entity_type, self._rehearsed)
        needed = {
            x.place
            for x in restored
            if x.image is not None
            and not x.is_done
            and uses.has_values(now[x.place], x.image)
        }
        # What is restored first does not need what is deleted after it.
        left = (x for x in restored if x.place not in needed)
        deleted = [
            x.place for x in decisions if x.step is Step.DELETE and not x.is_done
        ]
        with closing(PlannedItems(self._rehearsed)) as planned:
            planned.add(entity_type, left, now)
            needed |= LaterUses(self._target, entity_type, planned).find(deleted)
        return [keep_in_use(x) if x.place in needed else x for x in decisions]

    def _carry_out(
        self,
        entity_type: EntityType,
        batch: UndoBatch,
        decisions: list[Decision],
        now: Images,
    ) -> tuple[list[Decision], dict[ItemPlace, Problem]]:
        """Bring back and restore items, then delete others.

        A value that has to be unique may be free only after others have lost it, so
        what could not be written at first is tried again.

        Returns:
            The decisions, of which some are to keep what others need because these
            could not be restored; and what failed.
        """
        written = [x for x in _open(decisions) if x.step is not Step.DELETE]
        problems = self._write(entity_type, batch, written)
        if problems:
            possible = [x for x in decisions if x.place not in problems]
            kept = self._keep_needed(entity_type, possible, now)
            by_place = {x.place: x for x in kept}
            decisions = [by_place.get(x.place, x) for x in decisions]
        deleted = [x for x in _open(decisions) if x.step is Step.DELETE]
        refused = self._remove(entity_type, deleted)
        if 0 < len(problems) < len(written) + len(deleted) - len(refused):
            again = replace(batch, task=f"{batch.task}-again")
            left = [x for x in written if x.place in problems]
            problems = self._write(entity_type, again, left)
        return decisions, problems | refused

    def _write(
        self, entity_type: EntityType, batch: UndoBatch, decisions: Sequence[Decision]
    ) -> dict[ItemPlace, Problem]:
        """Write whole items, then the changed fields of entries, site by site."""
        is_entry = entity_type.class_name == OBJECT_ENTRY
        groups: dict[tuple[bool, str], list[Decision]] = {}
        for decision in decisions:
            patches = is_entry and decision.step is Step.RESTORE
            groups.setdefault((patches, decision.place[0]), []).append(decision)
        problems: dict[ItemPlace, Problem] = {}
        for number, (patches, site) in enumerate(sorted(groups)):
            chosen = groups[patches, site]
            sent = Batch(
                task=f"{batch.task}-{number}",
                number=batch.number,
                items=[decision.values or {} for decision in chosen],
                policy=_CHANGED_FIELDS if patches else _WHOLE,
                scope=site,
            )
            outcomes = self._target.write(entity_type, sent)
            for decision, outcome in zip(chosen, outcomes, strict=True):
                if outcome.problem is not None:
                    problems[decision.place] = outcome.problem
        return problems

    def _remove(
        self, entity_type: EntityType, decisions: Sequence[Decision]
    ) -> dict[ItemPlace, Problem]:
        """Delete items, site by site; return why some were not deleted."""
        problems: dict[ItemPlace, Problem] = {}
        for site in dict.fromkeys(x.place[0] for x in decisions):
            places = [x.place for x in decisions if x.place[0] == site]
            keys = [code for _, code in places]
            refusals = self._target.remove(entity_type, keys, site)
            for place, problem in zip(places, refusals, strict=True):
                if problem is not None:
                    problems[place] = problem
        return problems


def _open(decisions: Iterable[Decision]) -> Iterator[Decision]:
    """Yield what is still to be done."""
    return (x for x in decisions if x.step is not None and not x.is_done)


def _settle(
    entity_type: EntityType,
    decision: Decision,
    problem: Problem | None,
    images: tuple[Images, Images],
) -> Outcome:
    """Return the outcome of an item, with what it takes to undo the undo."""
    if decision.step is None:
        return decision.outcome
    if problem is not None:
        return Outcome(OutcomeKind.FAILED, decision.item.key, problem)
    was, after = (found.get(decision.place) for found in images)
    site = decision.place[0]
    if decision.step is Step.DELETE:
        removed = None if was is None else hide_secrets(was)
        return decision.outcome._replace(
            change=ItemChange((), site, "", {REMOVED: removed})
        )
    if after is None:
        problem = Problem("not-restored", _GONE)
        return Outcome(OutcomeKind.FAILED, decision.item.key, problem)
    change = find_change(entity_type, site, was, after)
    if decision.step is Step.RESTORE:
        fields = reverse_fields(decision.item.change.fields)
        change = change._replace(fields=fields)
        other = _other_fields(entity_type, decision, after)
        if other:
            problem = Problem("not-restored", _NOT_AS_BEFORE.format(fields=other))
            return Outcome(OutcomeKind.FAILED, decision.item.key, problem)
    return decision.outcome._replace(change=change)


def _other_fields(entity_type: EntityType, decision: Decision, after: Item) -> str:
    """Return the fields of an entry that are not as they are to be, by name."""
    wanted = decision.image
    if wanted is None or entity_type.class_name != OBJECT_ENTRY:
        return ""
    if make_fingerprint(entity_type, wanted) == make_fingerprint(entity_type, after):
        return ""
    sides = (hide_secrets(wanted), hide_secrets(after))
    names = sorted(sides[0].keys() | sides[1].keys())
    return ", ".join(x for x in names if sides[0].get(x) != sides[1].get(x))
