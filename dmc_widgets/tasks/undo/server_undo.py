"""Taking back tasks on an installation that keeps no journal of its own.

What takes it there is in the changes that the workspace keeps. Before a batch is taken
back, its items are read and announced, so that an undo that was killed knows afterwards
which of them it has taken back already.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import Enum
from typing import Any, Final, NamedTuple

from ...model.change import ItemChange
from ...model.entity_type import OBJECT_ENTRY, EntityType
from ...model.outcome import (
    CHANGED_SINCE,
    DELETED,
    IN_USE_SINCE,
    Outcome,
    OutcomeKind,
    Problem,
)
from ...model.strategies import ErrorStrategy, ImportStrategy, Policy, UpdateStrategy
from ...objects.fields.encrypted import HIDDEN
from ...objects.names import ERC
from ...ports import Batch, Item, ItemRemover, Query, UndoBatch, WrittenItem
from ...workspace import Workspace
from ...workspace.outcomes import PendingBatch
from .before_images import (
    REMOVED,
    VALUES,
    Images,
    Place,
    find_change,
    make_fingerprint,
    pack_images,
    read_images,
    reverse_fields,
    unpack_images,
)
from .later_uses import LaterUses

_POLICY: Final = Policy(
    import_strategy=ImportStrategy.UPSERT,
    update_strategy=UpdateStrategy.UPDATE,
    error_strategy=ErrorStrategy.CONTINUE,
)


class _Step(Enum):
    """What has to be done with an item."""

    RECREATE = "recreate"
    RESTORE = "restore"
    DELETE = "delete"


class _Decision(NamedTuple):
    """What becomes of one item.

    Attributes:
        item: What was done to it.
        step: What takes it back; None where nothing has to be done.
        outcome: The outcome, if nothing fails.
        image: The item as it is afterwards; None if it is deleted.
        is_done: A worker that was killed has done it already.
    """

    item: WrittenItem
    outcome: Outcome
    step: _Step | None = None
    image: Item | None = None
    is_done: bool = False

    @property
    def place(self) -> Place:
        return self.item.change.site, self.item.key


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
        self._rehearsed: dict[tuple[str, Place], Item | None] = {}

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

    def write(self, entity_type: EntityType, batch: Batch) -> list[Outcome]:
        """Write to the installation."""
        return self._target.write(entity_type, batch)

    def close(self) -> None:
        """Leave the installation open; its owner closes it."""

    def undo(self, entity_type: EntityType, batch: UndoBatch) -> list[Outcome]:
        """Take items back, of which no two are the same.

        See :class:`~dmc_widgets.ports.Undoer`.
        """
        places = [(item.change.site, item.key) for item in batch.items]
        now = self._read(entity_type, places)
        was = self._announce(batch, now)
        decisions = [
            _decide(entity_type, item, (was.get(place), now.get(place)))
            for item, place in zip(batch.items, places, strict=True)
        ]
        decisions = self._keep_needed(entity_type, decisions, now)
        if batch.dry_run:
            for decision in decisions:
                if decision.step is not None:
                    place = entity_type.key, decision.place
                    self._rehearsed[place] = decision.image
            return [decision.outcome for decision in decisions]
        problems = self._carry_out(entity_type, batch, decisions)
        after = self._read(entity_type, places)
        return [
            _settle(entity_type, decision, problems.get(decision.place), (was, after))
            for decision in decisions
        ]

    def _read(self, entity_type: EntityType, places: Sequence[Place]) -> Images:
        """Read items as they are now, or would be after a rehearsal."""
        images = read_images(self._target, entity_type, places)
        for place in places:
            key = entity_type.key, place
            if key in self._rehearsed:
                image = self._rehearsed[key]
                images.pop(place, None)
                if image is not None:
                    images[place] = image
        return images

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
        self, entity_type: EntityType, decisions: Sequence[_Decision], now: Images
    ) -> list[_Decision]:
        """Leave alone what others need since."""
        deleted = [
            decision.place
            for decision in decisions
            if decision.step is _Step.DELETE and not decision.is_done
        ]
        gone = {item for item, image in self._rehearsed.items() if image is None}
        uses = LaterUses(self._target, entity_type, gone)
        needed = uses.find(deleted)
        needed |= {
            decision.place
            for decision in decisions
            if decision.step is _Step.RESTORE
            and decision.image is not None
            and not decision.is_done
            and uses.has_values(now[decision.place], decision.image)
        }
        return [_keep(x) if x.place in needed else x for x in decisions]

    def _carry_out(
        self,
        entity_type: EntityType,
        batch: UndoBatch,
        decisions: Sequence[_Decision],
    ) -> dict[Place, Problem]:
        """Bring back and restore items, then delete others; return what failed."""
        problems: dict[Place, Problem] = {}
        open_ = [x for x in decisions if x.step is not None and not x.is_done]
        written = [x for x in open_ if x.step is not _Step.DELETE]
        for number, site in enumerate(dict.fromkeys(x.place[0] for x in written)):
            chosen = [x for x in written if x.place[0] == site]
            items = [_to_item(x) for x in chosen]
            mark = f"{batch.task}-{number}"
            sent = Batch(
                task=mark, number=batch.number, items=items, policy=_POLICY, scope=site
            )
            outcomes = self._target.write(entity_type, sent)
            for decision, outcome in zip(chosen, outcomes, strict=True):
                if outcome.problem is not None:
                    problems[decision.place] = outcome.problem
        removed = [x for x in open_ if x.step is _Step.DELETE]
        for site in dict.fromkeys(x.place[0] for x in removed):
            places = [x.place for x in removed if x.place[0] == site]
            keys = [code for _, code in places]
            refusals = self._target.remove(entity_type, keys, site)
            for place, problem in zip(places, refusals, strict=True):
                if problem is not None:
                    problems[place] = problem
        return problems


def _decide(
    entity_type: EntityType, item: WrittenItem, images: tuple[Item | None, Item | None]
) -> _Decision:
    """Decide from an item as it was before the undo, and as it is now."""
    was, now = images
    before: dict[str, Any] = item.change.before or {}
    if REMOVED in before:
        if was is not None:
            return _skip(item, CHANGED_SINCE)
        outcome = Outcome(OutcomeKind.CREATED, item.key)
        is_done = now is not None
        return _Decision(item, outcome, _Step.RECREATE, before[REMOVED], is_done)
    if item.kind is OutcomeKind.CREATED:
        return _decide_deletion(entity_type, item, was, now)
    if was is None or now is None:
        return _skip(item, CHANGED_SINCE)
    return _decide_restoring(entity_type, item, was, now)


def _decide_deletion(
    entity_type: EntityType, item: WrittenItem, was: Item | None, now: Item | None
) -> _Decision:
    if was is None:
        return _Decision(item, Outcome(OutcomeKind.UNCHANGED, item.key))
    found = {make_fingerprint(entity_type, image) for image in (was, now) if image}
    if found != {item.change.fingerprint}:
        return _skip(item, CHANGED_SINCE)
    outcome = Outcome(OutcomeKind.UPDATED, item.key, note=DELETED)
    return _Decision(item, outcome, _Step.DELETE, None, now is None)


def _decide_restoring(
    entity_type: EntityType, item: WrittenItem, was: Item, now: Item
) -> _Decision:
    values = (item.change.before or {}).get(VALUES, {})
    restored = _restore(entity_type, was, values)
    target = make_fingerprint(entity_type, restored)
    found = make_fingerprint(entity_type, was)
    if found == target:
        return _Decision(item, Outcome(OutcomeKind.UNCHANGED, item.key))
    current = make_fingerprint(entity_type, now)
    if found != item.change.fingerprint or current not in {found, target}:
        return _skip(item, CHANGED_SINCE)
    outcome = Outcome(OutcomeKind.UPDATED, item.key)
    return _Decision(item, outcome, _Step.RESTORE, restored, current == target)


def _restore(entity_type: EntityType, image: Item, values: Item) -> Item:
    """Return an image with former values; that of a document is whole."""
    if entity_type.class_name == OBJECT_ENTRY:
        return {**image, **values}
    return values


def _skip(item: WrittenItem, note: str) -> _Decision:
    return _Decision(item, Outcome(OutcomeKind.SKIPPED, item.key, note=note))


def _keep(decision: _Decision) -> _Decision:
    return _skip(decision.item, IN_USE_SINCE)


def _to_item(decision: _Decision) -> Item:
    """Return the item to send; secrets are not known, so they are not sent."""
    image = decision.image or {}
    sent = {name: value for name, value in image.items() if value != HIDDEN}
    return {**sent, ERC: decision.item.key}


def _settle(
    entity_type: EntityType,
    decision: _Decision,
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
    if decision.step is _Step.DELETE:
        change = ItemChange((), site, "", {REMOVED: was})
    elif after is None:
        return decision.outcome
    else:
        change = find_change(entity_type, site, was, after)
        if decision.step is _Step.RESTORE:
            fields = reverse_fields(decision.item.change.fields)
            change = change._replace(fields=fields)
    return decision.outcome._replace(change=change)
