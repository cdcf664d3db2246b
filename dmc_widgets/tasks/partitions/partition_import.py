"""Import partitions of a file in one of several workers, and read back the target."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Protocol

from ...errors import DmcError, FileError
from ...formats.source import Source, open_source
from ...model.outcome import Outcome, OutcomeKind
from ...model.plan import ImportPlan
from ...model.reading_options import ReadingOptions
from ...ports import Installation
from ...storage.garbage_collection import rare_collections
from ...storage.ranged_files import RecordFile
from ...workspace.outcomes import PendingBatch
from ..checkers.compiled_rules import compile_rules
from ..course import recorded_retries
from ..imports.numbered_chunk import NumberedChunk
from ..imports.record_writer import RecordWriter
from ..installation_access import find_entity_type
from ..task_run import TaskCancelled, TaskPaused, TaskTakenOver
from ..verification.stored_entries import EntryPage, StoredEntries
from .messages import (
    Assignment,
    Channel,
    PartitionEnded,
    Reading,
    ReadingDone,
    ReadSummary,
    WorkerFailed,
    WorkerStopped,
)
from .partition_run import PartitionRun
from .planner import read_partition

_log = logging.getLogger(__name__)
_STOPPED = (TaskCancelled, TaskPaused, TaskTakenOver)


class OriginalFile(Protocol):
    """The file of an import, as a worker has it."""

    @property
    def path(self) -> RecordFile:
        """What is read."""
        ...

    def require_unchanged(self) -> None:
        """Refuse a file that is not the one that the coordinator has divided.

        Raises:
            FileUnreadable: It was changed since.
        """
        ...

    def watch(self, parts: Iterator[NumberedChunk]) -> Iterator[NumberedChunk]:
        """Yield parts of the file; raises as :meth:`require_unchanged`."""
        ...


def import_partitions(
    run: PartitionRun,
    installation: Installation,
    channel: Channel,
    file: OriginalFile | None,
) -> None:
    """Import and verify what the coordinator assigns, until it says otherwise.

    Args:
        run: The state of the import within this worker.
        installation: The target.
        channel: The way to the coordinator.
        file: The file of an import; None where workers only read the target.

    Raises:
        TaskTakenOver: The coordinator is gone.
    """
    try:
        with recorded_retries(run.course), rare_collections():
            _carry_out_orders(run, installation, channel, file)
    except _STOPPED:
        channel.send(WorkerStopped())
    except DmcError as exc:
        channel.send(WorkerFailed(exc))
    except Exception:  # the coordinator has to know, and ends the task
        _log.exception("A worker of task %s ended unexpectedly", run.task.id)
        channel.send(WorkerFailed(traceback.format_exc(limit=-1).strip()))
    else:
        channel.send(WorkerStopped())


def _carry_out_orders(
    run: PartitionRun,
    installation: Installation,
    channel: Channel,
    file: OriginalFile | None,
) -> None:
    entries = _StoredEntriesByType(installation)
    with ExitStack() as opened:
        importer: _PartitionImporter | None = None
        if file is not None:
            importer = _PartitionImporter(run, installation, file, opened)
        while isinstance(order := channel.receive(), (Assignment, Reading)):
            if isinstance(order, Reading):
                channel.send(_read_back(entries.find(order), order))
            elif importer is not None:
                channel.send(importer.carry_out(order))


class _PartitionImporter:
    """Imports one partition of a file after another.

    Args:
        run: The state of the import within this worker.
        installation: The target.
        file: The file.
        opened: Closes what is opened for the first partition.
    """

    def __init__(
        self,
        run: PartitionRun,
        installation: Installation,
        file: OriginalFile,
        opened: ExitStack,
    ) -> None:
        plan = run.task.plan
        if not isinstance(plan, ImportPlan):
            raise TypeError(plan)
        self._run, self._file, self._opened = run, file, opened
        self._source: Source | None = None
        entity_type = find_entity_type(installation.entity_types(), plan.entity_type)
        self._announced: dict[int, PendingBatch] = {}
        self._writer = RecordWriter(
            run, plan, installation, entity_type, self._announced
        )

    def carry_out(self, order: Assignment) -> PartitionEnded:
        """Import the partition of an order.

        Raises:
            DmcError: What ends the task.
            TaskCancelled: The worker is to stop.
            TaskPaused: The same, for a while.
            TaskTakenOver: The coordinator is gone.
        """
        run, writer = self._run, self._writer
        source = self._open(order.options)
        run.partition = order.partition.number
        self._announced.clear()
        self._announced.update({x.first_index: x for x in order.announced})
        chunks = self._file.watch(_remaining(source, order, writer))
        error = _import_chunks(chunks, run, writer)
        if error is not None:
            self._file.require_unchanged()
        summary = _summarize(source, run, writer)
        return PartitionEnded(run.partition, summary, error)

    def _open(self, options: ReadingOptions) -> Source:
        """Return the file, which is opened when its first partition is assigned.

        Raises:
            FileError: It cannot be read.
        """
        if self._source is None:
            name = self._run.task.original_file
            source = open_source(self._file.path, name=name, options=options)
            self._source = self._opened.enter_context(source)
        return self._source


def _summarize(source: Source, run: PartitionRun, writer: RecordWriter) -> ReadSummary:
    """Return what is known of the records of a partition."""
    notes = (*source.warnings, *writer.notes(), *run.notes)
    sites = dict(writer.other_sites)
    writer.other_sites.clear()
    return ReadSummary(frozenset(writer.fields_seen), sites, notes)


class _StoredEntriesByType:
    """Reads the entries of a target for a verification, by their entity type."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        self._opened: dict[tuple[str, bool], StoredEntries] = {}

    def find(self, order: Reading) -> StoredEntries:
        """Return what reads the entries of an order.

        Raises:
            InstallationError: The target does not answer.
        """
        key = (order.entity_type, order.lazy_references)
        if key not in self._opened:
            target, types = self._installation, self._installation.entity_types()
            entity_type = find_entity_type(types, order.entity_type)
            lazy = order.lazy_references
            compiled = compile_rules(target, types, entity_type, lazy_references=lazy)
            self._opened[key] = StoredEntries(target, entity_type, compiled.rules)
        return self._opened[key]


def _read_back(stored: StoredEntries, order: Reading) -> ReadingDone:
    """Read what the target holds of some records."""
    if isinstance(order.what, EntryPage):
        return ReadingDone(order.number, stored.digest_page(order.what))
    unequal = [places for _, places in stored.find_unequal(order.what)]
    return ReadingDone(order.number, unequal)


def _import_chunks(
    chunks: Iterator[NumberedChunk], run: PartitionRun, writer: RecordWriter
) -> FileError | None:
    """Write chunks; return why the file cannot be read to their end.

    Raises:
        TaskCancelled: The worker is to stop. The batches under way have outcomes.
        TaskPaused: The same, for a while.
        TaskTakenOver: The coordinator is gone.
    """
    try:
        with writer.settling():
            for written in writer.write(chunks):
                run.advance(written.chunk.done)
    except FileError as exc:
        return exc
    return None


def _remaining(
    source: Source, assignment: Assignment, writer: RecordWriter
) -> Iterator[NumberedChunk]:
    """Yield the chunks of a partition that have no outcomes yet."""
    skipped = Outcome(OutcomeKind.SKIPPED)
    for chunk in read_partition(source, assignment.partition):
        if chunk.first in assignment.recorded:
            writer.revisit(chunk, [skipped] * len(chunk.records))
        else:
            yield chunk
