"""What every path has: the steps above, and the buttons below that stay in view."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ipywidgets as ipw

from ....states.paths.form_path import FormPath
from ....states.paths.steps import Blocker, step_to_dict
from ...controls import Stepper
from ...parts.form_inputs import add_classes, call_on_change, spacer
from ...parts.guard import Guard


def build_stepper(
    path: Any,
    guard: Guard,
    label: str,
    go: Callable[[str], object],
    lead: Callable[[Blocker], object],
) -> Stepper:
    """Return the steps of a path, wired to its state.

    Args:
        path: The state, with *steps*, *current* and *asked_blockers*.
        guard: Shows errors.
        label: What the steps are the steps of.
        go: Opens the step of a key.
        lead: Leads to what a blocker is about.
    """
    stepper = Stepper(
        label=label,
        on_go=lambda key: guard.run(go, key),
        on_lead=lambda number: guard.run(_lead_to, path, number, lead),
    )

    def show_steps() -> None:
        stepper.steps = [step_to_dict(step, path.current) for step in path.steps]

    def show_blockers() -> None:
        stepper.blockers = [blocker.text for blocker in path.asked_blockers]
        stepper.shows_blockers = bool(stepper.blockers)

    call_on_change(path, ["steps", "current"], show_steps)
    call_on_change(path, "asked_blockers", show_blockers)
    show_steps()
    show_blockers()
    return stepper


def build_footer(*buttons: ipw.Widget) -> ipw.HBox:
    """Return the buttons of a path in a bar that stays in view.

    Args:
        buttons: The first one stands apart at the beginning, the others at the end.
    """
    first, *others = buttons
    row = ipw.HBox([first, spacer(), *others])
    return add_classes(row, "dmc-path-footer")


def _lead_to(path: FormPath, number: int, lead: Callable[[Blocker], object]) -> None:
    blockers = path.asked_blockers
    if number < len(blockers):
        lead(blockers[number])
