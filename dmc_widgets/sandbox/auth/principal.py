"""What an authenticated user or client may do.

A user may do everything, or only read. A client of OAuth 2 may do what the scopes of
its token cover: the name of an API, ``.everything``, and ``.read`` or ``.write`` if it
covers only one of them. Everybody may start tasks of the batch engine, as in Liferay:
to a user who may only read, an import refuses each item on its own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from ...model.entity_type import object_short_name
from ...model.outcome import Problem
from ...objects.documents.kinds import DOCUMENT_KINDS, KINDS_BY_CLASS
from ...objects.errors.entry_problem_types import RemoteEntryProblemType
from ...objects.names import rest_context_path
from ...objects.parts.part_kinds import DEFINITION_PARTS, PICKLIST_ENTRY
from ..responses import ApiError, problem_error
from ..settings import EVERYTHING

SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})

_SCOPE: Final = re.compile(
    r"(?:(?P<api>[\w.-]+)\.)?everything(?:\.(?P<part>read|write))?", re.ASCII
)
_ENTRIES: Final = "/o/c/"
_API_NAMES: Final = {
    **{kind.api: kind.scope_name for kind in DOCUMENT_KINDS},
    "/o/headless-batch-engine/v1.0": "Liferay.Headless.Batch.Engine",
    "/o/batch-planner/v1.0": "Liferay.Batch.Planner.REST",
}
_BATCH_PATH: Final = re.compile(
    r"/o/headless-batch-engine/v1\.0/.+"
    rf"|(?:/o/c|{'|'.join(re.escape(kind.api) for kind in DOCUMENT_KINDS)})/[^/]+"
    r"(?:/(?:export-)?batch|/scopes/[^/]+/(?:export-)?batch"
    r"|/\d+/(?:object-[a-z-]+|list-type-entries)/(?:export-)?batch)"
)
"""The paths of the engine, and of the batches of a list, of a site, and of parts."""

_PART_CLASSES: Final = frozenset(
    kind.class_name for kind in (*DEFINITION_PARTS, PICKLIST_ENTRY)
)
_ADD_ENTRY: Final = "ADD_OBJECT_ENTRY"
_ACTIONS_BY_METHOD: Final = {"DELETE": "DELETE", "PATCH": "UPDATE", "PUT": "UPDATE"}


@dataclass(frozen=True, slots=True)
class Principal:
    """An authenticated user or client.

    Attributes:
        name: The name of the user or the id of the client.
        can_write: False for a user who may only read.
        scopes: The scopes of a client's token; a user has all of them.
    """

    name: str
    can_write: bool = True
    scopes: frozenset[str] = frozenset({EVERYTHING})

    def is_allowed(self, method: str, path: str) -> bool:
        """Return True if the principal may send a request."""
        is_open = method in SAFE_METHODS or _BATCH_PATH.fullmatch(path) is not None
        return (self.can_write or is_open) and self.has_scope_for(method, path)

    def is_offered(self, method: str, path: str) -> bool:
        """Return True if *actions* links to a request: if it could succeed."""
        return (self.can_write or method in SAFE_METHODS) and self.has_scope_for(
            method, path
        )

    def has_scope_for(self, method: str, path: str) -> bool:
        """Return True if the scopes cover a request."""
        part = "read" if method in SAFE_METHODS else "write"
        return EVERYTHING in self.scopes or any(
            _scope_covers(scope, part, path) for scope in self.scopes
        )


def missing_scope_error(client: str, method: str, path: str, api: str) -> ApiError:
    """Return the error for a client without the scope, which names that scope.

    Args:
        client: The id of the client.
        method: The method of the request.
        path: The path of the request.
        api: The name of the API; for entries of an object that of the object, such
            as ``C_Ticket``.
    """
    part = "read" if method in SAFE_METHODS else "write"
    scope = f"{api}.{EVERYTHING}.{part}"
    return ApiError(403, f"Client {client} must have the scope {scope} for {path}")


def missing_permission_error(user: str, method: str, path: str) -> ApiError:
    """Return the error for a user who may only read."""
    return problem_error(
        missing_permission_problem(user, _ACTIONS_BY_METHOD.get(method, "ADD"), path)
    )


def missing_permission_problem(user: str, action: str, thing: str) -> Problem:
    """Describe a missing permission in the words of Liferay's exception."""
    return RemoteEntryProblemType.PERMISSION.problem(
        user=user, action=action, thing=thing
    )


def required_action(operation: str, class_name: str) -> str:
    """Return the action that a user needs a permission for to import an item.

    Args:
        operation: ``CREATE``, ``UPDATE`` or ``DELETE``.
        class_name: The class name of the item.
    """
    if operation != "CREATE":
        return operation
    if class_name in _PART_CLASSES:
        return "UPDATE"  # of the definition or the picklist
    kind = KINDS_BY_CLASS.get(class_name)
    return _ADD_ENTRY if kind is None else kind.add_permission


def api_name(path: str) -> str:
    """Return the name that an API's scopes begin with; empty for an object's API."""
    return next(
        (name for base, name in _API_NAMES.items() if _is_below(path, base)), ""
    )


def _scope_covers(scope: str, part: str, path: str) -> bool:
    match = _SCOPE.fullmatch(scope)
    if match is None or match["part"] not in {None, part}:
        return False
    api = match["api"]
    if api is None or not (api_name(path) or path.startswith(_ENTRIES)):
        return True  # a scope for every API, or a path outside the APIs
    if api.startswith("C_"):
        return _is_below(path, rest_context_path(object_short_name(api)))
    return api_name(path) == api


def _is_below(path: str, base: str) -> bool:
    return path == base or path.startswith(f"{base}/")
