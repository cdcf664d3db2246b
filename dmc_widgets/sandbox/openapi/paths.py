"""Paths of OpenAPI documents: what each API of the sandbox takes and answers."""

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


def query_parameters(*names: str) -> list[Parameter]:
    """Describe parameters of the query; ``page`` is a text, as in Liferay."""
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
    name: str,
    path: str,
    answer: str | None,
    *,
    query: Iterable[Parameter] = (),
    body: Any = None,
) -> dict[str, Any]:
    """Describe one operation.

    Args:
        name: Its ``operationId``.
        path: Its parameters are read from it.
        answer: The schema that it answers with; None for none.
        query: Parameters of the query.
        body: The schema of the body, or the content of several media types.
    """
    ids = [part[1:-1] for part in path.split("/") if part.startswith("{")]
    parameters: list[Parameter] = [
        {
            "in": "path",
            "name": each,
            "required": True,
            "schema": _path_parameter_schema(each),
        }
        for each in ids
    ]
    told: dict[str, Any] = {
        "operationId": name,
        "parameters": [*parameters, *query],
        "responses": _describe_responses(answer),
    }
    if isinstance(body, str):
        body = {"application/json": {"schema": ref(body)}}
    if body is not None:
        told["requestBody"] = {"content": body}
    return told


def _path_parameter_schema(name: str) -> dict[str, Any]:
    if name == "id" or name.endswith("Id"):
        return {"format": "int64", "type": "integer"}
    return _STRING_SCHEMA


def _describe_responses(answer: str | None) -> dict[str, Any]:
    problem = {"application/json": {"schema": ref("Problem")}}
    told: dict[str, Any] = {
        "default": {"content": problem, "description": "What is wrong"}
    }
    if answer is None:
        told["204"] = {"description": "Done"}
        return told
    content = {"application/json": {"schema": ref(answer)}}
    if answer == "binary":
        binary = {"schema": {"format": "binary", "type": "string"}}
        content = {"application/octet-stream": binary}
    told["200"] = {"content": content, "description": "Done"}
    told["202"] = {"content": content, "description": "Begun"}
    return told


def collection_paths(
    path: str, name: str, query: Sequence[str] = LIST_PARAMETERS
) -> Paths:
    """Describe a list: GET, with parameters of its query, and POST."""
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
    """Describe one thing: *verbs* are of ``get put patch delete``."""
    told: dict[str, Any] = {}
    for verb in verbs.split():
        answer = None if verb == "delete" else name
        body = name if verb in {"put", "patch"} else None
        told[verb] = describe_operation(
            f"{verb}{name}{suffix}", path, answer, body=body
        )
    return {path: told}


def related_paths(base: str, name: str) -> Paths:
    """Describe the sub-paths of a relationship, by ids and by codes."""
    found: Paths = {}
    coded = f"{base}/{BY_ERC}/{name}"
    for path, last, by in (
        (f"/{{id}}/{name}", "relatedId", ""),
        (coded, "relatedExternalReferenceCode", "ByCode"),
    ):
        query = query_parameters(*_PAGING_PARAMETERS, *_NESTING_PARAMETERS)
        listed = describe_operation(
            f"get{name}{by}Page", path, "PageRelated", query=query
        )
        found[path] = {"get": listed}
        one = f"{path}/{{{last}}}"
        found[one] = {
            "delete": describe_operation(f"delete{name}{by}", one, None),
            "put": describe_operation(f"put{name}{by}", one, "Related"),
        }
    return found


def batch_paths(path: str, name: str) -> Paths:
    """Describe the batch paths of an entity."""
    rows = {"schema": {"items": {"type": "object"}, "type": "array"}}
    told = {
        verb: describe_operation(
            f"{verb}{name}Batch",
            path,
            "ImportTask",
            query=query_parameters("callbackURL"),
            body={"application/json": rows},
        )
        for verb in ("delete", "post", "put")
    }
    exported = f"{path.removesuffix('batch')}export-batch"
    query = query_parameters(
        *_PAGING_PARAMETERS[:1], *_PAGING_PARAMETERS[3:], "callbackURL", "contentType"
    )
    query += query_parameters("fieldNames")
    begun = describe_operation(
        f"post{name}sPageExportBatch", exported, "ExportTask", query=query
    )
    return {path: told, exported: {"post": begun}}


def task_paths(base: str) -> Paths:
    """Describe the batch engine."""
    raw: dict[str, Any] = {
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
    path = f"{base}/import-task/{{className}}"
    found: Paths = {
        path: {
            verb: describe_operation(
                f"{verb}ImportTask",
                path,
                "ImportTask",
                query=query_parameters(*names),
                body=raw,
            )
            for verb, names in _IMPORT_PARAMETERS.items()
        }
    }
    path = f"{base}/export-task/{{className}}/{{contentType}}"
    query = query_parameters(*_EXPORT_PARAMETERS)
    begun = describe_operation("postExportTask", path, "ExportTask", query=query)
    found[path] = {"post": begun}
    for name in ("Import", "Export"):
        for key, by in ((f"{{{name.lower()}TaskId}}", ""), (BY_ERC, "ByCode")):
            path = f"{base}/{name.lower()}-task/{key}"
            found |= resource_paths(path, f"{name}Task", "get", by)
            told = describe_operation(
                f"get{name}TaskContent{by}", f"{path}/content", "binary"
            )
            found[f"{path}/content"] = {"get": told}
            if name == "Import":
                report = f"{path}/failed-items/report"
                told = describe_operation(f"getImportTaskReport{by}", report, "binary")
                found[report] = {"get": told}
    return found
