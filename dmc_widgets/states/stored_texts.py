"""Texts of the core that the workspace keeps, in the language in use.

A task keeps its notes, its log and why it stopped as sentences in English: the command
line prints them, and tasks outlive the language of a page. Where a page shows one, its
template is found again, and filled in the language in use. A text that no template here
fits is shown as it is.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from ..languages import format_number, gettext, lazy

_TEMPLATES: Final = (
    lazy("Process {pid}"),
    lazy("Process {pid} on {host} began."),
    lazy("The file is being divided into partitions."),
    lazy("{records} records in {partitions} partitions, for {number} workers."),
    lazy("{done} of {total} records are verified."),
    lazy("One worker imports the file: {reason}"),
    lazy("One worker has imported the file: {reason}"),
    lazy("a dry run shows what earlier records leave to later ones."),
    lazy("definitions, picklists and folders depend on one another."),
    lazy("records are matched with stored ones, which others may add."),
    lazy("records may add entries that others fill."),
    lazy(
        "This was a dry run: nothing was written, and the counts say what would become "
        "of the records."
    ),
    lazy("{type} has no fields of these names, so they are left out: {names}."),
    lazy("1 line without any value was skipped."),
    lazy("{number} lines without any value were skipped."),
    lazy("The verification was cancelled. Verify it later: dmc verify {id}"),
    lazy("The task could not be verified: {reason} Verify it later: dmc verify {id}"),
    lazy("Verification: {reason}"),
    lazy("1 item is in {target} as expected."),
    lazy("{number} items are in {target} as expected."),
    lazy("1 item expected in {target}: {parts}."),
    lazy("{number} items expected in {target}: {parts}."),
    lazy("{number} different"),
    lazy("{number} missing"),
    lazy("{number} surplus"),
    lazy("{number} created"),
    lazy("{number} updated"),
    lazy("{number} unchanged"),
    lazy("{number} skipped"),
    lazy("{number} failed"),
    lazy("{number} unknown"),
    lazy("no records"),
    lazy("{author} queued the task."),
    lazy("{author} asked the task to end."),
    lazy("{author} asked the task to pause."),
    lazy("{author} resumed the task."),
    lazy("{author} retried failed records."),
    lazy("The file was read, and its fingerprint was kept."),
    lazy("The task completed: {parts}."),
    lazy("The task completed in part: {parts}."),
    lazy("The task failed: {parts}. {reason}"),
    lazy("The task was cancelled: {parts}. {reason}"),
    lazy("The task paused: {parts}. {reason}"),
    lazy("{percent} % done: {parts}."),
    lazy("{part} began."),
    lazy("{part} completed: {parts}."),
    lazy("Cancelled before the first record was written."),
    lazy("Paused before the first record was written."),
    lazy("Cancelled after record {number}. What was written before, stays."),
    lazy("Cancelled after {number} records. What was written before, stays."),
    lazy(
        "Paused after record {number}. Resume the task to go on with the next record."
    ),
    lazy(
        "Paused after {number} records. Resume the task to go on with the next record."
    ),
    lazy("Cancelled. Nothing was written."),
    lazy("Cancelled. The file was not complete and was removed."),
    lazy("Cancelled. The copy is not complete and cannot be restored."),
    lazy("Cancelled. The comparison is not complete, and has no report."),
)
_NUMBERS: Final = frozenset({"number", "records", "partitions", "done", "total"})
_KINDS_OF_VALUES: Final = {
    **dict.fromkeys((*_NUMBERS, "pid", "id", "percent"), r"\d[\d,]*"),
    "parts": "[^.]+",
    "author": r"\S+",
}
"""What a hole holds, where it is not any text."""

_HOLE: Final = re.compile(r"\{(\w+)\}")


def translate_text(text: str) -> str:
    """Return a text that the workspace keeps, in the language in use.

    >>> translate_text("8 items are in Production as expected.")
    '8 Elemente sind in Production wie erwartet.'
    """
    for template, pattern in _patterns():
        found = pattern.fullmatch(text)
        if found is not None:
            values = {name: _shown(name, x) for name, x in found.groupdict().items()}
            return gettext(template).format(**values)
    return text


def _shown(name: str, value: str) -> str:
    if name in _NUMBERS:
        return format_number(int(value.replace(",", "")))
    if name == "parts":
        return ", ".join(map(translate_text, value.split(", ")))
    return translate_text(value) if name == "reason" else value


@cache
def _patterns() -> list[tuple[str, re.Pattern[str]]]:
    """Return the templates with what a text has to be like to be made of one."""
    return [(template, _pattern(template)) for template in map(str, _TEMPLATES)]


def _pattern(template: str) -> re.Pattern[str]:
    parts = _HOLE.split(template)
    for place in range(0, len(parts), 2):
        parts[place] = re.escape(parts[place])
    for place in range(1, len(parts), 2):
        name = parts[place]
        parts[place] = f"(?P<{name}>{_KINDS_OF_VALUES.get(name, '.+')})"
    return re.compile("".join(parts))
