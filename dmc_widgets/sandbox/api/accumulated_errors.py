"""``accumulateError``: every error of a definition in one response.

Liferay then checks the definition and its fields to the end. The response is a Problem
body whose *detail* is an array as text, with an object for each error. See
*Definitions* in ``docs/liferay/objects.md``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from ...formats.json.values import to_json
from ...model.outcome import Problem
from ...model.strategies import Policy
from ...objects.documents.change_set import DEFINITION
from ...objects.errors.catalogue import exception_name_of
from ...objects.names import ERC
from ...ports import Item
from ..requests import ApiRequest
from ..responses import ApiError

_EXCEPTION: Final = "com.liferay.object.exception.ObjectDefinitionValidationException"
_MODELS: Final[Mapping[str, str]] = {
    "objectFields": "com.liferay.object.model.ObjectField",
    "objectRelationships": "com.liferay.object.model.ObjectRelationship",
}
_DEFINITION_MODEL: Final = "com.liferay.object.model.ObjectDefinition"


def wants_all_errors(request: ApiRequest) -> bool:
    """Return True if the client asks for every error of a definition."""
    return request.query("accumulateError").strip().lower() == "true"


def find_all_errors(
    request: ApiRequest, kind: str, item: Item, policy: Policy
) -> ApiError | None:
    """Return the error response with all errors of a definition; None without any.

    Args:
        request: The request to add or replace a document.
        kind: The name of the kind of the document.
        item: The document.
        policy: The strategies for existing and missing documents.
    """
    if kind != DEFINITION or not wants_all_errors(request):
        return None
    problems = request.context.store.installation.definition_problems(item, policy)
    if not problems:
        return None
    errors = _describe_problems(problems, item)
    return ApiError(400, "", kind=_EXCEPTION, detail=to_json(errors).decode())


def _describe_problems(problems: Sequence[Problem], item: Item) -> list[dict[str, Any]]:
    """Describe each problem: the thing that has it, the property and its value."""
    described = []
    for problem in problems:
        model, key, name = _locate_problem(problem, item)
        error = {
            "entryClassName": model,
            "entryKey": key,
            "errorMessage": problem.as_liferay,
            "exceptionClassName": exception_name_of(problem),
            "propertyName": name,
            "propertyValue": _read_value(problem),
        }
        described.append({k: v for k, v in error.items() if v not in (None, "")})
    return described


def _locate_problem(problem: Problem, item: Item) -> tuple[str, str, str]:
    """Return the class and the key of what has a problem, and the property."""
    array, _, inner = problem.field.partition(".")
    if array not in _MODELS:
        return _DEFINITION_MODEL, str(item.get(ERC) or item.get("name") or ""), array
    name, _, property_ = inner.partition(".")
    if name == "name" and not property_:
        return _MODELS[array], str(_read_value(problem) or ""), "name"
    return _MODELS[array], name, property_


def _read_value(problem: Problem) -> Any:
    """Return the rejected value, which a problem holds as JSON text."""
    if problem.value is None:
        return None
    try:
        return json.loads(problem.value)
    except ValueError:
        return problem.value  # it was shortened
