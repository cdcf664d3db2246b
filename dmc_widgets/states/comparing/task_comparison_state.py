"""The state of the panel that compares the task in view with another one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

from traitlets import HasTraits, Instance, Int, Tuple

from ...center.reruns import TaskComparison
from ...languages import gettext as _
from ...languages import lazy
from ...model.strategies import ErrorStrategy, ImportStrategy, UpdateStrategy
from ...model.task import Task
from ...states.model_words import describe_counts, translate_word
from ..task_state import format_duration

_MAX_VALUE_CHARS: Final = 200
_MAX_OTHERS: Final = 50
_CHOICE_NAMES: Final = {
    "createStrategy": lazy("Import Strategy"),
    "importStrategy": lazy("On Error"),
    "chosen.entityTypes": lazy("Entity Types"),
    "chosen.withNeeded": lazy("Bring Along What Is Needed"),
    "chosen.filters": lazy("Filters"),
    "chosen.sites": lazy("Only These Sites"),
    "scope": lazy("Site"),
    "mapping": lazy("Mapping"),
    "match": lazy("Match Records By"),
    "matchNames": lazy("Match by Name"),
    "options.backup": lazy("Back Up First"),
    "options.verify": lazy("Verify at the End"),
    "options.atOnce": lazy("Batches at Once"),
    "options.asShown": lazy("As Shown by Dry Run"),
}
"""Choices whose names in a plan are not those of the forms."""
_VALUE_NAMES: Final[dict[str, dict[str, str]]] = {
    "createStrategy": {choice.value: choice.label for choice in ImportStrategy},
    "updateStrategy": {choice.value: choice.label for choice in UpdateStrategy},
    "importStrategy": {choice.value: choice.label for choice in ErrorStrategy},
}
CREATED_LABEL: Final = lazy("Create Date")
"""The label of the one value that is a time; ISO 8601 in UTC."""
_WORD_START: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


class TaskComparisonState(HasTraits):
    """Another task, and what is different about it.

    Attributes:
        others: The tasks to select from, the newest first.
        other: The id of the selected one; 0 for none.
        tasks: The two tasks that were compared; empty until then.
        result: What is different; None until compared.
        transition: Only records of this transition are shown: its number in the
            result's transitions, from 1; 0 for all.
    """

    others = Tuple()
    other = Int()
    tasks = Tuple()
    result = Instance(TaskComparison, allow_none=True)
    transition = Int()

    def offer(self, task: Task, tasks: Sequence[Task]) -> None:
        """Offer the tasks that *task* can be compared with; nothing is compared yet.

        The first is selected: the latest one before it that is alike.
        """
        self.others = find_comparable(task, tasks)
        self.other = self.others[0].id if self.others else 0
        self.tasks, self.result, self.transition = (), None, 0


def find_comparable(task: Task, tasks: Sequence[Task]) -> tuple[Task, ...]:
    """Return ended tasks of the same action, the most similar and latest first.

    Those with the same entity types and installation come first, and earlier tasks
    before those that came after it.
    """

    def rank(other: Task) -> tuple[bool, bool, bool, int]:
        return (
            other.plan.entity_type != task.plan.entity_type,
            other.installation != task.installation,
            other.id > task.id,
            -other.id,
        )

    alike = (
        other
        for other in tasks
        if other.id != task.id
        and other.action is task.action
        and other.status.is_final
        and not other.pruned
    )
    return tuple(sorted(alike, key=rank)[:_MAX_OTHERS])


def list_task_differences(
    tasks: Sequence[Task], comparison: TaskComparison
) -> tuple[tuple[str, str, str], ...]:
    """List a label and the two values for each choice that differs, facts first."""
    first, second = (_list_facts(task) for task in tasks)
    facts = [(label, first[label], second[label]) for label in first]
    choices = (
        (name_choice(path), format_choice(path, one), format_choice(path, two))
        for path, one, two in comparison.plans
        if path != "name"
    )
    return (*(fact for fact in facts if any(fact[1:])), *choices)


def _list_facts(task: Task) -> dict[str, str]:
    elapsed_s = task.progress.elapsed_s
    return {
        _("Name"): task.name,
        _("Installation"): task.installation,
        _("File"): task.original_file,
        CREATED_LABEL: task.created,
        _("Duration"): format_duration(elapsed_s) if elapsed_s else "",
        _("Status"): translate_word(task.status),
        _("Records"): describe_counts(task.counts),
    }


def name_choice(path: str) -> str:
    """Return the label of a choice by its path in a plan: ``Update Strategy``."""
    if path in _CHOICE_NAMES:
        return _(_CHOICE_NAMES[path])
    words = _WORD_START.sub(" ", path.rpartition(".")[2])
    return words[:1].upper() + words[1:]


def format_choice(path: str, value: Any) -> str:
    """Format the value of a choice for people: ``Yes``, ``Overwrite Records``."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, str):
        label = _VALUE_NAMES.get(path, {}).get(value)
        return value if label is None else translate_word(label)
    if isinstance(value, (list, dict)):
        text = ", ".join(_format_members(value))
        return text if len(text) <= _MAX_VALUE_CHARS else f"{text[:_MAX_VALUE_CHARS]}…"
    return str(value)


def _format_members(value: list[Any] | dict[str, Any]) -> Iterator[str]:
    if isinstance(value, dict):
        yield from (f"{name}: {_format_member(one)}" for name, one in value.items())
    else:
        yield from map(_format_member, value)


def _format_member(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
