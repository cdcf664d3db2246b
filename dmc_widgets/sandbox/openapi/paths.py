"""Paths of OpenAPI documents: the requests and responses of each API."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from .schemas import ref

Paths = dict[str, dict[str, Any]]
Parameter = dict[str, Any]

_STRING_SCHEMA: Final = {"type": "string"}
_SELECTION_PARAMETERS: Final = ("fields", "restrictFields")
_PAGING_PARAMETERS: Final = ("filter", "page", "pageSize", "search", "sort")
_NESTING_PARAMETERS: Final = (
    *_SELECTION_PARAMETERS,
    "nestedFields",
    "nestedFieldsDepth",
)
LIST_PARAMETERS: Final = (*_PAGING_PARAMETERS, *_SELECTION_PARAMETERS)
DOCUMENT_PARAMETERS: Final = (*LIST_PARAMETERS, "aggregationTerms")
ENTRY_PARAMETERS: Final = (
    *_PAGING_PARAMETERS,
    *_NESTING_PARAMETERS,
    "aggregationTerms",
)
"""The parameters of lists: of parts, of documents, of entries."""

_ERC: Final = "externalReferenceCode"
BY_ERC: Final = f"by-external-reference-code/{{{_ERC}}}"

_IMPORT_PARAMETERS: Final[Mapping[str, tuple[str, ...]]] = {
    "delete": ("callbackURL", _ERC, "importStrategy", "taskItemDelegateName"),
    "post": (
        "callbackURL",
        "createStrategy",
        _ERC,
        "fieldNameMapping",
        "importStrategy",
        "taskItemDelegateName",
    ),
    "put": (
        "callbackURL",
        _ERC,
        "importStrategy",
        "taskItemDelegateName",
        "updateStrategy",
    ),
}
_PARAMETER_CHOICES: Final[Mapping[str, list[str]]] = {
    "createStrategy": ["INSERT", "UPSERT"],
    "importStrategy": ["ON_ERROR_CONTINUE", "ON_ERROR_FAIL"],
    "updateStrategy": ["PARTIAL_UPDATE", "UPDATE"],
}
_EXPORT_PARAMETERS: Final = ("callbackURL", _ERC, "fieldNames", "taskItemDelegateName")


_UPLOAD_CONTENT: Final[Mapping[str, Any]] = {
    "application/json": {"schema": {"items": {"type": "object"}, "type": "array"}},
    "application/x-ndjson": {"schema": _STRING_SCHEMA},
    "multipart/form-data": {
        "schema": {
            "properties": {"file": {"format": "binary", "type": "string"}},
            "type": "object",
        }
    },
    "text/csv": {"schema": _STRING_SCHEMA},
}


def query_parameters(*names: str) -> list[Parameter]:
    """Describe query parameters; the type of all is string, even of ``page``."""
    return [
        {
            "in": "query",
            "name": name,
            "schema": {**_STRING_SCHEMA, "enum": _PARAMETER_CHOICES[name]}
            if name in _PARAMETER_CHOICES
            else _STRING_SCHEMA,
        }
        for name in names
    ]


def describe_operation(
    operation_id: str,
    path: str,
    response: str | None,
    *,
    query: Iterable[Parameter] = (),
    body: Any = None,
) -> dict[str, Any]:
    """Describe one operation.

    Args:
        operation_id: The ``operationId``.
        path: The path, which contains the path parameters.
        response: The name of the schema of its response; None for an empty one.
        query: The descriptions of its query parameters.
        body: The name of the schema of its body, or the content by media type.
    """
    path_names = [part[1:-1] for part in path.split("/") if part.startswith("{")]
    parameters: list[Parameter] = [
        {
            "in": "path",
            "name": name,
            "required": True,
            "schema": _path_parameter_schema(name),
        }
        for name in path_names
    ]
    described: dict[str, Any] = {
        "operationId": operation_id,
        "parameters": [*parameters, *query],
        "responses": _describe_responses(response),
    }
    if isinstance(body, str):
        body = {"application/json": {"schema": ref(body)}}
    if body is not None:
        described["requestBody"] = {"content": body}
    return described


def _path_parameter_schema(name: str) -> dict[str, Any]:
    if name == "id" or name.endswith("Id"):
        return {"format": "int64", "type": "integer"}
    return _STRING_SCHEMA


def _describe_responses(schema: str | None) -> dict[str, Any]:
    problem = {"application/json": {"schema": ref("Problem")}}
    responses: dict[str, Any] = {
        "default": {"content": problem, "description": "What is wrong"}
    }
    if schema is None:
        responses["204"] = {"description": "Done"}
        return responses
    content = {"application/json": {"schema": ref(schema)}}
    if schema == "binary":
        binary = {"schema": {"format": "binary", "type": "string"}}
        content = {"application/octet-stream": binary}
    responses["200"] = {"content": content, "description": "Done"}
    responses["202"] = {"content": content, "description": "Begun"}
    return responses


def collection_paths(
    path: str, name: str, query: Sequence[str] = LIST_PARAMETERS
) -> Paths:
    """Describe a list: GET with its query parameters, and POST."""
    return {
        path: {
            "get": describe_operation(
                f"get{name}sPage",
                path,
                f"Page{name}",
                query=query_parameters(*query),
            ),
            "post": describe_operation(f"post{name}", path, name, body=name),
        }
    }


def resource_paths(path: str, name: str, verbs: str, suffix: str = "") -> Paths:
    """Describe one resource.

    Args:
        path: The path of the resource.
        name: The name of its schema.
        verbs: Its methods in lower case, separated by spaces.
        suffix: What distinguishes its operations from those of other paths.
    """
    operations: dict[str, Any] = {}
    for verb in verbs.split():
        response = None if verb == "delete" else name
        body = name if verb in {"put", "patch"} else None
        operations[verb] = describe_operation(
            f"{verb}{name}{suffix}", path, response, body=body
        )
    return {path: operations}


def related_paths(base: str, name: str) -> Paths:
    """Describe the paths of related entries, by id and by ERC."""
    paths: Paths = {}
    by_erc = f"{base}/{BY_ERC}/{name}"
    for path, last, by in (
        (f"/{{id}}/{name}", "relatedId", ""),
        (by_erc, "relatedExternalReferenceCode", "ByCode"),
    ):
        query = query_parameters(*_PAGING_PARAMETERS, *_NESTING_PARAMETERS)
        listed = describe_operation(
            f"get{name}{by}Page", path, "PageRelated", query=query
        )
        paths[path] = {"get": listed}
        one = f"{path}/{{{last}}}"
        paths[one] = {
            "delete": describe_operation(f"delete{name}{by}", one, None),
            "put": describe_operation(f"put{name}{by}", one, "Related"),
        }
    return paths


def batch_paths(path: str, name: str) -> Paths:
    """Describe the batch paths of an entity type."""
    items = {"schema": {"items": {"type": "object"}, "type": "array"}}
    imports = {
        verb: describe_operation(
            f"{verb}{name}Batch",
            path,
            "ImportTask",
            query=query_parameters("callbackURL"),
            body={"application/json": items},
        )
        for verb in ("delete", "post", "put")
    }
    export_path = f"{path.removesuffix('batch')}export-batch"
    query = query_parameters(
        *_PAGING_PARAMETERS[:1], *_PAGING_PARAMETERS[3:], "callbackURL", "contentType"
    )
    query += query_parameters("fieldNames")
    export = describe_operation(
        f"post{name}sPageExportBatch", export_path, "ExportTask", query=query
    )
    return {path: imports, export_path: {"post": export}}


def task_paths(base: str) -> Paths:
    """Describe the paths of the batch engine below *base*."""
    imports = f"{base}/import-task/{{className}}"
    exports = f"{base}/export-task/{{className}}/{{contentType}}"
    query = query_parameters(*_EXPORT_PARAMETERS)
    export = describe_operation("postExportTask", exports, "ExportTask", query=query)
    paths: Paths = {
        imports: {
            verb: describe_operation(
                f"{verb}ImportTask",
                imports,
                "ImportTask",
                query=query_parameters(*names),
                body=_UPLOAD_CONTENT,
            )
            for verb, names in _IMPORT_PARAMETERS.items()
        },
        exports: {"post": export},
    }
    for name in ("Import", "Export"):
        for key, by in ((f"{{{name.lower()}TaskId}}", ""), (BY_ERC, "ByCode")):
            path = f"{base}/{name.lower()}-task/{key}"
            paths |= resource_paths(path, f"{name}Task", "get", by)
            paths |= _download(f"get{name}TaskContent{by}", f"{path}/content")
            if name == "Import":
                report = f"{path}/failed-items/report"
                paths |= _download(f"getImportTaskReport{by}", report)
    return paths


def _download(operation_id: str, path: str) -> Paths:
    return {path: {"get": describe_operation(operation_id, path, "binary")}}
