"""Compare documents and parts that were sent with those that the target holds.

A target completes documents, keeps some properties of published ones, and gives out
more than it was sent. So a document is as expected if writing it again, by the same
rules, would change nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice
from typing import Any, Final

from ...model.entity_type import EntityType
from ...model.outcome import LEFT_OUT, Outcome, OutcomeKind
from ...model.strategies import ErrorStrategy, ImportStrategy
from ...model.verification import (
    Mismatch,
    MismatchKind,
    PartVerification,
    ValueDifference,
)
from ...objects.comparison.differences import compare_properties
from ...objects.documents.definition_bodies import find_frozen_reason
from ...objects.documents.kinds import KINDS_BY_NAME
from ...objects.parts.part_kinds import RELATIONSHIP
from ...objects.parts.system_parents import is_system_parent
from ...ports import Item
from ..checkers import create_checker
from .verified_part import VerifiedPart

_PAGE_SIZE: Final = 100
_STATES: Final = ("equal", "different", "missing", "unverified")
_LEFT: Final = "left out"
"""By the choices of a merge, so that nothing of it is to be in the target."""

SentDocument = tuple[int, str, Item]
"""The number of a record, the code under which it was stored, and what was sent."""


def verify_documents(
    part: VerifiedPart, documents: Iterable[SentDocument]
) -> PartVerification:
    """Return what became of some definitions, picklists, folders or parts of them.

    Args:
        part: The entity type and its target.
        documents: What was sent and stored, in the order of the records.

    Raises:
        InstallationError: The target does not answer.
    """
    target, entity_type, plan = part.target, part.entity_type, part.plan
    policy = replace(
        plan.policy,
        import_strategy=ImportStrategy.UPSERT,
        error_strategy=ErrorStrategy.CONTINUE,
    )
    types = target.entity_types()
    checker = create_checker(
        target, types, entity_type, replace(plan, policy=policy, dry_run=False)
    )
    latest = {key: (record, key, item) for record, key, item in documents}
    counts = dict.fromkeys((*_STATES, _LEFT), 0)
    remaining = iter(latest.values())
    while page := list(islice(remaining, _PAGE_SIZE)):
        outcomes = checker.predict_outcomes([item for _, _, item in page])
        stored = target.fetch(entity_type, [key for _, key, _ in page])
        for (record, key, item), outcome in zip(page, outcomes, strict=True):
            is_stored = key in stored or _is_in_child(entity_type, key, outcome)
            state = _state(outcome, is_stored)
            counts[state] += 1
            if state in {"different", "missing"}:
                fields = tuple(_differences(entity_type, item, stored.get(key)))
                kind = MismatchKind(state)
                mismatch = Mismatch(kind, part.result.title, key, "", record, fields)
                part.log.add(mismatch)
        part.advance(len(page))
    part.log.save()
    return replace(
        part.result,
        expected=len(latest) - counts[_LEFT],
        equal=counts["equal"],
        different=counts["different"],
        missing=counts["missing"],
        unverified=counts["unverified"],
    )


def _state(outcome: Outcome, is_stored: bool) -> str:
    """Return what an outcome says that writing the document again would have."""
    if outcome.note == LEFT_OUT:
        return _LEFT
    if not is_stored or outcome.kind is OutcomeKind.CREATED:
        return "missing"
    if outcome.kind is OutcomeKind.UNCHANGED:
        return "equal"
    return "different" if outcome.kind is OutcomeKind.UPDATED else "unverified"


def _is_in_child(entity_type: EntityType, key: str, outcome: Outcome) -> bool:
    """Return True if a target holds a relationship by the field of its child alone.

    The parent is one of Liferay's own objects, which targets may not give out.
    """
    is_relationship = entity_type.name == RELATIONSHIP.name
    if not is_relationship or not is_system_parent(key):
        return False
    return outcome.kind in {OutcomeKind.UNCHANGED, OutcomeKind.UPDATED}


def _differences(
    entity_type: EntityType, item: Item, stored: Item | None
) -> Iterator[ValueDifference]:
    """Yield the properties that were sent and are stored otherwise."""
    if stored is None:
        return
    if entity_type.name not in KINDS_BY_NAME:
        for name in sorted(item.keys() & stored.keys()):
            if item[name] != stored[name] and item[name] is not None:
                yield ValueDifference(name, item[name], stored[name])
        return
    for path, sent, here in compare_properties(entity_type.name, item, stored):
        frozen = find_frozen_reason(entity_type.name, path, is_published=True)
        if sent is not None and frozen is None:
            yield ValueDifference(".".join(path), _plain(sent), _plain(here))


def _plain(value: Any) -> Any:
    """Return a setting's value; any other value as it is."""
    is_setting = isinstance(value, dict) and value.keys() == {"value"}
    return value["value"] if is_setting else value
