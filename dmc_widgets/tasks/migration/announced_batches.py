"""Batches of a migration that were announced, and whose outcomes are not recorded."""

from __future__ import annotations

from collections.abc import Sequence

import orjson

from ...model.entity_type import EntityType
from ...model.outcome import Outcome, OutcomeKind
from ...model.strategies import ErrorStrategy, Policy
from ...objects.names import ERC
from ...ports import Batch, Installation, Item, OutcomeRecall
from ...workspace import Failure
from ...workspace.outcomes import MovedBatch, PendingBatch
from ..imports.batch_outcomes import merge_announced
from ..undo.before_images import WrittenBatch, add_changes
from ..undo.item_images import ImageMaker, unpack_images


def recall_announced(
    target: Installation,
    entity_type: EntityType,
    mark: str,
    pending: PendingBatch,
    policy: Policy,
) -> Sequence[Outcome] | None:
    """Ask the target for the outcomes of a batch.

    Args:
        target: The target of the migration.
        entity_type: The entity type in the target.
        mark: The task's key for batches.
        pending: The batch.
        policy: The strategies of its part.

    Returns:
        None if nothing of the batch was written. The outcomes are *unknown* where the
        target cannot find them out.

    Raises:
        InstallationError: The target does not answer.
    """
    if not isinstance(target, OutcomeRecall):
        return unknown_outcomes(pending)
    batch = Batch(task=mark, number=pending.batch, items=pending.items, policy=policy)
    written = target.recall(entity_type, batch)
    if written is None:
        return None
    if pending.before is not None and len(written) == len(pending.items):
        sent = WrittenBatch(entity_type, pending.items)
        places = filter(None, sent.written_places(written))
        after = ImageMaker(entity_type).read(target, places)
        written = add_changes(sent, unpack_images(pending.before), after, written)
    stops = policy.error_strategy is ErrorStrategy.STOP
    return merge_announced(pending, written, stop=stops)


def unknown_outcomes(pending: PendingBatch) -> Sequence[Outcome]:
    """Return that nothing is known of the records of a batch."""
    return [Outcome(OutcomeKind.UNKNOWN)] * pending.number


def announced_failures(
    pending: PendingBatch, outcomes: Sequence[Outcome], moved: MovedBatch | None
) -> list[Failure]:
    """Return the failed records of a batch, with the fields that were announced.

    Args:
        pending: The batch.
        outcomes: Its outcomes.
        moved: The codes that its items have in the source; None if that is not known.
    """
    codes = dict(enumerate(moved.codes if moved is not None else ()))
    sent = [n for n in range(pending.number) if n not in pending.refused]
    items = dict(zip(sent, pending.items, strict=False))
    return [
        Failure(
            pending.first_index + place,
            outcome.problem,
            orjson.dumps(
                _as_in_source(items.get(place, {}), codes.get(place))
            ).decode(),
        )
        for place, outcome in enumerate(outcomes)
        if outcome.kind is OutcomeKind.FAILED and outcome.problem is not None
    ]


def _as_in_source(item: Item, code: tuple[str, str] | None) -> Item:
    """Return announced fields with the code of the source, which is read again."""
    return item if code is None or ERC not in item else {**item, ERC: code[1]}
