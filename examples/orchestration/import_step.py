"""An import as one step of a workflow, which goes on where an earlier try stopped.

The step is known by its key, which becomes the name of the task: the same in each try
of one run, and another one in each run. Installations and their secrets are those of
the workspace and of the environment (``DMC_WORKSPACE``, ``DMC_PASSWORD_PRODUCTION``),
so there are none in a workflow.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import dmc_widgets as dmc


class StepFailed(Exception):
    """The import stopped, or some of its records failed."""


def import_step(
    installation: str, entity: str, source: str, *, key: str, **choices: Any
) -> dict[str, int]:
    """Import a file, or go on with the import that an earlier try has begun.

    Args:
        installation: The name of the target.
        entity: The entity type.
        source: The path or the address of the file.
        key: What the tries of one step in one run have in common.
        choices: What ``center.import_file`` takes, such as ``on_error="continue"``.

    Returns:
        How many records have each outcome.

    Raises:
        StepFailed: The import stopped, some records failed, or the target does not
            hold what was sent.
    """
    with dmc.open_center() as center:
        earlier = [
            task for task in center.tasks.list(action="Import") if task.name == key
        ]
        if not earlier:
            task = center.import_file(installation, entity, source, name=key, **choices)
        else:
            task = go_on(center.task(earlier[-1]))
        if task.status != "Completed":
            raise StepFailed(describe(center, task))
        report = task.verification()
        if report is not None and not report.is_equal:
            raise StepFailed(report.summary)
        return asdict(task.counts)


def describe(center: dmc.Center, task: dmc.TaskHandle) -> str:
    """Return what became of a task, and why its first records failed."""
    failures = center.tasks.failures(task.id, limit=3)
    reasons = [f"Record {failure.index}: {failure.problem}" for failure in failures]
    text = task.error or " ".join(reasons)
    return f"Task {task.id} {task.status}: {task.counts.summary}. {text}"


def go_on(task: dmc.TaskHandle) -> dmc.TaskHandle:
    """Wait for a task, resume it, or try its failed records again."""
    task.wait()  # its worker outlives the step that has started it
    if task.status == "Completed":
        return task
    try:
        return task.resume()
    except dmc.NotSupported:  # every record has an outcome
        if not task.counts.failed:
            raise
        task.retry()
        return task
