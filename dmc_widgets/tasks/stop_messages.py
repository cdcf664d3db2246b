"""What is said of a task that was cancelled, or that pauses: which records are in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ..model.plan import Action, has_several_workers, is_dry_run
from ..model.task import Counts, Task, TaskPart, TaskStatus

_FIRST_WORDS: Final = {TaskStatus.CANCELLED: "Cancelled", TaskStatus.PAUSED: "Paused"}
_STAYS: Final = "What was written before, stays."
_STAYS_UNDONE: Final = "What was taken back before, stays so."
_READINGS: Final = {
    Action.EXPORT: "The file was not complete and was removed.",
    Action.BACKUP: "The copy is not complete and cannot be restored.",
    Action.VERIFICATION: "The comparison is not complete, and has no report.",
}
"""What becomes of tasks that only read the installation that they are named for."""
_UNKNOWN: Final = (
    "What became of {number:,} records that were being written is not known."
)
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
    if task.action in _READINGS:
        return f"{word}. {_READINGS[task.action]}"
    if is_dry_run(task.plan):
        return f"{word}. Nothing was written."
    tried, is_undo = _tried(counts), task.action is Action.UNDO
    if not tried and not counts.unknown:
        verb = "taken back" if is_undo else "written"
        return f"{word} before the first record was {verb}."
    last = _STAYS_UNDONE if is_undo else _STAYS
    if status is TaskStatus.PAUSED:
        last = _GOES_ON
    is_divided = has_several_workers(task.plan)
    place = f"{tried:,} records" if is_divided else _place(tried, parts)
    texts = [f"{word} after {place}. {last}" if tried else f"{word}."]
    if counts.unknown and is_divided:
        texts.append(_UNKNOWN.format(number=counts.unknown))
    elif counts.unknown:
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
