"""The choice of the strategies of an import or a migration."""

from __future__ import annotations

from typing import Any

from traitlets import Instance, observe

from ...languages import gettext as _
from ...languages import lazy
from ...model.strategies import ImportStrategy, Policy, UpdateStrategy
from ...states.policy_state import POLICY_TRAITS, PolicyState
from ..parts.form_inputs import call_on_change, html, link_traits
from ..parts.policy_inputs import build_policy_inputs
from .base import PublicWidget, repr_names

_INPUTS = ("import_strategy", "update_strategy", "stop_on_error")


class StrategyPicker(PublicWidget):
    """Chooses what an import does with each record.

    >>> strategies = StrategyPicker(Policy(update_strategy="PARTIAL_UPDATE"))
    >>> strategies.value
    Policy(UPSERT, PARTIAL_UPDATE, ON_ERROR_FAIL)
    >>> center.import_file("Sample target", "Bicycle", path, **strategies.choices)

    Args:
        value: The strategies that are chosen at first; None for those of Liferay.

    Attributes:
        value: The chosen strategies.
    """

    value = Instance(Policy, args=())

    def __init__(self, value: Policy | None = None) -> None:
        super().__init__()
        self._state = PolicyState()
        inputs = build_policy_inputs(self._state, _("Stop on Error"))
        self._inputs = {name: inputs[name] for name in _INPUTS}
        link_traits(self._state, self._inputs)
        self._help = html("", "dmc-help")
        self._show([*self._inputs.values(), self._help])
        call_on_change(self._state, list(POLICY_TRAITS), self._take)
        self._take()
        if value is not None:
            self.value = value

    @property
    def choices(self) -> dict[str, Any]:
        """The strategies as keywords of ``center.import_file`` and the like."""
        policy = self.value
        words = {
            "import_strategy": policy.import_strategy.value,
            "update_strategy": policy.update_strategy.value,
            "on_error": "stop" if self._state.stop_on_error else "continue",
        }
        chosen: dict[str, Any] = {**words, "lazy_references": policy.lazy_references}
        if policy.merge:
            chosen |= {"only": policy.merge.only, "leave": policy.merge.leave}
        return chosen

    def __repr__(self) -> str:
        return repr_names(self, "value")

    def _take(self) -> None:
        self.value = self._state.policy
        self._help.value = describe_policy(self.value)

    @observe("value")
    def _follow_value(self, _change: Any) -> None:
        if self._state.policy != self.value:
            self._state.load_policy(self.value)


_SENTENCES = {
    ImportStrategy.INSERT: lazy("Records that are stored already fail."),
    ImportStrategy.UPDATE: lazy("Records that are not stored yet fail."),
    ImportStrategy.UPSERT: lazy("New records are added, and stored ones are updated."),
}
_UPDATE_SENTENCES = {
    UpdateStrategy.UPDATE: lazy("Fields that a record leaves out are emptied."),
    UpdateStrategy.PARTIAL_UPDATE: lazy(
        "Fields that a record leaves out keep their values."
    ),
    UpdateStrategy.MERGE: lazy("No stored value is replaced by nothing."),
}


def describe_policy(policy: Policy) -> str:
    """Describe in sentences what the strategies do with a record."""
    sentences = [_(_SENTENCES[policy.import_strategy])]
    if policy.import_strategy is not ImportStrategy.INSERT:
        sentences.append(_(_UPDATE_SENTENCES[policy.update_strategy]))
    return " ".join(sentences)
