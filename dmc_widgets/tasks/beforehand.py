"""What has to be known, or allowed, before a migration writes anything."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from ..errors import InvalidPlan
from ..model.plan import MigrationPlan
from ..model.strategies import ImportStrategy, Policy, UpdateStrategy
from ..objects.comparing import differences
from ..objects.definition_forms import is_liferays_own
from ..objects.documents import DEFINITION, PICKLIST, Body
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
    remarks = (
        *found.remarks,
        *_told_other(selected, there, here, found.codes),
        *_told_losses(plan, lost),
    )
    return replace(found, remarks=remarks)


def _told_losses(plan: MigrationPlan, lost: Sequence[Loss]) -> Iterator[str]:
    """Say what would go, or refuse a run that was not allowed to delete it."""
    if not lost:
        return
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
    yield told


def _told_other(
    selected: Selected, there: Documents, here: Documents, codes: Codes
) -> Iterator[str]:
    other = list(_other_than_needed(selected, there, here, codes))
    if other:
        yield (
            "The target has these already, but not as the source has them; they are "
            f"only needed, so they stay as they are: {', '.join(other)}. dmc compare "
            "shows how they differ."
        )


def _losses(
    policy: Policy, selected: Selected, there: Documents, here: Documents, codes: Codes
) -> Iterator[Loss]:
    if policy.on_existing is ImportStrategy.INSERT:
        return
    if policy.on_update is not UpdateStrategy.UPDATE:
        return
    for part in selected.parts:
        kind = part.entity_type.name
        if not (part.is_entries or part.needed):  # what is needed never overwrites
            for body, other in _pairs(there[kind], here[kind], kind, codes):
                if not is_liferays_own(body):
                    yield from losses(kind, body, other)


def _other_than_needed(
    selected: Selected, there: Documents, here: Documents, codes: Codes
) -> Iterator[str]:
    """Name needed definitions and picklists that the target has otherwise."""
    for part in selected.parts:
        kind = part.entity_type.name
        if kind not in {DEFINITION, PICKLIST} or not part.needed:
            continue
        for body, other in _pairs(there[kind], here[kind], kind, codes):
            is_needed = body[ERC] in selected.documents[part.entity_type.key]
            if is_needed and _differ(kind, body, other, codes):
                yield f"{kind} {body.get('name')}"


def _differ(kind: str, body: Body, other: Body, codes: Codes) -> bool:
    found = differences(kind, [codes.translated(kind, body)], [other])
    return next(found, None) is not None


def _pairs(
    there: Sequence[Body], here: Sequence[Body], kind: str, codes: Codes
) -> Iterator[tuple[Body, Body]]:
    """Yield what both sides have of a kind, the source's first."""
    known = {each[ERC]: each for each in here}
    for body in there:
        code = codes.of(kind, body[ERC])
        if code in known:
            yield body, known[code]


def _text(loss: Loss) -> str:
    return f"{loss.kind} {loss.name} ({loss.what} {', '.join(loss.names)})"
