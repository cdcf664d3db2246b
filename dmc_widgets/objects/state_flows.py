"""State picklists: which state may follow which.

Rules of Liferay's object states (objects facts, 1.3 and 3.3). An entry may begin in
any state; what a new one leaves out is the default value. Every later change has to
be a transition of the flow.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..model.outcome import Problem
from .entry_faults import invalid_state_transition

Flow = Mapping[str, frozenset[str]]
"""The keys that may follow each key of a picklist."""


def state_flow(stated: Any) -> Flow | None:
    """Read the setting ``stateFlow``.

    Returns:
        The keys that may follow each key; None where no flow is stated, so that
        every state may follow every other.
    """
    states = stated.get("objectStates") if isinstance(stated, dict) else None
    flow = {
        str(each.get("key")): frozenset(
            str(next_state.get("key"))
            for next_state in _dicts(each.get("objectStateTransitions"))
        )
        for each in _dicts(states)
    }
    return flow or None


def transition_fault(
    flows: Iterable[tuple[str, Flow]],
    before: Mapping[str, Any],
    after: Mapping[str, Any],
) -> Problem | None:
    """Return the first change of state that its flow does not allow.

    Args:
        flows: Of state fields that have one, by name.
        before: Kept values of the entry until now.
        after: Those from now on.
    """
    for name, flow in flows:
        old, new = before.get(name), after.get(name)
        if old is None or new is None or old == new:
            continue
        if new not in flow.get(old, frozenset()):
            return invalid_state_transition(name, old, new)
    return None


def _dicts(value: Any) -> list[dict[str, Any]]:
    listed = value if isinstance(value, list) else []
    return [each for each in listed if isinstance(each, dict)]
