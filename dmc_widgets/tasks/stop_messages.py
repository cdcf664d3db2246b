"""What is said of a task that was cancelled, or that pauses: which records are in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ..model.plan import Action, is_dry_run
from ..model.task import Counts, Task, TaskPart, TaskStatus

_FIRST_WORDS: Final = {TaskStatus.CANCELLED: "Cancelled", TaskStatus.PAUSED: "Paused"}
_STAYS: Final = "What was written before, stays."
_GOES_ON: Final = "Resume the task to go on with the next record."


def stop_message(
    task: Task, counts: Counts, parts: Sequence[TaskPart], status: TaskStatus
) -> str:
    """Return why the task stands, and how far it came, in whole sentences.

    Args:
        task: The task.
        counts: Its counts when it stopped.
        parts: Its parts when it stopped; none for a task of one entity type.
        status: *Cancelled* or *Paused*.
    """
    word = _FIRST_WORDS[status]
    last = _GOES_ON if status is TaskStatus.PAUSED else _STAYS
    if task.action is Action.EXPORT:
        return f"{word}. The file was not complete and was removed."
    if is_dry_run(task.plan):
        return f"{word}. Nothing was written."
    tried = _tried(counts)
    if not tried and not counts.unknown:
        return f"{word} before the first record was written."
    texts = [f"{word} after {_place(tried, parts)}. {last}"]
    if counts.unknown:
        texts.append(_unknown_sentence(tried, counts.unknown))
    return " ".join(texts)


def _tried(counts: Counts) -> int:
    return counts.total - counts.skipped - counts.unknown


def _place(tried: int, parts: Sequence[TaskPart]) -> str:
    """Return the last record that has an outcome, as a phrase."""
    begun = [part for part in parts if part.status is not TaskStatus.QUEUED]
    running = next((x for x in begun if _is_stopped(x)), None)
    if running is None:
        return f"record {tried:,}"
    number = parts.index(running) + 1
    return (
        f"record {_tried(running.counts):,} of {running.title}, "
        f"part {number} of {len(parts)}"
    )


def _is_stopped(part: TaskPart) -> bool:
    return part.status in {TaskStatus.RUNNING, *_FIRST_WORDS}


def _unknown_sentence(tried: int, unknown: int) -> str:
    if unknown == 1:
        subject, pronoun = f"Record {tried + 1:,} was", "it"
    else:
        subject = f"Records {tried + 1:,} to {tried + unknown:,} were"
        pronoun = "them"
    return f"{subject} being written: what became of {pronoun} is not known."
