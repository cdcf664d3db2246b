"""Find out what the workers of a divided import have written, after all have died."""

from __future__ import annotations

from collections.abc import Sequence

from ...formats.source import Source
from ...workspace.partitions import PartitionState, PartitionStatus
from ..task_run import TaskRun
from .coordinator import unrecorded_records
from .division import PartitionRecall
from .planner import partition_from_dict
from .processes import end_process


def recover_partitions(
    run: TaskRun,
    source: Source,
    states: Sequence[PartitionState],
    recall: PartitionRecall,
) -> None:
    """Count and record what is known, and that all other records were not tried.

    Args:
        run: The task.
        source: Its file.
        states: Its partitions.
        recall: Asks the target for batches.

    Raises:
        InstallationError: The target does not answer.
        WorkspaceError: It could not be recorded.
    """
    outcomes, task_id = run.workspace.outcomes, run.task.id
    for state in states:
        end_process(state.worker)
    outcomes.keep_tried(task_id, run.worker, stops=False)
    for batch in outcomes.read(task_id):
        run.count(batch.outcomes)
    partitions = [partition_from_dict(state.content) for state in states]
    known = outcomes.recorded_batches(task_id)
    recorded = {
        partition.number: {first for _, first, _ in partition.batches} & known.keys()
        for partition in partitions
    }
    for state, partition in zip(states, partitions, strict=True):
        if state.status is PartitionStatus.RUNNING or recorded[partition.number]:
            recall.recall(source, partition, recorded[partition.number])
    for first, number in unrecorded_records(partitions, recorded):
        run.skip(first, number)
