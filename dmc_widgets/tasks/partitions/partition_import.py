"""Import partitions of a file, one after another, in one of several workers."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator

from ...errors import DmcError, FileError
from ...formats.source import Source, open_source
from ...model.outcome import Outcome, OutcomeKind
from ...model.plan import ImportPlan
from ...ports import Installation
from ...workspace.outcomes import PendingBatch
from ..course import recorded_retries
from ..imports.numbered_chunk import NumberedChunk
from ..imports.record_writer import RecordWriter
from ..installation_access import find_entity_type
from ..task_files import original_file
from ..task_run import TaskCancelled, TaskPaused, TaskTakenOver
from .messages import (
    Assignment,
    Channel,
    PartitionEnded,
    ReadSummary,
    WorkerFailed,
    WorkerStopped,
)
from .partition_run import PartitionRun
from .planner import read_partition

_log = logging.getLogger(__name__)
_STOPPED = (TaskCancelled, TaskPaused, TaskTakenOver)


def import_partitions(
    run: PartitionRun, installation: Installation, channel: Channel
) -> None:
    """Import the partitions that the coordinator assigns, until it says otherwise.

    Raises:
        TaskTakenOver: The coordinator is gone.
    """
    try:
        with recorded_retries(run.course):
            _import_assigned(run, installation, channel)
    except _STOPPED:
        channel.send(WorkerStopped())
    except DmcError as exc:
        channel.send(WorkerFailed(exc))
    except Exception:  # the coordinator has to know, and ends the task
        _log.exception("A worker of task %s ended unexpectedly", run.task.id)
        channel.send(WorkerFailed(traceback.format_exc(limit=-1).strip()))
    else:
        channel.send(WorkerStopped())


def _import_assigned(
    run: PartitionRun, installation: Installation, channel: Channel
) -> None:
    plan = run.task.plan
    if not isinstance(plan, ImportPlan):
        raise TypeError(plan)
    entity_type = find_entity_type(installation.entity_types(), plan.entity_type)
    announced: dict[int, PendingBatch] = {}
    writer = RecordWriter(run, plan, installation, entity_type, announced)
    file = original_file(run.workspace, run.task)
    name = run.task.original_file
    with open_source(file.path, name=name, options=plan.reading) as source:
        while isinstance(assignment := channel.receive(), Assignment):
            run.partition = assignment.partition.number
            announced.clear()
            announced.update({x.first_index: x for x in assignment.announced})
            chunks = file.watch(_remaining(source, assignment, writer))
            error = _import_chunks(chunks, run, writer)
            notes = (*source.warnings, *writer.notes(), *run.notes)
            summary = ReadSummary(
                frozenset(writer.fields_seen), dict(writer.other_sites), notes
            )
            writer.other_sites.clear()
            channel.send(PartitionEnded(run.partition, summary, error))


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
