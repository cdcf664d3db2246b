"""The paths of ``/o/headless-batch-engine/v1.0`` in its OpenAPI document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from .operations import (
    BY_ERC,
    ERC,
    Paths,
    describe_operation,
    openapi_path,
    query_parameters,
    set_statuses,
)
from .schemas import ref

_IMPORT_PARAMETERS: Final[Mapping[str, str]] = {
    "delete": f"callbackURL {ERC} importStrategy taskItemDelegateName",
    "post": f"batchRestrictFields callbackURL createStrategy {ERC} fieldNameMapping "
    "importStrategy taskItemDelegateName",
    "put": f"callbackURL {ERC} importStrategy taskItemDelegateName updateStrategy",
}
_EXPORT_PARAMETERS: Final = (
    f"batchNestedFields callbackURL {ERC} fieldNames taskItemDelegateName"
)
_STATUSES: Final = ("200", "202")
"""Liferay's document states 202 for tasks, its server answers 200."""


def task_paths(base: str) -> Paths:
    """Describe the paths of the batch engine below *base*."""
    exports = f"{base}/export-task/{{className}}/{{contentType}}"
    query = query_parameters(_EXPORT_PARAMETERS)
    export = describe_operation("postExportTask", exports, "ExportTask", query=query)
    paths: Paths = {exports: {"post": set_statuses(export, *_STATUSES)}}
    paths |= _import_paths(f"{base}/import-task/{{className}}")
    for name in ("Import", "Export"):
        for key, by in (
            (f"{{{name.lower()}TaskId}}", ""),
            (BY_ERC, "ByExternalReferenceCode"),
        ):
            path = f"{base}/{name.lower()}-task/{key}"
            operation_id = f"get{name}Task{by}"
            task = describe_operation(operation_id, path, f"{name}Task")
            paths[path] = {"get": set_statuses(task, *_STATUSES)}
            paths |= _download(f"{operation_id}Content", f"{path}/content")
            if name == "Import":
                report = f"{path}/failed-items/report"
                paths |= _download(f"{operation_id}FailedItemReport", report)
    return paths | openapi_path(base)


def _import_paths(path: str) -> Paths:
    """Describe the imports; Liferay numbers operations with two kinds of bodies."""
    operations = {
        verb: describe_operation(
            f"{verb}ImportTask_1",
            path,
            "ImportTask",
            query=query_parameters(names),
            body=_upload_content(verb),
        )
        for verb, names in _IMPORT_PARAMETERS.items()
    }
    return {
        path: {verb: set_statuses(op, *_STATUSES) for verb, op in operations.items()}
    }


def _upload_content(verb: str) -> Mapping[str, Any]:
    text = {"schema": {"type": "string"}}
    items = {"items": {"type": "object"}, "type": "array"}
    return {
        "application/json": {"schema": items},
        "application/x-ndjson": text,
        "multipart/form-data": {"schema": ref(f"{verb.title()}ImportTaskRequestBody")},
        "text/csv": text,
    }


def _download(operation_id: str, path: str) -> Paths:
    return {path: {"get": describe_operation(operation_id, path, "binary")}}
