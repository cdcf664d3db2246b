"""The names of tasks, where their plans have none."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TypeVar

from ..model.entity_type import EntityType
from ..model.plan import (
    DRY_RUN_SUFFIX,
    BackupPlan,
    ExportPlan,
    ImportPlan,
    MigrationPlan,
    PackagePlan,
    Plan,
    is_dry_run,
)

_SingleTypePlan = TypeVar("_SingleTypePlan", ExportPlan, ImportPlan)
_MultiTypePlan = TypeVar("_MultiTypePlan", MigrationPlan, PackagePlan, BackupPlan)


def with_name_and_key(
    plan: _SingleTypePlan, entity_type: EntityType
) -> _SingleTypePlan:
    """Return the plan with the full key, and a name like those that Liferay gives.

    Liferay names the class, which is the same for all objects.
    """
    name = run_name(plan)
    if not name:
        stamp = time.time_ns() // 1_000_000
        kind = "Dry Run" if is_dry_run(plan) else "Plan Execution"
        name = f"{entity_type.short_name} {kind} {stamp}"
    return replace(plan, entity_type=entity_type.key, name=name)


def run_name(plan: Plan) -> str:
    """Return the name of a plan; a list must not show a dry run as the run itself."""
    name = plan.name.strip()
    return f"{name}{DRY_RUN_SUFFIX}" if name and is_dry_run(plan) else name


def with_task_name(plan: _MultiTypePlan, kind: str) -> _MultiTypePlan:
    """Return the plan with a name for its task, where it has none."""
    stamp = time.time_ns() // 1_000_000
    return replace(plan, name=plan.name.strip() or f"{kind} {stamp}")
