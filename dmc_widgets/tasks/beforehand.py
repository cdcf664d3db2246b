"""What has to be known, or allowed, before a migration writes anything."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ..errors import InvalidPlan
from ..model.plan import MigrationPlan
from ..model.strategies import ImportStrategy, Policy, UpdateStrategy
from ..objects.definition_forms import is_liferays_own
from ..objects.entry_faults import ERC
from ..objects.losses import Loss, losses
from ..objects.namesakes import Codes, Documents
from .counterparts import Counterparts, find_counterparts
from .selecting import Selected


def look_beforehand(
    plan: MigrationPlan, selected: Selected, there: Documents, here: Documents
) -> Counterparts:
    """Compare the documents of both sides, and refuse what nobody can want.

    Args:
        plan: What is to move, and what it may do.
        selected: The same, worked out.
        there: What the source holds.
        here: What the target holds.

    Raises:
        InvalidPlan: The target has names under other codes, or overwriting its
            definitions would delete values, and the plan does not allow it.
    """
    found = find_counterparts(there, here, selected, by_name=plan.match_names)
    lost = list(_losses(plan.policy, selected, there, here, found.codes))
    if not lost:
        return found
    told = (
        "Overwriting deletes what only the target has, with the values of its entries: "
        f"{'; '.join(map(_text, lost))}."
    )
    if not (plan.dry_run or plan.allow_deletions):
        reason = (
            f"{told} Allow it (--allow-deletions), choose "
            f"{UpdateStrategy.PARTIAL_UPDATE.label!r}, or leave the definitions out."
        )
        raise InvalidPlan(reason)
    return replace(found, remarks=(*found.remarks, told))


def _losses(
    policy: Policy, selected: Selected, there: Documents, here: Documents, codes: Codes
) -> Iterator[Loss]:
    if policy.on_existing is ImportStrategy.INSERT:
        return
    if policy.on_update is not UpdateStrategy.UPDATE:
        return
    for part in selected.parts:
        kind = part.entity_type.name
        if part.is_entries or part.needed:  # what is needed never overwrites
            continue
        known = {each[ERC]: each for each in here[kind]}
        for body in there[kind]:
            other = known.get(codes.of(kind, body[ERC]))
            if other is not None and not is_liferays_own(body):
                yield from losses(kind, body, other)


def _text(loss: Loss) -> str:
    return f"{loss.kind} {loss.name} ({loss.what} {', '.join(loss.names)})"
