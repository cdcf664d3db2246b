"""The inputs for the three strategies, which two forms have."""

from __future__ import annotations

import ipywidgets as ipw
from traitlets import dlink

from ...model.strategies import ImportStrategy, UpdateStrategy
from ...states.policy_state import PolicyState
from .form_inputs import checkbox, choice_field


def build_policy_inputs(state: PolicyState, stop_label: str) -> dict[str, ipw.Widget]:
    """Return the inputs by the names of the traits to link them to.

    The update strategy is disabled if the import strategy updates no record.

    Args:
        state: The state that has the traits.
        stop_label: The label of the check box for the error strategy.
    """
    inputs = {
        "stop_on_error": checkbox(stop_label),
        "import_strategy": choice_field(
            "Import Strategy", [(choice.label, choice) for choice in ImportStrategy]
        ),
        "update_strategy": choice_field(
            "Update Strategy", [(choice.label, choice) for choice in UpdateStrategy]
        ),
    }
    dlink(
        (state, "import_strategy"),
        (inputs["update_strategy"], "disabled"),
        lambda strategy: strategy is ImportStrategy.INSERT,
    )
    return inputs
