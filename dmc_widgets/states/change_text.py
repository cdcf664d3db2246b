"""What a task has changed, in one sentence in the language in use."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ..center.task_changes import FieldSummary
from ..languages import format_number, ngettext
from ..languages import gettext as _
from ..model.plan import is_dry_run
from ..model.task import Task
from .type_names import name_types

_MAX_FIELDS: Final = 8


def describe_changes(task: Task, summaries: Sequence[FieldSummary]) -> str:
    """Return which fields of how many records change; empty if none does.

    It says what ``center.tasks.describe_changes`` says in English.
    """
    is_dry = is_dry_run(task.plan)
    lost = [(one.lost, one) for one in summaries if one.lost]
    kept = [(one.changed - one.lost, one) for one in summaries]
    texts = [
        _describe_loss(number, _name(one, task), is_dry=is_dry) for number, one in lost
    ]
    texts += [
        _describe_change(number, _name(one, task), is_dry=is_dry)
        for number, one in kept
        if number > 0
    ]
    if not texts:
        return ""
    rest = len(texts) - _MAX_FIELDS
    more = _("{count} more are in the list").format(count=format_number(rest))
    return f"{'; '.join([*texts[:_MAX_FIELDS], *([more] if rest > 0 else [])])}."


def _describe_loss(number: int, field: str, *, is_dry: bool) -> str:
    text = ngettext(
        "{count} record lost {field}", "{count} records lost {field}", number
    )
    if is_dry:
        text = ngettext(
            "{count} record would lose {field}",
            "{count} records would lose {field}",
            number,
        )
    return text.format(count=format_number(number), field=field)


def _describe_change(number: int, field: str, *, is_dry: bool) -> str:
    text = ngettext(
        "{count} record changed {field}", "{count} records changed {field}", number
    )
    if is_dry:
        text = ngettext(
            "{count} record would change {field}",
            "{count} records would change {field}",
            number,
        )
    return text.format(count=format_number(number), field=field)


def _name(summary: FieldSummary, task: Task) -> str:
    if not summary.part:
        return summary.field
    part = name_types(summary.part, task)
    return _("{field} of {part}").format(field=summary.field, part=part)
