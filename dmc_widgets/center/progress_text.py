"""The progress of a task in words: for terminals, logs and notebooks."""

from __future__ import annotations

from typing import Final

from ..model.plan import Action
from ..model.representation import printable
from ..model.task import Task, TaskStatus
from .resuming import is_resumable

_UNDONE: Final = frozenset({Action.IMPORT, Action.MIGRATION})


def format_progress(task: Task) -> str:
    """Return the number of finished and failed records, the pace and the time left.

    >>> format_progress(task)
    '40,000 of about 200,000 records, 12 failed, 2,000 a second, 1:20 left'
    """
    done = task.counts.total
    parts = [_format_records(task)]
    if task.counts.failed:
        parts.append(f"{task.counts.failed:,} failed")
    left = task.progress.left_s
    is_at_work = left is not None or not task.progress.of  # not verifying its result
    if done and task.progress.elapsed_s >= 1 and is_at_work:
        parts.append(f"{done / task.progress.elapsed_s:,.0f} a second")
    if left is not None and not task.status.is_final:
        minutes, seconds = divmod(round(left), 60)
        parts.append(f"{minutes}:{seconds:02} left")
    return ", ".join(parts)


def format_progress_line(task: Task) -> str:
    """Return the progress of a task, and the running part of a task of several."""
    percent = f"{task.progress.percent} %" if task.progress.of else ""
    progress = ", ".join(filter(None, (part_at_work(task), percent)))
    separator = ", " if progress else ""
    return f"Task {task.id}: {printable(progress + separator + format_progress(task))}"


def part_at_work(task: Task) -> str:
    """Return the title of the running part of a task of several, or nothing."""
    running = (part.title for part in task.parts if part.status is TaskStatus.RUNNING)
    return next(running, "")


def estimate_total(task: Task) -> int:
    """Return the number of records in all, rounded; 0 while that would be a guess.

    An import knows the bytes of its file, not the number of its records.
    """
    total, progress = task.counts.total, task.progress
    if task.status.is_final or not total or progress.left_s is None:
        return 0
    if task.action is Action.EXPORT:
        return progress.of
    estimate = total * progress.of // progress.done
    digits = max(0, len(str(estimate)) - 2)
    return max(total, round(estimate, -digits))


def format_result(task: Task) -> str:
    """Return in one line how a task has ended: ``Completed: 800 created``."""
    summary = f"{task.status}: {task.counts.summary}"
    return f"{summary}. {task.error}" if task.error else summary


def describe_cancelled(task: Task) -> str:
    """Return what became of a task that was interrupted, and how it goes on."""
    if not task.status.is_final:
        return f"Task {task.id} is being cancelled: {task.counts.summary} so far."
    sentence = f"Task {task.id} {task.status}: {task.counts.summary}."
    handle = f"center.task({task.id})"
    if is_resumable(task):
        sentence += f" Go on with it: {handle}.resume()."
    if task.action in _UNDONE and task.counts.created + task.counts.updated:
        sentence += f" Take it back: {handle}.undo()."
    return sentence


def describe_left_alone(task: Task) -> str:
    """Return how to attach again to a task that goes on by itself."""
    handle = f"center.task({task.id})"
    return (
        f"Task {task.id} goes on. Wait for it: {handle}.wait(). "
        f"End it: {handle}.cancel()."
    )


def _format_records(task: Task) -> str:
    done, total = task.counts.total, estimate_total(task)
    if not total:
        return "1 record" if done == 1 else f"{done:,} records"
    about = "" if task.action is Action.EXPORT else "about "
    return f"{done:,} of {about}{total:,} records"
