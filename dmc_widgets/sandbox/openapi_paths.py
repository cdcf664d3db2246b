"""Paths of OpenAPI documents: what each API of the sandbox takes and answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from .openapi_schemas import ref

Paths = dict[str, dict[str, Any]]
Parameter = dict[str, Any]

_TEXTS: Final = {"type": "string"}
_PICKING: Final = ("fields", "restrictFields")
_PAGING: Final = ("filter", "page", "pageSize", "search", "sort")
_NESTED: Final = (*_PICKING, "nestedFields", "nestedFieldsDepth")
LISTED: Final = (*_PAGING, *_PICKING)
COUNTED: Final = (*LISTED, "aggregationTerms")
ENTRIES: Final = (*_PAGING, *_NESTED, "aggregationTerms")
"""The parameters of lists: of parts, of documents, of entries."""

_CODE: Final = "externalReferenceCode"
BY_CODE: Final = f"by-external-reference-code/{{{_CODE}}}"

_IMPORT: Final[Mapping[str, tuple[str, ...]]] = {
    "delete": ("callbackURL", _CODE, "importStrategy", "taskItemDelegateName"),
    "post": (
        "callbackURL",
        "createStrategy",
        _CODE,
        "fieldNameMapping",
        "importStrategy",
        "taskItemDelegateName",
    ),
    "put": (
        "callbackURL",
        _CODE,
        "importStrategy",
        "taskItemDelegateName",
        "updateStrategy",
    ),
}
_CHOICES: Final[Mapping[str, list[str]]] = {
    "createStrategy": ["INSERT", "UPSERT"],
    "importStrategy": ["ON_ERROR_CONTINUE", "ON_ERROR_FAIL"],
    "updateStrategy": ["PARTIAL_UPDATE", "UPDATE"],
}
_EXPORT: Final = ("callbackURL", _CODE, "fieldNames", "taskItemDelegateName")


def in_query(*names: str) -> list[Parameter]:
    """Describe parameters of the query; ``page`` is a text, as in Liferay."""
    return [
        {
            "in": "query",
            "name": name,
            "schema": {**_TEXTS, "enum": _CHOICES[name]}
            if name in _CHOICES
            else _TEXTS,
        }
        for name in names
    ]


def operation(
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
        {"in": "path", "name": each, "required": True, "schema": _path_schema(each)}
        for each in ids
    ]
    told: dict[str, Any] = {
        "operationId": name,
        "parameters": [*parameters, *query],
        "responses": _responses(answer),
    }
    if isinstance(body, str):
        body = {"application/json": {"schema": ref(body)}}
    if body is not None:
        told["requestBody"] = {"content": body}
    return told


def _path_schema(name: str) -> dict[str, Any]:
    if name == "id" or name.endswith("Id"):
        return {"format": "int64", "type": "integer"}
    return _TEXTS


def _responses(answer: str | None) -> dict[str, Any]:
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


def collection(path: str, name: str, query: Sequence[str] = LISTED) -> Paths:
    """Describe a list: GET, with parameters of its query, and POST."""
    return {
        path: {
            "get": operation(
                f"get{name}sPage",
                path,
                f"Page{name}",
                query=in_query(*query),
            ),
            "post": operation(f"post{name}", path, name, body=name),
        }
    }


def resource(path: str, name: str, verbs: str, suffix: str = "") -> Paths:
    """Describe one thing: *verbs* are of ``get put patch delete``."""
    told: dict[str, Any] = {}
    for verb in verbs.split():
        answer = None if verb == "delete" else name
        body = name if verb in {"put", "patch"} else None
        told[verb] = operation(f"{verb}{name}{suffix}", path, answer, body=body)
    return {path: told}


def related(base: str, name: str) -> Paths:
    """Describe the sub-paths of a relationship, by ids and by codes."""
    found: Paths = {}
    coded = f"{base}/{BY_CODE}/{name}"
    for path, last, by in (
        (f"/{{id}}/{name}", "relatedId", ""),
        (coded, "relatedExternalReferenceCode", "ByCode"),
    ):
        query = in_query(*_PAGING, *_NESTED)
        listed = operation(f"get{name}{by}Page", path, "PageRelated", query=query)
        found[path] = {"get": listed}
        one = f"{path}/{{{last}}}"
        found[one] = {
            "delete": operation(f"delete{name}{by}", one, None),
            "put": operation(f"put{name}{by}", one, "Related"),
        }
    return found


def batches(path: str, name: str) -> Paths:
    """Describe the batch paths of an entity."""
    rows = {"schema": {"items": {"type": "object"}, "type": "array"}}
    told = {
        verb: operation(
            f"{verb}{name}Batch",
            path,
            "ImportTask",
            query=in_query("callbackURL"),
            body={"application/json": rows},
        )
        for verb in ("delete", "post", "put")
    }
    exported = f"{path.removesuffix('batch')}export-batch"
    query = in_query(*_PAGING[:1], *_PAGING[3:], "callbackURL", "contentType")
    query += in_query("fieldNames")
    begun = operation(
        f"post{name}sPageExportBatch", exported, "ExportTask", query=query
    )
    return {path: told, exported: {"post": begun}}


def tasks(base: str) -> Paths:
    """Describe the batch engine."""
    raw: dict[str, Any] = {
        "application/json": {"schema": {"items": {"type": "object"}, "type": "array"}},
        "application/x-ndjson": {"schema": _TEXTS},
        "multipart/form-data": {
            "schema": {
                "properties": {"file": {"format": "binary", "type": "string"}},
                "type": "object",
            }
        },
        "text/csv": {"schema": _TEXTS},
    }
    path = f"{base}/import-task/{{className}}"
    found: Paths = {
        path: {
            verb: operation(
                f"{verb}ImportTask",
                path,
                "ImportTask",
                query=in_query(*names),
                body=raw,
            )
            for verb, names in _IMPORT.items()
        }
    }
    path = f"{base}/export-task/{{className}}/{{contentType}}"
    query = in_query(*_EXPORT)
    begun = operation("postExportTask", path, "ExportTask", query=query)
    found[path] = {"post": begun}
    for name in ("Import", "Export"):
        for key, by in ((f"{{{name.lower()}TaskId}}", ""), (BY_CODE, "ByCode")):
            path = f"{base}/{name.lower()}-task/{key}"
            found |= resource(path, f"{name}Task", "get", by)
            told = operation(f"get{name}TaskContent{by}", f"{path}/content", "binary")
            found[f"{path}/content"] = {"get": told}
            if name == "Import":
                report = f"{path}/failed-items/report"
                told = operation(f"getImportTaskReport{by}", report, "binary")
                found[report] = {"get": told}
    return found
