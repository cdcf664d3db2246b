"""The changes of a task's batches on an installation that keeps no journal."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any, Final

from ...errors import InstallationError, Refused
from ...model.entity_type import EntityType
from ...model.mapping import Values
from ...model.outcome import Outcome
from ...model.plan import ImportPlan
from ...ports import Installation
from ...workspace.outcomes import PendingBatch
from ..task_run import TaskRun
from ..undo.before_images import (
    Images,
    WrittenBatch,
    add_changes,
    needs_images,
    pack_images,
    read_after,
    read_images,
    unpack_images,
)

_UNKNOWN_CHANGES: Final = (
    "What some records have changed could not be read back, so an undo leaves their "
    "items as they are."
)

_log = logging.getLogger(__name__)


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
        announced: Mapping[int, PendingBatch],
    ) -> None:
        self._run = run
        self._installation = installation
        self._entity_type = entity_type
        self._scope = plan.scope
        self._announced = announced
        self.is_needed = plan.options.journal and needs_images(
            installation, entity_type
        )
        is_linked = any(x.custom and x.type == "array" for x in entity_type.fields)
        self.waits = self.is_needed and is_linked
        self._before: dict[int, Images] = {}

    def read_before(self, first: int, items: Sequence[Values]) -> None:
        """Read what is stored before a batch; of one that may be written, what was.

        Args:
            first: The number of the batch's first record.
            items: The items of the batch.

        Raises:
            InstallationError: The installation does not answer.
        """
        if not self.is_needed:
            return
        announced = self._announced.get(first)
        if announced is not None and announced.before is not None:
            self._before[first] = unpack_images(announced.before)
            return
        places = self._batch(items).places()
        try:
            images = read_images(self._installation, self._entity_type, places)
        except Refused:  # an unknown site, which the write will refuse, too
            images = {}
        self._before[first] = images

    def pack(self, first: int) -> list[list[Any]] | None:
        """Return what is to be announced of a batch; None if nothing is compared."""
        before = self._before.get(first)
        return None if before is None else pack_images(before)

    def add_changes(
        self, first: int, items: Sequence[Values], written: Sequence[Outcome]
    ) -> Sequence[Outcome]:
        """Return the outcomes of a batch's items with their changes.

        Outcomes count even where the installation does not answer any more.
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
            after = read_after(self._installation, batch, written)
        except InstallationError:
            _log.exception("The changes of a batch could not be read")
            if _UNKNOWN_CHANGES not in self._run.notes:
                self._run.notes.append(_UNKNOWN_CHANGES)
            return written
        for images in self._before.values():  # read while this batch was written
            images.update((x, after[x]) for x in batch.places() if x in after)
        return add_changes(batch, before, after, written)

    def _batch(self, items: Sequence[Values]) -> WrittenBatch:
        return WrittenBatch(self._entity_type, items, self._scope)
