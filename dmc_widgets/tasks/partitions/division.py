"""Whether several workers may import a file, and what one task makes of their work."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Set
from contextlib import suppress
from functools import partial
from typing import Final

from ...errors import FileError
from ...formats.source import Source
from ...model.entity_type import OBJECT_ENTRY, EntityType
from ...model.error_limit import ErrorLimit
from ...model.plan import ImportPlan
from ...objects.fields.many_to_many import is_link_list
from ...ports import Installation
from ..imports.duplicate_codes import ImportedCodeCollector
from ..imports.file_chunks import read_chunks
from ..imports.record_writer import RecordWriter
from ..task_run import TaskRun
from ..undo.before_images import needs_images
from ..verification.stored_entries import OpenReader
from .coordinator import DividedImport
from .planner import Partition, read_partition
from .pools import create_pool
from .processes import LACKS_SOCKETS, can_start_processes
from .shared_reading import share_reading

_CLUSTER_WORKERS: Final = 8
"""For how many workers a file is divided whose cluster may have any number."""


def undivided_reason(
    run: TaskRun, plan: ImportPlan, installation: Installation, entity_type: EntityType
) -> str:
    """Return why one worker has to import a file, as a sentence; empty if it need not.

    Several workers write at once, so no record may depend on what another one has left,
    but for its parents.
    """
    del run
    has_links = any(map(is_link_list, entity_type.fields))
    compares = plan.options.journal and needs_images(installation)
    is_matching = bool(plan.mapping.match or plan.matched_in)
    reasons = (
        (plan.dry_run, "a dry run shows what earlier records leave to later ones."),
        (plan.options.as_shown, "it is to do exactly what a dry run has shown."),
        (
            entity_type.class_name != OBJECT_ENTRY,
            "definitions, picklists and folders depend on one another.",
        ),
        (is_matching, "records are matched with stored ones, which others may add."),
        (plan.policy.lazy_references, "records may add entries that others fill."),
        (
            has_links and compares,
            "links show at both of their ends, which the journal compares.",
        ),
        (
            not (plan.options.cluster or can_start_processes()),
            LACKS_SOCKETS,
        ),
    )
    return next((text for applies, text in reasons if applies), "")


class DividedWriting:
    """Several workers read and write the records of a file.

    Args:
        run: The running task.
        plan: Its plan.
        installation: The target.
        entity_type: The entity type in the target.
    """

    def __init__(
        self,
        run: TaskRun,
        plan: ImportPlan,
        installation: Installation,
        entity_type: EntityType,
    ) -> None:
        self._run = run
        self._plan = plan
        self._has_sites = ImportedCodeCollector.needs_records(entity_type)
        self._recall = partial(PartitionRecall, run, plan, installation, entity_type)
        workers, cluster = plan.options.workers, plan.options.cluster
        self._pool = create_pool(run, workers, cluster)
        if cluster and workers == 1:
            workers = _CLUSTER_WORKERS
        self._import = DividedImport(run, plan, self._pool, workers)

    def close(self) -> None:
        """End the workers."""
        self._pool.close()

    def share_reading(self, advance: Callable[[], None]) -> OpenReader:
        """Return what has the workers read back the target, for a verification.

        Args:
            advance: Called a few times a second; it may end the reading by an
                exception.
        """
        return share_reading(self._pool, self._run.course, advance)

    @property
    def fields_seen(self) -> Set[str]:
        """The names of the fields that records had."""
        return self._import.summary.fields

    @property
    def other_sites(self) -> Counter[str]:
        """How many records named another site than the plan, by its key."""
        return Counter(self._import.summary.other_sites)

    def notes(self, source: Source) -> Iterable[str]:
        """Return notes on the file and its records, besides warnings of the file."""
        noted = self._run.workspace.partitions.notes(self._run.task.id)
        return [
            x
            for x in dict.fromkeys([*noted, *self._import.summary.notes])
            if x not in source.warnings
        ]

    def write(
        self, source: Source, codes: ImportedCodeCollector | None
    ) -> ErrorLimit | None:
        """Write the records; return the error limit if it stopped the import."""
        try:
            limit = self._import.carry_out(source)
        finally:
            if self._import.killed:
                recall = self._recall()
                for partition, recorded in self._import.killed:
                    recall.recall(source, partition, recorded)
        if codes is not None:
            self._collect_codes(source, codes)
        return limit

    def _collect_codes(self, source: Source, codes: ImportedCodeCollector) -> None:
        """Collect the codes of the records; their sites are in the file alone."""
        outcomes = self._run.workspace.outcomes
        if not self._has_sites:
            for batch in outcomes.read(self._run.task.id):
                codes.add(batch.first_index, (), batch.outcomes)
            return
        for chunk in read_chunks(source, self._plan.options):
            found = outcomes.find_batch(self._run.task.id, chunk.first)
            if found is not None:
                codes.add(chunk.first, chunk.records, found.outcomes)


class PartitionRecall:
    """Finds out what workers have written that were killed.

    Args:
        run: The task, which records it.
        plan: Its plan.
        installation: The target.
        entity_type: The entity type in the target.
    """

    def __init__(
        self,
        run: TaskRun,
        plan: ImportPlan,
        installation: Installation,
        entity_type: EntityType,
    ) -> None:
        announced = run.workspace.outcomes.pending(run.task.id)
        by_index = {batch.first_index: batch for batch in announced}
        self._writer = RecordWriter(run, plan, installation, entity_type, by_index)
        self._at_once = plan.options.at_once

    def recall(self, source: Source, partition: Partition, recorded: set[int]) -> None:
        """Record the batches of a partition that the target has without an outcome.

        They follow one another, up to the first batch that the target does not have.
        Where a worker writes several at once, others may be there after one that is
        not.

        Args:
            source: The file.
            partition: The partition.
            recorded: The first records of its batches with outcomes; others are added.

        Raises:
            InstallationError: The target does not answer.
        """
        missing = 0
        with suppress(FileError):
            for chunk in read_partition(source, partition):
                if chunk.first in recorded:
                    missing = 0
                elif self._writer.recall(chunk) is not None:
                    recorded.add(chunk.first)
                    missing = 0
                else:
                    missing += 1
                    if missing == self._at_once:
                        return
