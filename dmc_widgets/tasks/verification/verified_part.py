"""What the comparison of one entity type works with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ...model.entity_type import EntityType
from ...model.plan import ImportPlan
from ...model.verification import PartVerification
from ...ports import Installation
from .mismatch_log import MismatchLog


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedPart:
    """One entity type of a verification.

    Attributes:
        target: The installation to verify; it is only read.
        entity_type: The entity type in the target.
        plan: The plan that its items were written with.
        result: The result so far, without counts.
        log: Lists what is not as expected.
        advance: Called with the number of items that were compared; it may end the
            verification by an exception.
    """

    target: Installation
    entity_type: EntityType
    plan: ImportPlan
    result: PartVerification
    log: MismatchLog
    advance: Callable[[int], None]
