"""What whoever came in may do.

A user may do everything, or only look. A client of OAuth 2 may do what the scopes of
its token say: an API's name, ``.everything``, and ``.read`` or ``.write`` where it is
not both (objects facts, 5.1). Everybody may start tasks of the batch engine (batch-
engine facts, 1.5): to a user who only looks, an import refuses its items one by one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from ...model.outcome import Problem
from ...objects.errors.entry_problem_types import RemoteEntryProblemType
from ...objects.names import rest_context_path
from ..responses import ApiError, problem_error
from ..settings import EVERYTHING

SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})

_SCOPE: Final = re.compile(
    r"(?:(?P<api>[\w.-]+)\.)?everything(?:\.(?P<part>read|write))?", re.ASCII
)
_ADMIN: Final = "/o/object-admin/v1.0"
_PICKLISTS: Final = "/o/headless-admin-list-type/v1.0"
_ENTRIES: Final = "/o/c/"
_API_NAMES: Final = {
    _ADMIN: "Liferay.Object.Admin.REST",
    _PICKLISTS: "Liferay.Headless.Admin.List.Type",
    "/o/headless-batch-engine/v1.0": "Liferay.Headless.Batch.Engine",
    "/o/batch-planner/v1.0": "Liferay.Batch.Planner.REST",
}
_BATCH_PATH: Final = re.compile(
    r"/o/headless-batch-engine/v1\.0/.+"
    r"|/o/(?:c|object-admin/v1\.0|headless-admin-list-type/v1\.0)/[^/]+"
    r"/(?:export-)?batch"
)
_ADD_ACTIONS: Final = {
    "ListTypeDefinition": "ADD_LIST_TYPE_DEFINITION",
    "ObjectDefinition": "ADD_OBJECT_DEFINITION",
    "ObjectEntry": "ADD_OBJECT_ENTRY",
    "ObjectFolder": "ADD_OBJECT_FOLDER",
}
_ACTIONS_BY_METHOD: Final = {"DELETE": "DELETE", "PATCH": "UPDATE", "PUT": "UPDATE"}


@dataclass(frozen=True, slots=True)
class Principal:
    """Of one user or client.

    Attributes:
        who: The name that came in.
        writes: May change something.
        scopes: Of a client's token; a user needs none and has all.
    """

    who: str
    writes: bool = True
    scopes: frozenset[str] = frozenset({EVERYTHING})

    def allow(self, method: str, path: str) -> bool:
        """Say whether a request may pass."""
        free = method in SAFE_METHODS or _BATCH_PATH.fullmatch(path) is not None
        return (self.writes or free) and self.cover(method, path)

    def offer(self, method: str, path: str) -> bool:
        """Say whether *actions* has a link: whether it would come to something."""
        return (self.writes or method in SAFE_METHODS) and self.cover(method, path)

    def cover(self, method: str, path: str) -> bool:
        """Say whether the scopes reach as far as a request."""
        part = "read" if method in SAFE_METHODS else "write"
        return any(_scope_covers(scope, part, path) for scope in self.scopes)


def missing_scope_error(who: str, method: str, path: str, api: str) -> ApiError:
    """Refuse a client whose scopes do not reach so far, and name the one that does.

    Args:
        who: The client.
        method: Of the request.
        path: Of the request.
        api: The name of the API; of an object's entries ``C_Ticket``.
    """
    part = "read" if method in SAFE_METHODS else "write"
    scope = f"{api}.{EVERYTHING}.{part}"
    return ApiError(403, f"Client {who} must have the scope {scope} for {path}")


def missing_permission_error(who: str, method: str, path: str) -> ApiError:
    """Refuse a user who may only look."""
    return problem_error(
        missing_permission_problem(who, _ACTIONS_BY_METHOD.get(method, "ADD"), path)
    )


def missing_permission_problem(user: str, action: str, thing: str) -> Problem:
    """Say which permission a user lacks, in the words of Liferay's exception."""
    return RemoteEntryProblemType.PERMISSION.problem(
        user=user, action=action, thing=thing
    )


def required_action(operation: str, class_name: str) -> str:
    """Return the permission that an item of an import takes.

    Args:
        operation: ``CREATE``, ``UPDATE`` or ``DELETE``.
        class_name: Of the item.
    """
    if operation != "CREATE":
        return operation
    return _ADD_ACTIONS[class_name.rpartition(".")[2]]


def api_name(path: str) -> str:
    """Return the name with which an API's scopes begin; empty for an object's API."""
    return next((name for at, name in _API_NAMES.items() if _is_below(path, at)), "")


def _scope_covers(scope: str, part: str, path: str) -> bool:
    found = _SCOPE.fullmatch(scope)
    if found is None or found["part"] not in {None, part}:
        return False
    api = found["api"]
    if api is None or not (api_name(path) or path.startswith(_ENTRIES)):
        return True  # of every API, or a path that belongs to none
    if api.startswith("C_"):
        return _is_below(path, rest_context_path(api.removeprefix("C_")))
    return api_name(path) == api


def _is_below(path: str, base: str) -> bool:
    return path == base or path.startswith(f"{base}/")
