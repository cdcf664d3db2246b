"""Endpoints of plans. A plan that is added does not run: its task is one of the engine.

Liferay's own pages start an import or export task whose external reference code is the
id of the plan, with the mappings and policies of the plan as parameters.
"""

from __future__ import annotations

from typing import Any, Final

from starlette.responses import Response

from ..api.listing import page_response
from ..requests import ApiRequest
from ..responses import (
    ApiError,
    json_response,
    no_content_response,
    unknown_id_error,
    unknown_key_error,
)
from .plan_json import (
    MAPPING_COLUMNS,
    PlanBody,
    new_mappings,
    new_policies,
    render_plan,
    require_external_type,
    require_name,
    require_new_plan,
)
from .plan_store import PlanChange, PlanStore, StoredPlan

_PLAN: Final = "BatchPlannerPlan"
_MAPPING: Final = "BatchPlannerMapping"
_POLICY: Final = "BatchPlannerPolicy"

_MAX_START: Final = 2**62
"""After every plan; SQLite takes no larger numbers."""

_CHANGED_PROPERTIES: Final = {
    "externalType": "external_type",
    "internalClassName": "class_name",
    "name": "name",
}
"""The properties of a template that PATCH changes; it ignores all others."""

_CHANGED_MAPPING_PROPERTIES: Final = (
    "externalFieldName",
    "externalFieldType",
    "script",
)


def list_plans(request: ApiRequest) -> Response:
    """Answer GET of the list: plans and templates together."""
    page, size = request.page
    start = min((page - 1) * size, _MAX_START)
    count = _MAX_START if request.wants_whole_list else size
    plans, total = _store(request).page(start, count)
    return page_response(request, [render_plan(plan) for plan in plans], total, {})


def add_plan(request: ApiRequest) -> Response:
    """Answer POST to the list."""
    store = _store(request)
    body = PlanBody(request.json_object())
    values = require_new_plan(store, body)
    plan = store.add(values, new_mappings(body), new_policies(body))
    return json_response(render_plan(plan))


def get_plan(request: ApiRequest) -> Response:
    """Answer GET of a plan."""
    return json_response(render_plan(_find_plan(request)))


def patch_plan(request: ApiRequest) -> Response:
    """Answer PATCH of a template; what the body does not state stays."""
    store, plan = _store(request), _find_plan(request)
    body = PlanBody(request.json_object())
    if not plan.is_template:
        raise ApiError(400, "Batch planner plan is not a template")
    values = body.columns(_CHANGED_PROPERTIES)
    if "external_type" in values:
        require_external_type(values["external_type"])
    if "name" in values:
        require_name(store, values["name"], is_template=True, plan_id=plan.id)
    change = PlanChange(
        values=values,
        mappings=_changed_mappings(plan, body),
        policies=_changed_policies(plan, body),
    )
    changed = store.change(plan.id, change)
    if changed is None:
        raise unknown_id_error(_PLAN, plan.id)
    return json_response(render_plan(changed))


def delete_plan(request: ApiRequest) -> Response:
    """Answer DELETE of a plan, which removes its mappings and policies as well."""
    plan_id = request.path_number("id")
    if not _store(request).remove(plan_id):
        raise unknown_id_error(_PLAN, plan_id)
    return no_content_response()


def _changed_mappings(plan: StoredPlan, body: PlanBody) -> dict[int, dict[str, Any]]:
    known = {row["id"] for row in plan.mappings}
    changed = {}
    for mapping in body.mappings:
        mapping_id = mapping.get("id", 0)
        if mapping_id not in known:
            raise unknown_id_error(_MAPPING, mapping_id)
        changed[mapping_id] = {
            MAPPING_COLUMNS[name]: mapping[name]
            for name in _CHANGED_MAPPING_PROPERTIES
            if name in mapping
        }
    return changed


def _changed_policies(plan: StoredPlan, body: PlanBody) -> dict[str, str]:
    known = {row["name"] for row in plan.policies}
    changed = {}
    for policy in body.policies:
        name = policy.get("name", "")
        if name not in known:
            raise unknown_key_error(_POLICY, batchPlannerPlanId=plan.id, name=name)
        changed[name] = policy.get("value", "").strip()
    return changed


def _find_plan(request: ApiRequest) -> StoredPlan:
    plan_id = request.path_number("id")
    plan = _store(request).find(plan_id)
    if plan is None:
        raise unknown_id_error(_PLAN, plan_id)
    return plan


def _store(request: ApiRequest) -> PlanStore:
    return PlanStore(request.context.database)
