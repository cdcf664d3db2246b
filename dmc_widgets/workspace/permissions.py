"""What the user of this process may do in a workspace.

The stores of the workspace ask here, below every form and every method of the façade,
so that a new method cannot forget it. A kernel of ``dmc serve`` runs for the user who
signed in; other processes belong to the owner of the files, who may do everything.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Final

from ..errors import NotPermitted
from ..model.plan import Action, Plan
from ..model.roles import EVERYWHERE, Role
from .users import UserStore

_ROLES: Final = {
    Action.EXPORT: Role.EXPORT,
    Action.BACKUP: Role.EXPORT,
    Action.VERIFICATION: Role.LOOK,
    Action.IMPORT: Role.IMPORT,
    Action.MIGRATION: Role.IMPORT,
    Action.UNDO: Role.IMPORT,
}
_AMONG: Final = "installation IN (SELECT CAST(value AS TEXT) FROM json_each(?))"
_NOT_AMONG: Final = "installation NOT IN (SELECT CAST(value AS TEXT) FROM json_each(?))"
_SOURCE_ROLES: Final = {Action.VERIFICATION: Role.LOOK}


class Permissions:
    """The rights of one user; see the module.

    Args:
        users: The users of the workspace.
        user: The user of this process; empty for the owner of the files.
        owners: Returns the owner of each installation that belongs to one user.
    """

    def __init__(
        self,
        users: UserStore,
        user: str,
        owners: Callable[[], Mapping[str, str]],
    ) -> None:
        self.user = user
        self._users = users
        self._owners = owners

    @property
    def is_restricted(self) -> bool:
        """True unless this process may do everything."""
        return bool(self.user)

    def may(self, role: Role, installation: str = EVERYWHERE) -> bool:
        """Return True if the user has a role on an installation.

        Without an installation, what concerns the whole workspace is meant.
        """
        if not self.is_restricted:
            return True
        owner = self._owners().get(installation, "")
        if owner:
            return owner == self.user
        found = self._users.find(self.user)
        granted = found.role_on(installation) if found else None
        return granted is not None and granted.includes(role)

    def may_anywhere(self, role: Role) -> bool:
        """Return True if the user has a role on any installation."""
        if not self.is_restricted:
            return True
        found = self._users.find(self.user)
        roles = found.roles.values() if found else ()
        return any(granted.includes(role) for granted in roles)

    def require(self, role: Role, installation: str = EVERYWHERE) -> None:
        """Refuse what the user may not do.

        Raises:
            NotPermitted: The user lacks the role.
        """
        if not self.may(role, installation):
            raise NotPermitted(self.user, role, installation)

    def require_anywhere(self, role: Role) -> None:
        """Refuse what a user without the role on any installation may not do.

        Raises:
            NotPermitted: The user has it nowhere.
        """
        if not self.may_anywhere(role):
            raise NotPermitted(self.user, role, EVERYWHERE)

    def require_plan(self, installation: str, plan: Plan) -> None:
        """Refuse a task that the user may not start, resume, cancel or undo.

        Raises:
            NotPermitted: The user lacks a role on its installation or its source.
        """
        self.require(_ROLES.get(plan.action, Role.ADMINISTER), installation)
        source = getattr(plan, "source", "")
        if source:
            self.require(_SOURCE_ROLES.get(plan.action, Role.EXPORT), source)

    def visible(self) -> tuple[str, list[object]]:
        """Return the condition in SQL by which a row may be seen, and its values."""
        if not self.is_restricted:
            return "1 = 1", []
        found = self._users.find(self.user)
        roles = found.roles if found else {}
        others = [name for name, owner in self._owners().items() if owner != self.user]
        own = [name for name, owner in self._owners().items() if owner == self.user]
        if EVERYWHERE in roles:
            return _NOT_AMONG, [json.dumps(others)]
        names = [*own, *(name for name in roles if name not in others)]
        return _AMONG, [json.dumps(names)]
