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
    tag_operations,
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
    paths |= _reading_paths(base, "ExportTask")
    paths = tag_operations(paths, "ExportTask")
    imports = _import_paths(f"{base}/import-task/{{className}}")
    imports |= _reading_paths(base, "ImportTask")
    return paths | tag_operations(imports, "ImportTask") | openapi_path(base)


def _reading_paths(base: str, name: str) -> Paths:
    """Describe the paths of a task and of its files, by its id and by its ERC."""
    direction = name.removesuffix("Task").lower()
    paths: Paths = {}
    for key, by in (
        (f"{{{direction}TaskId}}", ""),
        (BY_ERC, "ByExternalReferenceCode"),
    ):
        path = f"{base}/{direction}-task/{key}"
        operation_id = f"get{name}{by}"
        task = describe_operation(operation_id, path, name)
        paths[path] = {"get": set_statuses(task, *_STATUSES)}
        paths |= _download(f"{operation_id}Content", f"{path}/content")
        if name == "ImportTask":
            report = f"{path}/failed-items/report"
            paths |= _download(f"{operation_id}FailedItemReport", report)
    return paths


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
    """Describe the bodies as Liferay does, though JSON may be an array of items.

    The form comes first, since openapi-generator knows no other media type than the
    first, and does not compile where a form is another one.
    """
    items = {"schema": {"type": "object"}}
    return {
        "multipart/form-data": {"schema": ref(f"{verb.title()}ImportTaskRequestBody")},
        "application/json": items,
        "application/x-ndjson": items,
        "text/csv": items,
    }


def _download(operation_id: str, path: str) -> Paths:
    return {path: {"get": describe_operation(operation_id, path, "binary")}}
