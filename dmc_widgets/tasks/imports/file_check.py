"""The whole check of a plan against the head of its file, before an import starts."""

from __future__ import annotations

from ...model.plan import ImportPlan
from ...model.preview import PlanCheck
from ...ports import Installation
from ..installation_access import find_entity_type
from ..site_checks import site_problem
from .file_differences import require_known_choices
from .file_head import FileHead
from .preflight import check_import


def check_file(
    opened: Installation,
    plan: ImportPlan,
    head: FileHead,
    *,
    is_one_of_many: bool = False,
) -> PlanCheck:
    """Check a plan, the site that it names included, against the head of its file.

    Args:
        opened: The target.
        plan: The plan.
        head: The head of the file.
        is_one_of_many: The file is one of a package, so that a path of a merge may
            name a difference of another one.
    """
    types = opened.entity_types()
    if plan.policy.merge and not is_one_of_many:
        entity_type = find_entity_type(types, plan.entity_type)
        require_known_choices(opened, plan, entity_type, head)
    problem = ""
    if plan.scope:
        entity_type = find_entity_type(types, plan.entity_type)
        problem = site_problem(opened, entity_type, plan)
    return check_import(opened, plan, types, head, site_problem=problem)
