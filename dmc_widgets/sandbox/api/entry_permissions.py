"""The permissions of entries, as clients state them and as they are given out.

They are stored and given out, and have no effect: what a user may do in the sandbox is
decided by the sandbox's own settings. An entry whose permissions were never set has
those that Liferay gives it: its owner may do everything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from ...installations.sql.served.permissions import Permission
from ...model.outcome import Problem
from ...objects.errors.entry_problems import invalid_permissions
from ...objects.fields.field_rules import is_true
from ...objects.fields.relationship import is_valid_erc
from ..entity_store import EntityStore
from ..served_objects import ServedObject, find_standalone_actions

_OWNER: Final = "Owner"
_REGULAR: Final = "regular"
ROLE_TYPES: Final = {
    **dict.fromkeys(
        (
            "Administrator",
            "Analytics Administrator",
            "Guest",
            _OWNER,
            "Portal Content Reviewer",
            "Power User",
            "Publications User",
            "User",
        ),
        _REGULAR,
    ),
    **dict.fromkeys(
        ("Site Administrator", "Site Content Reviewer", "Site Member", "Site Owner"),
        "site",
    ),
    **dict.fromkeys(
        (
            "Organization Administrator",
            "Organization Content Reviewer",
            "Organization Owner",
            "Organization User",
        ),
        "organization",
    ),
    **dict.fromkeys(
        ("Account Administrator", "Account Manager", "Account Member"), "account"
    ),
}
"""The roles of every company of Liferay. Others may be given permissions as well:
programs make roles, and roles are not among what the sandbox serves."""

_PLAIN_ACTIONS: Final = ("DELETE", "PERMISSIONS", "UPDATE", "VIEW")
_COMMENT_ACTIONS: Final = ("ADD_DISCUSSION", "DELETE_DISCUSSION", "UPDATE_DISCUSSION")
_HISTORY_ACTION: Final = "OBJECT_ENTRY_HISTORY"
_SUBSCRIBE_ACTION: Final = "SUBSCRIBE"


def read_entry_permissions(
    store: EntityStore, served_object: ServedObject, ids: Sequence[int]
) -> dict[int, list[Permission]]:
    """Return the permissions of entries by id, roles in alphabetical order."""
    owner = _build_permission(_OWNER, list_actions(served_object.definition))
    stored = store.installation.permissions(ids)
    return {number: stored.get(number, [owner]) for number in ids}


def list_actions(definition: Mapping[str, Any]) -> list[str]:
    """Return what a role may be allowed to do with entries of an object."""
    actions = list(_PLAIN_ACTIONS)
    if is_true(definition.get("enableComments")):
        actions += _COMMENT_ACTIONS
    if is_true(definition.get("enableObjectEntryHistory")):
        actions.append(_HISTORY_ACTION)
    if is_true(definition.get("enableObjectEntrySubscription")):
        actions.append(_SUBSCRIBE_ACTION)
    names = [action["name"] for action in find_standalone_actions(definition)]
    return sorted([*actions, *names])


def parse_permissions(
    served_object: ServedObject, stated: Any
) -> list[Permission] | Problem:
    """Read permissions as clients state them, or return what is wrong with them."""
    if not isinstance(stated, list):
        return invalid_permissions(stated, "They are a list.")
    actions_by_role: dict[str, set[str]] = {}
    known = list_actions(served_object.definition)
    for element in stated:
        permission = element if isinstance(element, dict) else {}
        role = permission.get("roleName") or permission.get("roleExternalReferenceCode")
        actions = permission.get("actionIds")
        if not isinstance(role, str) or not role.strip() or not is_valid_erc(role):
            return invalid_permissions(element, "Each names a role by its roleName.")
        if not isinstance(actions, list):
            return invalid_permissions(element, "Each has a list of actionIds.")
        for action in actions:
            if action not in known:
                listed = ", ".join(known)
                return invalid_permissions(action, f"The actions are {listed}.")
        actions_by_role.setdefault(role, set()).update(actions)
    return [
        _build_permission(role, sorted(actions))
        for role, actions in sorted(actions_by_role.items())
        if actions
    ]


def _build_permission(role: str, actions: Sequence[str]) -> Permission:
    type_ = ROLE_TYPES.get(role, _REGULAR)
    return {"actionIds": list(actions), "roleName": role, "roleType": type_}
