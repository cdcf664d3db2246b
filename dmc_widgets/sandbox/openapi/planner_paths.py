"""The paths of ``/o/batch-planner/v1.0`` in its OpenAPI document."""

from __future__ import annotations

from typing import Final

from .operations import (
    Paths,
    describe_operation,
    openapi_path,
    query_parameters,
    resource_operations,
)

_LISTS: Final = (
    ("asset-library-scopes", "AssetLibraryScope", "export"),
    ("fields", "Field", "export"),
    ("site-scopes", "SiteScope", "export"),
    ("strategies", "Strategy", ""),
)
"""The path, the class and the query parameters of each list of an entity type."""


def planner_paths(base: str) -> Paths:
    """Describe the paths of plans below *base*."""
    plans, plan = f"{base}/plans", f"{base}/plans/{{planId}}"
    of_class = f"{plans}/{{internalClassNameKey}}"
    paging = query_parameters("page pageSize")
    paths: Paths = {
        plans: {
            "get": describe_operation("getPlansPage", plans, "PagePlan", query=paging),
            "post": describe_operation("postPlan", plans, "Plan", body="Plan"),
        },
        plan: resource_operations(plan, "Plan", "delete get patch"),
        f"{of_class}/template": {
            "get": describe_operation("getPlanTemplate", of_class, "binary")
        },
    }
    for path, name, names in _LISTS:
        plural = f"{name.removesuffix('y')}ies" if name.endswith("y") else f"{name}s"
        operation_id = f"getPlanInternalClassNameKey{plural}Page"
        query = query_parameters(names)
        listed = describe_operation(operation_id, of_class, f"Page{name}", query=query)
        paths[f"{of_class}/{path}"] = {"get": listed}
    return paths | openapi_path(base)
