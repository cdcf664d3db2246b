"""The steps of a path, and what stands in the way of the next one."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum
from typing import Any, NamedTuple

from ...languages import gettext as _
from ...languages import lazy


class StepStatus(StrEnum):
    """What a step says of itself; the value is the word that people read."""

    DONE = lazy("Done")
    OPEN = lazy("Open")
    BLOCKED = lazy("Needs Attention")
    LATER = lazy("Later")
    SKIPPED = lazy("Not Needed")
    RUNNING = lazy("Running")


class Step(NamedTuple):
    """One step of a path.

    Attributes:
        key: Its key.
        label: Its name.
        status: What it says of itself.
        note: What was chosen in it; empty as long as nothing was.
        is_reachable: People may go there now.
    """

    key: str
    label: str
    status: StepStatus
    note: str = ""
    is_reachable: bool = True


class Blocker(NamedTuple):
    """One thing that has to be done before the path can be gone to its end.

    Attributes:
        step: The key of the step where it is done.
        field: The name of the input or of the destination field.
        text: A sentence that names the field.
    """

    step: str
    field: str
    text: str


def status_of_step(
    key: str, blockers: Collection[Blocker], *, has_content: bool
) -> StepStatus:
    """Return the status of a step that can be changed at any time."""
    if not has_content:
        return StepStatus.OPEN
    is_blocked = any(blocker.step == key for blocker in blockers)
    return StepStatus.BLOCKED if is_blocked else StepStatus.DONE


def step_to_dict(step: Step, current: str) -> dict[str, Any]:
    """Return a step as the control that draws it takes it."""
    return {
        "key": step.key,
        "label": step.label,
        "status": step.status.name.lower(),
        "word": _(step.status.value),
        "note": step.note,
        "current": step.key == current,
        "reachable": step.is_reachable,
    }
