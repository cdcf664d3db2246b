"""Operations of OpenAPI documents: parameters, bodies and responses.

Operations are named as Liferay names them, since generated clients make their methods
of these names.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from .schemas import list_of, ref

Paths = dict[str, dict[str, Any]]
Operations = dict[str, dict[str, Any]]
"""The operations of a path by their methods in lower case."""

Parameter = dict[str, Any]

ERC: Final = "externalReferenceCode"
BY_ERC: Final = f"by-external-reference-code/{{{ERC}}}"

_OK: Final = "200"
_STRING: Final = {"type": "string"}
_LIST: Final = {"items": _STRING, "type": "array"}
_BOOLEAN: Final = {"type": "boolean"}
_CHOICES: Final[Mapping[str, list[str]]] = {
    "createStrategy": ["INSERT", "UPSERT"],
    "importStrategy": ["ON_ERROR_CONTINUE", "ON_ERROR_FAIL"],
    "updateStrategy": ["PARTIAL_UPDATE", "UPDATE"],
}
_SCHEMAS: Final[Mapping[str, Mapping[str, Any]]] = {
    "accumulateError": _BOOLEAN,
    "aggregationTerms": _LIST,
    "export": _BOOLEAN,
    "flatten": _BOOLEAN,
}

PAGING: Final = "page pageSize search"
BATCH_EXPORT: Final = "callbackURL contentType fieldNames"
"""The query parameters of lists, and of exports of what they list."""


def query_parameters(
    names: str, extensions: Mapping[str, Any] | None = None
) -> list[Parameter]:
    """Describe query parameters; the type of most is string, even of ``page``.

    Args:
        names: The names, separated by spaces.
        extensions: Further properties of a parameter, by its name.
    """
    return [
        {"in": "query", "name": name, "schema": _query_schema(name)}
        | (extensions or {}).get(name, {})
        for name in names.split()
    ]


def _query_schema(name: str) -> Mapping[str, Any]:
    if name in _CHOICES:
        return _STRING | {"enum": _CHOICES[name]}
    return _SCHEMAS.get(name, _STRING)


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
    if path.endswith(".{type}"):
        path_names.append("type")
    described: dict[str, Any] = {
        "operationId": operation_id,
        "parameters": [*map(_path_parameter, path_names), *query],
        "responses": _describe_responses(response),
    }
    if isinstance(body, str):
        body = json_content(ref(body))
    if body is not None:
        described["requestBody"] = {"content": body}
    return described


def json_content(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return the content of a JSON body."""
    return {"application/json": {"schema": schema}}


def _path_parameter(name: str) -> Parameter:
    is_number = name.endswith("Id")
    schema = {"format": "int64", "type": "integer"} if is_number else _STRING
    return {"in": "path", "name": name, "required": True, "schema": schema}


def set_statuses(operation: dict[str, Any], *statuses: str) -> dict[str, Any]:
    """Return an operation with its usual response under other statuses."""
    responses = dict(operation["responses"])
    described = responses.pop(_OK)
    responses |= dict.fromkeys(statuses, described)
    return operation | {"responses": responses}


def _describe_responses(schema: str | None) -> dict[str, Any]:
    problem = {"content": json_content(ref("Problem")), "description": "What is wrong"}
    responses: dict[str, Any] = {"default": problem}
    if schema is None:
        return responses | {"204": {"description": "Done"}}
    content = json_content(ref(schema))
    if schema == "binary":
        binary = {"schema": {"format": "binary", "type": "string"}}
        content = {"application/octet-stream": binary}
    elif schema == "any":
        content = json_content({})
    return responses | {_OK: {"content": content, "description": "Done"}}


def resource_operations(
    path: str, name: str, verbs: str, suffix: str = ""
) -> Operations:
    """Describe the requests for one resource.

    Args:
        path: The path of the resource.
        name: The name of its schema, and of its operations.
        verbs: Its methods in lower case, separated by spaces.
        suffix: The end of the names of its operations.
    """
    return {
        verb: describe_operation(
            f"{verb}{name}{suffix}",
            path,
            None if verb == "delete" else name,
            body=name if verb in {"put", "patch"} else None,
        )
        for verb in verbs.split()
    }


def describe_batch(operation_id: str, path: str, name: str) -> dict[str, Any]:
    """Describe a request that starts an import task of items of a schema."""
    operation = describe_operation(
        operation_id,
        path,
        "ImportTask",
        query=query_parameters("callbackURL"),
        body=json_content(list_of(name)),
    )
    return set_statuses(operation, "202")


def describe_export(operation_id: str, path: str, query: str) -> dict[str, Any]:
    """Describe a request that starts an export task.

    Args:
        operation_id: The ``operationId``.
        path: The path, which ends with ``export-batch``.
        query: The parameters that choose items, separated by spaces.
    """
    names = f"{query} {BATCH_EXPORT}"
    parameters = query_parameters(names)
    operation = describe_operation(operation_id, path, "ExportTask", query=parameters)
    return set_statuses(operation, "202")


def tag_operations(paths: Paths, name: str) -> Paths:
    """Put the operations of paths into the group of a schema, unless they are in one.

    Generators make a class or a module of each group.
    """
    return {
        path: {
            verb: {"tags": [name], **operation} for verb, operation in methods.items()
        }
        for path, methods in paths.items()
    }


def openapi_path(base: str) -> Paths:
    """Describe the path of the document itself."""
    path = f"{base}/openapi.{{type}}"
    return {path: {"get": describe_operation("getOpenAPI", path, "any")}}
