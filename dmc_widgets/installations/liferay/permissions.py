"""What whoever asks may not do, and what an administrator has to allow for it."""

from __future__ import annotations

from typing import Final, NamedTuple

from ...model.entity import (
    LIST_TYPE_DEFINITION,
    OBJECT_DEFINITION,
    OBJECT_ENTRY,
    OBJECT_FOLDER,
    EntityType,
)

CODE: Final = "missing-permission"

_VERBS: Final = {
    "DELETE": ("delete", "DELETE"),
    "GET": ("read", "VIEW"),
    "PATCH": ("change", "UPDATE"),
    "POST": ("add", ""),
    "PUT": ("change", "UPDATE"),
}
_THINGS: Final = (
    ("/o/object-admin/v1.0/object-folders", "object folders"),
    ("/o/object-admin/", "object definitions"),
    ("/o/headless-admin-list-type/", "picklists"),
    ("/o/headless-batch-engine/v1.0/import-task", "import tasks"),
    ("/o/headless-batch-engine/v1.0/export-task", "export tasks"),
    ("/o/c/", "entries"),
)
_ADDING: Final = {
    LIST_TYPE_DEFINITION: "ADD_LIST_TYPE_DEFINITION",
    OBJECT_DEFINITION: "ADD_OBJECT_DEFINITION",
    OBJECT_ENTRY: "ADD_OBJECT_ENTRY",
    OBJECT_FOLDER: "ADD_OBJECT_FOLDER",
}
_APIS: Final = (
    ("/o/object-admin/", "Liferay.Object.Admin.REST"),
    ("/o/headless-admin-list-type/", "Liferay.Headless.Admin.List.Type"),
    ("/o/headless-batch-engine/", "Liferay.Headless.Batch.Engine"),
)


class Who(NamedTuple):
    """Who asks.

    Attributes:
        name: Of a user, or the id of a client.
        is_client: Of OAuth 2, which needs scopes besides permissions.
    """

    name: str
    is_client: bool = False

    def __str__(self) -> str:
        return f"The {'client' if self.is_client else 'user'} {self.name!r}"


def refused_request(who: Who, method: str, path: str) -> str:
    """Say that a request was refused, and what would let it through."""
    verb, action = _VERBS.get(method, ("do", ""))
    thing = _first(_THINGS, path) or "this"
    told = f"{who} may not {verb} {thing}: {method} {path} was refused."
    if not who.is_client:
        return f"{told} {_role(who, action)}"
    api = _first(_APIS, path) or "C_<name of the object>"
    scope = f"{api}.everything.{'read' if method == 'GET' else 'write'}"
    return f"{told} Give its application the scope {scope}. {_role(who, action)}"


def refused_adding(who: Who, entity_type: EntityType) -> str:
    """Say that no item of an entity type may be added."""
    action = _ADDING.get(entity_type.class_name, "")
    return f"{who} may not add {entity_type.name}. {_role(who, action)}"


def refused_changing(who: Who, entity_type: EntityType) -> str:
    """Say that no item of an entity type may be changed."""
    return f"{who} may not change {entity_type.name}. {_role(who, 'UPDATE')}"


def refused_import(who: Who, entity_type: EntityType, told: str) -> str:
    """Say that every item of an import was refused.

    Args:
        who: Asks.
        entity_type: Of the items.
        told: What the server says of one of them; it names the permission.
    """
    return f"{who} may not import {entity_type.name}. {_role(who, '')} It says: {told}"


def _role(who: Who, action: str) -> str:
    whose = "the user that it stands for" if who.is_client else "the user"
    what = f"with the permission {action}" if action else "that allows this"
    return f"Give {whose} a role {what}."


def _first(table: tuple[tuple[str, str], ...], path: str) -> str:
    return next((word for start, word in table if path.startswith(start)), "")
