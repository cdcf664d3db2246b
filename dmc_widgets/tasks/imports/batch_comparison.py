"""The changes of a task's batches on an installation that keeps no journal."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any, Final

from ...errors import Refused
from ...model.entity_type import EntityType
from ...model.item_reads import ItemPlace, ItemReads
from ...model.mapping import Mapping, Values
from ...model.outcome import Outcome
from ...model.plan import ImportPlan
from ...model.strategies import ImportStrategy
from ...objects.fields.many_to_many import is_link_list
from ...ports import Installation, Item
from ...workspace.outcomes import PendingBatch
from ..task_run import TaskRun
from ..undo.before_images import WrittenBatch, add_changes, needs_images
from ..undo.item_images import (
    ImageMaker,
    Images,
    pack_images,
    read_items,
    unpack_images,
)

_UNKNOWN_CHANGES: Final = (
    "What some records have changed could not be read back, so an undo leaves their "
    "items as they are."
)

_log = logging.getLogger(__name__)


def _writes_links(entity_type: EntityType, mapping: Mapping) -> bool:
    """Return True if records may have lists of linked entries."""
    filled = {pair.target for pair in mapping.pairs}
    return any(
        mapping.same_names or field.name in filled
        for field in entity_type.fields
        if is_link_list(field)
    )


class BatchComparison:
    """Finds what batches change, by reading their items before and after.

    Args:
        run: The running task.
        plan: The plan of the batches.
        installation: The target.
        entity_type: The entity type in the target.
        announced: What another worker has announced, by the number of the first record.

    Attributes:
        is_needed: A journal is wished, and the installation keeps none of its own.
        waits: A batch may change the items of the next one: links show at both ends.
    """

    def __init__(
        self,
        run: TaskRun,
        plan: ImportPlan,
        installation: Installation,
        entity_type: EntityType,
        announced: dict[int, PendingBatch],
    ) -> None:
        self._run = run
        self._installation = installation
        self._entity_type = entity_type
        self._scope = plan.scope
        self._announced = announced
        self.is_needed = plan.options.journal and needs_images(installation)
        self._adds_only = plan.policy.import_strategy is ImportStrategy.INSERT
        self.waits = self.is_needed and _writes_links(entity_type, plan.mapping)
        self._maker = ImageMaker(entity_type)
        self._before: dict[int, Images] = {}
        self._reads: dict[int, ItemReads] = {}

    def read_before(self, first: int, items: Sequence[Values]) -> None:
        """Read what is stored before a batch; of one that may be written, what was.

        Where records are only added, nothing has been there before.

        Args:
            first: The number of the batch's first record.
            items: The items of the batch.

        Raises:
            InstallationError: The installation does not answer.
        """
        if not self.is_needed:
            return
        reads = self._reads[first] = ItemReads()
        announced = self._announced.get(first)
        if announced is not None and announced.before is not None:
            self._before[first] = unpack_images(announced.before)
        elif self._adds_only:
            self._before[first] = {}
        else:
            found = self._read_stored(self._batch(items).places(), reads)
            self._before[first] = self._maker.make_images(found)

    def _read_stored(
        self, places: Sequence[ItemPlace], reads: ItemReads
    ) -> dict[ItemPlace, Item]:
        try:
            found = read_items(self._installation, self._entity_type, places)
        except Refused:  # an unknown site, which the write will refuse, too
            return {}
        reads.before.update({place: found.get(place) for place in places})
        return found

    def reads(self, first: int) -> ItemReads | None:
        """Return what the installation need not read again; None without comparison."""
        return self._reads.get(first)

    def pack(self, first: int) -> list[list[Any]] | None:
        """Return what is to be announced of a batch; None if nothing is compared."""
        before = self._before.get(first)
        return None if before is None else pack_images(before)

    def add_changes(
        self, first: int, items: Sequence[Values], written: Sequence[Outcome]
    ) -> Sequence[Outcome]:
        """Return the outcomes of a batch's items with their changes.

        Outcomes count even where the installation refuses to show the items.

        Raises:
            Unreachable: The installation does not answer any more.
        """
        if not self.is_needed or len(written) != len(items):
            return written
        announced = self._announced.get(first)
        before = self._before.pop(first, None)
        if before is None:  # another worker has written the batch
            if announced is None or announced.before is None:
                return written
            before = unpack_images(announced.before)
        batch = self._batch(items)
        try:
            after = self._read_after(first, batch, written)
        except Refused:
            _log.exception("The changes of a batch could not be read")
            if _UNKNOWN_CHANGES not in self._run.notes:
                self._run.notes.append(_UNKNOWN_CHANGES)
            return written
        for images in self._before.values():  # read while this batch was written
            images.update((x, after[x]) for x in batch.places() if x in after)
        return add_changes(batch, before, after, written)

    def _read_after(
        self, first: int, batch: WrittenBatch, written: Sequence[Outcome]
    ) -> Images:
        """Return the written items as they are now; most of them may be read already.

        Raises:
            InstallationError: The installation does not answer.
        """
        reads = self._reads.pop(first, None) or ItemReads()
        places = [x for x in batch.written_places(written) if x is not None]
        missing = [place for place in places if place not in reads.after]
        found = read_items(self._installation, self._entity_type, missing)
        return self._maker.make_images(reads.after | found)

    def _batch(self, items: Sequence[Values]) -> WrittenBatch:
        return WrittenBatch(self._entity_type, items, self._scope)
