"""What an undo does with an item, from what it was and what it is.

No I/O: images in, decisions out.
"""

from __future__ import annotations

from enum import Enum
from typing import Any, NamedTuple

from ...model.change import VALUES
from ...model.entity_type import OBJECT_ENTRY, EntityType
from ...model.item_reads import ItemPlace
from ...model.outcome import (
    CHANGED_SINCE,
    DELETED,
    IN_USE_SINCE,
    SECRETS_STAY,
    Outcome,
    OutcomeKind,
)
from ...objects.fields.encrypted import HIDDEN
from ...objects.names import ERC
from ...ports import Item, WrittenItem
from .before_images import REMOVED
from .item_images import make_fingerprint


class Step(Enum):
    """What has to be done with an item."""

    RECREATE = "recreate"
    RESTORE = "restore"
    DELETE = "delete"


class Decision(NamedTuple):
    """What becomes of one item.

    Attributes:
        item: What was done to it.
        step: What takes it back; None where nothing has to be done.
        outcome: The outcome, if nothing fails.
        image: The item as it is afterwards; None if it is deleted.
        values: What is sent. Of an updated entry these are the fields that changed, so
            that all others stay as they are, secrets among them.
        is_done: A worker that was killed has done it already.
    """

    item: WrittenItem
    outcome: Outcome
    step: Step | None = None
    image: Item | None = None
    values: Item | None = None
    is_done: bool = False

    @property
    def place(self) -> ItemPlace:
        """The site and the external reference code of the item."""
        return self.item.change.site, self.item.key


def decide(
    entity_type: EntityType, item: WrittenItem, images: tuple[Item | None, Item | None]
) -> Decision:
    """Decide from an item as it was before the undo, and as it is now."""
    was, now = images
    before: dict[str, Any] = item.change.before or {}
    if REMOVED in before:
        if was is not None:
            return _skip(item, CHANGED_SINCE)
        return _decide_recreation(item, before[REMOVED], is_done=now is not None)
    if item.kind is OutcomeKind.CREATED or item.change.before is None:
        return _decide_deletion(entity_type, item, was, now)
    if was is None or now is None:
        return _skip(item, CHANGED_SINCE)
    return _decide_restoring(entity_type, item, was, now)


def _decide_deletion(
    entity_type: EntityType, item: WrittenItem, was: Item | None, now: Item | None
) -> Decision:
    if was is None:
        return Decision(item, Outcome(OutcomeKind.UNCHANGED, item.key))
    found = {make_fingerprint(entity_type, image) for image in (was, now) if image}
    if found != {item.change.fingerprint}:
        return _skip(item, CHANGED_SINCE)
    outcome = Outcome(OutcomeKind.UPDATED, item.key, note=DELETED)
    return Decision(item, outcome, Step.DELETE, is_done=now is None)


def _decide_recreation(item: WrittenItem, image: Item, *, is_done: bool) -> Decision:
    values = _known_values(image)
    note = "" if len(values) == len(image) else SECRETS_STAY
    outcome = Outcome(OutcomeKind.CREATED, item.key, note=note)
    return Decision(item, outcome, Step.RECREATE, image, values, is_done)


def _decide_restoring(
    entity_type: EntityType, item: WrittenItem, was: Item, now: Item
) -> Decision:
    former = (item.change.before or {}).get(VALUES, {})
    is_entry = entity_type.class_name == OBJECT_ENTRY
    values = _known_values(former) if is_entry else former
    note = "" if len(values) == len(former) else SECRETS_STAY
    restored = {**was, **values} if is_entry else values  # documents are whole
    target = make_fingerprint(entity_type, restored)
    found = make_fingerprint(entity_type, was)
    if found == target:
        if note:
            return _skip(item, note)
        return Decision(item, Outcome(OutcomeKind.UNCHANGED, item.key))
    current = make_fingerprint(entity_type, now)
    if found != item.change.fingerprint or current not in {found, target}:
        return _skip(item, CHANGED_SINCE)
    outcome = Outcome(OutcomeKind.UPDATED, item.key, note=note)
    sent = {**_end_languages(values, was), ERC: item.key} if is_entry else values
    return Decision(item, outcome, Step.RESTORE, restored, sent, current == target)


def _end_languages(values: Item, was: Item) -> Item:
    """Return former values with null for translations that were not there before.

    A map of translations that is sent alone adds to the one that is stored.
    """
    ended = dict(values)
    for name, value in values.items():
        stored = was.get(name)
        if name.endswith("_i18n") and isinstance(stored, dict):
            ended[name] = {**dict.fromkeys(stored), **(value or {})}
    return ended


def _known_values(values: Item) -> Item:
    """Return values without secrets, of which only that they were there is known."""
    return {name: value for name, value in values.items() if value != HIDDEN}


def _skip(item: WrittenItem, note: str) -> Decision:
    return Decision(item, Outcome(OutcomeKind.SKIPPED, item.key, note=note))


def keep_in_use(decision: Decision) -> Decision:
    """Return the decision to leave an item alone, because others need it."""
    return _skip(decision.item, IN_USE_SINCE)
