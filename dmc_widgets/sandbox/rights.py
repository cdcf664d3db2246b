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

from ..model.outcome import Problem
from ..objects.entry_catalogue import EntryAnswer
from ..objects.names import rest_context_path
from .answers import Fault, refusal
from .settings import EVERYTHING

LOOKING: Final = frozenset({"GET", "HEAD", "OPTIONS"})

_SCOPE: Final = re.compile(
    r"(?:(?P<api>[\w.-]+)\.)?everything(?:\.(?P<part>read|write))?", re.ASCII
)
_ADMIN: Final = "/o/object-admin/v1.0"
_PICKLISTS: Final = "/o/headless-admin-list-type/v1.0"
_ENTRIES: Final = "/o/c/"
_APIS: Final = {
    _ADMIN: "Liferay.Object.Admin.REST",
    _PICKLISTS: "Liferay.Headless.Admin.List.Type",
    "/o/headless-batch-engine/v1.0": "Liferay.Headless.Batch.Engine",
    "/o/batch-planner/v1.0": "Liferay.Batch.Planner.REST",
}
_TASK: Final = re.compile(
    r"/o/headless-batch-engine/v1\.0/.+"
    r"|/o/(?:c|object-admin/v1\.0|headless-admin-list-type/v1\.0)/[^/]+"
    r"/(?:export-)?batch"
)
_ADDING: Final = {
    "ListTypeDefinition": "ADD_LIST_TYPE_DEFINITION",
    "ObjectDefinition": "ADD_OBJECT_DEFINITION",
    "ObjectEntry": "ADD_OBJECT_ENTRY",
    "ObjectFolder": "ADD_OBJECT_FOLDER",
}
_ACTIONS: Final = {"DELETE": "DELETE", "PATCH": "UPDATE", "PUT": "UPDATE"}


@dataclass(frozen=True, slots=True)
class Rights:
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
        free = method in LOOKING or _TASK.fullmatch(path) is not None
        return (self.writes or free) and self.cover(method, path)

    def offer(self, method: str, path: str) -> bool:
        """Say whether *actions* has a link: whether it would come to something."""
        return (self.writes or method in LOOKING) and self.cover(method, path)

    def cover(self, method: str, path: str) -> bool:
        """Say whether the scopes reach as far as a request."""
        part = "read" if method in LOOKING else "write"
        return any(_reaches(scope, part, path) for scope in self.scopes)


def uncovered(who: str, method: str, path: str, api: str) -> Fault:
    """Refuse a client whose scopes do not reach so far, and name the one that does.

    Args:
        who: The client.
        method: Of the request.
        path: Of the request.
        api: The name of the API; of an object's entries ``C_Ticket``.
    """
    part = "read" if method in LOOKING else "write"
    scope = f"{api}.{EVERYTHING}.{part}"
    return Fault(403, f"Client {who} must have the scope {scope} for {path}")


def unpermitted(who: str, method: str, path: str) -> Fault:
    """Refuse a user who may only look."""
    return refusal(lacking(who, _ACTIONS.get(method, "ADD"), path))


def lacking(user: str, action: str, thing: str) -> Problem:
    """Say which permission a user lacks, in the words of Liferay's exception."""
    return EntryAnswer.PERMISSION.problem(user=user, action=action, thing=thing)


def item_action(operation: str, class_name: str) -> str:
    """Return the permission that an item of an import takes.

    Args:
        operation: ``CREATE``, ``UPDATE`` or ``DELETE``.
        class_name: Of the item.
    """
    if operation != "CREATE":
        return operation
    return _ADDING[class_name.rpartition(".")[2]]


def api_of(path: str) -> str:
    """Return the name with which an API's scopes begin; empty for an object's API."""
    return next((name for at, name in _APIS.items() if _begins(path, at)), "")


def _reaches(scope: str, part: str, path: str) -> bool:
    found = _SCOPE.fullmatch(scope)
    if found is None or found["part"] not in {None, part}:
        return False
    api = found["api"]
    if api is None or not (api_of(path) or path.startswith(_ENTRIES)):
        return True  # of every API, or a path that belongs to none
    if api.startswith("C_"):
        return _begins(path, rest_context_path(api.removeprefix("C_")))
    return api_of(path) == api


def _begins(path: str, base: str) -> bool:
    return path == base or path.startswith(f"{base}/")
