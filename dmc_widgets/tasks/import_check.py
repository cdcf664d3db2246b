"""The one check of an import plan against its file and its entity type.

The command line, the forms, packages and Python all go through it, for imports and
for previews, so that a plan is refused everywhere for the same reasons and in the
same words.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..model.entity import EntityType
from ..model.plan import ImportPlan
from ..model.plan_check import PlanCheck
from .entities import resolve
from .expressions import compile_expression
from .head import FileHead
from .importing import require_strategies
from .parent_lookups import require_lookups


def check_import(
    plan: ImportPlan, entity_types: Sequence[EntityType], head: FileHead
) -> PlanCheck:
    """Check what can be known of an import before it starts.

    Args:
        plan: The plan to check.
        entity_types: The entity types of the target.
        head: The head of the file that the plan is for.

    Returns:
        What keeps the import from starting, and what a person should know first.

    Raises:
        UnknownName: The target has no such entity type.
        NotSupported: It does not offer a strategy of the plan.
        InvalidPlan: An expression is malformed, or a lookup is impossible.
    """
    entity_type = resolve(entity_types, plan.entity_type)
    require_strategies(plan, entity_type)
    problems = plan.mapping.problems(entity_type)
    if not problems:
        plan.mapping.compile(entity_type, compile_expression)
        require_lookups(plan, entity_type, entity_types)
    return PlanCheck(problems, _warnings(head))


def _warnings(head: FileHead) -> tuple[str, ...]:
    """Return what a person should know of the file before the start."""
    return head.warnings
